//! Statistics that several parts stand on.
