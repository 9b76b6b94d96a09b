//! Detectors: what is odd in a table or a series.
