//! Stars: the dashboards a user wants at hand.

use crate::Store;
use crate::error::Explain;
use domain::Result;
use std::collections::HashSet;

impl Store {
    /// Gives a dashboard a star; once is enough.
    ///
    /// # Errors
    /// There is no such dashboard.
    pub async fn star(&self, user_id: &str, dashboard_id: &str, now: i64) -> Result<()> {
        sqlx::query("INSERT INTO stars (user_id, dashboard_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(user_id)
            .bind(dashboard_id)
            .bind(now)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Takes the star away again.
    ///
    /// # Errors
    /// The database fails.
    pub async fn unstar(&self, user_id: &str, dashboard_id: &str) -> Result<()> {
        sqlx::query("DELETE FROM stars WHERE user_id = $1 AND dashboard_id = $2")
            .bind(user_id)
            .bind(dashboard_id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Ids of the dashboards that a user gave a star.
    ///
    /// # Errors
    /// The database fails.
    pub async fn starred(&self, user_id: &str) -> Result<HashSet<String>> {
        let ids: Vec<String> = sqlx::query_scalar("SELECT dashboard_id FROM stars WHERE user_id = $1")
            .bind(user_id)
            .fetch_all(&self.reader)
            .await
            .explain()?;
        Ok(ids.into_iter().collect())
    }
}
