//! DuckDB instances: which settings each kind gets.

use crate::fault;
use domain::Result;
use duckdb::{Config, Connection, ffi};
use semantic::sql::text;
use std::ffi::CStr;
use std::path::Path;
use std::ptr;

/// What an instance may use.
pub(crate) struct Limits<'a> {
    pub(crate) memory_bytes: u64,
    pub(crate) threads: usize,
    pub(crate) temp: &'a Path,
    pub(crate) temp_bytes: u64,
    /// The only folders and files it can open, besides its own temporary ones.
    pub(crate) folders: &'a [&'a Path],
    pub(crate) files: &'a [&'a Path],
    pub(crate) keep_order: bool,
}

/// Settings that cannot wait until the first statement.
const BEFORE_OPENING: [(&CStr, &CStr); 3] = [
    (c"autoinstall_known_extensions", c"false"),
    (c"autoload_known_extensions", c"false"),
    (c"allow_community_extensions", c"false"),
];

fn config() -> duckdb::Result<Config> {
    BEFORE_OPENING
        .iter()
        .try_fold(Config::default(), |c, (key, value)| c.with(key.to_string_lossy(), value.to_string_lossy()))
}

/// The statements that lock an instance down to its folders.
fn settings(limits: &Limits<'_>) -> Result<String> {
    let path = |p: &Path| -> Result<String> {
        text(p.to_str().ok_or_else(|| fault::internal("path", &"the data directory is not UTF-8"))?)
    };
    let list = |paths: &[&Path], end: &str| -> Result<String> {
        let quoted: Result<Vec<String>> = paths
            .iter()
            .map(|p| text(&format!("{}{end}", p.to_str().ok_or_else(|| fault::internal("path", &"not UTF-8"))?)))
            .collect();
        Ok(quoted?.join(", "))
    };
    Ok(format!(
        "SET GLOBAL memory_limit = '{}KiB';
         SET GLOBAL threads = {};
         SET GLOBAL TimeZone = 'UTC';
         SET GLOBAL temp_directory = {};
         SET GLOBAL max_temp_directory_size = '{}KiB';
         SET GLOBAL preserve_insertion_order = {};
         SET GLOBAL allowed_directories = [{}];
         SET GLOBAL allowed_paths = [{}];
         SET GLOBAL enable_external_access = false;",
        (limits.memory_bytes / 1024).max(32 * 1024),
        limits.threads.max(1),
        path(limits.temp)?,
        limits.temp_bytes / 1024,
        limits.keep_order,
        list(limits.folders, "/")?,
        list(limits.files, "")?,
    ))
}

/// An in-memory instance under `limits`.
pub(crate) fn open(limits: &Limits<'_>) -> Result<Connection> {
    let connection =
        config().and_then(Connection::open_in_memory_with_flags).map_err(|e| fault::internal("opening DuckDB", &e))?;
    restrict(&connection, limits)?;
    Ok(connection)
}

/// The same as a plain handle, for what only the C interface has. Under no limits yet.
pub(crate) fn open_raw() -> Result<ffi::duckdb_database> {
    let mut database: ffi::duckdb_database = ptr::null_mut();
    let mut config: ffi::duckdb_config = ptr::null_mut();
    let mut error: *mut std::ffi::c_char = ptr::null_mut();
    // SAFETY: plain C calls with our own out pointers; each thing allocated is freed below.
    let state = unsafe {
        let mut state = ffi::duckdb_create_config(&mut config);
        for (key, value) in BEFORE_OPENING {
            if state == ffi::DuckDBSuccess {
                state = ffi::duckdb_set_config(config, key.as_ptr(), value.as_ptr());
            }
        }
        if state == ffi::DuckDBSuccess {
            state = ffi::duckdb_open_ext(c":memory:".as_ptr(), &mut database, config, &mut error);
        }
        ffi::duckdb_destroy_config(&mut config);
        if !error.is_null() {
            ffi::duckdb_free(error.cast());
        }
        state
    };
    if state == ffi::DuckDBSuccess { Ok(database) } else { Err(fault::internal("DuckDB", &"it did not open")) }
}

/// Puts the instance of a SQL worker under its limits: it has no disk at all. Files can be opened until
/// [`seal`].
pub(crate) fn restrict_worker(connection: &Connection, memory_bytes: u64, threads: usize) -> Result<()> {
    let settings = format!(
        "SET GLOBAL memory_limit = '{}KiB';
         SET GLOBAL threads = {};
         SET GLOBAL TimeZone = 'UTC';
         SET GLOBAL temp_directory = '';
         SET GLOBAL preserve_insertion_order = true;",
        memory_bytes / 1024,
        threads.max(1),
    );
    connection.execute_batch(&settings).map_err(|e| fault::internal("DuckDB settings", &e))
}

/// Nothing more is opened, and nothing changed, from here on.
pub(crate) fn seal(connection: &Connection) -> duckdb::Result<()> {
    connection.execute_batch("SET GLOBAL enable_external_access = false; SET GLOBAL lock_configuration = true;")
}

/// Puts an open instance under `limits`.
pub(crate) fn restrict(connection: &Connection, limits: &Limits<'_>) -> Result<()> {
    let settings = settings(limits)?;
    connection.execute_batch(&settings).map_err(|e| fault::internal("DuckDB settings", &e))
}

/// Nothing may be changed from here on.
pub(crate) fn lock(connection: &Connection) -> Result<()> {
    connection
        .execute_batch("SET GLOBAL lock_configuration = true;")
        .map_err(|e| fault::internal("DuckDB settings", &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_opens_nothing_outside_its_folders() {
        let dir = tempfile::tempdir().unwrap();
        let limits = Limits {
            memory_bytes: 64 << 20,
            threads: 1,
            temp: dir.path(),
            temp_bytes: 1 << 30,
            folders: &[dir.path()],
            files: &[],
            keep_order: true,
        };
        let connection = open(&limits).unwrap();
        lock(&connection).unwrap();
        for forbidden in [
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM glob('/*')",
            "ATTACH '/tmp/elsewhere.duckdb' AS x",
            "COPY (SELECT 1) TO '/tmp/elsewhere.csv'",
            "SET enable_external_access = true",
            "SET memory_limit = '10GB'",
            "INSTALL httpfs",
        ] {
            assert!(connection.execute_batch(forbidden).is_err(), "{forbidden}");
        }
    }
}
