//! How far a load has come, and the wish to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared between whoever waits and whoever works.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<State>);

#[derive(Debug, Default)]
struct State {
    bytes_done: AtomicU64,
    bytes_total: AtomicU64,
    rows: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress {
    /// Bytes of the file read so far.
    pub fn bytes_done(&self) -> u64 {
        self.0.bytes_done.load(Ordering::Relaxed)
    }

    /// The size of the file; 0 before it is known.
    pub fn bytes_total(&self) -> u64 {
        self.0.bytes_total.load(Ordering::Relaxed)
    }

    /// Rows loaded; known at the end.
    pub fn rows(&self) -> u64 {
        self.0.rows.load(Ordering::Relaxed)
    }

    /// Between 0 and 1.
    pub fn fraction(&self) -> f64 {
        match self.bytes_total() {
            0 => 0.0,
            total => (self.bytes_done() as f64 / total as f64).min(1.0),
        }
    }

    /// Asks the work to stop; it ends with the code `cancelled` and leaves nothing behind.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked it to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// How much there is: bytes of a file, or whatever else the work is made of.
    pub fn set_total(&self, bytes: u64) {
        self.0.bytes_total.store(bytes, Ordering::Relaxed);
    }

    /// How much of it is done.
    pub fn set_done(&self, bytes: u64) {
        self.0.bytes_done.fetch_max(bytes, Ordering::Relaxed);
    }

    pub(crate) fn set_rows(&self, rows: u64) {
        self.0.rows.store(rows, Ordering::Relaxed);
    }
}
