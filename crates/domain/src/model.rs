//! What people say about the meaning of a dataset: columns worked out from others, hierarchies,
//! relationships to other datasets, other words for its columns. Every question may use it.

mod changes;

pub use changes::{ChangeKind, ModelChange, PartKind, changes, rebase};

use crate::column::{DataType, Role};
use crate::format::Format;
use crate::query::JoinKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The semantic model of a dataset, as it is stored, exported and imported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SemanticModel {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calculated: Vec<CalculatedColumn>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hierarchies: Vec<Hierarchy>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relationships: Vec<Relationship>,
    /// Other words for columns, by column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub synonyms: BTreeMap<String, Vec<String>>,
}

/// A column worked out from others of its row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CalculatedColumn {
    /// Unlike that of any other column of the dataset.
    pub name: String,
    /// Default: made from the name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Such as `amount - cost`. It may use other calculated columns.
    pub expression: String,
    /// Default: what its type suggests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
}

/// Columns to drill down along, such as country, region, city.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Hierarchy {
    /// `[a-z0-9_]+`, unique in the model; made from the name when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    pub name: String,
    /// From the widest to the finest; at least two.
    pub columns: Vec<String>,
}

/// How rows of another dataset belong to those of this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Relationship {
    /// Name of the other dataset.
    pub dataset: String,
    /// Pairs `[column here, column there]`; at least one.
    pub on: Vec<(String, String)>,
    #[serde(default)]
    pub kind: JoinKind,
    /// The name that qualifies its columns in questions. Default: the dataset's.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

impl Relationship {
    /// The name that its columns are qualified with.
    pub fn qualifier(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.dataset)
    }
}

/// A model with its version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetModel {
    /// Name of the dataset.
    pub dataset: String,
    pub model: SemanticModel,
    /// 0 before anybody saved a model; grows by one with every change.
    pub version: u64,
    /// RFC 3339, UTC; null before anybody saved a model.
    pub saved_at: Option<String>,
    /// Who saved it.
    pub saved_by: Option<String>,
    /// The parts of it that no longer fit the dataset; questions go without them.
    pub misfits: Vec<ModelMisfit>,
    /// Whether the caller may change it.
    pub can_edit: bool,
}

/// A part of a model that does not fit its dataset (any more).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelMisfit {
    /// The part, such as `calculated[0].expression`.
    pub field: String,
    /// A sentence that says what is wrong.
    pub message: String,
    /// A sentence that says what to do.
    pub hint: Option<String>,
}

/// An entry of the history of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelVersion {
    pub version: u64,
    /// RFC 3339, UTC.
    pub saved_at: String,
    pub saved_by: String,
    pub model: SemanticModel,
}

/// A model that was read from YAML and not saved, with everything that is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelDraft {
    /// Null where the text is not a model at all.
    pub model: Option<SemanticModel>,
    pub problems: Vec<ModelProblem>,
}

/// What is wrong in the text of a model, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelProblem {
    /// Counted from 1; null where no line can be named.
    pub line: Option<usize>,
    pub message: String,
    pub hint: Option<String>,
}

/// A dataset that could be joined, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinSuggestion {
    /// Name of the dataset.
    pub dataset: String,
    pub label: String,
    /// Pairs `[column here, column there]`.
    pub on: Vec<(String, String)>,
    pub kind: JoinKind,
    /// The name that qualifies its columns, where that is not the dataset's.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// 0 to 1; a relationship of the model has 1.
    pub confidence: f64,
    /// Why, in words.
    pub reason: String,
    /// Which part of the values here is found there, 0 to 1; null when it was not measured.
    pub overlap: Option<f64>,
    /// A row here matches at most one row there. Otherwise rows here repeat; measures stay right.
    pub is_unique: bool,
    /// It stands in the model.
    pub is_stored: bool,
}

/// An expression to be checked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ExpressionRequest {
    pub expression: String,
    /// The calculated column that it is for, which it then may not use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What comes of an expression: a type, or what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExpressionCheck {
    #[serde(rename = "type")]
    pub ty: Option<DataType>,
    /// The columns that it uses.
    pub columns: Vec<String>,
    pub fault: Option<ExpressionFault>,
}

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExpressionFault {
    pub message: String,
    pub hint: Option<String>,
    /// The first character that it is about, counted from 0.
    pub start: usize,
    /// The character after the last one.
    pub end: usize,
}

/// A function that expressions may call, for autocomplete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExpressionFunction {
    pub name: String,
    pub signature: String,
    /// What it does.
    pub doc: String,
    pub example: String,
}
