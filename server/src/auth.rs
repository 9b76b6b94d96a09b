//! Who asks: the cookie or the token of a request becomes a caller.

use crate::guard;
use crate::http::Failure;
use crate::router::App;
use crate::view_as;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::{Caller, Error, ErrorCode};
use std::collections::BTreeMap;

/// The cookie of a session.
pub(crate) const COOKIE: &str = "orrery_session";

/// The signed-in caller of a request; without one the answer is 401.
pub(crate) struct Who(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let caller = parts.extensions.get::<Option<Caller>>().cloned().flatten();
        caller.map(Who).ok_or_else(|| Failure(sign_in_required()))
    }
}

pub(crate) fn sign_in_required() -> Error {
    Error::new(ErrorCode::SignInRequired, "Sign in first.").hint("Send a session cookie or an API token as a bearer.")
}

/// The cookie of a wall's screen.
pub(crate) const SCREEN_COOKIE: &str = "orrery_screen";
/// Where screens show their dashboards.
pub(crate) const SCREEN_PATH: &str = "/screen";

/// The caller of a wall link, where the request is a screen's: its socket says so in the query string.
/// No other handler asks for it, so that a link opens nothing else.
pub(crate) struct Screen(pub(crate) Option<Caller>);

impl FromRequestParts<App> for Screen {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        if parts.uri.query() != Some("screen") {
            return Ok(Self(None));
        }
        let revoked = || Failure(Error::new(ErrorCode::SignInRequired, "This wall link was revoked."));
        if !app.is_own_origin(&parts.headers) {
            return Err(Failure(Error::forbidden("This request comes from another site.")));
        }
        let secret = cookie(&parts.headers, SCREEN_COOKIE).ok_or_else(revoked)?;
        let (caller, _) = app.services.caller_from_wall_link(&secret).await.ok_or_else(revoked)?;
        Ok(Self(Some(caller)))
    }
}

/// Where the viewers of links see their dashboard.
pub(crate) const SHARED_PATH: &str = "/shared/";
/// The cookies of visits, with the id of the link behind it.
const VISIT_COOKIE: &str = "orrery_visit_";

/// The cookie that a visit of a link is kept in.
pub(crate) fn visit_cookie(link: &str) -> String {
    format!("{VISIT_COOKIE}{link}")
}

/// The visits of a browser, by link.
pub(crate) fn visits(headers: &HeaderMap) -> BTreeMap<String, String> {
    let pairs = cookies(headers).filter_map(|(name, value)| Some((name.strip_prefix(VISIT_COOKIE)?, value)));
    pairs.map(|(link, value)| (link.to_owned(), value.to_owned())).collect()
}

/// The caller of a public or embedded link, where the socket says that it is one's.
pub(crate) struct Visitor(pub(crate) Option<Caller>);

impl FromRequestParts<App> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Some(link) = parts.uri.query().and_then(|query| query.strip_prefix("link=")) else {
            return Ok(Self(None));
        };
        if !app.is_own_origin(&parts.headers) {
            return Err(Failure(Error::forbidden("This request comes from another site.")));
        }
        let over = || Failure(Error::new(ErrorCode::SignInRequired, "This link is over. Open it again."));
        let sealed = cookie(&parts.headers, &visit_cookie(link)).ok_or_else(over)?;
        Ok(Self(Some(app.services.caller_from_visit(link, &sealed).await.ok_or_else(over)?)))
    }
}

/// Finds the caller, and refuses unsafe requests that another site made the browser send.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let caller = if let Some(token) = bearer(headers) {
        match app.services.caller_from_token(token).await {
            Some(caller) => Some(caller),
            None => {
                let error = Error::new(ErrorCode::SignInRequired, "This token is unknown, revoked or expired.");
                return guard::refuse(&app, request, error).await;
            }
        }
    } else if let Some(secret) = cookie(headers, COOKIE) {
        let upgrade = headers.contains_key(header::UPGRADE);
        let unsafe_method = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if (unsafe_method || upgrade) && !app.is_own_origin(headers) {
            let error = Error::forbidden("This request comes from another site.");
            return guard::refuse(&app, request, error).await;
        }
        let address = app.address_of(request.extensions(), headers);
        match app.services.caller_from_session(&secret, &address).await {
            Some(caller) => {
                let (method, path) = (request.method(), request.uri().path());
                match view_as::from_place(&app, caller, method, path, headers).await {
                    Ok(caller) => Some(caller),
                    Err(refusal) => return guard::refuse(&app, request, refusal.0).await,
                }
            }
            None => None,
        }
    } else {
        None
    };
    request.extensions_mut().insert(caller.clone());
    guard::around(&app, caller.as_ref(), request, next).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    cookies(headers).find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|v| v.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

impl App {
    /// Whether the Origin of a request is this server.
    pub(crate) fn is_own_origin(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
        let Some(origin) = text(header::ORIGIN) else { return false };
        if self.public_url.as_deref() == Some(origin) {
            return true;
        }
        let host = origin.split_once("://").map(|(_, host)| host);
        host.is_some() && host == text(header::HOST)
    }

    /// Whether people reach the server by https.
    pub(crate) fn behind_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The `Set-Cookie` of a session; an empty secret ends it.
    pub(crate) fn session_cookie(&self, secret: &str, max_age: i64) -> String {
        self.cookie(COOKIE, secret, max_age)
    }

    /// A `Set-Cookie` that scripts do not see.
    pub(crate) fn cookie(&self, name: &str, secret: &str, max_age: i64) -> String {
        let secure = if self.behind_https() { "; Secure" } else { "" };
        format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}")
    }

    /// The same for a page in a frame of another site, as far as browsers allow that: behind https, and
    /// apart for each site around it.
    pub(crate) fn framed_cookie(&self, name: &str, secret: &str, max_age: i64) -> String {
        if !self.behind_https() {
            return self.cookie(name, secret, max_age);
        }
        format!("{name}={secret}; Path=/; HttpOnly; SameSite=None; Secure; Partitioned; Max-Age={max_age}")
    }
}
