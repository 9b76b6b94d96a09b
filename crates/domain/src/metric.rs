//! A metric: a named number, asked for again and again or pushed from outside, and watched.

mod aggregate;
mod history;

pub use aggregate::{Aggregation, DEFAULT_WINDOW, Input};
pub use history::{Bucket, Period, Retention, reduce};

use crate::format::Format;
use crate::people::Access;
use crate::query::Query;
use crate::table::Cell;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Which direction is good news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Favourable {
    #[default]
    Up,
    Down,
    /// Neither is good or bad.
    None,
}

/// Where a value is going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Up,
    Down,
    Flat,
    #[default]
    Unknown,
}

/// The change from the previous value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trend {
    pub direction: Direction,
    /// Null when there is nothing to compare with.
    pub change: Option<f64>,
    /// In percent; null when the previous value is absent or zero.
    pub percent_change: Option<f64>,
}

impl Trend {
    /// Compares two values.
    pub fn between(previous: Option<f64>, current: Option<f64>) -> Self {
        let (Some(previous), Some(current)) = (previous, current) else {
            return Self::default();
        };
        let change = current - previous;
        let direction = if change > 0.0 {
            Direction::Up
        } else if change < 0.0 {
            Direction::Down
        } else {
            Direction::Flat
        };
        let percent_change = (previous != 0.0).then(|| change / previous.abs() * 100.0);
        Self { direction, change: Some(change), percent_change }
    }

    /// Whether it is good news: `None` when neither.
    pub fn is_good(&self, favourable: Favourable) -> Option<bool> {
        match (self.direction, favourable) {
            (Direction::Up, Favourable::Up) | (Direction::Down, Favourable::Down) => Some(true),
            (Direction::Up, Favourable::Down) | (Direction::Down, Favourable::Up) => Some(false),
            _ => None,
        }
    }
}

/// What a metric is to ask: a question, or a SELECT that gives its value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum MetricQuery {
    Sql(String),
    Query(Box<Query>),
}

impl From<Query> for MetricQuery {
    fn from(query: Query) -> Self {
        Self::Query(Box::new(query))
    }
}

impl<'de> Deserialize<'de> for MetricQuery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = MetricQuery;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a question or a SELECT")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<MetricQuery, E> {
                Ok(MetricQuery::Sql(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MetricQuery, A::Error> {
                Query::deserialize(MapAccessDeserializer::new(map)).map(MetricQuery::from)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for MetricQuery {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::RefOr;
        use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
        let sql = ObjectBuilder::new().schema_type(Type::String).description(Some("A SELECT"));
        let either = OneOfBuilder::new().item(utoipa::openapi::Ref::from_schema_name("Query")).item(sql);
        RefOr::T(Schema::OneOf(either.build()))
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for MetricQuery {}

/// The definition of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricDef {
    /// Chosen by its maker, `[a-z0-9_]+`.
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Absent when the values only come from outside.
    #[serde(default, skip_serializing_if = "is_no_question")]
    pub query: Query,
    /// Seconds between refreshes.
    pub refresh_interval: u32,
    pub format: Format,
    #[serde(default)]
    pub target: Option<f64>,
    #[serde(default)]
    pub favourable: Favourable,
    /// How several values become the one that is shown.
    #[serde(default)]
    pub aggregation: Aggregation,
    /// Over the values of how many seconds; without it, over the rows of the answer.
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

impl MetricDef {
    /// Whether its values only come from outside.
    pub fn is_pushed(&self) -> bool {
        is_no_question(&self.query)
    }

    /// The seconds whose values are gathered into the one that is shown; `None` when each value
    /// stands for itself. A rate without a window looks at the value before, however long ago.
    pub fn gathers(&self) -> Option<u32> {
        match self.aggregation {
            Aggregation::Latest => None,
            Aggregation::Rate => Some(self.window.unwrap_or(0)),
            _ if self.is_pushed() => Some(self.window.unwrap_or(DEFAULT_WINDOW)),
            _ => self.window,
        }
    }
}

fn is_no_question(query: &Query) -> bool {
    query.dataset.is_empty()
}

/// A metric with its latest value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metric {
    #[serde(flatten)]
    pub def: MetricDef,
    pub owner_id: String,
    pub owner_name: String,
    pub access: Access,
    /// Everyone who is signed in may see it.
    #[serde(default)]
    pub is_public: bool,
    #[serde(flatten)]
    pub reading: Reading,
}

/// What a metric last read; also what its topic carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reading {
    pub value: Option<f64>,
    pub formatted_value: String,
    /// RFC 3339, UTC; null before the first refresh.
    pub calculated_at: Option<String>,
    pub trend: Trend,
    /// `[time, value]`, newest last.
    #[serde(default)]
    pub history: Vec<(String, Option<f64>)>,
    /// The change from the value one period before; `period` of the definition says which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_trend: Option<Trend>,
    /// The distance from the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_trend: Option<Trend>,
    /// Why the last refresh failed.
    #[serde(default)]
    pub error: Option<String>,
    /// Since when no refresh has worked, RFC 3339.
    #[serde(default)]
    pub failing_since: Option<String>,
    /// How many refreshes have failed since then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// The stamp that a pushed value came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<f64>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Where a value stands beside others: the one before, those one period before, the target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trends {
    pub recent: Trend,
    pub hour: Trend,
    pub day: Trend,
    pub week: Trend,
    pub month: Trend,
    /// The distance from the target.
    pub target: Trend,
}

/// What one member of the breakdown read last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberReading {
    /// The value of the column; null where it has none.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub member: Cell,
    pub value: Option<f64>,
    pub formatted_value: String,
    pub trend: Trend,
    /// `[time, value]` of the last day, newest last.
    #[serde(default)]
    pub history: Vec<(String, Option<f64>)>,
}

/// A metric by the members of one column, largest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Breakdown {
    pub column: String,
    pub members: Vec<MemberReading>,
    /// There are more members than those.
    pub truncated: bool,
    /// What to know about it, such as what was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub calculated_at: Option<String>,
}
