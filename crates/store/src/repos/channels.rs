//! Channels that administrators set up.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use crate::word::{Flag, Word};
use domain::Result;
use domain::notify::ChannelKind;

/// A channel.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ChannelRow {
    pub id: String,
    pub name: String,
    pub name_key: String,
    #[sqlx(try_from = "Word")]
    pub kind: ChannelKind,
    pub host: String,
    #[sqlx(try_from = "Flag")]
    pub has_secret: bool,
    /// Address and secret, encrypted.
    pub sealed: String,
    pub created_at: i64,
}

fn taken(name: &str) -> String {
    format!("There is already a channel named {name}.")
}

impl Store {
    /// Adds a channel.
    ///
    /// # Errors
    /// `NameTaken`.
    pub async fn insert_channel(&self, channel: &ChannelRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO channels (id, name, name_key, kind, host, has_secret, sealed, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&channel.id)
        .bind(&channel.name)
        .bind(&channel.name_key)
        .bind(channel.kind.as_str())
        .bind(&channel.host)
        .bind(i64::from(channel.has_secret))
        .bind(&channel.sealed)
        .bind(channel.created_at)
        .execute(&self.writer)
        .await
        .or_taken(|| taken(&channel.name))?;
        Ok(())
    }

    /// All channels by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn channels(&self) -> Result<Vec<ChannelRow>> {
        sqlx::query_as("SELECT * FROM channels ORDER BY name_key").fetch_all(&self.reader).await.explain()
    }

    /// The channel of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn channel(&self, id: &str) -> Result<Option<ChannelRow>> {
        sqlx::query_as("SELECT * FROM channels WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// Changes a channel; its kind stays.
    ///
    /// # Errors
    /// `NameTaken`, or there is no such channel.
    pub async fn update_channel(&self, channel: &ChannelRow) -> Result<()> {
        let done = sqlx::query(
            "UPDATE channels SET name = $1, name_key = $2, host = $3, has_secret = $4, sealed = $5 WHERE id = $6",
        )
        .bind(&channel.name)
        .bind(&channel.name_key)
        .bind(&channel.host)
        .bind(i64::from(channel.has_secret))
        .bind(&channel.sealed)
        .bind(&channel.id)
        .execute(&self.writer)
        .await
        .or_taken(|| taken(&channel.name))?;
        found(done.rows_affected(), "channel")
    }

    /// Deletes a channel.
    ///
    /// # Errors
    /// There is no such channel.
    pub async fn delete_channel(&self, id: &str) -> Result<()> {
        let gone = self.deleted(sqlx::query("DELETE FROM channels WHERE id = $1").bind(id)).await?;
        found(gone, "channel")
    }
}
