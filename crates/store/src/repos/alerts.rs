//! Alerts: what they watch and whom they tell. How they stand is in [`super::alert_states`].

use crate::Store;
use crate::error::Explain;
use crate::repos::grants::{self, ThingKind};
use crate::repos::users::found;
use crate::word::{Flag, Word};
use domain::Result;
use domain::alert::Status;

/// An alert.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct AlertRow {
    pub id: String,
    pub name: String,
    pub description: String,
    pub owner_id: String,
    /// `domain::alert::AlertDef`.
    pub def_json: String,
    #[sqlx(try_from = "Flag")]
    pub is_public: bool,
    #[sqlx(try_from = "Flag")]
    pub is_paused: bool,
    pub snoozed_until: Option<i64>,
    /// The metric that it watches.
    pub metric_id: Option<String>,
    /// The dataset that its question reads.
    pub dataset_id: Option<String>,
    #[sqlx(try_from = "Flag")]
    pub on_refresh: bool,
    #[sqlx(try_from = "Word")]
    pub status: Status,
    pub status_since: i64,
    /// Why it does not work.
    pub error: Option<String>,
    pub checked_at: Option<i64>,
    /// Counts what was written of its states.
    pub round: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

impl Store {
    /// Adds an alert.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_alert(&self, alert: &AlertRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO alerts (id, name, description, owner_id, def_json, is_public, is_paused, snoozed_until,
                                 metric_id, dataset_id, on_refresh, status, status_since, error, checked_at, round,
                                 created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        )
        .bind(&alert.id)
        .bind(&alert.name)
        .bind(&alert.description)
        .bind(&alert.owner_id)
        .bind(&alert.def_json)
        .bind(i64::from(alert.is_public))
        .bind(i64::from(alert.is_paused))
        .bind(alert.snoozed_until)
        .bind(&alert.metric_id)
        .bind(&alert.dataset_id)
        .bind(i64::from(alert.on_refresh))
        .bind(alert.status.as_str())
        .bind(alert.status_since)
        .bind(&alert.error)
        .bind(alert.checked_at)
        .bind(alert.round)
        .bind(alert.created_at)
        .bind(alert.updated_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The alert of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alert(&self, id: &str) -> Result<Option<AlertRow>> {
        sqlx::query_as("SELECT * FROM alerts WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// All of them by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alerts(&self) -> Result<Vec<AlertRow>> {
        sqlx::query_as("SELECT * FROM alerts ORDER BY name, id").fetch_all(&self.reader).await.explain()
    }

    /// Those that are to be checked whenever a metric is refreshed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alerts_on_metric(&self, metric_id: &str) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT id FROM alerts WHERE metric_id = $1 AND on_refresh = 1 AND is_paused = 0 ORDER BY id",
        )
        .bind(metric_id)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Those that are to be checked whenever rows of a dataset change.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alerts_on_dataset(&self, dataset_id: &str) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT id FROM alerts WHERE dataset_id = $1 AND on_refresh = 1 AND is_paused = 0 ORDER BY id",
        )
        .bind(dataset_id)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Changes what an alert is; how it stands, its owner and its birth stay.
    ///
    /// # Errors
    /// There is no such alert.
    pub async fn update_alert(&self, alert: &AlertRow) -> Result<()> {
        let done = sqlx::query(
            "UPDATE alerts SET name = $1, description = $2, def_json = $3, is_public = $4, is_paused = $5,
                               snoozed_until = $6, metric_id = $7, dataset_id = $8, on_refresh = $9, updated_at = $10
             WHERE id = $11",
        )
        .bind(&alert.name)
        .bind(&alert.description)
        .bind(&alert.def_json)
        .bind(i64::from(alert.is_public))
        .bind(i64::from(alert.is_paused))
        .bind(alert.snoozed_until)
        .bind(&alert.metric_id)
        .bind(&alert.dataset_id)
        .bind(i64::from(alert.on_refresh))
        .bind(alert.updated_at)
        .bind(&alert.id)
        .execute(&self.writer)
        .await
        .explain()?;
        found(done.rows_affected(), "alert")
    }

    /// Deletes an alert with its states, its events and what was granted on it.
    ///
    /// # Errors
    /// There is no such alert.
    pub async fn delete_alert(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM alerts WHERE id = $1").bind(id).execute(&mut *tx).await.explain()?;
        found(done.rows_affected(), "alert")?;
        grants::forget(&mut tx, ThingKind::Alert, id).await?;
        tx.commit().await.explain()
    }
}
