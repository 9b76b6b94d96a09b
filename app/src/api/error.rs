//! The error of server functions: a [`domain::Error`] that keeps its code and hint on the way to
//! the browser, and sets the HTTP status on the way out.

use domain::{Error, ErrorCode};
use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A [`domain::Error`] that travels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppError(pub Error);

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for AppError {}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        #[cfg(feature = "ssr")]
        set_status(error.code);
        Self(error)
    }
}

impl From<AppError> for Error {
    fn from(error: AppError) -> Self {
        error.0
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        Self(match value {
            ServerFnErrorErr::Request(_) => Error::new(ErrorCode::Overloaded, "The server cannot be reached.")
                .hint("Check the connection, then try again."),
            // Answers that are not ours: a proxy's error page, or a server of another version.
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Response(_) => {
                Error::new(ErrorCode::Internal, "The server's answer could not be read.")
                    .hint("Reload the page, then try again.")
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Error::invalid("The request is not one the server understands.")
                    .hint("Reload the page, then try again.")
            }
            _ => Error::internal(),
        })
    }
}

/// Gives the answer of a server function the status of its error. While a page is rendered, only
/// a thing that is not there decides about the page.
#[cfg(feature = "ssr")]
fn set_status(code: ErrorCode) {
    use axum::http::{StatusCode, request::Parts};
    let Some(response) = use_context::<leptos_axum::ResponseOptions>() else { return };
    let in_page = use_context::<Parts>().is_none_or(|parts| !parts.uri.path().starts_with("/api/"));
    if in_page && code != ErrorCode::NotFound {
        return;
    }
    if let Ok(status) = StatusCode::from_u16(code.status()) {
        response.set_status(status);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_code_on_the_way() {
        let error = AppError(Error::new(ErrorCode::NameTaken, "Taken.").hint("Choose another name.").field("name"));
        assert_eq!(AppError::de(error.ser()), error);
    }

    #[test]
    fn an_unreadable_answer_becomes_a_sentence() {
        let error = AppError::de("<html>502</html>".into());
        assert_eq!(error.0.code, ErrorCode::Internal);
        assert!(!error.0.message.contains("html"));
    }
}
