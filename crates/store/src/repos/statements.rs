//! SQL that people wrote.

use crate::Store;
use crate::error::Explain;
use domain::Result;

/// A SELECT that is a dataset, or stands in for one.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StatementRow {
    /// Of its dataset, or `sql:` and a hash.
    pub id: String,
    pub sql_text: String,
    /// JSON array of dataset ids; `None`: all that its owner may read.
    pub scope_json: Option<String>,
    /// JSON array of the names it reads.
    pub reads_json: String,
    pub created_at: i64,
}

impl Store {
    /// The statement of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn statement(&self, id: &str) -> Result<Option<StatementRow>> {
        sqlx::query_as("SELECT * FROM sql_statements WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// All of them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn statements(&self) -> Result<Vec<StatementRow>> {
        sqlx::query_as("SELECT * FROM sql_statements ORDER BY id").fetch_all(&self.reader).await.explain()
    }

    /// Adds a statement, or puts it in the place of the one of its id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_statement(&self, row: &StatementRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO sql_statements (id, sql_text, scope_json, reads_json, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET sql_text = excluded.sql_text, scope_json = excluded.scope_json,
                                            reads_json = excluded.reads_json",
        )
        .bind(&row.id)
        .bind(&row.sql_text)
        .bind(&row.scope_json)
        .bind(&row.reads_json)
        .bind(row.created_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Forgets a statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_statement(&self, id: &str) -> Result<()> {
        sqlx::query("DELETE FROM sql_statements WHERE id = $1").bind(id).execute(&self.writer).await.explain()?;
        Ok(())
    }
}
