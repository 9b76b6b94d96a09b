//! Sources: places outside Orrery whose tables can be asked as they lie there.

use crate::column::Column;
use crate::dataset::Dataset;
use crate::lineage::DatasetLink;
use crate::table::Cell;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A kind of source, with the form that describes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceKind {
    /// `postgres`, `duckdb_file` or `folder`.
    pub kind: String,
    pub label: String,
    /// What it is, in a sentence or two.
    pub about: String,
    /// Whether it says when rows have changed. Where it does not, answers are kept for a time.
    pub tells_changes: bool,
    pub fields: Vec<SourceField>,
}

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceField {
    /// The key in `settings`.
    pub name: String,
    pub label: String,
    pub about: String,
    pub input: SourceInput,
    pub required: bool,
    /// What it is when it is left out.
    pub default: Option<String>,
    /// What a choice may be.
    pub choices: Vec<String>,
}

/// How a field of the form is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceInput {
    Text,
    /// Several lines.
    LongText,
    Number,
    Choice,
    Flag,
    /// Kept encrypted and never shown again.
    Secret,
}

/// A place whose tables can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Source {
    pub id: String,
    /// What people call it; unique.
    pub name: String,
    pub kind: String,
    /// What the form said, without the password.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: Map<String, Value>,
    pub has_password: bool,
    /// Whether it says when rows have changed. Where it does not, answers are kept for a time.
    pub tells_changes: bool,
    /// The datasets that read from it.
    pub datasets: u64,
    /// What came of the last try to reach it; null when it was not tried since it was described.
    pub state: Option<SourceState>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

impl Source {
    /// Where it is, in a line.
    pub fn address(&self) -> String {
        let text = |key: &str| self.settings.get(key).and_then(Value::as_str);
        if let Some(path) = text("path") {
            return match text("pattern") {
                Some(pattern) => format!("{}/{pattern}", path.trim_end_matches('/')),
                None => path.to_owned(),
            };
        }
        let port = self.settings.get("port").and_then(Value::as_u64).map(|p| format!(":{p}")).unwrap_or_default();
        format!("{}{port}/{}", text("host").unwrap_or_default(), text("database").unwrap_or_default())
    }
}

/// What came of a try to reach a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceState {
    /// RFC 3339, UTC.
    pub at: String,
    pub ok: bool,
    /// What answered, or why nothing did.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A source to be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    pub name: String,
    pub kind: String,
    /// What the kind's form asks for, the password too.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: Map<String, Value>,
}

/// What of a source is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SourcePatch {
    pub name: Option<String>,
    /// All settings anew; a password that is left out stays as it is.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub settings: Option<Map<String, Value>>,
}

/// Whether a source answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceTest {
    pub ok: bool,
    /// What answered, or why nothing did.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    pub elapsed_ms: f64,
}

/// A table of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceTable {
    /// How to name it: `public.orders`, `orders.csv`.
    pub name: String,
    /// About how many rows, where the source knows without counting.
    pub rows: Option<u64>,
    pub columns: Vec<Column>,
    /// A free name for a dataset of it.
    pub dataset_name: String,
    /// The datasets that are this table.
    pub datasets: Vec<DatasetLink>,
}

/// A table of a source in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableEntry {
    pub name: String,
    pub rows: Option<u64>,
    pub columns: usize,
    pub dataset_name: String,
    pub datasets: Vec<DatasetLink>,
}

impl From<SourceTable> for TableEntry {
    fn from(table: SourceTable) -> Self {
        let SourceTable { name, rows, columns, dataset_name, datasets } = table;
        Self { name, rows, columns: columns.len(), dataset_name, datasets }
    }
}

/// A table of a source, looked into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableLook {
    pub columns: Vec<Column>,
    /// Its first rows: `rows[r][c]`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<serde_json::Value>>))]
    pub rows: Vec<Vec<Cell>>,
}

/// Tables that are to become datasets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceDatasets {
    pub tables: Vec<ChosenTable>,
}

/// A table that is to become a dataset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChosenTable {
    /// Its name in the list of tables.
    pub table: String,
    /// Name of the dataset; made from that of the table when absent.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub label: Option<String>,
    /// Seconds for which answers are kept where the source cannot tell whether its rows changed;
    /// 300 when absent, 0 for never.
    #[serde(default)]
    pub cache_duration: Option<u32>,
}

/// The datasets that were made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeDatasets {
    pub datasets: Vec<Dataset>,
}
