//! How far a row lies from a sample of the others, measured twice: in robust units with the tails
//! drawn in, and by normal scores, where only the order of values counts. A sample of rows serves
//! as well as all of them (M. Sugiyama, K. Borgwardt, "Rapid distance-based outlier detection via
//! sampling", NIPS 2013).

use crate::learn::{Matrix, quantile};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::index;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// Rows that others are compared with.
const SAMPLE: usize = 512;
/// Robust units beyond which it makes no difference how far.
const FAR: f64 = 1e6;

/// The sample, and how it is scaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Neighbours {
    cols: usize,
    /// How many of the sample are neighbours.
    near: usize,
    #[serde(with = "crate::learn::exact")]
    rows: Vec<f64>,
    #[serde(with = "crate::learn::exact")]
    medians: Vec<f64>,
    #[serde(with = "crate::learn::exact")]
    spreads: Vec<f64>,
}

/// The sample made ready.
pub(crate) struct Measure<'a> {
    of: &'a Neighbours,
    /// Of each column, the values of the sample in order.
    sorted: Vec<Vec<f64>>,
    /// The sample in robust units, and by normal scores.
    robust: Vec<f64>,
    scores: Vec<f64>,
    /// What brings the robust units of each column to the same spread.
    unit: Vec<f64>,
    inverse: Normal,
}

impl Neighbours {
    /// Takes a sample; `percent` of it are neighbours.
    pub(crate) fn learn(rows: &Matrix, percent: f64, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let n = rows.rows();
        let mut sample = index::sample(&mut random, n, n.min(SAMPLE)).into_vec();
        sample.sort_unstable();
        let picked = rows.select(&sample);
        let (mut medians, mut spreads) = (Vec::new(), Vec::new());
        for col in 0..rows.cols {
            let mut values: Vec<f64> = rows.data.iter().skip(col).step_by(rows.cols).copied().collect();
            values.sort_by(f64::total_cmp);
            let quartiles = (quantile(&values, 0.75) - quantile(&values, 0.25)) / 1.349;
            medians.push(quantile(&values, 0.5));
            // Where half of the rows are the same: in the units of the encoder.
            let range = values.last().zip(values.first()).map_or(0.0, |(a, b)| a - b);
            spreads.push(if quartiles > 1e-9 {
                quartiles
            } else if range > 0.0 {
                1.0
            } else {
                0.0
            });
        }
        let near = ((percent / 100.0 * sample.len() as f64) as usize).clamp(1, sample.len().max(1));
        Self { cols: rows.cols, near, rows: picked.data, medians, spreads }
    }

    pub(crate) fn ready(&self) -> Measure<'_> {
        let columns = || (0..self.cols).map(|col| self.rows.iter().skip(col).step_by(self.cols).copied());
        let mut sorted: Vec<Vec<f64>> = columns().map(Iterator::collect).collect();
        sorted.iter_mut().for_each(|values| values.sort_by(f64::total_cmp));
        let mut measure = Measure {
            of: self,
            sorted,
            robust: Vec::new(),
            scores: Vec::new(),
            unit: vec![1.0; self.cols],
            inverse: Normal::standard(),
        };
        // One unit in every column, so that none outweighs the others.
        measure.unit = (0..self.cols)
            .map(|col| {
                let drawn: Vec<f64> = measure.sorted[col].iter().map(|v| measure.draw_in(col, *v)).collect();
                let mean = drawn.iter().sum::<f64>() / drawn.len().max(1) as f64;
                let spread = (drawn.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / drawn.len().max(1) as f64).sqrt();
                if spread > 1e-9 { 1.0 / spread } else { 0.0 }
            })
            .collect();
        let mut buffer = (vec![0.0; self.cols], vec![0.0; self.cols]);
        let (mut robust, mut scores) = (Vec::new(), Vec::new());
        for row in self.rows.chunks(self.cols) {
            measure.place(row, &mut buffer);
            robust.extend_from_slice(&buffer.0);
            scores.extend_from_slice(&buffer.1);
        }
        measure.robust = robust;
        measure.scores = scores;
        measure
    }

    /// Whether a file with it can be used on rows of so many numbers.
    pub(crate) fn check(&self, width: usize) -> bool {
        let sample = self.rows.len().checked_div(self.cols).unwrap_or(0);
        let finite = |values: &[f64]| values.iter().all(|v| v.is_finite());
        self.cols == width
            && (1..=SAMPLE).contains(&sample)
            && self.rows.len() == sample * self.cols
            && (1..=sample).contains(&self.near)
            && self.medians.len() == width
            && self.spreads.len() == width
            && finite(&self.rows)
            && finite(&self.medians)
            && finite(&self.spreads)
            && self.spreads.iter().all(|s| *s >= 0.0)
    }
}

impl Measure<'_> {
    fn draw_in(&self, col: usize, value: f64) -> f64 {
        let spread = self.of.spreads[col];
        if spread > 0.0 { ((value - self.of.medians[col]) / spread).clamp(-FAR, FAR).asinh() } else { 0.0 }
    }

    /// Where a value would stand in a normal distribution of the sample.
    fn normal_score(&self, col: usize, value: f64) -> f64 {
        let sorted = &self.sorted[col];
        let n = sorted.len() as f64;
        let below = sorted.partition_point(|v| *v < value);
        let upto = sorted.partition_point(|v| *v <= value);
        let share = (below + upto) as f64 / 2.0 / n;
        let score = self.inverse.inverse_cdf(share.clamp(0.5 / n, 1.0 - 0.5 / n));
        let spread = self.of.spreads[col];
        let beyond = |edge: f64| if spread > 0.0 { ((value - edge) / spread).clamp(-FAR, FAR).asinh() } else { 0.0 };
        match (below, sorted.first(), sorted.last()) {
            (0, Some(first), _) if value < *first => score + beyond(*first),
            (_, _, Some(last)) if value > *last => score + beyond(*last),
            _ => score,
        }
    }

    fn place(&self, row: &[f64], out: &mut (Vec<f64>, Vec<f64>)) {
        for (col, value) in row.iter().enumerate() {
            out.0[col] = self.draw_in(col, *value) * self.unit[col];
            out.1[col] = if self.of.spreads[col] > 0.0 { self.normal_score(col, *value) } else { 0.0 };
        }
    }

    /// The mean distance to the neighbours, in both measures.
    pub(crate) fn distances(&self, row: &[f64]) -> [f64; 2] {
        let mut place = (vec![0.0; self.of.cols], vec![0.0; self.of.cols]);
        self.place(row, &mut place);
        // A row of the sample is not its own neighbour.
        let own = self.of.rows.chunks(self.of.cols).position(|other| other == row);
        [self.mean_nearest(&self.robust, &place.0, own), self.mean_nearest(&self.scores, &place.1, own)]
    }

    fn mean_nearest(&self, sample: &[f64], row: &[f64], own: Option<usize>) -> f64 {
        let squared = |other: &[f64]| other.iter().zip(row).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
        let mut all: Vec<f64> = sample.chunks(self.of.cols).map(squared).collect();
        if let Some(own) = own.filter(|_| all.len() > 1) {
            all.swap_remove(own);
        }
        let near = self.of.near.min(all.len());
        if near < all.len() {
            all.select_nth_unstable_by(near - 1, f64::total_cmp);
        }
        all[..near].iter().map(|d| d.sqrt()).sum::<f64>() / near as f64
    }
}
