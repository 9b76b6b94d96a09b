//! A column of a dataset: its type, its role in questions, and how its values are shown.

use crate::format::Format;
use serde::{Deserialize, Serialize};

/// The type of a column's values, the same for every source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DataType {
    Boolean,
    Integer,
    Float,
    Decimal,
    Text,
    Date,
    Time,
    Timestamp,
    Other,
}

impl DataType {
    /// Every type a person may choose for a column.
    pub const CHOICES: &'static [DataType] = &[
        DataType::Text,
        DataType::Integer,
        DataType::Float,
        DataType::Decimal,
        DataType::Boolean,
        DataType::Date,
        DataType::Timestamp,
        DataType::Time,
    ];

    /// Whether sums and averages make sense.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Float | Self::Decimal)
    }

    /// Whether it can be grouped by month or filtered by "last 30 days".
    pub fn is_time(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp)
    }

    /// The wire name, also shown to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Decimal => "decimal",
            Self::Text => "text",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Other => "other",
        }
    }
}

/// What a column is for in a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Time,
    Dimension,
    Measure,
}

impl Role {
    /// The wire name, also shown to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Dimension => "dimension",
            Self::Measure => "measure",
        }
    }
}

/// A typed column of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Column {
    pub name: String,
    pub label: String,
    #[serde(rename = "type")]
    pub ty: DataType,
    pub role: Role,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Worked out from other columns; its expression stands in the dataset's model.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_calculated: bool,
}
