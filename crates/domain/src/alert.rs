//! Alerts: conditions that are watched, and what is told to whom when they begin and cease to hold.

mod api;
mod check;
mod condition;
mod status;
mod trial;

pub use api::{Alert, AlertEvent, AlertInstance, AlertNews, AlertPatch, MetricAlertForm, NewAlert};
pub use condition::{Condition, Direction, OnNoData, USUAL_TOLERANCE};
pub use status::{EventKind, Status};
pub use trial::{AlertTest, AlertTestInstance, Backtest, BacktestMoment, BacktestPoint, BacktestSeries, Heartbeat};

use crate::error::{Error, ErrorCode};
use crate::format::{Format, NOTHING, number};
use crate::notify::Recipient;
use crate::query::Query;
use serde::{Deserialize, Serialize};

/// The most recipients of one alert.
pub const MOST_RECIPIENTS: usize = 200;
/// The most values of a dimension that one alert tells apart.
pub const MOST_INSTANCES: usize = 1_000;

/// What an alert watches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Subject {
    Metric {
        id: String,
    },
    Query {
        query: Box<Query>,
    },
    /// The last value that a forecast is about, beside what was forecast of it.
    Forecast {
        id: String,
    },
    /// A tile of a dashboard. What it asks is kept when the alert is made; a tile of a metric becomes
    /// that metric.
    Tile {
        /// Id or slug.
        dashboard: String,
        tile: String,
        /// Filled in by the server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<Box<Query>>,
    },
}

impl Subject {
    /// The question that is asked, where it is not a metric's.
    pub fn query(&self) -> Option<&Query> {
        match self {
            Self::Metric { .. } | Self::Forecast { .. } => None,
            Self::Query { query } => Some(query),
            Self::Tile { query, .. } => query.as_deref(),
        }
    }

    /// The metric that is watched.
    pub fn metric(&self) -> Option<&str> {
        match self {
            Self::Metric { id } => Some(id),
            _ => None,
        }
    }
}

/// When it is looked whether the condition holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// Whenever the metric is refreshed, or rows are appended to what the question reads.
    #[default]
    OnRefresh,
    EveryMinute,
    /// On the hour.
    Hourly,
    /// At 08:00 UTC.
    Daily,
    /// On Mondays at 08:00 UTC.
    Weekly,
    /// Minute, hour, day of the month, month, day of the week.
    Cron {
        expression: String,
        /// IANA name; UTC when empty.
        #[serde(default)]
        time_zone: String,
    },
}

impl Check {
    /// What people read.
    pub fn label(&self) -> String {
        match self {
            Self::OnRefresh => "At every refresh".into(),
            Self::EveryMinute => "Every minute".into(),
            Self::Hourly => "Every hour".into(),
            Self::Daily => "Daily at 08:00 UTC".into(),
            Self::Weekly => "Mondays at 08:00 UTC".into(),
            Self::Cron { expression, time_zone } if time_zone.is_empty() => format!("{expression} (UTC)"),
            Self::Cron { expression, time_zone } => format!("{expression} ({time_zone})"),
        }
    }
}

/// How long the condition must hold before anybody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pending {
    /// So many checks in a row; 1 is at once.
    Checks(u32),
    Seconds(u32),
}

impl Default for Pending {
    fn default() -> Self {
        Self::Checks(1)
    }
}

/// How often people are told of a condition that goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Renotify {
    /// Once, until it has recovered.
    #[default]
    Once,
    /// At each check.
    EachTime,
    Every {
        seconds: u32,
    },
}

/// Hours of the day in which nobody is told; what is still true afterwards is told then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`; before `from` it is that of the next day.
    pub to: String,
    /// IANA name; UTC when empty.
    #[serde(default)]
    pub time_zone: String,
}

impl QuietHours {
    /// Begin and end as minutes of the day.
    pub fn minutes(&self) -> Option<(u16, u16)> {
        let minute = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            let fits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            let number = |part: &str, end: u16| part.parse::<u16>().ok().filter(|n| fits(part) && *n < end);
            Some(number(hour, 24)? * 60 + number(minute, 60)?)
        };
        Some((minute(&self.from)?, minute(&self.to)?))
    }
}

/// What an alert watches, when, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertDef {
    pub subject: Subject,
    /// Output of the question that is watched; its first number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    pub condition: Condition,
    /// For each value of this column on its own: a dimension of the question; with a metric a column
    /// of its dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<String>,
    #[serde(default)]
    pub check: Check,
    #[serde(default)]
    pub pending: Pending,
    /// Seconds without the condition before it counts as recovered.
    #[serde(default)]
    pub keep_firing: u32,
    /// The value at which it counts as recovered, where that is another than the threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recover_at: Option<f64>,
    #[serde(default)]
    pub on_no_data: OnNoData,
    #[serde(default)]
    pub renotify: Renotify,
    /// Whether recovery is told too.
    #[serde(default = "yes")]
    pub notify_recovery: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    #[serde(default)]
    pub recipients: Vec<Recipient>,
    /// Text of the message, with fields such as `{value}`; a sentence of ours when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What is watched, in words: the name of the metric, the dataset or the tile. Filled in by the
    /// server, as is the next.
    #[serde(default)]
    pub label: String,
    /// How its values are written.
    #[serde(default)]
    pub format: Format,
}

fn yes() -> bool {
    true
}

impl AlertDef {
    /// A rule with everything else as usual.
    pub fn new(subject: Subject, condition: Condition) -> Self {
        Self {
            subject,
            measure: None,
            condition,
            for_each: None,
            check: Check::default(),
            pending: Pending::default(),
            keep_firing: 0,
            recover_at: None,
            on_no_data: OnNoData::default(),
            renotify: Renotify::default(),
            notify_recovery: true,
            quiet_hours: None,
            recipients: Vec::new(),
            message: None,
            label: String::new(),
            format: Format::default(),
        }
    }

    /// What it waits for, in words.
    pub fn sentence(&self) -> String {
        let condition = self.condition.sentence(&self.format);
        match &self.for_each {
            Some(column) => format!("{} {condition}, for each {column}", self.label),
            None => format!("{} {condition}", self.label),
        }
    }

    /// A value as people read it.
    pub fn written(&self, value: Option<f64>) -> String {
        value.map_or_else(|| NOTHING.to_owned(), |value| number(value, &self.format, false, "en-US"))
    }
}

pub(crate) fn refuse(field: &str, sentence: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidRequest, sentence).field(field)
}
