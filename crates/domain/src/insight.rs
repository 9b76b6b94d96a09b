//! Insights: findings, what each stands on, what they suggest, and the sentences that tell them.

use crate::format::Format;
use crate::query::{Grain, Query};
use crate::{ChartKind, Column};
use serde::{Deserialize, Serialize};

/// What a finding says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A measure rises or falls over time, of everything or of one member.
    Trend,
    /// The level moved at one point in time and stayed.
    #[serde(rename = "changepoint")]
    ChangePoint,
    /// One period stands out.
    Spike,
    /// One weekday stands out, week after week.
    Weekly,
    /// One month of the year stands out, year after year.
    Monthly,
    /// Single values far from the rest.
    Outlier,
    /// Two measures go together.
    Correlation,
    /// A member whose values are higher than those of the others.
    Top,
    /// A member whose values are lower.
    Low,
    /// A member whose ratio of two measures differs.
    SegmentRate,
    /// Two members together differ from what each of them leads to expect.
    Interaction,
    /// Few members make most of the whole.
    Concentration,
    /// What made a measure change between two periods.
    Driver,
    /// A measure by the members of a dimension: a view worth seeing, claims nothing.
    Breakdown,
    /// A measure over time: a view worth seeing, claims nothing.
    Course,
    /// Something about the data itself: missing, repeated, constant, suspicious.
    Quality,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: &'static [FindingKind] = &[
        Self::Trend,
        Self::ChangePoint,
        Self::Spike,
        Self::Weekly,
        Self::Monthly,
        Self::Outlier,
        Self::Correlation,
        Self::Top,
        Self::Low,
        Self::SegmentRate,
        Self::Interaction,
        Self::Concentration,
        Self::Driver,
        Self::Breakdown,
        Self::Course,
        Self::Quality,
    ];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trend => "trend",
            Self::ChangePoint => "changepoint",
            Self::Spike => "spike",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Outlier => "outlier",
            Self::Correlation => "correlation",
            Self::Top => "top",
            Self::Low => "low",
            Self::SegmentRate => "segment_rate",
            Self::Interaction => "interaction",
            Self::Concentration => "concentration",
            Self::Driver => "driver",
            Self::Breakdown => "breakdown",
            Self::Course => "course",
            Self::Quality => "quality",
        }
    }

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Trend => "Trend",
            Self::ChangePoint => "Change of level",
            Self::Spike => "Unusual period",
            Self::Weekly => "Weekly pattern",
            Self::Monthly => "Yearly pattern",
            Self::Outlier => "Outliers",
            Self::Correlation => "Correlation",
            Self::Top => "Higher than the others",
            Self::Low => "Lower than the others",
            Self::SegmentRate => "Different rate",
            Self::Interaction => "Interaction",
            Self::Concentration => "Concentration",
            Self::Driver => "Driver of a change",
            Self::Breakdown => "Breakdown",
            Self::Course => "Over time",
            Self::Quality => "Data quality",
        }
    }
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrendDirection))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Increasing,
    Decreasing,
    Stable,
}

/// One member of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = InsightMember))]
pub struct Member {
    pub column: String,
    /// None for the rows where it is missing.
    pub value: Option<String>,
}

/// How large what was found is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Effect {
    pub value: f64,
    pub unit: EffectUnit,
}

/// What the size of an effect counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EffectUnit {
    /// Percent above or below what it is compared with.
    Percent,
    /// In the unit of the measure.
    Absolute,
    /// A coefficient of correlation, -1 to 1.
    Coefficient,
    /// A part of the whole, 0 to 1.
    Share,
    /// A number of rows.
    Rows,
    /// Robust standard deviations from the middle.
    Deviations,
}

/// What a claim stands on. It is made where `p_corrected` is below `threshold`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestResult {
    /// "Welch's t-test on logarithms".
    pub name: String,
    /// "t", "z", "rho".
    pub statistic_name: String,
    pub statistic: f64,
    /// By itself.
    pub p: f64,
    /// After correction for all that were tried.
    pub p_corrected: f64,
    /// How many were tried.
    pub tried: u64,
    pub threshold: f64,
    /// Rows, or periods, that it used.
    pub n: u64,
}

/// Why a finding may mislead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Caveat {
    /// Both only follow the same trend.
    SharedTrend,
    /// Within the members it points the other way (Simpson's paradox).
    Simpson,
    /// Few rows or periods.
    SmallSample,
    /// One is part of the other, or worked out from it.
    PartOfWhole,
    /// Found in a sample of the rows.
    Sampled,
}

impl Caveat {
    /// A sentence that names the trap.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::SharedTrend => "Both follow the same trend; without it they hardly go together.",
            Self::Simpson => "Within the groups it points the other way.",
            Self::SmallSample => "It stands on few values.",
            Self::PartOfWhole => "One is part of the other, so that they go together by their making.",
            Self::Sampled => "It was found in a sample of the rows.",
        }
    }
}

/// A question and how it is drawn: ready to be a tile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InsightView {
    pub title: String,
    pub query: Query,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub chart: ChartKind,
    /// The calculated column that the question needs and the dataset does not have yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<NeededColumn>,
}

/// A calculated column, in the language of calculated columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NeededColumn {
    pub name: String,
    pub label: String,
    pub expression: String,
}

/// What a number in a sentence stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The question of the finding.
    Query,
    /// Its test.
    Test,
    /// The rows that were looked at.
    Rows,
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Part {
    /// As it is read.
    pub text: String,
    /// Where it is a number: which, and what it stands on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PartNumber>,
}

/// A number in a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartNumber {
    pub value: f64,
    pub basis: Basis,
    /// The id of the finding whose question or test it is; none where it is about the whole table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

/// A sentence made of parts, so that each number in it can be opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sentence {
    pub parts: Vec<Part>,
}

impl Sentence {
    /// As plain text.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// The same for the same finding in the next version of the data: of its kind, columns,
    /// members and direction, not of its numbers.
    pub id: String,
    pub kind: FindingKind,
    /// Every column it is about; the measure first, then the dimensions.
    pub columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// When: the day (`2024-03-01`), the month (`2024-03`) or the moment it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Which weekday, 1 (Monday) to 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekday: Option<u8>,
    /// Which month of the year, 1 to 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<u8>,
    pub effect: Effect,
    /// How much it matters, 0 to 1.
    pub strength: f64,
    /// Whether it claims more than what the numbers add up to. Claims passed their test.
    pub claimed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<TestResult>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<Caveat>,
    pub sentence: Sentence,
    pub view: InsightView,
}

/// A column in figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ColumnSummary {
    #[serde(flatten)]
    pub column: Column,
    /// Values that are there.
    pub count: u64,
    pub missing: u64,
    pub distinct: u64,
    /// Of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumberSummary>,
    /// Of times: the first and the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Of members: the most frequent, at most five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frequent: Vec<Frequent>,
}

/// A member and how often it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Frequent {
    pub value: String,
    pub count: u64,
}

/// Numbers in figures. What is infinite counts in `infinite` alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberSummary {
    pub mean: f64,
    pub std_dev: f64,
    pub min: f64,
    pub q1: f64,
    pub median: f64,
    pub q3: f64,
    pub max: f64,
    pub sum: f64,
    pub skewness: f64,
    pub zeros: u64,
    pub negative: u64,
    pub infinite: u64,
}

/// How a measure goes over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrendSummary {
    /// The measure.
    pub column: String,
    pub time: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
    pub direction: Direction,
    /// 0 to 1.
    pub strength: f64,
    /// From the first to the last, in percent of the first, by the line through them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent_change: Option<f64>,
    /// From when on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The finding that says so, where it is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

/// A value, or a period, that stands out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnomalySummary {
    pub column: String,
    /// The row of the table that was looked at, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    pub value: f64,
    /// What was to be expected.
    pub expected: f64,
    /// Robust standard deviations from it.
    pub score: f64,
    pub finding: String,
}

/// Two measures that go together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CorrelationSummary {
    pub columns: [String; 2],
    /// Spearman's.
    pub coefficient: f64,
    pub p_corrected: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<Caveat>,
    pub finding: String,
}

/// What is recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecommendationKind {
    Visualization,
    Metric,
}

/// A chart or a figure worth having, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recommendation {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: RecommendationKind,
    pub title: String,
    /// Why.
    pub description: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub suggested_charts: Vec<ChartKind>,
    /// 0 to 1.
    pub confidence: f64,
    pub view: InsightView,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Looked {
    pub rows: u64,
    /// Rows there are; more than `rows` where it was a sample.
    pub total_rows: u64,
    /// How many tests were made.
    pub tests: u64,
}

/// Everything that a table says by itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Insights {
    pub summary_stats: Vec<ColumnSummary>,
    pub trends: Vec<TrendSummary>,
    pub anomalies: Vec<AnomalySummary>,
    pub correlations: Vec<CorrelationSummary>,
    pub recommendations: Vec<Recommendation>,
    /// Sentences in the order in which they are read.
    pub narrative: Vec<Sentence>,
    /// The best first.
    pub findings: Vec<Finding>,
    pub looked: Looked,
}

/// A stretch of time, from (included) to (not included): ISO dates or moments, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Span {
    pub from: String,
    pub to: String,
}

/// How a measure is worked out for a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeAgg {
    Count,
    Sum,
    Avg,
}

/// What one member did to the change of the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ChangeContribution))]
pub struct Contribution {
    pub member: Member,
    pub before: f64,
    pub after: f64,
    /// In the unit of the measure; those of a dimension add up to the change.
    pub contribution: f64,
    /// Of it, by there being more or less of the member.
    pub mix: f64,
    /// Of it, by its own average having moved.
    pub rate: f64,
}

/// What one measure did from one stretch to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// The measure; none for the number of rows.
    pub column: Option<String>,
    pub label: String,
    pub agg: ChangeAgg,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    pub before: f64,
    pub after: f64,
    pub change: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent_change: Option<f64>,
    /// The members that explain most, the largest first.
    pub contributions: Vec<Contribution>,
    pub finding: Finding,
}

/// What changed between two stretches of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhatChanged {
    pub before: Span,
    pub after: Span,
    /// The largest first.
    pub changes: Vec<Change>,
    pub narrative: Vec<Sentence>,
    pub looked: Looked,
}

/// What an answered chart says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    pub narrative: Vec<Sentence>,
    pub findings: Vec<Finding>,
    /// Of the time axis, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    pub looked: Looked,
}
