//! What tiles decide without a browser: pure, and tested as such.

pub mod calendar;
pub mod conditions;
pub mod dates;
pub mod draft;
pub mod figure;
pub mod joined;
pub mod marks;
pub mod report;
pub mod sentence;
pub mod shape;
pub mod sheet;
pub mod tree;
pub mod wells;
pub mod words;

#[cfg(test)]
pub(crate) mod testing;
