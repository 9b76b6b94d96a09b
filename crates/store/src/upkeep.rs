//! Looking after the database: whether it is sound, and a copy of it for a backup.

use crate::Store;
use crate::error::Explain;
use crate::open::copying;
use domain::{Error, ErrorCode, Result};
use std::path::Path;

impl Store {
    /// What is wrong with the database, in sentences; nothing where it is sound. PostgreSQL looks
    /// after itself.
    ///
    /// # Errors
    /// The database fails.
    pub async fn faults(&self) -> Result<Vec<String>> {
        let Some(file) = self.file().await? else { return Ok(Vec::new()) };
        let told: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&self.reader).await.explain()?;
        let mut faults: Vec<String> =
            told.into_iter().filter(|line| line != "ok").map(|line| format!("{file} is damaged: {line}.")).collect();
        let dangling: Vec<(String, i64)> =
            sqlx::query_as("SELECT \"table\", count(*) FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1")
                .fetch_all(&self.reader)
                .await
                .explain()?;
        faults.extend(
            dangling.into_iter().map(|(table, n)| format!("{file}: {n} rows of {table} refer to what is not there.")),
        );
        Ok(faults)
    }

    /// Copies the database as it is at one moment into a new file, while others go on writing.
    ///
    /// # Errors
    /// The file is there already or cannot be written; the metadata is not in SQLite.
    pub async fn copy_to(&self, target: &Path) -> Result<()> {
        let Some(file) = self.file().await? else {
            return Err(Error::new(
                ErrorCode::NotSupported,
                "The metadata is in PostgreSQL, which has its own backup.",
            ));
        };
        let target = target.to_str().ok_or_else(|| Error::invalid("The path of a backup must be UTF-8."))?;
        let source = copying(Path::new(&file)).await?;
        let copied = sqlx::query("VACUUM INTO $1").bind(target).execute(&source).await.explain();
        source.close().await;
        copied.map(|_| ())
    }

    /// Lets go of all leases: whoever held them is gone. Only for the one server on this database.
    ///
    /// # Errors
    /// The database fails.
    pub async fn release_leases(&self) -> Result<u64> {
        let jobs = sqlx::query("UPDATE jobs SET lease_until = 0 WHERE status = 'running'");
        let deliveries = sqlx::query("UPDATE deliveries SET lease_until = 0 WHERE status = 'sending'");
        Ok(self.deleted(jobs).await? + self.deleted(deliveries).await?)
    }

    /// Where the file lies, if it is one.
    async fn file(&self) -> Result<Option<String>> {
        if !self.is_sqlite() {
            return Ok(None);
        }
        let file: Option<String> = sqlx::query_scalar("SELECT file FROM pragma_database_list WHERE name = 'main'")
            .fetch_one(&self.reader)
            .await
            .explain()?;
        Ok(file.filter(|f| !f.is_empty()))
    }
}
