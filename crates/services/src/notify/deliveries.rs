//! What became of deliveries, for whoever owns the event; for administrators, of all.

use crate::access::require_scope;
use crate::{Services, clock};
use domain::notify::{Delivery, DeliveryStatus, Notice, Recipient};
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use std::collections::HashMap;
use store::DeliveryRow;

/// The most that one list shows.
const SHOWN: i64 = 1_000;

/// What people call recipients.
pub(super) struct Names {
    users: HashMap<String, String>,
    channels: HashMap<String, String>,
}

impl Names {
    /// The name of a recipient, given as its word.
    pub(super) fn of(&self, word: &str) -> String {
        let known = |names: &HashMap<String, String>, id: &str, gone: &str| {
            names.get(id).cloned().unwrap_or_else(|| gone.to_owned())
        };
        match Recipient::parse(word) {
            Some(Recipient::User { id }) => known(&self.users, &id, "Somebody who is gone"),
            Some(Recipient::Channel { id }) => known(&self.channels, &id, "A channel that was deleted"),
            Some(Recipient::Email { address }) => address,
            None => word.to_owned(),
        }
    }
}

impl Services {
    pub(super) async fn names(&self) -> Result<Names> {
        Ok(Names {
            users: self.store.users().await?.into_iter().map(|u| (u.id, u.name)).collect(),
            channels: self.store.channels().await?.into_iter().map(|c| (c.id, c.name)).collect(),
        })
    }

    /// The newest deliveries of events that the caller owns, newest first; an administrator's list
    /// has everybody's. With an event or a status, only those.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_deliveries(
        &self,
        caller: &Caller,
        event_key: Option<&str>,
        status: Option<DeliveryStatus>,
    ) -> Result<Vec<Delivery>> {
        let owner = (caller.role < UserRole::Admin).then_some(caller.user_id.as_str());
        let Some(key) = event_key else {
            return self.show_deliveries(self.store.deliveries(owner, status, SHOWN).await?).await;
        };
        let notice = self.store.notice(key).await?;
        if notice.is_none_or(|n| owner.is_some_and(|owner| n.owner_id != owner)) {
            return Ok(Vec::new());
        }
        let all = self.deliveries_of_event(key).await?;
        Ok(all.into_iter().filter(|d| status.is_none_or(|s| s == d.status)).collect())
    }

    /// The deliveries of an event whose right was decided.
    pub(crate) async fn deliveries_of_event(&self, event_key: &str) -> Result<Vec<Delivery>> {
        let rows = self.store.deliveries_of(event_key).await?;
        self.show_deliveries(rows).await
    }

    /// Sends again what was not delivered.
    ///
    /// # Errors
    /// There is no such delivery of the caller's, or it was sent or is under way.
    pub async fn resend_delivery(&self, caller: &Caller, id: &str) -> Result<Delivery> {
        require_scope(caller, Scope::Write)?;
        let missing = || Error::not_found("delivery");
        let row = self.store.delivery(id).await?.ok_or_else(missing)?;
        let notice = self.store.notice(&row.event_key).await?.ok_or_else(missing)?;
        if caller.role < UserRole::Admin && notice.owner_id != caller.user_id {
            return Err(missing());
        }
        if !self.store.resend_delivery(id, clock::now_ms()).await? {
            let message = "Only what was not delivered can be sent again.";
            return Err(Error::new(ErrorCode::Conflict, message));
        }
        self.record(caller, "resend_delivery", "delivery", id).await;
        self.outbox.filled.notify_one();
        let row = self.store.delivery(id).await?.ok_or_else(missing)?;
        self.show_deliveries(vec![row]).await?.pop().ok_or_else(missing)
    }

    async fn show_deliveries(&self, rows: Vec<DeliveryRow>) -> Result<Vec<Delivery>> {
        let names = self.names().await?;
        let mut subjects: HashMap<String, String> = HashMap::new();
        let mut shown = Vec::with_capacity(rows.len());
        for row in rows {
            if !subjects.contains_key(&row.event_key) {
                let notice = self.store.notice(&row.event_key).await?;
                let read = notice.and_then(|n| serde_json::from_str::<Notice>(&n.notice_json).ok());
                subjects.insert(row.event_key.clone(), read.map(|n| n.subject).unwrap_or_default());
            }
            let Some(recipient) = Recipient::parse(&row.recipient) else { continue };
            shown.push(Delivery {
                to: names.of(&row.recipient),
                subject: subjects.get(&row.event_key).cloned().unwrap_or_default(),
                recipient,
                id: row.id,
                event_key: row.event_key,
                status: row.status,
                attempts: u32::try_from(row.attempts).unwrap_or_default(),
                last_error: row.last_error,
                receipt: row.receipt,
                created_at: clock::rfc3339(row.created_at),
                sent_at: row.sent_at.map(clock::rfc3339),
                next_at: row.next_at.map(clock::rfc3339),
            });
        }
        Ok(shown)
    }
}
