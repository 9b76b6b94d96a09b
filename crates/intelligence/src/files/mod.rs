//! From files to files: what the command line does without a server.

pub mod ask;
pub mod detect;
mod forecast;
pub mod insights;

pub use forecast::forecast;
