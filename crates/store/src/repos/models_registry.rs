//! What was learned from data: models and their versions. What detectors found is in
//! [`super::anomalies`]; the semantic models of datasets are in [`super::models`].

use crate::Store;
use crate::error::Explain;
use crate::repos::grants::{self, ThingKind};
use crate::repos::users::found;
use crate::word::Flag;
use domain::Result;

/// A model.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct LearnedRow {
    pub id: String,
    pub name: String,
    pub description: String,
    pub owner_id: String,
    pub model_type: String,
    /// `domain::registry::ModelDef`.
    pub def_json: String,
    pub dataset_id: Option<String>,
    pub metric_id: Option<String>,
    pub status: String,
    /// The job that trains it.
    pub job_id: Option<String>,
    /// Why the last training came to nothing.
    pub error: Option<String>,
    pub active_version: Option<i64>,
    pub trial_version: Option<i64>,
    /// In percent.
    pub trial_share: i64,
    #[sqlx(try_from = "Flag")]
    pub is_public: bool,
    pub last_prediction_at: Option<i64>,
    pub prediction_count: i64,
    /// What of its data it has looked at.
    pub seen_json: String,
    pub retrain_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// One version of a model.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct LearnedVersionRow {
    pub model_id: String,
    pub version: i64,
    pub def_json: String,
    /// `domain::registry::TrainingData`.
    pub training_json: String,
    /// `domain::registry::TrainingReport`.
    pub report_json: String,
    pub threshold: Option<f64>,
    pub sha256: String,
    pub bytes: i64,
    #[sqlx(try_from = "Flag")]
    pub is_sealed: bool,
    pub trained_by: String,
    pub trained_at: i64,
    pub last_prediction_at: Option<i64>,
    pub prediction_count: i64,
}

impl Store {
    /// Adds a model without a version.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_learned(&self, model: &LearnedRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO ml_models (id, name, description, owner_id, model_type, def_json, dataset_id, metric_id,
                                    status, job_id, error, active_version, trial_version, trial_share, is_public,
                                    last_prediction_at, prediction_count, seen_json, retrain_at, created_at,
                                    updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        )
        .bind(&model.id)
        .bind(&model.name)
        .bind(&model.description)
        .bind(&model.owner_id)
        .bind(&model.model_type)
        .bind(&model.def_json)
        .bind(&model.dataset_id)
        .bind(&model.metric_id)
        .bind(&model.status)
        .bind(&model.job_id)
        .bind(&model.error)
        .bind(model.active_version)
        .bind(model.trial_version)
        .bind(model.trial_share)
        .bind(i64::from(model.is_public))
        .bind(model.last_prediction_at)
        .bind(model.prediction_count)
        .bind(&model.seen_json)
        .bind(model.retrain_at)
        .bind(model.created_at)
        .bind(model.updated_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The model of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn learned(&self, id: &str) -> Result<Option<LearnedRow>> {
        sqlx::query_as("SELECT * FROM ml_models WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// All of them, latest change first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn all_learned(&self) -> Result<Vec<LearnedRow>> {
        sqlx::query_as("SELECT * FROM ml_models ORDER BY updated_at DESC, id").fetch_all(&self.reader).await.explain()
    }

    /// Those that read a dataset or a metric.
    ///
    /// # Errors
    /// The database fails.
    pub async fn learned_from(&self, dataset_or_metric: &str) -> Result<Vec<LearnedRow>> {
        sqlx::query_as("SELECT * FROM ml_models WHERE dataset_id = $1 OR metric_id = $1 ORDER BY id")
            .bind(dataset_or_metric)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Those whose next training is due.
    ///
    /// # Errors
    /// The database fails.
    pub async fn learned_due(&self, now: i64) -> Result<Vec<LearnedRow>> {
        sqlx::query_as("SELECT * FROM ml_models WHERE retrain_at <= $1 AND status <> 'deprecated' ORDER BY retrain_at")
            .bind(now)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Changes what people say of a model: name, description, definition, who sees it, when it learns.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn update_learned(&self, model: &LearnedRow) -> Result<()> {
        let done = sqlx::query(
            "UPDATE ml_models SET name = $1, description = $2, def_json = $3, is_public = $4, status = $5,
                                  retrain_at = $6, updated_at = $7 WHERE id = $8",
        )
        .bind(&model.name)
        .bind(&model.description)
        .bind(&model.def_json)
        .bind(i64::from(model.is_public))
        .bind(&model.status)
        .bind(model.retrain_at)
        .bind(model.updated_at)
        .bind(&model.id)
        .execute(&self.writer)
        .await
        .explain()?;
        found(done.rows_affected(), "model")
    }

    /// Says that a job trains a model, unless another does. Answers whether it may.
    ///
    /// # Errors
    /// The database fails.
    pub async fn begin_training(&self, id: &str, job_id: &str, now: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE ml_models SET job_id = $1, error = NULL, updated_at = $2
             WHERE id = $3 AND (job_id IS NULL OR job_id NOT IN
                 (SELECT id FROM jobs WHERE status IN ('queued', 'running')))",
        )
        .bind(job_id)
        .bind(now)
        .bind(id)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() > 0)
    }

    /// Says how a training that made no version ended.
    ///
    /// # Errors
    /// The database fails.
    pub async fn end_training(&self, id: &str, error: Option<&str>, retrain_at: Option<i64>, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE ml_models SET job_id = NULL, error = $1, retrain_at = $2, updated_at = $3,
                                  status = CASE WHEN active_version IS NULL THEN 'training' ELSE status END
             WHERE id = $4",
        )
        .bind(error)
        .bind(retrain_at)
        .bind(now)
        .bind(id)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The number that the next version of a model will have.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_learned_version(&self, id: &str) -> Result<i64> {
        let last: Option<i64> = sqlx::query_scalar("SELECT MAX(version) FROM ml_versions WHERE model_id = $1")
            .bind(id)
            .fetch_one(&self.writer)
            .await
            .explain()?;
        Ok(last.unwrap_or_default() + 1)
    }

    /// Adds a version; with `activate`, it is the one that answers from now on.
    ///
    /// # Errors
    /// The model is gone, or the number is taken.
    pub async fn add_learned_version(
        &self,
        new: &LearnedVersionRow,
        activate: bool,
        retrain_at: Option<i64>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO ml_versions (model_id, version, def_json, training_json, report_json, threshold, sha256, bytes,
                                      is_sealed, trained_by, trained_at, last_prediction_at, prediction_count)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(&new.model_id)
        .bind(new.version)
        .bind(&new.def_json)
        .bind(&new.training_json)
        .bind(&new.report_json)
        .bind(new.threshold)
        .bind(&new.sha256)
        .bind(new.bytes)
        .bind(i64::from(new.is_sealed))
        .bind(&new.trained_by)
        .bind(new.trained_at)
        .bind(new.last_prediction_at)
        .bind(new.prediction_count)
        .execute(&mut *tx)
        .await
        .or_taken(|| "Another training of this model ended at the same time.".to_owned())?;
        sqlx::query("UPDATE ml_models SET job_id = NULL, error = NULL, retrain_at = $1, updated_at = $2 WHERE id = $3")
            .bind(retrain_at)
            .bind(new.trained_at)
            .bind(&new.model_id)
            .execute(&mut *tx)
            .await
            .explain()?;
        if activate {
            sqlx::query(
                "UPDATE ml_models SET active_version = $1, status = 'active',
                                      trial_share = CASE WHEN trial_version = $1 THEN 0 ELSE trial_share END,
                                      trial_version = CASE WHEN trial_version = $1 THEN NULL ELSE trial_version END
                 WHERE id = $2",
            )
            .bind(new.version)
            .bind(&new.model_id)
            .execute(&mut *tx)
            .await
            .explain()?;
        }
        tx.commit().await.explain()
    }

    /// The versions of a model, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn learned_versions(&self, id: &str) -> Result<Vec<LearnedVersionRow>> {
        sqlx::query_as("SELECT * FROM ml_versions WHERE model_id = $1 ORDER BY version DESC")
            .bind(id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// One version.
    ///
    /// # Errors
    /// The database fails.
    pub async fn learned_version(&self, id: &str, version: i64) -> Result<Option<LearnedVersionRow>> {
        sqlx::query_as("SELECT * FROM ml_versions WHERE model_id = $1 AND version = $2")
            .bind(id)
            .bind(version)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// Lets a version answer; it is on trial no longer.
    ///
    /// # Errors
    /// There is no such version.
    pub async fn activate_learned(&self, id: &str, version: i64, now: i64) -> Result<()> {
        let done = sqlx::query(
            "UPDATE ml_models SET active_version = $1, status = 'active', updated_at = $2,
                                  trial_share = CASE WHEN trial_version = $1 THEN 0 ELSE trial_share END,
                                  trial_version = CASE WHEN trial_version = $1 THEN NULL ELSE trial_version END
             WHERE id = $3 AND EXISTS (SELECT 1 FROM ml_versions WHERE model_id = $3 AND version = $1)",
        )
        .bind(version)
        .bind(now)
        .bind(id)
        .execute(&self.writer)
        .await
        .explain()?;
        found(done.rows_affected(), "version")
    }

    /// Lets a version answer a share of the questions; without a version, none does.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn try_learned(&self, id: &str, trial: Option<(i64, i64)>, now: i64) -> Result<()> {
        let done =
            sqlx::query("UPDATE ml_models SET trial_version = $1, trial_share = $2, updated_at = $3 WHERE id = $4")
                .bind(trial.map(|(version, _)| version))
                .bind(trial.map_or(0, |(_, share)| share))
                .bind(now)
                .bind(id)
                .execute(&self.writer)
                .await
                .explain()?;
        found(done.rows_affected(), "model")
    }

    /// Moves the threshold of a version.
    ///
    /// # Errors
    /// There is no such version.
    pub async fn move_threshold(&self, id: &str, version: i64, threshold: f64) -> Result<()> {
        let done = sqlx::query("UPDATE ml_versions SET threshold = $1 WHERE model_id = $2 AND version = $3")
            .bind(threshold)
            .bind(id)
            .bind(version)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "version")
    }

    /// Keeps what of its data a model has looked at.
    ///
    /// # Errors
    /// The database fails.
    pub async fn save_seen(&self, id: &str, seen_json: &str) -> Result<()> {
        sqlx::query("UPDATE ml_models SET seen_json = $1 WHERE id = $2")
            .bind(seen_json)
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Counts predictions of a version.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_predictions(&self, id: &str, version: i64, count: i64, now: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE ml_models SET prediction_count = prediction_count + $1, last_prediction_at = $2 WHERE id = $3",
        )
        .bind(count)
        .bind(now)
        .bind(id)
        .execute(&mut *tx)
        .await
        .explain()?;
        sqlx::query(
            "UPDATE ml_versions SET prediction_count = prediction_count + $1, last_prediction_at = $2
             WHERE model_id = $3 AND version = $4",
        )
        .bind(count)
        .bind(now)
        .bind(id)
        .bind(version)
        .execute(&mut *tx)
        .await
        .explain()?;
        tx.commit().await.explain()
    }

    /// Deletes a model with its versions, what it found, and what was granted on it.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn delete_learned(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM ml_models WHERE id = $1").bind(id).execute(&mut *tx).await.explain()?;
        found(done.rows_affected(), "model")?;
        grants::forget(&mut tx, ThingKind::Model, id).await?;
        tx.commit().await.explain()
    }
}
