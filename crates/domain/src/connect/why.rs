//! Why a number changed: what is asked, and the answer.

use crate::format::Format;
use crate::query::Filter;
use crate::table::Cell;
use serde::{Deserialize, Serialize};

/// Which change is to be explained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WhyRequest {
    /// The period, as the tile's time column gives it.
    pub period: String,
    /// Output name of the measure. Default: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// What else the mark stands for; all of it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<Filter>,
}

/// Why a number is not what it was the period before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Why {
    /// What people call the measure.
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// First and last day (or instant) of each period.
    pub period: (String, String),
    pub before: (String, String),
    pub value: Option<f64>,
    pub value_before: Option<f64>,
    /// Whether contributions split into a change of mix and a change within.
    pub is_average: bool,
    /// What a reader must know, such as a period that has not ended.
    pub notes: Vec<String>,
    /// The dimensions, those that explain most first.
    pub dimensions: Vec<WhyDimension>,
}

/// A dimension with its members, those that contribute most first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhyDimension {
    pub column: String,
    pub label: String,
    /// 0: every member changed alike; 1: all of the change is elsewhere than the rows were.
    pub strength: f64,
    pub members: Vec<WhyMember>,
    /// Members that are not listed, and what they contribute together.
    pub others: u64,
    pub others_contribution: f64,
}

/// One member of a dimension.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhyMember {
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub cell: Cell,
    pub value: Option<f64>,
    pub before: Option<f64>,
    /// Its part of the difference, in the unit of the measure.
    pub contribution: f64,
    /// Of an average: the part that comes of its rows being more or fewer of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mix: Option<f64>,
    /// Of an average: the part that comes of its own average having changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Its part of the whole difference, 0 to 1 where all point the same way.
    pub share: Option<f64>,
}
