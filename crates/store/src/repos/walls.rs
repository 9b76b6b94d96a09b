//! Wall links and the dashboards they show.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::SEEN_EVERY_MS;
use domain::Result;

/// A wall link.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct WallLinkRow {
    pub id: String,
    pub owner_id: String,
    pub label: String,
    /// SHA-256 of its secret, in hex.
    pub secret_hash: String,
    pub options: String,
    pub created_at: i64,
    pub last_seen_at: Option<i64>,
}

impl Store {
    /// Adds a link to these dashboards.
    ///
    /// # Errors
    /// There is no such user or dashboard.
    pub async fn insert_wall_link(&self, link: &WallLinkRow, dashboards: &[String]) -> Result<()> {
        let mut work = self.begin().await?;
        sqlx::query(
            "INSERT INTO wall_links (id, owner_id, label, secret_hash, options, created_at, last_seen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&link.id)
        .bind(&link.owner_id)
        .bind(&link.label)
        .bind(&link.secret_hash)
        .bind(&link.options)
        .bind(link.created_at)
        .bind(link.last_seen_at)
        .execute(&mut *work)
        .await
        .explain()?;
        for (position, dashboard) in (0_i64..).zip(dashboards) {
            sqlx::query("INSERT INTO wall_link_dashboards (link_id, dashboard_id, position) VALUES ($1, $2, $3)")
                .bind(&link.id)
                .bind(dashboard)
                .bind(position)
                .execute(&mut *work)
                .await
                .explain()?;
        }
        work.commit().await.explain()
    }

    /// The link with that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn wall_link(&self, id: &str) -> Result<Option<WallLinkRow>> {
        sqlx::query_as("SELECT * FROM wall_links WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// The link with that secret.
    ///
    /// # Errors
    /// The database fails.
    pub async fn wall_link_by_hash(&self, secret_hash: &str) -> Result<Option<WallLinkRow>> {
        sqlx::query_as("SELECT * FROM wall_links WHERE secret_hash = $1")
            .bind(secret_hash)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// The links that show a dashboard, the newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn wall_links_of(&self, dashboard_id: &str) -> Result<Vec<WallLinkRow>> {
        sqlx::query_as(
            "SELECT wall_links.* FROM wall_links
             JOIN wall_link_dashboards ON wall_link_dashboards.link_id = wall_links.id
             WHERE dashboard_id = $1 ORDER BY created_at DESC, id",
        )
        .bind(dashboard_id)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Ids of the dashboards of a link, in their order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn wall_link_dashboards(&self, link_id: &str) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT dashboard_id FROM wall_link_dashboards WHERE link_id = $1 ORDER BY position")
            .bind(link_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Writes down that a screen was seen; at most once a minute.
    ///
    /// # Errors
    /// The database fails.
    pub async fn touch_wall_link(&self, id: &str, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE wall_links SET last_seen_at = $1 WHERE id = $2 AND (last_seen_at IS NULL OR last_seen_at < $3)",
        )
        .bind(now)
        .bind(id)
        .bind(now - SEEN_EVERY_MS)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Revokes a link. Answers whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_wall_link(&self, id: &str) -> Result<bool> {
        Ok(self.deleted(sqlx::query("DELETE FROM wall_links WHERE id = $1").bind(id)).await? > 0)
    }
}
