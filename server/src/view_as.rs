//! Looking at a dashboard as somebody else sees it: forms that set and take away a cookie. What the cookie
//! says is asked for anew with every request ([`services::Services::caller_as`]).

use crate::auth::cookie;
use crate::http::Failure;
use crate::router::App;
use axum::extract::State;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::{Caller, Error};
use serde::Deserialize;

/// The cookie: a dashboard, a colon, and from whose place it is seen.
const COOKIE: &str = "orrery_view_as";
/// Seconds until one sees as oneself again.
const MAX_AGE: i64 = 3_600;

/// Where one begins, and where one ends.
pub(crate) const BEGIN: &str = "/view-as";
pub(crate) const END: &str = "/view-as/stop";

#[derive(Deserialize)]
pub(crate) struct Begin {
    dashboard: String,
    name: String,
    /// `user` or `group`.
    #[serde(default)]
    kind: String,
}

/// Begins, and leads to the dashboard.
pub(crate) async fn begin(
    State(app): State<App>,
    Extension(caller): Extension<Option<Caller>>,
    Form(form): Form<Begin>,
) -> Response {
    let Some(caller) = caller else { return Failure(crate::auth::sign_in_required()).into_response() };
    let is_group = form.kind == "group";
    match app.services.begin_view_as(&caller, &form.dashboard, form.name.trim(), is_group).await {
        Ok((id, slug, who)) => {
            let set = app.cookie(COOKIE, &format!("{id}:{who}"), MAX_AGE);
            ([(header::SET_COOKIE, set)], Redirect::to(&format!("/dashboards/{slug}"))).into_response()
        }
        Err(error) => Failure(error).into_response(),
    }
}

/// Ends, and leads back.
pub(crate) async fn end(State(app): State<App>, headers: HeaderMap) -> Response {
    let dashboard = cookie(&headers, COOKIE).and_then(|value| Some(value.split_once(':')?.0.to_owned()));
    // The id came from us, but a cookie may say anything.
    let id = dashboard.filter(|id| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()));
    let target = id.map_or_else(|| "/dashboards".to_owned(), |id| format!("/dashboards/{id}"));
    ([(header::SET_COOKIE, app.cookie(COOKIE, "", 0))], Redirect::to(&target)).into_response()
}

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
    let Some(value) = cookie(headers, COOKIE) else { return Ok(caller) };
    if matches!(path, BEGIN | END | "/logout") {
        return Ok(caller);
    }
    let Some((dashboard, who)) = value.split_once(':') else { return Ok(caller) };
    let Ok(seen) = app.services.caller_as(&caller, dashboard, who).await else { return Ok(caller) };
    let is_safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let is_question = path.starts_with("/api/") && !path.starts_with("/api/v1/");
    if !is_safe && !is_question {
        let error = Error::forbidden("You look at this as somebody else, and change nothing meanwhile.")
            .hint("Stop looking as somebody else first.");
        return Err(Failure(error));
    }
    Ok(seen)
}
