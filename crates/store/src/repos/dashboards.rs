//! Dashboards: what lists and addresses need. Their contents are in [`super::documents`].

use crate::Store;
use crate::error::Explain;
use crate::repos::grants::{self, ThingKind};
use crate::repos::users::found;
use crate::word::Flag;
use domain::{Error, ErrorCode, Result};

/// A dashboard without its document.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DashboardRow {
    pub id: String,
    /// Unique among all, those in the trash included.
    pub slug: String,
    /// Mirrors the document, like description, theme and sketch.
    pub name: String,
    pub description: String,
    pub theme: String,
    pub owner_id: String,
    #[sqlx(try_from = "Flag")]
    pub is_public: bool,
    pub cache_duration: i64,
    pub settings_json: String,
    /// JSON array of `domain::dashboard::SketchTile`.
    pub sketch_json: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// When it went to the trash.
    pub deleted_at: Option<i64>,
    /// When its data was last asked for.
    pub last_generated: Option<i64>,
    /// Number of the last operation in its log.
    pub version: i64,
    /// Number of the publication that readers see; `None`: they see every change at once.
    pub publication: Option<i64>,
}

/// What is not in the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DashboardMeta {
    pub slug: String,
    pub is_public: bool,
    pub cache_duration: i64,
    pub settings_json: String,
    pub updated_at: i64,
}

fn slug_taken(slug: &str) -> String {
    format!("There is already a dashboard with the address {slug}.")
}

impl Store {
    /// Adds a dashboard; its first operation comes next.
    ///
    /// # Errors
    /// `NameTaken`: the slug.
    pub async fn insert_dashboard(&self, dashboard: &DashboardRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO dashboards (id, slug, name, description, theme, owner_id, is_public, cache_duration,
                                     settings_json, sketch_json, created_at, updated_at, deleted_at, last_generated,
                                     version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(&dashboard.id)
        .bind(&dashboard.slug)
        .bind(&dashboard.name)
        .bind(&dashboard.description)
        .bind(&dashboard.theme)
        .bind(&dashboard.owner_id)
        .bind(i64::from(dashboard.is_public))
        .bind(dashboard.cache_duration)
        .bind(&dashboard.settings_json)
        .bind(&dashboard.sketch_json)
        .bind(dashboard.created_at)
        .bind(dashboard.updated_at)
        .bind(dashboard.deleted_at)
        .bind(dashboard.last_generated)
        .bind(dashboard.version)
        .execute(&self.writer)
        .await
        .or_taken(|| slug_taken(&dashboard.slug))?;
        Ok(())
    }

    /// The dashboard of that id or slug; an id goes first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dashboard(&self, slug_or_id: &str, include_deleted: bool) -> Result<Option<DashboardRow>> {
        sqlx::query_as(
            "SELECT * FROM dashboards WHERE (id = $1 OR slug = $1) AND ($2 OR deleted_at IS NULL)
             ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END LIMIT 1",
        )
        .bind(slug_or_id)
        .bind(include_deleted)
        .fetch_optional(&self.reader)
        .await
        .explain()
    }

    /// All that are not in the trash, the last changed first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dashboards(&self) -> Result<Vec<DashboardRow>> {
        sqlx::query_as("SELECT * FROM dashboards WHERE deleted_at IS NULL ORDER BY updated_at DESC, id")
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// All that are in the trash, the last deleted first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn trash(&self) -> Result<Vec<DashboardRow>> {
        sqlx::query_as("SELECT * FROM dashboards WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, id")
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Changes what is not in the document.
    ///
    /// # Errors
    /// `NameTaken`: the slug; no such dashboard.
    pub async fn update_dashboard_meta(&self, id: &str, meta: &DashboardMeta) -> Result<()> {
        let done = sqlx::query(
            "UPDATE dashboards SET slug = $1, is_public = $2, cache_duration = $3, settings_json = $4, updated_at = $5
             WHERE id = $6",
        )
        .bind(&meta.slug)
        .bind(i64::from(meta.is_public))
        .bind(meta.cache_duration)
        .bind(&meta.settings_json)
        .bind(meta.updated_at)
        .bind(id)
        .execute(&self.writer)
        .await
        .or_taken(|| slug_taken(&meta.slug))?;
        found(done.rows_affected(), "dashboard")
    }

    /// Puts a dashboard into the trash (the time when), or takes it out again (`None`).
    ///
    /// # Errors
    /// There is no such dashboard.
    pub async fn set_deleted(&self, id: &str, deleted_at: Option<i64>) -> Result<()> {
        let done = sqlx::query("UPDATE dashboards SET deleted_at = $1 WHERE id = $2")
            .bind(deleted_at)
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "dashboard")
    }

    /// Deletes a dashboard of the trash for good, with its log, grants and stars. The only thing
    /// that ever removes operations.
    ///
    /// # Errors
    /// `Conflict` when it is not in the trash; no such dashboard.
    pub async fn purge(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let deleted_at: Option<Option<i64>> = sqlx::query_scalar("SELECT deleted_at FROM dashboards WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *tx)
            .await
            .explain()?;
        match deleted_at {
            None => return Err(Error::not_found("dashboard")),
            Some(None) => return Err(Error::new(ErrorCode::Conflict, "The dashboard is not in the trash.")),
            Some(Some(_)) => {}
        }
        // The log, checkpoints and stars go with the row (ON DELETE CASCADE).
        for sql in [
            "UPDATE users SET default_dashboard_id = NULL WHERE default_dashboard_id = $1",
            "DELETE FROM scenarios WHERE subject_kind = 'dashboard' AND subject_id = $1",
            "DELETE FROM dashboards WHERE id = $1",
        ] {
            sqlx::query(sql).bind(id).execute(&mut *tx).await.explain()?;
        }
        grants::forget(&mut tx, ThingKind::Dashboard, id).await?;
        tx.commit().await.explain()
    }

    /// Writes down that a dashboard's data was asked for; at most once a minute.
    ///
    /// # Errors
    /// The database fails.
    pub async fn touch_generated(&self, id: &str, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE dashboards SET last_generated = $1
             WHERE id = $2 AND (last_generated IS NULL OR last_generated < $3)",
        )
        .bind(now)
        .bind(id)
        .bind(now - crate::repos::users::SEEN_EVERY_MS)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }
}
