//! The workbench of one load: a DuckDB instance of its own, a folder of its own, and a worker
//! connection whose statement can be watched and interrupted from another thread. The safe
//! wrapper of DuckDB has no progress, hence the few calls of the C interface here.

use crate::duck::{self, Limits};
use crate::fault;
use domain::Result;
use duckdb::{Connection, ffi};
use std::ffi::{CStr, CString};
use std::path::Path;
use std::ptr;
use std::sync::Arc;

/// An instance that is closed when its last connection is gone.
struct Instance(ffi::duckdb_database);

// SAFETY: `duckdb_database` is a handle that DuckDB allows to be used and closed from any thread.
unsafe impl Send for Instance {}
// SAFETY: as above; connecting, the only thing done through a shared reference, is synchronised.
unsafe impl Sync for Instance {}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: the handle came from `duckdb_open_ext` and is closed once, here.
        unsafe { ffi::duckdb_close(&mut self.0) };
    }
}

/// The connection that does the long work.
pub(crate) struct Worker {
    connection: ffi::duckdb_connection,
    _instance: Arc<Instance>,
}

// SAFETY: a connection may move between threads.
unsafe impl Send for Worker {}
// SAFETY: `duckdb_interrupt` and `duckdb_query_progress` exist to be called while another thread
// runs a statement; statements themselves are serialised by DuckDB's own lock on the connection.
unsafe impl Sync for Worker {}

impl Worker {
    /// Runs one or more statements.
    pub(crate) fn execute(&self, sql: &str) -> duckdb::Result<()> {
        let sql = CString::new(sql).map_err(duckdb::Error::NulError)?;
        // SAFETY: the connection is open for as long as `self` is; the result is destroyed after
        // its message, which belongs to it, has been copied.
        unsafe {
            let mut result: ffi::duckdb_result = std::mem::zeroed();
            let state = ffi::duckdb_query(self.connection, sql.as_ptr(), &mut result);
            let message = (state != ffi::DuckDBSuccess).then(|| {
                let text = ffi::duckdb_result_error(&mut result);
                if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
            });
            ffi::duckdb_destroy_result(&mut result);
            match message {
                None => Ok(()),
                Some(text) => Err(duckdb::Error::DuckDBFailure(ffi::Error::new(state), Some(text))),
            }
        }
    }

    /// How much of the running statement is done, between 0 and 1.
    pub(crate) fn progress(&self) -> Option<f64> {
        // SAFETY: the connection is open, and the call is meant for other threads.
        let progress = unsafe { ffi::duckdb_query_progress(self.connection) };
        (progress.percentage >= 0.0).then(|| (progress.percentage / 100.0).min(1.0))
    }

    /// Stops the running statement.
    pub(crate) fn interrupt(&self) {
        // SAFETY: the connection is open, and the call is meant for other threads.
        unsafe { ffi::duckdb_interrupt(self.connection) };
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // SAFETY: opened in `Bench::open`, closed once; no statement runs, that would hold `&self`.
        unsafe { ffi::duckdb_disconnect(&mut self.connection) };
    }
}

/// Everything a load needs, gone with it.
pub(crate) struct Bench {
    /// For short statements whose rows are read.
    pub(crate) db: Connection,
    pub(crate) worker: Arc<Worker>,
    /// For intermediate files.
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    /// Opens an instance that can read `files` and write into `temp`, the folder of drafts.
    pub(crate) fn open(
        temp: &Path,
        segments: &Path,
        files: &[&Path],
        memory_bytes: u64,
        threads: usize,
        keep_order: bool,
    ) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("load").tempdir_in(temp).map_err(|e| fault::io("load", &e))?;
        let instance = Arc::new(Instance(duck::open_raw()?));
        // SAFETY: the handle is valid; the connection does not close it, `Instance` does, and
        // `worker` below keeps that alive until after `db` is dropped (fields drop in order).
        let db = unsafe { Connection::open_from_raw(instance.0) }.map_err(|e| fault::internal("load", &e))?;
        duck::restrict(
            &db,
            &Limits {
                memory_bytes,
                threads,
                temp: &folder.path().join("spill"),
                temp_bytes: 200 << 30,
                folders: &[temp, segments],
                files,
                keep_order,
            },
        )?;
        let mut connection: ffi::duckdb_connection = ptr::null_mut();
        // SAFETY: the instance is open; the handle is only used if the call succeeds.
        let state = unsafe { ffi::duckdb_connect(instance.0, &mut connection) };
        if state != ffi::DuckDBSuccess {
            return Err(fault::internal("load", &"no connection"));
        }
        let worker = Arc::new(Worker { connection, _instance: instance });
        let watched =
            "SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0";
        worker.execute(watched).map_err(|e| fault::internal("load", &e))?;
        Ok(Self { db, worker, folder })
    }
}
