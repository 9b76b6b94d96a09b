//! Questions as SQL. A [`domain::Query`] is checked against the columns of its dataset and becomes a
//! [`Plan`]: SQL in the dialect of the database that holds the rows, and the meaning of its columns.
//! Pure: no I/O and no clock but the one given.
//!
//! Meanings worth knowing:
//! - `ne`, `not_in`, `not_between` and `not_contains` keep rows without a value; null in a list, or
//!   compared with `eq` and `ne`, means those rows.
//! - Text operators ignore case unless `case_sensitive`; `eq` and `in` compare exactly.
//! - A day compared with timestamps is the whole day in the question's time zone, so that
//!   `between` two days includes the last one.
//! - Weeks, quarters and years begin where the question says (`week_start`, `fiscal_year_start`);
//!   `day_of_week` is 1 on Monday whatever it says.
//! - TIMESTAMP columns hold UTC instants; a grain rounds in the question's zone and returns instants.

mod calc;
mod calendar;
mod catalog;
mod compare;
mod condition;
pub mod cube;
mod dialect;
mod dimension;
pub mod expression;
mod fill;
mod filter;
mod group;
mod join;
mod literal;
mod mask;
mod measure;
mod order;
mod output;
mod overlap;
mod path;
mod plan;
pub mod profile;
pub mod relative;
mod scan;
mod scope;
pub mod session;
pub mod sql;
mod stages;
mod subtotals;
mod values;
pub mod view;
mod written;
mod zone;

pub use calendar::Calendar;
pub use catalog::{Calculated, Context, Dataset, Parts, Policy, Source, Table};
pub use dialect::Dialect;
pub use fill::raised;
pub use mask::{Mask, Salt};
pub use overlap::overlap_sql;
pub use plan::{Plan, latest_columns, plan, sample};
pub use values::{join_keys, latest_sql, repeats_sql, values_sql};
pub use written::written_sql;
