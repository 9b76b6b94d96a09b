//! Settings of the installation: a key, a value.

use crate::Store;
use crate::error::Explain;
use domain::Result;
use std::collections::BTreeMap;

impl Store {
    /// One setting.
    ///
    /// # Errors
    /// The database fails.
    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT value FROM settings WHERE key = $1")
            .bind(key)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// All of them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn settings(&self) -> Result<BTreeMap<String, String>> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT key, value FROM settings").fetch_all(&self.reader).await.explain()?;
        Ok(rows.into_iter().collect())
    }

    /// Writes a setting.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The value of a setting, which is `value` if there was none: of several who begin at once,
    /// all get the same. For keys that are made on first start.
    ///
    /// # Errors
    /// The database fails.
    pub async fn setting_or_insert(&self, key: &str, value: &str) -> Result<String> {
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
            .bind(key)
            .bind(value)
            .execute(&mut *tx)
            .await
            .explain()?;
        let stands = sqlx::query_scalar("SELECT value FROM settings WHERE key = $1")
            .bind(key)
            .fetch_one(&mut *tx)
            .await
            .explain()?;
        tx.commit().await.explain()?;
        Ok(stands)
    }

    /// Forgets a setting. Answers whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_setting(&self, key: &str) -> Result<bool> {
        let done =
            sqlx::query("DELETE FROM settings WHERE key = $1").bind(key).execute(&self.writer).await.explain()?;
        Ok(done.rows_affected() > 0)
    }
}
