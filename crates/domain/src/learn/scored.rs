//! What a model says about rows.

use crate::table::Cell;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much of a score is due to a feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = FeatureContribution))]
pub struct Contribution {
    pub feature: String,
    /// From 0 to 1; those of an anomaly add up to 1 at most.
    pub share: f64,
    /// The value of the row.
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub value: Cell,
    /// What is usual, such as `80 to 120`.
    pub usual: String,
    /// Such as `Amount 250 is far above the usual 80 to 120`.
    pub sentence: String,
}

/// A row, or a moment of a series, that is odd.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Anomaly {
    /// The row, from 0, in the order it was given.
    pub index: usize,
    /// From 0 to 1.
    pub score: f64,
    /// The values of the row, by column.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: BTreeMap<String, Cell>,
    /// RFC 3339; filled in by whoever has a clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected_at: Option<String>,
    /// The moment it is about, of series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What was expected there, of series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
    /// What carries it, strongest first.
    #[serde(default)]
    pub because: Vec<Contribution>,
}

/// A member of a dimension in which a burst is concentrated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Carrier {
    pub dimension: String,
    pub member: String,
    /// Its share in what is odd, from 0 to 1.
    pub share: f64,
    /// Its share otherwise.
    pub usual: f64,
    pub sentence: String,
}

/// Anomalies that belong together: one alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Burst {
    /// Rows from 0; of a table the first and last odd row.
    pub first: usize,
    pub last: usize,
    /// The oddest row.
    pub peak: usize,
    pub score: f64,
    /// How many rows are odd.
    pub rows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    pub sentence: String,
    #[serde(default)]
    pub carriers: Vec<Carrier>,
}

/// A bar of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistogramBin {
    pub from: f64,
    pub to: f64,
    pub rows: u64,
}

/// How scores are spread, and how many rows a threshold would flag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoreHistogram {
    /// Of equal width from 0 to 1.
    pub bins: Vec<HistogramBin>,
    /// The threshold from the contamination or sensitivity.
    pub threshold: f64,
    /// Rows at or above it.
    pub flagged: u64,
}

/// What a detector says about rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Detection {
    /// One per row, from 0 to 1, higher is odder. Of a series these are scores of alerts: within a
    /// burst only its first row, or one clearly odder than all before, has one.
    pub scores: Vec<f64>,
    pub threshold: f64,
    pub histogram: ScoreHistogram,
    /// The oddest first, at most as many as were asked for; of a series the beginning of each burst.
    pub anomalies: Vec<Anomaly>,
    /// In the order of rows.
    pub bursts: Vec<Burst>,
    /// What was expected of each row, of series.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<Option<f64>>,
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A row with values far outside the training data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutsideRow {
    pub index: usize,
    /// Sentences, such as `Amount 9,000 is far above the training data (10 to 300)`.
    pub because: Vec<String>,
}

/// What is predicted for a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prediction {
    /// Class as text, number, or number of the group; null where nothing can be said.
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub value: Cell,
    /// Of the class that is predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Of a number: where it lies with 80 %, from the errors of the cross-validation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Of a group: how far from its centre, 1 being as far as its usual row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
    /// In the order of `classes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probabilities: Vec<f64>,
}

/// What is predicted for rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Predictions {
    /// One per row.
    pub rows: Vec<Prediction>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Rows whose prediction is a guess far from the training data, at most 1,000 of them.
    pub outside: Vec<OutsideRow>,
    /// How many such rows there are.
    pub outside_rows: u64,
    #[serde(default)]
    pub notes: Vec<String>,
}
