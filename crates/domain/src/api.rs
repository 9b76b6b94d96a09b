//! What the use cases take and give: the same for server functions, REST and the command line.

use crate::Column;
use crate::chart::{ChartSpec, Encodings};
use crate::dashboard::{Layout, SketchTile};
use crate::dataset::{BadRow, Dataset, LoadOptions};
use crate::error::Error;
use crate::format::Format;
use crate::lineage::DatasetLink;
use crate::metric::{Aggregation, Favourable, MetricQuery, Period, Reading, Retention};
use crate::people::{Scope, Token, UserRole};
use crate::query::Query;
use crate::registry::TimeMark;
use crate::report::{Parameter, ReportDef};
use crate::table::Table;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// A piece of long work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    pub id: String,
    pub kind: String,
    /// `queued`, `running`, `succeeded`, `failed`, `cancelled`, or `dead`: tried as often as it may be.
    pub status: String,
    /// 0 to 1.
    pub progress: f64,
    pub bytes_done: u64,
    pub bytes_total: u64,
    pub rows: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub result: Option<Value>,
    pub error: Option<Error>,
    /// Whose work it is; empty for the server's own.
    #[serde(default)]
    pub owner_name: String,
    /// How often it was begun.
    #[serde(default)]
    pub attempts: u32,
    /// RFC 3339.
    #[serde(default)]
    pub due_at: String,
    #[serde(default)]
    pub created_at: String,
    #[serde(default)]
    pub updated_at: String,
    /// Whether it can be done again as it is.
    #[serde(default)]
    pub can_retry: bool,
}

/// Which jobs an administrator sees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(default)]
pub struct JobsRequest {
    /// Only those that are so: a word of `status`.
    pub status: Option<String>,
}

/// How the refreshes of metrics keep their times.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsClock {
    /// Metrics that are refreshed by time.
    pub metrics: usize,
    pub failing: usize,
    /// Refreshes since the server was started.
    pub refreshes: u64,
    /// From when a value is due until it is kept, of the last refreshes, in milliseconds.
    pub lag_p50_ms: u64,
    pub lag_p99_ms: u64,
}

impl Job {
    /// Whether it has come to an end, good or bad.
    pub fn is_over(&self) -> bool {
        !matches!(self.status.as_str(), "queued" | "running")
    }
}

/// What to do with rows when the name is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LoadMode {
    /// Answer 409.
    #[default]
    Create,
    /// The rows of the file take the place of the old ones.
    Replace,
    /// The rows of the file come after the old ones.
    Append,
}

/// A file that has arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Staged {
    pub id: String,
    pub file_name: String,
    pub bytes: u64,
}

/// What to make of a staged file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LoadRequest {
    /// Name of the dataset; made from the file name when empty.
    pub name: String,
    pub label: Option<String>,
    pub mode: LoadMode,
    pub options: LoadOptions,
}

/// What of a dataset is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DatasetPatch {
    pub label: Option<String>,
    pub description: Option<String>,
    pub is_public: Option<bool>,
    /// Columns whose label, role, description or format change; names and types stay.
    pub columns: Option<Vec<Column>>,
    /// Seconds for which answers are kept, where a source cannot tell whether its rows changed.
    pub cache_duration: Option<u32>,
}

/// Which rows to show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[serde(default)]
pub struct RowsRequest {
    pub limit: Option<u64>,
    pub offset: u64,
    /// Column to sort by.
    pub sort: Option<String>,
    /// Largest first.
    pub descending: bool,
}

/// Which distinct values of a column to list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[serde(default)]
pub struct ValuesRequest {
    /// Part of the value, whatever its case.
    pub search: String,
    pub limit: Option<u64>,
}

/// What kind of thing uses a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UsageKind {
    /// A tile of a dashboard.
    Tile,
    /// A control of a dashboard's filter bar.
    Filter,
    Metric,
    /// A calculated column of a model.
    Calculated,
    Hierarchy,
    Relationship,
    Report,
    Forecast,
    Alert,
    /// A dataset that is a SELECT over this one.
    Dataset,
}

impl UsageKind {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Tile => "Tile",
            Self::Filter => "Filter",
            Self::Metric => "Metric",
            Self::Calculated => "Calculated column",
            Self::Hierarchy => "Hierarchy",
            Self::Relationship => "Join",
            Self::Report => "Report",
            Self::Forecast => "Forecast",
            Self::Alert => "Alert",
            Self::Dataset => "SQL dataset",
        }
    }
}

/// Something that uses columns of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    pub kind: UsageKind,
    /// Id of the tile, the control or the metric; name of the dataset; in a model the name of the
    /// column, the id of the hierarchy, the name of the other dataset.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Where it is; null for what stands on no dashboard.
    pub dashboard: Option<DashboardLink>,
    /// Name of the dataset whose model it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The columns of the dataset that it asks for, sorted.
    pub columns: Vec<String>,
    /// It does not ask the dataset itself but this SELECT over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<DatasetLink>,
}

impl Usage {
    /// Its address.
    pub fn href(&self) -> String {
        match (&self.dashboard, &self.dataset, self.kind) {
            (Some(dashboard), ..) => format!("/dashboards/{}", dashboard.slug),
            (None, Some(dataset), _) => format!("/data/{dataset}"),
            (None, None, UsageKind::Dataset) => format!("/data/{}", self.id),
            (None, None, UsageKind::Alert) => format!("/alerts/{}", self.id),
            (None, None, UsageKind::Forecast) => format!("/forecasts/{}", self.id),
            (None, None, UsageKind::Report) => format!("/reports/{}", self.id),
            (None, None, _) => format!("/metrics/{}", self.id),
        }
    }
}

/// A dashboard by its address and name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DashboardLink {
    pub id: String,
    pub slug: String,
    pub name: String,
}

/// A tile that is drawn by a plug-in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PluginUse {
    pub dashboard: DashboardLink,
    /// Id of the tile.
    pub tile: String,
    pub title: String,
}

/// Something that does not fit the dataset it uses any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Misfit {
    #[serde(flatten)]
    pub usage: Usage,
    /// Columns it asks for that are not there; empty when one is there with an unfit type.
    pub missing: Vec<String>,
    /// A sentence that says what is wrong.
    pub message: String,
    /// A sentence that says what to do.
    pub hint: Option<String>,
}

/// A dataset after a load, and what no longer fits it. The result of a job that loads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadResult {
    #[serde(flatten)]
    pub dataset: Dataset,
    /// Of what the caller may see.
    #[serde(default)]
    pub misfits: Vec<Misfit>,
    /// Rows that were left out because they cannot be read.
    #[serde(default)]
    pub rejected: u64,
    /// The first ten of them.
    #[serde(default)]
    pub rejects: Vec<BadRow>,
}

/// What an append did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppendResult {
    pub appended: u64,
    pub version: u64,
}

/// A dashboard to be made. Only name and layout are required.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewDashboard {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_duration: Option<u32>,
    pub layout: Layout,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    #[serde(default)]
    pub settings: Map<String, Value>,
    #[serde(default)]
    pub is_public: bool,
    #[serde(default)]
    pub is_default: bool,
}

/// What of a dashboard is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DashboardPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub slug: Option<String>,
    pub theme: Option<String>,
    pub cache_duration: Option<u32>,
    pub layout: Option<Layout>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub settings: Option<Map<String, Value>>,
    pub is_public: Option<bool>,
    pub is_default: Option<bool>,
}

/// What a tile shows: its chart, the answer to its question, and where that came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TileData {
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub spec: ChartSpec,
    /// The question with everything filled in; absent for a tile of a metric.
    pub query: Option<Query>,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub table: Table,
    /// A tile of a metric: what it reads.
    pub reading: Option<MetricReading>,
    pub elapsed_ms: f64,
    pub cached: bool,
    /// Version of the dataset; 0 for a metric.
    pub version: u64,
    /// Filters that were left out because the dataset lacks their column.
    pub ignored_filters: Vec<String>,
    /// What the database was asked, where it is shown and the caller may see SQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Moments that detectors found unusual.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<TimeMark>,
}

/// A metric as its tile needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricReading {
    pub id: String,
    pub name: String,
    pub format: Format,
    pub target: Option<f64>,
    pub favourable: Favourable,
    #[serde(flatten)]
    pub reading: Reading,
}

/// A metric to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMetric {
    /// `[a-z0-9_]+`; made from the name when empty.
    #[serde(default)]
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// A question, or a SELECT as a string; absent when the values only come from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<MetricQuery>,
    /// Seconds; default 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_interval: Option<u32>,
    #[serde(default)]
    pub format: Format,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    #[serde(default)]
    pub favourable: Favourable,
    #[serde(default)]
    pub is_public: bool,
    /// Where the data is, for programs that name it; the question says it already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<String>,
    /// How several values become one: the rows of the answer, or with `window` the values of so
    /// many seconds.
    #[serde(default)]
    pub aggregation: Aggregation,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<u32>,
    /// The period with whose value each reading is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The column for each of whose members there is a value too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<String>,
    #[serde(default)]
    pub retention: Retention,
}

/// What of a metric is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MetricPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    /// A question, or a SELECT as a string.
    pub query: Option<MetricQuery>,
    pub refresh_interval: Option<u32>,
    pub format: Option<Format>,
    /// Null takes the target away.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub target: Option<Option<f64>>,
    pub favourable: Option<Favourable>,
    pub is_public: Option<bool>,
    pub aggregation: Option<Aggregation>,
    /// Null takes the window away.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub window: Option<Option<u32>>,
    /// Null compares with no period.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Period>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub period: Option<Option<Period>>,
    /// Null ends the breakdown.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Option<String>>,
    pub retention: Option<Retention>,
}

/// Which part of a metric's past.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(default)]
pub struct HistoryRequest {
    /// RFC 3339; a day before `to` when absent.
    pub from: Option<String>,
    /// RFC 3339; now when absent.
    pub to: Option<String>,
    /// At most so many points, 1 to 5,000; default 500.
    pub points: Option<u32>,
    /// A member of the breakdown, as text.
    pub member: Option<String>,
}

/// A point of a metric's past: all values from `at` until the next point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryValue {
    /// RFC 3339.
    pub at: String,
    /// The last of them.
    pub value: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub avg: Option<f64>,
    pub count: u64,
}

/// A part of a metric's past.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricHistory {
    pub from: String,
    pub to: String,
    /// Oldest first.
    pub points: Vec<HistoryValue>,
}

/// A value of a metric that was made elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PushedValue {
    pub value: f64,
    /// RFC 3339; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Comes back in the pushed message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<f64>,
}

/// A report to be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewReport {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(flatten)]
    pub def: ReportDef,
    #[serde(default)]
    pub is_public: bool,
}

/// What of a report is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReportPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub query: Option<Query>,
    pub chart_type: Option<String>,
    pub encodings: Option<Encodings>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub options: Option<Map<String, Value>>,
    /// All of them; what is not in the list goes.
    pub parameters: Option<Vec<Parameter>>,
    pub is_public: Option<bool>,
}

/// Tells a null that was given from a field that is absent.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What of a user is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct UserPatch {
    pub role: Option<UserRole>,
    pub is_active: Option<bool>,
    pub password: Option<String>,
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    pub label: String,
    pub scope: Scope,
    /// Absent: it does not expire.
    #[serde(default)]
    pub expires_in_days: Option<u32>,
}

/// A fresh token: its secret is shown once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewToken {
    pub secret: String,
    #[serde(flatten)]
    pub token: Token,
}

/// A dashboard that can be made of any dataset with the columns it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    pub id: String,
    pub name: String,
    pub description: String,
    /// In words, what a dataset must have.
    pub needs: String,
    pub sketch: Vec<SketchTile>,
    /// Names of the caller's datasets that have it.
    pub suits: Vec<String>,
}
