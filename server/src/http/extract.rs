//! Bodies and query strings, read with errors that name the field.

use super::Failure;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use domain::{Error, ErrorCode};
use serde::de::DeserializeOwned;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            let error = Error::new(ErrorCode::UnsupportedMediaType, "The body must be JSON.")
                .hint("Send the header Content-Type: application/json.");
            return Err(Failure(error));
        }
        let bytes = body(request, state).await?;
        from_json(&bytes).map(Body)
    }
}

/// The bytes of a body, within its limit.
pub(crate) async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    Bytes::from_request(request, state).await.map_err(|cause| {
        let large = cause.into_response_status() == 413;
        Failure(if large {
            Error::new(ErrorCode::TooLarge, "The body is too large.")
        } else {
            Error::invalid("The body was cut before its end.")
        })
    })
}

trait Status {
    fn into_response_status(self) -> u16;
}

impl<T: axum::response::IntoResponse> Status for T {
    fn into_response_status(self) -> u16 {
        self.into_response().status().as_u16()
    }
}

/// Reads JSON; an error names the field.
pub(crate) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|cause| {
        let path = cause.path().to_string();
        let reason = cause.into_inner().to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
        let error = Error::invalid(format!("The body cannot be read: {reason}."));
        Failure(if path == "." { error } else { error.field(path) })
    })?;
    reader.end().map_err(|_| Failure(Error::invalid("There is more after the end of the JSON.")))?;
    Ok(value)
}

/// The query string.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let text = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(text)
            .map(Params)
            .map_err(|cause| Failure(Error::invalid(format!("The query string cannot be read: {cause}."))))
    }
}

/// The locale that the caller wants texts written in.
pub(crate) struct Language(pub(crate) &'static str);

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let wanted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
        Ok(Self(domain::format::preferred_locale(wanted.unwrap_or_default())))
    }
}
