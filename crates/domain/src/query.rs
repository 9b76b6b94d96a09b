//! A question as data: the one form that Explore, tiles, alerts, forecasts, exports and the API
//! share. Only `semantic` turns it into SQL.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rows returned when a question names no limit.
pub const DEFAULT_LIMIT: u64 = 1_000;
/// The most rows one answer may have.
pub const MAX_LIMIT: u64 = 100_000;

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
    /// Pairs `[column here, column there]`.
    pub on: Vec<(String, String)>,
    #[serde(default)]
    pub kind: JoinKind,
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

/// Something to group by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    pub column: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<Bin>,
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// How times are rounded (`hour` .. `year`) or folded (`hour_of_day` ..).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    /// 0 to 23.
    HourOfDay,
    /// 1 (Monday) to 7.
    DayOfWeek,
    /// 1 to 12.
    MonthOfYear,
}

impl Grain {
    /// Every grain, finest first, folded ones last.
    pub const ALL: &'static [Grain] = &[
        Grain::Second,
        Grain::Minute,
        Grain::Hour,
        Grain::Day,
        Grain::Week,
        Grain::Month,
        Grain::Quarter,
        Grain::Year,
        Grain::HourOfDay,
        Grain::DayOfWeek,
        Grain::MonthOfYear,
    ];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::HourOfDay => "hour_of_day",
            Self::DayOfWeek => "day_of_week",
            Self::MonthOfYear => "month_of_year",
        }
    }

    /// Whether the result is a number that repeats (hour of day), not a moment.
    pub fn is_folded(self) -> bool {
        matches!(self, Self::HourOfDay | Self::DayOfWeek | Self::MonthOfYear)
    }
}

/// Numbers put into ranges; the answer has each range's lower edge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Bin {
    Width(f64),
    Count(u32),
}

/// A number per group: an aggregate, or a named metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(no_recursion))]
#[serde(deny_unknown_fields)]
pub struct Measure {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agg: Option<Agg>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Id of a metric that is a single aggregate of this dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// `percentile`: which, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// `count_if`: which rows count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// `ratio`: what is divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerator: Option<Box<Measure>>,
    /// `ratio`: by what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Box<Measure>>,
    /// `first` and `last`: the column that orders the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calc: Option<Calc>,
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

impl Measure {
    /// `agg(column)`.
    pub fn of(agg: Agg, column: &str) -> Self {
        Self { agg: Some(agg), column: Some(column.to_owned()), ..Self::default() }
    }

    /// The number of rows.
    pub fn count() -> Self {
        Self { agg: Some(Agg::Count), ..Self::default() }
    }

    /// The name of its output column, before repeats are numbered.
    pub fn output_name(&self) -> String {
        if let Some(alias) = &self.alias {
            return alias.clone();
        }
        if let Some(metric) = &self.metric {
            return metric.clone();
        }
        match (self.agg, &self.column) {
            (Some(agg), Some(column)) => format!("{}_{column}", agg.name()),
            (Some(agg), None) => agg.name(),
            (None, _) => "value".to_owned(),
        }
    }
}

/// How the values of a group become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Agg {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
    Median,
    Stddev,
    /// With `p` in the measure.
    Percentile,
    /// `p50` to `p99`.
    P(u8),
    First,
    Last,
    CountIf,
    Ratio,
}

impl Agg {
    /// The aggregates in the order a person meets them.
    pub const CHOICES: &'static [Agg] = &[
        Agg::Count,
        Agg::CountDistinct,
        Agg::Sum,
        Agg::Avg,
        Agg::Median,
        Agg::Min,
        Agg::Max,
        Agg::Stddev,
        Agg::P(90),
        Agg::P(95),
        Agg::P(99),
    ];

    /// The wire name, which also begins the output name.
    pub fn name(self) -> String {
        match self {
            Self::Count => "count".into(),
            Self::CountDistinct => "count_distinct".into(),
            Self::Sum => "sum".into(),
            Self::Avg => "avg".into(),
            Self::Min => "min".into(),
            Self::Max => "max".into(),
            Self::Median => "median".into(),
            Self::Stddev => "stddev".into(),
            Self::Percentile => "percentile".into(),
            Self::P(p) => format!("p{p}"),
            Self::First => "first".into(),
            Self::Last => "last".into(),
            Self::CountIf => "count_if".into(),
            Self::Ratio => "ratio".into(),
        }
    }

    /// What a person reads: "Average", "95th percentile".
    pub fn label(self) -> String {
        match self {
            Self::Count => "Count".into(),
            Self::CountDistinct => "Distinct count".into(),
            Self::Sum => "Sum".into(),
            Self::Avg => "Average".into(),
            Self::Min => "Minimum".into(),
            Self::Max => "Maximum".into(),
            Self::Median => "Median".into(),
            Self::Stddev => "Standard deviation".into(),
            Self::Percentile => "Percentile".into(),
            Self::P(p) => format!("{p}th percentile"),
            Self::First => "First".into(),
            Self::Last => "Last".into(),
            Self::CountIf => "Count if".into(),
            Self::Ratio => "Ratio".into(),
        }
    }

    /// Whether it needs numbers.
    pub fn needs_number(self) -> bool {
        matches!(self, Self::Sum | Self::Avg | Self::Median | Self::Stddev | Self::Percentile | Self::P(_))
    }
}

impl From<Agg> for String {
    fn from(agg: Agg) -> Self {
        agg.name()
    }
}

impl TryFrom<String> for Agg {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Ok(match text.as_str() {
            "count" => Self::Count,
            "count_distinct" => Self::CountDistinct,
            "sum" => Self::Sum,
            "avg" => Self::Avg,
            "min" => Self::Min,
            "max" => Self::Max,
            "median" => Self::Median,
            "stddev" => Self::Stddev,
            "percentile" => Self::Percentile,
            "first" => Self::First,
            "last" => Self::Last,
            "count_if" => Self::CountIf,
            "ratio" => Self::Ratio,
            other => match other.strip_prefix('p').and_then(|n| n.parse::<u8>().ok()) {
                Some(p) if (50..=99).contains(&p) && text.len() == 3 => Self::P(p),
                _ => {
                    return Err(format!(
                        "unknown aggregate `{other}`; use count, count_distinct, sum, avg, min, max, median, \
                         stddev, p50 to p99, percentile, first, last, count_if or ratio"
                    ));
                }
            },
        })
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Agg {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(
                "^(count|count_distinct|sum|avg|min|max|median|stddev|percentile|first|last|count_if|ratio|p[5-9][0-9])$",
            ))
            .into()
    }
}
#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Agg {}

/// A calculation over the grouped result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Calc {
    pub kind: CalcKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<CalcOver>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<u32>,
}

/// Which calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalcKind {
    RunningTotal,
    Share,
    Rank,
    Change,
    PercentChange,
    MovingAvg,
}

/// Against the previous row, or the previous period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalcOver {
    Row,
    Period,
}

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
    /// Its shape depends on the operator: a scalar, `[lo, hi]`, a list, a [`Relative`], a [`TopN`].
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

/// The value of a `relative` condition: "the previous 3 months".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Relative {
    pub unit: RelativeUnit,
    #[serde(default = "one")]
    pub n: u32,
    #[serde(default)]
    pub of: RelativeOf,
    /// Whether the running unit counts too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub include_current: bool,
    /// Starting so many units ago.
    #[serde(default, skip_serializing_if = "is_zero_i32")]
    pub offset: i32,
    #[serde(default)]
    pub as_of: AsOf,
}

fn one() -> u32 {
    1
}

fn is_zero_i32(n: &i32) -> bool {
    *n == 0
}

/// The unit of a relative date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RelativeUnit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Which stretch of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RelativeOf {
    /// Whole units before the running one.
    #[default]
    Previous,
    /// The running unit.
    Current,
    /// Whole units after the running one.
    Next,
    /// From the start of the running unit to now.
    ToDate,
}

/// What "now" is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AsOf {
    #[default]
    Now,
    /// The latest value of the column: no empty charts over old data.
    Latest,
}

/// The value of a `top_n` condition: the members with the largest measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TopN {
    pub n: u32,
    /// Output name of a measure.
    pub by: String,
    /// Whether the rest is gathered in one row.
    #[serde(default)]
    pub others: bool,
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
