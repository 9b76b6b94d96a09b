//! Alerts as they are made, changed and seen.

use super::{AlertDef, Check, Condition, EventKind, OnNoData, Pending, QuietHours, Renotify, Status, Subject};
use crate::api::given;
use crate::error::{Error, Result};
use crate::notify::Recipient;
use crate::people::Access;
use serde::{Deserialize, Serialize};

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
