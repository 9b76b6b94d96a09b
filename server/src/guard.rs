//! Around every request: where it comes from, how often it may come, and what was refused goes on the
//! record.

use crate::config::Config;
use crate::http::Failure;
use crate::router::{App, BODY_LIMIT};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode};
use services::{Buckets, Origin, Surface};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many seconds' worth of requests may come at once.
const BURST: u64 = 10;
/// Whoever is not signed in has this part of the room of a user.
const STRANGERS: u32 = 10;
/// Wrong passwords, guessed links and mails asked for, of one address: so many at once, and one more
/// after each pause.
const GUESSES: (u64, Duration) = (50, Duration::from_secs(2));
/// First parts of the addresses whose forms take a secret or send a mail.
const SECRETS: [&str; 6] = ["login", "setup", "reset", "invite", "confirm-email", "public"];
/// Where files arrive, which have a limit of their own.
const UPLOADS: [&str; 3] = ["/api/v1/datasets", "/api/v1/models/import", "/api/v1/uploads"];
/// A part of an address that is longer than any id is a secret.
const LONGEST_ID: usize = 40;

/// How often somebody may ask.
pub(crate) struct Guard {
    started: Instant,
    /// `None`: there is no limit.
    rooms: Option<(Buckets, Buckets)>,
    guesses: Buckets,
}

impl Guard {
    pub(crate) fn new(config: &Config) -> Arc<Self> {
        let room = |per_second: u32| {
            let per_second = per_second.max(1);
            Buckets::new(BURST * u64::from(per_second), Duration::from_secs(1) / per_second)
        };
        let limit = config.rate_limit;
        Arc::new(Self {
            started: Instant::now(),
            rooms: (limit > 0).then(|| (room(limit), room(limit / STRANGERS))),
            guesses: Buckets::new(GUESSES.0, GUESSES.1),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Whether one more request fits.
    fn admit(&self, caller: Option<&Caller>, address: &str) -> Result<(), Duration> {
        let Some((users, strangers)) = &self.rooms else { return Ok(()) };
        match caller {
            Some(caller) => users.take(&caller.user_id, self.now()),
            None => strangers.take(address, self.now()),
        }
    }
}

/// Whose room an address takes from: of IPv6, one customer has a whole network.
fn room_of(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(address) => address.to_canonical().to_string(),
        None => String::new(),
    }
}

/// Answers a request that `identify` has found the caller of.
pub(crate) async fn around(app: &App, caller: Option<&Caller>, request: Request, next: Next) -> Response {
    let guard = &app.guard;
    let address = app.ip_of(request.extensions(), request.headers());
    let room = room_of(address);
    let origin = origin(&request, caller, address);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let takes_secret = takes_secret(&method, &path);
    let is_large = declared_length(request.headers()) > BODY_LIMIT && !UPLOADS.contains(&path.as_str());
    let admitted = guard.admit(caller, &room);
    let admitted = admitted.and_then(|()| if takes_secret { guard.guesses.take(&room, guard.now()) } else { Ok(()) });
    let response = match admitted {
        // Told before it is sent, and not after so much of it was read.
        Ok(()) if is_large => Failure(Error::new(ErrorCode::TooLarge, "The body is too large.")).into_response(),
        Ok(()) => origin.clone().around(next.run(request)).await,
        Err(wait) => too_many(wait),
    };
    if takes_secret && path == "/login" && response.status().is_redirection() {
        // Whoever knows the password did not guess.
        guard.guesses.give_back(&room);
    }
    let end = End { status: response.status(), code: code_of(&response), format: format_of(&response) };
    origin.around(write_down(app, caller, &method, &path, end)).await;
    response
}

/// Refuses a request before anybody looked at it.
pub(crate) async fn refuse(app: &App, request: Request, error: Error) -> Response {
    let address = app.ip_of(request.extensions(), request.headers());
    let response = match app.guard.admit(None, &room_of(address)) {
        Ok(()) => Failure(error).into_response(),
        Err(wait) => too_many(wait),
    };
    let place = place(request.method(), request.uri().path());
    let code = code_of(&response);
    origin(&request, None, address).around(app.services.record_refusal(None, "request", &place, code)).await;
    response
}

fn origin(request: &Request, caller: Option<&Caller>, address: Option<IpAddr>) -> Arc<Origin> {
    let headers = request.headers();
    let surface = match caller {
        _ if headers.contains_key(header::UPGRADE) => Surface::Socket,
        Some(caller) if caller.scope == Scope::Screen => Surface::Link,
        _ if headers.contains_key(header::AUTHORIZATION) => Surface::Token,
        _ => Surface::Page,
    };
    Arc::new(Origin {
        surface,
        credential_id: caller.map(|c| c.credential_id.clone()).unwrap_or_default(),
        address: address.map(|a| a.to_canonical().to_string()).unwrap_or_default(),
        agent: headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned(),
    })
}

fn too_many(wait: Duration) -> Response {
    let seconds = wait.as_secs() + 1;
    let error = Error::new(ErrorCode::TooManyRequests, "There were too many requests.")
        .hint(format!("Try again in {seconds} s."));
    let mut response = Failure(error).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// How a request ended.
struct End {
    status: StatusCode,
    code: &'static str,
    /// Of rows that leave the house as a file.
    format: Option<&'static str>,
}

/// What was refused, and files that were taken out.
async fn write_down(app: &App, caller: Option<&Caller>, method: &Method, path: &str, end: End) {
    let End { status, code, format } = end;
    let refused = match status {
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::NOT_FOUND => changes(method),
        _ => false,
    };
    // The services write down themselves how SQL and signing in ended.
    if refused && !path.starts_with("/api/v1/sql") && (path != "/login" || status == StatusCode::TOO_MANY_REQUESTS) {
        app.services.record_refusal(caller, "request", &place(method, path), code).await;
    }
    let (Some(caller), Some(format), true) = (caller, format, status.is_success()) else { return };
    // That of the audit log is written down where it is made.
    if !path.starts_with("/api/v1/audit") {
        app.services.record_export(caller, "request", &place(method, path), format).await;
    }
}

fn format_of(response: &Response) -> Option<&'static str> {
    let kind = response.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    match kind.split(';').next().unwrap_or_default() {
        "text/csv" => Some("csv"),
        "application/vnd.apache.arrow.stream" => Some("arrow"),
        _ => None,
    }
}

fn declared_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    length.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn takes_secret(method: &Method, path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    changes(method) && SECRETS.contains(&first)
}

/// A request for the record: without its query string, and without secrets in its path.
fn place(method: &Method, path: &str) -> String {
    let part = |part: &str| if part.len() > LONGEST_ID { "…".to_owned() } else { part.to_owned() };
    let path: Vec<String> = path.split('/').map(part).collect();
    format!("{method} {}", path.join("/"))
}

/// The code of a refusal. Answers that carry none are told apart by their status.
fn code_of(response: &Response) -> &'static str {
    let known = response.extensions().get::<ErrorCode>().map(|code| code.as_str());
    known.unwrap_or(match response.status() {
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
        _ => "sign_in_required",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_of_ipv6_has_one_room() {
        let room = |text: &str| room_of(Some(text.parse().unwrap()));
        assert_eq!(room("2001:db8:1:2::5"), room("2001:db8:1:2:ffff::1"));
        assert_ne!(room("2001:db8:1:2::5"), room("2001:db8:1:3::5"));
        assert_eq!(room("::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn secrets_do_not_get_onto_the_record() {
        let secret = "A".repeat(43);
        assert_eq!(place(&Method::POST, &format!("/reset/{secret}")), "POST /reset/…");
        let id = "0".repeat(32);
        assert_eq!(place(&Method::PUT, &format!("/api/v1/alerts/{id}")), format!("PUT /api/v1/alerts/{id}"));
    }

    #[test]
    fn forms_with_secrets_are_known() {
        assert!(takes_secret(&Method::POST, "/login") && takes_secret(&Method::POST, "/reset/abc"));
        assert!(!takes_secret(&Method::GET, "/login") && !takes_secret(&Method::POST, "/api/v1/query"));
    }
}
