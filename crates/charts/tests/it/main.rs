//! What charts promise, from outside.

mod common;
mod conformance;
mod snapshots;
