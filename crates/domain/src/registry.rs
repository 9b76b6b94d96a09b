//! The registry of what was learned: models and detectors with their versions, what detectors found,
//! and what is asked of them. How they are trained is described in [`crate::learn`].

use crate::error::{Error, Result};
use crate::learn::{
    Contribution, DriftReport, Importance, MetricValue, ModelKind, OutsideRow, Parameters, Prediction, Task,
    TrainReport, TrainSpec,
};
use crate::notify::Recipient;
use crate::people::Access;
use crate::query::{Filter, Query};
use crate::table::Cell;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The most rows of one request for predictions.
pub const MOST_ROWS: usize = 1_000;
/// The most rows that are predicted as a dataset.
pub const MOST_BATCH: u64 = 100_000;
/// The most models of one person.
pub const MOST_MODELS: usize = 1_000;

/// What a model learns from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ModelSource {
    /// The rows of a dataset.
    Dataset {
        /// Its name or id.
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filter: Option<Filter>,
    },
    /// The answer to a question.
    Query { query: Box<Query> },
    /// The past of a metric: its columns are `time` and `value`.
    Metric { id: String },
    /// It came as a file, and learns nothing more.
    #[default]
    Nothing,
}

/// How often a model is trained again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Day,
    Week,
    /// Thirty days.
    Month,
}

impl Every {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Its length.
    pub fn ms(self) -> i64 {
        const DAY_MS: i64 = 24 * 3_600_000;
        match self {
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
            Self::Month => 30 * DAY_MS,
        }
    }
}

/// When a model is trained again by itself, with the eyes of its owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Retrain {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Every>,
    /// When new rows are no longer like those it was trained on.
    pub on_drift: bool,
}

/// What a model is to learn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelDef {
    #[serde(default)]
    pub source: ModelSource,
    pub spec: TrainSpec,
    /// Features whose values are encrypted wherever they are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
    #[serde(default)]
    pub retrain: Retrain,
    /// Who is told of a burst of anomalies; by default its owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Recipient>,
    /// What is found within so many minutes of each other belongs together.
    #[serde(default = "default_quiet")]
    pub quiet_minutes: u32,
}

fn default_quiet() -> u32 {
    60
}

impl ModelDef {
    /// Everything but source and spec as it is by default.
    pub fn new(source: ModelSource, spec: TrainSpec) -> Self {
        Self {
            source,
            spec,
            sensitive: Vec::new(),
            retrain: Retrain::default(),
            notify: Vec::new(),
            quiet_minutes: default_quiet(),
        }
    }

    /// What it is for.
    pub fn task(&self) -> Task {
        self.spec.kind.task()
    }
}

/// A model to be made. It is trained at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewModel {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub is_public: bool,
    pub def: ModelDef,
}

/// What changes of a model; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ModelPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retrain: Option<Retrain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<Vec<Recipient>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_minutes: Option<u32>,
    /// Out of use, or in use again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_deprecated: Option<bool>,
}

/// How a model stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelStatus {
    /// No version is there yet.
    Training,
    Active,
    /// It answers no longer.
    Deprecated,
}

impl ModelStatus {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Active => "active",
            Self::Deprecated => "deprecated",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Training => "Training",
            Self::Active => "Active",
            Self::Deprecated => "Out of use",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Training, Self::Active, Self::Deprecated].into_iter().find(|s| s.as_str() == text)
    }
}

/// A version that answers a share of the questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Trial {
    pub version: u32,
    /// In percent, 1 to 99; with 0 the trial ends.
    pub share: u32,
}

/// What a version was trained on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct TrainingData {
    /// The dataset or metric in words.
    pub label: String,
    pub dataset_id: Option<String>,
    /// The version of its dataset.
    pub data_version: u64,
    pub rows: u64,
    pub total_rows: u64,
    pub is_sample: bool,
    /// Rules hid something of it from whoever trained.
    pub is_narrowed: bool,
}

/// A model as its readers see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Model {
    pub id: String,
    pub name: String,
    pub description: String,
    pub owner_id: String,
    pub owner_name: String,
    pub access: Access,
    pub is_public: bool,
    pub model_type: Task,
    pub kind: ModelKind,
    pub features: Vec<String>,
    pub target: Option<String>,
    pub hyperparameters: Parameters,
    pub def: ModelDef,
    pub status: ModelStatus,
    /// The version that answers.
    pub version: Option<u32>,
    pub trial: Option<Trial>,
    /// Figures of the active version; none where rules hide some of its data from the reader.
    pub metrics: Vec<MetricValue>,
    pub training_data: Option<TrainingData>,
    /// Where its file lies in the data directory.
    pub model_path: Option<String>,
    pub last_prediction: Option<String>,
    pub prediction_count: u64,
    /// The job that trains it now.
    pub job: Option<String>,
    /// Why the last training came to nothing.
    pub error: Option<String>,
    pub retrain_at: Option<String>,
    /// How far new rows are from those it was trained on, when that was last looked at.
    pub drift: Option<DriftReport>,
    /// What is made of all rows is not shown: the reader may not see all of them.
    pub is_narrowed: bool,
    pub created_at: String,
    pub updated_at: String,
}

/// One version of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LearnedVersion))]
pub struct ModelVersion {
    pub version: u32,
    pub is_active: bool,
    pub is_trial: bool,
    /// What training found; none where rules hide some of its data from the reader.
    pub report: Option<TrainReport>,
    pub training: TrainingData,
    /// From which score on a row is told, of detectors.
    pub threshold: Option<f64>,
    pub sha256: String,
    pub bytes: u64,
    /// Its file is encrypted.
    pub is_sealed: bool,
    pub prediction_count: u64,
    pub last_prediction: Option<String>,
    pub trained_by: String,
    pub trained_at: String,
}

/// A version on data of now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveFigures {
    pub version: u32,
    /// On the rows that the reader sees now.
    pub metrics: Vec<MetricValue>,
    pub importance: Vec<Importance>,
    /// How many predictions it has made.
    pub prediction_count: u64,
}

/// Two versions side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comparison {
    pub versions: Vec<LiveFigures>,
    /// Rows they were compared on.
    pub rows: u64,
    /// Share of the rows for which both say the same, from 0 to 1.
    pub agreement: Option<f64>,
}

/// What people think of an anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnomalyStatus {
    New,
    /// Somebody knows.
    Acknowledged,
    /// It is not an anomaly.
    Dismissed,
}

impl AnomalyStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::New, Self::Acknowledged, Self::Dismissed];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged => "acknowledged",
            Self::Dismissed => "dismissed",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Acknowledged => "Acknowledged",
            Self::Dismissed => "Not an anomaly",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// What somebody thinks of an anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    pub status: AnomalyStatus,
}

/// What is kept of a row that was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Found {
    /// The row as it was given, from 0.
    pub index: usize,
    /// Its values, by column.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: BTreeMap<String, Cell>,
    pub because: Vec<Contribution>,
    pub expected: Option<f64>,
    /// In which members what was found with it is concentrated.
    /// In which members it is concentrated, in sentences.
    pub carriers: Vec<String>,
    /// The column that its moment is of.
    pub time_column: Option<String>,
}

/// A row that a detector found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnomalyItem {
    pub id: String,
    pub model_id: String,
    pub version: u32,
    pub score: f64,
    /// The moment that the row is of.
    pub at: Option<String>,
    pub burst: String,
    pub detected_at: String,
    pub status: AnomalyStatus,
    pub status_by: Option<String>,
    pub status_at: Option<String>,
    #[serde(flatten)]
    pub found: Found,
}

/// What a threshold would flag among the rows of now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Flagged {
    pub threshold: f64,
    /// Rows at or above it.
    pub flagged: u64,
    pub rows: u64,
    /// The oddest of them.
    pub anomalies: Vec<crate::learn::Anomaly>,
}

/// Where a detector decides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub threshold: f64,
}

/// Rows to be predicted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RowsToPredict {
    /// 1 to 1,000 rows, each an object of its features.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub rows: Vec<Map<String, Value>>,
}

/// What is predicted for a row, and by which version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Predicted {
    pub version: u32,
    #[serde(flatten)]
    pub prediction: Prediction,
}

/// The answer to rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredictionAnswer {
    /// One per row.
    pub predictions: Vec<Predicted>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Rows whose inputs are far outside the training data.
    pub outside: Vec<OutsideRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Rows of a dataset to be predicted into a dataset of their own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    /// Name or id of the dataset, whose rows are read as the caller sees them.
    pub dataset: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// The name of the dataset that is made, or whose rows are replaced.
    pub name: String,
}

/// What a batch has made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchResult {
    /// The dataset's name.
    pub dataset: String,
    pub rows: u64,
    /// Rows whose inputs are far outside the training data.
    pub outside: u64,
    pub notes: Vec<String>,
}

/// A moment that a detector found unusual, on a chart along that time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeMark {
    /// The detector.
    pub model_id: String,
    pub name: String,
    /// The column that its time is of.
    pub column: String,
    pub at: String,
}

/// Refuses a name that is none.
///
/// # Errors
/// It is empty, longer than 100 characters, or more than one line.
pub fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if !(1..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Error::invalid("A model needs a name of one line with 1 to 100 characters.").field("name"));
    }
    Ok(name.to_owned())
}
