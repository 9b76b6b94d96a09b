//! The semantic models of datasets, with every version there was.

use crate::Store;
use crate::error::Explain;
use domain::{Error, ErrorCode, Result};

/// One version of the model of a dataset.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ModelRow {
    pub dataset_id: String,
    /// From 1.
    pub version: i64,
    /// `domain::model::SemanticModel`.
    pub model_json: String,
    /// Id of a user.
    pub saved_by: String,
    pub saved_at: i64,
}

impl Store {
    /// The model that holds, if the dataset has one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn model(&self, dataset_id: &str) -> Result<Option<ModelRow>> {
        sqlx::query_as("SELECT * FROM dataset_models WHERE dataset_id = $1 ORDER BY version DESC LIMIT 1")
            .bind(dataset_id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// The models that hold, of all datasets.
    ///
    /// # Errors
    /// The database fails.
    pub async fn models(&self) -> Result<Vec<ModelRow>> {
        sqlx::query_as(
            "SELECT m.* FROM dataset_models m
             JOIN (SELECT dataset_id, max(version) AS version FROM dataset_models GROUP BY dataset_id) last
               ON last.dataset_id = m.dataset_id AND last.version = m.version
             ORDER BY m.dataset_id",
        )
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// The newest `limit` versions of a model before version `before`, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn model_versions(&self, dataset_id: &str, before: i64, limit: i64) -> Result<Vec<ModelRow>> {
        sqlx::query_as(
            "SELECT * FROM dataset_models WHERE dataset_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3",
        )
        .bind(dataset_id)
        .bind(before)
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Adds a version; it must follow the one that holds.
    ///
    /// # Errors
    /// `PreconditionFailed`: somebody else saved meanwhile.
    pub async fn add_model(&self, model: &ModelRow) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO dataset_models (dataset_id, version, model_json, saved_by, saved_at)
             SELECT $1, $2, $3, $4, $5
             WHERE $2 = 1 + (SELECT coalesce(max(version), 0) FROM dataset_models WHERE dataset_id = $1)",
        )
        .bind(&model.dataset_id)
        .bind(model.version)
        .bind(&model.model_json)
        .bind(&model.saved_by)
        .bind(model.saved_at)
        .execute(&self.writer)
        .await
        .explain()?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        Err(Error::new(ErrorCode::PreconditionFailed, "Somebody else changed this model meanwhile.")
            .hint("Load it again, and make your changes to what is there now."))
    }
}
