//! Links that work once: first set-up, invitations, forgotten passwords.

use crate::Store;
use crate::error::Explain;
use domain::Result;

/// A link.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct LinkRow {
    /// SHA-256 of the link's secret, in hex.
    pub hash: String,
    /// What it may be used for: it does not work for anything else.
    pub purpose: String,
    /// Whom it is for; the first set-up is for nobody yet.
    pub user_id: Option<String>,
    pub expires_at: i64,
}

impl Store {
    /// Adds a link.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn insert_link(&self, hash: &str, purpose: &str, user_id: Option<&str>, expires_at: i64) -> Result<()> {
        sqlx::query("INSERT INTO links (hash, purpose, user_id, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(hash)
            .bind(purpose)
            .bind(user_id)
            .bind(expires_at)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Looks at a link without using it up, also when it has run out: for the page that it opens.
    ///
    /// # Errors
    /// The database fails.
    pub async fn link(&self, hash: &str, purpose: &str) -> Result<Option<LinkRow>> {
        sqlx::query_as("SELECT * FROM links WHERE hash = $1 AND purpose = $2")
            .bind(hash)
            .bind(purpose)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// Uses a link up. Of any number who try, one gets it; `None` when it is spent, unknown or has
    /// run out.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_link(&self, hash: &str, purpose: &str, now: i64) -> Result<Option<LinkRow>> {
        // fetch_all, because it reads to the end of the statement: only then is it committed.
        let mut taken =
            sqlx::query_as("DELETE FROM links WHERE hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING *")
                .bind(hash)
                .bind(purpose)
                .bind(now)
                .fetch_all(&self.writer)
                .await
                .explain()?;
        Ok(taken.pop())
    }

    /// Takes back every link of a purpose, for one user or for nobody in particular, so that only
    /// the newest works. Answers how many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_links(&self, purpose: &str, user_id: Option<&str>) -> Result<u64> {
        let done =
            sqlx::query("DELETE FROM links WHERE purpose = $1 AND (user_id = $2 OR ($2 IS NULL AND user_id IS NULL))")
                .bind(purpose)
                .bind(user_id)
                .execute(&self.writer)
                .await
                .explain()?;
        Ok(done.rows_affected())
    }

    /// Clears away links that ran out before `before`. Answers how many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_expired_links(&self, before: i64) -> Result<u64> {
        let done = sqlx::query("DELETE FROM links WHERE expires_at <= $1")
            .bind(before)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(done.rows_affected())
    }
}
