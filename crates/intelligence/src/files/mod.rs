//! From files to files: what the command line does without a server.

pub mod ask;
