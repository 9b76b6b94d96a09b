//! People.

use crate::Store;
use crate::error::Explain;
use crate::word::{Flag, Word};
use domain::people::UserRole;
use domain::{Error, Result};

/// Writing down more often than this that somebody was seen is not worth a write to the disk.
pub(crate) const SEEN_EVERY_MS: i64 = 60_000;

/// A user.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct UserRow {
    pub id: String,
    /// The name they sign in with, as they write it; upper and lower case are the same.
    pub name: String,
    #[sqlx(try_from = "Word")]
    pub role: UserRole,
    /// `None` until they have chosen one.
    pub password_hash: Option<String>,
    #[sqlx(try_from = "Flag")]
    pub is_active: bool,
    pub created_at: i64,
    pub last_seen_at: Option<i64>,
    /// Their home.
    pub default_dashboard_id: Option<String>,
    pub email: Option<String>,
    /// What row policies compare with: JSON, name to list of values.
    pub attributes_json: String,
}

/// What makes two names the same.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Store {
    /// Adds a user.
    ///
    /// # Errors
    /// `NameTaken`.
    pub async fn insert_user(&self, user: &UserRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO users (id, name, name_key, role, password_hash, is_active, created_at, last_seen_at,
                                default_dashboard_id, email, attributes_json)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&user.id)
        .bind(&user.name)
        .bind(key(&user.name))
        .bind(user.role.as_str())
        .bind(&user.password_hash)
        .bind(i64::from(user.is_active))
        .bind(user.created_at)
        .bind(user.last_seen_at)
        .bind(&user.default_dashboard_id)
        .bind(&user.email)
        .bind(&user.attributes_json)
        .execute(&self.writer)
        .await
        .or_taken(|| format!("There is already a user named {}.", user.name))?;
        Ok(())
    }

    /// Adds the first user, and only the first: two who set up at once do not both become admin.
    /// Answers whether it was the first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_first_user(&self, user: &UserRow) -> Result<bool> {
        // A transaction, since in PostgreSQL two single statements would not see each other.
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO users (id, name, name_key, role, password_hash, is_active, created_at, last_seen_at,
                                default_dashboard_id, email, attributes_json)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE NOT EXISTS (SELECT 1 FROM users)",
        )
        .bind(&user.id)
        .bind(&user.name)
        .bind(key(&user.name))
        .bind(user.role.as_str())
        .bind(&user.password_hash)
        .bind(i64::from(user.is_active))
        .bind(user.created_at)
        .bind(user.last_seen_at)
        .bind(&user.default_dashboard_id)
        .bind(&user.email)
        .bind(&user.attributes_json)
        .execute(&mut *tx)
        .await
        .explain()?;
        tx.commit().await.explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// The user of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn user(&self, id: &str) -> Result<Option<UserRow>> {
        sqlx::query_as("SELECT * FROM users WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// The user of that name, in whatever case it is written.
    ///
    /// # Errors
    /// The database fails.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<UserRow>> {
        sqlx::query_as("SELECT * FROM users WHERE name_key = $1")
            .bind(key(name))
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn users(&self) -> Result<Vec<UserRow>> {
        sqlx::query_as("SELECT * FROM users ORDER BY name_key").fetch_all(&self.reader).await.explain()
    }

    /// How many users there are.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_users(&self) -> Result<i64> {
        sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&self.reader).await.explain()
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn update_user_role(&self, id: &str, role: UserRole) -> Result<()> {
        let done = sqlx::query("UPDATE users SET role = $1 WHERE id = $2")
            .bind(role.as_str())
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "user")
    }

    /// Lets a user in, or no longer.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn update_user_active(&self, id: &str, is_active: bool) -> Result<()> {
        let done = sqlx::query("UPDATE users SET is_active = $1 WHERE id = $2")
            .bind(i64::from(is_active))
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "user")
    }

    /// Changes a password; `None` takes it away.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn update_user_password(&self, id: &str, password_hash: Option<&str>) -> Result<()> {
        let done = sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2")
            .bind(password_hash)
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "user")
    }

    /// Chooses a user's home.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn update_user_default_dashboard(&self, id: &str, dashboard_id: Option<&str>) -> Result<()> {
        let done = sqlx::query("UPDATE users SET default_dashboard_id = $1 WHERE id = $2")
            .bind(dashboard_id)
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "user")
    }

    /// Writes down that a user was here; at most once a minute.
    ///
    /// # Errors
    /// The database fails.
    pub async fn touch_user(&self, id: &str, now: i64) -> Result<()> {
        sqlx::query("UPDATE users SET last_seen_at = $1 WHERE id = $2 AND (last_seen_at IS NULL OR last_seen_at < $3)")
            .bind(now)
            .bind(id)
            .bind(now - SEEN_EVERY_MS)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }
}

/// An update that met no row: there is no such thing.
pub(crate) fn found(rows: u64, what: &str) -> Result<()> {
    if rows == 0 { Err(Error::not_found(what)) } else { Ok(()) }
}
