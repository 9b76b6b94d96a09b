//! Signing in with a password and, where it is set up, a code; what has to do with one's own account.

mod account;
mod budget;
mod invite;
mod letters;
mod oidc;
mod reset;
mod sealed;
#[cfg(test)]
mod tests;
mod totp;

pub(crate) use budget::Budget;
pub(crate) use oidc::Provider;
pub use oidc::{OidcAnswer, OidcSettings};

use crate::{NewSession, Services, clock, secrets};
use budget::{Key, Tried, place};
use domain::account::{SignInWays, TotpSetup};
use domain::{Error, ErrorCode, Result, UserRole};
use serde::{Deserialize, Serialize};
use store::UserRow;

/// Longer passwords are no passwords: hashing them would only cost time.
const LONGEST_PASSWORD: usize = 1_000;
/// How long somebody may look for their code.
const TICKET_MS: i64 = 10 * 60_000;
const TICKET: &str = "ticket";
/// Where it is kept who may use a password though nobody else may.
const BREAK_GLASS: &str = "break_glass_user";

/// Who needs a second factor to sign in with a password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TotpRule {
    /// Whoever has set one up.
    #[default]
    Own,
    /// Administrators too.
    Admins,
    Everyone,
}

/// How people sign in.
#[derive(Clone, Debug)]
pub struct SignInSettings {
    /// Passwords are taken.
    pub password: bool,
    pub totp: TotpRule,
    pub oidc: Option<OidcSettings>,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self { password: true, totp: TotpRule::Own, oidc: None }
    }
}

/// From where somebody signs in, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct SignInFrom {
    /// The browser as it names itself.
    pub agent: String,
    /// Its IP address.
    pub address: String,
    /// What the cookie of devices says.
    pub device: Option<String>,
}

/// What came of a right password.
pub enum SignedIn {
    Session(NewSession),
    /// A code is needed as well; the ticket says that the password was right.
    Code {
        ticket: String,
    },
    /// They must set a second factor up first.
    SetUp {
        ticket: String,
        setup: TotpSetup,
    },
}

/// What came of a right code.
pub struct CodeAccepted {
    pub session: NewSession,
    /// When the second factor was set up with it: codes to keep, shown this one time.
    pub recovery_codes: Vec<String>,
}

/// Half a sign-in.
#[derive(Serialize, Deserialize)]
struct Ticket {
    user_id: String,
    until: i64,
    /// It ends with the password it was given for.
    stamp: String,
    is_set_up: bool,
}

impl Services {
    /// How people can sign in here.
    pub fn sign_in_ways(&self) -> SignInWays {
        let settings = &self.settings.sign_in;
        SignInWays {
            password: settings.password,
            provider: settings.oidc.as_ref().map(|oidc| oidc.name.clone()),
            reset: settings.password && self.can_mail(),
        }
    }

    /// Signs in with name and password.
    ///
    /// # Errors
    /// Wrong name or password (the same sentence for both), or too many tries from there.
    pub async fn sign_in(&self, name: &str, password: &str, from: &SignInFrom) -> Result<SignedIn> {
        self.sign_in_at(name, password, from, clock::now_ms()).await
    }

    pub(crate) async fn sign_in_at(&self, name: &str, password: &str, from: &SignInFrom, now: i64) -> Result<SignedIn> {
        let name: String = name.trim().chars().take(100).collect();
        let user = self.store.user_by_name(&name).await?;
        let device = user.as_ref().and_then(|user| self.known_device(from.device.as_deref(), &user.id));
        let keys = match device {
            Some(device) => vec![(Tried::Device, device)],
            None => {
                let place = place(&from.address);
                vec![(Tried::Name, format!("{}|{place}", name.to_lowercase())), (Tried::Address, place)]
            }
        };
        self.budget.begin(&keys, now)?;
        let user = match user.filter(|user| user.is_active) {
            Some(user) if self.may_use_password(&user).await? => Some(user),
            _ => None,
        };
        let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
        let password = if password.len() > LONGEST_PASSWORD { "" } else { password };
        let fits = secrets::verify_password(password, hash).await?;
        let Some(user) = user.filter(|_| fits) else {
            self.record_as(None, "sign_in", "user", &name.to_lowercase(), "refused").await;
            return Err(Error::new(ErrorCode::SignInRequired, "The name or the password is wrong."));
        };
        self.budget.right(&keys);
        self.password_was_right(&user, from, now).await
    }

    /// What follows a right password: the session, or what else is needed.
    async fn password_was_right(&self, user: &UserRow, from: &SignInFrom, now: i64) -> Result<SignedIn> {
        if self.store.totp(&user.id).await?.is_some_and(|totp| totp.confirmed_at.is_some()) {
            return Ok(SignedIn::Code { ticket: self.ticket(user, now, false)? });
        }
        if self.must_have_totp(user.role) {
            let setup = self.begin_totp(user).await?;
            return Ok(SignedIn::SetUp { ticket: self.ticket(user, now, true)?, setup });
        }
        Ok(SignedIn::Session(self.open_session(user, from).await?))
    }

    /// The second step: the code that belongs to a ticket.
    ///
    /// # Errors
    /// The ticket is too old, the code is wrong or was used, or there were too many tries.
    pub async fn sign_in_with_code(&self, ticket: &str, code: &str, from: &SignInFrom) -> Result<CodeAccepted> {
        self.sign_in_with_code_at(ticket, code, from, clock::now_ms()).await
    }

    pub(crate) async fn sign_in_with_code_at(
        &self,
        ticket: &str,
        code: &str,
        from: &SignInFrom,
        now: i64,
    ) -> Result<CodeAccepted> {
        let (user, ticket) = self.user_of_ticket(ticket, now).await?;
        // Whoever comes this far has the password: these tries lock nobody else out.
        let keys: Vec<Key> = match self.known_device(from.device.as_deref(), &user.id) {
            Some(device) => vec![(Tried::DeviceCode, device)],
            None => vec![(Tried::Code, user.id.clone())],
        };
        self.budget.begin(&keys, now)?;
        let recovery_codes = if ticket.is_set_up {
            self.finish_totp(&user.id, code, now).await?
        } else {
            self.check_code(&user.id, code, now).await?.then(Vec::new)
        };
        let Some(recovery_codes) = recovery_codes else {
            self.record_as(Some(&user.id), "sign_in_code", "user", &user.id, "refused").await;
            return Err(Error::new(ErrorCode::SignInRequired, "This code is wrong, or it was used already.")
                .hint("Wait for the next one. Check that the clock of your phone is right."));
        };
        self.budget.right(&keys);
        Ok(CodeAccepted { session: self.open_session(&user, from).await?, recovery_codes })
    }

    /// What the page of a ticket shows again after a wrong code.
    ///
    /// # Errors
    /// The ticket is too old.
    pub async fn setup_of_ticket(&self, ticket: &str) -> Result<Option<TotpSetup>> {
        let (user, ticket) = self.user_of_ticket(ticket, clock::now_ms()).await?;
        if ticket.is_set_up { self.begun_totp(&user).await } else { Ok(None) }
    }

    fn ticket(&self, user: &UserRow, now: i64, is_set_up: bool) -> Result<String> {
        let ticket = Ticket { user_id: user.id.clone(), until: now + TICKET_MS, stamp: stamp(user), is_set_up };
        self.seal_for_browser(TICKET, &ticket)
    }

    async fn user_of_ticket(&self, text: &str, now: i64) -> Result<(UserRow, Ticket)> {
        let over = || Error::new(ErrorCode::SignInRequired, "This took too long.").hint("Sign in again.");
        let ticket: Ticket = self.unseal_from_browser(TICKET, text).ok_or_else(over)?;
        if ticket.until <= now {
            return Err(over());
        }
        let user = self.store.user(&ticket.user_id).await?.ok_or_else(over)?;
        if !user.is_active || ticket.stamp != stamp(&user) || !self.may_use_password(&user).await? {
            return Err(over());
        }
        Ok((user, ticket))
    }

    /// Whether passwords are taken from this user.
    pub(crate) async fn may_use_password(&self, user: &UserRow) -> Result<bool> {
        if self.settings.sign_in.password {
            return Ok(true);
        }
        Ok(user.role == UserRole::Admin && self.store.setting(BREAK_GLASS).await?.as_deref() == Some(&user.id))
    }

    /// Lets one administrator sign in with a password where nobody else may, or nobody at all: for
    /// the command line.
    ///
    /// # Errors
    /// No such user, or no administrator.
    pub async fn set_break_glass(&self, name: Option<&str>) -> Result<()> {
        let Some(name) = name else {
            self.store.delete_setting(BREAK_GLASS).await?;
            self.record_as(None, "break_glass", "user", "", "done").await;
            return Ok(());
        };
        let user = self.store.user_by_name(name).await?.ok_or_else(|| Error::not_found("user"))?;
        if user.role != UserRole::Admin {
            return Err(Error::new(
                ErrorCode::RuleRefused,
                "Only an administrator can be the way in when all else fails.",
            ));
        }
        self.store.set_setting(BREAK_GLASS, &user.id).await?;
        self.record_as(None, "break_glass", "user", &user.id, "done").await;
        Ok(())
    }

    pub(crate) fn must_have_totp(&self, role: UserRole) -> bool {
        match self.settings.sign_in.totp {
            TotpRule::Own => false,
            TotpRule::Admins => role == UserRole::Admin,
            TotpRule::Everyone => true,
        }
    }

    /// Ends sessions of a user, all or all but one, and tells their open pages.
    pub(crate) async fn end_sessions(&self, user_id: &str, except: Option<&str>) -> Result<u64> {
        let ended = self.store.delete_sessions_of(user_id, except).await?;
        self.forget_callers();
        self.hub.publish(&crate::rights_topic(user_id), serde_json::Value::Null, false);
        Ok(ended)
    }
}

/// What user names are made of.
pub(crate) fn fits_user_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+')
}

/// Refuses what can be no user name.
pub(crate) fn check_user_name(name: &str) -> Result<()> {
    if name.is_empty() || name.chars().count() > 100 || !name.chars().all(fits_user_name) {
        return Err(Error::invalid("A user name has 1 to 100 letters, digits or . _ - @ +").field("name"));
    }
    Ok(())
}

/// Changes with the password.
fn stamp(user: &UserRow) -> String {
    secrets::fingerprint(user.password_hash.as_deref().unwrap_or_default())
}
