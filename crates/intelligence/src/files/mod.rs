//! From files to files, without a server.

pub mod insights;
