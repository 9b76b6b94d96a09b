//! What charts promise, from outside.

mod arbitrary;
mod common;
mod conformance;
mod snapshots;
