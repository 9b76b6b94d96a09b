//! A question in words, and how it was read.
