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

    /// What a user was granted, by id of the thing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn grants_of_user(&self, user_id: &str, kind: ThingKind) -> Result<HashMap<String, Access>> {
        let rows: Vec<GrantRow> = sqlx::query_as(
            "SELECT g.thing_id, g.user_id, u.name AS user_name, g.access
             FROM grants g JOIN users u ON u.id = g.user_id
             WHERE g.user_id = $1 AND g.thing_kind = $2",
        )
        .bind(user_id)
        .bind(kind.as_str())
        .fetch_all(&self.reader)
        .await
        .explain()?;
        Ok(rows.into_iter().map(|g| (g.thing_id, g.access)).collect())
    }

    /// What a user was granted on one thing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn grant(&self, kind: ThingKind, thing_id: &str, user_id: &str) -> Result<Option<Access>> {
        let row: Option<GrantRow> = sqlx::query_as(
            "SELECT g.thing_id, g.user_id, u.name AS user_name, g.access
             FROM grants g JOIN users u ON u.id = g.user_id
             WHERE g.thing_kind = $1 AND g.thing_id = $2 AND g.user_id = $3",
        )
        .bind(kind.as_str())
        .bind(thing_id)
        .bind(user_id)
        .fetch_optional(&self.reader)
        .await
        .explain()?;
        Ok(row.map(|g| g.access))
    }
}

/// Takes back everything that was granted on a thing, as a part of deleting it. `thing_id` has no
/// foreign key, because it points into one of several tables.
pub(crate) async fn forget(tx: &mut Transaction<'_, Any>, kind: ThingKind, thing_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM grants WHERE thing_kind = $1 AND thing_id = $2")
        .bind(kind.as_str())
        .bind(thing_id)
        .execute(&mut **tx)
        .await
        .explain()?;
    Ok(())
}
