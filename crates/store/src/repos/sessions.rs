//! Sessions: who is signed in, and where.

use crate::error::Explain;
use crate::repos::users::SEEN_EVERY_MS;
use crate::{Store, UserRow};
use domain::Result;

/// A session.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct SessionRow {
    pub id: String,
    pub user_id: String,
    /// SHA-256 of the cookie's secret, in hex.
    pub secret_hash: String,
    /// The browser as it names itself.
    pub agent: String,
    /// Where it was begun.
    pub address: String,
    /// Where it was seen last.
    pub last_address: String,
    pub created_at: i64,
    pub last_seen_at: i64,
    pub expires_at: i64,
}

impl Store {
    /// Begins a session.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn insert_session(&self, session: &SessionRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO sessions (id, user_id, secret_hash, agent, created_at, last_seen_at, expires_at, address,
                                   last_address)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&session.id)
        .bind(&session.user_id)
        .bind(&session.secret_hash)
        .bind(&session.agent)
        .bind(session.created_at)
        .bind(session.last_seen_at)
        .bind(session.expires_at)
        .bind(&session.address)
        .bind(&session.last_address)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The session with that secret, and whose it is. Whether it has expired, and whether the user
    /// is active, is for the caller to look at.
    ///
    /// # Errors
    /// The database fails.
    pub async fn session_by_hash(&self, secret_hash: &str) -> Result<Option<(SessionRow, UserRow)>> {
        let session: Option<SessionRow> = sqlx::query_as("SELECT * FROM sessions WHERE secret_hash = $1")
            .bind(secret_hash)
            .fetch_optional(&self.reader)
            .await
            .explain()?;
        let Some(session) = session else { return Ok(None) };
        Ok(self.user(&session.user_id).await?.map(|user| (session, user)))
    }

    /// A user's sessions, the last used first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sessions_of(&self, user_id: &str) -> Result<Vec<SessionRow>> {
        sqlx::query_as("SELECT * FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, id")
            .bind(user_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Writes down that a session was used, and until when it now lasts; at most once a minute.
    ///
    /// # Errors
    /// The database fails.
    pub async fn touch_session(&self, id: &str, now: i64, expires_at: i64) -> Result<()> {
        sqlx::query("UPDATE sessions SET last_seen_at = $1, expires_at = $2 WHERE id = $3 AND last_seen_at < $4")
            .bind(now)
            .bind(expires_at)
            .bind(id)
            .bind(now - SEEN_EVERY_MS)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Writes down from where a session was used last.
    ///
    /// # Errors
    /// The database fails.
    pub async fn place_session(&self, id: &str, address: &str) -> Result<()> {
        sqlx::query("UPDATE sessions SET last_address = $1 WHERE id = $2 AND last_address <> $1")
            .bind(address)
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Ends one session of a user. Answers whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_session(&self, user_id: &str, id: &str) -> Result<bool> {
        let sql = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id = $2");
        Ok(self.deleted(sql.bind(user_id).bind(id)).await? > 0)
    }

    /// Ends a user's sessions, except perhaps the one that asks. Answers how many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_sessions_of(&self, user_id: &str, except: Option<&str>) -> Result<u64> {
        let sql = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2");
        self.deleted(sql.bind(user_id).bind(except.unwrap_or_default())).await
    }

    /// Clears away sessions that have run out. Answers how many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_expired_sessions(&self, now: i64) -> Result<u64> {
        self.deleted(sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now)).await
    }
}
