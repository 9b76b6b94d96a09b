//! One POST of JSON to an address that was checked: to the very IP addresses that were looked at, no
//! redirects, a short wait, and no more of the answer than fits into a receipt.

use super::{SendError, Sent};
use reqwest::header::{CONTENT_TYPE, HeaderMap, USER_AGENT};
use reqwest::{Client, StatusCode, redirect};
use std::net::SocketAddr;
use std::time::Duration;

/// The longest that a message may take, connection and answer included.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read.
const READ: usize = 4_096;
/// Characters of an answer that are kept.
const KEPT: usize = 200;

/// Where messages go.
pub struct Target {
    /// The whole address. It may hold a secret, so it is never shown.
    pub url: String,
    /// The IP addresses of its host that may be reached.
    pub addresses: Vec<SocketAddr>,
    /// What messages are signed with.
    pub secret: Option<String>,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// Scheme, host and port of an address that messages may go to.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn place_of(url: &str) -> Result<(String, u16), String> {
    if url.len() > 2_000 || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("An address is one line without blanks, of at most 2,000 characters.".into());
    }
    let parsed = reqwest::Url::parse(url).map_err(|_| "This is no web address.".to_owned())?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err("An address begins with https:// or http://.".into());
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("An address has no user name and password in it.".into());
    }
    let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or("The address has no host.")?;
    let port = parsed.port_or_known_default().ok_or("The address has no port.")?;
    Ok((host.trim_matches(['[', ']']).to_owned(), port))
}

/// Posts a body of JSON.
pub(super) async fn post(target: &Target, body: String, headers: HeaderMap) -> Sent {
    let (host, _) = place_of(&target.url).map_err(SendError::fatal)?;
    let Some(first) = target.addresses.first() else {
        return Err(SendError::fatal("The host has no address that may be reached."));
    };
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .resolve_to_addrs(&host, &target.addresses)
        .build()
        .map_err(|cause| {
            tracing::error!(%cause, "making an HTTP client");
            SendError::again("The server could not prepare the message.")
        })?;
    // A host that is written as an address is not looked up: it is the one that was checked.
    if let Ok(written) = host.parse::<std::net::IpAddr>()
        && target.addresses.iter().all(|a| a.ip() != written)
    {
        return Err(SendError::fatal(format!("{written} is not the address that was checked ({}).", first.ip())));
    }
    let answer = client
        .post(&target.url)
        .headers(headers)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "Orrery")
        .body(body)
        .send()
        .await
        // The cause would show the whole address, and with it a secret.
        .map_err(|cause| SendError::again(reason(&cause.without_url())))?;
    let status = answer.status();
    let text = beginning(answer).await;
    judge(status, &text)
}

fn reason(cause: &reqwest::Error) -> String {
    let what = if cause.is_timeout() {
        "did not answer within 10 seconds"
    } else if cause.is_connect() {
        "cannot be reached"
    } else {
        "broke the connection off"
    };
    let mut root: &dyn std::error::Error = cause;
    while let Some(deeper) = root.source() {
        root = deeper;
    }
    format!("The other side {what}: {root}.")
}

/// What the first bytes of an answer say, on one line.
async fn beginning(mut answer: reqwest::Response) -> String {
    let mut read = Vec::new();
    while read.len() < READ {
        match answer.chunk().await {
            Ok(Some(chunk)) => read.extend_from_slice(&chunk[..chunk.len().min(READ - read.len())]),
            _ => break,
        }
    }
    let text = String::from_utf8_lossy(&read);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(KEPT).collect()
}

fn judge(status: StatusCode, text: &str) -> Sent {
    let said = if text.is_empty() { String::new() } else { format!(": {text}") };
    if status.is_success() {
        return Ok(format!("HTTP {}{said}", status.as_u16()));
    }
    let message = format!("The other side answered HTTP {}{said}", status.as_u16());
    let passing = status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS);
    match status.is_redirection() {
        true => Err(SendError::fatal(format!(
            "The other side leads elsewhere (HTTP {}), which is not followed.",
            status.as_u16()
        ))),
        false if passing => Err(SendError::again(message)),
        false => Err(SendError::fatal(message)),
    }
}
