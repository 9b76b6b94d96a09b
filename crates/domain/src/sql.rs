//! SQL of people who have the right: what they ask, and what they are told.

use crate::column::Column;
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// A SELECT to be run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SqlRequest {
    pub sql: String,
    /// Names or ids of the datasets that it may read. Default: all that the caller may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_scope: Option<Vec<String>>,
    /// Rows to return, 1 to 100,000; default 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// Its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SqlAnswer {
    pub table: Table,
    pub elapsed_ms: f64,
}

/// How the database would answer it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SqlPlan {
    /// A drawing in plain text.
    pub plan: String,
}

/// What can be written in SQL, for completion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SqlSchema {
    pub datasets: Vec<SqlDataset>,
    pub functions: Vec<SqlFunction>,
}

/// A dataset that SQL can read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SqlDataset {
    pub name: String,
    pub label: String,
    pub columns: Vec<Column>,
}

/// A way to call a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SqlFunction {
    pub name: String,
    /// Such as `round(x DOUBLE, precision INTEGER) -> DOUBLE`.
    pub signature: String,
    pub description: String,
}

/// A dataset to be made of a SELECT.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSqlDataset {
    /// `[a-z0-9_]+`; made from the label when empty.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub description: String,
    pub sql: String,
    /// Names or ids of the datasets that it may read. Default: all that its owner may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_scope: Option<Vec<String>>,
    #[serde(default)]
    pub is_public: bool,
}

/// The SELECT that a dataset is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SqlDefinition {
    pub sql: String,
    /// Ids of the datasets that it may read; absent: all that its owner may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_scope: Option<Vec<String>>,
    /// The names that it reads.
    #[serde(default)]
    pub reads: Vec<String>,
}
