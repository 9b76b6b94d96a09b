//! A saved forecast against what came since.

use super::metrics::{Pair, accuracy, naive_error};
use super::season::autocorrelation;
use super::{Series, time_of};
use domain::forecast::{Drift, Point, Scored, Scoring};
use domain::{Error, Result};
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};
use std::collections::BTreeMap;

/// Fewer actual values say nothing about drift.
const LEAST: usize = 6;
/// Drift is said where chance alone would do it less often than this.
const ALPHA: f64 = 0.01;

/// A saved forecast against the values that came since. `history` is what was known when it was
/// made, for MASE; `season` its first season, or 1.
///
/// # Errors
/// Where a time of a point is not one.
pub fn score(points: &[Point], actuals: &Series, history: &Series, season: usize) -> Result<Scoring> {
    let mut came: BTreeMap<i64, (f64, usize)> = BTreeMap::new();
    for (t, v) in actuals.times.iter().zip(&actuals.values) {
        if *t != crate::MISSING_TIME && v.is_finite() {
            let cell = came.entry(*t).or_default();
            cell.0 += v;
            cell.1 += 1;
        }
    }
    let mut scored = Vec::new();
    for point in points {
        let time = time_of(&point.ds).ok_or_else(|| Error::invalid(format!("{} is no time.", point.ds)).field("ds"))?;
        if let Some((sum, n)) = came.get(&time) {
            let y = sum / *n as f64;
            scored.push(Scored {
                y,
                error: y - point.yhat,
                is_in80: (point.lo80..=point.hi80).contains(&y),
                is_in95: (point.lo95..=point.hi95).contains(&y),
                point: point.clone(),
            });
        }
    }
    let pairs: Vec<Pair> = scored
        .iter()
        .map(|s| Pair { y: s.y, yhat: s.point.yhat, in80: Some(s.is_in80), in95: Some(s.is_in95) })
        .collect();
    let mut known: Vec<(i64, f64)> = history.times.iter().copied().zip(history.values.iter().copied()).collect();
    known.sort_by_key(|(t, _)| *t);
    let known: Vec<f64> = known.into_iter().map(|(_, v)| if v.is_finite() { v } else { f64::NAN }).collect();
    let (drift, p_value) = drift(&scored);
    let verdict = verdict(&scored, drift);
    Ok(Scoring { accuracy: accuracy(&pairs, naive_error(&known, season)), drift, p_value, verdict, points: scored })
}

/// Whether errors lean to one side (a t test, with as many degrees of freedom as correlated
/// errors have), or more values miss the 95 % band than one in twenty (a binomial test).
fn drift(scored: &[Scored]) -> (Drift, Option<f64>) {
    let n = scored.len();
    if n < LEAST {
        return (Drift::Unknown, None);
    }
    // Errors in widths of the band, since those far ahead are larger by right.
    let sizes: Vec<f64> = scored.iter().map(|s| s.error / ((s.point.hi80 - s.point.lo80) / 2.0).max(1e-12)).collect();
    let mean = sizes.iter().sum::<f64>() / n as f64;
    let spread = (sizes.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (n - 1) as f64).sqrt();
    let alike = autocorrelation(&sizes, 1).clamp(0.0, 0.9);
    let free = (n as f64 * (1.0 - alike) / (1.0 + alike)).max(2.0);
    // Errors that are all alike are no proof either: the band says how far they may spread.
    let t = mean / (spread.max(0.4) / free.sqrt());
    let leaning = StudentsT::new(0.0, 1.0, (free - 1.0).max(1.0)).map_or(1.0, |d| 2.0 * (1.0 - d.cdf(t.abs())));
    let outside = scored.iter().filter(|s| !s.is_in95).count() as u64;
    let missing = if outside == 0 { 1.0 } else { Binomial::new(0.05, n as u64).map_or(1.0, |d| d.sf(outside - 1)) };
    // Two tests were tried.
    let p = (2.0 * leaning.min(missing)).min(1.0);
    let drift = match () {
        () if p >= ALPHA => Drift::None,
        // The side says more than that they miss.
        () if 2.0 * leaning < ALPHA && mean > 0.0 => Drift::Above,
        () if 2.0 * leaning < ALPHA => Drift::Below,
        () => Drift::Wider,
    };
    (drift, Some(p))
}

fn verdict(scored: &[Scored], drift: Drift) -> String {
    let n = scored.len();
    let inside = scored.iter().filter(|s| s.is_in95).count();
    match drift {
        Drift::Unknown => format!("{n} values have come; that is too few to say how good the forecast is."),
        Drift::None => format!("{inside} of {n} values lie within the 95 % band."),
        Drift::Above => {
            format!("Values keep coming in above the forecast: {inside} of {n} within the 95 % band. Forecast again.")
        }
        Drift::Below => {
            format!("Values keep coming in below the forecast: {inside} of {n} within the 95 % band. Forecast again.")
        }
        Drift::Wider => format!("Only {inside} of {n} values lie within the 95 % band. Forecast again."),
    }
}
