//! Sign in, sign out and the first administrator: plain forms that work without any script.

use crate::auth::{COOKIE, SCREEN_COOKIE, SCREEN_PATH, cookie};
use crate::http::Failure;
use crate::peer::{DEVICE_COOKIE, DEVICE_MAX_AGE, Visitor};
use crate::router::App;
use crate::sign_in;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use domain::{Caller, Error};
use serde::Deserialize;
use services::NewSession;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Next {
    next: String,
    token: String,
    /// There, whatever it says: the form is wanted where only one administrator has a password.
    password: Option<String>,
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
pub(crate) async fn login_page(State(app): State<App>, Query(query): Query<Next>, headers: HeaderMap) -> Response {
    let body = login_form(&app, &query.next, "", query.password.is_some(), None);
    page(&app, &headers, "Sign in", &body).into_response()
}

/// Signs in and leads on.
pub(crate) async fn login(
    State(app): State<App>,
    headers: HeaderMap,
    Visitor(from): Visitor,
    Form(form): Form<Login>,
) -> Response {
    if let Some(refusal) = foreign(&app, &headers) {
        return refusal;
    }
    match app.services.sign_in(&form.username, &form.password, &from).await {
        Ok(done) => sign_in::after_password(&app, &headers, &form.next, done),
        Err(error) => {
            let body = login_form(&app, &form.next, &form.username, true, Some(&error));
            (status_of(&error), page(&app, &headers, "Sign in", &body)).into_response()
        }
    }
}

/// Refuses a form that another site has sent.
pub(crate) fn foreign(app: &App, headers: &HeaderMap) -> Option<Response> {
    let is_foreign = headers.contains_key(header::ORIGIN) && !app.is_own_origin(headers);
    is_foreign.then(|| Failure(Error::forbidden("This form was sent from another site.")).into_response())
}

/// The status that goes with an error.
pub(crate) fn status_of(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST)
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
pub(crate) async fn setup(
    State(app): State<App>,
    headers: HeaderMap,
    Visitor(from): Visitor,
    Form(form): Form<Setup>,
) -> Response {
    if let Some(refusal) = foreign(&app, &headers) {
        return refusal;
    }
    match app.services.complete_setup(&form.token, &form.username, &form.password, &from).await {
        Ok(session) => signed_in(&app, &session, "/"),
        Err(error) => {
            let body = setup_form(&form.token, &form.username, Some(&error));
            (status_of(&error), page(&app, &headers, "Welcome", &body)).into_response()
        }
    }
}

/// Sets the cookies and leads to a page of ours.
pub(crate) fn signed_in(app: &App, session: &NewSession, next: &str) -> Response {
    with_cookies(app, session, Redirect::to(own_path(next)).into_response())
}

/// An answer with the cookies of a session: its own, and that of the device.
pub(crate) fn with_cookies(app: &App, session: &NewSession, response: Response) -> Response {
    let cookies = [
        (header::SET_COOKIE, app.session_cookie(&session.secret, session.max_age)),
        (header::SET_COOKIE, app.cookie(DEVICE_COOKIE, &session.device, DEVICE_MAX_AGE)),
    ];
    (AppendHeaders(cookies), response).into_response()
}

/// A path of this server: never another site, nor a scheme-relative address.
pub(crate) fn own_path(next: &str) -> &str {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(|c: char| c == '\\' || c.is_control());
    if own { next } else { "/" }
}

pub(crate) fn notice(error: Option<&Error>) -> String {
    match error {
        Some(error) => format!("<p class=\"form-error\" role=\"alert\">{}</p>", escape(&error.to_string())),
        None => String::new(),
    }
}

/// The form, as far as passwords are taken; `asked` shows it where only one administrator has one.
fn login_form(app: &App, next: &str, name: &str, asked: bool, error: Option<&Error>) -> String {
    let ways = app.services.sign_in_ways();
    let mut body = format!("<h1>Sign in to Orrery</h1>{}", notice(error));
    if ways.password || asked {
        body.push_str(&format!(
            "<form method=\"post\" action=\"/login\" data-testid=\"login-form\">\
             <input type=\"hidden\" name=\"next\" value=\"{}\">\
             <label>User name<input name=\"username\" autocomplete=\"username\" required autofocus value=\"{}\"></label>\
             <label>Password<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
             <button type=\"submit\" class=\"button button-primary\">Sign in</button></form>",
            escape(next),
            escape(name)
        ));
    }
    if ways.reset {
        body.push_str("<p><a href=\"/login/forgot\">Forgotten your password?</a></p>");
    }
    if let Some(provider) = &ways.provider {
        body.push_str(&provider_button(provider, next));
        if !ways.password && !asked {
            body.push_str("<p><a href=\"/login?password\">Sign in with a password</a></p>");
        }
    }
    body
}

/// The way to the sign-in provider.
pub(crate) fn provider_button(name: &str, next: &str) -> String {
    let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    format!(
        "<p class=\"form-or\"><a class=\"button\" href=\"/login/oidc?{}\" data-testid=\"provider\">Sign in with {}</a></p>",
        escape(&query),
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
