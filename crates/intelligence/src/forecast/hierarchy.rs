//! Groups and their total, made to add up.

use super::grid::{Regular, regular};
use super::report::run;
use super::{Request, Series, Watch};
use domain::forecast::{Forecast, Group, Grouped, MAX_GROUPS, Point, Settings};
use domain::{Error, Result};

/// One forecast per group, made to add up to their total (weighted least squares reconciliation:
/// Wickramasuriya, Athanasopoulos and Hyndman, 2019, with variances alone). The settings are for
/// all; values are summed over the groups.
///
/// # Errors
/// As [`run`], and where there are no groups or too many.
pub fn groups(groups: &[(String, Series)], settings: &Settings, watch: Watch) -> Result<Grouped> {
    if groups.is_empty() || groups.len() > MAX_GROUPS {
        return Err(Error::invalid(format!(
            "A forecast by groups takes 1 to {MAX_GROUPS} groups; there are {}.",
            groups.len()
        ))
        .hint("Filter the dimension, or choose one with fewer members."));
    }
    // The total says which times there are.
    let all = Series {
        times: groups.iter().flat_map(|(_, s)| s.times.iter().copied()).collect(),
        values: groups.iter().flat_map(|(_, s)| s.values.iter().copied()).collect(),
    };
    let frame = regular(&all, settings.step)?;
    let mut sum = vec![f64::NAN; frame.values.len()];
    let mut series = Vec::with_capacity(groups.len());
    for (name, own) in groups {
        let aligned = align(&frame, own);
        for (total, v) in sum.iter_mut().zip(&aligned) {
            if !v.is_nan() {
                *total = if total.is_nan() { *v } else { *total + v };
            }
        }
        series.push((name, aligned));
    }
    let times: Vec<i64> = (0..frame.values.len()).map(|t| frame.time(t)).collect();
    // All look equally far ahead on the same grid.
    let mut settings = Settings { step: Some(frame.grid.step), ..settings.clone() };
    let asked = |values: Vec<f64>, settings: &Settings| Request {
        series: Series { times: times.clone(), values },
        regressors: Vec::new(),
        settings: settings.clone(),
    };
    let share = 1.0 / (groups.len() + 1) as f64;
    watch.at(0.0)?;
    // A floor or cap of each is none of the total.
    let unlimited = Settings { floor: None, cap: None, ..settings.clone() };
    let mut total = run(&asked(sum, &unlimited), Watch { progress: &|_| {}, ..watch })?;
    settings.horizon = total.forecast.len();
    let mut notes = Vec::new();
    let mut found = Vec::with_capacity(groups.len());
    for (i, (name, values)) in series.into_iter().enumerate() {
        watch.at((i + 1) as f64 * share)?;
        if values.iter().filter(|v| !v.is_nan()).count() < 2 {
            notes.push(format!("{name} has fewer than two values and is left out of the forecasts; the total has it."));
            continue;
        }
        let forecast = run(&asked(values, &settings), Watch { progress: &|_| {}, ..watch })?;
        found.push(Group { name: name.clone(), forecast });
    }
    reconcile(&mut total, &mut found, &settings);
    watch.at(1.0)?;
    Ok(Grouped { total, groups: found, notes })
}

/// Values on the grid of all; several of one place are summed.
fn align(frame: &Regular, series: &Series) -> Vec<f64> {
    let n = frame.values.len();
    let mut values = vec![f64::NAN; n];
    for (t, v) in series.times.iter().zip(&series.values) {
        if *t == crate::MISSING_TIME || !v.is_finite() {
            continue;
        }
        if let Ok(at) = usize::try_from(frame.grid.place(*t) - frame.first)
            && at < n
        {
            values[at] = if values[at].is_nan() { *v } else { values[at] + v };
        }
    }
    values
}

/// Moves groups and total by as much as each is uncertain, until they add up at every step.
fn reconcile(total: &mut Forecast, groups: &mut [Group], settings: &Settings) {
    if groups.is_empty() {
        return;
    }
    for h in 0..total.forecast.len() {
        let variance = |p: &Point| ((p.hi95 - p.lo95) / 3.92).powi(2);
        let gap = total.forecast[h].yhat - groups.iter().map(|g| g.forecast.forecast[h].yhat).sum::<f64>();
        let all = groups.iter().map(|g| variance(&g.forecast.forecast[h])).sum::<f64>();
        let whole = all + variance(&total.forecast[h]);
        let mut sum = 0.0;
        for group in groups.iter_mut() {
            let point = &mut group.forecast.forecast[h];
            let part = if whole > 0.0 { variance(point) / whole } else { 0.0 };
            shift(point, gap * part, settings);
            sum += point.yhat;
        }
        let by = sum - total.forecast[h].yhat;
        shift(&mut total.forecast[h], by, &Settings::default());
        total.forecast[h].yhat = sum;
    }
}

fn shift(point: &mut Point, by: f64, settings: &Settings) {
    let within = |v: f64| v.max(settings.floor.unwrap_or(f64::MIN)).min(settings.cap.unwrap_or(f64::MAX));
    for v in [&mut point.yhat, &mut point.lo80, &mut point.hi80, &mut point.lo95, &mut point.hi95] {
        *v = within(*v + by);
    }
}
