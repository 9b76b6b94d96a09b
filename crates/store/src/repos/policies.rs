//! The policies of datasets, and what explains who may see one.

use crate::error::Explain;
use crate::word::Word;
use crate::{Store, ThingKind};
use domain::{Access, Result};

/// The policies of a dataset.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct PolicyRow {
    pub dataset_id: String,
    /// `domain::policy::Policies`, with ids of users and groups.
    pub policies_json: String,
    /// Id of a user.
    pub saved_by: String,
    pub saved_at: i64,
}

/// One way in which a thing is granted to a user.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WayRow {
    /// The group that it was granted to; empty: the user themselves.
    pub group_name: String,
    /// The folder that it was granted on; empty: the thing itself.
    pub folder_name: String,
    #[sqlx(try_from = "Word")]
    pub access: Access,
}

impl Store {
    /// The policies of a dataset, if it has some.
    ///
    /// # Errors
    /// The database fails.
    pub async fn policies(&self, dataset_id: &str) -> Result<Option<PolicyRow>> {
        sqlx::query_as("SELECT * FROM dataset_policies WHERE dataset_id = $1")
            .bind(dataset_id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// Those of all datasets.
    ///
    /// # Errors
    /// The database fails.
    pub async fn all_policies(&self) -> Result<Vec<PolicyRow>> {
        sqlx::query_as("SELECT * FROM dataset_policies ORDER BY dataset_id").fetch_all(&self.reader).await.explain()
    }

    /// Puts policies in the place of those before.
    ///
    /// # Errors
    /// There is no such dataset.
    pub async fn put_policies(&self, row: &PolicyRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO dataset_policies (dataset_id, policies_json, saved_by, saved_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (dataset_id) DO UPDATE SET policies_json = excluded.policies_json,
               saved_by = excluded.saved_by, saved_at = excluded.saved_at",
        )
        .bind(&row.dataset_id)
        .bind(&row.policies_json)
        .bind(&row.saved_by)
        .bind(row.saved_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Id and name of every group.
    ///
    /// # Errors
    /// The database fails.
    pub async fn group_names(&self) -> Result<Vec<(String, String)>> {
        sqlx::query_as("SELECT id, name FROM user_groups ORDER BY name_key").fetch_all(&self.reader).await.explain()
    }

    /// Every way in which a thing is granted to a user: by name, as a member of a group, on a folder that
    /// it lies in.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ways_to(&self, kind: ThingKind, thing_id: &str, user_id: &str) -> Result<Vec<WayRow>> {
        sqlx::query_as(WAYS).bind(user_id).bind(kind.as_str()).bind(thing_id).fetch_all(&self.reader).await.explain()
    }
}

/// How thing $3 of kind $2 is granted to user $1.
const WAYS: &str = "
    WITH RECURSIVE
    above(folder_id) AS (
        SELECT folder_id FROM folder_things WHERE thing_kind = $2 AND thing_id = $3
        UNION
        SELECT f.parent_id FROM above a JOIN folders f ON f.id = a.folder_id WHERE f.parent_id IS NOT NULL
    ),
    places(thing_kind, thing_id, folder_name) AS (
        SELECT CAST($2 AS TEXT), CAST($3 AS TEXT), ''
        UNION ALL
        SELECT 'folder', f.id, f.name FROM above a JOIN folders f ON f.id = a.folder_id
    )
    SELECT '' AS group_name, p.folder_name, g.access
    FROM places p JOIN grants g ON g.thing_kind = p.thing_kind AND g.thing_id = p.thing_id
    WHERE g.user_id = $1
    UNION ALL
    SELECT u.name AS group_name, p.folder_name, g.access
    FROM places p
    JOIN group_grants g ON g.thing_kind = p.thing_kind AND g.thing_id = p.thing_id
    JOIN group_members m ON m.group_id = g.group_id
    JOIN user_groups u ON u.id = g.group_id
    WHERE m.user_id = $1
    ORDER BY 2, 1";
