//! What differs between databases: function names, type names and time zones. One module each.

pub(crate) mod duckdb;
