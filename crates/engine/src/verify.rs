//! Whether a segment file is what was written: every block of it is read, in an instance of its own,
//! which checks their sums, and the rows are counted.

use crate::attach::Hold;
use crate::duck::{self, Limits};
use crate::engine::{Engine, Inner};
use crate::fault;
use crate::segment::Segment;
use domain::{Error, ErrorCode, Result};
use semantic::sql::{ident, text};
use std::path::PathBuf;

const MEMORY: u64 = 256 << 20;

impl Engine {
    /// Reads all of a segment file.
    ///
    /// # Errors
    /// It is missing or damaged, or has another number of rows; the sentence names it.
    pub async fn verify(&self, segment: &Segment) -> Result<()> {
        if segment.is_view() || segment.place().is_some() {
            return Ok(());
        }
        let (inner, segment) = (self.0.clone(), segment.clone());
        let _turn = self.0.loads.acquire().await.map_err(|e| fault::internal("verify", &e))?;
        let task = tokio::task::spawn_blocking(move || inner.verify(&segment));
        task.await.map_err(|e| fault::internal("verify", &e))?
    }

    /// Until what it answers is dropped, this process deletes no segment file: for backups.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.0.attachments.hold()
    }

    /// The file of a segment, by the segment's id.
    ///
    /// # Errors
    /// It is no id of ours.
    pub fn file(&self, id: &str) -> Result<PathBuf> {
        self.0.folders.path(id)
    }

    /// Deletes the file of a segment that no dataset knows.
    pub fn remove_stray(&self, id: &str) {
        self.0.attachments.remove(id);
    }
}

impl Inner {
    /// The same, on a thread that may wait.
    pub(crate) fn verify(&self, segment: &Segment) -> Result<()> {
        let path = self.folders.path(&segment.id)?;
        if !path.exists() {
            let message =
                format!("The file segments/{}.duckdb, which holds rows of this data, is missing.", segment.id);
            return Err(Error::new(ErrorCode::Internal, message).hint("Put it back from a backup."));
        }
        let db = duck::open(&Limits {
            memory_bytes: MEMORY,
            threads: 1,
            temp: &self.folders.temp.join("verify"),
            temp_bytes: self.config.temp_bytes(),
            folders: &[&self.folders.segments],
            files: &[],
            keep_order: false,
        })?;
        let path = path.to_str().ok_or_else(|| fault::internal("path", &"not UTF-8"))?;
        let catalog = ident(&segment.catalog());
        let damaged = |e: duckdb::Error| fault::damaged(&segment.id, &e);
        db.execute_batch(&format!("ATTACH {} AS {catalog} (READ_ONLY)", text(path)?)).map_err(damaged)?;
        // Every value is read: the sum of a block is checked when it is.
        let sql = format!("SELECT count(*), bit_xor(hash(whole)) IS NULL FROM {catalog}.main.data AS whole");
        let rows: i64 = db.query_row(&sql, [], |row| row.get(0)).map_err(damaged)?;
        if u64::try_from(rows) == Ok(segment.rows) {
            return Ok(());
        }
        Err(fault::damaged(&segment.id, &format!("{rows} rows instead of {}", segment.rows)))
    }

    /// Names the damaged one of several files that a question read.
    pub(crate) fn name_damage(&self, error: Error, segments: &[Segment]) -> Error {
        if !fault::is_damage(&error) {
            return error;
        }
        segments.iter().find_map(|segment| self.verify(segment).err()).unwrap_or(error)
    }
}
