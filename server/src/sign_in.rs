//! What belongs to signing in beside name and password: codes, the provider, invitations, forgotten
//! passwords, confirmed addresses. Plain forms that work without any script.

use crate::forms::{self, escape, foreign, notice, page, signed_in, status_of, with_cookies};
use crate::peer::Visitor;
use crate::router::App;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::account::TotpSetup;
use domain::{Error, Result};
use serde::Deserialize;
use services::{OidcAnswer, SignedIn};

/// The cookie that keeps a sign-in through the provider together.
const OIDC_COOKIE: &str = "orrery_oidc";
const OIDC_MAX_AGE: i64 = 15 * 60;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/login/code", post(code))
        .route("/login/forgot", get(forgot_page).post(forgot))
        .route("/login/oidc", get(to_provider))
        .route("/login/oidc/callback", get(from_provider))
        .route("/reset", get(reset_page).post(reset))
        .route("/invite", get(invite_page).post(invite))
        .route("/confirm-email", get(confirm_page).post(confirm))
}

/// A page that nobody may keep: its address or its form has a secret.
fn private(app: &App, headers: &HeaderMap, status: StatusCode, title: &str, body: &str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], page(app, headers, title, body)).into_response()
}

/// A page that says why it does not go on, and where to begin again.
fn refused(app: &App, headers: &HeaderMap, error: &Error) -> Response {
    let body = format!(
        "<h1>This does not work</h1><p role=\"alert\">{}</p><p><a href=\"/login\">Sign in</a></p>",
        escape(&error.to_string())
    );
    private(app, headers, status_of(error), "Sign in", &body)
}

/// What follows a right password, in whatever form it was given.
pub(crate) fn after_password(app: &App, headers: &HeaderMap, next: &str, done: SignedIn) -> Response {
    match done {
        SignedIn::Session(session) => signed_in(app, &session, next),
        SignedIn::Code { ticket } => {
            private(app, headers, StatusCode::OK, "Sign in", &code_form(&ticket, next, None, None))
        }
        SignedIn::SetUp { ticket, setup } => {
            private(app, headers, StatusCode::OK, "Sign in", &code_form(&ticket, next, Some(&setup), None))
        }
    }
}

fn code_form(ticket: &str, next: &str, setup: Option<&TotpSetup>, error: Option<&Error>) -> String {
    let about = match setup {
        Some(setup) => format!(
            "<h1>Set two-step sign-in up</h1><p>It is required here. Scan this with an authenticator app, then type \
             the code that it shows.</p><div class=\"qr\">{}</div><p>Or type this key: <code class=\"totp-key\">{}</code></p>",
            setup.qr,
            escape(&setup.secret)
        ),
        None => "<h1>One more step</h1><p>Type the code that your authenticator app shows, or one of your recovery \
                 codes.</p>"
            .to_owned(),
    };
    format!(
        "{about}{}<form method=\"post\" action=\"/login/code\" data-testid=\"code-form\">\
         <input type=\"hidden\" name=\"ticket\" value=\"{}\"><input type=\"hidden\" name=\"next\" value=\"{}\">\
         <label>Code<input name=\"code\" autocomplete=\"one-time-code\" autocapitalize=\"none\" spellcheck=\"false\" \
         required autofocus></label>\
         <button type=\"submit\" class=\"button button-primary\">Go on</button></form>",
        notice(error),
        escape(ticket),
        escape(next)
    )
}

#[derive(Deserialize)]
struct Code {
    ticket: String,
    code: String,
    #[serde(default)]
    next: String,
}

/// The second step.
async fn code(State(app): State<App>, headers: HeaderMap, Visitor(from): Visitor, Form(form): Form<Code>) -> Response {
    if let Some(refusal) = foreign(&app, &headers) {
        return refusal;
    }
    let error = match app.services.sign_in_with_code(&form.ticket, &form.code, &from).await {
        Ok(done) if done.recovery_codes.is_empty() => return signed_in(&app, &done.session, &form.next),
        Ok(done) => {
            let codes: String =
                done.recovery_codes.iter().map(|code| format!("<li><code>{code}</code></li>")).collect();
            let body = format!(
                "<h1>Keep these codes</h1><p>When your phone is gone, each of them stands in for a code, once. They \
                 are not shown again.</p><ul class=\"recovery-codes\">{codes}</ul>\
                 <p><a class=\"button button-primary\" href=\"{}\">I have kept them</a></p>",
                escape(forms::own_path(&form.next))
            );
            let shown = private(&app, &headers, StatusCode::OK, "Two-step sign-in", &body);
            return with_cookies(&app, &done.session, shown);
        }
        Err(error) => error,
    };
    match app.services.setup_of_ticket(&form.ticket).await {
        Ok(setup) => {
            let body = code_form(&form.ticket, &form.next, setup.as_ref(), Some(&error));
            private(&app, &headers, status_of(&error), "Sign in", &body)
        }
        Err(error) => refused(&app, &headers, &error),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Begin {
    next: String,
}

/// Leads to the provider.
async fn to_provider(State(app): State<App>, Query(begin): Query<Begin>, headers: HeaderMap) -> Response {
    match app.services.oidc_begin(forms::own_path(&begin.next)).await {
        Ok((address, state)) => {
            let kept = [(header::SET_COOKIE, app.cookie(OIDC_COOKIE, &state, OIDC_MAX_AGE))];
            (AppendHeaders(kept), [(header::CACHE_CONTROL, "no-store")], Redirect::to(&address)).into_response()
        }
        Err(error) => refused(&app, &headers, &error),
    }
}

/// Where the provider leads back to.
async fn from_provider(
    State(app): State<App>,
    Query(answer): Query<OidcAnswer>,
    headers: HeaderMap,
    Visitor(from): Visitor,
) -> Response {
    let state = crate::auth::cookie(&headers, OIDC_COOKIE);
    let response = match app.services.oidc_complete(state.as_deref(), &answer, &from).await {
        Ok((session, next)) => signed_in(&app, &session, &next),
        Err(error) => refused(&app, &headers, &error),
    };
    // Whatever came of it, it does not come of it twice.
    (AppendHeaders([(header::SET_COOKIE, app.cookie(OIDC_COOKIE, "", 0))]), response).into_response()
}

#[derive(Deserialize)]
struct Forgot {
    who: String,
}

async fn forgot_page(State(app): State<App>, headers: HeaderMap) -> Response {
    private(&app, &headers, StatusCode::OK, "Forgotten password", &forgot_form(&app, None))
}

fn forgot_form(app: &App, error: Option<&Error>) -> String {
    if !app.services.sign_in_ways().reset {
        return "<h1>Forgotten password</h1><p>This server does not mail new passwords. Ask an administrator.</p>\
                <p><a href=\"/login\">Sign in</a></p>"
            .to_owned();
    }
    format!(
        "<h1>Forgotten password</h1><p>Name the account, and a link goes to the address that you have confirmed for it.</p>{}\
         <form method=\"post\" action=\"/login/forgot\" data-testid=\"forgot-form\">\
         <label>User name or e-mail address<input name=\"who\" autocomplete=\"username\" required autofocus></label>\
         <button type=\"submit\" class=\"button button-primary\">Send the link</button></form>\
         <p><a href=\"/login\">Sign in</a></p>",
        notice(error)
    )
}

/// Says the same whether the account is known or not.
async fn forgot(
    State(app): State<App>,
    headers: HeaderMap,
    Visitor(from): Visitor,
    Form(form): Form<Forgot>,
) -> Response {
    if let Some(refusal) = foreign(&app, &headers) {
        return refusal;
    }
    match app.services.ask_for_reset(&form.who, &from).await {
        Ok(()) => {
            let body = "<h1>Look into your mail</h1><p role=\"status\">If there is such an account and it has a \
                        confirmed address, a link is on its way. It works for an hour.</p>\
                        <p><a href=\"/login\">Sign in</a></p>";
            private(&app, &headers, StatusCode::OK, "Forgotten password", body)
        }
        Err(error) => {
            let body = forgot_form(&app, Some(&error));
            private(&app, &headers, status_of(&error), "Forgotten password", &body)
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Link {
    token: String,
}

#[derive(Deserialize)]
struct NewPassword {
    token: String,
    password: String,
    again: String,
}

impl NewPassword {
    fn check(&self) -> Result<()> {
        if self.password == self.again { Ok(()) } else { Err(Error::invalid("The two passwords are not the same.")) }
    }
}

/// Two fields for a password; `name` is for those who keep passwords.
fn password_form(action: &str, token: &str, name: &str, button: &str, error: Option<&Error>) -> String {
    format!(
        "{}<form method=\"post\" action=\"{action}\" data-testid=\"password-form\">\
         <input type=\"hidden\" name=\"token\" value=\"{}\">\
         <input type=\"text\" name=\"username\" autocomplete=\"username\" value=\"{}\" hidden>\
         <label>Password<input name=\"password\" type=\"password\" autocomplete=\"new-password\" minlength=\"10\" required autofocus></label>\
         <label>The same again<input name=\"again\" type=\"password\" autocomplete=\"new-password\" minlength=\"10\" required></label>\
         <button type=\"submit\" class=\"button button-primary\">{button}</button></form>",
        notice(error),
        escape(token),
        escape(name)
    )
}

async fn reset_page(State(app): State<App>, Query(link): Query<Link>, headers: HeaderMap) -> Response {
    match app.services.check_reset(&link.token).await {
        Ok(()) => reset_again(&app, &headers, &link.token, None),
        Err(error) => refused(&app, &headers, &error),
    }
}

fn reset_again(app: &App, headers: &HeaderMap, token: &str, error: Option<&Error>) -> Response {
    let form = password_form("/reset", token, "", "Change password", error);
    let body = format!(
        "<h1>Choose a new password</h1><p>At least 10 characters. All your sessions end; sign in again with it.</p>{form}"
    );
    private(app, headers, error.map_or(StatusCode::OK, status_of), "New password", &body)
}

async fn reset(State(app): State<App>, headers: HeaderMap, Form(form): Form<NewPassword>) -> Response {
    if let Some(refusal) = foreign(&app, &headers) {
        return refusal;
    }
    let done = match form.check() {
        Ok(()) => app.services.reset_password(&form.token, &form.password).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => {
            let body = "<h1>Password changed</h1><p role=\"status\">All your sessions have ended.</p>\
                        <p><a class=\"button button-primary\" href=\"/login\">Sign in</a></p>";
            private(&app, &headers, StatusCode::OK, "New password", body)
        }
        Err(error) if error.code == domain::ErrorCode::Gone => refused(&app, &headers, &error),
        Err(error) => reset_again(&app, &headers, &form.token, Some(&error)),
    }
}

async fn invite_page(State(app): State<App>, Query(link): Query<Link>, headers: HeaderMap) -> Response {
    invite_again(&app, &headers, &link.token, None).await
}

async fn invite_again(app: &App, headers: &HeaderMap, token: &str, wrong: Option<&Error>) -> Response {
    let name = match app.services.check_invitation(token).await {
        Ok(name) => name,
        Err(error) => return refused(app, headers, &error),
    };
    let ways = app.services.sign_in_ways();
    let mut body = format!("<h1>Welcome to Orrery</h1><p>Your user name is <b>{}</b>.</p>", escape(&name));
    if ways.password {
        body.push_str("<p>Choose a password of at least 10 characters.</p>");
        body.push_str(&password_form("/invite", token, &name, "Begin", wrong));
    }
    if let Some(provider) = &ways.provider {
        body.push_str(&forms::provider_button(provider, "/"));
    }
    private(app, headers, wrong.map_or(StatusCode::OK, status_of), "Welcome", &body)
}

async fn invite(
    State(app): State<App>,
    headers: HeaderMap,
    Visitor(from): Visitor,
    Form(form): Form<NewPassword>,
) -> Response {
    if let Some(refusal) = foreign(&app, &headers) {
        return refusal;
    }
    let done = match form.check() {
        Ok(()) => app.services.accept_invitation(&form.token, &form.password, &from).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => after_password(&app, &headers, "/", done),
        Err(error) => invite_again(&app, &headers, &form.token, Some(&error)).await,
    }
}

/// Asks, because programs that look at the links of mails follow them.
async fn confirm_page(State(app): State<App>, Query(link): Query<Link>, headers: HeaderMap) -> Response {
    let body = format!(
        "<h1>Confirm your e-mail address</h1><p>From then on it is the address of your account.</p>\
         <form method=\"post\" action=\"/confirm-email\"><input type=\"hidden\" name=\"token\" value=\"{}\">\
         <button type=\"submit\" class=\"button button-primary\">Confirm</button></form>",
        escape(&link.token)
    );
    private(&app, &headers, StatusCode::OK, "E-mail address", &body)
}

async fn confirm(State(app): State<App>, headers: HeaderMap, Form(link): Form<Link>) -> Response {
    if let Some(refusal) = foreign(&app, &headers) {
        return refusal;
    }
    match app.services.confirm_email(&link.token).await {
        Ok(address) => {
            let body = format!(
                "<h1>Confirmed</h1><p role=\"status\">{} is the address of your account now.</p>\
                 <p><a href=\"/account\">Go to your account</a></p>",
                escape(&address)
            );
            private(&app, &headers, StatusCode::OK, "E-mail address", &body)
        }
        Err(error) => refused(&app, &headers, &error),
    }
}
