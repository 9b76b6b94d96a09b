//! Grants: what a user may do with somebody else's thing.

use crate::Store;
use crate::error::Explain;
use crate::word::Word;
use domain::{Access, Result};
use sqlx::{Any, Transaction};
use std::collections::HashMap;

/// The kinds of thing that can be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThingKind {
    Dashboard,
    Dataset,
    Metric,
    Report,
    Alert,
    Folder,
}

impl ThingKind {
    /// The word in the table, and in sentences.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Dataset => "dataset",
            Self::Metric => "metric",
            Self::Report => "report",
            Self::Alert => "alert",
            Self::Folder => "folder",
        }
    }
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

    /// What a user was granted, by id of the thing: themselves, as a member of a group, or by a folder
    /// that the thing lies in.
    ///
    /// # Errors
    /// The database fails.
    pub async fn grants_of_user(&self, user_id: &str, kind: ThingKind) -> Result<HashMap<String, Access>> {
        let rows: Vec<Granted> = sqlx::query_as(GRANTED)
            .bind(user_id)
            .bind(kind.as_str())
            .bind(None::<&str>)
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

    /// The same for one thing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn grant(&self, kind: ThingKind, thing_id: &str, user_id: &str) -> Result<Option<Access>> {
        let rows: Vec<Granted> = sqlx::query_as(GRANTED)
            .bind(user_id)
            .bind(kind.as_str())
            .bind(Some(thing_id))
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

/// What user $1 was granted on things of kind $2, on thing $3 or, where that is NULL, on all.
const GRANTED: &str = "
    WITH RECURSIVE
    mine(thing_kind, thing_id, access) AS (
        SELECT thing_kind, thing_id, access FROM grants WHERE user_id = $1
        UNION ALL
        SELECT g.thing_kind, g.thing_id, g.access
        FROM group_grants g JOIN group_members m ON m.group_id = g.group_id WHERE m.user_id = $1
    ),
    inside(folder_id, access) AS (
        SELECT thing_id, access FROM mine WHERE thing_kind = 'folder'
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
    SELECT thing_id, access FROM found WHERE $3 IS NULL OR thing_id = $3";

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
