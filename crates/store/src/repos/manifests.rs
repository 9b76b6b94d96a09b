//! The versions of a dataset: the manifest says which immutable segments make the present one.
//!
//! Whoever computed a new manifest from an old version exchanges it by compare and set, and gets
//! `Conflict` when that is no longer the present one. Appends and compactions carry their
//! difference only, so that they do not get into each other's way.

use crate::error::{Explain, unreadable};
use crate::{DatasetRow, Store};
use domain::{Error, ErrorCode, Result};
use serde_json::Value;

/// The contents of a new version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    pub columns_json: String,
    pub segments_json: String,
    pub row_count: i64,
    pub bytes: i64,
    pub origin: String,
    pub updated_at: i64,
}

/// What an append or a compaction does to the manifest.
struct Step {
    segments: Vec<Value>,
    rows: i64,
    bytes: i64,
    /// The rows are the same as before, and so is their profile.
    same_rows: bool,
}

impl Store {
    /// Makes `manifest` the next version and answers its number.
    ///
    /// # Errors
    /// `Conflict` when the present version is not `expected_version`; no such dataset.
    pub async fn replace_segments(&self, id: &str, expected_version: i64, manifest: &Manifest) -> Result<i64> {
        let done = sqlx::query(
            "UPDATE datasets SET columns_json = $1, segments_json = $2, row_count = $3, bytes = $4, origin = $5,
                                 updated_at = $6, version = version + 1
             WHERE id = $7 AND version = $8",
        )
        .bind(&manifest.columns_json)
        .bind(&manifest.segments_json)
        .bind(manifest.row_count)
        .bind(manifest.bytes)
        .bind(&manifest.origin)
        .bind(manifest.updated_at)
        .bind(id)
        .bind(expected_version)
        .execute(&self.writer)
        .await
        .explain()?;
        if done.rows_affected() == 1 {
            return Ok(expected_version + 1);
        }
        let exists = self.dataset(id).await?.is_some();
        Err(if exists { moved() } else { Error::not_found("dataset") })
    }

    /// Adds a segment to whatever version is the present one, and answers the number of the next.
    /// `columns_json` are the columns that the segment was made for.
    ///
    /// # Errors
    /// `Conflict` when the dataset has columns of other names or types by now; no such dataset.
    pub async fn append_segment(
        &self,
        id: &str,
        columns_json: &str,
        segment_json: &str,
        rows: i64,
        bytes: i64,
        updated_at: i64,
    ) -> Result<i64> {
        let step = |present: &DatasetRow| {
            if shape(&present.columns_json)? != shape(columns_json)? {
                return Err(moved());
            }
            let mut segments = list(&present.segments_json)?;
            segments.push(object(segment_json)?);
            Ok(Step { segments, rows, bytes, same_rows: false })
        };
        self.advance(id, updated_at, step).await
    }

    /// Exchanges some segments for one with the same rows (compaction). Appends that happened in
    /// between are kept, and a profile of the present version stays valid. Answers the number of
    /// the next version: it counts as one, so that nobody puts the old segments back.
    ///
    /// # Errors
    /// `Conflict` when one of them is not in the present version; no such dataset.
    pub async fn compact_segments(
        &self,
        id: &str,
        old_ids: &[String],
        segment_json: &str,
        bytes: i64,
        updated_at: i64,
    ) -> Result<i64> {
        let step = |present: &DatasetRow| {
            let is_old =
                |s: &Value| s.get("id").and_then(Value::as_str).is_some_and(|id| old_ids.iter().any(|old| old == id));
            let (out, mut segments): (Vec<Value>, Vec<Value>) =
                list(&present.segments_json)?.into_iter().partition(is_old);
            if out.len() != old_ids.len() {
                return Err(moved());
            }
            segments.insert(0, object(segment_json)?);
            let before: i64 = out.iter().filter_map(|s| s.get("bytes").and_then(Value::as_i64)).sum();
            Ok(Step { segments, rows: 0, bytes: bytes - before, same_rows: true })
        };
        self.advance(id, updated_at, step).await
    }

    /// Reads the present version, applies a step and writes the next one, with nobody in between.
    async fn advance(
        &self,
        id: &str,
        updated_at: i64,
        step: impl FnOnce(&DatasetRow) -> Result<Step> + Send,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        // The update goes first: it locks the row on databases that have several writers.
        let present: DatasetRow =
            sqlx::query_as("UPDATE datasets SET version = version + 1, updated_at = $1 WHERE id = $2 RETURNING *")
                .bind(updated_at)
                .bind(id)
                .fetch_optional(&mut *tx)
                .await
                .explain()?
                .ok_or_else(|| Error::not_found("dataset"))?;
        let step = step(&present)?;
        let keeps_profile = step.same_rows && present.profile_version == present.version - 1;
        sqlx::query(
            "UPDATE datasets SET segments_json = $1, row_count = row_count + $2, bytes = bytes + $3,
                                 profile_version = $4
             WHERE id = $5",
        )
        .bind(Value::from(step.segments).to_string())
        .bind(step.rows)
        .bind(step.bytes)
        .bind(if keeps_profile { present.version } else { present.profile_version })
        .bind(id)
        .execute(&mut *tx)
        .await
        .explain()?;
        tx.commit().await.explain()?;
        Ok(present.version)
    }
}

fn moved() -> Error {
    Error::new(ErrorCode::Conflict, "The dataset was changed by somebody else in the meantime.").hint("Try again.")
}

fn list(json: &str) -> Result<Vec<Value>> {
    serde_json::from_str(json).map_err(|e| unreadable("manifest", &e))
}

fn object(json: &str) -> Result<Value> {
    serde_json::from_str(json).map_err(|e| unreadable("segment", &e))
}

/// Names and types: what must agree for rows to fit.
fn shape(columns_json: &str) -> Result<Vec<(Value, Value)>> {
    let part = |column: &Value, key: &str| column.get(key).cloned().unwrap_or_default();
    Ok(list(columns_json)?.iter().map(|c| (part(c, "name"), part(c, "type"))).collect())
}
