//! API tokens.

use crate::error::Explain;
use crate::repos::users::SEEN_EVERY_MS;
use crate::word::Word;
use crate::{Store, UserRow};
use domain::Result;
use domain::people::Scope;

/// A token.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct TokenRow {
    pub id: String,
    pub user_id: String,
    pub label: String,
    /// SHA-256 of the token, in hex.
    pub secret_hash: String,
    #[sqlx(try_from = "Word")]
    pub scope: Scope,
    pub created_at: i64,
    /// `None`: never.
    pub expires_at: Option<i64>,
    pub last_used_at: Option<i64>,
}

impl Store {
    /// Adds a token.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn insert_token(&self, token: &TokenRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO tokens (id, user_id, label, secret_hash, scope, created_at, expires_at, last_used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&token.id)
        .bind(&token.user_id)
        .bind(&token.label)
        .bind(&token.secret_hash)
        .bind(token.scope.as_str())
        .bind(token.created_at)
        .bind(token.expires_at)
        .bind(token.last_used_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The token with that secret, and whose it is. Whether it has expired, and whether the user is
    /// active, is for the caller to look at.
    ///
    /// # Errors
    /// The database fails.
    pub async fn token_by_hash(&self, secret_hash: &str) -> Result<Option<(TokenRow, UserRow)>> {
        let token: Option<TokenRow> = sqlx::query_as("SELECT * FROM tokens WHERE secret_hash = $1")
            .bind(secret_hash)
            .fetch_optional(&self.reader)
            .await
            .explain()?;
        let Some(token) = token else { return Ok(None) };
        Ok(self.user(&token.user_id).await?.map(|user| (token, user)))
    }

    /// A user's tokens, the newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn tokens_of(&self, user_id: &str) -> Result<Vec<TokenRow>> {
        sqlx::query_as("SELECT * FROM tokens WHERE user_id = $1 ORDER BY created_at DESC, id")
            .bind(user_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Writes down that a token was used; at most once a minute.
    ///
    /// # Errors
    /// The database fails.
    pub async fn touch_token(&self, id: &str, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $3)",
        )
        .bind(now)
        .bind(id)
        .bind(now - SEEN_EVERY_MS)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Revokes one token of a user. Answers whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_token(&self, user_id: &str, id: &str) -> Result<bool> {
        let sql = sqlx::query("DELETE FROM tokens WHERE user_id = $1 AND id = $2");
        Ok(self.deleted(sql.bind(user_id).bind(id)).await? > 0)
    }
}
