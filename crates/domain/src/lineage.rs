//! Where the rows of a dataset come from, and what uses them.

use crate::api::Usage;
use serde::{Deserialize, Serialize};

/// A dataset by its address and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetLink {
    pub id: String,
    pub name: String,
    pub label: String,
}

/// A source by its address and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceLink {
    pub id: String,
    pub name: String,
}

/// What kind of thing the rows of a dataset come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OriginKind {
    /// Rows that were loaded or appended.
    Upload,
    /// A table of a source, asked where it lies.
    Source,
    /// A SELECT over other datasets.
    Sql,
}

/// Where the rows of a dataset come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    pub kind: OriginKind,
    /// The file that was loaded, or the table of the source; empty for a SELECT.
    pub name: String,
    /// The kind of source, in words.
    pub source_kind: Option<String>,
    /// The source, for administrators.
    pub source: Option<SourceLink>,
    /// What a SELECT reads, of what the caller may see.
    pub reads: Vec<DatasetLink>,
    /// Seconds for which answers are kept, where the source cannot tell whether its rows changed.
    pub cache_duration: Option<u32>,
}

/// A dataset between what it comes from and what uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lineage {
    pub origin: Origin,
    /// Of what the caller may see.
    pub usages: Vec<Usage>,
}

/// A dataset that reads from a source, and what uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceUse {
    pub dataset: DatasetLink,
    /// The table that it is.
    pub table: String,
    pub usages: Vec<Usage>,
}
