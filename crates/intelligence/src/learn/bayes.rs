//! Naive Bayes: within a class every number of a row is taken to be normal by itself.

use super::encode::Matrix;
use serde::{Deserialize, Serialize};

/// No spread is less, in the units of the encoder.
const LEAST_SPREAD: f64 = 1e-3;

/// Of each class, how frequent it is, and mean and spread of each number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bayes {
    #[serde(with = "crate::learn::exact")]
    priors: Vec<f64>,
    #[serde(with = "crate::learn::exact::lists")]
    means: Vec<Vec<f64>>,
    #[serde(with = "crate::learn::exact::lists")]
    spreads: Vec<Vec<f64>>,
}

impl Bayes {
    pub(crate) fn learn(rows: &Matrix, labels: &[usize], classes: usize) -> Self {
        let mut counts = vec![0.0; classes];
        let mut means = vec![vec![0.0; rows.cols]; classes];
        let mut spreads = vec![vec![0.0; rows.cols]; classes];
        for (row, &label) in rows.data.chunks(rows.cols).zip(labels) {
            counts[label] += 1.0;
            means[label].iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        for (mean, count) in means.iter_mut().zip(&counts) {
            mean.iter_mut().for_each(|sum| *sum /= f64::max(*count, 1.0));
        }
        for (row, &label) in rows.data.chunks(rows.cols).zip(labels) {
            let away = row.iter().zip(&means[label]).map(|(value, mean)| (value - mean).powi(2));
            spreads[label].iter_mut().zip(away).for_each(|(sum, square)| *sum += square);
        }
        for (spread, count) in spreads.iter_mut().zip(&counts) {
            // As if one more row with the spread of all had been there: a member that a class never
            // had is unlikely, not impossible.
            spread.iter_mut().for_each(|sum| *sum = ((*sum + 1.0) / (count + 1.0)).sqrt().max(LEAST_SPREAD));
        }
        let total = labels.len() as f64 + classes as f64;
        Self { priors: counts.iter().map(|count| (count + 1.0) / total).collect(), means, spreads }
    }

    /// Probabilities of classes.
    pub(crate) fn predict(&self, row: &[f64]) -> Vec<f64> {
        let fit = |class: usize| {
            let parts = row.iter().zip(&self.means[class]).zip(&self.spreads[class]);
            let sum: f64 = parts.map(|((v, mean), spread)| -0.5 * ((v - mean) / spread).powi(2) - spread.ln()).sum();
            sum + self.priors[class].ln()
        };
        shares(&(0..self.priors.len()).map(fit).collect::<Vec<f64>>())
    }

    pub(crate) fn check(&self, width: usize, outputs: usize) -> bool {
        let fits = |rows: &[Vec<f64>], least: f64| {
            rows.len() == outputs
                && rows.iter().all(|row| row.len() == width && row.iter().all(|v| v.is_finite() && *v >= least))
        };
        self.priors.len() == outputs
            && self.priors.iter().all(|p| *p > 0.0 && *p <= 1.0)
            && fits(&self.means, f64::MIN)
            && fits(&self.spreads, LEAST_SPREAD)
    }
}

/// Numbers on a logarithmic scale as shares of 1.
pub(crate) fn shares(logs: &[f64]) -> Vec<f64> {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !most.is_finite() || logs.iter().any(|log| log.is_nan()) {
        return vec![1.0 / logs.len().max(1) as f64; logs.len()];
    }
    let parts: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
    let total: f64 = parts.iter().sum();
    parts.into_iter().map(|part| part / total).collect()
}
