//! DuckDB's errors in our own words. The original goes to the log: it may hold SQL or cell values.

use domain::{Error, ErrorCode};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What DuckDB says went wrong, as far as we treat it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Interrupted,
    OutOfMemory,
    DiskFull,
    Conversion,
    /// A file is not what it says it is.
    Format,
    /// A file that we wrote is not what we wrote.
    Damaged,
    Other,
}

/// Reads the kind from the message's own prefix, the only place where the C interface has it.
pub(crate) fn kind(message: &str) -> Kind {
    let head = message.split(':').next().unwrap_or_default();
    match head {
        "INTERRUPT Error" => Kind::Interrupted,
        "Out of Memory Error" => {
            if message.contains("max_temp_directory_size") && message.contains("exceeded") {
                Kind::DiskFull
            } else {
                Kind::OutOfMemory
            }
        }
        "Conversion Error" | "Out of Range Error" => Kind::Conversion,
        "IO Error" if message.contains("No space left") => Kind::DiskFull,
        "IO Error" if message.contains("Corrupt database file") => Kind::Damaged,
        "IO Error" if message.contains("read enough bytes") && message.contains(".duckdb") => Kind::Damaged,
        "Invalid Input Error" | "IO Error" | "Serialization Error" => Kind::Format,
        _ => Kind::Other,
    }
}

/// A question failed: the sentence for the person who asked.
pub(crate) fn question(error: &duckdb::Error) -> Error {
    let message = error.to_string();
    if let Some(raised) = semantic::raised(&message) {
        return raised;
    }
    match kind(&message) {
        Kind::Interrupted => cancelled(),
        Kind::OutOfMemory => too_large(),
        Kind::DiskFull => disk_full(),
        Kind::Conversion => {
            tracing::debug!(error = %message, "a value could not be converted");
            Error::new(ErrorCode::InvalidQuery, "A value is outside the range that this calculation can hold.")
                .hint("Filter out extreme values, or use another aggregate.")
        }
        Kind::Damaged => {
            tracing::error!(error = %message, "a segment file is damaged");
            Error::new(ErrorCode::Internal, DAMAGED)
        }
        Kind::Format | Kind::Other => internal("question", &message),
    }
}

/// Our own statement failed while a dataset was written.
pub(crate) fn writing(error: &duckdb::Error) -> Error {
    let message = error.to_string();
    match kind(&message) {
        Kind::Interrupted => cancelled(),
        Kind::OutOfMemory => Error::new(ErrorCode::UnusableFile, "Loading this needs more memory than is allowed.")
            .hint("Load it in smaller parts, or leave out columns you do not need."),
        Kind::DiskFull => disk_full(),
        _ => internal("writing", &message),
    }
}

/// What is said of a damaged file before it is known which one it is.
const DAMAGED: &str = "A file of this data is damaged.";

/// Whether a question failed because of a damaged file that the error does not name yet.
pub(crate) fn is_damage(error: &Error) -> bool {
    error.message == DAMAGED
}

/// A segment file is not what was written: whoever puts it back must know which one.
pub(crate) fn damaged(id: &str, cause: &dyn std::fmt::Display) -> Error {
    tracing::error!(segment = id, error = %cause, "a segment file is damaged");
    Error::new(
        ErrorCode::Internal,
        format!("The file segments/{id}.duckdb, which holds rows of this data, is damaged."),
    )
    .hint("An administrator can put it back from a backup; `orrery check` names all damaged files.")
}

/// Logs a cause nobody outside should see.
pub(crate) fn internal(what: &str, cause: &dyn std::fmt::Display) -> Error {
    tracing::error!(what, error = %cause, "the engine failed");
    Error::internal()
}

/// A file operation of ours failed.
pub(crate) fn io(what: &str, error: &std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return disk_full();
    }
    internal(what, error)
}

pub(crate) fn disk_full() -> Error {
    Error::new(ErrorCode::DiskFull, "The server has no disk space left for this.")
        .hint("Ask an administrator to make room in the data directory.")
}

pub(crate) fn cancelled() -> Error {
    Error::new(ErrorCode::Cancelled, "It was cancelled.")
}

pub(crate) fn too_large() -> Error {
    Error::new(ErrorCode::QueryTooLarge, "This question needs more memory than one question may use.")
        .hint("Ask for fewer groups, a shorter period or fewer columns.")
}

pub(crate) fn timeout(seconds: u64) -> Error {
    Error::new(ErrorCode::QueryTimeout, format!("The question took longer than {seconds} s and was stopped."))
        .hint("Ask for a shorter period or fewer groups, or try again when the server is less busy.")
}

pub(crate) fn overloaded() -> Error {
    Error::new(ErrorCode::Overloaded, "Too many questions are waiting.").hint("Try again in a few seconds.")
}

/// A file that cannot be loaded, and why.
pub(crate) fn unusable(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::UnusableFile, message)
}

/// Locks, also after another thread died with the lock in hand: what we keep under locks is
/// consistent at every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_from_the_prefix() {
        assert_eq!(kind("INTERRUPT Error: Interrupted!"), Kind::Interrupted);
        assert_eq!(kind("Out of Memory Error: failed to pin block"), Kind::OutOfMemory);
        assert_eq!(kind("Conversion Error: Could not convert string 'x'"), Kind::Conversion);
        assert_eq!(kind("Binder Error: no"), Kind::Other);
    }

    #[test]
    fn no_value_reaches_the_reader() {
        let secret = duckdb::Error::DuckDBFailure(
            duckdb::ffi::Error::new(duckdb::ffi::DuckDBError),
            Some("Conversion Error: Could not convert string 'secret-4711' to INT32".into()),
        );
        assert!(!format!("{:?}", question(&secret)).contains("4711"));
        assert!(!format!("{:?}", writing(&secret)).contains("4711"));
    }
}
