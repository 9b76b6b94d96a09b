//! A dataset: a table with typed columns, its versions and what is known about its values.

use crate::column::Column;
use crate::people::Access;
use crate::table::Cell;
use serde::{Deserialize, Serialize};

/// A named table with typed columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dataset {
    pub id: String,
    /// Unique, `[a-z0-9_]+`.
    pub name: String,
    pub label: String,
    pub description: String,
    pub owner_id: String,
    pub owner_name: String,
    pub columns: Vec<Column>,
    pub row_count: u64,
    pub bytes: u64,
    /// Grows by one with every append or replacement.
    pub version: u64,
    /// What it was loaded from: a file name, or a word such as `generated`.
    pub origin: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
    /// What the caller may do with it.
    pub access: Access,
    /// Everyone who is signed in may read it.
    pub is_public: bool,
    /// Rules hide rows or columns from the caller: `row_count` is what they see, and 0 in lists.
    #[serde(default)]
    pub is_narrowed: bool,
}

impl Dataset {
    /// Whether its rows lie in a source.
    pub fn is_of_source(&self) -> bool {
        self.origin.starts_with("source:")
    }

    /// Whether its rows lie in a source or are those of a SELECT, and not here.
    pub fn lies_elsewhere(&self) -> bool {
        self.is_of_source() || self.origin == "sql"
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}

/// What is known about the values of a dataset version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    pub version: u64,
    pub row_count: u64,
    pub columns: Vec<ColumnProfile>,
}

/// What is known about one column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ColumnProfile {
    pub name: String,
    pub missing: u64,
    /// Approximate above a million rows.
    pub distinct: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub min: Cell,
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub max: Cell,
    pub mean: Option<f64>,
    pub stddev: Option<f64>,
    /// 5th, 25th, 50th, 75th and 95th percentile of a number.
    #[serde(default)]
    pub quantiles: Vec<f64>,
    /// Counts over equal ranges of a number or a time.
    #[serde(default)]
    pub histogram: Vec<Bucket>,
    /// The most frequent values, most frequent first.
    #[serde(default)]
    pub top: Vec<Frequency>,
}

/// One bar of a histogram: values from `lo` (included) to `hi`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bucket {
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub lo: Cell,
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub hi: Cell,
    pub count: u64,
}

/// A value and how often it occurs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Frequency {
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub value: Cell,
    pub count: u64,
}

/// The kinds of file that can be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    Csv,
    Tsv,
    Json,
    Ndjson,
    Parquet,
    Xlsx,
    Arrow,
}

impl FileFormat {
    /// Guesses from the end of a file name.
    pub fn from_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension.to_ascii_lowercase().as_str() {
            "csv" | "txt" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "json" => Self::Json,
            "ndjson" | "jsonl" => Self::Ndjson,
            "parquet" | "pq" => Self::Parquet,
            "xlsx" | "xlsm" | "xls" | "xlsb" | "ods" => Self::Xlsx,
            "arrow" | "arrows" | "feather" | "ipc" => Self::Arrow,
            _ => return None,
        })
    }
}

/// How a file is to be read. What is absent is detected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LoadOptions {
    pub format: Option<FileFormat>,
    /// CSV: the character between fields.
    pub delimiter: Option<String>,
    /// CSV: the character around fields.
    pub quote: Option<String>,
    /// CSV: label of the character encoding, such as `utf-8` or `windows-1252`.
    pub encoding: Option<String>,
    /// CSV: whether the first row has the names.
    pub header: Option<bool>,
    /// CSV: 1.234,56 rather than 1,234.56.
    pub decimal_comma: Option<bool>,
    /// CSV: strftime pattern of dates, such as `%d.%m.%Y`.
    pub date_format: Option<String>,
    /// CSV: strftime pattern of timestamps.
    pub timestamp_format: Option<String>,
    /// CSV: rows with a wrong number of fields or unreadable values are left out and counted,
    /// instead of refusing the file.
    pub skip_bad_rows: bool,
    /// XLSX: which sheet. Default: the first one with cells.
    pub sheet: Option<String>,
    /// Names and types that differ from the detected ones, by detected name.
    pub columns: Vec<ColumnChoice>,
}

/// What a person decided about one column before loading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ColumnChoice {
    /// The name as detected.
    pub source: String,
    /// The name to give it. Default: as detected.
    #[serde(default)]
    pub name: Option<String>,
    /// The type to give it. Default: as detected.
    #[serde(rename = "type", default)]
    pub ty: Option<crate::column::DataType>,
    /// What it is for. Default: guessed from its name and values. `time` needs a date.
    #[serde(default)]
    pub role: Option<crate::column::Role>,
    /// Leave the column out.
    #[serde(default)]
    pub skip: bool,
}

/// What would be loaded: the detected columns with their first rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// The options with everything detected filled in.
    pub options: LoadOptions,
    /// Columns as they would be loaded; `source` names in `options.columns` run in the same order.
    pub columns: Vec<Column>,
    /// First rows, `rows[r][c]`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<serde_json::Value>>))]
    pub rows: Vec<Vec<Cell>>,
    /// XLSX: the names of all sheets.
    #[serde(default)]
    pub sheets: Vec<String>,
    /// Rows that cannot be read as they stand, the first ten of them.
    #[serde(default)]
    pub bad_rows: Vec<BadRow>,
    /// How many such rows were found in the part that was looked at.
    #[serde(default)]
    pub bad_row_count: u64,
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BadRow {
    /// Line in the file, from 1.
    pub line: u64,
    pub reason: String,
}
