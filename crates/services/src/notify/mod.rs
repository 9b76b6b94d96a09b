//! Telling people: a notice becomes one delivery for each recipient, kept before anything is sent.
//! Inboxes are filled in the same transaction; the outbox sends the rest, and goes on after a restart.

mod channels;
mod deliveries;
mod inbox;
mod links;
mod send;
#[cfg(test)]
mod sending_tests;
#[cfg(test)]
#[path = "../../../live/tests/sink/mod.rs"]
pub(crate) mod sink;
#[cfg(test)]
mod tests;

pub(crate) use send::Outbox;

use crate::access::require_scope;
use crate::{Services, clock, new_id, to_json};
use domain::notify::{DeliveryStatus, InboxNews, MOST_RECIPIENTS, Notice, Recipient};
use domain::people::Scope;
use domain::{Caller, Error, Result};
use engine::sources::Hosts;
use live::channels::{Smtp, inbox as inbox_channel};
use std::collections::BTreeMap;
use store::{DeliveryRow, NoticeRow, NotificationRow};

/// The longest name of an event.
const LONGEST_KEY: usize = 200;

/// What services need to reach people.
#[derive(Clone, Debug, Default)]
pub struct NotifySettings {
    /// The mail server; without it nothing is mailed.
    pub smtp: Option<Smtp>,
    /// Where people reach Orrery, without a slash at the end: links in messages begin with it.
    pub public_url: Option<String>,
    /// Hosts inside the server's own network that channels may reach.
    pub hosts: Hosts,
}

impl Services {
    /// Tells the recipients of an event, each once however often this is called with its key. What
    /// cannot be delivered in the end is told to `owner_id`.
    ///
    /// # Errors
    /// The notice or a recipient is not fit to be sent; nothing is sent then.
    pub(crate) async fn notify(
        &self,
        event_key: &str,
        owner_id: &str,
        recipients: &[Recipient],
        notice: &Notice,
    ) -> Result<()> {
        notice.check()?;
        if event_key.is_empty() || event_key.len() > LONGEST_KEY {
            return Err(Error::invalid("The key of an event has 1 to 200 characters."));
        }
        check_recipients(recipients)?;
        let now = clock::now_ms();
        let (mut deliveries, mut inbox) = (Vec::new(), Vec::new());
        for (word, recipient) in recipients.iter().map(|r| (r.to_string(), r)).collect::<BTreeMap<_, _>>() {
            let mut row = delivery(event_key, word, now);
            if let Recipient::User { id } = recipient
                && self.store.user(id).await?.is_some_and(|user| user.is_active)
            {
                inbox.push(entry(event_key, id, notice, now));
                if self.settings.notify.smtp.is_none() || self.address_for(id, &notice.kind).await?.is_none() {
                    row.status = DeliveryStatus::Sent;
                    row.receipt = Some(inbox::RECEIPT.to_owned());
                    (row.sent_at, row.next_at) = (Some(now), None);
                }
            }
            deliveries.push(row);
        }
        let kept = NoticeRow {
            event_key: event_key.to_owned(),
            owner_id: owner_id.to_owned(),
            notice_json: to_json(notice),
            created_at: now,
        };
        let fresh = self.store.insert_notice(&kept, &deliveries, &inbox).await?;
        for row in inbox.into_iter().filter(|row| fresh.contains(&row.id)) {
            self.tell_inbox(row).await?;
        }
        self.outbox.filled.notify_one();
        Ok(())
    }

    /// Sends the caller a notice, to see where it arrives.
    ///
    /// # Errors
    /// A token that only reads.
    pub async fn try_notice(&self, caller: &Caller) -> Result<()> {
        require_scope(caller, Scope::Write)?;
        let notice = Notice {
            kind: "test".into(),
            subject: "A test notice".into(),
            body: "This is how Orrery tells you of things.".into(),
            fields: Vec::new(),
            link: "/account".into(),
            chart: None,
        };
        let recipient = Recipient::User { id: caller.user_id.clone() };
        self.notify(&format!("test:{}", new_id()), &caller.user_id, &[recipient], &notice).await
    }

    /// Where a notice of this kind goes by mail for somebody with an account.
    pub(super) async fn address_for(&self, user_id: &str, kind: &str) -> Result<Option<String>> {
        let Some(address) = self.store.mail_address(user_id).await? else { return Ok(None) };
        let word = Recipient::User { id: user_id.to_owned() }.to_string();
        let muted = self.store.mail_mutes(&word).await?;
        Ok((!muted.iter().any(|k| k == kind)).then_some(address))
    }

    /// Tells the pages of somebody what is new in their inbox.
    async fn tell_inbox(&self, row: NotificationRow) -> Result<()> {
        let user_id = row.user_id.clone();
        let unread = self.unread_of(&user_id).await?;
        let news = InboxNews { unread, notification: Some(inbox::show(row)) };
        inbox_channel::tell(&self.hub, &user_id, &news);
        Ok(())
    }
}

/// Refuses recipients that can be none, and more than there may be.
///
/// # Errors
/// A sentence that says why.
pub(crate) fn check_recipients(recipients: &[Recipient]) -> Result<()> {
    if recipients.len() > MOST_RECIPIENTS {
        let message = format!("There can be at most {MOST_RECIPIENTS} recipients.");
        return Err(Error::invalid(message).hint("Send to a channel or a mailing list instead.").field("recipients"));
    }
    recipients.iter().try_for_each(|recipient| recipient.check().map_err(|error| error.field("recipients")))
}

/// A delivery that has not begun.
fn delivery(event_key: &str, recipient: String, now: i64) -> DeliveryRow {
    DeliveryRow {
        id: new_id(),
        event_key: event_key.to_owned(),
        recipient,
        status: DeliveryStatus::Queued,
        attempts: 0,
        last_error: None,
        receipt: None,
        created_at: now,
        sent_at: None,
        next_at: Some(now),
        lease_until: None,
        lease_owner: None,
    }
}

/// A notice as it stands in an inbox.
fn entry(event_key: &str, user_id: &str, notice: &Notice, now: i64) -> NotificationRow {
    NotificationRow {
        id: new_id(),
        user_id: user_id.to_owned(),
        event_key: event_key.to_owned(),
        kind: notice.kind.clone(),
        subject: notice.subject.clone(),
        body: notice.body.clone(),
        link: notice.link.clone(),
        created_at: now,
        read_at: None,
    }
}
