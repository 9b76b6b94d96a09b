//! PostgreSQL's errors in our own words. The original goes to the log: it may hold SQL or cell values.

use crate::fault;
use domain::{Error, ErrorCode};
use tokio_postgres::error::SqlState;

/// No connection came about.
pub(super) fn connecting(error: &tokio_postgres::Error, database: &str) -> Error {
    if let Some(db) = error.as_db_error() {
        let code = db.code();
        tracing::warn!(code = code.code(), "a source refuses the connection");
        return match code {
            c if [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(c) => {
                unavailable("The database does not accept this user with this password.")
                    .hint("Check the user and the password of the source, and from where the user may sign in.")
            }
            c if *c == SqlState::INVALID_CATALOG_NAME => {
                let short: String = database.chars().take(60).collect();
                unavailable(format!("There is no database `{short}` on this server."))
                    .hint("Check the name of the database.")
            }
            c if *c == SqlState::TOO_MANY_CONNECTIONS => {
                unavailable("The database has no connection left.").hint("Try again later.")
            }
            _ => down(),
        };
    }
    let mut causes = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        next = cause.source();
    }
    tracing::warn!(error = %causes, "a source cannot be connected to");
    if causes.contains("password missing") {
        return unavailable("The database asks for a password.").hint("Give the password of the source.");
    }
    if causes.contains("authentication") {
        return unavailable("The database does not accept this user with this password.")
            .hint("Check the user and the password of the source.");
    }
    if causes.contains("TLS") || causes.contains("certificate") {
        return unavailable("No encrypted connection came about.").hint(
            "Check that the server offers encryption and that its certificate is for this host and from a known \
             authority, or give the CA certificate.",
        );
    }
    down()
}

/// Nobody answered in time.
pub(super) fn silent() -> Error {
    down()
}

fn down() -> Error {
    unavailable("The database of this data does not answer.")
        .hint("Try again later; if it lasts, an administrator can test the source.")
}

fn unavailable(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::SourceUnavailable, message)
}

/// Whether the connection is gone, and another one may do better.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    let ends = |code: &SqlState| {
        [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW].contains(code)
            || code.code() == "57P05"
            || code.code().starts_with("08")
    };
    error.is_closed() || error.code().map_or_else(|| is_io(error), ends)
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
}

/// A question failed: the sentence for the person who asked.
pub(super) fn question(error: &tokio_postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else {
        return if is_lost(error) { down() } else { fault::internal("a source", error) };
    };
    if let Some(raised) = semantic::raised(db.message()) {
        return raised;
    }
    let code = db.code();
    tracing::debug!(code = code.code(), message = db.message(), "a source refuses a question");
    match code.code() {
        "57014" if db.message().contains("timeout") => {
            Error::new(ErrorCode::QueryTimeout, "The question took too long in its source and was stopped.")
                .hint("Ask for a shorter period or fewer groups, or try again when the source is less busy.")
        }
        "57014" => fault::cancelled(),
        "25006" => Error::new(ErrorCode::RuleRefused, "Sources are only read: nothing in them is changed."),
        "42501" => Error::new(ErrorCode::RuleRefused, "The source's user may not read this table.")
            .hint("Ask the database's administrator for the right, or an administrator here to refresh the dataset."),
        "42P01" | "42703" | "3F000" | "42883" | "42804" => {
            Error::new(ErrorCode::Conflict, "The table has changed in its source, so this question does not fit it.")
                .hint("Refresh the columns of the dataset.")
        }
        "55P03" => unavailable("The table is locked in its source.").hint("Try again later."),
        "53200" | "54000" | "54001" | "53100" | "53400" => fault::too_large(),
        code if code.starts_with("22") => {
            Error::new(ErrorCode::InvalidQuery, "A value is outside the range that this calculation can hold.")
                .hint("Filter out extreme values, or use another aggregate.")
        }
        code if code.starts_with("53") || code.starts_with("57") || code.starts_with("08") => down(),
        _ => fault::internal("a source", &format!("{}: {}", code.code(), db.message())),
    }
}
