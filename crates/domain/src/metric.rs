//! A metric: a named question with one value, kept fresh and watched.

use crate::format::Format;
use crate::people::Access;
use crate::query::Query;
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
    pub query: Query,
    /// Seconds between refreshes.
    pub refresh_interval: u32,
    pub format: Format,
    #[serde(default)]
    pub target: Option<f64>,
    #[serde(default)]
    pub favourable: Favourable,
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
    /// Why the last refresh failed.
    #[serde(default)]
    pub error: Option<String>,
    /// The stamp that a pushed value came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<f64>,
}
