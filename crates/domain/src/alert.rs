//! Alerts: conditions that are watched, and what is told to whom when they begin and cease to hold.

mod check;
mod condition;

pub use condition::{Condition, Direction, OnNoData, USUAL_TOLERANCE};

use crate::api::given;
use crate::error::{Error, ErrorCode, Result};
use crate::format::{Format, NOTHING, number};
use crate::notify::Recipient;
use crate::people::Access;
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
            Self::Metric { .. } => None,
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

/// Where an alert stands, the most urgent last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The condition does not hold.
    #[default]
    Normal,
    /// It holds, not long enough yet.
    Pending,
    /// There is nothing to judge.
    NoData,
    /// It held, and has not been away for long enough.
    Recovering,
    /// It has held for long enough: people were told.
    Firing,
    /// The alert itself does not work.
    Error,
}

impl Status {
    pub const ALL: [Self; 6] =
        [Self::Normal, Self::Pending, Self::NoData, Self::Recovering, Self::Firing, Self::Error];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Pending => "pending",
            Self::NoData => "no_data",
            Self::Recovering => "recovering",
            Self::Firing => "firing",
            Self::Error => "error",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Pending => "Pending",
            Self::NoData => "No data",
            Self::Recovering => "Recovering",
            Self::Firing => "Firing",
            Self::Error => "Not working",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The condition began to hold.
    Pending,
    /// It ceased before it had held for long enough.
    Calmed,
    /// It has held for long enough.
    Fired,
    /// It goes on, and people are told again, or at last.
    Reminded,
    /// The condition does not hold for now.
    Recovering,
    /// It holds again before it had recovered.
    Resumed,
    Recovered,
    /// The recovery that nobody was to be told of at the time is told.
    RecoveryTold,
    NoData,
    /// There is data again.
    DataBack,
    /// The alert itself does not work.
    Broken,
    /// It works again.
    Mended,
    Acknowledged,
    Snoozed,
    /// The snooze was ended.
    Woken,
    Paused,
    Unpaused,
    Changed,
}

impl EventKind {
    pub const ALL: [Self; 18] = [
        Self::Pending,
        Self::Calmed,
        Self::Fired,
        Self::Reminded,
        Self::Recovering,
        Self::Resumed,
        Self::Recovered,
        Self::RecoveryTold,
        Self::NoData,
        Self::DataBack,
        Self::Broken,
        Self::Mended,
        Self::Acknowledged,
        Self::Snoozed,
        Self::Woken,
        Self::Paused,
        Self::Unpaused,
        Self::Changed,
    ];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Calmed => "calmed",
            Self::Fired => "fired",
            Self::Reminded => "reminded",
            Self::Recovering => "recovering",
            Self::Resumed => "resumed",
            Self::Recovered => "recovered",
            Self::RecoveryTold => "recovery_told",
            Self::NoData => "no_data",
            Self::DataBack => "data_back",
            Self::Broken => "broken",
            Self::Mended => "mended",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::Woken => "woken",
            Self::Paused => "paused",
            Self::Unpaused => "unpaused",
            Self::Changed => "changed",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Condition began to hold",
            Self::Calmed => "Over before it counted",
            Self::Fired => "Fired",
            Self::Reminded => "Still firing",
            Self::Recovering => "Recovering",
            Self::Resumed => "Holds again",
            Self::Recovered => "Recovered",
            Self::RecoveryTold => "Recovery told",
            Self::NoData => "No data",
            Self::DataBack => "Data is back",
            Self::Broken => "Stopped working",
            Self::Mended => "Works again",
            Self::Acknowledged => "Acknowledged",
            Self::Snoozed => "Snoozed",
            Self::Woken => "Snooze ended",
            Self::Paused => "Paused",
            Self::Unpaused => "Resumed",
            Self::Changed => "Changed",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// One value of the dimension, or the alert as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertInstance {
    /// The value of the dimension; empty for the alert as a whole.
    pub instance: String,
    pub status: Status,
    /// RFC 3339, UTC.
    pub since: String,
    pub value: Option<f64>,
    pub formatted_value: String,
    /// Who said that they know.
    pub acknowledged_by: Option<String>,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    pub id: String,
    pub name: String,
    pub description: String,
    #[serde(flatten)]
    pub def: AlertDef,
    pub owner_id: String,
    pub owner_name: String,
    pub access: Access,
    /// Everyone who is signed in may see it.
    pub is_public: bool,
    /// Not checked.
    pub is_paused: bool,
    /// Checked, but nobody is told before. RFC 3339, UTC.
    pub snoozed_until: Option<String>,
    /// That of its most urgent instance.
    pub status: Status,
    /// RFC 3339, UTC.
    pub since: String,
    /// Value of the most urgent instance.
    pub value: Option<f64>,
    pub formatted_value: String,
    /// When and what, in a sentence.
    pub sentence: String,
    /// Why it does not work.
    pub error: Option<String>,
    /// RFC 3339, UTC.
    pub checked_at: Option<String>,
    /// RFC 3339, UTC; null where it waits for a refresh.
    pub next_check_at: Option<String>,
    /// The most urgent first, at most 100.
    pub instances: Vec<AlertInstance>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

/// What `alert:{id}` and `alerts:{user}` carry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertNews {
    pub id: String,
    pub name: String,
    pub status: Status,
    /// RFC 3339, UTC.
    pub since: String,
    pub value: Option<f64>,
    pub formatted_value: String,
    /// The metric that is watched, for its tiles.
    pub metric: Option<String>,
    pub is_paused: bool,
    /// RFC 3339, UTC.
    pub snoozed_until: Option<String>,
    /// What has just happened, if anything.
    pub events: Vec<AlertEvent>,
}

/// Something that happened to an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertEvent {
    pub id: String,
    pub alert_id: String,
    /// The value of the dimension; empty for the alert as a whole.
    pub instance: String,
    pub kind: EventKind,
    /// RFC 3339, UTC.
    pub at: String,
    pub value: Option<f64>,
    pub formatted_value: String,
    /// Whether people were told.
    pub told: bool,
    /// Why it broke, or who did it.
    pub detail: Option<String>,
}

/// An alert to be made, or to be tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAlert {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(flatten)]
    pub def: AlertDef,
    #[serde(default)]
    pub is_public: bool,
    #[serde(default)]
    pub is_paused: bool,
}

impl From<NewAlert> for AlertPatch {
    fn from(new: NewAlert) -> Self {
        let def = new.def;
        Self {
            name: Some(new.name),
            description: Some(new.description),
            subject: Some(def.subject),
            measure: Some(def.measure),
            condition: Some(def.condition),
            for_each: Some(def.for_each),
            check: Some(def.check),
            pending: Some(def.pending),
            keep_firing: Some(def.keep_firing),
            recover_at: Some(def.recover_at),
            on_no_data: Some(def.on_no_data),
            renotify: Some(def.renotify),
            notify_recovery: Some(def.notify_recovery),
            quiet_hours: Some(def.quiet_hours),
            recipients: Some(def.recipients),
            message: Some(def.message),
            is_public: Some(new.is_public),
            is_paused: Some(new.is_paused),
        }
    }
}

/// What of an alert is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AlertPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub subject: Option<Subject>,
    /// Null: the first number.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub measure: Option<Option<String>>,
    pub condition: Option<Condition>,
    /// Null: for all together.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub for_each: Option<Option<String>>,
    pub check: Option<Check>,
    pub pending: Option<Pending>,
    pub keep_firing: Option<u32>,
    /// Null: at the threshold.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub recover_at: Option<Option<f64>>,
    pub on_no_data: Option<OnNoData>,
    pub renotify: Option<Renotify>,
    pub notify_recovery: Option<bool>,
    /// Null: none.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<QuietHours>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<Option<QuietHours>>,
    pub recipients: Option<Vec<Recipient>>,
    /// Null: a sentence of ours.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub message: Option<Option<String>>,
    pub is_public: Option<bool>,
    pub is_paused: Option<bool>,
}

impl AlertPatch {
    /// The rule with what changes.
    pub fn apply(self, old: AlertDef) -> AlertDef {
        AlertDef {
            subject: self.subject.unwrap_or(old.subject),
            measure: self.measure.unwrap_or(old.measure),
            condition: self.condition.unwrap_or(old.condition),
            for_each: self.for_each.unwrap_or(old.for_each),
            check: self.check.unwrap_or(old.check),
            pending: self.pending.unwrap_or(old.pending),
            keep_firing: self.keep_firing.unwrap_or(old.keep_firing),
            recover_at: self.recover_at.unwrap_or(old.recover_at),
            on_no_data: self.on_no_data.unwrap_or(old.on_no_data),
            renotify: self.renotify.unwrap_or(old.renotify),
            notify_recovery: self.notify_recovery.unwrap_or(old.notify_recovery),
            quiet_hours: self.quiet_hours.unwrap_or(old.quiet_hours),
            recipients: self.recipients.unwrap_or(old.recipients),
            message: self.message.unwrap_or(old.message),
            label: old.label,
            format: old.format,
        }
    }
}

/// The form of simple alerts on metrics: one threshold, one address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MetricAlertForm {
    /// Id or name of a metric.
    pub metric_name: String,
    pub threshold_value: f64,
    /// `>`, `<`, `=`, or `gt`, `lt`, `eq`.
    pub comparison: String,
    pub notification_email: String,
    /// `hourly`, `daily` or `weekly`.
    #[serde(default = "daily")]
    pub alert_frequency: String,
}

fn daily() -> String {
    "daily".into()
}

impl MetricAlertForm {
    /// The alert that it means, on the metric of that id.
    ///
    /// # Errors
    /// A word that is none of those, an address that is none.
    pub fn into_alert(self, metric: &str) -> Result<NewAlert> {
        let value = self.threshold_value;
        let (condition, sign) = match self.comparison.trim() {
            ">" | "gt" => (Condition::Above { value }, ">"),
            "<" | "lt" => (Condition::Below { value }, "<"),
            "=" | "eq" => (Condition::Equal { value, tolerance: None }, "="),
            _ => return Err(Error::invalid("The comparison is >, < or =.").field("comparison")),
        };
        let check = match self.alert_frequency.as_str() {
            "hourly" => Check::Hourly,
            "daily" => Check::Daily,
            "weekly" => Check::Weekly,
            _ => return Err(Error::invalid("The frequency is hourly, daily or weekly.").field("alert_frequency")),
        };
        let address = self.notification_email.trim().to_owned();
        crate::notify::check_address(&address).map_err(|e| e.field("notification_email"))?;
        if !value.is_finite() {
            return Err(Error::invalid("The threshold is not a number.").field("threshold_value"));
        }
        let recipients = vec![Recipient::Email { address }];
        let def = AlertDef { check, recipients, ..AlertDef::new(Subject::Metric { id: metric.to_owned() }, condition) };
        let name: String = self.metric_name.trim().chars().take(60).collect();
        let name = format!("{name} {sign} {value}");
        Ok(NewAlert { name, description: String::new(), def, is_public: false, is_paused: false })
    }
}

/// What an alert would say now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertTest {
    /// What was found, the most urgent first, at most 100.
    pub instances: Vec<AlertTestInstance>,
    /// Why it does not work.
    pub error: Option<String>,
    /// Subject of the message.
    pub subject: String,
    /// Markdown of the message.
    pub body: String,
    /// How many recipients it was sent to.
    pub sent: usize,
}

/// One value of the dimension, as it is now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertTestInstance {
    pub instance: String,
    pub value: Option<f64>,
    pub formatted_value: String,
    /// Whether the condition holds; null when there is nothing to judge.
    pub holds: Option<bool>,
}

/// When a rule would have fired.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backtest {
    /// The course of each value of the dimension, at most ten; one without a name otherwise.
    pub series: Vec<BacktestSeries>,
    /// The moments in the order of time, at most 1,000.
    pub moments: Vec<BacktestMoment>,
    /// How often it would have fired.
    pub fired: usize,
    /// Values of the condition, for lines in the chart.
    pub thresholds: Vec<f64>,
    /// What else there is to know, such as that there is too little history.
    pub note: Option<String>,
}

/// The course of one value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestSeries {
    pub instance: String,
    pub points: Vec<BacktestPoint>,
}

/// What was known at a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestPoint {
    /// RFC 3339, UTC.
    pub at: String,
    pub value: Option<f64>,
    /// The usual band, where that is the condition and there is enough history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<(f64, f64)>,
}

/// A moment of a back-test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestMoment {
    pub instance: String,
    /// RFC 3339, UTC.
    pub at: String,
    pub kind: EventKind,
    pub value: Option<f64>,
}

/// Whether alerts are being checked, for a monitor outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heartbeat {
    pub is_alive: bool,
    /// When it was last looked for alerts that are due. RFC 3339, UTC.
    pub checked_at: Option<String>,
}

pub(crate) fn refuse(field: &str, sentence: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidRequest, sentence).field(field)
}
