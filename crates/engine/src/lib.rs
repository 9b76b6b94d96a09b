//! The only crate that knows DuckDB: it loads files into immutable segments, answers questions
//! over them on a bounded pool with deadlines, and keeps answers.

mod answer;
mod append;
mod attach;
mod cache;
mod clock;
mod compact;
mod convert;
pub mod cube;
mod demo;
mod duck;
mod engine;
mod fault;
mod frame;
mod load;
mod output;
mod pool;
mod profile;
mod progress;
mod question;
pub mod roles;
mod rows;
pub mod sandbox;
mod segment;
pub mod sources;
mod types;
mod verify;

pub use answer::Answer;
pub use attach::Hold;
pub use engine::{Config, Counters, Engine};
pub use load::Loaded;
pub use output::csv;
pub use progress::Progress;
pub use segment::Segment;
