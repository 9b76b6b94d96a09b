//! Sign in, sign out and the first administrator: plain forms that work without any script.

use crate::auth::{COOKIE, SCREEN_COOKIE, SCREEN_PATH, cookie};
use crate::http::Failure;
use crate::router::App;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::{Caller, Error};
use serde::Deserialize;
use services::NewSession;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Next {
    next: String,
    token: String,
}

#[derive(Deserialize)]
pub(crate) struct Login {
    username: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct Setup {
    token: String,
    username: String,
    password: String,
}

/// The sign-in form.
pub(crate) async fn login_page(State(app): State<App>, Query(next): Query<Next>, headers: HeaderMap) -> Response {
    page(&app, &headers, "Sign in", &login_form(&next.next, "", None)).into_response()
}

/// Signs in and leads on.
pub(crate) async fn login(State(app): State<App>, headers: HeaderMap, Form(form): Form<Login>) -> Response {
    if headers.contains_key(header::ORIGIN) && !app.is_own_origin(&headers) {
        return Failure(Error::forbidden("This form was sent from another site.")).into_response();
    }
    match app.services.sign_in(&form.username, &form.password, agent(&headers)).await {
        Ok(session) => signed_in(&app, &session, &form.next),
        Err(error) => {
            let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            let body = login_form(&form.next, &form.username, Some(&error));
            (status, page(&app, &headers, "Sign in", &body)).into_response()
        }
    }
}

/// Ends the session.
pub(crate) async fn logout(
    State(app): State<App>,
    headers: HeaderMap,
    caller: axum::Extension<Option<Caller>>,
) -> Response {
    if let (Some(caller), Some(_)) = (&caller.0, cookie(&headers, COOKIE))
        && let Err(error) = app.services.sign_out(caller).await
    {
        return Failure(error).into_response();
    }
    ([(header::SET_COOKIE, app.session_cookie("", 0))], Redirect::to("/login")).into_response()
}

/// How long a screen keeps its link, in seconds: as long as browsers keep anything.
const SCREEN_MAX_AGE: i64 = 400 * 24 * 3_600;

/// A wall link: the screen keeps its secret, out of the address and of the browser's history.
pub(crate) async fn screen(State(app): State<App>, Path(secret): Path<String>) -> Response {
    let (max_age, target) = match app.services.caller_from_wall_link(&secret).await {
        Some((_, options)) => (SCREEN_MAX_AGE, format!("{SCREEN_PATH}?{options}")),
        None => (0, SCREEN_PATH.to_owned()),
    };
    let kept = if max_age > 0 { secret.as_str() } else { "" };
    ([(header::SET_COOKIE, app.cookie(SCREEN_COOKIE, kept, max_age))], Redirect::to(&target)).into_response()
}

/// The form that makes the first administrator.
pub(crate) async fn setup_page(State(app): State<App>, Query(query): Query<Next>, headers: HeaderMap) -> Response {
    page(&app, &headers, "Welcome", &setup_form(&query.token, "", None)).into_response()
}

/// Makes the first administrator and signs them in.
pub(crate) async fn setup(State(app): State<App>, headers: HeaderMap, Form(form): Form<Setup>) -> Response {
    if headers.contains_key(header::ORIGIN) && !app.is_own_origin(&headers) {
        return Failure(Error::forbidden("This form was sent from another site.")).into_response();
    }
    match app.services.complete_setup(&form.token, &form.username, &form.password, agent(&headers)).await {
        Ok(session) => signed_in(&app, &session, "/"),
        Err(error) => {
            let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let body = setup_form(&form.token, &form.username, Some(&error));
            (status, page(&app, &headers, "Welcome", &body)).into_response()
        }
    }
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// Sets the cookie and leads to a page of ours.
pub(crate) fn signed_in(app: &App, session: &NewSession, next: &str) -> Response {
    // Only a path of this server: never another site, nor a scheme-relative address.
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r']);
    let target = if own { next } else { "/" };
    ([(header::SET_COOKIE, app.session_cookie(&session.secret, session.max_age))], Redirect::to(target)).into_response()
}

pub(crate) fn notice(error: Option<&Error>) -> String {
    match error {
        Some(error) => format!("<p class=\"form-error\" role=\"alert\">{}</p>", escape(&error.to_string())),
        None => String::new(),
    }
}

fn login_form(next: &str, name: &str, error: Option<&Error>) -> String {
    format!(
        "<h1>Sign in to Orrery</h1>{}\
         <form method=\"post\" action=\"/login\" data-testid=\"login-form\">\
         <input type=\"hidden\" name=\"next\" value=\"{}\">\
         <label>User name<input name=\"username\" autocomplete=\"username\" required autofocus value=\"{}\"></label>\
         <label>Password<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <button type=\"submit\" class=\"button button-primary\">Sign in</button></form>",
        notice(error),
        escape(next),
        escape(name)
    )
}

fn setup_form(token: &str, name: &str, error: Option<&Error>) -> String {
    format!(
        "<h1>Make the first administrator</h1><p>This link works once. The password needs at least 10 characters.</p>{}\
         <form method=\"post\" action=\"/setup\" data-testid=\"setup-form\">\
         <input type=\"hidden\" name=\"token\" value=\"{}\">\
         <label>User name<input name=\"username\" autocomplete=\"username\" required autofocus value=\"{}\"></label>\
         <label>Password<input name=\"password\" type=\"password\" autocomplete=\"new-password\" minlength=\"10\" required></label>\
         <button type=\"submit\" class=\"button button-primary\">Make administrator</button></form>",
        notice(error),
        escape(token),
        escape(name)
    )
}

/// A page outside of the application.
pub(crate) fn page(app: &App, headers: &HeaderMap, title: &str, body: &str) -> Html<String> {
    let theme = match cookie(headers, "theme").as_deref() {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "auto",
    };
    Html(format!(
        "<!doctype html><html lang=\"en\" data-theme=\"{theme}\"><head><meta charset=\"utf-8\"><title>{title} · Orrery</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{}\"></head>\
         <body class=\"form-page\"><main class=\"form-card\">{body}</main></body></html>",
        app.assets.css
    ))
}

/// Text for HTML, in elements and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
