//! Notices and their deliveries. Whoever claims a delivery holds a lease on it, as with jobs: what
//! the holder writes is checked against the lease, and when it runs out somebody else may claim.

use crate::Store;
use crate::error::Explain;
use crate::repos::leases::too_far;
use crate::repos::notifications::{self, NotificationRow};
use crate::word::Word;
use domain::Result;
use domain::notify::DeliveryStatus;

/// A notice, once for all of its recipients.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct NoticeRow {
    pub event_key: String,
    pub owner_id: String,
    /// `domain::notify::Notice`.
    pub notice_json: String,
    pub created_at: i64,
}

/// What became of a notice for one recipient.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DeliveryRow {
    pub id: String,
    pub event_key: String,
    /// `domain::notify::Recipient` as its word.
    pub recipient: String,
    #[sqlx(try_from = "Word")]
    pub status: DeliveryStatus,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub receipt: Option<String>,
    pub created_at: i64,
    pub sent_at: Option<i64>,
    pub next_at: Option<i64>,
    pub lease_until: Option<i64>,
    pub lease_owner: Option<String>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    Sent {
        receipt: String,
    },
    /// It is tried again then.
    Failed {
        error: String,
        next_at: i64,
    },
    Dead {
        error: String,
    },
}

impl Store {
    /// Keeps a notice with its deliveries and what goes into inboxes, all or nothing. What is there
    /// already stays as it is. Answers the ids of the notifications that are new.
    ///
    /// # Errors
    /// The database fails, or a user of an inbox is gone.
    pub async fn insert_notice(
        &self,
        notice: &NoticeRow,
        deliveries: &[DeliveryRow],
        inbox: &[NotificationRow],
    ) -> Result<Vec<String>> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO notices (event_key, owner_id, notice_json, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (event_key) DO NOTHING",
        )
        .bind(&notice.event_key)
        .bind(&notice.owner_id)
        .bind(&notice.notice_json)
        .bind(notice.created_at)
        .execute(&mut *tx)
        .await
        .explain()?;
        for row in deliveries {
            sqlx::query(
                "INSERT INTO deliveries (id, event_key, recipient, status, attempts, last_error, receipt, created_at,
                                         sent_at, next_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (event_key, recipient) DO NOTHING",
            )
            .bind(&row.id)
            .bind(&row.event_key)
            .bind(&row.recipient)
            .bind(row.status.as_str())
            .bind(row.attempts)
            .bind(&row.last_error)
            .bind(&row.receipt)
            .bind(row.created_at)
            .bind(row.sent_at)
            .bind(row.next_at)
            .execute(&mut *tx)
            .await
            .explain()?;
        }
        let mut fresh = Vec::new();
        for row in inbox {
            if notifications::insert(&mut tx, row).await? {
                fresh.push(row.id.clone());
            }
        }
        tx.commit().await.explain()?;
        Ok(fresh)
    }

    /// The notice of an event.
    ///
    /// # Errors
    /// The database fails.
    pub async fn notice(&self, event_key: &str) -> Result<Option<NoticeRow>> {
        sqlx::query_as("SELECT * FROM notices WHERE event_key = $1")
            .bind(event_key)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// One delivery.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delivery(&self, id: &str) -> Result<Option<DeliveryRow>> {
        sqlx::query_as("SELECT * FROM deliveries WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// The deliveries of an event, in the order they were made.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deliveries_of(&self, event_key: &str) -> Result<Vec<DeliveryRow>> {
        sqlx::query_as("SELECT * FROM deliveries WHERE event_key = $1 ORDER BY created_at, id")
            .bind(event_key)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// The newest deliveries, newest first: of one owner or of all, of one status or of all.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deliveries(
        &self,
        owner_id: Option<&str>,
        status: Option<DeliveryStatus>,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>> {
        sqlx::query_as(
            "SELECT d.* FROM deliveries d JOIN notices n ON n.event_key = d.event_key
             WHERE ($1 = '' OR n.owner_id = $1) AND ($2 = '' OR d.status = $2)
             ORDER BY d.created_at DESC, d.id DESC LIMIT $3",
        )
        .bind(owner_id.unwrap_or_default())
        .bind(status.map(DeliveryStatus::as_str).unwrap_or_default())
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Claims up to `limit` deliveries that are due, or whose holder fell silent. However many claim
    /// at once, nobody else gets the same one while the lease lasts.
    ///
    /// # Errors
    /// The database fails.
    pub async fn claim_deliveries(
        &self,
        now: i64,
        lease_owner: &str,
        lease_ms: i64,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>> {
        // Asking costs a read only: an idle server writes nothing.
        let any: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM deliveries
             WHERE (status IN ('queued', 'failed') AND next_at <= $1)
                OR (status = 'sending' AND (lease_until < $1 OR lease_until > $2))
             LIMIT 1",
        )
        .bind(now)
        .bind(too_far(now, lease_ms))
        .fetch_optional(&self.reader)
        .await
        .explain()?;
        if any.is_none() {
            return Ok(Vec::new());
        }
        // The condition stands twice: see the claim of jobs.
        sqlx::query_as(
            "UPDATE deliveries SET status = 'sending', lease_owner = $2, lease_until = $3, attempts = attempts + 1
             WHERE id IN (SELECT id FROM deliveries
                          WHERE (status IN ('queued', 'failed') AND next_at <= $1)
                             OR (status = 'sending' AND (lease_until < $1 OR lease_until > $5))
                          ORDER BY next_at, id LIMIT $4)
               AND ((status IN ('queued', 'failed') AND next_at <= $1)
                 OR (status = 'sending' AND (lease_until < $1 OR lease_until > $5)))
             RETURNING *",
        )
        .bind(now)
        .bind(lease_owner)
        .bind(now.saturating_add(lease_ms))
        .bind(limit)
        .bind(too_far(now, lease_ms))
        .fetch_all(&self.writer)
        .await
        .explain()
    }

    /// A sign of life: the lease lasts until `lease_until`. Answers `false` when the delivery is no
    /// longer the caller's.
    ///
    /// # Errors
    /// The database fails.
    pub async fn heartbeat_delivery(&self, id: &str, lease_owner: &str, lease_until: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE deliveries SET lease_until = $1 WHERE id = $2 AND lease_owner = $3 AND status = 'sending'",
        )
        .bind(lease_until)
        .bind(id)
        .bind(lease_owner)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends an attempt. Answers `false`, and changes nothing, when the delivery is no longer the
    /// caller's.
    ///
    /// # Errors
    /// The database fails.
    pub async fn end_attempt(&self, id: &str, lease_owner: &str, attempt: &Attempt, now: i64) -> Result<bool> {
        let (status, error, receipt, sent_at, next_at) = match attempt {
            Attempt::Sent { receipt } => (DeliveryStatus::Sent, None, Some(receipt.as_str()), Some(now), None),
            Attempt::Failed { error, next_at } => {
                (DeliveryStatus::Failed, Some(error.as_str()), None, None, Some(*next_at))
            }
            Attempt::Dead { error } => (DeliveryStatus::Dead, Some(error.as_str()), None, None, None),
        };
        let done = sqlx::query(
            "UPDATE deliveries SET status = $1, last_error = $2, receipt = $3, sent_at = $4, next_at = $5,
                                   lease_owner = NULL, lease_until = NULL
             WHERE id = $6 AND lease_owner = $7 AND status = 'sending'",
        )
        .bind(status.as_str())
        .bind(error)
        .bind(receipt)
        .bind(sent_at)
        .bind(next_at)
        .bind(id)
        .bind(lease_owner)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts a delivery that failed back to the beginning. Answers `false` when there is none, or it
    /// was sent or is being sent.
    ///
    /// # Errors
    /// The database fails.
    pub async fn resend_delivery(&self, id: &str, now: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE deliveries SET status = 'queued', attempts = 0, next_at = $1 WHERE id = $2
               AND status IN ('failed', 'dead')",
        )
        .bind(now)
        .bind(id)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }
}
