//! Models that are trained on a frame: classification, regression, clustering, and (in
//! [`crate::detect`]) detectors. One file format for all of them.

mod file;

pub use file::{FILE_VERSION, MOST_FILE_BYTES, ModelFile, Saved, load, save};

use crate::Frame;
use domain::Result;
use domain::learn::{Detection, DriftReport, Predictions, TrainReport, TrainSpec};

/// Told how far the work is, from 0 to 1; answers whether it shall go on.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> bool;

/// What training gives.
#[derive(Clone, Debug)]
pub struct Trained {
    pub model: ModelFile,
    pub report: TrainReport,
    /// What a detector says about the rows it was trained on.
    pub detection: Option<Detection>,
}

/// Trains a model of any kind, detectors too.
///
/// # Errors
/// Columns that are not there or do not suit, too few rows, one class only, or `cancelled`.
pub fn train(frame: &Frame, spec: &TrainSpec, progress: Progress<'_>) -> Result<Trained> {
    let _ = (frame, spec, progress);
    unimplemented!()
}

/// What a model of classification, regression or clustering predicts for rows.
///
/// # Errors
/// Columns of the model that are missing or of another type; a detector (ask [`crate::detect::score`]).
pub fn predict(model: &ModelFile, frame: &Frame) -> Result<Predictions> {
    let _ = (model, frame);
    unimplemented!()
}

/// How far rows have moved from those that a model was trained on.
///
/// # Errors
/// Columns of the model that are missing or of another type.
pub fn drift(model: &ModelFile, frame: &Frame) -> Result<DriftReport> {
    let _ = (model, frame);
    unimplemented!()
}
