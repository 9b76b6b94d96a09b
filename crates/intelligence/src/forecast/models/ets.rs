//! Exponential smoothing in its state space form (Hyndman, Koehler, Snyder and Grose, 2002), the
//! form chosen by AICc.

use super::{Fit, Input, Model, parameter};
use crate::forecast::optimise::minimise;
use crate::forecast::season::indices;
use domain::forecast::ModelKind;

/// The model of the list.
pub(super) struct Ets;

/// Which of trend, damping and multiplication a form has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::forecast) struct Form {
    /// Errors grow with the level.
    pub(in crate::forecast) scaled: bool,
    pub(in crate::forecast) trend: bool,
    pub(in crate::forecast) damped: bool,
    /// None, added, or multiplied.
    pub(in crate::forecast) season: Seasonal,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::forecast) enum Seasonal {
    None,
    Added,
    Multiplied,
}

/// What is estimated: smoothing of level, trend and season, damping, and where they begin.
#[derive(Clone, Debug)]
pub(in crate::forecast) struct Estimate {
    pub(in crate::forecast) form: Form,
    period: usize,
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
    level: f64,
    slope: f64,
    season: Vec<f64>,
    pub(in crate::forecast) aicc: f64,
}

/// Level, slope and the season's indices, the next one first at `turn`.
struct State {
    level: f64,
    slope: f64,
    season: Vec<f64>,
    turn: usize,
}

/// Longest season that has an index of its own for every step.
pub(in crate::forecast) const LONGEST_SEASON: usize = 24;

impl Model for Ets {
    fn kind(&self) -> ModelKind {
        ModelKind::Ets
    }

    fn fit(&self, input: &Input) -> Option<Fit> {
        let period = input.season_up_to(LONGEST_SEASON);
        let estimate = choose(input.y, period)?;
        Some(estimate.run(input))
    }
}

/// The best form for a series by AICc; `period` 1 for none.
pub(in crate::forecast) fn choose(y: &[f64], period: usize) -> Option<Estimate> {
    let n = y.len();
    if n < 3 {
        return None;
    }
    let positive = y.iter().all(|v| *v > 0.0);
    let seasonal = period > 1 && n > 2 * period;
    let mut best: Option<Estimate> = None;
    for season in [Seasonal::None, Seasonal::Added, Seasonal::Multiplied] {
        if season != Seasonal::None && !seasonal {
            continue;
        }
        for scaled in [false, true] {
            if (scaled || season == Seasonal::Multiplied) && !positive {
                continue;
            }
            // Added errors on a multiplied season are unstable.
            if season == Seasonal::Multiplied && !scaled {
                continue;
            }
            for (trend, damped) in [(false, false), (true, false), (true, true)] {
                let form = Form { scaled, trend, damped, season };
                if let Some(found) = estimate(y, period, form)
                    && best.as_ref().is_none_or(|b| found.aicc < b.aicc)
                {
                    best = Some(found);
                }
            }
        }
    }
    best
}

/// Estimates one form; `None` where the series is too short for it.
pub(in crate::forecast) fn estimate(y: &[f64], period: usize, form: Form) -> Option<Estimate> {
    let n = y.len();
    let m = if form.season == Seasonal::None { 1 } else { period };
    let count = 3 + usize::from(form.trend) * 2 + usize::from(form.damped) + if m > 1 { m } else { 0 };
    if n <= count + 1 && !(n >= 3 && m == 1 && !form.trend) {
        return None;
    }
    let season = match form.season {
        Seasonal::None => Vec::new(),
        Seasonal::Added => indices(y, m, false),
        Seasonal::Multiplied => indices(y, m, true),
    };
    let adjusted: Vec<f64> = y
        .iter()
        .enumerate()
        .map(|(t, v)| match form.season {
            Seasonal::None => *v,
            Seasonal::Added => v - season[t % m],
            Seasonal::Multiplied => v / season[t % m].max(1e-6),
        })
        .collect();
    let (level, slope) = beginning(&adjusted, form.trend);
    let spread = (adjusted.iter().map(|v| (v - level).abs()).sum::<f64>() / n as f64).max(1e-9);
    let mut estimate = Estimate {
        form,
        period: m,
        alpha: 0.3,
        beta: 0.0,
        gamma: 0.0,
        phi: 1.0,
        level,
        slope,
        season,
        aicc: f64::INFINITY,
    };
    let mut start = vec![if m > 1 { 0.2 } else { 0.4 }, 0.0];
    let mut bounds = vec![(1e-4, 0.9999), (-20.0, 20.0)];
    if form.trend {
        start.extend([0.05, 0.0]);
        bounds.extend([(1e-4, 0.9999), (-20.0, 20.0)]);
    }
    if m > 1 {
        start.push(0.05);
        bounds.push((1e-4, 0.9999));
    }
    if form.damped {
        start.push(0.95);
        bounds.push((0.8, 0.98));
    }
    // Levels are moved in units of the spread, so that all parameters are of one size. The share
    // of beta in alpha, and of gamma in what alpha leaves, keeps every point of the box admissible.
    let origin = (level, slope);
    let unpack = |x: &[f64], e: &mut Estimate| {
        let mut at = 2;
        e.alpha = x[0];
        e.level = origin.0 + x[1] * spread;
        if form.trend {
            e.beta = x[at] * e.alpha;
            e.slope = origin.1 + x[at + 1] * spread * 0.1;
            at += 2;
        }
        if m > 1 {
            e.gamma = x[at] * (1.0 - e.alpha);
            at += 1;
        }
        if form.damped {
            e.phi = x[at];
        }
    };
    let mut state = State { level: 0.0, slope: 0.0, season: Vec::new(), turn: 0 };
    let mut trial = estimate.clone();
    let mut cost = |x: &[f64]| {
        unpack(x, &mut trial);
        trial.likelihood(y, &mut state)
    };
    let (found, _) = minimise(&mut cost, &start, &bounds, 90 * start.len());
    unpack(&found, &mut estimate);
    let likelihood = estimate.likelihood(y, &mut state);
    if likelihood >= f64::MAX || !likelihood.is_finite() {
        return None;
    }
    let k = count as f64;
    let n = n as f64;
    estimate.aicc = likelihood + 2.0 * k + if n - k - 1.0 > 0.0 { 2.0 * k * (k + 1.0) / (n - k - 1.0) } else { 1e6 };
    Some(estimate)
}

/// Level and slope before the first value, by a line through the first ones.
fn beginning(y: &[f64], trend: bool) -> (f64, f64) {
    let n = y.len().min(10) as f64;
    let mean = y.iter().take(10).sum::<f64>() / n;
    if !trend {
        return (mean, 0.0);
    }
    let middle = (n + 1.0) / 2.0;
    let (mut above, mut below) = (0.0, 0.0);
    for (t, v) in y.iter().take(10).enumerate() {
        let x = t as f64 + 1.0 - middle;
        above += x * (v - mean);
        below += x * x;
    }
    let slope = if below > 0.0 { above / below } else { 0.0 };
    (mean - slope * middle, slope)
}

impl Estimate {
    fn begin(&self, state: &mut State) {
        state.level = self.level;
        state.slope = self.slope;
        state.season.clear();
        state.season.extend_from_slice(&self.season);
        state.turn = 0;
    }

    /// What is expected next.
    fn expect(&self, state: &State) -> f64 {
        let base = state.level + self.phi * state.slope;
        match self.form.season {
            Seasonal::None => base,
            Seasonal::Added => base + state.season[state.turn],
            Seasonal::Multiplied => base * state.season[state.turn],
        }
    }

    /// Takes a value in. Added and scaled errors share their smoothing of the level.
    fn learn(&self, state: &mut State, value: f64, expected: f64) {
        let error = value - expected;
        let base = state.level + self.phi * state.slope;
        let (on_level, on_season) = match self.form.season {
            Seasonal::None => (error, 0.0),
            Seasonal::Added => (error, error),
            Seasonal::Multiplied => {
                let index = state.season[state.turn];
                (error / index, error / base)
            }
        };
        state.level = base + self.alpha * on_level;
        state.slope = self.phi * state.slope + self.beta * on_level;
        if self.form.season != Seasonal::None {
            state.season[state.turn] += self.gamma * on_season;
            state.turn = (state.turn + 1) % self.period;
        }
    }

    /// Twice the negative logarithm of the likelihood, without its constant.
    fn likelihood(&self, y: &[f64], state: &mut State) -> f64 {
        self.begin(state);
        let (mut squares, mut scales) = (0.0, 0.0);
        for value in y {
            let expected = self.expect(state);
            if self.form.scaled {
                if expected <= 0.0 {
                    return f64::MAX;
                }
                let error = (value - expected) / expected;
                squares += error * error;
                scales += expected.ln();
            } else {
                squares += (value - expected) * (value - expected);
            }
            self.learn(state, *value, expected);
        }
        let n = y.len() as f64;
        n * (squares / n).max(1e-24).ln() + 2.0 * scales
    }

    /// The next steps from a state.
    fn ahead(&self, state: &State, horizon: usize) -> Vec<f64> {
        let (mut slope, mut sum) = (state.slope, 0.0);
        (0..horizon)
            .map(|h| {
                slope *= self.phi;
                sum += slope;
                let base = state.level + sum;
                let place = if self.period > 0 { (state.turn + h) % self.period } else { 0 };
                match self.form.season {
                    Seasonal::None => base,
                    Seasonal::Added => base + state.season[place],
                    Seasonal::Multiplied => base * state.season[place],
                }
            })
            .collect()
    }

    /// Fitted values, forecasts from every origin, and the forecast.
    pub(in crate::forecast) fn run(&self, input: &Input) -> Fit {
        let mut state = State { level: 0.0, slope: 0.0, season: Vec::new(), turn: 0 };
        self.begin(&mut state);
        let mut fit = Fit { label: self.label(), ..Fit::default() };
        for (t, value) in input.y.iter().enumerate() {
            if input.origins.contains(&t) {
                fit.past.push(self.ahead(&state, input.horizon));
            }
            let expected = self.expect(&state);
            fit.fitted.push(expected);
            self.learn(&mut state, *value, expected);
        }
        fit.mean = self.ahead(&state, input.horizon);
        fit.parameters.extend([
            parameter("alpha", self.alpha),
            parameter("beta", self.beta),
            parameter("gamma", self.gamma),
            parameter("phi", self.phi),
            parameter("aicc", self.aicc),
        ]);
        fit
    }

    fn label(&self) -> String {
        let trend = match (self.form.trend, self.form.damped) {
            (false, _) => "N",
            (true, false) => "A",
            (true, true) => "Ad",
        };
        let season = match self.form.season {
            Seasonal::None => "N",
            Seasonal::Added => "A",
            Seasonal::Multiplied => "M",
        };
        format!("ETS({},{trend},{season})", if self.form.scaled { "M" } else { "A" })
    }
}
