//! Groups of users.

use crate::Store;
use crate::error::Explain;
use domain::Result;

impl Store {
    /// Ids of the groups that a user is in.
    ///
    /// # Errors
    /// The database fails.
    pub async fn groups_of(&self, user_id: &str) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT group_id FROM group_members WHERE user_id = $1 ORDER BY group_id")
            .bind(user_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }
}
