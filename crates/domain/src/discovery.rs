//! Insights as people meet them: for whom they are new, what they think of them, who is told, and
//! what a dashboard has to say about a stretch of time.

use crate::error::{Error, Result};
use crate::insight::{
    AnomalySummary, ColumnSummary, CorrelationSummary, Finding, FindingKind, Looked, Recommendation, Sentence,
    TrendSummary, WhatChanged,
};
use serde::{Deserialize, Serialize};

/// The longest id of a finding.
const LONGEST_ID: usize = 200;

/// What somebody thinks of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Thumb {
    Up,
    Down,
}

/// Which insights are wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[serde(default)]
pub struct InsightsRequest {
    /// Name or id of a dataset.
    pub dataset: String,
    /// Those too that were given a thumb down.
    pub hidden: bool,
}

/// A finding as one reader meets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShownFinding {
    pub finding: Finding,
    /// Not there in any former version of the data.
    pub is_new: bool,
    /// Worth being told of at once.
    pub is_strong: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumb: Option<Thumb>,
    /// What the order follows: its place among the findings, and what the reader thought of others of its
    /// kind.
    pub rank: f64,
    /// Why it is shown.
    pub why: String,
}

/// What a dataset says by itself, for one reader.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetInsights {
    /// The dataset, by name.
    pub dataset: String,
    pub label: String,
    pub version: u64,
    /// RFC 3339, UTC.
    pub found_at: String,
    pub summary_stats: Vec<ColumnSummary>,
    pub trends: Vec<TrendSummary>,
    pub anomalies: Vec<AnomalySummary>,
    pub correlations: Vec<CorrelationSummary>,
    pub recommendations: Vec<Recommendation>,
    /// Sentences in the order in which they are read.
    pub narrative: Vec<Sentence>,
    /// The best first.
    pub findings: Vec<ShownFinding>,
    pub looked: Looked,
    /// Findings that are not shown, for a thumb down.
    pub hidden: u64,
    /// Columns that were left out, where there are too many.
    pub left_out: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<InsightSubscription>,
}

/// What somebody says of a finding; no thumb takes it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenThumb {
    /// Name or id of the dataset.
    pub dataset: String,
    /// The id of the finding.
    pub finding: String,
    pub kind: FindingKind,
    #[serde(default)]
    pub thumb: Option<Thumb>,
}

impl GivenThumb {
    /// Refuses what can be the id of no finding.
    ///
    /// # Errors
    /// A sentence that says why.
    pub fn check(&self) -> Result<()> {
        let fits = (1..=LONGEST_ID).contains(&self.finding.len()) && !self.finding.chars().any(char::is_control);
        if fits { Ok(()) } else { Err(Error::invalid("This is the id of no finding.").field("finding")) }
    }
}

/// That somebody is told of what is new in a dataset: in their inbox, and by mail where they want that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InsightSubscription {
    /// The dataset, by name.
    pub dataset: String,
    pub label: String,
    /// Of strong findings alone.
    pub strong_only: bool,
    /// RFC 3339, UTC.
    pub created_at: String,
}

/// A subscription that is wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewInsightSubscription {
    /// Name or id of the dataset.
    pub dataset: String,
    #[serde(default)]
    pub strong_only: bool,
}

/// Something new in a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewsItem {
    /// The dataset, by name.
    pub dataset: String,
    pub label: String,
    /// RFC 3339, UTC.
    pub found_at: String,
    pub shown: ShownFinding,
}

/// What is new in all datasets that somebody may see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InsightNews {
    /// The latest first.
    pub items: Vec<NewsItem>,
    /// Datasets that were looked at.
    pub looked_at: u64,
    /// Datasets that nobody with the same view looked at yet, by name with their labels.
    pub waiting: Vec<WaitingDataset>,
}

/// A dataset of which nothing is known yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaitingDataset {
    pub dataset: String,
    pub label: String,
}

/// Which two stretches are compared: the last so many days with as many before, up to the latest data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Since {
    Day,
    /// Seven days.
    #[default]
    Week,
    /// Twenty-eight days, so that both have the same weekdays.
    Month,
    /// Thirteen weeks.
    Quarter,
    /// Fifty-two weeks.
    Year,
    /// The period of each chart that the data ends in, with as many days of the one before.
    Period,
}

impl Since {
    /// All there are, in the order they are offered.
    pub const ALL: [Self; 6] = [Self::Week, Self::Day, Self::Month, Self::Quarter, Self::Year, Self::Period];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Period => "period",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|since| since.as_str() == text)
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Day => "Since the day before",
            Self::Week => "Since last week",
            Self::Month => "Last 28 days",
            Self::Quarter => "Last 13 weeks",
            Self::Year => "Last 52 weeks",
            Self::Period => "Since the previous period",
        }
    }

    /// How many days are compared; none where that follows the chart.
    pub fn days(self) -> Option<i64> {
        Some(match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 28,
            Self::Quarter => 91,
            Self::Year => 364,
            Self::Period => return None,
        })
    }
}

/// What changed in the rows that some tiles of a dashboard share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TilesChanged {
    /// The tiles, by id.
    pub tiles: Vec<String>,
    /// What they are called.
    pub titles: Vec<String>,
    /// What people call the dataset.
    pub label: String,
    pub changed: WhatChanged,
}

/// What changed on a dashboard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DashboardChanges {
    pub changes: Vec<TilesChanged>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for since in Since::ALL {
            assert_eq!(Since::parse(since.as_str()), Some(since));
            assert_eq!(serde_json::to_value(since).unwrap(), since.as_str());
        }
    }

    #[test]
    fn an_id_is_short_and_one_line() {
        let given = |finding: &str| GivenThumb {
            dataset: "sales".into(),
            finding: finding.into(),
            kind: FindingKind::Trend,
            thumb: None,
        };
        assert!(given("trend-amount").check().is_ok());
        assert!(
            given("").check().is_err() && given("a\nb").check().is_err() && given(&"x".repeat(201)).check().is_err()
        );
    }
}
