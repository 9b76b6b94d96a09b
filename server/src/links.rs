//! Opening public and embedded links: plain forms and redirects, before any script.

use crate::auth::{SHARED_PATH, visit_cookie};
use crate::forms::{escape, foreign, notice, page, status_of};
use crate::headers::CONTENT_POLICY;
use crate::router::App;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Error, Result};
use serde::Deserialize;
use services::Opening;

#[derive(Deserialize)]
pub(crate) struct Password {
    password: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Token {
    token: String,
}

/// A public link: the browser keeps a visit, out of the address and of its history.
pub(crate) async fn open(State(app): State<App>, Path(secret): Path<String>, headers: HeaderMap) -> Response {
    let opened = app.services.open_link(&secret, None).await;
    answer(&app, &headers, opened)
}

/// The same with its password.
pub(crate) async fn open_with_password(
    State(app): State<App>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Password>,
) -> Response {
    if let Some(refusal) = foreign(&app, &headers) {
        return refusal;
    }
    let opened = app.services.open_link(&secret, Some(&form.password)).await;
    answer(&app, &headers, opened)
}

/// An embedded link, with the token of the page around it.
pub(crate) async fn embed(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(token): Query<Token>,
    headers: HeaderMap,
) -> Response {
    let opened = app.services.open_embedded(&id, &token.token).await;
    let mut response = answer(&app, &headers, opened);
    allow_frames(&app, &id, response.headers_mut()).await;
    response
}

fn answer(app: &App, headers: &HeaderMap, opened: Result<Opening>) -> Response {
    let mut response = match opened {
        Ok(Opening::Visit { link, sealed, max_age, framed }) => {
            let name = visit_cookie(&link);
            let kept = match framed {
                true => app.framed_cookie(&name, &sealed, max_age),
                false => app.cookie(&name, &sealed, max_age),
            };
            ([(header::SET_COOKIE, kept)], Redirect::to(&format!("{SHARED_PATH}{link}"))).into_response()
        }
        Ok(Opening::Password { wrong }) => {
            let status = if wrong { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
            let error = wrong.then(|| Error::invalid("The password is wrong."));
            (status, page(app, headers, "Shared dashboard", &form(error.as_ref()))).into_response()
        }
        Err(error) => {
            let body = format!(
                "<h1>This cannot be shown</h1><p>{}</p><p>{}</p>",
                escape(&error.message),
                escape(error.hint.as_deref().unwrap_or_default())
            );
            (status_of(&error), page(app, headers, "Shared dashboard", &body)).into_response()
        }
    };
    // The address is the key: nobody keeps it. It is not told to other sites, and to this one it is, since a
    // form without a referrer would come from nowhere.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Lets the sites that a link names have it in a frame.
pub(crate) async fn allow_frames(app: &App, link: &str, headers: &mut HeaderMap) {
    let origins = app.services.link_origins(link).await;
    let who = if origins.is_empty() { "'self'".to_owned() } else { format!("'self' {}", origins.join(" ")) };
    // Pages say what else they load.
    let said = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|v| v.to_str().ok()).unwrap_or(CONTENT_POLICY);
    let policy = said.replace("frame-ancestors 'self'", &format!("frame-ancestors {who}"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn form(error: Option<&Error>) -> String {
    format!(
        "<h1>A password is needed</h1><p>Whoever sent you this link knows it.</p>{}\
         <form method=\"post\" data-testid=\"link-password\">\
         <label>Password<input name=\"password\" type=\"password\" autocomplete=\"off\" required autofocus></label>\
         <button type=\"submit\" class=\"button button-primary\">Open the dashboard</button></form>",
        notice(error)
    )
}
