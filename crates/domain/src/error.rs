//! One error for everything a person or a program can be told: a stable code, a sentence, a hint
//! and the field it is about. Technical causes are logged where they happen and never sent.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The result of every fallible use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident, $code:literal, $status:literal;)*) => {
        /// A stable, documented reason. The wire form is its snake_case code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode { $(#[doc = $code] $variant,)* }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The code as it is written on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$variant => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(ErrorCode::$variant => $status,)* }
            }
        }
    };
}

codes! {
    InvalidRequest, "invalid_request", 400;
    InvalidQuery, "invalid_query", 400;
    UnknownColumn, "unknown_column", 400;
    UnknownDataset, "unknown_dataset", 404;
    MetricNotComposable, "metric_not_composable", 400;
    NotSupported, "not_supported", 400;
    SignInRequired, "sign_in_required", 401;
    Forbidden, "forbidden", 403;
    NotFound, "not_found", 404;
    Conflict, "conflict", 409;
    NameTaken, "name_taken", 409;
    Gone, "gone", 410;
    PreconditionFailed, "precondition_failed", 412;
    TooLarge, "too_large", 413;
    UnsupportedMediaType, "unsupported_media_type", 415;
    UnusableFile, "unusable_file", 422;
    RuleRefused, "rule_refused", 422;
    QueryTooLarge, "query_too_large", 422;
    TooManyRequests, "too_many_requests", 429;
    Cancelled, "cancelled", 503;
    QueryTimeout, "query_timeout", 503;
    Overloaded, "overloaded", 503;
    DiskFull, "disk_full", 503;
    SourceUnavailable, "source_unavailable", 503;
    Internal, "internal", 500;
}

/// What went wrong, in the caller's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Error {
    pub code: ErrorCode,
    /// A sentence that says what is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The path of the offending field, such as `filter.and[0].column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Error {
    /// An error with a code and a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, field: None }
    }

    /// Adds what the reader can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Names the offending field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Malformed input.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    /// Not there, or not visible to the caller: the two are told apart nowhere.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no such {what}, or it is not shared with you."))
    }

    /// Visible, but the caller may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// Our own fault. The cause belongs in the log, not here.
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "Something went wrong on the server.")
            .hint("Try again; if it happens again, the server log has the cause.")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_the_code() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!((400..600).contains(&code.status()));
        }
    }
}
