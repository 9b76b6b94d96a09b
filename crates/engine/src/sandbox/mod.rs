//! SQL of users, behind three gates. [`gate`] walks what DuckDB's parser made of it and lets through
//! what is listed. The tables it reads are then bound, by the caller who knows the rights, to what may
//! be read of them, and a worker process makes sure once more that it reads nothing else. That worker
//! ([`worker`], started by [`crew`]) has a locked DuckDB of its own with only the segments in scope,
//! limits on memory, time and rows, and what the operating system can take from it ([`confine`]).
//!
//! A bound statement is a [`Segment`] like any other, whose table happens to be a view: questions,
//! profiles and lists of values work on it unchanged, and run in a worker because of it.

mod confine;
mod crew;
mod explain;
mod functions;
mod gate;
mod place;
mod plan;
#[doc(hidden)]
pub mod probe;
mod tree;
mod view;
mod wire;
mod worker;

pub(crate) use crew::Crew;
pub use crew::set_worker;
pub use view::{Function, Readable, Select};
pub(crate) use view::{View, run};

use crate::engine::Config;
use std::process::ExitCode;

/// The memory of each worker, at least.
const LEAST_MEMORY: u64 = 256 << 20;

/// Becomes a SQL worker: for the hidden command that the server starts itself with.
pub fn worker() -> ExitCode {
    worker::serve()
}

/// The workers under a configuration: together they may use a quarter of the memory.
pub(crate) fn crew(config: &Config) -> Crew {
    Crew::new(crew::Share {
        memory_bytes: (config.memory_limit_bytes / 4 / crew::TOGETHER as u64).max(LEAST_MEMORY),
        threads: config.threads,
        timeout: config.timeout,
    })
}
