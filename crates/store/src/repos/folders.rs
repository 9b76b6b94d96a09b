//! Folders: a tree, and the things that lie in it.

use crate::Store;
use crate::error::Explain;
use crate::repos::grants::{self, ThingKind};
use crate::repos::users::found;
use crate::word::Flag;
use domain::{Error, ErrorCode, Result};
use sqlx::{Any, Transaction};
use std::collections::HashMap;

/// So many folders lie within each other at most.
pub const MOST_LEVELS: usize = 8;

/// A folder.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct FolderRow {
    pub id: String,
    pub name: String,
    /// `None`: at the top.
    pub parent_id: Option<String>,
    pub owner_id: String,
    #[sqlx(try_from = "Flag")]
    pub is_public: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(sqlx::FromRow)]
struct Placed {
    thing_id: String,
    folder_id: String,
}

#[derive(sqlx::FromRow)]
struct Child {
    id: String,
    parent_id: Option<String>,
}

impl Store {
    /// All folders, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn folders(&self) -> Result<Vec<FolderRow>> {
        sqlx::query_as("SELECT * FROM folders ORDER BY name, id").fetch_all(&self.reader).await.explain()
    }

    /// The folder of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn folder(&self, id: &str) -> Result<Option<FolderRow>> {
        sqlx::query_as("SELECT * FROM folders WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// Adds a folder.
    ///
    /// # Errors
    /// Its parent is gone, or lies too deep.
    pub async fn insert_folder(&self, folder: &FolderRow) -> Result<()> {
        let mut tx = self.begin().await?;
        let tree = tree(&mut tx).await?;
        check_depth(&tree, folder.parent_id.as_deref(), 1)?;
        sqlx::query(
            "INSERT INTO folders (id, name, parent_id, owner_id, is_public, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&folder.id)
        .bind(&folder.name)
        .bind(&folder.parent_id)
        .bind(&folder.owner_id)
        .bind(i64::from(folder.is_public))
        .bind(folder.created_at)
        .bind(folder.updated_at)
        .execute(&mut *tx)
        .await
        .explain()?;
        tx.commit().await.explain()
    }

    /// Changes the name of a folder and whether everybody sees it.
    ///
    /// # Errors
    /// There is no such folder.
    pub async fn update_folder(&self, id: &str, name: &str, is_public: bool, now: i64) -> Result<()> {
        let done = sqlx::query("UPDATE folders SET name = $1, is_public = $2, updated_at = $3 WHERE id = $4")
            .bind(name)
            .bind(i64::from(is_public))
            .bind(now)
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "folder")
    }

    /// Puts a folder into another, or at the top.
    ///
    /// # Errors
    /// It would lie within itself or too deep, or one of them is gone.
    pub async fn move_folder(&self, id: &str, parent_id: Option<&str>, now: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        let tree = tree(&mut tx).await?;
        let mut above = parent_id;
        for _ in 0..=tree.len() {
            if above == Some(id) {
                return Err(Error::new(ErrorCode::RuleRefused, "A folder cannot lie within itself.").field("parent"));
            }
            above = above.and_then(|a| tree.get(a)).and_then(|parent| parent.as_deref());
        }
        check_depth(&tree, parent_id, height(&tree, id))?;
        let done = sqlx::query("UPDATE folders SET parent_id = $1, updated_at = $2 WHERE id = $3")
            .bind(parent_id)
            .bind(now)
            .bind(id)
            .execute(&mut *tx)
            .await
            .explain()?;
        found(done.rows_affected(), "folder")?;
        tx.commit().await.explain()
    }

    /// Deletes a folder; what lies in it moves to where the folder lay.
    ///
    /// # Errors
    /// There is no such folder.
    pub async fn delete_folder(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let parent: Option<Option<String>> = sqlx::query_scalar("SELECT parent_id FROM folders WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *tx)
            .await
            .explain()?;
        let parent = parent.ok_or_else(|| Error::not_found("folder"))?;
        sqlx::query("UPDATE folders SET parent_id = $1 WHERE parent_id = $2")
            .bind(&parent)
            .bind(id)
            .execute(&mut *tx)
            .await
            .explain()?;
        if let Some(parent) = &parent {
            sqlx::query("UPDATE folder_things SET folder_id = $1 WHERE folder_id = $2")
                .bind(parent)
                .bind(id)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        grants::forget(&mut tx, ThingKind::Folder, id).await?;
        sqlx::query("DELETE FROM folders WHERE id = $1").bind(id).execute(&mut *tx).await.explain()?;
        tx.commit().await.explain()
    }

    /// Puts a thing into a folder, or into none.
    ///
    /// # Errors
    /// The folder is gone.
    pub async fn place_thing(&self, kind: ThingKind, id: &str, folder_id: Option<&str>) -> Result<()> {
        let sql = match folder_id {
            Some(folder) => sqlx::query(
                "INSERT INTO folder_things (thing_kind, thing_id, folder_id) VALUES ($1, $2, $3)
                 ON CONFLICT (thing_kind, thing_id) DO UPDATE SET folder_id = excluded.folder_id",
            )
            .bind(kind.as_str())
            .bind(id)
            .bind(folder),
            None => sqlx::query("DELETE FROM folder_things WHERE thing_kind = $1 AND thing_id = $2")
                .bind(kind.as_str())
                .bind(id),
        };
        sql.execute(&self.writer).await.explain()?;
        Ok(())
    }

    /// Which things of a kind lie in which folder: folder by thing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn folders_of(&self, kind: ThingKind) -> Result<HashMap<String, String>> {
        let rows: Vec<Placed> = sqlx::query_as("SELECT thing_id, folder_id FROM folder_things WHERE thing_kind = $1")
            .bind(kind.as_str())
            .fetch_all(&self.reader)
            .await
            .explain()?;
        Ok(rows.into_iter().map(|row| (row.thing_id, row.folder_id)).collect())
    }

    /// The folder that a thing lies in; of a folder its parent.
    ///
    /// # Errors
    /// The database fails.
    pub async fn folder_of(&self, kind: ThingKind, id: &str) -> Result<Option<String>> {
        if kind == ThingKind::Folder {
            return Ok(self.folder(id).await?.and_then(|folder| folder.parent_id));
        }
        sqlx::query_scalar("SELECT folder_id FROM folder_things WHERE thing_kind = $1 AND thing_id = $2")
            .bind(kind.as_str())
            .bind(id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }
}

/// Parent by folder, as it stays until the transaction ends.
async fn tree(tx: &mut Transaction<'_, Any>) -> Result<HashMap<String, Option<String>>> {
    let rows: Vec<Child> = sqlx::query_as("SELECT id, parent_id FROM folders").fetch_all(&mut **tx).await.explain()?;
    Ok(rows.into_iter().map(|row| (row.id, row.parent_id)).collect())
}

/// How many levels a folder has, itself included.
fn height(tree: &HashMap<String, Option<String>>, id: &str) -> usize {
    let (mut level, mut levels) = (vec![id], 0);
    while !level.is_empty() && levels <= tree.len() {
        levels += 1;
        level = tree
            .iter()
            .filter(|(_, parent)| parent.as_deref().is_some_and(|parent| level.contains(&parent)))
            .map(|(child, _)| child.as_str())
            .collect();
    }
    levels
}

/// Refuses a place where folders of so many levels would end too deep.
fn check_depth(tree: &HashMap<String, Option<String>>, parent_id: Option<&str>, levels: usize) -> Result<()> {
    let (mut above, mut depth) = (parent_id, levels);
    while let Some(id) = above {
        let next = tree.get(id).ok_or_else(|| Error::not_found("folder").field("parent"))?;
        above = next.as_deref();
        depth += 1;
        if depth > MOST_LEVELS {
            let sentence = format!("Folders lie within each other at most {MOST_LEVELS} deep.");
            return Err(Error::new(ErrorCode::RuleRefused, sentence).field("parent"));
        }
    }
    Ok(())
}
