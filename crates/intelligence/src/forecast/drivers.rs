//! What drives a series from outside: regressors and events, whose effect is estimated by
//! regression with autocorrelated errors (Cochrane and Orcutt, 1949) on differences.

use super::grid::{Regular, regular};
use super::season::{decompose, strength};
use super::{Regressor, grid};
use domain::forecast::{Effect, Event, MAX_DRIVERS};
use domain::{Error, Result};

/// One column of the regression, over the past and then the horizon.
#[derive(Clone, Debug)]
pub(super) struct Driver {
    pub(super) name: String,
    pub(super) is_event: bool,
    pub(super) values: Vec<f64>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Effects {
    pub(super) effects: Vec<Effect>,
    /// By driver, over the past and then the horizon, as a distance from the driver's past mean.
    pub(super) parts: Vec<Vec<f64>>,
}

impl Effects {
    /// All drivers together at a place.
    pub(super) fn at(&self, t: usize) -> f64 {
        self.parts.iter().map(|p| p[t]).sum()
    }
}

/// Drivers on the grid of the series. What is said about the future of a regressor is taken; the
/// rest repeats its last season.
pub(super) fn collect(
    series: &Regular,
    regressors: &[Regressor],
    events: &[Event],
    season: usize,
    horizon: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<Driver>> {
    let length = series.values.len() + horizon;
    let mut drivers = Vec::new();
    for regressor in regressors {
        let name = &regressor.name;
        let own = regular(&regressor.series, Some(series.grid.step)).map_err(|_| {
            Error::invalid(format!("The regressor {name} has fewer than two values.")).field("regressors")
        })?;
        let mut values = vec![f64::NAN; length];
        for (i, v) in own.values.iter().enumerate() {
            let place = series.grid.place(own.time(i)) - series.first;
            if let Ok(place) = usize::try_from(place)
                && place < length
            {
                values[place] = *v;
            }
        }
        let n = series.values.len();
        let unknown = values[n..].iter().filter(|v| v.is_nan()).count();
        if values[..n].iter().all(|v| v.is_nan()) {
            return Err(Error::invalid(format!("The regressor {name} has no value in the time of the series."))
                .field("regressors"));
        }
        let past = super::clean::fill(&values[..n], &[]);
        values[..n].copy_from_slice(&past);
        let m = season.clamp(1, n);
        for t in n..length {
            if values[t].is_nan() {
                values[t] = values[t - m];
            }
        }
        if unknown > 0 && horizon > 0 {
            notes.push(format!(
                "The future of {name} is not known for {}; its last values are repeated.",
                grid::count(unknown, "step", "steps")
            ));
        }
        drivers.push(Driver { name: name.clone(), is_event: false, values });
    }
    for event in events {
        drivers.extend(of_event(series, event, length)?);
    }
    if drivers.len() > MAX_DRIVERS {
        return Err(Error::invalid(format!(
            "At most {MAX_DRIVERS} regressors and events, with their days before and after."
        ))
        .field("events"));
    }
    Ok(drivers)
}

/// A column for the event, and one for each step before and after it.
fn of_event(series: &Regular, event: &Event, length: usize) -> Result<Vec<Driver>> {
    if event.before as usize + event.after as usize >= MAX_DRIVERS {
        return Err(Error::invalid(format!("The event {} reaches too far.", event.name)).field("events"));
    }
    let mut places = Vec::new();
    for ds in &event.ds {
        let time = super::time_of(ds)
            .ok_or_else(|| Error::invalid(format!("{ds} is no date; write it as 2026-12-24.")).field("events"))?;
        let first = series.grid.place(time) - series.first;
        places.push(first);
        // A day has many hours.
        if ds.len() == 10 && series.grid.is_sub_day() {
            let last = series.grid.place(time + 86_400_000_000) - series.first;
            places.extend((first + 1..last).take(10_000));
        }
    }
    let offsets = -i64::from(event.before)..=i64::from(event.after);
    Ok(offsets
        .map(|offset| {
            let mut values = vec![0.0; length];
            for place in &places {
                if let Ok(at) = usize::try_from(place + offset)
                    && at < length
                {
                    values[at] = 1.0;
                }
            }
            let name = match offset {
                0 => event.name.clone(),
                o if o < 0 => format!("{} ({} before)", event.name, -o),
                o => format!("{} ({o} after)", event.name),
            };
            Driver { name, is_event: true, values }
        })
        .filter(|d| d.values.iter().any(|v| *v > 0.0))
        .collect())
}

/// Estimates all effects at once. `y` is complete and as long as the past.
pub(super) fn estimate(y: &[f64], drivers: &[Driver], season: usize, notes: &mut Vec<String>) -> Effects {
    let n = y.len();
    if drivers.is_empty() {
        return Effects::default();
    }
    let means: Vec<f64> = drivers.iter().map(|d| d.values[..n].iter().sum::<f64>() / n as f64).collect();
    let seasonal = season > 1 && n > 3 * season && strength(&decompose(y, &[season], false), 0) > 0.3;
    let change = |v: &[f64]| -> Vec<f64> {
        let by = |v: &[f64], lag: usize| -> Vec<f64> { (lag..v.len()).map(|t| v[t] - v[t - lag]).collect() };
        let first = by(&v[..n], 1);
        if seasonal { by(&first, season) } else { first }
    };
    let target = change(y);
    let columns: Vec<Vec<f64>> = drivers.iter().map(|d| change(&d.values)).collect();
    // A driver that never moved in the past says nothing.
    let useful: Vec<usize> = (0..drivers.len()).filter(|i| columns[*i].iter().any(|v| v.abs() > 1e-12)).collect();
    for (i, driver) in drivers.iter().enumerate() {
        if !useful.contains(&i) {
            notes.push(format!("{} did not change in the past, so its effect is not known.", driver.name));
        }
    }
    let mut found = vec![(0.0, 0.0); drivers.len()];
    if !useful.is_empty() && target.len() > useful.len() + 4 {
        let mut rho = [0.0, 0.0];
        let mut solution = None;
        // Two rounds settle the correlation of the errors.
        for _ in 0..3 {
            let white = |v: &[f64]| -> Vec<f64> {
                (2..v.len()).map(|t| v[t] - rho[0] * v[t - 1] - rho[1] * v[t - 2]).collect()
            };
            let wide: Vec<Vec<f64>> = useful.iter().map(|i| white(&columns[*i])).collect();
            let Some(solved) = least_squares(&white(&target), &wide) else { break };
            let errors: Vec<f64> = (0..target.len())
                .map(|t| target[t] - useful.iter().zip(&solved).map(|(i, (b, _))| b * columns[*i][t]).sum::<f64>())
                .collect();
            rho = second_order(&errors);
            solution = Some(solved);
        }
        if let Some(solved) = solution {
            for (i, s) in useful.iter().zip(solved) {
                found[*i] = s;
            }
        }
    }
    Effects {
        effects: drivers
            .iter()
            .zip(&found)
            .map(|(d, (b, se))| Effect {
                name: d.name.clone(),
                coefficient: *b,
                lo: b - 1.96 * se,
                hi: b + 1.96 * se,
                is_event: d.is_event,
            })
            .collect(),
        parts: drivers
            .iter()
            .zip(&found)
            .zip(&means)
            .map(|((d, (b, _)), mean)| {
                d.values.iter().map(|v| b * (v - if d.is_event { 0.0 } else { *mean })).collect()
            })
            .collect(),
    }
}

/// Autoregression of order two, by Yule and Walker, kept well within the stationary region.
fn second_order(e: &[f64]) -> [f64; 2] {
    let (r1, r2) = (super::season::autocorrelation(e, 1), super::season::autocorrelation(e, 2));
    let partial = ((r2 - r1 * r1) / (1.0 - r1 * r1).max(1e-9)).clamp(-0.9, 0.9);
    [r1.clamp(-0.95, 0.95) * (1.0 - partial), partial]
}

/// Coefficients with their standard errors; a trace of ridge keeps equal columns solvable.
fn least_squares(y: &[f64], columns: &[Vec<f64>]) -> Option<Vec<(f64, f64)>> {
    let (n, k) = (y.len(), columns.len());
    if n <= k {
        return None;
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let sizes: Vec<f64> = columns.iter().map(|c| dot(c, c).sqrt().max(1e-300)).collect();
    // [X'X | X'y | I], columns scaled to length 1.
    let mut m = vec![vec![0.0; 2 * k + 1]; k];
    for i in 0..k {
        for j in 0..k {
            m[i][j] = dot(&columns[i], &columns[j]) / (sizes[i] * sizes[j]) + if i == j { 1e-8 } else { 0.0 };
        }
        m[i][k] = dot(&columns[i], y) / sizes[i];
        m[i][k + 1 + i] = 1.0;
    }
    for i in 0..k {
        let pivot = (i..k).max_by(|a, b| m[*a][i].abs().total_cmp(&m[*b][i].abs()))?;
        m.swap(i, pivot);
        let p = m[i][i];
        if p.abs() < 1e-14 {
            return None;
        }
        for v in &mut m[i] {
            *v /= p;
        }
        let row = m[i].clone();
        for (j, other) in m.iter_mut().enumerate() {
            if j != i {
                let f = other[i];
                for (a, b) in other.iter_mut().zip(&row) {
                    *a -= f * b;
                }
            }
        }
    }
    let scaled: Vec<f64> = (0..k).map(|i| m[i][k]).collect();
    let squares: f64 =
        (0..n).map(|t| (y[t] - (0..k).map(|i| scaled[i] * columns[i][t] / sizes[i]).sum::<f64>()).powi(2)).sum();
    let noise = squares / (n - k) as f64;
    Some((0..k).map(|i| (scaled[i] / sizes[i], (noise * m[i][k + 1 + i].max(0.0)).sqrt() / sizes[i])).collect())
}
