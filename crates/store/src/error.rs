//! From what the database says to what a person may hear: the one place. The cause is logged
//! here, with the place in our code that asked; the caller gets a sentence without it.

use domain::{Error, ErrorCode, Result};
use std::panic::Location;

/// SQLite's code of a full disk, and PostgreSQL's.
const FULL: [&str; 2] = ["13", "53100"];
/// SQLite's codes of a database that somebody else keeps busy.
const BUSY: [&str; 3] = ["5", "261", "517"];

/// Turns an error of the database into one for the caller.
pub(crate) trait Explain<T> {
    /// For statements that break no rule of the tables.
    #[track_caller]
    fn explain(self) -> Result<T>;

    /// For statements that give something a name: `sentence` says that it is taken.
    #[track_caller]
    fn or_taken(self, sentence: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Explain<T> for sqlx::Result<T> {
    #[track_caller]
    fn explain(self) -> Result<T> {
        match self {
            Ok(value) => Ok(value),
            Err(cause) => Err(told(&cause, Location::caller())),
        }
    }

    #[track_caller]
    fn or_taken(self, sentence: impl FnOnce() -> String) -> Result<T> {
        match self {
            Ok(value) => Ok(value),
            Err(sqlx::Error::Database(cause)) if cause.is_unique_violation() => {
                Err(Error::new(ErrorCode::NameTaken, sentence()))
            }
            Err(cause) => Err(told(&cause, Location::caller())),
        }
    }
}

fn told(cause: &sqlx::Error, place: &Location<'_>) -> Error {
    let database = cause.as_database_error();
    if database.is_some_and(|d| d.is_foreign_key_violation()) {
        return Error::new(ErrorCode::Conflict, "This refers to something that no longer exists.");
    }
    tracing::error!(error = %cause, place = %place, "the metadata database refused");
    let code = database.and_then(|d| d.code()).unwrap_or_default();
    if FULL.contains(&code.as_ref()) {
        return Error::new(ErrorCode::DiskFull, "The disk of the server is full; nothing was saved.");
    }
    if BUSY.contains(&code.as_ref()) || matches!(cause, sqlx::Error::PoolTimedOut) {
        return Error::new(ErrorCode::Overloaded, "The server is too busy to save this.").hint("Try again.");
    }
    Error::internal()
}

/// Something stored does not read as what it should be: a fault of ours, or of whoever edited the
/// database by hand.
pub(crate) fn unreadable(what: &str, cause: &dyn std::fmt::Display) -> Error {
    tracing::error!(what, error = %cause, "the metadata database holds something unreadable");
    Error::internal()
}
