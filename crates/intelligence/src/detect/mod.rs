//! Detectors: which rows of a table, or moments of a series, are odd, how odd, and why.
//! They are trained by [`crate::learn::train`].

mod burst;
mod forest;
mod moments;
mod neighbours;
mod rows;
mod series;
mod table;
mod tail;
#[cfg(test)]
mod tests;

pub use burst::carriers;
pub(crate) use moments::train as train_series;
pub(crate) use rows::train as train_table;
pub(crate) use series::SeriesDetector;
pub(crate) use table::TableDetector;

use crate::Frame;
use crate::learn::{Body, ModelFile};
use domain::learn::{Detection, HistogramBin, ScoreHistogram};
use domain::{Error, Result};

/// Bars of the histogram of scores.
const BARS: usize = 50;
/// The most anomalies and bursts that are explained.
const MOST_EXPLAINED: usize = 1_000;

/// What is wanted of a detector besides scores.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreOptions {
    /// Instead of the threshold that training found.
    pub threshold: Option<f64>,
    /// At most so many anomalies and bursts are explained, the oddest ones.
    pub most: usize,
    /// Columns of the frame among whose members the carriers of a burst are looked for.
    pub dimensions: Vec<String>,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self { threshold: None, most: 100, dimensions: Vec::new() }
    }
}

impl ScoreOptions {
    fn most(&self) -> usize {
        self.most.min(MOST_EXPLAINED)
    }
}

/// Scores rows by a trained detector. Of series: rows after the end of the training go on from
/// there, others are replayed from the beginning; the score of a row uses earlier rows only.
///
/// # Errors
/// Columns of the model that are missing or of another type; a model that is no detector.
pub fn score(model: &ModelFile, frame: &Frame, options: &ScoreOptions) -> Result<Detection> {
    if options.threshold.is_some_and(|threshold| !(0.0..=1.0).contains(&threshold)) {
        return Err(Error::invalid("A threshold is a number from 0 to 1.").field("threshold"));
    }
    let threshold = options.threshold.unwrap_or(model.threshold);
    match &model.body {
        Body::Table(detector) => rows::score(model, detector, frame, threshold, options),
        Body::Series(detector) => moments::score(model, detector, frame, threshold, options),
        _ => Err(no_detector()),
    }
}

/// The same detector, after somebody said of rows that they are nothing odd: rows of a table like
/// these score below the threshold from now on; of a series the threshold rises above them.
///
/// # Errors
/// As [`score`]; a row that the frame does not have.
pub fn not_odd(model: &ModelFile, frame: &Frame, rows: &[usize]) -> Result<ModelFile> {
    if rows.iter().any(|row| *row >= frame.rows) {
        return Err(Error::invalid(format!("There are {} rows.", frame.rows)).field("rows"));
    }
    let mut changed = model.clone();
    match &mut changed.body {
        Body::Table(detector) => {
            let encoded = model.encoder()?.encode(frame, rows)?;
            (0..rows.len()).for_each(|row| detector.add_fine(encoded.row(row).to_vec()));
        }
        Body::Series(_) => {
            let scores = score(model, frame, &ScoreOptions { most: 0, ..ScoreOptions::default() })?.scores;
            let odd = rows.iter().map(|row| scores[*row]).fold(0.0, f64::max);
            // A little above, and never so high that nothing is told any more.
            changed.threshold = model.threshold.max((odd + 0.01).min(0.9));
        }
        _ => return Err(no_detector()),
    }
    Ok(changed)
}

fn no_detector() -> Error {
    Error::invalid("This model does not look for what is odd.").hint("Ask it for predictions.")
}

/// How scores are spread. Of a series the rows that are not told are not counted.
fn histogram(scores: impl Iterator<Item = f64>, threshold: f64) -> ScoreHistogram {
    let edge = |i: usize| i as f64 / BARS as f64;
    let mut bins: Vec<HistogramBin> =
        (0..BARS).map(|i| HistogramBin { from: edge(i), to: edge(i + 1), rows: 0 }).collect();
    let mut flagged = 0;
    for score in scores {
        bins[((score * BARS as f64) as usize).min(BARS - 1)].rows += 1;
        flagged += u64::from(score >= threshold);
    }
    ScoreHistogram { bins, threshold, flagged }
}

/// The rows at or above the threshold, and the oddest of them.
fn flagged(scores: &[f64], threshold: f64, most: usize) -> (Vec<usize>, Vec<usize>) {
    let all: Vec<usize> = (0..scores.len()).filter(|row| scores[*row] >= threshold).collect();
    let mut oddest = all.clone();
    oddest.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    oddest.truncate(most);
    (all, oddest)
}
