//! The forecast of one model, written out.

use super::bands::{Bands, Errors, calibrate};
use super::clean::median;
use super::metrics::{Pair, accuracy, naive_error};
use super::models::Fit;
use super::prepare::{Prepared, prepare};
use super::season::decompose;
use super::{Request, Watch};
use domain::forecast::{Anomaly, Decomposition, Forecast, ModelInfo, ModelKind, Part, Past, Point};
use domain::{Error, Result};

/// Most values of the past that are given back.
const HISTORY: usize = 1500;
/// Most anomalies that are given back.
const ANOMALIES: usize = 100;
/// Most moments of the past that bands are calibrated at.
const ORIGINS: usize = 60;

/// The forecast by the model that is chosen, or by the ensemble: the quick path.
///
/// # Errors
/// Where the settings are out of bounds, there are too few values, or the watcher cancelled.
pub fn run(request: &Request, watch: Watch) -> Result<Forecast> {
    watch.at(0.0)?;
    forecast(prepare(request, &[])?, watch)
}

/// The forecast of a prepared series.
pub(super) fn forecast(mut prepared: Prepared, watch: Watch) -> Result<Forecast> {
    let kind = prepared.settings.model.unwrap_or_default();
    watch.at(0.1)?;
    let n = prepared.len();
    let origins = origins(n, prepared.season());
    let (kind, fit) = fit_or_simpler(&mut prepared, kind, n, &origins)?;
    watch.at(0.7)?;
    let held = held(&prepared, &fit, &origins, n);
    let bands = bands(&prepared, &fit, &held);
    watch.at(0.9)?;
    let report = write(prepared, kind, fit, &held, &bands);
    watch.at(1.0)?;
    Ok(report)
}

/// Fits the model, or where it is not for this series the next simpler one.
fn fit_or_simpler(
    prepared: &mut Prepared,
    kind: ModelKind,
    known: usize,
    origins: &[usize],
) -> Result<(ModelKind, Fit)> {
    let mut tried = vec![kind];
    for next in [ModelKind::Ensemble, ModelKind::Drift, ModelKind::SeasonalNaive] {
        if !tried.contains(&next) {
            tried.push(next);
        }
    }
    for next in tried {
        if let Some(fit) = prepared.fit(next, known, origins, prepared.horizon) {
            if next != kind {
                prepared.notes.push(format!("{} does not fit this series; {} was used.", kind.label(), next.label()));
            }
            return Ok((next, fit));
        }
    }
    Err(Error::invalid("No model fits this series.").hint("Check that its values are numbers of a usual size."))
}

/// Moments of the past that bands are calibrated at: the newest half, where enough is known.
pub(super) fn origins(n: usize, season: usize) -> Vec<usize> {
    let least = (n / 2).max((2 * season + 2).min(n * 2 / 3)).max(2);
    let step = n.saturating_sub(least).div_ceil(ORIGINS).max(1);
    let mut origins: Vec<usize> = (least..n).rev().step_by(step).take(ORIGINS).collect();
    origins.reverse();
    origins
}

/// Errors of the forecasts from origins, as far as values were known.
pub(super) fn held(prepared: &Prepared, fit: &Fit, origins: &[usize], known: usize) -> Vec<Errors> {
    let y = &prepared.y[..known];
    origins.iter().zip(&fit.past).map(|(o, path)| y[*o..].iter().zip(path).map(|(v, f)| v - f).collect()).collect()
}

/// Bands of a fit, by what was held back.
pub(super) fn bands(prepared: &Prepared, fit: &Fit, held: &[Errors]) -> Bands {
    let steps: Vec<f64> = prepared.y.iter().zip(&fit.fitted).map(|(v, f)| v - f).collect();
    calibrate(held, &steps, fit.mean.len())
}

fn write(prepared: Prepared, kind: ModelKind, fit: Fit, held: &[Errors], bands: &Bands) -> Forecast {
    let p = &prepared;
    let n = p.len();
    let within = |v: f64| v.max(p.settings.floor.unwrap_or(f64::MIN)).min(p.settings.cap.unwrap_or(f64::MAX));
    let forecast: Vec<Point> = (0..p.horizon)
        .map(|h| {
            let middle = fit.mean[h] * p.scale + p.effects.at(n + h);
            let (w80, w95) = (bands.w80[h] * p.scale, bands.w95[h] * p.scale);
            Point {
                ds: p.regular.ds(n + h),
                yhat: within(middle),
                lo80: within(middle - w80),
                hi80: within(middle + w80),
                lo95: within(middle - w95),
                hi95: within(middle + w95),
            }
        })
        .collect();
    let expected: Vec<Option<f64>> =
        (0..n).map(|t| fit.fitted.get(t).filter(|v| v.is_finite()).map(|v| v * p.scale + p.effects.at(t))).collect();
    let pairs: Vec<Pair> = held
        .iter()
        .zip(origins(n, p.season()))
        .flat_map(|(errors, o)| {
            errors.iter().enumerate().map(move |(h, e)| Pair {
                y: p.values[o + h],
                yhat: p.values[o + h] - e * p.scale,
                in80: Some(e.abs() <= bands.w80[h]),
                in95: Some(e.abs() <= bands.w95[h]),
            })
        })
        .collect();
    let from = n.saturating_sub(HISTORY);
    let known = |t: usize| Some(p.regular.values[t]).filter(|v| !v.is_nan());
    Forecast {
        metrics: accuracy(&pairs, naive_error(&p.values, p.season())),
        anomalies: anomalies(p, &expected, bands.w95.first().copied().unwrap_or(0.0) * p.scale),
        model_info: ModelInfo { model: kind, label: fit.label, parameters: fit.parameters },
        step: p.regular.grid.step,
        history: (from..n).map(|t| Past { ds: p.regular.ds(t), y: known(t), fitted: expected[t] }).collect(),
        decomposition: parts(p, from),
        effects: p.effects.effects.clone(),
        forecast,
        seasons: prepared.seasons,
        notes: prepared.notes,
    }
}

/// Values further from what was expected than nearly all others, and outside the band.
fn anomalies(p: &Prepared, expected: &[Option<f64>], band: f64) -> Vec<Anomaly> {
    let n = p.len();
    // What a model says before it has seen a season is no expectation.
    let warm = (p.season() * 2).min(n / 4).max(3);
    let rest = |t: usize| expected[t].filter(|_| !p.regular.values[t].is_nan()).map(|e| p.regular.values[t] - e);
    let mut sizes: Vec<f64> = (warm..n).filter_map(rest).map(f64::abs).collect();
    if sizes.len() < 8 {
        return Vec::new();
    }
    let spread = 1.4826 * median(&mut sizes);
    let half = (4.0 * spread).max(band);
    if half <= 1e-9 * p.scale {
        return Vec::new();
    }
    let mut found: Vec<Anomaly> = (warm..n)
        .rev()
        .filter_map(|t| {
            let (rest, expected) = (rest(t)?, expected[t]?);
            (rest.abs() > half).then(|| Anomaly {
                ds: p.regular.ds(t),
                y: p.regular.values[t],
                expected,
                lo: expected - half,
                hi: expected + half,
                score: rest.abs() / half,
            })
        })
        .collect();
    found.truncate(ANOMALIES);
    found
}

/// Trend, seasons, drivers and the rest, from a place on.
fn parts(p: &Prepared, from: usize) -> Decomposition {
    let n = p.len();
    let sum = decompose(&p.y, &p.lengths, true);
    let cut = |values: &[f64], scale: f64| values[from..n].iter().map(|v| v * scale).collect::<Vec<f64>>();
    let name =
        |m: usize| p.seasons.iter().find(|s| s.length == m).map_or_else(|| format!("{m} steps"), |s| s.name.clone());
    let explained =
        |t: usize| (sum.trend[t] + sum.seasons.iter().map(|(_, s)| s[t]).sum::<f64>()) * p.scale + p.effects.at(t);
    Decomposition {
        ds: (from..n).map(|t| p.regular.ds(t)).collect(),
        trend: cut(&sum.trend, p.scale),
        seasons: sum
            .seasons
            .iter()
            .map(|(m, s)| Part { name: name(*m), length: *m, values: cut(s, p.scale) })
            .collect(),
        drivers: p
            .effects
            .effects
            .iter()
            .zip(&p.effects.parts)
            .map(|(e, v)| Part { name: e.name.clone(), length: 0, values: cut(v, 1.0) })
            .collect(),
        remainder: (from..n)
            .map(|t| Some(p.regular.values[t]).filter(|v| !v.is_nan()).map(|v| v - explained(t)))
            .collect(),
    }
}
