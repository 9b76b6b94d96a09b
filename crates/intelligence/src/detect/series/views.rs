//! The views of a moment: each makes one number of it and of what came before, the greater the odder.

use serde::{Deserialize, Serialize};

/// Values that are kept.
const MOST_KEPT: usize = 20_000;
/// Earlier stretches that a stretch is compared with: while few values are known, and then.
const STRETCHES: [usize; 2] = [4_000, 1_000];
/// Seasons that are looked back.
const SEASONS: usize = 7;
const MOST_WINDOW: usize = 10_000;
/// Beyond it squares are no numbers any more.
const LARGEST: f64 = 1e150;

/// A view; the number is how many moments it takes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum View {
    High(usize),
    Low(usize),
    /// Distance to the median of those before.
    FromMedian(usize),
    /// Distance to the last value.
    Step,
    Spread(usize),
    /// Distance to what the same time of the last seasons had.
    Season(usize),
    /// Distance of a stretch to the most similar ones before (the left discord of C. Yeh et al.,
    /// "Matrix Profile I", ICDM 2016).
    Shape(usize),
    /// Difference of the means of two windows.
    Level(usize),
    /// Ratio of the spreads of two windows.
    Scatter(usize),
}

impl View {
    /// What people read.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::High(1) => "Value is high",
            Self::High(_) => "Mean of the last values is high",
            Self::Low(1) => "Value is low",
            Self::Low(_) => "Mean of the last values is low",
            Self::FromMedian(_) => "Value is away from the last ones",
            Self::Step => "Value has jumped",
            Self::Spread(_) => "Values swing more than usual",
            Self::Season(_) => "Value is not that of the season",
            Self::Shape(_) => "The course is like none before",
            Self::Level(_) => "The level has changed",
            Self::Scatter(_) => "The spread has changed",
        }
    }

    /// Rows before it says anything.
    pub(crate) fn warm_up(self, season: usize) -> u64 {
        match self {
            Self::Season(_) => (2 * season).max(30) as u64,
            Self::Shape(_) => 100,
            Self::Level(w) | Self::Scatter(w) => (3 * w).max(30) as u64,
            _ => 30,
        }
    }

    pub(crate) fn check(&self) -> bool {
        match *self {
            Self::Step => true,
            Self::Shape(w) => (2..=64).contains(&w),
            Self::High(w) | Self::Low(w) | Self::FromMedian(w) | Self::Spread(w) | Self::Season(w) => {
                (1..=200).contains(&w)
            }
            Self::Level(w) | Self::Scatter(w) => (3..=MOST_WINDOW).contains(&w),
        }
    }

    /// The number of the last moment of a history; none where too little came before.
    pub(crate) fn look(self, history: &mut History, season: usize) -> Option<f64> {
        let values = &history.values;
        let n = values.len();
        let last = |w: usize| (n >= w.div_ceil(2)).then(|| &values[n.saturating_sub(w)..]);
        match self {
            Self::High(w) => last(w).map(mean),
            Self::Low(w) => last(w).map(|values| -mean(values)),
            Self::FromMedian(w) => {
                let before = &values[n.saturating_sub(w + 1)..n - 1];
                (before.len() >= 3).then(|| (values[n - 1] - median(before)).abs())
            }
            Self::Step => (n >= 2).then(|| (values[n - 1] - values[n - 2]).abs()),
            Self::Spread(w) => last(w).filter(|values| values.len() >= 2).map(spread),
            Self::Season(w) => {
                if season == 0 {
                    return None;
                }
                if history.residual_row != history.rows {
                    let away = history.seasonal(season, 1).map(|usual| (history.values[n - 1] - usual).abs());
                    history.residuals.extend(away);
                    let surplus = history.residuals.len().saturating_sub(256);
                    history.residuals.drain(..surplus);
                    history.residual_row = history.rows;
                }
                let residuals = &history.residuals;
                (residuals.len() >= w).then(|| mean(&residuals[residuals.len() - w..]))
            }
            Self::Shape(w) => history.distance_to_known(w),
            Self::Level(w) | Self::Scatter(w) => {
                if n < 2 * w {
                    return None;
                }
                let (before, now) = values[n - 2 * w..].split_at(w);
                if matches!(self, Self::Level(_)) {
                    return Some((mean(now) - mean(before)).abs());
                }
                let (a, b) = (spread(before), spread(now));
                let floor = a.max(b) * 1e-3;
                (floor > 0.0).then(|| (b.max(floor) / a.max(floor)).ln().abs())
            }
        }
    }
}

/// The values so far, as far as they are looked back at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    #[serde(with = "crate::learn::exact")]
    values: Vec<f64>,
    rows: u64,
    /// Distances to the season, newest last.
    #[serde(with = "crate::learn::exact")]
    residuals: Vec<f64>,
    residual_row: u64,
    most: usize,
}

impl History {
    pub(crate) fn new(season: usize, window: usize) -> Self {
        let most = MOST_KEPT.max((SEASONS + 1) * season).max(2 * window + 1).min(1_000_000);
        Self { values: Vec::new(), rows: 0, residuals: Vec::new(), residual_row: 0, most }
    }

    pub(crate) fn fresh(&self) -> Self {
        Self { values: Vec::new(), rows: 0, residuals: Vec::new(), residual_row: 0, most: self.most }
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a value; says whether there was one. In a gap the last value goes on, so that seasons
    /// stay in step.
    pub(crate) fn push(&mut self, value: f64) -> bool {
        self.rows += 1;
        // Twice the length before it is cut, so that cutting is seldom.
        if self.values.len() >= 2 * self.most {
            let surplus = self.values.len() - self.most;
            self.values.drain(..surplus);
        }
        let (low, high) =
            self.values.iter().rev().take(1_000).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
        let limit = LARGEST;
        let cut = if value.is_finite() {
            value.clamp(-limit, limit)
        } else if value.is_infinite() && low <= high {
            // Far beyond all that was, and still a number.
            let reach = 10.0 * (high - low).max(high.abs().max(low.abs())).max(1.0);
            if value > 0.0 { (high + reach).min(limit) } else { (low - reach).max(-limit) }
        } else {
            if let Some(last) = self.values.last().copied() {
                self.values.push(last);
            }
            return false;
        };
        self.values.push(cut);
        true
    }

    /// What the last seasons had at this time of theirs; `ahead` is 1 where the moment is in already.
    fn seasonal(&self, season: usize, ahead: usize) -> Option<f64> {
        let at = self.values.len().checked_sub(ahead)?;
        let around = (season / 48).max(1);
        let usual: Vec<f64> = (1..=SEASONS)
            .map_while(|k| at.checked_sub(k * season))
            .map(|j| median(&self.values[j.saturating_sub(around)..(j + around + 1).min(at)]))
            .collect();
        (!usual.is_empty()).then(|| median(&usual))
    }

    /// What the next value should be.
    pub(crate) fn expected(&self, season: usize) -> Option<f64> {
        let n = self.values.len();
        let near = (n >= 3).then(|| median(&self.values[n.saturating_sub(20)..]));
        if season == 0 || n < 2 * season {
            return near;
        }
        self.seasonal(season, 0).or(near)
    }

    /// The mean distance of the last stretch to the three most similar ones before it.
    fn distance_to_known(&self, length: usize) -> Option<f64> {
        let known = self.values.len().checked_sub(2 * length)?;
        if known == 0 {
            return None;
        }
        let start = self.values.len().saturating_sub(self.most);
        let now = &self.values[self.values.len() - length..];
        let most = STRETCHES[usize::from(self.rows > MOST_KEPT as u64)];
        let every = ((known + 1 - start.min(known)) / most).max(1);
        let mut nearest = [f64::INFINITY; 3];
        for from in (start.min(known)..=known).step_by(every) {
            let mut distance = 0.0;
            for (a, b) in self.values[from..from + length].chunks(8).zip(now.chunks(8)) {
                distance += a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
                if distance >= nearest[2] {
                    break;
                }
            }
            if distance < nearest[2] {
                nearest[2] = distance;
                nearest.sort_by(f64::total_cmp);
            }
        }
        let found: Vec<f64> = nearest.into_iter().filter(|d| d.is_finite()).collect();
        (!found.is_empty()).then(|| mean(&found).sqrt())
    }

    pub(crate) fn usual(&self) -> Option<(f64, f64)> {
        let recent = &self.values[self.values.len().saturating_sub(self.most)..];
        let mut sorted: Vec<f64> = recent.iter().step_by((recent.len() / 2_000).max(1)).copied().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |q| crate::learn::quantile(&sorted, q);
        (!sorted.is_empty()).then(|| (at(0.05), at(0.95)))
    }

    pub(crate) fn check(&self, season: usize) -> bool {
        let finite = |values: &[f64]| values.iter().all(|v| v.is_finite() && v.abs() <= LARGEST);
        (1..=1_000_000).contains(&self.most)
            && season <= 100_000
            && self.values.len() <= 2 * self.most
            && self.residuals.len() <= 256
            && self.rows < 1 << 50
            && self.residual_row <= self.rows
            && finite(&self.values)
            && finite(&self.residuals)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The standard deviation.
fn spread(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|v| (v - centre) * (v - centre)).sum();
    (squares / (values.len().max(2) - 1) as f64).sqrt()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => sorted[middle - 1].midpoint(sorted[middle]),
    }
}
