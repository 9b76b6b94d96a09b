//! Webhooks: the notice as JSON, signed where there is a secret.

use super::hmac::hmac_sha256;
use super::http::{Target, post};
use super::{Letter, SendError, Sent};
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

/// `t={seconds},v1={HMAC-SHA256 of "{seconds}.{body}" in hex}`: the time is signed too, so that an old
/// message cannot be sent again by whoever saw it.
pub(super) const SIGNATURE: &str = "orrery-signature";
/// The delivery: the same however often it is tried.
const DELIVERY: &str = "orrery-delivery";

pub(super) async fn send(target: &Target, letter: &Letter<'_>, now_s: i64) -> Sent {
    let body = body(letter).to_string();
    let mut headers = HeaderMap::new();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| SendError::fatal("A header cannot hold this."));
    headers.insert(DELIVERY, value(letter.id)?);
    if let Some(secret) = &target.secret {
        let code = hmac_sha256(secret.as_bytes(), format!("{now_s}.{body}").as_bytes());
        headers.insert(SIGNATURE, value(&format!("t={now_s},v1={code}"))?);
    }
    post(target, body, headers).await
}

fn body(letter: &Letter<'_>) -> Value {
    let notice = letter.notice;
    let fields: Map<String, Value> = notice.fields.iter().map(|(k, v)| (k.clone(), v.as_str().into())).collect();
    let at = jiff::Timestamp::from_millisecond(letter.at_ms).map(|t| format!("{t:.3}")).unwrap_or_default();
    json!({
        "id": letter.id, "event": letter.event_key, "kind": notice.kind, "subject": notice.subject,
        "text": notice.body, "fields": fields, "link": letter.link(), "at": at,
    })
}
