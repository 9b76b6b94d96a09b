//! What comes next: how a forecast is asked for, what it answers, and how good it was.
//!
//! Times are text as the rest of the API has it: `YYYY-MM-DD` where a step is a day or longer,
//! else RFC 3339 in UTC.

mod saved;

pub use saved::*;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most steps that are forecast.
pub const MAX_HORIZON: usize = 1000;
/// Most seasons at once.
pub const MAX_SEASONS: usize = 4;
/// Most regressors and kinds of events at once.
pub const MAX_DRIVERS: usize = 20;
/// Most series of a forecast by groups.
pub const MAX_GROUPS: usize = 200;

/// A way to forecast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ForecastModelKind))]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    SeasonalNaive,
    Drift,
    LinearTrend,
    Ets,
    Theta,
    Arima,
    Mstl,
    Prophet,
    /// The median of several.
    #[default]
    Ensemble,
}

impl ModelKind {
    /// All, simple ones first.
    pub const ALL: &'static [ModelKind] = &[
        Self::SeasonalNaive,
        Self::Drift,
        Self::LinearTrend,
        Self::Ets,
        Self::Theta,
        Self::Arima,
        Self::Mstl,
        Self::Prophet,
        Self::Ensemble,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeasonalNaive => "seasonal_naive",
            Self::Drift => "drift",
            Self::LinearTrend => "linear_trend",
            Self::Ets => "ets",
            Self::Theta => "theta",
            Self::Arima => "arima",
            Self::Mstl => "mstl",
            Self::Prophet => "prophet",
            Self::Ensemble => "ensemble",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::SeasonalNaive => "Seasonal naive",
            Self::Drift => "Drift",
            Self::LinearTrend => "Linear trend",
            Self::Ets => "Exponential smoothing",
            Self::Theta => "Theta",
            Self::Arima => "ARIMA",
            Self::Mstl => "Several seasons (MSTL)",
            Self::Prophet => "Prophet",
            Self::Ensemble => "Ensemble",
        }
    }

    /// One sentence of what it does.
    pub fn description(self) -> &'static str {
        match self {
            Self::SeasonalNaive => "Repeats the last season.",
            Self::Drift => "Goes on from the last value with the average change.",
            Self::LinearTrend => "A straight line, with the average season on it.",
            Self::Ets => "Level, trend and season that follow the data, newest first.",
            Self::Theta => "Half the trend of the past, and a smoothed level.",
            Self::Arima => "What follows from the last values and the last errors.",
            Self::Mstl => "Splits off every season, and forecasts what remains.",
            Self::Prophet => "Trend with bends, seasons as waves, and holidays. Slow.",
            Self::Ensemble => "The median of several models; seldom the best, hardly ever bad.",
        }
    }
}

/// The unit of the distance between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepUnit {
    Second,
    Minute,
    Hour,
    Day,
    /// Monday to Friday.
    BusinessDay,
    Week,
    Month,
    Quarter,
    Year,
}

impl StepUnit {
    /// What people call one of it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::BusinessDay => "working day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// The distance between two values, such as 15 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    pub unit: StepUnit,
    pub n: u32,
}

/// A pattern that repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Season {
    /// Steps after which it repeats.
    pub length: usize,
    /// Such as "week" or "12 steps".
    pub name: String,
    /// From 0, none, to 1, nothing else.
    pub strength: f64,
    /// Whether the data shows it; else only the calendar suggests it.
    pub is_found: bool,
}

/// What Orrery proposes for a series before anything is forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Proposal {
    pub step: Step,
    /// Values on the regular grid, gaps included.
    pub length: usize,
    pub first: String,
    pub last: String,
    /// Values that are missing on the grid.
    pub missing: usize,
    /// Values that stand out so far that models are fitted without them.
    pub outliers: usize,
    /// Strongest first; those with `is_found` are used unless others are chosen.
    pub seasons: Vec<Season>,
    pub horizon: usize,
    /// Whether no value is below zero, so that a floor of zero suggests itself.
    pub is_never_negative: bool,
    pub notes: Vec<String>,
}

/// Days, or other moments, that repeat what is special about them: holidays, campaigns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    pub name: String,
    /// Past and future ones.
    pub ds: Vec<String>,
    /// Steps before that are special too.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub before: u32,
    /// Steps after that are special too.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after: u32,
}

/// How to forecast. All but the horizon has a default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    /// Steps to forecast; 0 for what is proposed.
    #[serde(default)]
    pub horizon: usize,
    /// Absent for the ensemble, or the champion of a back-test that was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelKind>,
    /// Absent for what is found in the times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// Lengths of seasons in steps; absent for those found, empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seasons: Option<Vec<usize>>,
    /// What forecasts never fall below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// What forecasts never rise above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Whether outliers take part in fitting as they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep_outliers: bool,
}

/// One forecast value with its bands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Point {
    pub ds: String,
    pub yhat: f64,
    pub lo80: f64,
    pub hi80: f64,
    pub lo95: f64,
    pub hi95: f64,
}

/// One value of the past.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Past {
    pub ds: String,
    /// Null where it is missing.
    pub y: Option<f64>,
    /// What the model had expected one step before; null where it knew too little.
    pub fitted: Option<f64>,
}

/// How far forecasts were from what came. Null where it is undefined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accuracy {
    pub mae: Option<f64>,
    pub rmse: Option<f64>,
    /// In percent; null where an actual value is zero.
    pub mape: Option<f64>,
    /// In percent, 0 to 200.
    pub smape: Option<f64>,
    /// The error over that of repeating the last season; below 1 is better than that.
    pub mase: Option<f64>,
    /// Share of values within the 80 % band.
    pub coverage80: Option<f64>,
    /// Share of values within the 95 % band.
    pub coverage95: Option<f64>,
    /// Forecast values that were compared.
    pub n: usize,
}

/// How one model did in a back-test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelScore {
    pub model: ModelKind,
    pub label: String,
    pub accuracy: Accuracy,
    /// Mean absolute error by step ahead.
    pub error_by_step: Vec<Option<f64>>,
    /// Why it could not be tried, if so.
    pub error: Option<String>,
}

/// A rolling back-test: every model forecast from several moments of the past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackTest {
    /// The last known value of each forecast, oldest first.
    pub cutoffs: Vec<String>,
    /// Steps that each forecast reached.
    pub horizon: usize,
    /// Best first; those that failed last.
    pub models: Vec<ModelScore>,
    /// The best by MASE, or by MAE where that is undefined.
    pub champion: ModelKind,
    pub notes: Vec<String>,
}

/// A past value outside the band that was expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ForecastAnomaly))]
pub struct Anomaly {
    pub ds: String,
    pub y: f64,
    pub expected: f64,
    pub lo: f64,
    pub hi: f64,
    /// Distance from what was expected, in widths of the band to that side; above 1.
    pub score: f64,
}

/// One season, or one driver, of a decomposition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ForecastPart))]
pub struct Part {
    pub name: String,
    /// Steps after which it repeats; 0 for a driver.
    pub length: usize,
    pub values: Vec<f64>,
}

/// The past as a sum: trend, seasons, drivers and what remains.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decomposition {
    pub ds: Vec<String>,
    pub trend: Vec<f64>,
    pub seasons: Vec<Part>,
    pub drivers: Vec<Part>,
    /// Null where the value is missing.
    pub remainder: Vec<Option<f64>>,
}

/// What a driver does, by regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ForecastEffect))]
pub struct Effect {
    pub name: String,
    /// Change of the value when the driver grows by one, or when the event happens.
    pub coefficient: f64,
    /// 95 % interval of the coefficient.
    pub lo: f64,
    pub hi: f64,
    /// Whether it is an event, not a regressor.
    pub is_event: bool,
}

/// Which model it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelInfo {
    #[serde(rename = "type")]
    pub model: ModelKind,
    /// Such as "ETS(A,Ad,M)".
    pub label: String,
    pub parameters: BTreeMap<String, serde_json::Value>,
}

/// A forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Forecast {
    pub forecast: Vec<Point>,
    /// Measured on the values held back for the bands.
    pub metrics: Accuracy,
    /// Newest first.
    pub anomalies: Vec<Anomaly>,
    pub model_info: ModelInfo,
    pub step: Step,
    pub seasons: Vec<Season>,
    /// On the regular grid; the newest ones where there are many.
    pub history: Vec<Past>,
    pub decomposition: Decomposition,
    pub effects: Vec<Effect>,
    /// What was done to the data, in sentences.
    pub notes: Vec<String>,
}

/// The forecast of one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ForecastGroup))]
pub struct Group {
    pub name: String,
    pub forecast: Forecast,
}

/// Forecasts of groups and of their total, which is their sum at every step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grouped {
    pub total: Forecast,
    pub groups: Vec<Group>,
    pub notes: Vec<String>,
}

/// How a scenario changes the future of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Percent,
    Add,
    Set,
}

/// A change of the future of a regressor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ForecastChange))]
pub struct Change {
    pub regressor: String,
    pub kind: ChangeKind,
    pub value: f64,
    /// First moment it holds for; absent for the first step ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last moment it holds for; absent for the last step ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A scenario beside the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhatIf {
    pub baseline: Forecast,
    pub scenario: Forecast,
    /// Scenario less baseline, step by step.
    pub difference: Vec<f64>,
    /// The sum of the differences.
    pub total: f64,
    /// The difference of the sums in percent of the baseline's; null where that is zero.
    pub percent: Option<f64>,
}

/// A saved forecast value beside what came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scored {
    pub point: Point,
    pub y: f64,
    /// Actual less forecast.
    pub error: f64,
    pub is_in80: bool,
    pub is_in95: bool,
}

/// Whether forecasts have begun to miss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// Too few actual values yet.
    #[default]
    Unknown,
    None,
    /// Actual values lie above for too long.
    Above,
    /// Actual values lie below for too long.
    Below,
    /// Far more values outside the band than it promises.
    Wider,
}

/// How a saved forecast did against the values that arrived since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scoring {
    pub accuracy: Accuracy,
    pub drift: Drift,
    /// The probability of so much drift by chance; null while unknown.
    pub p_value: Option<f64>,
    /// A sentence about it.
    pub verdict: String,
    pub points: Vec<Scored>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for the reference
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Settings {
    /// Whether all is within bounds.
    ///
    /// # Errors
    /// Says what is not, and what would be.
    pub fn check(&self) -> crate::Result<()> {
        let refuse = |message: String, field: &str| Err(crate::Error::invalid(message).field(field));
        if self.horizon > MAX_HORIZON {
            return refuse(format!("At most {MAX_HORIZON} steps can be forecast."), "horizon");
        }
        if let Some(seasons) = &self.seasons {
            if seasons.len() > MAX_SEASONS {
                return refuse(format!("At most {MAX_SEASONS} seasons can be used at once."), "seasons");
            }
            if seasons.iter().any(|m| *m < 2 || *m > 10_000) {
                return refuse("A season has 2 to 10,000 steps.".into(), "seasons");
            }
        }
        for (limit, field) in [(self.floor, "floor"), (self.cap, "cap")] {
            if limit.is_some_and(|v| !v.is_finite()) {
                return refuse(format!("The {field} has to be a number."), field);
            }
        }
        if let (Some(floor), Some(cap)) = (self.floor, self.cap)
            && floor >= cap
        {
            return refuse("The cap has to lie above the floor.".into(), "cap");
        }
        if self.events.len() > MAX_DRIVERS || self.events.iter().any(|e| e.ds.len() > 2000) {
            return refuse(format!("At most {MAX_DRIVERS} events, each at most 2,000 times."), "events");
        }
        Ok(())
    }
}
