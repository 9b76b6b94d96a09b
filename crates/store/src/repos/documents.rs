//! The documents of dashboards: an append-only log of operations, and checkpoints that make
//! loading quick. The log is the truth; nothing is ever taken out of it.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use domain::{Error, Result};

/// How many of the newest checkpoints of a document are kept.
const CHECKPOINTS: i64 = 2;
/// One checkpoint in so many operations is kept for good, so that any moment is a short way from one.
pub const MILESTONE: i64 = 1_000;

/// An operation of the log.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct OperationRow {
    /// Counts per dashboard from 1, without gaps.
    pub seq: i64,
    /// Chosen by the browser; unique per dashboard.
    pub id: String,
    pub user_id: String,
    pub created_at: i64,
    /// yrs update, encoding v1.
    pub update_bytes: Vec<u8>,
    /// `domain::document::Edit`.
    pub edit_json: String,
    /// `edit`, `undo` or `redo`.
    pub intent: String,
    /// `done` or `undone`.
    pub state: String,
}

/// An operation on its way to the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewOperation {
    pub id: String,
    pub user_id: String,
    pub created_at: i64,
    pub update_bytes: Vec<u8>,
    pub edit_json: String,
    pub intent: String,
    /// What an undo or redo does to the operation it is about, in the same transaction.
    pub marks: Option<Mark>,
}

/// An operation of the log becomes undone, or done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub seq: i64,
    pub undone: bool,
}

/// What the row of the dashboard repeats from the document as it is after the operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MirroredMeta {
    pub name: String,
    pub description: String,
    pub theme: String,
    pub sketch_json: String,
    pub updated_at: i64,
}

fn state(undone: bool) -> &'static str {
    if undone { "undone" } else { "done" }
}

impl Store {
    /// Appends an operation and answers its number, once it is durable. One that is in the log
    /// already changes nothing and answers the number that it has.
    ///
    /// # Errors
    /// There is no such dashboard.
    pub async fn append_operation(
        &self,
        dashboard_id: &str,
        operation: &NewOperation,
        mirrored: &MirroredMeta,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        // The update goes first: it locks the row on databases that have several writers, and so
        // puts the operations of one dashboard in order.
        let seq: i64 = sqlx::query_scalar(
            "UPDATE dashboards SET version = version + 1, name = $1, description = $2, theme = $3, sketch_json = $4,
                                   updated_at = $5
             WHERE id = $6 RETURNING version",
        )
        .bind(&mirrored.name)
        .bind(&mirrored.description)
        .bind(&mirrored.theme)
        .bind(&mirrored.sketch_json)
        .bind(mirrored.updated_at)
        .bind(dashboard_id)
        .fetch_optional(&mut *tx)
        .await
        .explain()?
        .ok_or_else(|| Error::not_found("dashboard"))?;
        let known: Option<i64> = sqlx::query_scalar("SELECT seq FROM operations WHERE dashboard_id = $1 AND id = $2")
            .bind(dashboard_id)
            .bind(&operation.id)
            .fetch_optional(&mut *tx)
            .await
            .explain()?;
        if let Some(known) = known {
            tx.rollback().await.explain()?;
            return Ok(known);
        }
        sqlx::query(
            "INSERT INTO operations (dashboard_id, seq, id, user_id, created_at, update_bytes, edit_json, intent, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(dashboard_id)
        .bind(seq)
        .bind(&operation.id)
        .bind(&operation.user_id)
        .bind(operation.created_at)
        .bind(&operation.update_bytes)
        .bind(&operation.edit_json)
        .bind(&operation.intent)
        .bind(state(false))
        .execute(&mut *tx)
        .await
        .explain()?;
        if let Some(mark) = operation.marks {
            sqlx::query(MARK)
                .bind(state(mark.undone))
                .bind(dashboard_id)
                .bind(mark.seq)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        tx.commit().await.explain()?;
        Ok(seq)
    }

    /// The number of an operation that is in the log already.
    ///
    /// # Errors
    /// The database fails.
    pub async fn operation_seq(&self, dashboard_id: &str, op_id: &str) -> Result<Option<i64>> {
        sqlx::query_scalar("SELECT seq FROM operations WHERE dashboard_id = $1 AND id = $2")
            .bind(dashboard_id)
            .bind(op_id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// The operations after `seq`, in order; 0 for the whole log.
    ///
    /// # Errors
    /// The database fails.
    pub async fn operations_after(&self, dashboard_id: &str, seq: i64) -> Result<Vec<OperationRow>> {
        sqlx::query_as("SELECT * FROM operations WHERE dashboard_id = $1 AND seq > $2 ORDER BY seq")
            .bind(dashboard_id)
            .bind(seq)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// A page of the history: the operations before `seq` (from the end for `None`), newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn operations_before(
        &self,
        dashboard_id: &str,
        seq: Option<i64>,
        limit: i64,
    ) -> Result<Vec<OperationRow>> {
        sqlx::query_as("SELECT * FROM operations WHERE dashboard_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3")
            .bind(dashboard_id)
            .bind(seq.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// What one user did to a dashboard, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn operations_of_user(&self, dashboard_id: &str, user_id: &str, limit: i64) -> Result<Vec<OperationRow>> {
        sqlx::query_as("SELECT * FROM operations WHERE dashboard_id = $1 AND user_id = $2 ORDER BY seq DESC LIMIT $3")
            .bind(dashboard_id)
            .bind(user_id)
            .bind(limit)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Marks an operation as undone, or as done again. Together with the operation that undoes it:
    /// [`NewOperation::marks`].
    ///
    /// # Errors
    /// There is no such operation.
    pub async fn mark_operation(&self, dashboard_id: &str, seq: i64, undone: bool) -> Result<()> {
        let done =
            sqlx::query(MARK).bind(state(undone)).bind(dashboard_id).bind(seq).execute(&self.writer).await.explain()?;
        found(done.rows_affected(), "operation")
    }

    /// Keeps the state of a document as it is after operation `seq`, and forgets states that newer
    /// ones made useless. The log stays whole.
    ///
    /// # Errors
    /// There is no such dashboard.
    pub async fn save_checkpoint(&self, dashboard_id: &str, seq: i64, state: &[u8]) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO checkpoints (dashboard_id, seq, state_bytes) VALUES ($1, $2, $3)
             ON CONFLICT (dashboard_id, seq) DO UPDATE SET state_bytes = excluded.state_bytes",
        )
        .bind(dashboard_id)
        .bind(seq)
        .bind(state)
        .execute(&mut *tx)
        .await
        .explain()?;
        sqlx::query(
            "DELETE FROM checkpoints WHERE dashboard_id = $1 AND seq % $3 <> 0 AND seq NOT IN
               (SELECT seq FROM checkpoints WHERE dashboard_id = $1 ORDER BY seq DESC LIMIT $2)",
        )
        .bind(dashboard_id)
        .bind(CHECKPOINTS)
        .bind(MILESTONE)
        .execute(&mut *tx)
        .await
        .explain()?;
        tx.commit().await.explain()
    }

    /// Keeps a state that the log was read up to, beside those there are.
    ///
    /// # Errors
    /// There is no such dashboard.
    pub async fn keep_milestone(&self, dashboard_id: &str, seq: i64, state: &[u8]) -> Result<()> {
        sqlx::query(
            "INSERT INTO checkpoints (dashboard_id, seq, state_bytes) VALUES ($1, $2, $3)
             ON CONFLICT (dashboard_id, seq) DO NOTHING",
        )
        .bind(dashboard_id)
        .bind(seq)
        .bind(state)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The last checkpoint that is not after `seq`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn checkpoint_before(&self, dashboard_id: &str, seq: i64) -> Result<Option<(i64, Vec<u8>)>> {
        sqlx::query_as(
            "SELECT seq, state_bytes FROM checkpoints WHERE dashboard_id = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1",
        )
        .bind(dashboard_id)
        .bind(seq)
        .fetch_optional(&self.reader)
        .await
        .explain()
    }

    /// The updates of a stretch of the log, in order: after `from`, up to and with `to`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn updates_between(&self, dashboard_id: &str, from: i64, to: i64) -> Result<Vec<Vec<u8>>> {
        sqlx::query_scalar(
            "SELECT update_bytes FROM operations WHERE dashboard_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq",
        )
        .bind(dashboard_id)
        .bind(from)
        .bind(to)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// One operation.
    ///
    /// # Errors
    /// The database fails.
    pub async fn operation(&self, dashboard_id: &str, seq: i64) -> Result<Option<OperationRow>> {
        sqlx::query_as("SELECT * FROM operations WHERE dashboard_id = $1 AND seq = $2")
            .bind(dashboard_id)
            .bind(seq)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// A page of what one person did: before `seq` (from the end for `None`), newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn operations_before_of(
        &self,
        dashboard_id: &str,
        user_id: &str,
        seq: Option<i64>,
        limit: i64,
    ) -> Result<Vec<OperationRow>> {
        sqlx::query_as(
            "SELECT * FROM operations WHERE dashboard_id = $1 AND user_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4",
        )
        .bind(dashboard_id)
        .bind(user_id)
        .bind(seq.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Ids of everybody who ever changed a dashboard.
    ///
    /// # Errors
    /// The database fails.
    pub async fn authors(&self, dashboard_id: &str) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT DISTINCT user_id FROM operations WHERE dashboard_id = $1 ORDER BY user_id")
            .bind(dashboard_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// The newest checkpoint: after which operation, and the state.
    ///
    /// # Errors
    /// The database fails.
    pub async fn latest_checkpoint(&self, dashboard_id: &str) -> Result<Option<(i64, Vec<u8>)>> {
        sqlx::query_as("SELECT seq, state_bytes FROM checkpoints WHERE dashboard_id = $1 ORDER BY seq DESC LIMIT 1")
            .bind(dashboard_id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }
}

const MARK: &str = "UPDATE operations SET state = $1 WHERE dashboard_id = $2 AND seq = $3";
