//! How rare a value is among those that came before it: by how many of them reach it, and beyond
//! the greatest three in a hundred by how fast these thin out (an exponential tail).

use serde::{Deserialize, Serialize};

/// Values that are kept; with more, every second one is dropped.
const MOST: usize = 4_096;
/// Where the tail begins.
const TAIL: f64 = 0.97;
/// No value is rarer than one in 10 to this power.
const RAREST: f64 = 12.0;
const FEWEST: usize = 20;
/// With so many values in the tail, half of what lies beyond it counts.
const UNCERTAIN: f64 = 4.0;

/// The values so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rare {
    #[serde(with = "crate::learn::exact")]
    kept: Vec<f64>,
    every: u64,
    seen: u64,
    /// Nothing is judged before so many.
    warm_up: u64,
    /// When what is known is looked at again.
    #[serde(skip)]
    next: u64,
    #[serde(skip)]
    known: Option<Known>,
}

#[derive(Clone, Debug, PartialEq)]
struct Known {
    sorted: Vec<f64>,
    border: f64,
    scale: f64,
}

impl Known {
    fn learn(kept: &[f64]) -> Option<Self> {
        if kept.len() < FEWEST {
            return None;
        }
        let mut sorted = kept.to_vec();
        sorted.sort_by(f64::total_cmp);
        let border = crate::learn::quantile(&sorted, TAIL);
        let (mut sum, mut count) = (0.0, 0.0);
        for value in sorted.iter().rev().take_while(|value| **value > border) {
            sum += value - border;
            count += 1.0;
        }
        let range = sorted[sorted.len() - 1] - sorted[0];
        let mean = if count > 0.0 { sum / count } else { 0.0 };
        // Of a series that never varied, anything beyond rounding is as rare as can be.
        let scale = mean.max(1e-3 * range).max(1e-12 * border.abs()).max(f64::MIN_POSITIVE);
        // What few values say about the tail is uncertain.
        let scale = if count > 0.0 { scale * (count + UNCERTAIN) / count } else { scale };
        Some(Self { sorted, border, scale })
    }

    fn surprise(&self, value: f64) -> f64 {
        let tail = -(1.0 - TAIL).log10();
        if value > self.border {
            return (tail + (value - self.border) / self.scale / std::f64::consts::LN_10).min(RAREST);
        }
        let n = self.sorted.len() as f64;
        let reached = n - self.sorted.partition_point(|v| *v < value) as f64;
        (-(reached.max(1.0) / n).log10()).min(tail)
    }
}

impl Rare {
    pub(crate) fn new(warm_up: u64) -> Self {
        Self { kept: Vec::new(), every: 1, seen: 0, warm_up, next: 0, known: None }
    }

    /// Minus the logarithm (base 10) of how rare a value is, and remembers it. Nothing is rare
    /// while too little is known.
    pub(crate) fn next(&mut self, value: Option<f64>) -> f64 {
        if self.seen >= self.warm_up && (self.known.is_none() || self.seen >= self.next) {
            self.known = Known::learn(&self.kept);
            self.next = self.seen + (self.seen / 100).max(10);
        }
        let surprise = match (&self.known, value) {
            (Some(known), Some(value)) => known.surprise(value),
            _ => 0.0,
        };
        if let Some(value) = value
            && self.seen.is_multiple_of(self.every)
        {
            self.kept.push(value);
            if self.kept.len() >= MOST {
                let mut place = 0;
                self.kept.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                self.every *= 2;
            }
        }
        self.seen += 1;
        surprise
    }

    pub(crate) fn check(&self) -> bool {
        self.kept.len() <= MOST
            && self.kept.iter().all(|v| v.is_finite())
            && (1..=1 << 40).contains(&self.every)
            && self.seen < 1 << 50
            && self.warm_up < 1 << 50
    }
}
