//! Complex exponential smoothing (Svetunkov, Kourentzes and Ord, 2022) with a partial season: a
//! level and what is to come of it, smoothed together by one complex number. No model of the list
//! by itself; the ensemble is better with it, since it errs unlike the others.

use super::{Fit, Input, parameter};
use crate::forecast::optimise::minimise;
use crate::forecast::season::indices;

struct State {
    level: f64,
    potential: f64,
    season: Vec<f64>,
    turn: usize,
}

struct Parameters {
    real: f64,
    imaginary: f64,
    gamma: f64,
}

impl Parameters {
    fn learn(&self, s: &mut State, error: f64) {
        let (level, potential) = (s.level, s.potential);
        s.level = level - (1.0 - self.imaginary) * potential + (self.real - self.imaginary) * error;
        s.potential = level + (1.0 - self.real) * potential + (self.real + self.imaginary) * error;
        let m = s.season.len();
        s.season[s.turn] += self.gamma * error;
        s.turn = (s.turn + 1) % m;
    }

    fn ahead(&self, s: &State, horizon: usize) -> Vec<f64> {
        let m = s.season.len();
        let (mut level, mut potential) = (s.level, s.potential);
        (0..horizon)
            .map(|h| {
                let value = level + s.season[(s.turn + h) % m];
                (level, potential) = (
                    level - (1.0 - self.imaginary) * potential,
                    level + (1.0 - self.real) * potential,
                );
                value
            })
            .collect()
    }
}

/// Fits it with the season of the length `m`, 1 for none.
pub(super) fn fit(input: &Input, m: usize) -> Option<Fit> {
    let y = input.y;
    let n = y.len();
    if n < m + 6 {
        return None;
    }
    let season = if m > 1 { indices(y, m, false) } else { vec![0.0] };
    let early: Vec<f64> = y.iter().take(m.max(4)).enumerate().map(|(t, v)| v - season[t % m]).collect();
    let start = early.iter().sum::<f64>() / early.len() as f64;
    let spread = (y.iter().map(|v| (v - start).abs()).sum::<f64>() / n as f64).max(1e-9);
    let begin = |x: &[f64]| State {
        level: start + x[3] * spread,
        potential: start / 1.1 + x[4] * spread,
        season: season.clone(),
        turn: 0,
    };
    let unpack = |x: &[f64]| Parameters { real: x[0], imaginary: x[1], gamma: if m > 1 { x[2] } else { 0.0 } };
    let mut cost = |x: &[f64]| {
        let p = unpack(x);
        if !is_stable(&p) {
            return f64::MAX;
        }
        let mut s = begin(x);
        let mut squares = 0.0;
        for value in y {
            let error = value - s.level - s.season[s.turn];
            squares += error * error;
            p.learn(&mut s, error);
        }
        squares
    };
    let bounds = [(0.01, 1.8), (0.01, 1.9), (0.0, 0.9), (-30.0, 30.0), (-30.0, 30.0)];
    let (found, least) = minimise(&mut cost, &[1.3, 1.0, 0.1, 0.0, 0.0], &bounds, 500);
    if least >= f64::MAX {
        return None;
    }
    let p = unpack(&found);
    let mut s = begin(&found);
    let mut fit = Fit { label: "CES".into(), ..Fit::default() };
    for (t, value) in y.iter().enumerate() {
        if input.origins.contains(&t) {
            fit.past.push(p.ahead(&s, input.horizon));
        }
        let expected = s.level + s.season[s.turn];
        fit.fitted.push(expected);
        p.learn(&mut s, value - expected);
    }
    fit.mean = p.ahead(&s, input.horizon);
    fit.parameters.extend([parameter("real", p.real), parameter("imaginary", p.imaginary)]);
    Some(fit)
}

/// Whether old errors fade: both eigenvalues of the discount matrix lie within the unit circle.
fn is_stable(p: &Parameters) -> bool {
    // Rows of F - g w': what of the state remains once an error was taken in.
    let (a, b) = (1.0 - (p.real - p.imaginary), -(1.0 - p.imaginary));
    let (c, d) = (1.0 - (p.real + p.imaginary), 1.0 - p.real);
    let (trace, determinant) = (a + d, a * d - b * c);
    determinant.abs() < 0.999 && trace.abs() < 1.0 + determinant
}
