//! From files to files: what the command line does without a server.

mod detect;

pub use detect::{Scored, read_csv, score_csv};
