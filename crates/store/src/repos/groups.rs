//! Groups of users.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use crate::word::Flag;
use domain::Result;

/// A group.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct GroupRow {
    pub id: String,
    pub name: String,
    /// Its members come from the sign-in provider.
    #[sqlx(try_from = "Flag")]
    pub is_external: bool,
    pub created_at: i64,
}

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MemberRow {
    pub group_id: String,
    pub user_id: String,
}

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

    /// All groups, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn groups(&self) -> Result<Vec<GroupRow>> {
        sqlx::query_as("SELECT * FROM user_groups ORDER BY name_key").fetch_all(&self.reader).await.explain()
    }

    /// The group of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn group(&self, id: &str) -> Result<Option<GroupRow>> {
        sqlx::query_as("SELECT * FROM user_groups WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// Adds a group.
    ///
    /// # Errors
    /// `NameTaken`.
    pub async fn insert_group(&self, group: &GroupRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO user_groups (id, name, name_key, is_external, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&group.id)
        .bind(&group.name)
        .bind(group.name.to_lowercase())
        .bind(i64::from(group.is_external))
        .bind(group.created_at)
        .execute(&self.writer)
        .await
        .or_taken(|| format!("There is already a group named {}.", group.name))?;
        Ok(())
    }

    /// Gives a group another name.
    ///
    /// # Errors
    /// `NameTaken`; there is no such group.
    pub async fn rename_group(&self, id: &str, name: &str) -> Result<()> {
        let done = sqlx::query("UPDATE user_groups SET name = $1, name_key = $2 WHERE id = $3")
            .bind(name)
            .bind(name.to_lowercase())
            .bind(id)
            .execute(&self.writer)
            .await
            .or_taken(|| format!("There is already a group named {name}."))?;
        found(done.rows_affected(), "group")
    }

    /// Deletes a group with what was granted to it. Answers whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_group(&self, id: &str) -> Result<bool> {
        Ok(self.deleted(sqlx::query("DELETE FROM user_groups WHERE id = $1").bind(id)).await? > 0)
    }

    /// Who is in which group.
    ///
    /// # Errors
    /// The database fails.
    pub async fn members(&self) -> Result<Vec<MemberRow>> {
        sqlx::query_as("SELECT group_id, user_id FROM group_members ORDER BY group_id, user_id")
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Ids of those in a group.
    ///
    /// # Errors
    /// The database fails.
    pub async fn members_of(&self, group_id: &str) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT user_id FROM group_members WHERE group_id = $1 ORDER BY user_id")
            .bind(group_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Puts a user into a group; once is enough.
    ///
    /// # Errors
    /// There is no such user or group.
    pub async fn add_member(&self, group_id: &str, user_id: &str) -> Result<()> {
        sqlx::query("INSERT INTO group_members (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(group_id)
            .bind(user_id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(())
    }

    /// Takes a user out of a group. Answers whether they were in it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn remove_member(&self, group_id: &str, user_id: &str) -> Result<bool> {
        let sql = sqlx::query("DELETE FROM group_members WHERE group_id = $1 AND user_id = $2");
        Ok(self.deleted(sql.bind(group_id).bind(user_id)).await? > 0)
    }

    /// Keeps what row policies compare with, of a user.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn update_user_attributes(&self, id: &str, attributes_json: &str) -> Result<()> {
        let done = sqlx::query("UPDATE users SET attributes_json = $1 WHERE id = $2")
            .bind(attributes_json)
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "user")
    }
}
