//! Insights: what a table says by itself, ranked, with the test behind it.
