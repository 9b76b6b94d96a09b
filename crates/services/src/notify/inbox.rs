//! Inboxes: everybody reads their own, and nobody else's.

use crate::access::require_scope;
use crate::{Services, clock};
use domain::notify::{InboxNews, KINDS, Notification, NotifyPreferences, Recipient, check_address};
use domain::people::Scope;
use domain::{Caller, Error, Result};
use live::channels::inbox::{tell, topic};
use store::NotificationRow;

/// The receipt of what went into an inbox and nowhere else.
pub(super) const RECEIPT: &str = "In the inbox.";
/// Notices that one can look back on.
const SHOWN: i64 = 1_000;

impl Services {
    /// The caller's inbox, newest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_notifications(&self, caller: &Caller) -> Result<Vec<Notification>> {
        Ok(self.store.notifications_of(&caller.user_id, SHOWN).await?.into_iter().map(show).collect())
    }

    /// The newest notices of the caller's inbox.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn newest_notifications(&self, caller: &Caller, limit: u32) -> Result<Vec<Notification>> {
        let rows = self.store.notifications_of(&caller.user_id, i64::from(limit).min(SHOWN)).await?;
        Ok(rows.into_iter().map(show).collect())
    }

    /// How many notices the caller has not read.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn unread_notifications(&self, caller: &Caller) -> Result<u64> {
        self.unread_of(&caller.user_id).await
    }

    pub(super) async fn unread_of(&self, user_id: &str) -> Result<u64> {
        Ok(u64::try_from(self.store.count_unread(user_id).await?).unwrap_or_default())
    }

    /// Marks a notice of the caller's inbox as read. Answers how many are left.
    ///
    /// # Errors
    /// There is no such notice in it.
    pub async fn read_notification(&self, caller: &Caller, id: &str) -> Result<u64> {
        require_scope(caller, Scope::Write)?;
        if !self.store.read_notification(&caller.user_id, id, clock::now_ms()).await? {
            return Err(Error::not_found("notification"));
        }
        self.count_anew(caller).await
    }

    /// Marks the caller's whole inbox as read.
    ///
    /// # Errors
    /// A token that only reads.
    pub async fn read_all_notifications(&self, caller: &Caller) -> Result<u64> {
        require_scope(caller, Scope::Write)?;
        self.store.read_notifications(&caller.user_id, clock::now_ms()).await?;
        self.count_anew(caller).await
    }

    /// The topic of an inbox, which only its owner follows.
    ///
    /// # Errors
    /// It is somebody else's.
    pub fn inbox_topic(&self, caller: &Caller, user_id: &str) -> Result<String> {
        if user_id == caller.user_id { Ok(topic(user_id)) } else { Err(Error::not_found("topic")) }
    }

    /// How the caller wants to be told.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn notify_preferences(&self, caller: &Caller) -> Result<NotifyPreferences> {
        let email = self.store.mail_address(&caller.user_id).await?;
        Ok(NotifyPreferences { email, muted: self.store.mail_mutes(&word(caller)).await? })
    }

    /// Changes how the caller wants to be told.
    ///
    /// # Errors
    /// The address is none, or there is no such kind of notice.
    pub async fn set_notify_preferences(
        &self,
        caller: &Caller,
        wanted: NotifyPreferences,
    ) -> Result<NotifyPreferences> {
        require_scope(caller, Scope::Admin)?;
        let email = wanted.email.as_deref().map(str::trim).filter(|address| !address.is_empty());
        if let Some(address) = email {
            check_address(address).map_err(|error| error.field("email"))?;
        }
        if let Some(stray) = wanted.muted.iter().find(|kind| KINDS.iter().all(|(known, _)| known != kind)) {
            let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
            let stray: String = stray.chars().take(40).collect();
            return Err(Error::invalid(format!("There is no kind of notice `{stray}`."))
                .hint(format!("There are {}.", kinds.join(", ")))
                .field("muted"));
        }
        self.store.set_mail(&caller.user_id, &word(caller), email, &wanted.muted).await?;
        self.record(caller, "set_notify_preferences", "user", &caller.user_id).await;
        self.notify_preferences(caller).await
    }

    /// The count of unread notices, told to the caller's other pages too.
    async fn count_anew(&self, caller: &Caller) -> Result<u64> {
        let unread = self.unread_of(&caller.user_id).await?;
        let news = InboxNews { unread, notification: None };
        tell(&self.hub, &caller.user_id, &news);
        Ok(unread)
    }
}

fn word(caller: &Caller) -> String {
    Recipient::User { id: caller.user_id.clone() }.to_string()
}

pub(super) fn show(row: NotificationRow) -> Notification {
    Notification {
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        body: row.body,
        link: row.link,
        created_at: clock::rfc3339(row.created_at),
        read_at: row.read_at.map(clock::rfc3339),
    }
}
