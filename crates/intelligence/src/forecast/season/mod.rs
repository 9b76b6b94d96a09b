//! Seasons: which there are, how strong they are, and their indices.

mod propose;

pub(super) use propose::{calendar, propose};

use augurs::mstl::stlrs;

/// A series as a sum.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    pub(super) trend: Vec<f64>,
    /// One per length that was asked for and that the series shows twice.
    pub(super) seasons: Vec<(usize, Vec<f64>)>,
    pub(super) remainder: Vec<f64>,
}

/// Takes a series apart (Bandara, Hyndman and Bergmeir, 2021; by stlrs).
pub(super) fn decompose(y: &[f64], lengths: &[usize], robust: bool) -> Sum {
    let n = y.len();
    let mut lengths: Vec<usize> = lengths.iter().copied().filter(|m| *m > 1 && n > 2 * m).collect();
    lengths.sort_unstable();
    lengths.dedup();
    if lengths.is_empty() {
        let trend = smooth(y, (n / 5).clamp(3, 101) | 1);
        let remainder = y.iter().zip(&trend).map(|(v, t)| v - t).collect();
        return Sum { trend, seasons: Vec::new(), remainder };
    }
    let mut stl = stlrs::StlParams::new();
    if robust {
        stl.robust(true);
    }
    let mut params = stlrs::MstlParams::new();
    if robust {
        params.stl_params(stl);
    }
    match params.fit::<f64>(y, &lengths) {
        Ok(result) => {
            let (seasons, trend, remainder) = result.into_parts();
            Sum { trend, seasons: lengths.into_iter().zip(seasons).collect(), remainder }
        }
        Err(_) => decompose(y, &[], robust),
    }
}

/// A centred moving average of `width`, an odd number; shorter at the ends.
pub(super) fn smooth(y: &[f64], width: usize) -> Vec<f64> {
    let n = y.len();
    let half = width / 2;
    let mut sums = Vec::with_capacity(n + 1);
    sums.push(0.0);
    for v in y {
        sums.push(sums[sums.len() - 1] + v);
    }
    (0..n)
        .map(|t| {
            let reach = half.min(t).min(n - 1 - t);
            (sums[t + reach + 1] - sums[t - reach]) / (2 * reach + 1) as f64
        })
        .collect()
}

/// The average season around a centred moving average, added or multiplied: the index of `t`
/// stands at `t % m`.
pub(super) fn indices(y: &[f64], m: usize, multiplied: bool) -> Vec<f64> {
    let n = y.len();
    let neutral = if multiplied { 1.0 } else { 0.0 };
    if m < 2 || n < m + 1 {
        return vec![neutral; m.max(1)];
    }
    let half = m / 2;
    let mut places: Vec<Vec<f64>> = vec![Vec::new(); m];
    for t in half..n.saturating_sub(half) {
        let average = if m % 2 == 1 {
            y[t - half..=t + half].iter().sum::<f64>() / m as f64
        } else {
            (0.5 * (y[t - half] + y[t + half]) + y[t - half + 1..t + half].iter().sum::<f64>()) / m as f64
        };
        let part = if multiplied { y[t] / average } else { y[t] - average };
        if part.is_finite() {
            places[t % m].push(part);
        }
    }
    let mut indices: Vec<f64> =
        places.iter().map(|p| if p.is_empty() { neutral } else { p.iter().sum::<f64>() / p.len() as f64 }).collect();
    let mean = indices.iter().sum::<f64>() / m as f64;
    for i in &mut indices {
        if multiplied {
            *i = if mean > 0.0 { *i / mean } else { 1.0 };
        } else {
            *i -= mean;
        }
    }
    indices
}

/// Correlation of a series with itself `lag` steps before.
pub(super) fn autocorrelation(y: &[f64], lag: usize) -> f64 {
    let n = y.len();
    if lag >= n {
        return 0.0;
    }
    let mean = y.iter().sum::<f64>() / n as f64;
    let all: f64 = y.iter().map(|v| (v - mean) * (v - mean)).sum();
    if all <= 0.0 {
        return 0.0;
    }
    y[lag..].iter().zip(y).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / all
}

/// Whether the series resembles itself a season before, more than chance would have it, at `z`
/// standard errors (Bartlett's).
pub(super) fn is_seasonal(y: &[f64], m: usize, z: f64) -> bool {
    let n = y.len();
    if m < 2 || n < 2 * m + 1 {
        return false;
    }
    let before: f64 = (1..m).map(|lag| autocorrelation(y, lag).powi(2)).sum();
    autocorrelation(y, m).abs() > z * ((1.0 + 2.0 * before) / n as f64).sqrt()
}

/// How much of what is no trend is season, from 0 to 1 (Wang, Smith and Hyndman, 2006).
pub(super) fn strength(sum: &Sum, season: usize) -> f64 {
    let Some((_, values)) = sum.seasons.get(season) else { return 0.0 };
    let both: Vec<f64> = values.iter().zip(&sum.remainder).map(|(s, r)| s + r).collect();
    let whole = variance(&both);
    if whole <= 0.0 { 0.0 } else { (1.0 - variance(&sum.remainder) / whole).clamp(0.0, 1.0) }
}

/// Mean square distance from the mean.
pub(super) fn variance(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n
}
