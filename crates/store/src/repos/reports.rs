//! Reports with their parameters.

use crate::Store;
use crate::error::Explain;
use crate::repos::grants::{self, ThingKind};
use crate::repos::users::found;
use crate::word::Flag;
use domain::Result;

/// A report.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ReportRow {
    pub id: String,
    pub name: String,
    pub description: String,
    pub owner_id: String,
    /// `domain::report::ReportDef`.
    pub def_json: String,
    #[sqlx(try_from = "Flag")]
    pub is_public: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

impl Store {
    /// Adds a report.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_report(&self, report: &ReportRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO reports (id, name, description, owner_id, def_json, is_public, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&report.id)
        .bind(&report.name)
        .bind(&report.description)
        .bind(&report.owner_id)
        .bind(&report.def_json)
        .bind(i64::from(report.is_public))
        .bind(report.created_at)
        .bind(report.updated_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The report of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn report(&self, id: &str) -> Result<Option<ReportRow>> {
        sqlx::query_as("SELECT * FROM reports WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// All of them, latest change first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn reports(&self) -> Result<Vec<ReportRow>> {
        sqlx::query_as("SELECT * FROM reports ORDER BY updated_at DESC, id").fetch_all(&self.reader).await.explain()
    }

    /// Changes a report; its owner and its birth stay.
    ///
    /// # Errors
    /// There is no such report.
    pub async fn update_report(&self, report: &ReportRow) -> Result<()> {
        let done = sqlx::query(
            "UPDATE reports SET name = $1, description = $2, def_json = $3, is_public = $4, updated_at = $5 WHERE id = $6",
        )
        .bind(&report.name)
        .bind(&report.description)
        .bind(&report.def_json)
        .bind(i64::from(report.is_public))
        .bind(report.updated_at)
        .bind(&report.id)
        .execute(&self.writer)
        .await
        .explain()?;
        found(done.rows_affected(), "report")
    }

    /// Deletes a report with what was granted on it.
    ///
    /// # Errors
    /// There is no such report.
    pub async fn delete_report(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM reports WHERE id = $1").bind(id).execute(&mut *tx).await.explain()?;
        found(done.rows_affected(), "report")?;
        grants::forget(&mut tx, ThingKind::Report, id).await?;
        tx.commit().await.explain()
    }
}
