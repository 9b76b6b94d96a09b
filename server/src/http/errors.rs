//! The one place where an error becomes an HTTP answer.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Error;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::openapi::response::Response as ApiResponse;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

/// An error on its way out.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The body of every error.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: Error,
}

pub(crate) fn json(error: &Error) -> Json<ErrorBody> {
    Json(ErrorBody { error: error.clone() })
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, json(&self.0)).into_response();
        // For whoever writes down what was refused.
        response.extensions_mut().insert(self.0.code);
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// The errors that any operation may answer, for the description of the API.
pub(crate) struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<ApiResponse>> {
        let all = [
            ("400", "The request is malformed or the question does not fit the data"),
            ("401", "Not signed in"),
            ("403", "Visible, but not allowed"),
            ("404", "Not there, or not visible"),
            ("405", "This address does not take this method"),
            ("409", "In conflict with what is there"),
            ("410", "No longer there"),
            ("412", "Changed meanwhile"),
            ("413", "Too large"),
            ("415", "A content type that is not read here"),
            ("422", "An unusable file, or refused by a rule"),
            ("429", "Too many requests"),
            ("503", "Timed out, cancelled or overloaded"),
        ];
        let answer = |about: &str| {
            let schema = Ref::from_schema_name("ErrorBody");
            let content = ContentBuilder::new().schema(Some(schema)).build();
            RefOr::T(ResponseBuilder::new().description(about).content("application/json", content).build())
        };
        all.into_iter().map(|(code, about)| (code.to_owned(), answer(about))).collect()
    }
}
