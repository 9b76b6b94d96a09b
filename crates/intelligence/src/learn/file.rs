//! A trained model as a file: plain data (JSON) with a version and a SHA-256, never executable.
//! What is read is checked as what a stranger may have written.

use super::bayes::Bayes;
use super::cluster::{Centres, Dense};
use super::encode::Encoder;
use super::linear::Linear;
use super::tree::Trees;
use crate::Frame;
use crate::detect::{SeriesDetector, TableDetector};
use domain::learn::{MOST_CLASSES, Task, TrainSpec, check_parameters};
use domain::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of the format.
pub const FILE_VERSION: u32 = 1;
/// The largest file that is read.
pub const MOST_FILE_BYTES: usize = 64 * 1024 * 1024;
/// The longest name that is read, in bytes.
const LONGEST_NAME: usize = 1_000;

/// A trained model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    pub version: u32,
    /// How it was trained.
    pub spec: TrainSpec,
    /// Rows it was trained on.
    pub rows: u64,
    /// Rows there were.
    pub total_rows: u64,
    /// Of detectors: from this score a row is odd.
    pub threshold: f64,
    /// Of classifications, in the order of probabilities.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Of regressions: four of five predictions were nearer than this.
    #[serde(default)]
    pub(crate) error: f64,
    pub(crate) encoder: Option<Encoder>,
    pub(crate) body: Body,
}

/// What was learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Body {
    Table(TableDetector),
    Series(Box<SeriesDetector>),
    Linear(Linear),
    Trees(Trees),
    Bayes(Bayes),
    Centres(Centres),
    Dense(Dense),
}

impl ModelFile {
    pub(crate) fn new(spec: &TrainSpec, frame: &Frame, rows: usize, body: Body) -> Self {
        Self {
            version: FILE_VERSION,
            spec: spec.clone(),
            rows: rows as u64,
            total_rows: frame.total_rows.max(frame.rows as u64),
            threshold: 0.0,
            classes: Vec::new(),
            error: 0.0,
            encoder: None,
            body,
        }
    }

    pub(crate) fn encoder(&self) -> Result<&Encoder> {
        self.encoder.as_ref().ok_or_else(|| unusable("it does not say how features are read"))
    }

    /// Whether every bound holds that its use relies on.
    fn check(&self) -> Result<()> {
        if self.version != FILE_VERSION {
            return Err(unusable(&format!("its version is {}, and this server reads {FILE_VERSION}", self.version)));
        }
        check_parameters(self.spec.kind, &self.spec.parameters)?;
        let encoder = self.encoder()?;
        let names = self.spec.features.iter().chain(&self.spec.target).chain(&self.spec.time).chain(&self.classes);
        if names.map(String::len).any(|length| length > LONGEST_NAME) {
            return Err(unusable("a name in it is too long"));
        }
        let same = encoder.features.iter().map(|feature| &feature.name).eq(&self.spec.features);
        if !encoder.check() || !same {
            return Err(unusable("its features do not fit each other"));
        }
        let numbers = (0.0..=1.0).contains(&self.threshold) && self.error.is_finite() && self.error >= 0.0;
        if !numbers || self.rows > self.total_rows || self.classes.len() > MOST_CLASSES {
            return Err(unusable("a figure in it is out of its range"));
        }
        let (task, width) = (self.spec.kind.task(), encoder.width());
        let is_series = self.spec.kind.info().is_series;
        let outputs = if task == Task::Classification { self.classes.len() } else { 1 };
        let supervised = matches!(task, Task::Classification | Task::Regression) && outputs >= 1;
        let is_class = task == Task::Classification;
        let fits = match &self.body {
            Body::Table(detector) => task == Task::Anomaly && !is_series && detector.check(width),
            Body::Series(detector) => is_series && self.spec.features.len() == 1 && detector.check(),
            Body::Linear(model) => supervised && model.check(width, outputs, is_class),
            Body::Trees(model) => supervised && model.check(width, outputs, is_class),
            Body::Bayes(model) => supervised && is_class && model.check(width, outputs),
            Body::Centres(model) => task == Task::Clustering && model.check(width),
            Body::Dense(model) => task == Task::Clustering && model.check(width),
        };
        if fits { Ok(()) } else { Err(unusable("what it learnt does not fit its features")) }
    }
}

/// A model as bytes.
#[derive(Clone, Debug)]
pub struct Saved {
    pub bytes: Vec<u8>,
    /// Of the bytes, in hexadecimal.
    pub sha256: String,
}

/// Writes a model.
///
/// # Errors
/// A model that is larger than [`MOST_FILE_BYTES`].
pub fn save(model: &ModelFile) -> Result<Saved> {
    let bytes = serde_json::to_vec(model).map_err(|_| Error::internal())?;
    if bytes.len() > MOST_FILE_BYTES {
        return Err(Error::new(ErrorCode::TooLarge, "The model is too large to be kept.")
            .hint("Train it with fewer trees, or larger leaves."));
    }
    let sha256 = hash(&bytes);
    Ok(Saved { bytes, sha256 })
}

/// Reads a model that may come from anywhere: hash (where one is given), version, and every bound
/// that the use of it relies on.
///
/// # Errors
/// `unusable_file`, with what is wrong.
pub fn load(bytes: &[u8], sha256: Option<&str>) -> Result<ModelFile> {
    if bytes.len() > MOST_FILE_BYTES {
        return Err(unusable("it is larger than a model can be"));
    }
    if sha256.is_some_and(|expected| !expected.eq_ignore_ascii_case(&hash(bytes))) {
        return Err(unusable("it is not the file that was saved: its hash is another"));
    }
    let model: ModelFile = serde_json::from_slice(bytes).map_err(|e| unusable(&format!("line {} of it", e.line())))?;
    model.check().map_err(|error| unusable(error.message.trim_end_matches('.')))?;
    Ok(model)
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unusable(what: &str) -> Error {
    let what = what.strip_prefix("The file is no model that can be used: ").unwrap_or(what);
    Error::new(ErrorCode::UnusableFile, format!("The file is no model that can be used: {what}."))
        .hint("Take a file that was downloaded from a model, unchanged.")
}
