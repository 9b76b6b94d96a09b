//! Detectors: which rows of a table, or moments of a series, are odd, how odd, and why.
//! They are trained by [`crate::learn::train`].

use crate::Frame;
use crate::learn::ModelFile;
use domain::Result;
use domain::learn::{Carrier, Detection};

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

/// Scores rows by a trained detector. Of series: rows after the end of the training go on from
/// there, others are replayed from the beginning; the score of a row uses earlier rows only.
///
/// # Errors
/// Columns of the model that are missing or of another type; a model that is no detector.
pub fn score(model: &ModelFile, frame: &Frame, options: &ScoreOptions) -> Result<Detection> {
    let _ = (model, frame, options);
    unimplemented!()
}

/// The same detector, after somebody said of rows that they are nothing odd: rows of a table like
/// these score below the threshold from now on; of a series the threshold rises above them.
///
/// # Errors
/// As [`score`]; a row that the frame does not have.
pub fn not_odd(model: &ModelFile, frame: &Frame, rows: &[usize]) -> Result<ModelFile> {
    let _ = (model, frame, rows);
    unimplemented!()
}

/// In which members of which dimensions some rows are concentrated, compared with all others,
/// strongest first.
pub fn carriers(frame: &Frame, rows: &[usize], dimensions: &[String]) -> Vec<Carrier> {
    let _ = (frame, rows, dimensions);
    unimplemented!()
}
