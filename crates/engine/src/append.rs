//! Appending rows that arrive as JSON: a small segment of its own for each batch, durable when
//! the call returns. One instance stays open for this, because opening one takes longer than the
//! append itself.

use crate::duck::{self, Limits};
use crate::engine::Engine;
use crate::fault::{self, lock};
use crate::rows;
use crate::segment::{Draft, Folders, OwnFolder, Segment};
use arrow::record_batch::RecordBatch;
use domain::{Column, Error, Result};
use duckdb::Connection;
use semantic::sql::text;
use serde_json::{Map, Value};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Small files need small blocks: a segment of a hundred rows takes 45 KB instead of 540.
const BLOCK_SIZE: usize = 16_384;
const MEMORY: u64 = 128 << 20;
/// Rows that one call may bring.
pub(crate) const MAX_ROWS: usize = 100_000;

/// Batches of more rows are written to the disk directly.
const SCRATCH_ROWS: usize = 20_000;
/// Where Linux keeps files in memory.
const MEMORY_FOLDER: &str = "/dev/shm";
const SCRATCH: &str = "orrery-append-";

pub(crate) struct Writer {
    connection: Mutex<Connection>,
    folders: Arc<Folders>,
    /// A folder in memory. DuckDB waits for the disk half a dozen times while it writes a file;
    /// written in memory and copied, a segment waits only for what makes it durable.
    scratch: Option<OwnFolder>,
}

impl Writer {
    pub(crate) fn open(folders: &Arc<Folders>) -> Result<Self> {
        let memory = Path::new(MEMORY_FOLDER);
        let scratch = memory.is_dir().then(|| OwnFolder::make(memory, SCRATCH).ok()).flatten();
        let mut places = vec![folders.temp.as_path()];
        places.extend(scratch.as_ref().map(OwnFolder::path));
        let connection = duck::open(&Limits {
            memory_bytes: MEMORY,
            threads: 1,
            temp: &folders.temp.join("appends"),
            temp_bytes: 1 << 30,
            folders: &places,
            files: &[],
            keep_order: true,
        })?;
        duck::lock(&connection)?;
        Ok(Self { connection: Mutex::new(connection), folders: folders.clone(), scratch })
    }

    /// Writes a batch as a segment. Blocks.
    fn write(&self, create: &str, batch: RecordBatch) -> Result<Segment> {
        let draft = self.folders.draft();
        let rows = batch.num_rows() as u64;
        if !self.write_in_memory(&draft, create, &batch)? {
            self.write_to(&draft.path, create, batch).map_err(|e| fault::writing(&e))?;
        }
        draft.publish(rows)
    }

    /// False where it did not work, which the disk may still do: memory for files may be scarce.
    fn write_in_memory(&self, draft: &Draft, create: &str, batch: &RecordBatch) -> Result<bool> {
        let Some(scratch) = self.scratch.as_ref().filter(|_| batch.num_rows() <= SCRATCH_ROWS) else {
            return Ok(false);
        };
        let path = scratch.path().join(&draft.id);
        let written = self.write_to(&path, create, batch.clone());
        let copied = written.is_ok().then(|| std::fs::copy(&path, &draft.path));
        let removed = std::fs::remove_file(&path);
        match (written, copied) {
            (_, Some(Ok(_))) => Ok(true),
            // The disk has no room, whichever way the rows come there.
            (_, Some(Err(error))) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                Err(fault::disk_full())
            }
            (written, copied) => {
                tracing::debug!(?written, ?copied, ?removed, "a segment was not written in memory");
                // Half a copy would be taken for a damaged database.
                let _ = std::fs::remove_file(&draft.path);
                Ok(false)
            }
        }
    }

    fn write_to(&self, path: &Path, create: &str, batch: RecordBatch) -> duckdb::Result<()> {
        let quoted = path.to_str().and_then(|p| text(p).ok());
        let quoted = quoted.ok_or_else(|| duckdb::Error::InvalidPath(path.to_owned()))?;
        let connection = lock(&self.connection);
        let attach = format!("ATTACH {quoted} AS draft (BLOCK_SIZE {BLOCK_SIZE}, RECOVERY_MODE 'NO_WAL_WRITES')");
        let written = connection.execute_batch(&attach).and_then(|()| fill(&connection, create, batch));
        // Also after a failure, so that the next append finds the name free.
        let detached = connection.execute_batch("DETACH DATABASE IF EXISTS draft");
        written.and(detached)
    }
}

fn fill(connection: &Connection, create: &str, batch: RecordBatch) -> duckdb::Result<()> {
    connection.execute_batch("BEGIN")?;
    let filled = connection.execute_batch(create).and_then(|()| {
        let mut appender = connection.appender_to_catalog_and_db("data", "draft", "main")?;
        appender.append_record_batch(batch)?;
        appender.flush()
    });
    if let Err(error) = filled {
        connection.execute_batch("ROLLBACK")?;
        return Err(error);
    }
    connection.execute_batch("COMMIT; CHECKPOINT draft")
}

impl Engine {
    /// Writes rows as a new segment of the given columns. A missing key is NULL; an unknown key
    /// or a value of another type is refused with its row and column.
    pub async fn append_rows(&self, columns: &[Column], rows: Vec<Map<String, Value>>) -> Result<Segment> {
        if rows.is_empty() {
            return Err(Error::invalid("There are no rows to append."));
        }
        if rows.len() > MAX_ROWS {
            return Err(Error::new(domain::ErrorCode::TooLarge, format!("More than {MAX_ROWS} rows at once."))
                .hint("Send them in several requests."));
        }
        let (writer, columns) = (self.0.writer.clone(), columns.to_vec());
        let task = tokio::task::spawn_blocking(move || {
            let (create, batch) = rows::batch(&columns, &rows)?;
            writer.write(&create, batch)
        });
        task.await.map_err(|e| fault::internal("appending", &e))?
    }
}
