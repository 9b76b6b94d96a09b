//! From files to files: what the command line does without a server.

pub mod ask;
mod detect;
mod forecast;
pub mod insights;

pub use detect::{Scored, read_csv, score_csv};
pub use forecast::forecast;
