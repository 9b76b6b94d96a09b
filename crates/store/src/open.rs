//! Opening the database: settings of its connections, and migrations.

use crate::error::Explain;
use crate::repos::audit::guard;
use domain::{Error, ErrorCode, Result};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyPool, Executor, Transaction};
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// How many connections read at once.
const READERS: u32 = 4;
/// How many connections to PostgreSQL write at once, of each instance.
const WRITERS: u32 = 4;
/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// With WAL, NORMAL may lose the last commits when the power goes: acknowledged means durable. The
/// timeout is for another process that writes, such as the command line.
const SQLITE: &[&str] = &[
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];

/// What transactions begin with that write.
#[derive(Clone, Copy, Debug)]
enum Begin {
    /// Takes SQLite's write lock at once.
    Immediate,
    /// Queues for a lock that all instances on this PostgreSQL share, for the length of the transaction:
    /// what is read in it stays true until it commits, as it does in SQLite.
    Queue,
}

/// Any number will do, as long as nobody else uses it in this database.
const QUEUE: &str = "SELECT pg_advisory_xact_lock(7236837)";

/// The metadata of an installation: a SQLite file, or a PostgreSQL database for several instances.
/// Cheap to clone; the clones share their connections.
///
/// SQLite takes one writer at a time, so there is one connection that writes and everybody queues
/// for it in order, instead of finding the file locked. Readers see the last committed state and
/// never wait for the writer.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) reader: AnyPool,
    pub(crate) writer: AnyPool,
    begin: Begin,
}

impl Store {
    /// Opens the database file, creates it if it is not there, and brings it up to date.
    ///
    /// # Errors
    /// The file cannot be opened, or was written by a newer version of Orrery.
    pub async fn open(path: &Path) -> Result<Self> {
        let cannot = |cause: &dyn Display| cannot(&path.display(), cause);
        keep_private(path).map_err(|e| cannot(&e))?;
        let options = file(path).map_err(|e| cannot(&e))?;
        let opened = one_for_ever(SQLITE).connect_with(options.clone()).await;
        let writer = opened.map_err(|e| if is_database(path) { cannot(&e) } else { cannot(&"not a database") })?;
        MIGRATIONS.run(&writer).await.map_err(|e| cannot(&e))?;
        let reader = pool(SQLITE, true).max_connections(READERS);
        let reader = reader.connect_with(options).await.map_err(|e| cannot(&e))?;
        let store = Self { reader, writer, begin: Begin::Immediate };
        store.put_up(guard::SQLITE).await?;
        Ok(store)
    }

    /// Opens a PostgreSQL database by its address, `postgres://user:password@host/database`, and brings
    /// it up to date. Several instances may share it.
    ///
    /// # Errors
    /// The address is no such address, the database does not answer, or a newer version of Orrery wrote it.
    pub async fn connect(url: &str) -> Result<Self> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(Error::invalid("The metadata database is an address such as postgres://user@host/database."));
        }
        let cannot = |cause: &dyn Display| cannot(&"PostgreSQL", cause);
        let options = AnyConnectOptions::from_str(url).map_err(|e| cannot(&e))?;
        let writer = pool(&[], false).max_connections(WRITERS);
        let writer = writer.connect_with(options.clone()).await.map_err(|e| cannot(&e))?;
        MIGRATIONS.run(&writer).await.map_err(|e| cannot(&e))?;
        let reader = pool(&[], false).max_connections(READERS);
        let reader = reader.connect_with(options).await.map_err(|e| cannot(&e))?;
        let store = Self { reader, writer, begin: Begin::Queue };
        store.put_up(guard::POSTGRES).await?;
        Ok(store)
    }

    /// A database that lives in memory, for tests: one connection reads and writes.
    ///
    /// # Errors
    /// The migrations are faulty.
    pub async fn memory() -> Result<Self> {
        let options = AnyConnectOptions::from_str("sqlite::memory:").explain()?;
        let pool = one_for_ever(&["PRAGMA foreign_keys = ON"]).connect_with(options).await.explain()?;
        MIGRATIONS.run(&pool).await.map_err(|e| {
            tracing::error!(error = %e, "migrations failed");
            Error::internal()
        })?;
        let store = Self { reader: pool.clone(), writer: pool, begin: Begin::Immediate };
        store.put_up(guard::SQLITE).await?;
        Ok(store)
    }

    /// Puts up what the migrations cannot say for both databases, one instance after the other.
    async fn put_up(&self, statements: &'static [&'static str]) -> Result<()> {
        let mut tx = self.begin().await?;
        for statement in statements {
            tx.execute(*statement).await.explain()?;
        }
        tx.commit().await.explain()
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

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.begin, Begin::Immediate)
    }

    /// Changes or deletes, and answers how many rows that was.
    pub(crate) async fn deleted<'q>(&self, sql: impl sqlx::Execute<'q, Any> + 'q) -> Result<u64> {
        Ok((&self.writer).execute(sql).await.explain()?.rows_affected())
    }

    /// A transaction that writes. It takes the write lock at once, so that it cannot fail half way
    /// because somebody else wrote in between. Dropped without a commit, it is rolled back.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>> {
        match self.begin {
            Begin::Immediate => self.writer.begin_with("BEGIN IMMEDIATE").await.explain(),
            Begin::Queue => {
                let mut tx = self.writer.begin().await.explain()?;
                tx.execute(QUEUE).await.explain()?;
                Ok(tx)
            }
        }
    }
}

fn cannot(place: &dyn Display, cause: &dyn Display) -> Error {
    tracing::error!(%place, error = %cause, "cannot open the metadata database");
    let cause = cause.to_string();
    let why = if cause.contains("is full") {
        "The disk is full: make room".to_owned()
    } else if cause.contains("not a database") || cause.contains("malformed") {
        "The file is damaged: restore a backup with `orrery restore`".to_owned()
    } else {
        "The server log has the cause".to_owned()
    };
    Error::new(ErrorCode::Internal, "The metadata database cannot be opened.").hint(format!("It is {place}. {why}."))
}

/// One connection to a database file that is there, for making a copy.
pub(crate) async fn copying(path: &Path) -> Result<AnyPool> {
    let options = file(path).map_err(|e| cannot(&path.display(), &e))?;
    let pool = pool(&["PRAGMA busy_timeout = 10000"], false).max_connections(1);
    pool.connect_with(options).await.map_err(|e| cannot(&path.display(), &e))
}

/// Whether a file begins as SQLite's do, or is empty: the driver only says that it waited in vain. For
/// files that could not be opened (see [`keep_private`]).
fn is_database(path: &Path) -> bool {
    use std::io::Read;
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(16).read_to_end(&mut head));
    read.is_err() || head.is_empty() || head == *b"SQLite format 3\0"
}

/// Where a file lies, as the driver wants to have it: an address.
fn file(path: &Path) -> std::result::Result<AnyConnectOptions, Box<dyn std::error::Error>> {
    let path = std::path::absolute(path)?;
    let path = path.to_str().ok_or("the path is not UTF-8")?;
    let mut url = String::from("sqlite://");
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => url.push(char::from(byte)),
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(AnyConnectOptions::from_str(&format!("{url}?mode=rwc"))?)
}

/// Connections that begin with `statements`; those that only read refuse to write.
fn pool(statements: &'static [&'static str], only_reads: bool) -> AnyPoolOptions {
    sqlx::any::install_default_drivers();
    AnyPoolOptions::new().acquire_timeout(PATIENCE).after_connect(move |connection, _| {
        Box::pin(async move {
            for statement in statements {
                connection.execute(*statement).await?;
            }
            if only_reads {
                connection.execute("PRAGMA query_only = ON").await?;
            }
            Ok(())
        })
    })
}

/// A pool of one connection that is never given up.
fn one_for_ever(statements: &'static [&'static str]) -> AnyPoolOptions {
    pool(statements, false).min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None)
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
        let ask = |pool: AnyPool, sql: &'static str| async move {
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
