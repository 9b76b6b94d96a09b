//! How news reaches the other servers of an installation.
//!
//! A bus numbers messages and brings each to every server, its sender included. Where it cannot, it
//! gives them back, and the sender tells its own readers.

pub(crate) mod memory;
pub(crate) mod redis;

use serde::Serialize;

/// A message on its way to the bus.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parcel {
    pub(crate) topic: String,
    /// JSON.
    pub(crate) data: String,
    /// Seconds for which it is the present value; 0 for a message that is of its moment.
    pub(crate) lasts: u32,
    /// The last number the sender knows of the topic: the next is larger.
    pub(crate) floor: u64,
}

/// How the bus is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BusState {
    /// `memory` for one server alone, `redis` for several.
    pub kind: &'static str,
    pub ok: bool,
    /// While it is not ok: what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Carries messages between servers.
pub(crate) trait Bus: Send + Sync {
    /// Takes a message, or gives it back to be told here.
    fn send(&self, parcel: Parcel) -> Result<(), Parcel>;

    fn state(&self) -> BusState;
}
