//! The values of the operators that need more than a scalar: relative dates, and the largest members.

use serde::{Deserialize, Serialize};

/// The value of a `relative` condition: "the previous 3 months".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Relative {
    pub unit: RelativeUnit,
    #[serde(default = "one")]
    pub n: u32,
    #[serde(default)]
    pub of: RelativeOf,
    /// Whether the running unit counts too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub include_current: bool,
    /// Starting so many units ago.
    #[serde(default, skip_serializing_if = "is_zero_i32")]
    pub offset: i32,
    #[serde(default)]
    pub as_of: AsOf,
}

fn one() -> u32 {
    1
}

fn is_zero_i32(n: &i32) -> bool {
    *n == 0
}

/// The unit of a relative date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RelativeUnit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Which stretch of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RelativeOf {
    /// Whole units before the running one.
    #[default]
    Previous,
    /// The running unit.
    Current,
    /// Whole units after the running one.
    Next,
    /// From the start of the running unit to now.
    ToDate,
}

/// What "now" is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AsOf {
    #[default]
    Now,
    /// The latest value of the column: no empty charts over old data.
    Latest,
}

/// The value of a `top_n` condition: the members with the largest measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TopN {
    pub n: u32,
    /// Output name of a measure.
    pub by: String,
    /// Whether the rest is gathered in one row.
    #[serde(default)]
    pub others: bool,
}
