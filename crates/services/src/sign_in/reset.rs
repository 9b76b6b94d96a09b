//! A new password by mail. Whether a name or an address is known here cannot be told from the answer,
//! nor from how long it takes: all work is done after it.

use super::letters::Mail;
use super::{SignInFrom, Tried, place};
use crate::{Services, clock, secrets};
use domain::{Error, ErrorCode, Result};
use store::UserRow;

/// What these links are for.
const RESET: &str = "reset";
const LASTS_MS: i64 = 3_600_000;

/// A link that was used or is too old: nobody learns which.
pub(super) fn gone() -> Error {
    Error::new(ErrorCode::Gone, "This link has been used or is too old.").hint("Ask for a new one.")
}

impl Services {
    /// Mails a link to whoever has this name, or has confirmed this address. The answer is the same
    /// for everybody.
    ///
    /// # Errors
    /// Too many requests from there, or this server does not do it for anybody.
    pub async fn ask_for_reset(&self, who: &str, from: &SignInFrom) -> Result<()> {
        if !self.sign_in_ways().reset {
            return Err(Error::new(ErrorCode::NotSupported, "This server does not mail new passwords.")
                .hint("Ask an administrator."));
        }
        let now = clock::now_ms();
        self.budget.begin(&[(Tried::Reset, place(&from.address))], now)?;
        let services = self.clone();
        let who: String = who.trim().chars().take(254).collect();
        tokio::spawn(async move {
            match services.reset_mails(&who, now).await {
                Ok(mails) => mails.into_iter().for_each(|mail| services.post_later(mail)),
                Err(error) => tracing::warn!(%error, "a mail with a new password could not be prepared"),
            }
        });
        Ok(())
    }

    /// The mails that follow from a request: none where nobody is meant by it.
    pub(super) async fn reset_mails(&self, who: &str, now: i64) -> Result<Vec<Mail>> {
        let mut found: Vec<UserRow> = Vec::new();
        match self.store.user_by_name(who).await? {
            Some(user) => found.push(user),
            None => {
                for id in self.store.users_of_verified_email(who).await? {
                    found.extend(self.store.user(&id).await?);
                }
            }
        }
        self.store.delete_expired_links(now).await?;
        let mut mails = Vec::new();
        for user in found {
            let may = user.is_active && user.password_hash.is_some() && self.may_use_password(&user).await?;
            let Some(address) = self.verified_email(&user).await?.filter(|_| may) else { continue };
            if self.budget.begin(&[(Tried::Mail, user.id.clone())], now).is_err() {
                continue;
            }
            let secret = secrets::random_secret();
            // Former links stay good: nobody can spoil the one that somebody is just opening.
            self.store.insert_link(&secrets::fingerprint(&secret), RESET, Some(&user.id), now + LASTS_MS).await?;
            self.record_as(Some(&user.id), "ask_for_reset", "user", &user.id, "done").await;
            mails.push(Mail {
                address,
                subject: "Choose a new password".into(),
                body: format!(
                    "Somebody asked for a new password for the account `{}`. Follow the link to choose one; it works \
                     once, for an hour. If it was not you, leave this mail alone: the password stays as it is.",
                    user.name
                ),
                link: format!("/reset?token={secret}"),
            });
        }
        Ok(mails)
    }

    /// Whether a link for a new password still works: for the page that it opens.
    ///
    /// # Errors
    /// It does not.
    pub async fn check_reset(&self, secret: &str) -> Result<()> {
        let link = self.store.link(&secrets::fingerprint(secret), RESET).await?;
        link.filter(|link| link.expires_at > clock::now_ms()).map(|_| ()).ok_or_else(gone)
    }

    /// Sets a new password with a link, and ends all sessions. Whoever has a second factor still
    /// needs it.
    ///
    /// # Errors
    /// The link was used or is too old, or the password is too short.
    pub async fn reset_password(&self, secret: &str, password: &str) -> Result<()> {
        self.reset_password_at(secret, password, clock::now_ms()).await
    }

    pub(crate) async fn reset_password_at(&self, secret: &str, password: &str, now: i64) -> Result<()> {
        let hash = secrets::fingerprint(secret);
        // Looked at first: neither does a wrong link cost a hash, nor a short password the link.
        self.store.link(&hash, RESET).await?.filter(|link| link.expires_at > now).ok_or_else(gone)?;
        let password_hash = secrets::hash_password(password).await?;
        let link = self.store.take_link(&hash, RESET, now).await?.ok_or_else(gone)?;
        let user_id = link.user_id.ok_or_else(gone)?;
        let user = self.store.user(&user_id).await?.filter(|user| user.is_active).ok_or_else(gone)?;
        if !self.may_use_password(&user).await? {
            return Err(gone());
        }
        self.store.update_user_password(&user.id, Some(&password_hash)).await?;
        self.store.delete_links(RESET, Some(&user.id)).await?;
        self.end_sessions(&user.id, None).await?;
        self.record_as(Some(&user.id), "reset_password", "user", &user.id, "done").await;
        self.tell_owner(&user.id, "Your password was changed", "A new password was chosen with a link from a mail.");
        Ok(())
    }
}
