//! What charts promise, from outside.

mod common;
mod conformance;
mod snapshots;
mod zz_tmp;
