//! ARIMA of automatic order: differences by tests, orders stepwise by AICc within bounds (Hyndman
//! and Khandakar, 2008), coefficients by least conditional squares.

use super::{Fit, Input, Model, parameter};
use crate::forecast::optimise::minimise;
use crate::forecast::season::{decompose, strength, variance};
use domain::forecast::ModelKind;

/// The model of the list.
pub(super) struct Arima;

/// Longest season that it models.
const LONGEST_SEASON: usize = 24;
/// Orders are looked for on at most so many of the newest values.
const SEARCHED: usize = 400;
/// Most orders that are tried.
const TRIED: usize = 40;

/// p, q of the steps and P, Q of the season.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Orders {
    ar: usize,
    ma: usize,
    season_ar: usize,
    season_ma: usize,
    constant: bool,
}

/// Differences that were taken.
#[derive(Clone, Copy)]
struct Differences {
    steps: usize,
    seasons: usize,
    m: usize,
}

struct Estimate {
    orders: Orders,
    x: Vec<f64>,
    aicc: f64,
}

impl Model for Arima {
    fn kind(&self) -> ModelKind {
        ModelKind::Arima
    }

    fn fit(&self, input: &Input) -> Option<Fit> {
        fit_with(input, input.season_up_to(LONGEST_SEASON))
    }
}

/// Fits with a season of the length `m`, 1 for none.
pub(in crate::forecast) fn fit_with(input: &Input, m: usize) -> Option<Fit> {
    let y = input.y;
    if y.len() < 6 {
        return None;
    }
    let differences = differences(y, m);
    let recent = &y[y.len().saturating_sub(SEARCHED.max(8 * m))..];
    let searched = difference(recent, differences);
    if searched.len() < 4 {
        return None;
    }
    let found = search(&searched, differences)?;
    let all = difference(y, differences);
    let found = if recent.len() < y.len() {
        estimate(&all, differences.m, found.orders, Some(&found.x), 250)?
    } else {
        estimate(&all, differences.m, found.orders, Some(&found.x), 400)?
    };
    Some(forecast(input, differences, &found, &all))
}

/// How often to take differences: seasonal ones where the season is strong, others until the
/// series is level (Kwiatkowski, Phillips, Schmidt and Shin, 1992).
fn differences(y: &[f64], m: usize) -> Differences {
    let mut d = Differences { steps: 0, seasons: 0, m };
    if m > 1 && y.len() > 2 * m + 4 && strength(&decompose(y, &[m], false), 0) > 0.64 {
        d.seasons = 1;
    }
    while d.steps < 2 {
        let w = difference(y, d);
        if w.len() < 8 || variance(&w) < 1e-18 || level_statistic(&w) < 0.463 {
            break;
        }
        d.steps += 1;
    }
    d
}

/// Large where a series does not stay at its level.
fn level_statistic(w: &[f64]) -> f64 {
    let n = w.len() as f64;
    let mean = w.iter().sum::<f64>() / n;
    let (mut sum, mut squares) = (0.0, 0.0);
    for v in w {
        sum += v - mean;
        squares += sum * sum;
    }
    let lags = (3.0 * n.sqrt() / 13.0) as usize;
    let at = |lag: usize| w[lag..].iter().zip(w).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / n;
    let long = at(0) + 2.0 * (1..=lags).map(|l| (1.0 - l as f64 / (lags + 1) as f64) * at(l)).sum::<f64>();
    if long <= 0.0 { 0.0 } else { squares / (n * n * long) }
}

fn difference(y: &[f64], d: Differences) -> Vec<f64> {
    let mut w = y.to_vec();
    for _ in 0..d.seasons {
        w = (d.m..w.len()).map(|t| w[t] - w[t - d.m]).collect();
    }
    for _ in 0..d.steps {
        w = (1..w.len()).map(|t| w[t] - w[t - 1]).collect();
    }
    w
}

/// The best orders, from four beginnings on to their neighbours.
fn search(w: &[f64], d: Differences) -> Option<Estimate> {
    let constant = d.steps + d.seasons <= 1;
    let seasonal = d.m > 1;
    let orders = |ar, ma, season_ar, season_ma| Orders { ar, ma, season_ar, season_ma, constant };
    let mut open = if seasonal {
        vec![orders(2, 2, 1, 1), orders(0, 0, 0, 0), orders(1, 0, 1, 0), orders(0, 1, 0, 1)]
    } else {
        vec![orders(2, 2, 0, 0), orders(0, 0, 0, 0), orders(1, 0, 0, 0), orders(0, 1, 0, 0)]
    };
    let mut tried: Vec<Orders> = Vec::new();
    let mut best: Option<Estimate> = None;
    loop {
        let mut better = false;
        for o in std::mem::take(&mut open) {
            if tried.contains(&o) || tried.len() >= TRIED {
                continue;
            }
            tried.push(o);
            if let Some(e) = estimate(w, d.m, o, None, 160)
                && best.as_ref().is_none_or(|b| e.aicc < b.aicc)
            {
                best = Some(e);
                better = true;
            }
        }
        if !better || tried.len() >= TRIED {
            return best;
        }
        let at = best.as_ref()?.orders;
        for step in [-1isize, 1] {
            let by = |v: usize, most: usize| v.checked_add_signed(step).filter(|v| *v <= most);
            if let Some(v) = by(at.ar, 3) {
                open.push(Orders { ar: v, ..at });
            }
            if let Some(v) = by(at.ma, 3) {
                open.push(Orders { ma: v, ..at });
            }
            if let (Some(ar), Some(ma)) = (by(at.ar, 3), by(at.ma, 3)) {
                open.push(Orders { ar, ma, ..at });
            }
            if seasonal {
                if let Some(v) = by(at.season_ar, 1) {
                    open.push(Orders { season_ar: v, ..at });
                }
                if let Some(v) = by(at.season_ma, 1) {
                    open.push(Orders { season_ma: v, ..at });
                }
            }
        }
        // Without differences the level is always estimated: zero is a level like any other.
        if constant && d.steps + d.seasons == 1 {
            open.push(Orders { constant: !at.constant, ..at });
        }
    }
}

/// Least squares of one-step errors; errors and values before the first are taken as none.
fn estimate(w: &[f64], m: usize, orders: Orders, start: Option<&[f64]>, rounds: usize) -> Option<Estimate> {
    let n = w.len();
    let k = orders.ar + orders.ma + orders.season_ar + orders.season_ma + usize::from(orders.constant) + 1;
    if n <= k + 2 + (orders.season_ar + orders.season_ma) * m {
        return None;
    }
    let mean = w.iter().sum::<f64>() / n as f64;
    let spread = variance(w).sqrt().max(1e-12);
    let count = k - 1;
    let begin: Vec<f64> = start.map_or_else(|| vec![0.1; count], <[f64]>::to_vec);
    let mut begin = begin;
    if start.is_none() && orders.constant {
        begin[count - 1] = 0.0;
    }
    let mut bounds = vec![(-2.6, 2.6); count];
    if orders.constant {
        bounds[count - 1] = (-3.0, 3.0);
    }
    let mut errors = vec![0.0; n];
    let mut cost = |x: &[f64]| {
        let lags = Lags::of(x, orders, m, mean, spread);
        lags.errors(w, &mut errors)
    };
    let (x, squares) =
        if count == 0 { (Vec::new(), cost(&[])) } else { minimise(&mut cost, &begin, &bounds, rounds + 30 * count) };
    if !squares.is_finite() || squares >= f64::MAX {
        return None;
    }
    let (n, k) = (n as f64, k as f64);
    let aicc = n * (squares / n).max(1e-24).ln()
        + 2.0 * k
        + if n - k - 1.0 > 0.0 { 2.0 * k * (k + 1.0) / (n - k - 1.0) } else { 1e6 };
    Some(Estimate { orders, x, aicc })
}

/// The multiplied polynomials, as lags with a coefficient.
struct Lags {
    ar: Vec<(usize, f64)>,
    ma: Vec<(usize, f64)>,
    constant: f64,
    phi: Vec<f64>,
    theta: Vec<f64>,
    season_phi: Vec<f64>,
    season_theta: Vec<f64>,
}

impl Lags {
    fn of(x: &[f64], o: Orders, m: usize, mean: f64, spread: f64) -> Self {
        let (phi, x) = x.split_at(o.ar);
        let (theta, x) = x.split_at(o.ma);
        let (season_phi, x) = x.split_at(o.season_ar);
        let (season_theta, x) = x.split_at(o.season_ma);
        let phi = stationary(phi);
        // The same region for errors, with the sign that they have.
        let theta: Vec<f64> = stationary(theta).iter().map(|v| -v).collect();
        let season_phi = stationary(season_phi);
        let season_theta: Vec<f64> = stationary(season_theta).iter().map(|v| -v).collect();
        Self {
            ar: product(&phi, &season_phi, m, -1.0),
            ma: product(&theta, &season_theta, m, 1.0),
            constant: if o.constant { mean + x[0] * spread } else { 0.0 },
            phi,
            theta,
            season_phi,
            season_theta,
        }
    }

    /// Fills in the errors, and gives the sum of their squares.
    fn errors(&self, w: &[f64], errors: &mut [f64]) -> f64 {
        let mut squares = 0.0;
        for t in 0..w.len() {
            let mut error = w[t] - self.constant;
            for (lag, c) in &self.ar {
                if *lag <= t {
                    error -= c * (w[t - lag] - self.constant);
                }
            }
            for (lag, c) in &self.ma {
                if *lag <= t {
                    error -= c * errors[t - lag];
                }
            }
            errors[t] = error;
            squares += error * error;
        }
        squares
    }
}

/// Coefficients of a stationary process from any numbers, by partial autocorrelations (Monahan,
/// 1984).
fn stationary(x: &[f64]) -> Vec<f64> {
    let mut c: Vec<f64> = Vec::with_capacity(x.len());
    for (k, v) in x.iter().enumerate() {
        let r = v.tanh() * 0.99;
        let before = c.clone();
        for j in 0..k {
            c[j] = before[j] - r * before[k - 1 - j];
        }
        c.push(r);
    }
    c
}

/// `(1 + s a1 B + ...)(1 + s A1 B^m + ...)` as lags with the coefficients on the other side of
/// the equation: `s` is -1 for values, 1 for errors.
fn product(steps: &[f64], seasons: &[f64], m: usize, s: f64) -> Vec<(usize, f64)> {
    let mut terms: Vec<(usize, f64)> = steps.iter().enumerate().map(|(i, v)| (i + 1, *v)).collect();
    for (j, season) in seasons.iter().enumerate() {
        terms.push(((j + 1) * m, *season));
        for (i, v) in steps.iter().enumerate() {
            terms.push(((j + 1) * m + i + 1, s * v * season));
        }
    }
    terms
}

fn forecast(input: &Input, d: Differences, e: &Estimate, w: &[f64]) -> Fit {
    let y = input.y;
    let mean = w.iter().sum::<f64>() / w.len() as f64;
    let spread = variance(w).sqrt().max(1e-12);
    let lags = Lags::of(&e.x, e.orders, d.m, mean, spread);
    let mut errors = vec![0.0; w.len()];
    lags.errors(w, &mut errors);
    let off = y.len() - w.len();
    let ahead = |known: usize| -> Vec<f64> {
        if known <= off {
            let last = y[known.max(1) - 1];
            return vec![last; input.horizon];
        }
        // Differences ahead, then the values that have them.
        let mut next: Vec<f64> = w[..known - off].to_vec();
        let mut values: Vec<f64> = y[..known].to_vec();
        let begin = next.len();
        for h in 0..input.horizon {
            let t = begin + h;
            let mut v = lags.constant;
            for (lag, c) in &lags.ar {
                if *lag <= t {
                    v += c * (next[t - lag] - lags.constant);
                }
            }
            for (lag, c) in &lags.ma {
                if *lag <= t && t - lag < begin {
                    v += c * errors[t - lag];
                }
            }
            next.push(v);
            values.push(integrate(&values, v, d));
        }
        values.split_off(known)
    };
    let mut fitted = vec![f64::NAN; off];
    fitted.extend(errors.iter().zip(&y[off..]).map(|(e, v)| v - e));
    let o = e.orders;
    let mut fit = Fit {
        mean: ahead(y.len()),
        fitted,
        past: input.origins.iter().map(|t| ahead(*t)).collect(),
        label: if d.m > 1 {
            format!("ARIMA({},{},{})({},{},{})[{}]", o.ar, d.steps, o.ma, o.season_ar, d.seasons, o.season_ma, d.m)
        } else {
            format!("ARIMA({},{},{})", o.ar, d.steps, o.ma)
        },
        ..Fit::default()
    };
    let named = [
        ("ar", &lags.phi),
        ("ma", &lags.theta),
        ("seasonal_ar", &lags.season_phi),
        ("seasonal_ma", &lags.season_theta),
    ];
    for (name, values) in named {
        for (i, v) in values.iter().enumerate() {
            fit.parameters.extend([parameter(&format!("{name}{}", i + 1), *v)]);
        }
    }
    fit.parameters.extend([parameter("aicc", e.aicc)]);
    if o.constant {
        fit.parameters.extend([parameter("constant", lags.constant)]);
    }
    fit
}

/// The value after `values` whose difference is `v`.
fn integrate(values: &[f64], v: f64, d: Differences) -> f64 {
    let n = values.len();
    let back = |lag: usize| values[n - lag];
    // The differences of steps act on the seasonal difference of the values.
    let seasonal = |lag: usize| if d.seasons > 0 { back(lag) - back(lag + d.m) } else { back(lag) };
    let level = match d.steps {
        0 => v,
        1 => v + seasonal(1),
        _ => v + 2.0 * seasonal(1) - seasonal(2),
    };
    if d.seasons > 0 { level + back(d.m) } else { level }
}

/// Moving averages of the step and the season after both were differenced once: what the
/// literature calls the airline model.
#[cfg(test)]
pub(in crate::forecast) fn airline(y: &[f64], m: usize) -> Option<(f64, f64)> {
    let w = difference(y, Differences { steps: 1, seasons: 1, m });
    let orders = Orders { ma: 1, season_ma: 1, ..Orders::default() };
    let found = estimate(&w, m, orders, None, 600)?;
    let lags = Lags::of(&found.x, orders, m, 0.0, 1.0);
    Some((lags.theta[0], lags.season_theta[0]))
}
