//! Who users are at a sign-in provider, and the groups that it says they are in.

use crate::Store;
use crate::error::Explain;
use domain::Result;
use uuid::Uuid;

impl Store {
    /// The user who is this subject at this issuer.
    ///
    /// # Errors
    /// The database fails.
    pub async fn user_of_identity(&self, issuer: &str, subject: &str) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2")
            .bind(issuer)
            .bind(subject)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// The issuers at which a user has an account.
    ///
    /// # Errors
    /// The database fails.
    pub async fn issuers_of(&self, user_id: &str) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT DISTINCT issuer FROM identities WHERE user_id = $1 ORDER BY issuer")
            .bind(user_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Says who a user is at an issuer. Answers whether that subject was nobody's before.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn insert_identity(&self, issuer: &str, subject: &str, user_id: &str, now: i64) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO identities (issuer, subject, user_id, created_at, last_used_at) VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT (issuer, subject) DO NOTHING",
        )
        .bind(issuer)
        .bind(subject)
        .bind(user_id)
        .bind(now)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down that an identity was used.
    ///
    /// # Errors
    /// The database fails.
    pub async fn touch_identity(&self, issuer: &str, subject: &str, now: i64) -> Result<()> {
        sqlx::query("UPDATE identities SET last_used_at = $1 WHERE issuer = $2 AND subject = $3")
            .bind(now)
            .bind(issuer)
            .bind(subject)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// The id of the group of that name, and whether its members come from the sign-in provider.
    ///
    /// # Errors
    /// The database fails.
    pub async fn group_named(&self, name: &str) -> Result<Option<(String, bool)>> {
        let row: Option<(String, i64)> = sqlx::query_as("SELECT id, is_external FROM user_groups WHERE name_key = $1")
            .bind(key(name))
            .fetch_optional(&self.reader)
            .await
            .explain()?;
        Ok(row.map(|(id, is_external)| (id, is_external != 0)))
    }

    /// Puts a user into groups, by id.
    ///
    /// # Errors
    /// There is no such user or group.
    pub async fn join_groups(&self, user_id: &str, group_ids: &[String]) -> Result<()> {
        let mut tx = self.begin().await?;
        for group in group_ids {
            sqlx::query("INSERT INTO group_members (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(group)
                .bind(user_id)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        tx.commit().await.explain()
    }

    /// Makes a user's groups of the sign-in provider these and no others. Groups that are not there
    /// are made; those made by hand are left alone, also where they have the same name.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn set_external_groups(&self, user_id: &str, names: &[String], now: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "DELETE FROM group_members WHERE user_id = $1
             AND group_id IN (SELECT id FROM user_groups WHERE is_external = 1)",
        )
        .bind(user_id)
        .execute(&mut *tx)
        .await
        .explain()?;
        for name in names {
            sqlx::query(
                "INSERT INTO user_groups (id, name, name_key, is_external, created_at) VALUES ($1, $2, $3, 1, $4)
                 ON CONFLICT (name_key) DO NOTHING",
            )
            .bind(Uuid::now_v7().simple().to_string())
            .bind(name)
            .bind(key(name))
            .bind(now)
            .execute(&mut *tx)
            .await
            .explain()?;
            sqlx::query(
                "INSERT INTO group_members (group_id, user_id)
                 SELECT id, $1 FROM user_groups WHERE name_key = $2 AND is_external = 1
                 ON CONFLICT DO NOTHING",
            )
            .bind(user_id)
            .bind(key(name))
            .execute(&mut *tx)
            .await
            .explain()?;
        }
        tx.commit().await.explain()
    }
}

/// What makes two names the same.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}
