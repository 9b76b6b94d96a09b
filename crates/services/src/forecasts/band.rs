//! The last value beside what was forecast of it before it came, for alerts.

use super::def_of;
use crate::Services;
use crate::alerts::moment_of;
use crate::policies::Reader;
use domain::forecast::{Overlay, Point};
use domain::format::Format;
use domain::{Caller, Error, Result};
use store::ForecastRow;

/// A value and the band that was forecast for it.
pub(crate) struct Expected {
    pub(crate) value: Option<f64>,
    /// Milliseconds.
    pub(crate) at: Option<i64>,
    /// None where nobody forecast it before it came.
    pub(crate) band: Option<(f64, f64)>,
}

impl Services {
    /// A forecast that an alert may watch, with its format: its owner sees all that the forecast was made of.
    pub(crate) async fn forecast_to_watch(&self, owner: &Caller, id: &str) -> Result<(ForecastRow, Format)> {
        let (row, _) = self.forecast_for(owner, id).await?;
        let def = def_of(&row)?;
        if !self.reads_as_owner(&row, &def, &Reader::of(owner)).await? {
            return Err(Error::forbidden("This forecast was made of rows that you do not see.")
                .hint("Make a forecast of your own, and watch that."));
        }
        let read = self.read_forecast(&def, &Reader::of(owner), &Overlay::default()).await?;
        Ok((row, read.format))
    }

    /// The last value of a forecast, and the band of 80 or 95 percent that was forecast for it.
    pub(crate) async fn last_against_band(&self, owner: &Caller, id: &str, level: u8) -> Result<Expected> {
        let (row, _) = self.forecast_to_watch(owner, id).await?;
        let def = def_of(&row)?;
        let read = self.read_forecast(&def, &Reader::of(owner), &Overlay::default()).await?;
        let known = read.series.times.iter().zip(&read.series.values).filter(|(_, v)| v.is_finite());
        let Some((at, value)) = known.max_by_key(|(t, _)| **t) else {
            return Ok(Expected { value: None, at: None, band: None });
        };
        let at = *at / 1_000;
        let mut band = None;
        for run in self.store.forecast_runs(&row.id).await? {
            // The newest that did not know it.
            if moment_of(&run.until).is_none_or(|until| until >= at) {
                continue;
            }
            let points: Vec<Point> = serde_json::from_str(&run.points_json).unwrap_or_default();
            if let Some(point) = points.into_iter().find(|p| moment_of(&p.ds) == Some(at)) {
                band = Some(if level == 80 { (point.lo80, point.hi80) } else { (point.lo95, point.hi95) });
                break;
            }
        }
        Ok(Expected { value: Some(*value), at: Some(at), band })
    }
}
