//! Forecasts: a series is put on a regular grid, its seasons are found, models are fitted, their
//! bands are calibrated on values held back, and what they say is written as [`domain::forecast`]
//! has it.

mod back_test;
mod bands;
mod clean;
mod drivers;
mod grid;
mod hierarchy;
mod metrics;
mod models;
mod optimise;
mod prepare;
mod report;
mod score;
mod season;
mod what_if;

pub use back_test::back_test;
pub use hierarchy::groups;
pub use prepare::propose;
pub use report::run;
pub use score::score;
pub use what_if::what_if;

use domain::forecast::Settings;
use domain::format::Moment;
use domain::{Error, ErrorCode, Result};

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

impl Watch<'_> {
    /// Tells how far it is.
    fn at(&self, progress: f64) -> Result<()> {
        if (self.is_cancelled)() {
            return Err(Error::new(ErrorCode::Cancelled, "The forecast was cancelled."));
        }
        (self.progress)(progress.clamp(0.0, 1.0));
        Ok(())
    }
}

/// The time that a text says, in microseconds since 1970 UTC: a date, or a date and a time of day.
pub fn time_of(text: &str) -> Option<i64> {
    let day = domain::calendar::parse(text)?;
    let millis = Moment::parse(text)?.millis.unwrap_or(0);
    Some((day * 86_400_000 + i64::from(millis)) * 1000)
}

#[cfg(test)]
mod tests;
