//! The history of dashboards beside their log: moments with a name, and what was published.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use domain::{Error, Result};
use std::collections::HashMap;

/// A moment with a name.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct VersionRow {
    pub id: String,
    pub dashboard_id: String,
    /// The number of an operation.
    pub seq: i64,
    pub name: String,
    pub user_id: String,
    pub created_at: i64,
}

/// A publication, with all that readers see of it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct PublicationRow {
    pub dashboard_id: String,
    /// Counts per dashboard from 1.
    pub number: i64,
    pub seq: i64,
    pub user_id: String,
    pub created_at: i64,
    pub note: String,
    pub name: String,
    pub description: String,
    /// JSON array of `domain::dashboard::SketchTile`.
    pub sketch_json: String,
    /// `domain::document::Snapshot`.
    pub snapshot_json: String,
}

/// What lists show of the publication of a dashboard.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct PublishedRow {
    pub dashboard_id: String,
    pub created_at: i64,
    pub name: String,
    pub description: String,
    pub sketch_json: String,
}

impl Store {
    /// Names a moment.
    ///
    /// # Errors
    /// There is no such dashboard or user.
    pub async fn insert_version(&self, version: &VersionRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO named_versions (id, dashboard_id, seq, name, user_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&version.id)
        .bind(&version.dashboard_id)
        .bind(version.seq)
        .bind(&version.name)
        .bind(&version.user_id)
        .bind(version.created_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The moments of a dashboard that have a name, the latest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn versions(&self, dashboard_id: &str) -> Result<Vec<VersionRow>> {
        sqlx::query_as("SELECT * FROM named_versions WHERE dashboard_id = $1 ORDER BY seq DESC, created_at DESC, id")
            .bind(dashboard_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Gives a named moment another name.
    ///
    /// # Errors
    /// The dashboard has no such version.
    pub async fn rename_version(&self, dashboard_id: &str, id: &str, name: &str) -> Result<()> {
        let done = sqlx::query("UPDATE named_versions SET name = $1 WHERE id = $2 AND dashboard_id = $3")
            .bind(name)
            .bind(id)
            .bind(dashboard_id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "version")
    }

    /// Takes the name of a moment away. The moment stays in the log.
    ///
    /// # Errors
    /// The dashboard has no such version.
    pub async fn delete_version(&self, dashboard_id: &str, id: &str) -> Result<()> {
        let query = sqlx::query("DELETE FROM named_versions WHERE id = $1 AND dashboard_id = $2");
        found(self.deleted(query.bind(id).bind(dashboard_id)).await?, "version")
    }

    /// Publishes: keeps what readers see from now on, and answers its number.
    ///
    /// # Errors
    /// There is no such dashboard.
    pub async fn publish(&self, publication: &PublicationRow) -> Result<i64> {
        let mut tx = self.begin().await?;
        // The row first: it is locked, so that two who publish at once get different numbers.
        let number: i64 = sqlx::query_scalar(
            "UPDATE dashboards SET publication =
               (SELECT COALESCE(MAX(number), 0) + 1 FROM publications WHERE dashboard_id = $1)
             WHERE id = $1 RETURNING publication",
        )
        .bind(&publication.dashboard_id)
        .fetch_optional(&mut *tx)
        .await
        .explain()?
        .ok_or_else(|| Error::not_found("dashboard"))?;
        sqlx::query(
            "INSERT INTO publications (dashboard_id, number, seq, user_id, created_at, note, name, description,
                                       sketch_json, snapshot_json)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&publication.dashboard_id)
        .bind(number)
        .bind(publication.seq)
        .bind(&publication.user_id)
        .bind(publication.created_at)
        .bind(&publication.note)
        .bind(&publication.name)
        .bind(&publication.description)
        .bind(&publication.sketch_json)
        .bind(&publication.snapshot_json)
        .execute(&mut *tx)
        .await
        .explain()?;
        tx.commit().await.explain()?;
        Ok(number)
    }

    /// Readers see every change at once again. The publications stay in their history.
    ///
    /// # Errors
    /// There is no such dashboard.
    pub async fn stop_publishing(&self, dashboard_id: &str) -> Result<()> {
        let done = sqlx::query("UPDATE dashboards SET publication = NULL WHERE id = $1")
            .bind(dashboard_id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "dashboard")
    }

    /// The number of the publication that readers see, if they see one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn publication_number(&self, dashboard_id: &str) -> Result<Option<i64>> {
        let found: Option<Option<i64>> = sqlx::query_scalar("SELECT publication FROM dashboards WHERE id = $1")
            .bind(dashboard_id)
            .fetch_optional(&self.reader)
            .await
            .explain()?;
        Ok(found.flatten())
    }

    /// One publication.
    ///
    /// # Errors
    /// The database fails.
    pub async fn publication(&self, dashboard_id: &str, number: i64) -> Result<Option<PublicationRow>> {
        sqlx::query_as("SELECT * FROM publications WHERE dashboard_id = $1 AND number = $2")
            .bind(dashboard_id)
            .bind(number)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// The publications of a dashboard, newest first, without what readers saw.
    ///
    /// # Errors
    /// The database fails.
    pub async fn publications(&self, dashboard_id: &str, limit: i64) -> Result<Vec<PublicationRow>> {
        sqlx::query_as(
            "SELECT dashboard_id, number, seq, user_id, created_at, note, name, description,
                    '[]' AS sketch_json, '{}' AS snapshot_json
             FROM publications WHERE dashboard_id = $1 ORDER BY number DESC LIMIT $2",
        )
        .bind(dashboard_id)
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// What lists show of the publications that readers see now, by dashboard.
    ///
    /// # Errors
    /// The database fails.
    pub async fn published(&self) -> Result<HashMap<String, PublishedRow>> {
        let rows: Vec<PublishedRow> = sqlx::query_as(
            "SELECT p.dashboard_id, p.created_at, p.name, p.description, p.sketch_json FROM publications p
             JOIN dashboards d ON d.id = p.dashboard_id AND d.publication = p.number",
        )
        .fetch_all(&self.reader)
        .await
        .explain()?;
        Ok(rows.into_iter().map(|row| (row.dashboard_id.clone(), row)).collect())
    }
}
