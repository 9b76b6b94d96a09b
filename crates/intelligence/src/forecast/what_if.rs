//! Scenarios: the future of regressors changed, and what that makes of the forecast.

use super::drivers::Driver;
use super::grid::Regular;
use super::prepare::prepare;
use super::report::forecast;
use super::{Request, Watch, time_of};
use domain::forecast::{Change, ChangeKind, WhatIf};
use domain::{Error, Result};

/// The forecast with the future of regressors changed, beside the one without.
///
/// # Errors
/// As [`super::run`], and where a change names no regressor of the request.
pub fn what_if(request: &Request, changes: &[Change], watch: Watch) -> Result<WhatIf> {
    let first = |p: f64| (watch.progress)(p / 2.0);
    let second = |p: f64| (watch.progress)(0.5 + p / 2.0);
    let baseline = forecast(prepare(request, &[])?, Watch { progress: &first, ..watch })?;
    let scenario = forecast(prepare(request, changes)?, Watch { progress: &second, ..watch })?;
    let difference: Vec<f64> = scenario.forecast.iter().zip(&baseline.forecast).map(|(s, b)| s.yhat - b.yhat).collect();
    let total: f64 = difference.iter().sum();
    let base: f64 = baseline.forecast.iter().map(|p| p.yhat).sum();
    Ok(WhatIf { baseline, scenario, difference, total, percent: (base != 0.0).then(|| 100.0 * total / base.abs()) })
}

/// Changes what drivers are in the steps ahead.
pub(super) fn apply(series: &Regular, drivers: &mut [Driver], changes: &[Change]) -> Result<()> {
    let n = series.values.len();
    for change in changes {
        let at = |ds: &Option<String>, field: &str| -> Result<Option<i64>> {
            let Some(ds) = ds else { return Ok(None) };
            let time = time_of(ds).ok_or_else(|| {
                Error::invalid(format!("{ds} is no date; write it as 2026-12-24.")).field(format!("changes.{field}"))
            })?;
            Ok(Some(series.grid.place(time) - series.first))
        };
        let (from, to) = (at(&change.from, "from")?, at(&change.to, "to")?);
        if !change.value.is_finite() {
            return Err(Error::invalid("A change has to be a number.").field("changes.value"));
        }
        let known: Vec<String> = drivers.iter().filter(|d| !d.is_event).map(|d| d.name.clone()).collect();
        let driver = drivers.iter_mut().find(|d| !d.is_event && d.name == change.regressor).ok_or_else(|| {
            Error::invalid(format!("{} is no regressor of this forecast.", change.regressor))
                .hint(if known.is_empty() {
                    "Add a regressor first.".to_owned()
                } else {
                    format!("There are: {}.", known.join(", "))
                })
                .field("changes.regressor")
        })?;
        for t in n..driver.values.len() {
            let place = t as i64;
            if from.is_some_and(|f| place < f) || to.is_some_and(|l| place > l) {
                continue;
            }
            let value = &mut driver.values[t];
            *value = match change.kind {
                ChangeKind::Percent => *value * (1.0 + change.value / 100.0),
                ChangeKind::Add => *value + change.value,
                ChangeKind::Set => change.value,
            };
        }
    }
    Ok(())
}
