//! Sources whose files DuckDB reads itself: an instance of its own for each, which opens nothing but
//! those files, and anew when they change.

use super::{Ask, Found, Reads, Rows, column};
use crate::clock::Zone;
use crate::duck::{self, Limits};
use crate::fault::{self, lock};
use crate::pool::Pool;
use crate::{engine, question, types};
use domain::{DataType, Error, ErrorCode, Result};
use duckdb::Connection;
use futures::future::{BoxFuture, FutureExt};
use semantic::{Dialect, Table};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

/// Questions of one source that run at the same time, and that may wait.
const CONNECTIONS: usize = 4;
const MAX_WAITING: usize = 200;
/// The most columns of all tables together.
const MAX_COLUMNS: usize = 50_000;

/// The files that a source means just now.
pub(super) struct Files {
    /// Says which files, how large and how old they are.
    pub(super) version: String,
    /// What the instance may open: these files, or all in these folders.
    pub(super) files: Vec<PathBuf>,
    pub(super) folders: Vec<PathBuf>,
    /// Makes the files into tables.
    pub(super) statements: Vec<String>,
    /// The database that then holds the tables.
    pub(super) catalog: &'static str,
}

/// Finds the files; it may take a while.
pub(super) type Look = dyn Fn() -> Result<Files> + Send + Sync;

pub(super) struct Local {
    id: String,
    look: Arc<Look>,
    limits: Size,
    current: Arc<Mutex<Option<Arc<Instance>>>>,
}

#[derive(Clone)]
struct Size {
    memory_bytes: u64,
    threads: usize,
    temp: PathBuf,
    temp_bytes: u64,
    timeout: Duration,
}

struct Instance {
    version: String,
    catalog: &'static str,
    pool: Arc<Pool>,
}

impl Local {
    pub(super) fn new(id: &str, look: Arc<Look>, engine: &engine::Inner) -> Self {
        let config = &engine.config;
        let limits = Size {
            memory_bytes: config.load_memory(),
            threads: config.threads,
            temp: engine.folders.temp.join("sources"),
            temp_bytes: config.temp_bytes(),
            timeout: config.timeout,
        };
        Self { id: id.to_owned(), look, limits, current: Arc::default() }
    }

    /// The instance over the files as they are now.
    async fn instance(&self) -> Result<Arc<Instance>> {
        let (look, limits, current) = (self.look.clone(), self.limits.clone(), self.current.clone());
        let work = move || {
            let files = look()?;
            let mut current = lock(&current);
            if let Some(open) = current.as_ref().filter(|open| open.version == files.version) {
                return Ok(open.clone());
            }
            let opened = Arc::new(open(&files, &limits)?);
            *current = Some(opened.clone());
            Ok(opened)
        };
        tokio::task::spawn_blocking(work).await.map_err(|e| fault::internal("a source", &e))?
    }

    async fn tables_of(&self) -> Result<Vec<Found>> {
        let instance = self.instance().await?;
        let (catalog, id) = (instance.catalog, self.id.clone());
        instance.pool.run(self.limits.timeout, move |connection, _| list(connection, catalog, &id)).await
    }
}

impl Reads for Local {
    fn version(&self) -> BoxFuture<'_, Result<Option<String>>> {
        let look = self.look.clone();
        async move {
            let looked = tokio::task::spawn_blocking(move || look()).await;
            Ok(Some(looked.map_err(|e| fault::internal("a source", &e))??.version))
        }
        .boxed()
    }

    fn test(&self) -> BoxFuture<'_, Result<String>> {
        async move {
            let n = self.tables_of().await?.len();
            Ok(if n == 1 { "It can be read: 1 table.".to_owned() } else { format!("It can be read: {n} tables.") })
        }
        .boxed()
    }

    fn tables(&self) -> BoxFuture<'_, Result<Vec<Found>>> {
        self.tables_of().boxed()
    }

    fn run(&self, ask: Ask) -> BoxFuture<'_, Result<Rows>> {
        async move {
            let instance = self.instance().await?;
            let work = move |connection: &Connection, stop: &crate::pool::Stop| {
                question::fetch(connection, stop, &ask.sql, ask.limit, &Zone::of(&ask.timezone))
            };
            instance.pool.run(self.limits.timeout, work).await
        }
        .boxed()
    }
}

fn open(files: &Files, size: &Size) -> Result<Instance> {
    let paths = |all: &[PathBuf]| -> Vec<PathBuf> { all.to_vec() };
    let (allowed, folders) = (paths(&files.files), paths(&files.folders));
    let root = duck::open(&Limits {
        memory_bytes: size.memory_bytes,
        threads: size.threads,
        temp: &size.temp,
        temp_bytes: size.temp_bytes,
        folders: &folders.iter().map(PathBuf::as_path).collect::<Vec<_>>(),
        files: &allowed.iter().map(PathBuf::as_path).collect::<Vec<_>>(),
        keep_order: true,
    })?;
    for statement in &files.statements {
        root.execute_batch(statement).map_err(|e| unreadable(&e))?;
    }
    duck::lock(&root)?;
    let pool = Arc::new(Pool::new(root, CONNECTIONS, MAX_WAITING)?);
    Ok(Instance { version: files.version.clone(), catalog: files.catalog, pool })
}

/// The files are there, but not what they should be.
fn unreadable(error: &duckdb::Error) -> Error {
    let message = error.to_string();
    tracing::warn!(error = %message, "the files of a source cannot be read");
    if message.contains("lock") {
        return Error::new(ErrorCode::SourceUnavailable, "Another program has the file open for writing.")
            .hint("Try again when it has closed the file.");
    }
    Error::new(ErrorCode::SourceUnavailable, "The files of this source cannot be read as tables.")
        .hint("Check that they are whole, of the kind they say they are, and not written by a newer version.")
}

const COLUMNS: &str = "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()
    WHERE database_name = ? AND NOT internal ORDER BY schema_name, table_name, column_index LIMIT ?";
const COUNTS: &str = "SELECT schema_name, table_name, estimated_size FROM duckdb_tables() WHERE database_name = ?";

fn list(connection: &Connection, catalog: &str, id: &str) -> Result<Vec<Found>> {
    let read = || -> duckdb::Result<Vec<Found>> {
        let mut counts = connection.prepare(COUNTS)?;
        let counts: Vec<(String, String, i64)> =
            counts.query_map([catalog], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?.collect::<duckdb::Result<_>>()?;
        let mut statement = connection.prepare(COLUMNS)?;
        let rows = statement.query_map(duckdb::params![catalog, MAX_COLUMNS as i64], |r| {
            Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?, r.get::<_, String>(2)?, r.get::<_, String>(3)?))
        })?;
        let mut found: Vec<Found> = Vec::new();
        for row in rows {
            let (schema, table, name, duck) = row?;
            let path = vec![catalog.to_owned(), schema.clone(), table.clone()];
            if found.last().is_none_or(|last| last.table.path != path) {
                let known = counts.iter().find(|(s, t, _)| *s == schema && *t == table);
                let shown = if schema == "main" { table.clone() } else { format!("{schema}.{table}") };
                let (source, dialect) = (id.to_owned(), Dialect::DuckDb);
                found.push(Found {
                    name: shown,
                    rows: known.and_then(|k| u64::try_from(k.2).ok()),
                    columns: Vec::new(),
                    table: Table { source, dialect, path, read_as: Vec::new() },
                });
            }
            let Some(last) = found.last_mut() else { continue };
            let ty = types::of_duck(&duck);
            if let Some(ty) = read_as(&duck, ty) {
                last.table.read_as.push((name.clone(), ty));
            }
            last.columns.push(column(&name, ty, ""));
        }
        Ok(found)
    };
    read().map_err(|e| unreadable(&e))
}

/// The types that questions do not know as they are.
fn read_as(duck: &str, ty: DataType) -> Option<DataType> {
    let is_plain = match ty {
        DataType::Other => false,
        DataType::Text => duck == "VARCHAR",
        DataType::Timestamp => duck == "TIMESTAMP",
        DataType::Time => duck == "TIME",
        _ => true,
    };
    (!is_plain).then_some(ty)
}

/// A path that sources may read, links followed.
pub(super) fn allowed(path: &str, folders: &[PathBuf], field: &str) -> Result<PathBuf> {
    let refuse = || {
        Error::new(ErrorCode::RuleRefused, "Sources may not read files at this place.")
            .hint("Whoever runs the server lists the folders that may be read in ORRERY_SOURCE_FOLDERS.")
            .field(field)
    };
    let wanted = Path::new(path);
    let is_plain = wanted.is_absolute() && wanted.components().all(|c| !matches!(c, std::path::Component::ParentDir));
    let within = |path: &Path| {
        folders.iter().any(|f| path.starts_with(f) || f.canonicalize().is_ok_and(|real| path.starts_with(real)))
    };
    // What is outside is not even said to be missing.
    if !is_plain || !within(wanted) {
        return Err(refuse());
    }
    let real = wanted.canonicalize().map_err(|_| {
        Error::new(ErrorCode::SourceUnavailable, "There is no such file or folder.")
            .hint("Check how the path is written.")
            .field(field)
    })?;
    if within(&real) { Ok(real) } else { Err(refuse()) }
}

/// A file's name, size and age.
pub(super) fn stamp(path: &Path) -> Result<String> {
    let gone = |_| {
        Error::new(ErrorCode::SourceUnavailable, "A file of this source cannot be read.")
            .hint("Check that it is there and that the server may read it.")
    };
    let meta = std::fs::metadata(path).map_err(gone)?;
    let age = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Ok(format!("{}|{}|{}", path.display(), meta.len(), age.as_nanos()))
}

/// A path as DuckDB reads it.
pub(super) fn quoted(path: &Path) -> Result<String> {
    semantic::sql::text(path.to_str().ok_or_else(|| {
        Error::new(ErrorCode::SourceUnavailable, "A file name of this source is not readable text.")
            .hint("Rename the file.")
    })?)
}
