//! Users who have not taken up their invitation yet.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use crate::word::{Flag, Word};
use domain::Result;
use domain::people::UserRole;

/// An invitation with the user that it is for.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct InvitationRow {
    pub user_id: String,
    pub name: String,
    pub email: Option<String>,
    #[sqlx(try_from = "Word")]
    pub role: UserRole,
    pub invited_by: String,
    pub created_at: i64,
    pub expires_at: i64,
    /// The link went to the address and was shown to nobody.
    #[sqlx(try_from = "Flag")]
    pub was_mailed: bool,
}

impl Store {
    /// Writes an invitation, or a later one in its place.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn put_invitation(&self, user_id: &str, invited_by: &str, now: i64, expires_at: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO invitations (user_id, invited_by, created_at, expires_at, was_mailed)
             VALUES ($1, $2, $3, $4, 0)
             ON CONFLICT (user_id) DO UPDATE SET expires_at = excluded.expires_at, was_mailed = 0",
        )
        .bind(user_id)
        .bind(invited_by)
        .bind(now)
        .bind(expires_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Writes down that the link of an invitation went by mail.
    ///
    /// # Errors
    /// There is none.
    pub async fn mark_invitation_mailed(&self, user_id: &str) -> Result<()> {
        let done = sqlx::query("UPDATE invitations SET was_mailed = 1 WHERE user_id = $1")
            .bind(user_id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "invitation")
    }

    /// The invitation of a user.
    ///
    /// # Errors
    /// The database fails.
    pub async fn invitation(&self, user_id: &str) -> Result<Option<InvitationRow>> {
        sqlx::query_as(
            "SELECT invitations.*, users.name, users.email, users.role FROM invitations
             JOIN users ON users.id = invitations.user_id WHERE invitations.user_id = $1",
        )
        .bind(user_id)
        .fetch_optional(&self.reader)
        .await
        .explain()
    }

    /// All that wait, the latest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn invitations(&self) -> Result<Vec<InvitationRow>> {
        sqlx::query_as(
            "SELECT invitations.*, users.name, users.email, users.role FROM invitations
             JOIN users ON users.id = invitations.user_id ORDER BY invitations.created_at DESC, users.id",
        )
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// It was taken up.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_invitation(&self, user_id: &str) -> Result<bool> {
        Ok(self.deleted(sqlx::query("DELETE FROM invitations WHERE user_id = $1").bind(user_id)).await? > 0)
    }

    /// Takes an invitation back, and the user with it, who never was here. Answers whether there was
    /// one.
    ///
    /// # Errors
    /// Something belongs to that user by now.
    pub async fn revoke_invitation(&self, user_id: &str) -> Result<bool> {
        let sql = sqlx::query(
            "DELETE FROM users WHERE id = $1 AND password_hash IS NULL
             AND EXISTS (SELECT 1 FROM invitations WHERE invitations.user_id = users.id)
             AND NOT EXISTS (SELECT 1 FROM identities WHERE identities.user_id = users.id)",
        );
        Ok(self.deleted(sql.bind(user_id)).await? > 0)
    }
}
