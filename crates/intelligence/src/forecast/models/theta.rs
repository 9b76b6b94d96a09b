//! The dynamic optimised Theta model (Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler,
//! 2016) on the seasonally adjusted series.

use super::{Fit, Input, Model, parameter};
use crate::forecast::optimise::minimise;
use crate::forecast::season::{indices, is_seasonal};
use domain::forecast::ModelKind;

/// The model of the list.
pub(super) struct Theta;

/// Level, and the straight line through all values so far.
#[derive(Clone, Copy, Default)]
struct State {
    t: f64,
    level: f64,
    mean: f64,
    intercept: f64,
    slope: f64,
    /// (1 - alpha) to the power of t.
    power: f64,
}

#[derive(Clone, Copy)]
struct Parameters {
    level: f64,
    alpha: f64,
    theta: f64,
}

impl Parameters {
    fn begin(&self) -> State {
        State { level: self.level, power: 1.0, ..State::default() }
    }

    fn expect(&self, s: &State, first: f64) -> f64 {
        if s.t < 1.0 {
            return self.level + (1.0 - 1.0 / self.theta) * (first - self.level);
        }
        let line = s.power * s.intercept + (1.0 - s.power * (1.0 - self.alpha)) / self.alpha * s.slope;
        s.level + (1.0 - 1.0 / self.theta) * line
    }

    fn learn(&self, s: &mut State, value: f64) {
        s.t += 1.0;
        let t = s.t;
        s.level = self.alpha * value + (1.0 - self.alpha) * s.level;
        let mean = ((t - 1.0) * s.mean + value) / t;
        s.slope = if t < 2.0 { 0.0 } else { ((t - 2.0) * s.slope + 6.0 * (value - s.mean) / t) / (t + 1.0) };
        s.mean = mean;
        s.intercept = mean - s.slope * (t + 1.0) / 2.0;
        s.power *= 1.0 - self.alpha;
    }

    /// The next steps; forecasts are taken in as if they had come.
    fn ahead(&self, state: &State, first: f64, horizon: usize) -> Vec<f64> {
        let mut s = *state;
        (0..horizon)
            .map(|_| {
                let next = self.expect(&s, first);
                self.learn(&mut s, next);
                next
            })
            .collect()
    }
}

impl Model for Theta {
    fn kind(&self) -> ModelKind {
        ModelKind::Theta
    }

    fn fit(&self, input: &Input) -> Option<Fit> {
        let n = input.y.len();
        if n < 4 {
            return None;
        }
        let m = input.season_up_to(usize::MAX);
        let seasonal = m > 1 && n > 2 * m && is_seasonal(input.y, m, 1.645);
        let multiplied = seasonal && input.y.iter().all(|v| *v > 0.0);
        let season = if seasonal { indices(input.y, m, multiplied) } else { vec![0.0] };
        let m = season.len();
        let multiplied = multiplied && season.iter().all(|s| *s > 0.01);
        let off = |t: usize, v: f64| if multiplied { v / season[t % m] } else { v - season[t % m] };
        let on = |t: usize, v: f64| if multiplied { v * season[t % m] } else { v + season[t % m] };
        let y: Vec<f64> = input.y.iter().enumerate().map(|(t, v)| off(t, *v)).collect();
        let spread = (y.iter().map(|v| (v - y[0]).abs()).sum::<f64>() / n as f64).max(1e-9);
        let unpack = |x: &[f64]| Parameters { level: y[0] / 2.0 + x[0] * spread, alpha: x[1], theta: x[2] };
        let mut cost = |x: &[f64]| {
            let p = unpack(x);
            let mut s = p.begin();
            let mut squares = 0.0;
            for (t, value) in y.iter().enumerate() {
                if t > 0 {
                    let error = value - p.expect(&s, y[0]);
                    squares += error * error;
                }
                p.learn(&mut s, *value);
            }
            squares
        };
        let bounds = [(-20.0, 20.0), (0.05, 0.99), (1.0, 50.0)];
        let (found, _) = minimise(&mut cost, &[0.0, 0.5, 2.0], &bounds, 300);
        let p = unpack(&found);
        let mut fit = Fit { label: "Theta (dynamic, optimised)".into(), ..Fit::default() };
        let mut s = p.begin();
        let dress = |t: usize, values: Vec<f64>| -> Vec<f64> {
            values.into_iter().enumerate().map(|(h, v)| on(t + h, v)).collect()
        };
        for (t, value) in y.iter().enumerate() {
            if input.origins.contains(&t) {
                fit.past.push(dress(t, p.ahead(&s, y[0], input.horizon)));
            }
            fit.fitted.push(on(t, p.expect(&s, y[0])));
            p.learn(&mut s, *value);
        }
        fit.mean = dress(n, p.ahead(&s, y[0], input.horizon));
        fit.parameters.extend([parameter("alpha", p.alpha), parameter("theta", p.theta)]);
        Some(fit)
    }
}
