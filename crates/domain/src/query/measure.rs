//! What a question works out for each group, and the calculations over the groups.

use super::Filter;
use serde::{Deserialize, Serialize};

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
    /// Default: the period where the question has a time by grain, else the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<CalcOver>,
    /// `moving_avg`: over how many rows or periods, this one included. Default 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<u32>,
    /// Output names of the dimensions that each begin afresh. Default: all but the time dimension,
    /// or all but the first where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Vec<String>>,
}

/// Which calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalcKind {
    RunningTotal,
    /// The part of the whole, 0 to 1.
    Share,
    /// 1 is the largest.
    Rank,
    Change,
    /// In percent.
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
