//! Inboxes, and how people want to be told.

use crate::Store;
use crate::error::Explain;
use domain::Result;

/// A notice in somebody's inbox.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct NotificationRow {
    pub id: String,
    pub user_id: String,
    pub event_key: String,
    pub kind: String,
    pub subject: String,
    pub body: String,
    pub link: String,
    pub created_at: i64,
    pub read_at: Option<i64>,
}

/// Adds a notice to an inbox unless one of the same event is there. Answers whether it did.
pub(crate) async fn insert(tx: &mut sqlx::Transaction<'static, sqlx::Any>, row: &NotificationRow) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO notifications (id, user_id, event_key, kind, subject, body, link, created_at, read_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (user_id, event_key) DO NOTHING",
    )
    .bind(&row.id)
    .bind(&row.user_id)
    .bind(&row.event_key)
    .bind(&row.kind)
    .bind(&row.subject)
    .bind(&row.body)
    .bind(&row.link)
    .bind(row.created_at)
    .bind(row.read_at)
    .execute(&mut **tx)
    .await
    .explain()?;
    Ok(done.rows_affected() == 1)
}

impl Store {
    /// Adds a notice to an inbox unless one of the same event is there. Answers whether it did.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn insert_notification(&self, row: &NotificationRow) -> Result<bool> {
        let mut tx = self.begin().await?;
        let is_new = insert(&mut tx, row).await?;
        tx.commit().await.explain()?;
        Ok(is_new)
    }

    /// The newest notices of a user, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn notifications_of(&self, user_id: &str, limit: i64) -> Result<Vec<NotificationRow>> {
        sqlx::query_as("SELECT * FROM notifications WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2")
            .bind(user_id)
            .bind(limit)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// How many notices a user has not read.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_unread(&self, user_id: &str) -> Result<i64> {
        sqlx::query_scalar("SELECT count(*) FROM notifications WHERE user_id = $1 AND read_at IS NULL")
            .bind(user_id)
            .fetch_one(&self.reader)
            .await
            .explain()
    }

    /// Marks a notice of a user as read; one that was read stays so. Answers whether there is one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn read_notification(&self, user_id: &str, id: &str, now: i64) -> Result<bool> {
        let done =
            sqlx::query("UPDATE notifications SET read_at = COALESCE(read_at, $1) WHERE id = $2 AND user_id = $3")
                .bind(now)
                .bind(id)
                .bind(user_id)
                .execute(&self.writer)
                .await
                .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// Marks all notices of a user as read. Answers how many were not.
    ///
    /// # Errors
    /// The database fails.
    pub async fn read_notifications(&self, user_id: &str, now: i64) -> Result<u64> {
        let done = sqlx::query("UPDATE notifications SET read_at = $1 WHERE user_id = $2 AND read_at IS NULL")
            .bind(now)
            .bind(user_id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(done.rows_affected())
    }

    /// Forgets what was told before `before`: notices that are under way stay, inboxes keep what is
    /// unread. Answers how many rows went.
    ///
    /// # Errors
    /// The database fails.
    pub async fn prune_notices(&self, before: i64) -> Result<u64> {
        let inbox = sqlx::query("DELETE FROM notifications WHERE created_at < $1 AND read_at IS NOT NULL").bind(before);
        let notices = sqlx::query(
            "DELETE FROM notices WHERE created_at < $1
               AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_key = notices.event_key
                               AND d.status IN ('queued', 'sending', 'failed'))",
        )
        .bind(before);
        Ok(self.deleted(inbox).await? + self.deleted(notices).await?)
    }

    /// Where mails for a user go.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mail_address(&self, user_id: &str) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT address FROM mail_addresses WHERE user_id = $1")
            .bind(user_id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// Which kinds of mail a recipient does not want.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mail_mutes(&self, recipient: &str) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT kind FROM mail_mutes WHERE recipient = $1 ORDER BY kind")
            .bind(recipient)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Sends a recipient no more mails of a kind.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mute_mail(&self, recipient: &str, kind: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO mail_mutes (recipient, kind) VALUES ($1, $2) ON CONFLICT (recipient, kind) DO NOTHING",
        )
        .bind(recipient)
        .bind(kind)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Keeps how a user wants to be told. `recipient` is the user's word among the mutes.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_mail(
        &self,
        user_id: &str,
        recipient: &str,
        address: Option<&str>,
        muted: &[String],
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM mail_addresses WHERE user_id = $1").bind(user_id).execute(&mut *tx).await.explain()?;
        sqlx::query("DELETE FROM mail_mutes WHERE recipient = $1").bind(recipient).execute(&mut *tx).await.explain()?;
        if let Some(address) = address {
            sqlx::query("INSERT INTO mail_addresses (user_id, address) VALUES ($1, $2)")
                .bind(user_id)
                .bind(address)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        for kind in muted {
            sqlx::query("INSERT INTO mail_mutes (recipient, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(recipient)
                .bind(kind)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        tx.commit().await.explain()
    }
}
