//! Grants: what a user may do with somebody else's thing.

use crate::Store;
use crate::error::Explain;
use crate::word::Word;
use domain::{Access, Result};
use sqlx::{Any, Transaction};
use std::collections::HashMap;

/// The kinds of thing that can be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ThingKind {
    Dashboard,
    Dataset,
    Metric,
    Report,
    Forecast,
    Alert,
    Folder,
    Model,
}

impl ThingKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Dashboard,
        Self::Dataset,
        Self::Metric,
        Self::Report,
        Self::Forecast,
        Self::Alert,
        Self::Folder,
        Self::Model,
    ];

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// The word in the table, and in sentences.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Dataset => "dataset",
            Self::Metric => "metric",
            Self::Report => "report",
            Self::Forecast => "forecast",
            Self::Alert => "alert",
            Self::Folder => "folder",
            Self::Model => "model",
        }
    }
}

/// A grant of a group, with its name.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct GroupGrantRow {
    pub thing_id: String,
    pub group_id: String,
    pub group_name: String,
    #[sqlx(try_from = "Word")]
    pub access: Access,
}

/// A grant with the name of whom it is for.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct GrantRow {
    pub thing_id: String,
    pub user_id: String,
    pub user_name: String,
    #[sqlx(try_from = "Word")]
    pub access: Access,
}

impl Store {
    /// Grants, or changes what was granted.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn upsert_grant(&self, kind: ThingKind, thing_id: &str, user_id: &str, access: Access) -> Result<()> {
        sqlx::query(
            "INSERT INTO grants (thing_kind, thing_id, user_id, access) VALUES ($1, $2, $3, $4)
             ON CONFLICT (thing_kind, thing_id, user_id) DO UPDATE SET access = excluded.access",
        )
        .bind(kind.as_str())
        .bind(thing_id)
        .bind(user_id)
        .bind(access.as_str())
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Takes a grant back. Answers whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_grant(&self, kind: ThingKind, thing_id: &str, user_id: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM grants WHERE thing_kind = $1 AND thing_id = $2 AND user_id = $3")
            .bind(kind.as_str())
            .bind(thing_id)
            .bind(user_id)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(done.rows_affected() > 0)
    }

    /// Who may do what with a thing, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn grants_of_thing(&self, kind: ThingKind, thing_id: &str) -> Result<Vec<GrantRow>> {
        sqlx::query_as(
            "SELECT g.thing_id, g.user_id, u.name AS user_name, g.access
             FROM grants g JOIN users u ON u.id = g.user_id
             WHERE g.thing_kind = $1 AND g.thing_id = $2 ORDER BY u.name_key",
        )
        .bind(kind.as_str())
        .bind(thing_id)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Grants to a group, or changes what was granted.
    ///
    /// # Errors
    /// There is no such group.
    pub async fn upsert_group_grant(
        &self,
        kind: ThingKind,
        thing_id: &str,
        group_id: &str,
        access: Access,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO group_grants (thing_kind, thing_id, group_id, access) VALUES ($1, $2, $3, $4)
             ON CONFLICT (thing_kind, thing_id, group_id) DO UPDATE SET access = excluded.access",
        )
        .bind(kind.as_str())
        .bind(thing_id)
        .bind(group_id)
        .bind(access.as_str())
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Takes a grant of a group back. Answers whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_group_grant(&self, kind: ThingKind, thing_id: &str, group_id: &str) -> Result<bool> {
        let sql = sqlx::query("DELETE FROM group_grants WHERE thing_kind = $1 AND thing_id = $2 AND group_id = $3");
        Ok(self.deleted(sql.bind(kind.as_str()).bind(thing_id).bind(group_id)).await? > 0)
    }

    /// Which groups may do what with a thing, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn group_grants_of_thing(&self, kind: ThingKind, thing_id: &str) -> Result<Vec<GroupGrantRow>> {
        sqlx::query_as(
            "SELECT g.thing_id, g.group_id, u.name AS group_name, g.access
             FROM group_grants g JOIN user_groups u ON u.id = g.group_id
             WHERE g.thing_kind = $1 AND g.thing_id = $2 ORDER BY u.name_key",
        )
        .bind(kind.as_str())
        .bind(thing_id)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// What a user was granted, by id of the thing: themselves, as a member of a group, or by a folder
    /// that the thing lies in.
    ///
    /// # Errors
    /// The database fails.
    pub async fn grants_of_user(&self, user_id: &str, kind: ThingKind) -> Result<HashMap<String, Access>> {
        self.granted_to(user_id, None, kind).await
    }

    /// The same for somebody who is in this group and has nothing of their own.
    ///
    /// # Errors
    /// The database fails.
    pub async fn grants_of_group(&self, group_id: &str, kind: ThingKind) -> Result<HashMap<String, Access>> {
        self.granted_to("", Some(group_id), kind).await
    }

    async fn granted_to(
        &self,
        user_id: &str,
        group_id: Option<&str>,
        kind: ThingKind,
    ) -> Result<HashMap<String, Access>> {
        let rows: Vec<Granted> = sqlx::query_as(GRANTED)
            .bind(user_id)
            .bind(kind.as_str())
            .bind(group_id)
            .fetch_all(&self.reader)
            .await
            .explain()?;
        let mut granted = HashMap::with_capacity(rows.len());
        for row in rows {
            let most = granted.entry(row.thing_id).or_insert(row.access);
            *most = row.access.max(*most);
        }
        Ok(granted)
    }

    /// What a user was granted on one thing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn grant(&self, kind: ThingKind, thing_id: &str, user_id: &str) -> Result<Option<Access>> {
        self.granted_on(user_id, None, kind, thing_id).await
    }

    /// What somebody may do with one thing who is in this group and has nothing of their own.
    ///
    /// # Errors
    /// The database fails.
    pub async fn group_grant(&self, kind: ThingKind, thing_id: &str, group_id: &str) -> Result<Option<Access>> {
        self.granted_on("", Some(group_id), kind, thing_id).await
    }

    async fn granted_on(
        &self,
        user_id: &str,
        group_id: Option<&str>,
        kind: ThingKind,
        thing_id: &str,
    ) -> Result<Option<Access>> {
        let rows: Vec<Granted> = sqlx::query_as(GRANTED_ONE)
            .bind(user_id)
            .bind(kind.as_str())
            .bind(thing_id)
            .bind(group_id)
            .fetch_all(&self.reader)
            .await
            .explain()?;
        Ok(rows.into_iter().map(|row| row.access).max())
    }
}

#[derive(sqlx::FromRow)]
struct Granted {
    thing_id: String,
    #[sqlx(try_from = "Word")]
    access: Access,
}

/// What user $1 was granted on things of kind $2. $3 is a group in whose place somebody looks. Who owns a folder edits what lies in it, and what lies in one
/// that everybody sees is seen by everybody.
const GRANTED: &str = "
    WITH RECURSIVE
    mine(thing_kind, thing_id, access) AS (
        SELECT thing_kind, thing_id, access FROM grants WHERE user_id = $1
        UNION ALL
        SELECT g.thing_kind, g.thing_id, g.access
        FROM group_grants g JOIN group_members m ON m.group_id = g.group_id WHERE m.user_id = $1
        UNION ALL
        SELECT thing_kind, thing_id, access FROM group_grants WHERE group_id = $3
    ),
    tops(folder_id, access) AS (
        SELECT thing_id, access FROM mine WHERE thing_kind = 'folder'
        UNION ALL
        SELECT id, 'edit' FROM folders WHERE owner_id = $1
        UNION ALL
        SELECT id, 'view' FROM folders WHERE is_public = 1
    ),
    inside(folder_id, access) AS (
        SELECT folder_id, access FROM tops
        UNION
        SELECT f.id, i.access FROM inside i JOIN folders f ON f.parent_id = i.folder_id
    ),
    found(thing_id, access) AS (
        SELECT thing_id, access FROM mine WHERE thing_kind = $2
        UNION ALL
        SELECT folder_id, access FROM inside WHERE $2 = 'folder'
        UNION ALL
        SELECT t.thing_id, i.access FROM inside i JOIN folder_things t ON t.folder_id = i.folder_id
        WHERE t.thing_kind = $2
    )
    SELECT thing_id, access FROM found";

/// The same for one thing, from the thing up through its folders: every request asks this.
const GRANTED_ONE: &str = "
    WITH RECURSIVE
    above(folder_id) AS (
        SELECT folder_id FROM folder_things WHERE thing_kind = $2 AND thing_id = $3
        UNION ALL
        SELECT parent_id FROM folders WHERE $2 = 'folder' AND id = $3 AND parent_id IS NOT NULL
    ),
    folder_chain(folder_id) AS (
        SELECT folder_id FROM above
        UNION
        SELECT f.parent_id FROM folder_chain c JOIN folders f ON f.id = c.folder_id WHERE f.parent_id IS NOT NULL
    ),
    places(thing_kind, thing_id) AS (
        SELECT CAST($2 AS TEXT), CAST($3 AS TEXT)
        UNION ALL
        SELECT 'folder', folder_id FROM folder_chain
    )
    SELECT g.thing_id, g.access FROM places p
    JOIN grants g ON g.thing_kind = p.thing_kind AND g.thing_id = p.thing_id WHERE g.user_id = $1
    UNION ALL
    SELECT g.thing_id, g.access FROM places p
    JOIN group_grants g ON g.thing_kind = p.thing_kind AND g.thing_id = p.thing_id
    JOIN group_members m ON m.group_id = g.group_id WHERE m.user_id = $1
    UNION ALL
    SELECT g.thing_id, g.access FROM places p
    JOIN group_grants g ON g.thing_kind = p.thing_kind AND g.thing_id = p.thing_id WHERE g.group_id = $4
    UNION ALL
    SELECT f.id, 'edit' FROM folder_chain c JOIN folders f ON f.id = c.folder_id WHERE f.owner_id = $1
    UNION ALL
    SELECT f.id, 'view' FROM folder_chain c JOIN folders f ON f.id = c.folder_id WHERE f.is_public = 1";

/// Takes back everything that was granted on a thing, as a part of deleting it. `thing_id` has no
/// foreign key, because it points into one of several tables.
pub(crate) async fn forget(tx: &mut Transaction<'_, Any>, kind: ThingKind, thing_id: &str) -> Result<()> {
    const LEFT: [&str; 3] = [
        "DELETE FROM grants WHERE thing_kind = $1 AND thing_id = $2",
        "DELETE FROM group_grants WHERE thing_kind = $1 AND thing_id = $2",
        "DELETE FROM folder_things WHERE thing_kind = $1 AND thing_id = $2",
    ];
    for sql in LEFT {
        sqlx::query(sql).bind(kind.as_str()).bind(thing_id).execute(&mut **tx).await.explain()?;
    }
    Ok(())
}
