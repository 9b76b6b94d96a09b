//! Models that are trained on a frame: classification, regression, clustering, and (in
//! [`crate::detect`]) detectors. One file format for all of them.

mod bayes;
mod cluster;
mod drift;
mod encode;
pub(crate) mod exact;
mod file;
mod judge;
mod linear;
mod supervised;
mod target;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod tree;

pub(crate) use encode::{Content, Encoder, Feature, Matrix, Style, cell, column, quantile};
pub(crate) use file::Body;
pub use file::{FILE_VERSION, MOST_FILE_BYTES, ModelFile, Saved, load, save};

use crate::{Frame, detect};
use domain::learn::{
    Detection, DriftReport, FEWEST_TRAINING_ROWS, FeatureSummary, MOST_TRAINING_ROWS, ModelKind, ParameterValue,
    Parameters, Predictions, Task, TrainReport, TrainSpec, check_parameters,
};
use domain::{Error, ErrorCode, Result};

/// Told how far the work is, from 0 to 1; answers whether it shall go on.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> bool;

/// What training gives.
#[derive(Clone, Debug)]
pub struct Trained {
    pub model: ModelFile,
    pub report: TrainReport,
    /// What a detector says about the rows it was trained on; absent where it was trained on a
    /// sample of them.
    pub detection: Option<Detection>,
}

/// Trains a model of any kind, detectors too.
///
/// # Errors
/// Columns that are not there or do not suit, too few rows, one class only, or `cancelled`.
pub fn train(frame: &Frame, spec: &TrainSpec, progress: Progress<'_>) -> Result<Trained> {
    let settings = Settings::of(spec)?;
    let info = spec.kind.info();
    if frame.rows < FEWEST_TRAINING_ROWS {
        return Err(too_few(FEWEST_TRAINING_ROWS));
    }
    if info.is_series && spec.time.is_none() {
        return Err(Error::invalid(format!("{} needs a column of times.", info.label)).field("time"));
    }
    let wants_target = matches!(info.task, Task::Classification | Task::Regression);
    match &spec.target {
        None if wants_target => {
            return Err(
                Error::invalid(format!("{} needs a target: the column to predict.", info.label)).field("target")
            );
        }
        Some(target) if wants_target && spec.features.contains(target) => {
            return Err(Error::invalid("The target is among the features.")
                .hint("Leave it out there, or the model learns to copy it.")
                .field("features"));
        }
        _ => {}
    }
    match info.task {
        Task::Anomaly if info.is_series => detect::train_series(frame, spec, &settings, progress),
        Task::Anomaly => detect::train_table(frame, spec, &settings, progress),
        Task::Classification | Task::Regression => supervised::train(frame, spec, &settings, progress),
        Task::Clustering => cluster::train(frame, spec, &settings, progress),
    }
}

/// What a model of classification, regression or clustering predicts for rows.
///
/// # Errors
/// Columns of the model that are missing or of another type; a detector (ask [`crate::detect::score`]).
pub fn predict(model: &ModelFile, frame: &Frame) -> Result<Predictions> {
    let mut predictions = match &model.body {
        Body::Table(_) | Body::Series(_) => {
            return Err(Error::invalid("This model looks for what is odd.").hint("Ask it for scores."));
        }
        Body::Centres(_) | Body::Dense(_) => cluster::predict(model, frame)?,
        _ => supervised::predict(model, frame)?,
    };
    let (outside, rows) = drift::outside(model.encoder()?, frame)?;
    predictions.outside = outside;
    predictions.outside_rows = rows;
    Ok(predictions)
}

/// How far rows have moved from those that a model was trained on.
///
/// # Errors
/// Columns of the model that are missing or of another type.
pub fn drift(model: &ModelFile, frame: &Frame) -> Result<DriftReport> {
    drift::drift(model.encoder()?, frame)
}

/// The hyper-parameters of a training, all of them.
pub(crate) struct Settings {
    pub(crate) kind: ModelKind,
    pub(crate) seed: u64,
    pub(crate) parameters: Parameters,
}

impl Settings {
    pub(crate) fn of(spec: &TrainSpec) -> Result<Self> {
        let parameters = check_parameters(spec.kind, &spec.parameters)?;
        Ok(Self { kind: spec.kind, seed: spec.seed, parameters })
    }

    /// A number; 0 where the kind has no such parameter.
    pub(crate) fn number(&self, name: &str) -> f64 {
        match self.parameters.get(name) {
            Some(ParameterValue::Number(value)) => *value,
            _ => 0.0,
        }
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.number(name) as usize
    }
}

/// The rows that a model is trained on: all, or every so many one.
pub(crate) fn training_rows(rows: usize) -> Vec<usize> {
    spread_over(rows, MOST_TRAINING_ROWS)
}

/// At most so many of `rows`, evenly spread.
pub(crate) fn spread_over(rows: usize, most: usize) -> Vec<usize> {
    if rows <= most {
        return (0..rows).collect();
    }
    (0..most).map(|i| (i as u128 * rows as u128 / most as u128) as usize).collect()
}

/// The most rows of so many numbers that fit in memory beside everything else.
pub(crate) fn fitting(width: usize) -> usize {
    const MOST_NUMBERS: usize = 20_000_000;
    (MOST_NUMBERS / width.max(1)).clamp(1_000, MOST_TRAINING_ROWS)
}

pub(crate) fn cancelled() -> Error {
    Error::new(ErrorCode::Cancelled, "The training was cancelled.")
}

pub(crate) fn too_few(least: usize) -> Error {
    Error::new(ErrorCode::RuleRefused, format!("There are too few rows: a model needs at least {least}."))
        .hint("Take more rows in, or fewer features that have gaps.")
}

/// What is said of every model.
pub(crate) fn report(model: &ModelFile, settings: &Settings, features: Vec<FeatureSummary>) -> TrainReport {
    let mut notes = Vec::new();
    if model.rows < model.total_rows {
        let (rows, total) = (text::number(model.rows as f64), text::number(model.total_rows as f64));
        notes.push(format!("Trained on {rows} of {total} rows."));
    }
    for feature in features.iter().filter(|feature| feature.is_constant) {
        notes.push(format!("{} has one value only and says nothing.", feature.label));
    }
    for feature in features.iter().filter(|feature| feature.missing > 0.5 && !feature.is_constant) {
        notes.push(format!("{} is missing in {} of the rows.", feature.label, text::percent(feature.missing)));
    }
    TrainReport {
        kind: settings.kind,
        task: settings.kind.task(),
        parameters: settings.parameters.clone(),
        rows: model.rows,
        total_rows: model.total_rows,
        is_sample: model.rows < model.total_rows,
        features,
        metrics: Vec::new(),
        confusion: None,
        importance: Vec::new(),
        clusters: None,
        histogram: None,
        notes,
    }
}
