//! Where the database of a test lies: in a file, or on the PostgreSQL server that
//! [`super::on_postgres`] has started.

use sqlx::{Connection, PgConnection};
use std::path::Path;
use store::Store;
use tempfile::TempDir;
use uuid::Uuid;

/// The address of a server, without a database.
pub(crate) const SERVER: &str = "ORRERY_TEST_POSTGRES";

/// A database that goes away with its test.
pub(crate) enum Place {
    File(TempDir),
    Address(String),
}

impl Place {
    pub(crate) async fn new() -> Self {
        let Ok(server) = std::env::var(SERVER) else { return Self::File(tempfile::tempdir().unwrap()) };
        let name = format!("t{}", Uuid::now_v7().simple());
        let mut admin = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
        Self::Address(format!("{server}/{name}"))
    }

    /// One more store on the same database, as of another process.
    pub(crate) async fn open(&self) -> Store {
        match self {
            Self::File(dir) => Store::open(&dir.path().join("meta.db")).await.unwrap(),
            Self::Address(url) => Store::connect(url).await.unwrap(),
        }
    }

    /// The folder of the file.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(dir) => dir.path(),
            Self::Address(_) => panic!("PostgreSQL has no folder here"),
        }
    }
}
