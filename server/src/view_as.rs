//! Looking at a dashboard as somebody else sees it: the cookie that says so, asked for anew with every
//! request ([`services::Services::caller_as`]). It is no credential: it counts beside the session that
//! it was made in, and nowhere else.

use crate::auth::cookie;
use crate::http::Failure;
use crate::router::App;
use axum::http::{HeaderMap, Method};
use domain::{Caller, Error};
use services::VIEW_AS_COOKIE;

/// The caller of a request from the place that its cookie names. A place that is not theirs any more is
/// none. Nothing is written from there: pages and what they ask of the server may be asked for, and the
/// services refuse what would change anything.
pub(crate) async fn from_place(
    app: &App,
    caller: Caller,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<Caller, Failure> {
    let Some(value) = cookie(headers, VIEW_AS_COOKIE).filter(|_| path != "/logout") else { return Ok(caller) };
    let Some(seen) = app.services.caller_from_place(&caller, &value).await else { return Ok(caller) };
    let is_safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let is_question = path.starts_with("/api/") && !path.starts_with("/api/v1/");
    if !is_safe && !is_question {
        let error = Error::forbidden("You look at this as somebody else, and change nothing meanwhile.")
            .hint("Stop looking as somebody else first.");
        return Err(Failure(error));
    }
    Ok(seen)
}
