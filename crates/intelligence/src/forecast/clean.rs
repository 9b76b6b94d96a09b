//! What is done to values before models see them: gaps are filled, outliers are tamed.

use super::season::{decompose, smooth};

/// An outlier lies this many widths of the box (Tukey, 1977) beyond it. Three are usual to look
/// at a value; to replace one takes far more, since whatever is real about it helps forecasts.
const FAR_OUT: f64 = 15.0;

/// A complete series, and where it differs from what came.
#[derive(Clone, Debug)]
pub(super) struct Clean {
    pub(super) values: Vec<f64>,
    pub(super) missing: usize,
    /// Places whose value was replaced.
    pub(super) outliers: Vec<usize>,
}

/// Fills gaps, and replaces outliers unless they are to be kept.
pub(super) fn clean(y: &[f64], seasons: &[usize], keep_outliers: bool) -> Clean {
    let missing = y.iter().filter(|v| v.is_nan()).count();
    let mut values = fill(y, seasons);
    let outliers = if keep_outliers { Vec::new() } else { outliers(&values, seasons) };
    if !outliers.is_empty() {
        let mut holes = values.clone();
        for t in &outliers {
            holes[*t] = f64::NAN;
        }
        values = fill(&holes, seasons);
    }
    Clean { values, missing, outliers }
}

/// Fills gaps with a line between their ends, on top of the season where there is one.
pub(super) fn fill(y: &[f64], seasons: &[usize]) -> Vec<f64> {
    let straight = line(y);
    if !y.iter().any(|v| v.is_nan()) {
        return straight;
    }
    let known = y.iter().filter(|v| !v.is_nan()).count();
    let lengths: Vec<usize> = seasons.iter().copied().filter(|m| known > 2 * m).collect();
    if lengths.is_empty() {
        return straight;
    }
    let sum = decompose(&straight, &lengths, true);
    let season: Vec<f64> = (0..y.len()).map(|t| sum.seasons.iter().map(|(_, s)| s[t]).sum()).collect();
    let adjusted: Vec<f64> = y.iter().zip(&season).map(|(v, s)| v - s).collect();
    line(&adjusted).iter().zip(&season).zip(y).map(|((v, s), y)| if y.is_nan() { v + s } else { *y }).collect()
}

/// Lines over gaps; beyond the first and last value those go on.
fn line(y: &[f64]) -> Vec<f64> {
    let mut values = y.to_vec();
    let mut before: Option<usize> = None;
    for t in 0..y.len() {
        if y[t].is_nan() {
            continue;
        }
        let from = before.map_or(0, |b| b + 1);
        for (gap, value) in values.iter_mut().enumerate().take(t).skip(from) {
            *value = match before {
                Some(b) => y[b] + (y[t] - y[b]) * (gap - b) as f64 / (t - b) as f64,
                None => y[t],
            };
        }
        before = Some(t);
    }
    if let Some(b) = before {
        let last = y[b];
        values[b + 1..].fill(last);
    }
    values
}

/// Single values far from what their neighbours and their season let expect, and no more than a
/// few of them.
fn outliers(y: &[f64], seasons: &[usize]) -> Vec<usize> {
    let n = y.len();
    if n < 12 {
        return Vec::new();
    }
    // Where seasons grow with the level their logarithms do not.
    let logs: Vec<f64> = if y.iter().all(|v| *v > 0.0) { y.iter().map(|v| v.ln()).collect() } else { y.to_vec() };
    let y = logs.as_slice();
    let sum = decompose(y, seasons, true);
    let mut rest: Vec<f64> = if sum.seasons.is_empty() {
        let trend = smooth(&medians(y), 5);
        y.iter().zip(&trend).map(|(v, t)| v - t).collect()
    } else {
        sum.remainder
    };
    let ordered = {
        let mut o = rest.clone();
        o.sort_by(f64::total_cmp);
        o
    };
    let (low, high) = (quantile(&ordered, 0.25), quantile(&ordered, 0.75));
    let reach = FAR_OUT * (high - low);
    let scale = y.iter().map(|v| v.abs()).sum::<f64>() / n as f64;
    if reach <= 1e-9 * scale {
        return Vec::new();
    }
    for r in &mut rest {
        *r = if *r > high + reach {
            *r - high
        } else if *r < low - reach {
            low - *r
        } else {
            0.0
        };
    }
    let found: Vec<usize> = (0..n).filter(|t| rest[*t] > 0.0).collect();
    // What happens often, or goes on, is no outlier; nor does one show that nothing followed.
    let alone = |t: &usize| !found.contains(&(t + 1)) && (*t == 0 || !found.contains(&(t - 1)));
    let found: Vec<usize> = found.iter().copied().filter(alone).filter(|t| *t + 1 < n).collect();
    if found.len() > (n / 100).max(1) { Vec::new() } else { found }
}

/// Medians of five neighbours.
fn medians(y: &[f64]) -> Vec<f64> {
    (0..y.len())
        .map(|t| {
            let mut near = y[t.saturating_sub(2)..(t + 3).min(y.len())].to_vec();
            median(&mut near)
        })
        .collect()
}

/// The value in the middle; NaN of none.
pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    quantile(values, 0.5)
}

/// A quantile of ascending values, between neighbours by a line; NaN of none.
pub(super) fn quantile(ordered: &[f64], q: f64) -> f64 {
    if ordered.is_empty() {
        return f64::NAN;
    }
    let at = q * (ordered.len() - 1) as f64;
    let (low, part) = (at.floor() as usize, at.fract());
    let high = (low + 1).min(ordered.len() - 1);
    ordered[low] + (ordered[high] - ordered[low]) * part
}
