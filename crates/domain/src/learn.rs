//! Detectors and models: how they are described, trained and judged.

mod kinds;
mod report;
mod scored;

pub use kinds::{Choice, KindInfo, ModelKind, Parameter, Range, Task, check_parameters};
pub use report::{
    ClusterSummary, Clusters, Confusion, DriftLevel, DriftReport, FeatureDrift, FeatureKind, FeatureSummary,
    Importance, MetricValue, TrainReport,
};
pub use scored::{
    Anomaly, Burst, Carrier, Contribution, Detection, HistogramBin, OutsideRow, Prediction, Predictions, ScoreHistogram,
};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most features of one model.
pub const MOST_FEATURES: usize = 200;
/// The most classes that a classification tells apart.
pub const MOST_CLASSES: usize = 50;
/// The most rows that a model is trained on; more are sampled, and the report says so.
pub const MOST_TRAINING_ROWS: usize = 200_000;
/// The fewest rows that a model can be trained on.
pub const FEWEST_TRAINING_ROWS: usize = 2;

/// A value of a hyper-parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum ParameterValue {
    Flag(bool),
    Number(f64),
    Choice(String),
}

/// Hyper-parameters by name; what is absent has its default.
pub type Parameters = BTreeMap<String, ParameterValue>;

/// What is trained on which columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TrainSpec {
    pub kind: ModelKind,
    /// Names of columns; for a detector of series the one column of values.
    pub features: Vec<String>,
    /// What is predicted; for classification and regression only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The column of times; for detectors of series only, whose rows are taken in its order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    #[serde(default)]
    pub parameters: Parameters,
    /// The same seed and rows give the same model.
    #[serde(default = "default_seed")]
    pub seed: u64,
}

fn default_seed() -> u64 {
    42
}

impl TrainSpec {
    /// A model of a kind on these columns, everything else as it is by default.
    pub fn new(kind: ModelKind, features: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            kind,
            features: features.into_iter().map(Into::into).collect(),
            target: None,
            time: None,
            parameters: Parameters::new(),
            seed: default_seed(),
        }
    }
}
