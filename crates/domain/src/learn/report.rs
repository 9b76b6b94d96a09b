//! What training says about a model.

use super::scored::ScoreHistogram;
use super::{ModelKind, Parameters, Task};
use serde::{Deserialize, Serialize};

/// A figure of merit, with the interval in which it lies with 95 %.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricValue {
    /// `accuracy`, `f1`, `roc_auc`, `log_loss`; `r2`, `mae`, `rmse`; `silhouette`, `clusters`, `noise`.
    pub name: String,
    pub label: String,
    pub value: f64,
    /// From the spread over the folds; absent where there is none to measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Whether more is better.
    pub more_is_better: bool,
}

/// How often each class was taken for each other, over all folds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Confusion {
    pub classes: Vec<String>,
    /// `counts[actual][predicted]`.
    pub counts: Vec<Vec<u64>>,
}

/// How much worse the model predicts when the values of a feature are shuffled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Importance {
    pub feature: String,
    /// The loss of accuracy (classification) or R2 (regression), on rows it was not trained on.
    pub loss: f64,
    /// Standard deviation of the loss over the shuffles.
    pub spread: f64,
}

/// What a feature is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    Number,
    Member,
    /// Hour of the day, day of the week, month, and how long ago.
    Time,
}

/// A feature as the model met it in training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureSummary {
    pub name: String,
    pub label: String,
    pub kind: FeatureKind,
    /// Share of rows without a value, from 0 to 1.
    pub missing: f64,
    /// Of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// How many members it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<u64>,
    /// It has one value only, and was left out.
    #[serde(default)]
    pub is_constant: bool,
}

/// A group that clustering found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterSummary {
    /// From 0.
    pub cluster: u32,
    pub rows: u64,
    /// What sets it apart, strongest first, in words such as `Amount is high (median 210; elsewhere 35)`.
    pub traits: Vec<String>,
}

/// What clustering found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Clusters {
    pub groups: Vec<ClusterSummary>,
    /// Rows in no group.
    pub noise: u64,
    /// Silhouette of each number of groups that was tried.
    pub tried: Vec<(u32, f64)>,
}

/// What training says about a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrainReport {
    pub kind: ModelKind,
    pub task: Task,
    /// All of them, with the defaults of those that were not given.
    pub parameters: Parameters,
    /// Rows it was trained on.
    pub rows: u64,
    /// Rows there are; more than `rows` where they were sampled, or had no target.
    pub total_rows: u64,
    pub is_sample: bool,
    pub features: Vec<FeatureSummary>,
    /// The best known first.
    pub metrics: Vec<MetricValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confusion: Option<Confusion>,
    /// Strongest first.
    #[serde(default)]
    pub importance: Vec<Importance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<Clusters>,
    /// Of detectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<ScoreHistogram>,
    /// Sentences about what was left out, sampled or is doubtful.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// How far a feature has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DriftLevel {
    /// Below 0.1.
    Steady,
    /// Below 0.25.
    Moved,
    /// 0.25 and above: train again.
    Shifted,
}

impl DriftLevel {
    /// The usual reading of a population stability index.
    pub fn of(psi: f64) -> Self {
        if psi < 0.1 {
            Self::Steady
        } else if psi < 0.25 {
            Self::Moved
        } else {
            Self::Shifted
        }
    }
}

/// How far the distribution of a feature has moved since training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureDrift {
    pub feature: String,
    /// Population stability index.
    pub psi: f64,
    pub level: DriftLevel,
}

/// How far the data has moved since training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriftReport {
    /// Rows that were compared with the training data.
    pub rows: u64,
    /// The largest of the features.
    pub psi: f64,
    pub level: DriftLevel,
    /// Strongest first.
    pub features: Vec<FeatureDrift>,
    /// Share of rows with a value far outside the training data.
    pub outside: f64,
    /// Too few rows to say anything: levels are `steady` then.
    pub is_thin: bool,
}
