//! Forecasts, what they said, and scenarios.

use crate::Store;
use crate::error::Explain;
use crate::repos::grants::{self, ThingKind};
use crate::repos::users::found;
use crate::word::Flag;
use domain::Result;

/// Results of one forecast that are kept: for so many readers who see different rows, and versions of the data.
const KEPT_RESULTS: i64 = 40;
/// Former forecasts that are kept to be held against what came.
const KEPT_RUNS: i64 = 200;

/// A forecast.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ForecastRow {
    pub id: String,
    pub name: String,
    pub description: String,
    pub owner_id: String,
    /// `domain::forecast::ForecastDef`.
    pub def_json: String,
    /// Empty for a metric whose values are pushed.
    pub dataset_id: String,
    /// Wire name of the best model; empty before a back-test.
    pub champion: String,
    #[sqlx(try_from = "Flag")]
    pub is_public: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

/// What was forecast at a time.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ForecastRunRow {
    pub forecast_id: String,
    pub made_at: i64,
    pub until: String,
    pub model: String,
    pub note: String,
    pub points_json: String,
}

/// What would be if.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ScenarioRow {
    pub id: String,
    /// `dashboard` or `forecast`.
    pub subject_kind: String,
    pub subject_id: String,
    pub name: String,
    pub owner_id: String,
    /// `domain::forecast::Overlay`.
    pub overlay_json: String,
    pub updated_at: i64,
}

impl Store {
    /// Adds a forecast.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_forecast(&self, row: &ForecastRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO forecasts (id, name, description, owner_id, def_json, dataset_id, champion, is_public, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&row.id)
        .bind(&row.name)
        .bind(&row.description)
        .bind(&row.owner_id)
        .bind(&row.def_json)
        .bind(&row.dataset_id)
        .bind(&row.champion)
        .bind(i64::from(row.is_public))
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The forecast of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forecast(&self, id: &str) -> Result<Option<ForecastRow>> {
        sqlx::query_as("SELECT * FROM forecasts WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forecasts(&self) -> Result<Vec<ForecastRow>> {
        sqlx::query_as("SELECT * FROM forecasts ORDER BY name, id").fetch_all(&self.reader).await.explain()
    }

    /// Ids of those that read a dataset.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forecasts_of_dataset(&self, dataset_id: &str) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT id FROM forecasts WHERE dataset_id = $1 ORDER BY id")
            .bind(dataset_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Changes a forecast; its owner and its birth stay.
    ///
    /// # Errors
    /// There is no such forecast.
    pub async fn update_forecast(&self, row: &ForecastRow) -> Result<()> {
        let done = sqlx::query(
            "UPDATE forecasts SET name = $1, description = $2, def_json = $3, dataset_id = $4, champion = $5,
             is_public = $6, updated_at = $7 WHERE id = $8",
        )
        .bind(&row.name)
        .bind(&row.description)
        .bind(&row.def_json)
        .bind(&row.dataset_id)
        .bind(&row.champion)
        .bind(i64::from(row.is_public))
        .bind(row.updated_at)
        .bind(&row.id)
        .execute(&self.writer)
        .await
        .explain()?;
        found(done.rows_affected(), "forecast")
    }

    /// Says which model is the best, if the forecast is still of the definition that was tried.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_champion(&self, id: &str, def_json: &str, champion: &str) -> Result<bool> {
        let done = sqlx::query("UPDATE forecasts SET champion = $1 WHERE id = $2 AND def_json = $3")
            .bind(champion)
            .bind(id)
            .bind(def_json)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(done.rows_affected() > 0)
    }

    /// Deletes a forecast with all that it said, its scenarios and what was granted on it.
    ///
    /// # Errors
    /// There is no such forecast.
    pub async fn delete_forecast(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        for sql in [
            "DELETE FROM forecast_results WHERE forecast_id = $1",
            "DELETE FROM forecast_runs WHERE forecast_id = $1",
            "DELETE FROM scenarios WHERE subject_kind = 'forecast' AND subject_id = $1",
        ] {
            sqlx::query(sql).bind(id).execute(&mut *tx).await.explain()?;
        }
        let done = sqlx::query("DELETE FROM forecasts WHERE id = $1").bind(id).execute(&mut *tx).await.explain()?;
        found(done.rows_affected(), "forecast")?;
        grants::forget(&mut tx, ThingKind::Forecast, id).await?;
        tx.commit().await.explain()
    }

    /// What was made of these values before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forecast_result(&self, forecast_id: &str, key: &str) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT result_json FROM forecast_results WHERE forecast_id = $1 AND key = $2")
            .bind(forecast_id)
            .bind(key)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// Keeps what was made of values; the oldest go.
    ///
    /// # Errors
    /// The forecast is gone.
    pub async fn put_forecast_result(&self, forecast_id: &str, key: &str, made_at: i64, json: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO forecast_results (forecast_id, key, made_at, result_json) VALUES ($1, $2, $3, $4)
             ON CONFLICT (forecast_id, key) DO UPDATE SET made_at = excluded.made_at, result_json = excluded.result_json",
        )
        .bind(forecast_id)
        .bind(key)
        .bind(made_at)
        .bind(json)
        .execute(&mut *tx)
        .await
        .explain()?;
        sqlx::query(
            "DELETE FROM forecast_results WHERE forecast_id = $1 AND key NOT IN
             (SELECT key FROM forecast_results WHERE forecast_id = $2 ORDER BY made_at DESC, key LIMIT $3)",
        )
        .bind(forecast_id)
        .bind(forecast_id)
        .bind(KEPT_RESULTS)
        .execute(&mut *tx)
        .await
        .explain()?;
        tx.commit().await.explain()
    }

    /// Keeps what was forecast, once for each last value; the oldest go.
    ///
    /// # Errors
    /// The forecast is gone.
    pub async fn put_forecast_run(&self, row: &ForecastRunRow) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO forecast_runs (forecast_id, made_at, until, model, note, points_json)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (forecast_id, until) DO UPDATE SET made_at = excluded.made_at, model = excluded.model,
             note = excluded.note, points_json = excluded.points_json",
        )
        .bind(&row.forecast_id)
        .bind(row.made_at)
        .bind(&row.until)
        .bind(&row.model)
        .bind(&row.note)
        .bind(&row.points_json)
        .execute(&mut *tx)
        .await
        .explain()?;
        sqlx::query(
            "DELETE FROM forecast_runs WHERE forecast_id = $1 AND until NOT IN
             (SELECT until FROM forecast_runs WHERE forecast_id = $2 ORDER BY until DESC LIMIT $3)",
        )
        .bind(&row.forecast_id)
        .bind(&row.forecast_id)
        .bind(KEPT_RUNS)
        .execute(&mut *tx)
        .await
        .explain()?;
        tx.commit().await.explain()
    }

    /// What was forecast when, the latest knowledge first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forecast_runs(&self, forecast_id: &str) -> Result<Vec<ForecastRunRow>> {
        sqlx::query_as("SELECT * FROM forecast_runs WHERE forecast_id = $1 ORDER BY until DESC")
            .bind(forecast_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Forgets what was forecast: it was of something else.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_forecast_runs(&self, forecast_id: &str) -> Result<()> {
        sqlx::query("DELETE FROM forecast_runs WHERE forecast_id = $1")
            .bind(forecast_id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Adds a scenario, or changes its name and what is different in it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_scenario(&self, row: &ScenarioRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO scenarios (id, subject_kind, subject_id, name, owner_id, overlay_json, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, overlay_json = excluded.overlay_json,
             updated_at = excluded.updated_at",
        )
        .bind(&row.id)
        .bind(&row.subject_kind)
        .bind(&row.subject_id)
        .bind(&row.name)
        .bind(&row.owner_id)
        .bind(&row.overlay_json)
        .bind(row.updated_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The scenario of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scenario(&self, id: &str) -> Result<Option<ScenarioRow>> {
        sqlx::query_as("SELECT * FROM scenarios WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// The scenarios of a thing, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scenarios(&self, kind: &str, subject_id: &str) -> Result<Vec<ScenarioRow>> {
        sqlx::query_as("SELECT * FROM scenarios WHERE subject_kind = $1 AND subject_id = $2 ORDER BY name, id")
            .bind(kind)
            .bind(subject_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Deletes a scenario.
    ///
    /// # Errors
    /// There is no such scenario.
    pub async fn delete_scenario(&self, id: &str) -> Result<()> {
        let done = sqlx::query("DELETE FROM scenarios WHERE id = $1").bind(id).execute(&self.writer).await.explain()?;
        found(done.rows_affected(), "scenario")
    }
}
