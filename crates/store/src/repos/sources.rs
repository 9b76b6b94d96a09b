//! Sources, and which datasets lie in them.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use domain::{Error, ErrorCode, Result};

/// A source.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct SourceRow {
    pub id: String,
    pub name: String,
    pub name_key: String,
    pub kind: String,
    pub settings_json: String,
    /// The encrypted password.
    pub secret: Option<String>,
    /// What came of the last try to reach it.
    pub state_json: Option<String>,
    pub revision: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

/// Where the rows of a dataset lie.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct SourceTableRow {
    pub dataset_id: String,
    pub source_id: String,
    pub table_name: String,
    pub table_json: String,
    pub cache_duration: i64,
}

impl Store {
    /// Adds a source.
    ///
    /// # Errors
    /// `NameTaken`.
    pub async fn insert_source(&self, source: &SourceRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO sources (id, name, name_key, kind, settings_json, secret, revision, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&source.id)
        .bind(&source.name)
        .bind(&source.name_key)
        .bind(&source.kind)
        .bind(&source.settings_json)
        .bind(&source.secret)
        .bind(source.revision)
        .bind(source.created_at)
        .bind(source.updated_at)
        .execute(&self.writer)
        .await
        .or_taken(|| format!("There is already a source named {}.", source.name))?;
        Ok(())
    }

    /// All sources by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sources(&self) -> Result<Vec<SourceRow>> {
        sqlx::query_as("SELECT * FROM sources ORDER BY name_key").fetch_all(&self.reader).await.explain()
    }

    /// One source.
    ///
    /// # Errors
    /// The database fails.
    pub async fn source(&self, id: &str) -> Result<Option<SourceRow>> {
        sqlx::query_as("SELECT * FROM sources WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// Changes a source that nobody has changed since it was read; its revision grows by one.
    ///
    /// # Errors
    /// `NameTaken`, or it was changed or deleted meanwhile.
    pub async fn update_source(&self, source: &SourceRow) -> Result<()> {
        let done = sqlx::query(
            "UPDATE sources SET name = $1, name_key = $2, settings_json = $3, secret = $4, revision = revision + 1,
                                updated_at = $5, state_json = NULL
             WHERE id = $6 AND revision = $7",
        )
        .bind(&source.name)
        .bind(&source.name_key)
        .bind(&source.settings_json)
        .bind(&source.secret)
        .bind(source.updated_at)
        .bind(&source.id)
        .bind(source.revision)
        .execute(&self.writer)
        .await
        .or_taken(|| format!("There is already a source named {}.", source.name))?;
        if done.rows_affected() == 0 {
            return Err(Error::new(ErrorCode::Conflict, "Somebody else has changed the source meanwhile.")
                .hint("Load it again and repeat the change."));
        }
        Ok(())
    }

    /// Keeps what came of a try to reach a source, unless it was changed meanwhile.
    ///
    /// # Errors
    /// The database fails.
    pub async fn save_source_state(&self, id: &str, revision: i64, json: &str) -> Result<()> {
        sqlx::query("UPDATE sources SET state_json = $1 WHERE id = $2 AND revision = $3")
            .bind(json)
            .bind(id)
            .bind(revision)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Deletes a source that no dataset reads from.
    ///
    /// # Errors
    /// There is none, or a dataset reads from it.
    pub async fn delete_source(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let used: i64 = sqlx::query_scalar("SELECT count(*) FROM source_tables WHERE source_id = $1")
            .bind(id)
            .fetch_one(&mut *tx)
            .await
            .explain()?;
        if used > 0 {
            let word = if used == 1 { "dataset reads" } else { "datasets read" };
            return Err(
                Error::new(ErrorCode::Conflict, format!("{used} {word} from this source.")).hint("Delete them first.")
            );
        }
        let done = sqlx::query("DELETE FROM sources WHERE id = $1").bind(id).execute(&mut *tx).await.explain()?;
        found(done.rows_affected(), "source")?;
        tx.commit().await.explain()
    }

    /// Says where the rows of a dataset lie, anew if that was said before.
    ///
    /// # Errors
    /// There is no such dataset or source.
    pub async fn upsert_source_table(&self, table: &SourceTableRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO source_tables (dataset_id, source_id, table_name, table_json, cache_duration)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (dataset_id) DO UPDATE SET source_id = excluded.source_id, table_name = excluded.table_name,
                 table_json = excluded.table_json, cache_duration = excluded.cache_duration",
        )
        .bind(&table.dataset_id)
        .bind(&table.source_id)
        .bind(&table.table_name)
        .bind(&table.table_json)
        .bind(table.cache_duration)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Where the rows of a dataset lie, if that is a source.
    ///
    /// # Errors
    /// The database fails.
    pub async fn source_table(&self, dataset_id: &str) -> Result<Option<SourceTableRow>> {
        sqlx::query_as("SELECT * FROM source_tables WHERE dataset_id = $1")
            .bind(dataset_id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// The datasets of all sources.
    ///
    /// # Errors
    /// The database fails.
    pub async fn source_tables(&self) -> Result<Vec<SourceTableRow>> {
        sqlx::query_as("SELECT * FROM source_tables ORDER BY table_name").fetch_all(&self.reader).await.explain()
    }
}
