//! One's own account: name, address, sessions.

use super::Tried;
use super::letters::{Mail, warning};
use crate::access::{require_admin, require_scope};
use crate::{Services, clock, secrets};
use domain::account::{Profile, ProfilePatch};
use domain::notify::check_address;
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result};
use store::UserRow;

/// What links that confirm an address are for.
const EMAIL: &str = "email";
const EMAIL_LASTS_MS: i64 = 24 * 3_600_000;

impl Services {
    /// The caller's own account.
    ///
    /// # Errors
    /// The store does not answer, or the caller is no user.
    pub async fn my_profile(&self, caller: &Caller) -> Result<Profile> {
        require_scope(caller, Scope::Read)?;
        let user = self.own_row(caller).await?;
        let kept = self.store.profile(&user.id).await?;
        let is_known = !self.store.issuers_of(&user.id).await?.is_empty();
        let provider = self.settings.sign_in.oidc.as_ref().map(|oidc| oidc.name.clone());
        Ok(Profile {
            is_email_verified: self.verified_email(&user).await?.is_some(),
            totp: self.totp_state(&user).await?,
            password_sign_in: self.may_use_password(&user).await?,
            can_mail: self.can_mail(),
            has_password: user.password_hash.is_some(),
            providers: provider.filter(|_| is_known).into_iter().collect(),
            full_name: kept.full_name,
            pending_email: kept.pending_email,
            email: user.email,
            name: user.name,
        })
    }

    /// Changes the caller's full name, and sends a link to another address of theirs.
    ///
    /// # Errors
    /// It is no address, the password is wrong, or no mail can be sent.
    pub async fn change_profile(&self, caller: &Caller, patch: ProfilePatch) -> Result<Profile> {
        require_scope(caller, Scope::Admin)?;
        let user = self.own_row(caller).await?;
        let full_name = patch.full_name.as_deref().map(str::trim);
        if full_name.is_some_and(|name| name.chars().count() > 100 || name.chars().any(char::is_control)) {
            return Err(Error::invalid("A full name has at most 100 characters.").field("full_name"));
        }
        if let Some(address) = patch.email.as_deref().map(str::trim).filter(|a| user.email.as_deref() != Some(*a)) {
            check_address(address).map_err(|error| error.field("email"))?;
            if !self.can_mail() {
                return Err(Error::new(
                    ErrorCode::RuleRefused,
                    "This server sends no mail, so no address can be confirmed.",
                )
                .hint("Whoever runs it sets ORRERY_SMTP_URL and ORRERY_PUBLIC_URL.")
                .field("email"));
            }
            if user.password_hash.is_some() {
                let password = patch.password.as_deref().unwrap_or_default();
                self.check_own_password(caller, password).await?;
            }
            self.ask_to_confirm(&user, address).await?;
        }
        if let Some(full_name) = full_name {
            self.store.set_full_name(&user.id, full_name).await?;
        }
        self.record(caller, "change_profile", "user", &user.id).await;
        self.my_profile(caller).await
    }

    async fn ask_to_confirm(&self, user: &UserRow, address: &str) -> Result<()> {
        let now = clock::now_ms();
        self.budget.begin(&[(Tried::Mail, user.id.clone())], now)?;
        self.store.delete_links(EMAIL, Some(&user.id)).await?;
        self.store.set_pending_email(&user.id, Some(address)).await?;
        let secret = secrets::random_secret();
        self.store.insert_link(&secrets::fingerprint(&secret), EMAIL, Some(&user.id), now + EMAIL_LASTS_MS).await?;
        self.post_later(Mail {
            address: address.to_owned(),
            subject: "Confirm your e-mail address".into(),
            body: format!(
                "The account `{}` is to have this address. Follow the link to confirm it; it works once, for a day. \
                 If you do not know that account, leave this mail alone.",
                user.name
            ),
            link: format!("/confirm-email?token={secret}"),
        });
        Ok(())
    }

    /// Confirms the address that a link was sent to.
    ///
    /// # Errors
    /// The link was used or is too old.
    pub async fn confirm_email(&self, secret: &str) -> Result<String> {
        self.confirm_email_at(secret, clock::now_ms()).await
    }

    pub(crate) async fn confirm_email_at(&self, secret: &str, now: i64) -> Result<String> {
        let taken =
            self.store.take_link(&secrets::fingerprint(secret), EMAIL, now).await?.ok_or_else(super::reset::gone)?;
        let user_id = taken.user_id.ok_or_else(super::reset::gone)?;
        let user = self.store.user(&user_id).await?.filter(|u| u.is_active).ok_or_else(super::reset::gone)?;
        let address = self.store.profile(&user.id).await?.pending_email.ok_or_else(super::reset::gone)?;
        let former = self.verified_email(&user).await?;
        self.store.set_email(&user.id, Some(&address), true).await?;
        self.record_as(Some(&user.id), "confirm_email", "user", &user.id, "done").await;
        if let Some(former) = former {
            let sentence = "Another e-mail address was confirmed, which takes the place of this one.";
            self.post_later(warning(&user.name, former, "Your e-mail address was changed".into(), sentence));
        }
        Ok(address)
    }

    /// The address of a user, if whoever reads it has confirmed it.
    pub(crate) async fn verified_email(&self, user: &UserRow) -> Result<Option<String>> {
        let confirmed = self.store.profile(&user.id).await?.verified_email;
        Ok(user.email.clone().filter(|email| confirmed.as_deref() == Some(email)))
    }

    /// Whether an address belongs to a user, as far as whoever reads it has confirmed that.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn is_email_verified(&self, user_id: &str, address: &str) -> Result<bool> {
        let Some(user) = self.store.user(user_id).await? else { return Ok(false) };
        Ok(self.verified_email(&user).await?.is_some_and(|email| email.eq_ignore_ascii_case(address.trim())))
    }

    /// Ends all sessions of the caller but the one that asks.
    ///
    /// # Errors
    /// A token that may not.
    pub async fn sign_out_elsewhere(&self, caller: &Caller) -> Result<u64> {
        require_scope(caller, Scope::Admin)?;
        let ended = self.end_sessions(&caller.user_id, Some(&caller.credential_id)).await?;
        self.record(caller, "sign_out_elsewhere", "user", &caller.user_id).await;
        Ok(ended)
    }

    /// Ends all sessions of a user, as an administrator. Their tokens stay.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn sign_out_user(&self, caller: &Caller, user_id: &str) -> Result<u64> {
        require_admin(caller)?;
        let user = self.store.user(user_id).await?.ok_or_else(|| Error::not_found("user"))?;
        let ended = self.end_sessions(&user.id, None).await?;
        self.record(caller, "sign_out_user", "user", &user.id).await;
        Ok(ended)
    }

    /// The caller's own row, after their password was given once more.
    pub(crate) async fn check_own_password(&self, caller: &Caller, password: &str) -> Result<UserRow> {
        let user = self.own_row(caller).await?;
        if user.password_hash.is_none() || !self.may_use_password(&user).await? {
            return Err(Error::new(ErrorCode::RuleRefused, "You do not sign in with a password here."));
        }
        let keys = [(Tried::OwnPassword, user.id.clone())];
        self.budget.begin(&keys, clock::now_ms())?;
        let password = if password.len() > super::LONGEST_PASSWORD { "" } else { password };
        if !secrets::verify_password(password, user.password_hash.as_deref()).await? {
            return Err(Error::new(ErrorCode::RuleRefused, "The present password is wrong.").field("password"));
        }
        self.budget.right(&keys);
        Ok(user)
    }

    async fn own_row(&self, caller: &Caller) -> Result<UserRow> {
        self.store.user(&caller.user_id).await?.ok_or_else(|| Error::not_found("user"))
    }
}
