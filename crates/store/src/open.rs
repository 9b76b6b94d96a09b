//! Opening the database: settings of its connections, and migrations.

use crate::error::Explain;
use domain::{Error, ErrorCode, Result};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use std::path::Path;
use std::time::Duration;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// How many connections read at once.
const READERS: u32 = 4;
/// How long to wait for another process that writes, such as the command line.
const PATIENCE: Duration = Duration::from_secs(10);

/// The metadata of an installation. Cheap to clone; the clones share their connections.
///
/// SQLite takes one writer at a time, so there is one connection that writes and everybody queues
/// for it in order, instead of finding the file locked. Readers see the last committed state and
/// never wait for the writer.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) reader: SqlitePool,
    pub(crate) writer: SqlitePool,
}

impl Store {
    /// Opens the database file, creates it if it is not there, and brings it up to date.
    ///
    /// # Errors
    /// The file cannot be opened, or was written by a newer version of Orrery.
    pub async fn open(path: &Path) -> Result<Self> {
        let cannot = |cause: &dyn std::fmt::Display| {
            tracing::error!(path = %path.display(), error = %cause, "cannot open the metadata database");
            Error::new(ErrorCode::Internal, "The metadata database cannot be opened.")
                .hint("The server log has the cause.")
        };
        keep_private(path).map_err(|e| cannot(&e))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL, NORMAL may lose the last commits when the power goes: acknowledged means durable.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let writer = one_for_ever().connect_with(options.clone()).await.map_err(|e| cannot(&e))?;
        MIGRATIONS.run(&writer).await.map_err(|e| cannot(&e))?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .map_err(|e| cannot(&e))?;
        Ok(Self { reader, writer })
    }

    /// A database that lives in memory, for tests: one connection reads and writes.
    ///
    /// # Errors
    /// The migrations are faulty.
    pub async fn memory() -> Result<Self> {
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        let pool = one_for_ever().connect_with(options).await.explain()?;
        MIGRATIONS.run(&pool).await.map_err(|e| {
            tracing::error!(error = %e, "migrations failed");
            Error::internal()
        })?;
        Ok(Self { reader: pool.clone(), writer: pool })
    }

    /// Waits for what is being written and closes the file. Afterwards every call fails.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Whether the database answers: for the readiness check.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.reader).await.explain()?;
        Ok(())
    }

    /// Deletes and answers how many rows went.
    pub(crate) async fn deleted<'q>(&self, sql: impl sqlx::Execute<'q, Sqlite> + 'q) -> Result<u64> {
        use sqlx::Executor;
        Ok((&self.writer).execute(sql).await.explain()?.rows_affected())
    }

    /// A transaction that writes. It takes the write lock at once, so that it cannot fail half way
    /// because somebody else wrote in between. Dropped without a commit, it is rolled back.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.explain()
    }
}

/// A pool of one connection that is never given up.
fn one_for_ever() -> SqlitePoolOptions {
    SqlitePoolOptions::new().min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None)
}

/// The file holds password hashes: it is made such that nobody but its owner reads it, and SQLite
/// gives its side files the same rights. One that exists is not opened here, because closing it
/// again would drop the locks that SQLite holds on it in this process.
#[cfg(unix)]
fn keep_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn keep_private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_have_the_settings_that_durability_needs() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("meta.db")).await.unwrap();
        let ask = |pool: SqlitePool, sql: &'static str| async move {
            sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap()
        };
        for pool in [&store.writer, &store.reader] {
            let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(pool).await.unwrap();
            assert_eq!(mode, "wal");
            assert_eq!(ask(pool.clone(), "PRAGMA synchronous").await, 2, "2 is FULL");
            assert_eq!(ask(pool.clone(), "PRAGMA foreign_keys").await, 1);
            assert_eq!(ask(pool.clone(), "PRAGMA busy_timeout").await, 10_000);
        }
        assert_eq!(ask(store.reader.clone(), "PRAGMA query_only").await, 1);
        let refused = sqlx::query("INSERT INTO settings (key, value) VALUES ('a', 'b')").execute(&store.reader).await;
        assert!(refused.is_err(), "a reader does not write");
    }
}
