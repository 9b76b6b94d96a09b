//! What belongs to a user and not to their rights: full name, confirmed address, second factor.

use crate::Store;
use crate::error::Explain;
use domain::Result;

/// What is known of a user beside the account.
#[derive(Clone, Debug, Default, PartialEq, sqlx::FromRow)]
pub struct ProfileRow {
    pub full_name: String,
    /// The address that its reader has confirmed.
    pub verified_email: Option<String>,
    /// The address that waits to be confirmed.
    pub pending_email: Option<String>,
    /// The address by which a sign-in provider's account may be linked, once.
    pub link_email: Option<String>,
}

/// A second factor.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct TotpRow {
    /// Its secret, encrypted.
    pub sealed: String,
    /// `None` until the first code was right.
    pub confirmed_at: Option<i64>,
    pub last_step: i64,
}

impl Store {
    /// What is known of a user.
    ///
    /// # Errors
    /// The database fails.
    pub async fn profile(&self, user_id: &str) -> Result<ProfileRow> {
        let row = sqlx::query_as("SELECT * FROM profiles WHERE user_id = $1")
            .bind(user_id)
            .fetch_optional(&self.reader)
            .await
            .explain()?;
        Ok(row.unwrap_or_default())
    }

    /// Writes a user's full name.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn set_full_name(&self, user_id: &str, full_name: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO profiles (user_id, full_name) VALUES ($1, $2)
             ON CONFLICT (user_id) DO UPDATE SET full_name = excluded.full_name",
        )
        .bind(user_id)
        .bind(full_name)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Keeps the address that waits to be confirmed.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn set_pending_email(&self, user_id: &str, address: Option<&str>) -> Result<()> {
        sqlx::query(
            "INSERT INTO profiles (user_id, full_name, pending_email) VALUES ($1, '', $2)
             ON CONFLICT (user_id) DO UPDATE SET pending_email = excluded.pending_email",
        )
        .bind(user_id)
        .bind(address)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Keeps the address by which an account of the sign-in provider may be linked, once.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn set_link_email(&self, user_id: &str, address: Option<&str>) -> Result<()> {
        sqlx::query(
            "INSERT INTO profiles (user_id, full_name, link_email) VALUES ($1, '', $2)
             ON CONFLICT (user_id) DO UPDATE SET link_email = excluded.link_email",
        )
        .bind(user_id)
        .bind(address)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Gives a user an address, confirmed or not; what waited to be confirmed waits no longer.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn set_email(&self, user_id: &str, address: Option<&str>, is_verified: bool) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE users SET email = $1 WHERE id = $2")
            .bind(address)
            .bind(user_id)
            .execute(&mut *tx)
            .await
            .explain()?;
        sqlx::query(
            "INSERT INTO profiles (user_id, full_name, verified_email) VALUES ($1, '', $2)
             ON CONFLICT (user_id) DO UPDATE SET verified_email = excluded.verified_email, pending_email = NULL",
        )
        .bind(user_id)
        .bind(address.filter(|_| is_verified))
        .execute(&mut *tx)
        .await
        .explain()?;
        tx.commit().await.explain()
    }

    /// Ids of the users who have confirmed this address, however it is written.
    ///
    /// # Errors
    /// The database fails.
    pub async fn users_of_verified_email(&self, address: &str) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT users.id FROM users JOIN profiles ON profiles.user_id = users.id
             WHERE lower(users.email) = lower($1) AND profiles.verified_email = users.email ORDER BY users.id LIMIT 5",
        )
        .bind(address)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Ids of the users to whom an administrator has linked this address.
    ///
    /// # Errors
    /// The database fails.
    pub async fn users_of_link_email(&self, address: &str) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT user_id FROM profiles WHERE lower(link_email) = lower($1) ORDER BY user_id")
            .bind(address)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// A user's second factor, confirmed or not.
    ///
    /// # Errors
    /// The database fails.
    pub async fn totp(&self, user_id: &str) -> Result<Option<TotpRow>> {
        sqlx::query_as("SELECT sealed, confirmed_at, last_step FROM totp WHERE user_id = $1")
            .bind(user_id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// Begins a second factor; one that is in use stays as it is.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn put_totp(&self, user_id: &str, sealed: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO totp (user_id, sealed, confirmed_at, last_step) VALUES ($1, $2, NULL, 0)
             ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed WHERE totp.confirmed_at IS NULL",
        )
        .bind(user_id)
        .bind(sealed)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Uses the code of a time step up. Of any number who try, one gets it; nobody gets an older one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_totp_step(&self, user_id: &str, step: i64) -> Result<bool> {
        let done = sqlx::query("UPDATE totp SET last_step = $1 WHERE user_id = $2 AND last_step < $1")
            .bind(step)
            .bind(user_id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// From now on the second factor is asked for.
    ///
    /// # Errors
    /// The database fails.
    pub async fn confirm_totp(&self, user_id: &str, now: i64) -> Result<()> {
        sqlx::query("UPDATE totp SET confirmed_at = $1 WHERE user_id = $2 AND confirmed_at IS NULL")
            .bind(now)
            .bind(user_id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Takes a second factor away, with its recovery codes. Answers whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_totp(&self, user_id: &str) -> Result<bool> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1").bind(user_id).execute(&mut *tx).await.explain()?;
        let gone =
            sqlx::query("DELETE FROM totp WHERE user_id = $1").bind(user_id).execute(&mut *tx).await.explain()?;
        tx.commit().await.explain()?;
        Ok(gone.rows_affected() > 0)
    }

    /// Puts recovery codes in the place of the former.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn replace_recovery_codes(&self, user_id: &str, hashes: &[String]) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1").bind(user_id).execute(&mut *tx).await.explain()?;
        for hash in hashes {
            sqlx::query("INSERT INTO recovery_codes (hash, user_id) VALUES ($1, $2)")
                .bind(hash)
                .bind(user_id)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        tx.commit().await.explain()
    }

    /// Uses a recovery code up. Answers whether it was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_recovery_code(&self, user_id: &str, hash: &str) -> Result<bool> {
        let sql = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2");
        Ok(self.deleted(sql.bind(user_id).bind(hash)).await? > 0)
    }

    /// How many recovery codes are left.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_recovery_codes(&self, user_id: &str) -> Result<i64> {
        sqlx::query_scalar("SELECT count(*) FROM recovery_codes WHERE user_id = $1")
            .bind(user_id)
            .fetch_one(&self.reader)
            .await
            .explain()
    }
}
