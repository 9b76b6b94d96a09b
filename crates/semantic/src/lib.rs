//! Questions as SQL. A [`domain::Query`] is checked against the columns of its dataset and becomes a
//! [`Plan`]: DuckDB SQL and the meaning of its columns. Pure: no I/O and no clock but the one given.
//!
//! Meanings worth knowing:
//! - `ne`, `not_in`, `not_between` and `not_contains` keep rows without a value; null in a list, or
//!   compared with `eq` and `ne`, means those rows.
//! - Text operators ignore case unless `case_sensitive`; `eq` and `in` compare exactly.
//! - A day compared with timestamps is the whole day in the question's time zone, so that
//!   `between` two days includes the last one.
//! - TIMESTAMP columns hold UTC instants; a grain rounds in the question's zone and returns instants.

mod condition;
mod dialect;
mod dimension;
mod filter;
mod literal;
mod measure;
mod order;
mod output;
mod path;
mod plan;
pub mod profile;
pub mod relative;
mod scan;
mod scope;
pub mod sql;
mod values;
mod zone;

use domain::Column;
use domain::query::Filter;
use std::collections::BTreeMap;

pub use plan::{Plan, latest_columns, plan};
pub use values::{latest_sql, values_sql};

/// A dataset: its columns, and the databases that hold its rows, each in its table `main.data`.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub name: &'a str,
    pub columns: &'a [Column],
    /// Names under which the databases are attached.
    pub parts: &'a [String],
}

/// A rule on rows: only those that pass it exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub filter: Filter,
}

/// What a question is asked of.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub source: Source<'a>,
    pub now: jiff::Timestamp,
    /// The latest value, as ISO text, of the columns that [`latest_columns`] names.
    pub latest: &'a BTreeMap<String, String>,
    /// All of them hold for every row that is read.
    pub policies: &'a [Policy],
}
