//! A question as data: the one form that Explore, tiles, alerts, forecasts, exports and the API
//! share. Only `semantic` turns it into SQL.

mod dimension;
mod filter;
mod measure;
mod relative;
mod sentence;

pub use dimension::{Bin, Dimension, Grain};
pub use filter::{Condition, Filter, Op, RawFilter};
pub use measure::{Agg, Calc, CalcKind, CalcOver, Measure};
pub use relative::{AsOf, Relative, RelativeOf, RelativeUnit, TopN};
pub use sentence::sentence;

use serde::{Deserialize, Serialize};

/// Rows returned when a question names no limit.
pub const DEFAULT_LIMIT: u64 = 1_000;
/// The most rows one answer may have.
pub const MAX_LIMIT: u64 = 100_000;
/// The output that says of which dimensions a row takes all members: one bit each, the first
/// dimension's the highest, 1 where it does. Only in answers with subtotals.
pub const GROUPING: &str = "grouping_id";

/// A question. Neither dimensions nor measures: raw rows by `columns`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Name or id of the dataset.
    pub dataset: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Join>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<Dimension>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// Raw rows: the columns to return.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub having: Option<Filter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Order>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset: u64,
    /// IANA name of the time zone in which grains and relative dates are meant. Default UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The day that weeks begin with, 1 (Monday, the default) to 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week_start: Option<u8>,
    /// The month that years and quarters begin with, 1 (January, the default) to 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_year_start: Option<u8>,
    /// The same measures of an earlier stretch of time, beside these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// What stands in the gaps of the time dimension. Default: gaps have no rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<Fill>,
    /// The name of the row that gathers what `top_n` leaves out. Default "Others".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others_label: Option<String>,
    /// Further groups in the same answer: each the output names of some of the dimensions, none of
    /// them for the total of everything. The last column of the answer is then `grouping_id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subtotals: Vec<Vec<String>>,
}

impl Query {
    /// Whether it is a single aggregate of one dataset, which can be part of other questions.
    pub fn is_one_aggregate(&self) -> bool {
        let is_plain = self.joins.is_empty() && self.dimensions.is_empty() && self.columns.is_empty();
        let part = match self.measures.as_slice() {
            [part] => part.metric.is_none() && part.calc.is_none(),
            _ => false,
        };
        part && is_plain && self.having.is_none() && self.compare.is_none()
    }
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Rows of another dataset matched by equal columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Join {
    pub dataset: String,
    /// Pairs `[column here, column there]`; at least one.
    #[serde(default)]
    pub on: Vec<(String, String)>,
    #[serde(default)]
    pub kind: JoinKind,
    /// The name that qualifies its columns. Default: `dataset` as written here.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

impl Join {
    /// What stands before the point in `airlines.name`.
    pub fn qualifier(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.dataset)
    }
}

/// Whether rows without a match stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JoinKind {
    Inner,
    #[default]
    Left,
}

/// A comparison with an earlier stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Compare {
    pub to: CompareTo,
    /// The column that tells when. Default: the time dimension's, else that of the filter's date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is added for each measure. Default: its previous value.
    #[serde(default = "previous_only", skip_serializing_if = "is_previous_only")]
    pub show: Vec<Compared>,
}

/// Which earlier stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CompareTo {
    /// As long as the stretch of the filter and just before it; without one, a grain earlier.
    PreviousPeriod,
    /// The same dates a year earlier; weeks are compared with those 52 weeks earlier.
    PreviousYear,
}

/// A column added by a comparison: `{measure}_previous`, `{measure}_change`, `{measure}_percent_change`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    Previous,
    Change,
    PercentChange,
}

fn previous_only() -> Vec<Compared> {
    vec![Compared::Previous]
}

fn is_previous_only(show: &[Compared]) -> bool {
    show == [Compared::Previous]
}

/// What a measure is in a period without rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// There is a row, without a value.
    Null,
    Zero,
    /// What it was in the period before.
    Previous,
}

/// A sort key: an output name, or a dimension's column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Order {
    pub by: String,
    #[serde(default)]
    pub dir: Dir,
}

/// Up or down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Dir {
    #[default]
    Asc,
    Desc,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_contract_round_trips() {
        let json = serde_json::json!({
            "dataset": "flights",
            "joins": [{"dataset": "airlines", "on": [["carrier", "carrier"]], "kind": "left"}],
            "dimensions": [{"column": "time_hour", "grain": "month"}, {"column": "airlines.name"},
                           {"column": "distance", "bin": {"width": 500.0}}],
            "measures": [{"agg": "count"}, {"column": "dep_delay", "agg": "avg", "as": "avg_delay"},
                         {"metric": "on_time_rate"},
                         {"agg": "sum", "column": "air_time", "calc": {"kind": "running_total"}}],
            "filter": {"and": [{"column": "origin", "op": "in", "value": ["JFK", "LGA"]},
                {"or": [{"column": "dep_delay", "op": "gt", "value": 15}, {"column": "dep_delay", "op": "is_null"}]},
                {"column": "time_hour", "op": "relative",
                 "value": {"unit": "month", "n": 3, "of": "previous", "as_of": "latest"}}]},
            "having": {"column": "avg_delay", "op": "gt", "value": 10},
            "order": [{"by": "avg_delay", "dir": "desc"}],
            "limit": 1000, "timezone": "UTC"
        });
        let query: Query = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&query).unwrap(), json);
    }

    #[test]
    fn a_filter_that_is_neither_group_nor_condition_is_refused() {
        for bad in [r#"{"and": [], "column": "a"}"#, r#"{"column": "a"}"#, r"{}", r#"{"xor": []}"#] {
            assert!(serde_json::from_str::<Filter>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn percentiles_have_names_of_their_own() {
        assert_eq!(serde_json::from_str::<Agg>("\"p95\"").unwrap(), Agg::P(95));
        assert!(serde_json::from_str::<Agg>("\"p5\"").is_err());
        assert!(serde_json::from_str::<Agg>("\"p100\"").is_err());
    }
}
