//! Alerts as they are tried.

use super::EventKind;
use serde::{Deserialize, Serialize};

/// What an alert would say now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertTest {
    /// What was found, the most urgent first, at most 100.
    pub instances: Vec<AlertTestInstance>,
    /// Why it does not work.
    pub error: Option<String>,
    /// Subject of the message.
    pub subject: String,
    /// Markdown of the message.
    pub body: String,
    /// How many recipients it was sent to.
    pub sent: usize,
}

/// One value of the dimension, as it is now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertTestInstance {
    pub instance: String,
    pub value: Option<f64>,
    pub formatted_value: String,
    /// Whether the condition holds; null when there is nothing to judge.
    pub holds: Option<bool>,
}

/// When a rule would have fired.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backtest {
    /// The course of each value of the dimension, at most ten; one without a name otherwise.
    pub series: Vec<BacktestSeries>,
    /// The moments in the order of time, at most 1,000.
    pub moments: Vec<BacktestMoment>,
    /// How often it would have fired.
    pub fired: usize,
    /// Values of the condition, for lines in the chart.
    pub thresholds: Vec<f64>,
    /// What else there is to know, such as that there is too little history.
    pub note: Option<String>,
}

/// The course of one value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestSeries {
    pub instance: String,
    pub points: Vec<BacktestPoint>,
}

/// What was known at a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestPoint {
    /// RFC 3339, UTC.
    pub at: String,
    pub value: Option<f64>,
    /// The usual band, where that is the condition and there is enough history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<(f64, f64)>,
}

/// A moment of a back-test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestMoment {
    pub instance: String,
    /// RFC 3339, UTC.
    pub at: String,
    pub kind: EventKind,
    pub value: Option<f64>,
}

/// Whether alerts are being checked, for a monitor outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heartbeat {
    pub is_alive: bool,
    /// When it was last looked for alerts that are due. RFC 3339, UTC.
    pub checked_at: Option<String>,
}
