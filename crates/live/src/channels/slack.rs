//! Slack's incoming webhooks, which Mattermost, Rocket.Chat and others take too.

use super::http::{Target, post};
use super::{Letter, Sent};
use reqwest::header::HeaderMap;
use serde_json::json;

/// What Slack shows of a message before it folds it.
const LONGEST: usize = 3_000;

pub(super) async fn send(target: &Target, letter: &Letter<'_>) -> Sent {
    post(target, json!({"text": text(letter)}).to_string(), HeaderMap::new()).await
}

/// The three characters that mean something to Slack: with them, a message could call everybody.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

pub(super) fn text(letter: &Letter<'_>) -> String {
    let notice = letter.notice;
    // Bold has one star there.
    let body: String = escape(notice.body.trim()).replace("**", "*").chars().take(LONGEST).collect();
    let fields = notice.fields.iter().map(|(name, value)| format!("{}: {}", escape(name), escape(value)));
    let mut lines = vec![format!("*{}*", escape(&notice.subject))];
    lines.extend((!body.is_empty()).then_some(body));
    lines.extend(fields);
    // Without an address of Orrery the path alone would lead nowhere.
    lines.extend((!letter.base.is_empty()).then(|| format!("<{}|Open in Orrery>", escape(&letter.link()))));
    lines.join("\n")
}
