//! What travels over a tab's one socket.

use crate::connect::TileAsk;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// From the browser.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientMessage {
    /// Begin to follow a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Stop following a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsub: Option<String>,
    /// The last `seq` that was seen of the topic in `sub`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// With `sub` of a tile: what the page asks of it, filters (`f`) and steps into the detail (`d`).
    #[serde(flatten)]
    pub ask: TileAsk,
    /// With `op`: the topic it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// An operation on a document ([`crate::document::Operation`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<Value>,
}

/// From the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerMessage {
    pub topic: String,
    /// Counts per topic; a gap means: subscribe again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<crate::Error>,
    /// The id of an operation that is now durable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ack: Option<String>,
}
