//! Forecasts: a series is put on a regular grid, its seasons are found, models are fitted, their
//! bands are calibrated on values held back, and what they say is written as [`domain::forecast`]
//! has it.

use domain::Result;
use domain::forecast::{
    BackTest, Change, Forecast, Grouped, ModelKind, Point, Proposal, Scoring, Settings, WhatIf,
};

/// A series as it comes: in any order, with gaps, with times that repeat (their mean is taken).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Microseconds since 1970 UTC; [`crate::MISSING_TIME`] rows are left out.
    pub times: Vec<i64>,
    /// NaN and infinities are missing values.
    pub values: Vec<f64>,
}

/// Something that drives the value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regressor {
    pub name: String,
    /// Past and future ones; where the future is not known the last season is repeated, and said.
    pub series: Series,
}

/// A forecast as it is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub series: Series,
    pub regressors: Vec<Regressor>,
    pub settings: Settings,
}

/// Who waits: is told of progress from 0 to 1, and may say that nobody waits any more.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    pub progress: &'a (dyn Fn(f64) + Sync),
    pub is_cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Watch<'static> {
    /// Nobody looks.
    pub fn none() -> Self {
        Self { progress: &|_| {}, is_cancelled: &|| false }
    }
}

/// What step, seasons and horizon suggest themselves.
///
/// # Errors
/// Where there are fewer than two values at different times.
pub fn propose(series: &Series) -> Result<Proposal>;

/// The forecast by the model that is chosen, or by the ensemble: the quick path.
///
/// # Errors
/// Where the settings are out of bounds, there are too few values, or the watcher cancelled.
pub fn run(request: &Request, watch: Watch) -> Result<Forecast>;

/// Every model from several moments of the past, side by side. `models` empty: all but Prophet.
///
/// # Errors
/// As [`run`], and where there are too few values to hold any back.
pub fn back_test(request: &Request, models: &[ModelKind], watch: Watch) -> Result<BackTest>;

/// One forecast per group, made to add up to their total (weighted least squares reconciliation).
/// The settings are for all; values are summed over the groups.
///
/// # Errors
/// As [`run`], and where there are no groups or too many.
pub fn groups(groups: &[(String, Series)], settings: &Settings, watch: Watch) -> Result<Grouped>;

/// The forecast with the future of regressors changed, beside the one without.
///
/// # Errors
/// As [`run`], and where a change names no regressor of the request.
pub fn what_if(request: &Request, changes: &[Change], watch: Watch) -> Result<WhatIf>;

/// A saved forecast against the values that came since. `history` is what was known when it was
/// made, for MASE; `season` its first season, or 1.
///
/// # Errors
/// Where a time of a point is not one.
pub fn score(points: &[Point], actuals: &Series, history: &Series, season: usize) -> Result<Scoring>;
