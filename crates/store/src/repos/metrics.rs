//! Metrics: their definitions and last readings. Their past is in [`super::history`].

use crate::Store;
use crate::error::Explain;
use crate::repos::grants::{self, ThingKind};
use crate::repos::users::found;
use crate::word::Flag;
use domain::Result;

/// A metric.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct MetricRow {
    /// Chosen by its maker.
    pub id: String,
    pub name: String,
    pub owner_id: String,
    /// `domain::metric::MetricDef`.
    pub def_json: String,
    #[sqlx(try_from = "Flag")]
    pub is_public: bool,
    pub created_at: i64,
    pub updated_at: i64,
    /// The last `domain::metric::Reading`; `None` before the first refresh.
    pub last_json: Option<String>,
    pub last_at: Option<i64>,
    /// The last `domain::metric::Breakdown`; `None` without one.
    pub members_json: Option<String>,
}

impl Store {
    /// Adds a metric.
    ///
    /// # Errors
    /// `NameTaken`: the id.
    pub async fn insert_metric(&self, metric: &MetricRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO metrics (id, name, owner_id, def_json, is_public, created_at, updated_at, last_json, last_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&metric.id)
        .bind(&metric.name)
        .bind(&metric.owner_id)
        .bind(&metric.def_json)
        .bind(i64::from(metric.is_public))
        .bind(metric.created_at)
        .bind(metric.updated_at)
        .bind(&metric.last_json)
        .bind(metric.last_at)
        .execute(&self.writer)
        .await
        .or_taken(|| format!("There is already a metric with the id {}.", metric.id))?;
        Ok(())
    }

    /// The metric of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn metric(&self, id: &str) -> Result<Option<MetricRow>> {
        sqlx::query_as("SELECT * FROM metrics WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// All of them by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn metrics(&self) -> Result<Vec<MetricRow>> {
        sqlx::query_as("SELECT * FROM metrics ORDER BY name, id").fetch_all(&self.reader).await.explain()
    }

    /// Changes a metric's definition.
    ///
    /// # Errors
    /// There is no such metric.
    pub async fn update_metric(
        &self,
        id: &str,
        name: &str,
        def_json: &str,
        is_public: bool,
        updated_at: i64,
    ) -> Result<()> {
        let done =
            sqlx::query("UPDATE metrics SET name = $1, def_json = $2, is_public = $3, updated_at = $4 WHERE id = $5")
                .bind(name)
                .bind(def_json)
                .bind(i64::from(is_public))
                .bind(updated_at)
                .bind(id)
                .execute(&self.writer)
                .await
                .explain()?;
        found(done.rows_affected(), "metric")
    }

    /// Deletes a metric with its history and what was granted on it.
    ///
    /// # Errors
    /// There is no such metric.
    pub async fn delete_metric(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM metrics WHERE id = $1").bind(id).execute(&mut *tx).await.explain()?;
        found(done.rows_affected(), "metric")?;
        grants::forget(&mut tx, ThingKind::Metric, id).await?;
        tx.commit().await.explain()
    }
}
