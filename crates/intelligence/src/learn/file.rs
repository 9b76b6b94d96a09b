//! A trained model as a file: plain data (JSON) with a version and a SHA-256, never executable.
//! What is read is checked as what a stranger may have written.

use domain::Result;
use domain::learn::TrainSpec;
use serde::{Deserialize, Serialize};

/// The version of the format.
pub const FILE_VERSION: u32 = 1;
/// The largest file that is read.
pub const MOST_FILE_BYTES: usize = 64 * 1024 * 1024;

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
    let _ = model;
    unimplemented!()
}

/// Reads a model that may come from anywhere: hash (where one is given), version, and every bound
/// that the use of it relies on.
///
/// # Errors
/// `unusable_file`, with what is wrong.
pub fn load(bytes: &[u8], sha256: Option<&str>) -> Result<ModelFile> {
    let _ = (bytes, sha256);
    unimplemented!()
}
