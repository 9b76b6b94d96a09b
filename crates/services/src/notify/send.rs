//! The outbox: sends what is due, tries again later, gives up in the end and says so. Whoever sends
//! holds a lease on the delivery, so that of several servers one does; what a server held that died
//! is sent by the next one that looks.

use super::links::Unsubscribe;
use crate::{Services, clock, new_id};
use charts::Theme;
use domain::notify::{Notice, Recipient};
use domain::{ChartKind, Error, Result, UserRole};
use export::paper::Size;
use live::channels::email::To;
use live::channels::{Channel, Letter, SendError, Sent};
use std::sync::Arc;
use std::time::Duration;
use store::{Attempt, DeliveryRow, NotificationRow};
use tokio::sync::{Notify, Semaphore};

/// Deliveries under way at the same time.
const AT_ONCE: usize = 8;
/// Without a sign of life for so long, a delivery may be sent by somebody else.
const LEASE_MS: i64 = 60_000;
/// How often there is one.
const BEAT: Duration = Duration::from_secs(20);
/// The longest that an attempt may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long to wait after each failed attempt.
const WAITS: [i64; 5] = [10_000, 60_000, 300_000, 1_800_000, 7_200_000];
/// How often to look for what another process has put in.
const POLL: Duration = Duration::from_secs(1);
/// How long it is remembered who was told what.
const KEPT_MS: i64 = 90 * 24 * 3_600_000;
/// How often what is older is cleared away.
const CLEAR_MS: i64 = 3_600_000;
/// A chart in a mail, in CSS pixels.
const CHART: (u32, u32) = (640, 320);

/// What waits to be sent.
pub(crate) struct Outbox {
    /// Wakes whoever sends.
    pub(super) filled: Notify,
    turns: Arc<Semaphore>,
    /// Under which name this process holds leases.
    owner: String,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { filled: Notify::default(), turns: Arc::new(Semaphore::new(AT_ONCE)), owner: new_id() }
    }
}

impl Services {
    /// From now on, what is due is sent.
    pub(crate) fn start_outbox(&self) {
        let weak = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            let mut cleared = 0;
            while let Some(inner) = weak.upgrade() {
                let services = Services(inner);
                let now = clock::now_ms();
                if now - cleared > CLEAR_MS {
                    cleared = now;
                    if let Err(error) = services.store.prune_notices(now - KEPT_MS).await {
                        tracing::warn!(%error, "clearing old notices away");
                    }
                }
                match services.send_some(now).await {
                    Ok(true) => {}
                    Ok(false) => {
                        // No handle is held while it waits, or the last one would never be dropped.
                        let outbox = services.outbox.clone();
                        drop(services);
                        _ = tokio::time::timeout(POLL, outbox.filled.notified()).await;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "looking for what is to be sent");
                        drop(services);
                        tokio::time::sleep(POLL).await;
                    }
                }
            }
        });
    }

    /// Begins with as many deliveries as there is room for. Answers whether there were any.
    async fn send_some(&self, now: i64) -> Result<bool> {
        let room = self.outbox.turns.available_permits();
        if room == 0 {
            return Ok(false);
        }
        let limit = i64::try_from(room).unwrap_or(1);
        let rows = self.store.claim_deliveries(now, &self.outbox.owner, LEASE_MS, limit).await?;
        let any = !rows.is_empty();
        for row in rows {
            let turn = self.outbox.turns.clone().acquire_owned().await.map_err(|_| Error::internal())?;
            let services = self.clone();
            tokio::spawn(async move {
                services.deliver(row, now).await;
                drop(turn);
                services.outbox.filled.notify_one();
            });
        }
        Ok(any)
    }

    /// Sends everything that is due at `now`, and waits for the end of it. Answers how many attempts
    /// there were.
    #[cfg(test)]
    pub(crate) async fn send_due(&self, now: i64) -> Result<usize> {
        let mut count = 0;
        loop {
            let rows = self.store.claim_deliveries(now, &self.outbox.owner, LEASE_MS, 100).await?;
            if rows.is_empty() {
                return Ok(count);
            }
            count += rows.len();
            futures::future::join_all(rows.into_iter().map(|row| self.deliver(row, now))).await;
        }
    }

    /// One attempt, and what follows from it.
    async fn deliver(&self, row: DeliveryRow, now: i64) {
        if let Err(error) = self.try_to_deliver(&row, now).await {
            // The lease runs out, and then it is tried again.
            tracing::error!(%error, delivery = row.id, "a delivery could not be worked on");
        }
    }

    async fn try_to_deliver(&self, row: &DeliveryRow, now: i64) -> Result<()> {
        let kept = self.store.notice(&row.event_key).await?.ok_or_else(|| Error::not_found("notice"))?;
        let Ok(notice) = serde_json::from_str::<Notice>(&kept.notice_json) else {
            let error = "The notice cannot be read any more.".to_owned();
            self.end(row, &kept.owner_id, &row.event_key, "/", Attempt::Dead { error }, now).await?;
            return Ok(());
        };
        let sending = tokio::time::timeout(PATIENCE, self.send(row, kept.created_at, &notice));
        let sent = tokio::select! {
            sent = sending => sent.unwrap_or_else(|_| Err(SendError::again("The other side took too long."))),
            // Somebody else holds the lease by now, and sends it.
            () = self.beat(&row.id) => return Ok(()),
        };
        let attempt = judge(sent, row.attempts, now);
        self.end(row, &kept.owner_id, &notice.subject, &notice.link, attempt, now).await
    }

    /// Gives signs of life; ends when the lease is lost.
    async fn beat(&self, id: &str) {
        loop {
            tokio::time::sleep(BEAT).await;
            let until = clock::now_ms() + LEASE_MS;
            if matches!(self.store.heartbeat_delivery(id, &self.outbox.owner, until).await, Ok(false)) {
                return;
            }
        }
    }

    async fn end(
        &self,
        row: &DeliveryRow,
        owner_id: &str,
        subject: &str,
        link: &str,
        attempt: Attempt,
        now: i64,
    ) -> Result<()> {
        let is_ours = self.store.end_attempt(&row.id, &self.outbox.owner, &attempt, now).await?;
        match attempt {
            Attempt::Dead { error } if is_ours => self.tell_failure(row, owner_id, subject, link, &error, now).await,
            _ => Ok(()),
        }
    }

    async fn send(&self, row: &DeliveryRow, at_ms: i64, notice: &Notice) -> Sent {
        let base = self.settings.notify.public_url.as_deref().unwrap_or_default();
        let letter = Letter { id: &row.id, event_key: &row.event_key, notice, base, at_ms };
        let Some(recipient) = Recipient::parse(&row.recipient) else {
            return Err(SendError::fatal("This recipient cannot be read any more."));
        };
        match &recipient {
            Recipient::User { id } => {
                let user = self.store.user(id).await.map_err(later)?;
                if !user.is_some_and(|user| user.is_active) {
                    return Err(SendError::fatal("This person has no account here any more."));
                }
                let address = self.address_for(id, &notice.kind).await.map_err(later)?;
                match address {
                    Some(address) if self.settings.notify.smtp.is_some() => {
                        let receipt = self.mail(&recipient, &address, &letter).await?;
                        Ok(format!("{} {receipt}", super::inbox::RECEIPT))
                    }
                    _ => Ok(super::inbox::RECEIPT.to_owned()),
                }
            }
            Recipient::Email { address } => {
                let muted = self.store.mail_mutes(&row.recipient).await.map_err(later)?;
                if muted.contains(&notice.kind) {
                    return Err(SendError::fatal("Whoever reads this address wants no more mails of this kind."));
                }
                self.mail(&recipient, address, &letter).await
            }
            Recipient::Channel { id } => {
                let Some(channel) = self.store.channel(id).await.map_err(later)? else {
                    return Err(SendError::fatal("This channel was deleted."));
                };
                let target = self.target_of(&channel).await?;
                Channel::of(channel.kind, &target, clock::now_ms() / 1_000).send(&letter).await
            }
        }
    }

    async fn mail(&self, recipient: &Recipient, address: &str, letter: &Letter<'_>) -> Sent {
        let Some(smtp) = &self.settings.notify.smtp else {
            return Err(SendError::fatal("This server sends no mail: ORRERY_SMTP_URL is not set."));
        };
        let chart = self.chart_of_notice(letter.notice).await;
        let unsubscribe = self.unsubscribe_link(recipient, &letter.notice.kind).await.map_err(later)?;
        let to = To { address, chart: chart.as_deref(), unsubscribe: unsubscribe.as_ref().map(Unsubscribe::as_str) };
        Channel::Email { smtp, to }.send(letter).await
    }

    /// The chart of a notice as PNG. A mail without it is better than no mail.
    async fn chart_of_notice(&self, notice: &Notice) -> Option<Vec<u8>> {
        let (spec, table) = notice.chart.as_ref()?;
        if matches!(spec.kind, ChartKind::Number | ChartKind::Table | ChartKind::Pivot) {
            return None;
        }
        let renderer = self.thumbnails.renderer()?;
        let option = charts::option(spec, table, Theme::Light);
        let drawn = renderer.png(&option, Size::new(CHART.0, CHART.1), 2.0, Theme::Light).await;
        drawn.inspect_err(|cause| tracing::warn!(%cause, "a mail goes without its chart")).ok()
    }

    /// Tells whoever owns an event, once, that somebody was not told of it; where they are gone, the
    /// administrators.
    async fn tell_failure(
        &self,
        row: &DeliveryRow,
        owner_id: &str,
        subject: &str,
        link: &str,
        error: &str,
        now: i64,
    ) -> Result<()> {
        let users = self.store.users().await?;
        let is_there = users.iter().any(|u| u.is_active && u.id == owner_id);
        let readers = users.iter().filter(|u| match is_there {
            true => u.id == owner_id,
            false => u.is_active && u.role == UserRole::Admin,
        });
        let to = self.names().await?.of(&row.recipient);
        let subject: String = format!("Not delivered: {subject}").chars().take(200).collect();
        for reader in readers {
            let told = NotificationRow {
                id: new_id(),
                user_id: reader.id.clone(),
                event_key: format!("dead:{}", row.id),
                kind: "problem".into(),
                subject: subject.clone(),
                body: format!("{to} was not told. {error}"),
                link: link.to_owned(),
                created_at: now,
                read_at: None,
            };
            if self.store.insert_notification(&told).await? {
                self.tell_inbox(told).await?;
            }
        }
        Ok(())
    }
}

/// Our own trouble passes.
fn later(error: Error) -> SendError {
    SendError::again(error.to_string())
}

/// What follows from an attempt: sent, tried again with growing waits, or given up.
fn judge(sent: Sent, attempts: i64, now: i64) -> Attempt {
    match sent {
        Ok(receipt) => Attempt::Sent { receipt },
        Err(error) => {
            let wait = usize::try_from(attempts - 1).ok().and_then(|i| WAITS.get(i));
            match wait.filter(|_| error.again) {
                Some(wait) => {
                    let next_at = now + wait + rand::random_range(0..=wait / 10);
                    Attempt::Failed { error: error.message, next_at }
                }
                None => Attempt::Dead { error: error.message },
            }
        }
    }
}
