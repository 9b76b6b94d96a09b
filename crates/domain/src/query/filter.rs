//! Which rows a question is about.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which rows: conditions joined by and, or.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawFilter", into = "RawFilter")]
pub enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Is(Condition),
}

impl Filter {
    /// A single condition.
    pub fn is(column: &str, op: Op, value: impl Into<Value>) -> Self {
        Self::Is(Condition { column: column.to_owned(), op, value: value.into(), case_sensitive: false })
    }

    /// Both, where each is given.
    pub fn both(a: Option<Filter>, b: Option<Filter>) -> Option<Filter> {
        match (a, b) {
            (Some(a), Some(b)) => Some(Self::And(vec![a, b])),
            (a, b) => a.or(b),
        }
    }

    /// Calls `f` for each condition in it.
    pub fn each<'a>(&'a self, f: &mut dyn FnMut(&'a Condition)) {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().for_each(|x| x.each(f)),
            Self::Is(condition) => f(condition),
        }
    }
}

/// One test of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub column: String,
    pub op: Op,
    /// Its shape depends on the operator: a scalar, `[lo, hi]`, a list, a [`Relative`](super::Relative), a [`TopN`](super::TopN).
    pub value: Value,
    pub case_sensitive: bool,
}

/// The wire form of [`Filter`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Filter, no_recursion))]
#[serde(deny_unknown_fields)]
pub struct RawFilter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    and: Option<Vec<Filter>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    or: Option<Vec<Filter>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    op: Option<Op>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    value: Value,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    case_sensitive: bool,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Filter {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        RawFilter::schema()
    }
}
#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Filter {}

impl TryFrom<RawFilter> for Filter {
    type Error = String;

    fn try_from(raw: RawFilter) -> Result<Self, String> {
        match raw {
            RawFilter { and: Some(all), or: None, column: None, op: None, .. } => Ok(Self::And(all)),
            RawFilter { and: None, or: Some(any), column: None, op: None, .. } => Ok(Self::Or(any)),
            RawFilter { and: None, or: None, column: Some(column), op: Some(op), value, case_sensitive } => {
                Ok(Self::Is(Condition { column, op, value, case_sensitive }))
            }
            _ => Err("a filter is {\"and\": [...]}, {\"or\": [...]} or {\"column\", \"op\", \"value\"}".into()),
        }
    }
}

impl From<Filter> for RawFilter {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::And(all) => Self { and: Some(all), ..Self::default() },
            Filter::Or(any) => Self { or: Some(any), ..Self::default() },
            Filter::Is(c) => Self {
                column: Some(c.column),
                op: Some(c.op),
                value: c.value,
                case_sensitive: c.case_sensitive,
                ..Self::default()
            },
        }
    }
}

/// How a column is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Op {
    Eq,
    /// Keeps NULL rows.
    Ne,
    Gt,
    Gte,
    Lt,
    Lte,
    /// Both ends included.
    Between,
    NotBetween,
    In,
    /// Keeps NULL rows.
    NotIn,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    IsNull,
    IsNotNull,
    Relative,
    IsTrue,
    IsFalse,
    TopN,
}
