//! Invitations: an administrator names an address, and whoever has the link chooses a password.

use super::letters::Mail;
use super::reset::gone;
use super::{SignInFrom, SignedIn};
use crate::access::require_admin;
use crate::{Services, clock, new_id, secrets};
use domain::account::{Invitation, InvitationRequest, NewInvitation};
use domain::notify::check_address;
use domain::{Caller, Error, ErrorCode, Result};
use std::collections::HashMap;
use store::{InvitationRow, UserRow};

/// What these links are for.
const INVITE: &str = "invite";
const LASTS_MS: i64 = 7 * 24 * 3_600_000;
const MOST_GROUPS: usize = 100;

impl Services {
    /// Invites somebody. The link goes by mail; where it cannot, it is in the answer, this one time.
    ///
    /// # Errors
    /// The caller is no administrator, the name is taken, or there is no such group.
    pub async fn invite(&self, caller: &Caller, request: &InvitationRequest) -> Result<NewInvitation> {
        self.invite_at(caller, request, clock::now_ms()).await
    }

    pub(crate) async fn invite_at(
        &self,
        caller: &Caller,
        request: &InvitationRequest,
        now: i64,
    ) -> Result<NewInvitation> {
        require_admin(caller)?;
        let email = request.email.trim();
        check_address(email).map_err(|error| error.field("email"))?;
        let users = self.store.users().await?;
        if users.iter().any(|user| user.email.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(email))) {
            return Err(Error::new(
                ErrorCode::Conflict,
                "Somebody with this address has an account or an invitation already.",
            )
            .field("email"));
        }
        let groups = self.groups_to_join(&request.groups).await?;
        let given = request.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let name = match given {
            Some(name) => name.to_owned(),
            None => {
                let own = self.fit_name(email.split('@').next().unwrap_or_default()).await?;
                own.unwrap_or_else(|| email.to_owned())
            }
        };
        super::check_user_name(&name)?;
        let row = UserRow {
            id: new_id(),
            name,
            role: request.role,
            password_hash: None,
            is_active: true,
            created_at: now,
            last_seen_at: None,
            default_dashboard_id: None,
            email: Some(email.to_owned()),
            attributes_json: "{}".into(),
        };
        self.store.insert_user(&row).await.map_err(|error| error.field("name"))?;
        self.store.join_groups(&row.id, &groups).await?;
        if self.settings.sign_in.oidc.is_some() {
            // Naming the address is the word of an administrator by which it may be linked.
            self.store.set_link_email(&row.id, Some(email)).await?;
        }
        self.record(caller, "invite", "user", &row.id).await;
        self.send_invitation(caller, &row.id, now).await
    }

    /// Sends an invitation again, with a fresh link; the former one works no longer.
    ///
    /// # Errors
    /// The caller is no administrator, or it was taken up.
    pub async fn resend_invitation(&self, caller: &Caller, id: &str) -> Result<NewInvitation> {
        require_admin(caller)?;
        self.store.invitation(id).await?.ok_or_else(|| Error::not_found("invitation"))?;
        self.record(caller, "resend_invitation", "user", id).await;
        self.send_invitation(caller, id, clock::now_ms()).await
    }

    async fn send_invitation(&self, caller: &Caller, user_id: &str, now: i64) -> Result<NewInvitation> {
        let unknown = || Error::not_found("invitation");
        self.store.delete_links(INVITE, Some(user_id)).await?;
        self.store.put_invitation(user_id, &caller.user_id, now, now + LASTS_MS).await?;
        let secret = secrets::random_secret();
        self.store.insert_link(&secrets::fingerprint(&secret), INVITE, Some(user_id), now + LASTS_MS).await?;
        let row = self.store.invitation(user_id).await?.ok_or_else(unknown)?;
        let link = format!("/invite?token={secret}");
        let sent = match (&row.email, self.can_mail()) {
            (Some(address), true) => {
                let mail = Mail {
                    address: address.clone(),
                    subject: "You are invited to Orrery".into(),
                    body: format!(
                        "`{}` invites you. Your user name is `{}`. Follow the link to choose a password; it works once, \
                         for a week.",
                        caller.name, row.name
                    ),
                    link: link.clone(),
                };
                self.post(&mail).await.map_err(|error| error.message)
            }
            _ => Err("This server sends no mail: ORRERY_SMTP_URL or ORRERY_PUBLIC_URL is not set.".to_owned()),
        };
        let reason = sent.err();
        if reason.is_none() {
            self.store.mark_invitation_mailed(user_id).await?;
        }
        let names = HashMap::from([(caller.user_id.clone(), caller.name.clone())]);
        Ok(NewInvitation { invitation: show(row, &names, now), link: reason.as_ref().map(|_| link), reason })
    }

    /// Invitations that wait, the latest first.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub async fn list_invitations(&self, caller: &Caller) -> Result<Vec<Invitation>> {
        require_admin(caller)?;
        let users = self.store.users().await?;
        let names: HashMap<String, String> = users.into_iter().map(|user| (user.id, user.name)).collect();
        let now = clock::now_ms();
        Ok(self.store.invitations().await?.into_iter().map(|row| show(row, &names, now)).collect())
    }

    /// Takes an invitation back, and with it the user who never was here.
    ///
    /// # Errors
    /// The caller is no administrator, or it was taken up.
    pub async fn revoke_invitation(&self, caller: &Caller, id: &str) -> Result<()> {
        require_admin(caller)?;
        if !self.store.revoke_invitation(id).await? {
            return Err(Error::not_found("invitation"));
        }
        self.record(caller, "revoke_invitation", "user", id).await;
        Ok(())
    }

    /// Whom a link invites, while it works: for the page that it opens.
    ///
    /// # Errors
    /// It does not work.
    pub async fn check_invitation(&self, secret: &str) -> Result<String> {
        let link = self.store.link(&secrets::fingerprint(secret), INVITE).await?;
        let link = link.filter(|link| link.expires_at > clock::now_ms()).ok_or_else(gone)?;
        Ok(self.invited(&link.user_id.ok_or_else(gone)?).await?.name)
    }

    /// Takes an invitation up with a password, and signs in.
    ///
    /// # Errors
    /// The link was used or is too old, or the password is too short.
    pub async fn accept_invitation(&self, secret: &str, password: &str, from: &SignInFrom) -> Result<SignedIn> {
        self.accept_invitation_at(secret, password, from, clock::now_ms()).await
    }

    pub(crate) async fn accept_invitation_at(
        &self,
        secret: &str,
        password: &str,
        from: &SignInFrom,
        now: i64,
    ) -> Result<SignedIn> {
        if !self.settings.sign_in.password {
            return Err(Error::new(ErrorCode::RuleRefused, "Passwords are not used here.")
                .hint("Sign in with the button of the provider instead."));
        }
        let hash = secrets::fingerprint(secret);
        self.store.link(&hash, INVITE).await?.filter(|link| link.expires_at > now).ok_or_else(gone)?;
        let password_hash = secrets::hash_password(password).await?;
        let link = self.store.take_link(&hash, INVITE, now).await?.ok_or_else(gone)?;
        let user = self.invited(&link.user_id.ok_or_else(gone)?).await?;
        let was_mailed = self.store.invitation(&user.id).await?.is_some_and(|row| row.was_mailed);
        self.store.update_user_password(&user.id, Some(&password_hash)).await?;
        if was_mailed {
            // Whoever has the link reads that address.
            self.store.set_email(&user.id, user.email.as_deref(), true).await?;
        }
        self.store.delete_invitation(&user.id).await?;
        self.record_as(Some(&user.id), "accept_invitation", "user", &user.id, "done").await;
        let user = UserRow { password_hash: Some(password_hash), ..user };
        self.password_was_right(&user, from, now).await
    }

    async fn invited(&self, user_id: &str) -> Result<UserRow> {
        let user = self.store.user(user_id).await?.ok_or_else(gone)?;
        let waits = self.store.invitation(user_id).await?.is_some();
        if waits && user.is_active && user.password_hash.is_none() { Ok(user) } else { Err(gone()) }
    }

    /// Ids of groups that somebody may be put into by hand.
    async fn groups_to_join(&self, names: &[String]) -> Result<Vec<String>> {
        if names.len() > MOST_GROUPS {
            return Err(Error::invalid("At most 100 groups can be named.").field("groups"));
        }
        let mut ids = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let refuse = |why: String| Err(Error::invalid(why).field(format!("groups[{i}]")));
            let shown: String = name.chars().take(100).collect();
            match self.store.group_named(name).await? {
                Some((id, false)) => ids.push(id),
                Some((_, true)) => {
                    return refuse(format!("Who is in the group `{shown}` is for the sign-in provider to say."));
                }
                None => return refuse(format!("There is no group `{shown}`.")),
            }
        }
        Ok(ids)
    }

    /// A user name made of a text, if one can be made that nobody has.
    pub(super) async fn fit_name(&self, text: &str) -> Result<Option<String>> {
        let own: String = text.chars().filter(|c| super::fits_user_name(*c)).take(100).collect();
        if own.is_empty() || self.store.user_by_name(&own).await?.is_some() { Ok(None) } else { Ok(Some(own)) }
    }
}

fn show(row: InvitationRow, names: &HashMap<String, String>, now: i64) -> Invitation {
    Invitation {
        id: row.user_id,
        name: row.name,
        email: row.email,
        role: row.role,
        invited_by: names.get(&row.invited_by).cloned().unwrap_or_default(),
        created_at: clock::rfc3339(row.created_at),
        expires_at: clock::rfc3339(row.expires_at),
        is_expired: row.expires_at <= now,
    }
}
