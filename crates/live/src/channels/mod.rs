//! Channels: how a notice leaves the house, one file each. A channel sends once and says what came of
//! it; when to try again is `services`' to decide, and so is which addresses may be reached.

pub mod email;
mod hmac;
mod http;
pub mod inbox;
mod slack;
mod text;
mod webhook;

pub use email::Smtp;
pub use hmac::hmac_sha256;
pub use http::{Target, place_of};

use domain::notify::{ChannelKind, Notice};

/// What is sent, the same for every channel.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The delivery: the other side knows by it what it has seen before.
    pub id: &'a str,
    pub event_key: &'a str,
    pub notice: &'a Notice,
    /// Where Orrery is, without a slash at the end; empty when nobody said.
    pub base: &'a str,
    /// When the event was told, in milliseconds since 1970.
    pub at_ms: i64,
}

impl Letter<'_> {
    /// The address of the thing it is about.
    fn link(&self) -> String {
        format!("{}{}", self.base, self.notice.link)
    }
}

/// Why something was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    pub message: String,
    /// It may work later.
    pub again: bool,
}

impl SendError {
    /// It may work later.
    pub fn again(message: impl Into<String>) -> Self {
        Self { message: message.into(), again: true }
    }

    /// It will not work however often it is tried.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self { message: message.into(), again: false }
    }
}

/// What the other side answered, or why it did not.
pub type Sent = Result<String, SendError>;

/// A channel with where it leads. The list of what there is.
#[derive(Debug)]
pub enum Channel<'a> {
    Email { smtp: &'a Smtp, to: email::To<'a> },
    Webhook { target: &'a Target, now_s: i64 },
    Slack { target: &'a Target },
}

impl<'a> Channel<'a> {
    /// The channel of an address that an administrator gave.
    pub fn of(kind: ChannelKind, target: &'a Target, now_s: i64) -> Self {
        match kind {
            ChannelKind::Webhook => Self::Webhook { target, now_s },
            ChannelKind::Slack => Self::Slack { target },
        }
    }

    /// Sends a letter, once.
    ///
    /// # Errors
    /// Why it was not taken, and whether it may be later.
    pub async fn send(&self, letter: &Letter<'_>) -> Sent {
        match self {
            Self::Email { smtp, to } => email::send(smtp, to, letter).await,
            Self::Webhook { target, now_s } => webhook::send(target, letter, *now_s).await,
            Self::Slack { target } => slack::send(target, letter).await,
        }
    }
}
