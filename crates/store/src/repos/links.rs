//! Links by which anybody sees one dashboard.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use crate::word::Word;
use domain::Result;
use domain::link::LinkKind;
use std::collections::HashMap;

/// A public or embedded link.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct PublicLinkRow {
    pub id: String,
    pub dashboard_id: String,
    pub owner_id: String,
    #[sqlx(try_from = "Word")]
    pub kind: LinkKind,
    pub label: String,
    /// SHA-256 of the secret of a public link, in hex.
    pub secret_hash: Option<String>,
    /// The HS256 key of an embedded link, encrypted.
    pub key_sealed: Option<String>,
    /// The Ed25519 key of an embedded link, PEM.
    pub public_key: Option<String>,
    pub password_hash: Option<String>,
    pub expires_at: Option<i64>,
    /// List of `domain::query::Filter`.
    pub filters_json: String,
    /// List of origins.
    pub origins_json: String,
    /// Counts changes of what opens it.
    pub generation: i64,
    pub opened: i64,
    pub last_opened_at: Option<i64>,
    pub created_at: i64,
}

impl Store {
    /// Adds a link.
    ///
    /// # Errors
    /// There is no such dashboard.
    pub async fn insert_public_link(&self, link: &PublicLinkRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO public_links (id, dashboard_id, owner_id, kind, label, secret_hash, key_sealed, public_key,
                                       password_hash, expires_at, filters_json, origins_json, generation, opened,
                                       last_opened_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        )
        .bind(&link.id)
        .bind(&link.dashboard_id)
        .bind(&link.owner_id)
        .bind(link.kind.as_str())
        .bind(&link.label)
        .bind(&link.secret_hash)
        .bind(&link.key_sealed)
        .bind(&link.public_key)
        .bind(&link.password_hash)
        .bind(link.expires_at)
        .bind(&link.filters_json)
        .bind(&link.origins_json)
        .bind(link.generation)
        .bind(link.opened)
        .bind(link.last_opened_at)
        .bind(link.created_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Writes everything of a link that can change, but how often it was opened.
    ///
    /// # Errors
    /// There is no such link.
    pub async fn update_public_link(&self, link: &PublicLinkRow) -> Result<()> {
        let done = sqlx::query(
            "UPDATE public_links SET label = $1, secret_hash = $2, key_sealed = $3, public_key = $4,
                                     password_hash = $5, expires_at = $6, filters_json = $7, origins_json = $8,
                                     generation = $9
             WHERE id = $10",
        )
        .bind(&link.label)
        .bind(&link.secret_hash)
        .bind(&link.key_sealed)
        .bind(&link.public_key)
        .bind(&link.password_hash)
        .bind(link.expires_at)
        .bind(&link.filters_json)
        .bind(&link.origins_json)
        .bind(link.generation)
        .bind(&link.id)
        .execute(&self.writer)
        .await
        .explain()?;
        found(done.rows_affected(), "link")
    }

    /// The link with that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn public_link(&self, id: &str) -> Result<Option<PublicLinkRow>> {
        sqlx::query_as("SELECT * FROM public_links WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// The link with that secret.
    ///
    /// # Errors
    /// The database fails.
    pub async fn public_link_by_hash(&self, secret_hash: &str) -> Result<Option<PublicLinkRow>> {
        sqlx::query_as("SELECT * FROM public_links WHERE secret_hash = $1")
            .bind(secret_hash)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// The links of a dashboard, latest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn public_links_of(&self, dashboard_id: &str) -> Result<Vec<PublicLinkRow>> {
        sqlx::query_as("SELECT * FROM public_links WHERE dashboard_id = $1 ORDER BY created_at DESC, id DESC")
            .bind(dashboard_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// How many links that are not expired show each dashboard.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_public_links(&self, now: i64) -> Result<HashMap<String, i64>> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT dashboard_id, COUNT(*) FROM public_links
             WHERE expires_at IS NULL OR expires_at > $1 GROUP BY dashboard_id",
        )
        .bind(now)
        .fetch_all(&self.reader)
        .await
        .explain()?;
        Ok(rows.into_iter().collect())
    }

    /// Counts that a link was opened.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_public_link_opened(&self, id: &str, now: i64) -> Result<()> {
        sqlx::query("UPDATE public_links SET opened = opened + 1, last_opened_at = $1 WHERE id = $2")
            .bind(now)
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Revokes a link. Answers whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_public_link(&self, id: &str) -> Result<bool> {
        Ok(self.deleted(sqlx::query("DELETE FROM public_links WHERE id = $1").bind(id)).await? > 0)
    }
}
