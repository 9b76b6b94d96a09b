//! What people are told without asking: notices, who gets them, and what became of each delivery.

use crate::chart::ChartSpec;
use crate::error::{Error, Result};
use crate::names::is_name;
use crate::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most recipients of one notice.
pub const MOST_RECIPIENTS: usize = 200;
const MOST_SUBJECT: usize = 200;
const MOST_BODY: usize = 20_000;
const MOST_FIELDS: usize = 50;

/// The kinds of notice that people can have mails of or not, with what they read.
pub const KINDS: [(&str, &str); 5] = [
    ("alert", "Alerts"),
    ("report", "Reports"),
    ("comment", "Comments that name you"),
    ("insight", "New insights"),
    ("problem", "Problems with what you own"),
];

/// Who gets a notice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Recipient {
    /// Somebody with an account: always in the inbox, by mail where they want it.
    User { id: String },
    /// An address of somebody who needs no account.
    Email { address: String },
    /// A channel that an administrator set up.
    Channel { id: String },
}

impl Recipient {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let rest = rest.to_owned();
        Some(match kind {
            "user" => Self::User { id: rest },
            "email" => Self::Email { address: rest },
            "channel" => Self::Channel { id: rest },
            _ => return None,
        })
    }

    /// Refuses what can be no recipient.
    ///
    /// # Errors
    /// A sentence that says why.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Email { address } => check_address(address),
            Self::User { id } | Self::Channel { id } => {
                let fits = (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                if fits { Ok(()) } else { Err(Error::invalid("A recipient has an id.").field("recipients")) }
            }
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id } => write!(f, "user:{id}"),
            // Two spellings of one address are one recipient.
            Self::Email { address } => write!(f, "email:{}", address.to_lowercase()),
            Self::Channel { id } => write!(f, "channel:{id}"),
        }
    }
}

/// Refuses what is no e-mail address. Nothing that passes can end a line or begin another header.
///
/// # Errors
/// A sentence that says why.
pub fn check_address(address: &str) -> Result<()> {
    let refuse = |why: &str| Err(Error::invalid(why).hint("Write it like ada@example.com.").field("address"));
    if address.chars().any(|c| matches!(c, '\r' | '\n')) {
        return refuse("An e-mail address has no line breaks.");
    }
    let Some((local, domain)) = address.rsplit_once('@') else {
        return refuse("An e-mail address has an @.");
    };
    let in_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let sound = (1..=64).contains(&local.len())
        && local.chars().all(in_local)
        && local.split('.').all(|part| !part.is_empty())
        && domain.len() <= 253
        && domain.split('.').all(label);
    if sound { Ok(()) } else { refuse("This is no e-mail address.") }
}

/// Something that people are to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What sort of news: people choose by it which they want by mail ([`KINDS`]).
    pub kind: String,
    pub subject: String,
    /// Markdown.
    pub body: String,
    /// Names and values, shown as a small table and sent to programs as they are.
    pub fields: Vec<(String, String)>,
    /// A path inside Orrery: the thing it is about.
    pub link: String,
    /// A picture for mails.
    pub chart: Option<(ChartSpec, Table)>,
}

impl Notice {
    /// Refuses what cannot be sent.
    ///
    /// # Errors
    /// A sentence that says why.
    pub fn check(&self) -> Result<()> {
        let refuse = |field: &str, why: &str| Err(Error::invalid(why).field(field));
        if !is_name(&self.kind) || self.kind.len() > 40 {
            return refuse("kind", "The kind of a notice is a name of small letters, digits and underscores.");
        }
        check_subject(&self.subject)?;
        if self.body.chars().count() > MOST_BODY {
            return refuse("body", "The text of a notice has at most 20,000 characters.");
        }
        if self.fields.len() > MOST_FIELDS {
            return refuse("fields", "A notice has at most 50 fields.");
        }
        let inside = self.link.starts_with('/') && !self.link.starts_with("//") && self.link.len() <= 2_000;
        if !inside || self.link.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '"' | '<')) {
            return refuse("link", "The link of a notice is a path inside Orrery.");
        }
        Ok(())
    }
}

/// Refuses a subject that is empty, too long, or could begin another header.
///
/// # Errors
/// A sentence that says why.
pub fn check_subject(subject: &str) -> Result<()> {
    if subject.chars().any(char::is_control) {
        return Err(Error::invalid("A subject is one line, without line breaks.").field("subject"));
    }
    if subject.trim().is_empty() || subject.chars().count() > MOST_SUBJECT {
        return Err(Error::invalid("A subject has 1 to 200 characters.").field("subject"));
    }
    Ok(())
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Waits for its first attempt.
    Queued,
    Sending,
    Sent,
    /// The last attempt failed; there will be another.
    Failed,
    /// Refused for good, or tried often enough: nothing more happens unless somebody sends it again.
    Dead,
}

impl DeliveryStatus {
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sending, Self::Sent, Self::Failed, Self::Dead];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// What became of a notice for one of its recipients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    pub id: String,
    /// The event that it tells of: nobody is told of one event twice.
    pub event_key: String,
    pub recipient: Recipient,
    /// What people call the recipient.
    pub to: String,
    pub subject: String,
    pub status: DeliveryStatus,
    pub attempts: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// What the other side answered.
    pub receipt: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub sent_at: Option<String>,
    /// When it is tried again. RFC 3339, UTC.
    pub next_at: Option<String>,
}

/// A notice in somebody's inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    pub id: String,
    pub kind: String,
    pub subject: String,
    /// Markdown.
    pub body: String,
    /// A path inside Orrery.
    pub link: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub read_at: Option<String>,
}

/// What followers of an inbox hear.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InboxNews {
    pub unread: u64,
    /// The notice that has just come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification: Option<Notification>,
}

/// How somebody wants to be told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NotifyPreferences {
    /// Where mails go; none without it.
    pub email: Option<String>,
    /// Kinds of notice that are not mailed. They are in the inbox all the same.
    pub muted: Vec<String>,
}

/// What a channel speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// JSON, signed where there is a secret.
    #[default]
    Webhook,
    /// What Slack, Mattermost and others take.
    Slack,
}

impl ChannelKind {
    pub const ALL: [Self; 2] = [Self::Webhook, Self::Slack];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Webhook => "Webhook",
            Self::Slack => "Slack or compatible",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// A channel that an administrator set up. Its address and its secret are never shown again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channel {
    pub id: String,
    pub name: String,
    pub kind: ChannelKind,
    /// The host it goes to; for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Messages are signed.
    pub has_secret: bool,
    /// RFC 3339, UTC.
    pub created_at: String,
}

/// A channel to be set up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    pub name: String,
    pub kind: ChannelKind,
    /// `https://…` or `http://…`.
    pub url: String,
    /// What a webhook's messages are signed with.
    #[serde(default)]
    pub secret: Option<String>,
}

/// What of a channel is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ChannelPatch {
    pub name: Option<String>,
    /// Another address. The secret must then be given anew: it never goes where it was not meant to.
    pub url: Option<String>,
    /// Another secret; empty takes it away.
    pub secret: Option<String>,
}

/// Whether mails leave this server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailState {
    /// The mail server; none when there is none.
    pub host: Option<String>,
    /// Mails can lead back to Orrery.
    pub has_public_url: bool,
}

/// What came of trying something out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendTest {
    pub ok: bool,
    /// What was answered, or why it did not work.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        Notice {
            kind: "alert".into(),
            subject: "Sales below 10".into(),
            body: String::new(),
            fields: Vec::new(),
            link: "/alerts/a".into(),
            chart: None,
        }
    }

    #[test]
    fn addresses_are_one_line_and_look_like_one() {
        for good in ["ada@example.com", "a.b+c@sub.example.co", "x@localhost", "o'neil@ex-ample.org"] {
            check_address(good).unwrap();
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "ada@exa mple.com",
            "ada@example.com\r\nBcc: all@example.com",
            "ada@example.com\nX",
            "Ada <ada@example.com>",
            "a,b@example.com",
            "a..b@example.com",
            ".a@example.com",
            "ada@-x.com",
            "ada@x..com",
            "ada@[127.0.0.1]",
            "a\0@example.com",
            long.as_str(),
        ] {
            let error = check_address(bad).unwrap_err();
            assert!(error.message.ends_with('.') && error.hint.is_some(), "{bad}");
        }
    }

    #[test]
    fn a_notice_is_one_line_of_subject_and_leads_inside() {
        notice().check().unwrap();
        for subject in ["", "  ", "a\nb", "a\r\nBcc: x@y.z", "a\u{85}b", &"x".repeat(201)] {
            assert!(Notice { subject: subject.into(), ..notice() }.check().is_err(), "{subject:?}");
        }
        for link in ["", "alerts", "//evil.example", "https://evil.example", "/a b", "/a\nb", "/\\evil"] {
            assert!(Notice { link: link.into(), ..notice() }.check().is_err(), "{link:?}");
        }
        assert!(Notice { kind: "A kind".into(), ..notice() }.check().is_err());
    }

    #[test]
    fn recipients_are_words_and_json() {
        for (recipient, word) in [
            (Recipient::User { id: "u1".into() }, "user:u1"),
            (Recipient::Email { address: "ada@example.com".into() }, "email:ada@example.com"),
            (Recipient::Channel { id: "c1".into() }, "channel:c1"),
        ] {
            assert_eq!(recipient.to_string(), word);
            assert_eq!(Recipient::parse(word), Some(recipient.clone()));
            recipient.check().unwrap();
        }
        assert_eq!(Recipient::Email { address: "Ada@Example.com".into() }.to_string(), "email:ada@example.com");
        assert_eq!(Recipient::parse("pigeon:1"), None);
        let json = serde_json::to_value(Recipient::Email { address: "a@b.c".into() }).unwrap();
        assert_eq!(json, serde_json::json!({"type": "email", "address": "a@b.c"}));
        assert!(Recipient::User { id: "a\nb".into() }.check().is_err());
    }
}
