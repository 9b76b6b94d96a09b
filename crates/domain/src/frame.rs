//! A table in memory, column by column, as statistics want it: numbers as `f64`, text as codes of
//! members, times as microseconds.

use crate::format::Format;
use crate::{DataType, Role};

/// The code of a missing member.
pub const MISSING_MEMBER: u32 = u32::MAX;
/// The value of a missing time.
pub const MISSING_TIME: i64 = i64::MIN;

/// Columns of the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    pub columns: Vec<FrameColumn>,
    /// Rows in every column.
    pub rows: usize,
    /// Rows there are; more than `rows` where these are a sample.
    pub total_rows: u64,
}

/// One column of a [`Frame`].
#[derive(Clone, Debug, PartialEq)]
pub struct FrameColumn {
    pub name: String,
    /// What people call it.
    pub label: String,
    pub ty: DataType,
    pub role: Role,
    pub format: Option<Format>,
    pub values: Values,
}

/// The values of a column, one per row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Integers, floats and decimals; what is missing, and NaN, is NaN. Infinities may be there.
    Number(Vec<f64>),
    /// Text and booleans: `codes[r]` is a place in `members`, or [`MISSING_MEMBER`]. Members are
    /// distinct, in the order of their first row.
    Member { codes: Vec<u32>, members: Vec<String> },
    /// Dates and timestamps: microseconds since 1970 UTC, or [`MISSING_TIME`].
    Time(Vec<i64>),
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Member { codes, .. } => codes.len(),
            Self::Time(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the value of a row is missing.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(values) => values[row].is_nan(),
            Self::Member { codes, .. } => codes[row] == MISSING_MEMBER,
            Self::Time(values) => values[row] == MISSING_TIME,
        }
    }

    /// The numbers, where it holds numbers.
    pub fn numbers(&self) -> Option<&[f64]> {
        match self {
            Self::Number(values) => Some(values),
            _ => None,
        }
    }

    /// The codes and what they stand for, where it holds members.
    pub fn members(&self) -> Option<(&[u32], &[String])> {
        match self {
            Self::Member { codes, members } => Some((codes, members)),
            _ => None,
        }
    }

    /// The times in microseconds, where it holds times.
    pub fn times(&self) -> Option<&[i64]> {
        match self {
            Self::Time(values) => Some(values),
            _ => None,
        }
    }
}

impl Frame {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&FrameColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether these are some of the rows only.
    pub fn is_sample(&self) -> bool {
        self.total_rows > self.rows as u64
    }
}
