//! What detectors found, and what people said about it.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use crate::word::Flag;
use domain::Result;

/// A row that was unusual.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct AnomalyRow {
    pub id: String,
    pub model_id: String,
    pub version: i64,
    /// Made of the values of its row.
    pub row_key: String,
    /// What was found close together has the same.
    pub burst: String,
    /// The moment that the row is of.
    pub at: Option<String>,
    pub score: f64,
    /// `domain::registry::Found`.
    pub body: String,
    #[sqlx(try_from = "Flag")]
    pub is_sealed: bool,
    pub status: String,
    pub status_by: Option<String>,
    pub status_at: Option<i64>,
    pub data_version: i64,
    pub detected_at: i64,
}

impl Store {
    /// Keeps what was found and is not known yet; answers the ids of those.
    ///
    /// # Errors
    /// The database fails.
    pub async fn add_anomalies(&self, rows: &[AnomalyRow]) -> Result<Vec<String>> {
        let mut tx = self.begin().await?;
        let mut fresh = Vec::new();
        for row in rows {
            let done = sqlx::query(
                "INSERT INTO ml_anomalies (id, model_id, version, row_key, burst, at, score, body, is_sealed, status,
                                           status_by, status_at, data_version, detected_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                 ON CONFLICT (model_id, row_key) DO NOTHING",
            )
            .bind(&row.id)
            .bind(&row.model_id)
            .bind(row.version)
            .bind(&row.row_key)
            .bind(&row.burst)
            .bind(&row.at)
            .bind(row.score)
            .bind(&row.body)
            .bind(i64::from(row.is_sealed))
            .bind(&row.status)
            .bind(&row.status_by)
            .bind(row.status_at)
            .bind(row.data_version)
            .bind(row.detected_at)
            .execute(&mut *tx)
            .await
            .explain()?;
            if done.rows_affected() > 0 {
                fresh.push(row.id.clone());
            }
        }
        tx.commit().await.explain()?;
        Ok(fresh)
    }

    /// What a detector found, newest first; with a status, only those.
    ///
    /// # Errors
    /// The database fails.
    pub async fn anomalies(&self, model_id: &str, status: Option<&str>, limit: i64) -> Result<Vec<AnomalyRow>> {
        sqlx::query_as(
            "SELECT * FROM ml_anomalies WHERE model_id = $1 AND ($2 = '' OR status = $2)
             ORDER BY detected_at DESC, score DESC, id LIMIT $3",
        )
        .bind(model_id)
        .bind(status.unwrap_or_default())
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// One of them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn anomaly(&self, model_id: &str, id: &str) -> Result<Option<AnomalyRow>> {
        sqlx::query_as("SELECT * FROM ml_anomalies WHERE model_id = $1 AND id = $2")
            .bind(model_id)
            .bind(id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// Says what somebody thinks of one.
    ///
    /// # Errors
    /// There is none.
    pub async fn judge_anomaly(&self, model_id: &str, id: &str, status: &str, by: &str, now: i64) -> Result<()> {
        let done = sqlx::query(
            "UPDATE ml_anomalies SET status = $1, status_by = $2, status_at = $3 WHERE model_id = $4 AND id = $5",
        )
        .bind(status)
        .bind(by)
        .bind(now)
        .bind(model_id)
        .bind(id)
        .execute(&self.writer)
        .await
        .explain()?;
        found(done.rows_affected(), "anomaly")
    }

    /// Forgets what another version found that nobody has judged.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_anomalies(&self, model_id: &str) -> Result<()> {
        sqlx::query("DELETE FROM ml_anomalies WHERE model_id = $1 AND status = 'new'")
            .bind(model_id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }
}
