//! Which seasons a series may have: what the calendar suggests for its step, what its periodogram
//! shows, and whether the data agrees.

use crate::forecast::models::has_turns;

use super::{autocorrelation, decompose, is_seasonal, smooth, strength};
use domain::forecast::{MAX_SEASONS, Season, Step, StepUnit};

/// Lengths that the calendar suggests for a step, shortest first, with their names.
pub(in crate::forecast) fn calendar(step: Step) -> Vec<(usize, &'static str)> {
    let n = step.n as usize;
    let whole: &[(usize, &str)] = match step.unit {
        StepUnit::Second => &[(60, "minute"), (3600, "hour")],
        StepUnit::Minute => &[(60, "hour"), (1440, "day"), (10_080, "week")],
        StepUnit::Hour => &[(24, "day"), (168, "week")],
        StepUnit::Day => &[(7, "week"), (365, "year")],
        StepUnit::BusinessDay => &[(5, "week"), (261, "year")],
        StepUnit::Week => &[(52, "year")],
        StepUnit::Month => &[(12, "year")],
        StepUnit::Quarter => &[(4, "year")],
        StepUnit::Year => &[],
    };
    let exact = |length: usize| length.is_multiple_of(n) || (n == 1);
    whole.iter().filter(|(l, _)| exact(*l) && l / n > 1).map(|(l, name)| (l / n, *name)).collect()
}

/// The seasons of a complete series, strongest first. Those of the calendar are named even where
/// the data does not show them, provided it is long enough.
pub(in crate::forecast) fn propose(y: &[f64], step: Step) -> Vec<Season> {
    let n = y.len();
    let mut candidates: Vec<(usize, String)> =
        calendar(step).into_iter().filter(|(m, _)| has_turns(n, *m)).map(|(m, name)| (m, name.to_owned())).collect();
    if let Some(m) = peak(y)
        && !candidates.iter().any(|(c, _)| c % m == 0 || m % c == 0 || m.abs_diff(*c) * 10 < *c)
    {
        candidates.push((m, format!("{m} steps")));
    }
    candidates.sort_by_key(|(m, _)| *m);
    candidates.truncate(MAX_SEASONS);
    // Each is tested on what the shorter ones leave, so that a day does not pass for a week.
    let mut rest = y.to_vec();
    let mut seasons = Vec::new();
    for (length, name) in candidates {
        let sum = decompose(&rest, &[length], false);
        let strong = strength(&sum, 0);
        let level: Vec<f64> = rest.iter().zip(&sum.trend).map(|(v, t)| v - t).collect();
        let turns = n / length;
        let needed = if turns < 4 { 0.64 } else { 0.3 };
        let is_found = strong > needed && is_seasonal(&level, length, 1.645);
        if is_found && let Some((_, season)) = sum.seasons.first() {
            for (v, s) in rest.iter_mut().zip(season) {
                *v -= s;
            }
        }
        seasons.push(Season { length, name, strength: strong, is_found });
    }
    seasons.sort_by(|a, b| b.is_found.cmp(&a.is_found).then(b.strength.total_cmp(&a.strength)));
    seasons
}

/// The length of the wave that explains most of the series without its trend, where it explains
/// far more than the others do, and the series then resembles itself that much later.
fn peak(y: &[f64]) -> Option<usize> {
    let n = y.len().min(1000);
    let y = &y[y.len() - n..];
    if n < 24 {
        return None;
    }
    let trend = smooth(y, (n / 4) | 1);
    let level: Vec<f64> = y.iter().zip(&trend).map(|(v, t)| v - t).collect();
    // Goertzel's recurrence.
    let mut powers: Vec<(f64, f64)> = Vec::new();
    for k in 3..=n / 2 {
        let turn = std::f64::consts::TAU * k as f64 / n as f64;
        let twice = 2.0 * turn.cos();
        let (mut last, mut before) = (0.0, 0.0);
        for v in &level {
            (last, before) = (v + twice * last - before, last);
        }
        powers.push((last * last + before * before - twice * last * before, n as f64 / k as f64));
    }
    let all: f64 = powers.iter().map(|p| p.0).sum();
    let (power, length) = powers.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0))?;
    // Fisher's test of the largest of many, at 0.1 %.
    let needed = 1.0 - (0.001 / powers.len() as f64).powf(1.0 / (powers.len() as f64 - 1.0).max(1.0));
    if all <= 0.0 || power / all < needed {
        return None;
    }
    let m = length.round() as usize;
    let around = |lag: usize| autocorrelation(&level, lag);
    let m = (m.saturating_sub(1).max(2)..=m + 1).max_by(|a, b| around(*a).total_cmp(&around(*b)))?;
    (m > 2 && n > 3 * m && around(m) > 0.3).then_some(m)
}
