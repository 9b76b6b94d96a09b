//! Datasets: what is known of them. Their versions are in [`super::manifests`].

use crate::Store;
use crate::error::Explain;
use crate::repos::grants::{self, ThingKind};
use crate::repos::users::found;
use crate::word::Flag;
use domain::Result;

/// A dataset.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DatasetRow {
    pub id: String,
    pub name: String,
    pub label: String,
    pub description: String,
    pub owner_id: String,
    /// JSON array of `domain::Column`.
    pub columns_json: String,
    /// JSON array of segments, each an object with an `id`.
    pub segments_json: String,
    pub row_count: i64,
    pub bytes: i64,
    pub version: i64,
    pub origin: String,
    #[sqlx(try_from = "Flag")]
    pub is_public: bool,
    pub created_at: i64,
    pub updated_at: i64,
    /// Left out of lists.
    pub profile_json: Option<String>,
    /// The version that the profile describes; 0 when there is none.
    pub profile_version: i64,
}

/// What people may change about a dataset without loading it again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DatasetMeta {
    pub label: String,
    pub description: String,
    pub columns_json: String,
    pub is_public: bool,
    pub updated_at: i64,
}

impl Store {
    /// Adds a dataset.
    ///
    /// # Errors
    /// `NameTaken`.
    pub async fn insert_dataset(&self, dataset: &DatasetRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO datasets (id, name, label, description, owner_id, columns_json, segments_json, row_count,
                                   bytes, version, origin, is_public, created_at, updated_at, profile_json,
                                   profile_version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        )
        .bind(&dataset.id)
        .bind(&dataset.name)
        .bind(&dataset.label)
        .bind(&dataset.description)
        .bind(&dataset.owner_id)
        .bind(&dataset.columns_json)
        .bind(&dataset.segments_json)
        .bind(dataset.row_count)
        .bind(dataset.bytes)
        .bind(dataset.version)
        .bind(&dataset.origin)
        .bind(i64::from(dataset.is_public))
        .bind(dataset.created_at)
        .bind(dataset.updated_at)
        .bind(&dataset.profile_json)
        .bind(dataset.profile_version)
        .execute(&self.writer)
        .await
        .or_taken(|| format!("There is already a dataset named {}.", dataset.name))?;
        Ok(())
    }

    /// The dataset of that id or name; an id goes first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dataset(&self, name_or_id: &str) -> Result<Option<DatasetRow>> {
        sqlx::query_as(
            "SELECT * FROM datasets WHERE id = $1 OR name = $1 ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END LIMIT 1",
        )
        .bind(name_or_id)
        .fetch_optional(&self.reader)
        .await
        .explain()
    }

    /// All of them by label, without their profiles.
    ///
    /// # Errors
    /// The database fails.
    pub async fn datasets(&self) -> Result<Vec<DatasetRow>> {
        sqlx::query_as(
            "SELECT id, name, label, description, owner_id, columns_json, segments_json, row_count, bytes, version,
                    origin, is_public, created_at, updated_at, NULL AS profile_json, profile_version
             FROM datasets ORDER BY label, name",
        )
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Changes what is said about a dataset.
    ///
    /// # Errors
    /// There is no such dataset.
    pub async fn update_dataset_meta(&self, id: &str, meta: &DatasetMeta) -> Result<()> {
        let done = sqlx::query(
            "UPDATE datasets SET label = $1, description = $2, columns_json = $3, is_public = $4, updated_at = $5
             WHERE id = $6",
        )
        .bind(&meta.label)
        .bind(&meta.description)
        .bind(&meta.columns_json)
        .bind(i64::from(meta.is_public))
        .bind(meta.updated_at)
        .bind(id)
        .execute(&self.writer)
        .await
        .explain()?;
        found(done.rows_affected(), "dataset")
    }

    /// Deletes a dataset with what was granted on it. Its segments are the caller's to remove.
    ///
    /// # Errors
    /// There is no such dataset.
    pub async fn delete_dataset(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM datasets WHERE id = $1").bind(id).execute(&mut *tx).await.explain()?;
        found(done.rows_affected(), "dataset")?;
        grants::forget(&mut tx, ThingKind::Dataset, id).await?;
        tx.commit().await.explain()
    }

    /// Keeps a profile, unless a newer one is there. Answers whether it was kept.
    ///
    /// # Errors
    /// The database fails.
    pub async fn save_profile(&self, id: &str, version: i64, json: &str) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE datasets SET profile_json = $1, profile_version = $2 WHERE id = $3 AND profile_version <= $2",
        )
        .bind(json)
        .bind(version)
        .bind(id)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() > 0)
    }
}
