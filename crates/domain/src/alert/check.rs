//! What a rule may say, as far as no data and no clock is needed to know it.

use super::{AlertDef, Check, Condition, MOST_RECIPIENTS, Pending, Renotify, Subject, refuse};
use crate::error::Result;
use std::collections::HashSet;

/// The longest time that can be waited for: 30 days.
const LONGEST: u32 = 30 * 86_400;
const MOST_CHECKS: u32 = 1_000;
const LONGEST_MESSAGE: usize = 5_000;

impl AlertDef {
    /// Refuses what cannot be meant.
    ///
    /// # Errors
    /// A sentence that says why, with the field.
    pub fn check(&self) -> Result<()> {
        self.condition.check()?;
        let is_forecast = matches!(self.subject, Subject::Forecast { .. });
        if is_forecast != matches!(self.condition, Condition::OutsideForecast { .. }) {
            let sentence = if is_forecast {
                "Of a forecast it is watched whether the value leaves its band."
            } else {
                "Only a forecast has a forecast band."
            };
            return Err(refuse("condition", sentence));
        }
        if is_forecast && self.for_each.is_some() {
            return Err(refuse("for_each", "A forecast is watched as a whole."));
        }
        self.check_waiting()?;
        self.check_recovery()?;
        if let Check::Cron { expression, .. } = &self.check
            && (expression.trim().is_empty() || expression.len() > 200)
        {
            return Err(refuse("check.expression", "A cron expression has 1 to 200 characters."));
        }
        if let Some(quiet) = &self.quiet_hours {
            match quiet.minutes() {
                None => return Err(refuse("quiet_hours", "Quiet hours are written like 22:00 and 07:00.")),
                Some((from, to)) if from == to => {
                    return Err(refuse("quiet_hours", "Quiet hours that last all day would never tell anybody."));
                }
                Some(_) => {}
            }
        }
        if self.recipients.len() > MOST_RECIPIENTS {
            let sentence = format!("An alert has at most {MOST_RECIPIENTS} recipients.");
            return Err(refuse("recipients", sentence));
        }
        let mut seen = HashSet::new();
        for (i, recipient) in self.recipients.iter().enumerate() {
            recipient.check().map_err(|e| e.field(format!("recipients[{i}]")))?;
            if !seen.insert(recipient.to_string()) {
                return Err(refuse(&format!("recipients[{i}]"), "This recipient is there twice."));
            }
        }
        if self.message.as_ref().is_some_and(|m| m.chars().count() > LONGEST_MESSAGE) {
            return Err(refuse("message", "A message has at most 5,000 characters."));
        }
        Ok(())
    }

    fn check_waiting(&self) -> Result<()> {
        match self.pending {
            Pending::Checks(n) if !(1..=MOST_CHECKS).contains(&n) => {
                return Err(refuse("pending", "The condition must hold for 1 to 1,000 checks."));
            }
            Pending::Seconds(n) if n > LONGEST => {
                return Err(refuse("pending", "The condition can be waited for at most 30 days."));
            }
            _ => {}
        }
        let waits = !matches!(self.pending, Pending::Checks(1) | Pending::Seconds(0));
        if waits && matches!(self.condition, Condition::ChangesBy { .. }) {
            let sentence = "A change is over with the next check: it cannot be waited for.";
            return Err(refuse("pending", sentence).hint("Set the pending time to 1 check."));
        }
        if self.keep_firing > LONGEST {
            return Err(refuse("keep_firing", "An alert keeps firing for at most 30 days."));
        }
        if let Renotify::Every { seconds } = self.renotify
            && !(60..=LONGEST).contains(&seconds)
        {
            return Err(refuse("renotify.seconds", "People are told again after 60 seconds to 30 days."));
        }
        Ok(())
    }

    fn check_recovery(&self) -> Result<()> {
        let Some(recover_at) = self.recover_at else { return Ok(()) };
        let wrong = |sentence: &str| Err(refuse("recover_at", sentence));
        if !recover_at.is_finite() {
            return wrong("A threshold is a number; this is infinite or none.");
        }
        match self.condition {
            Condition::Above { value } | Condition::AtLeast { value } if recover_at > value => {
                wrong("Recovery lies at or below the threshold, or it would fire and recover at once.")
            }
            Condition::Below { value } | Condition::AtMost { value } if recover_at < value => {
                wrong("Recovery lies at or above the threshold, or it would fire and recover at once.")
            }
            Condition::Above { .. }
            | Condition::AtLeast { .. }
            | Condition::Below { .. }
            | Condition::AtMost { .. } => Ok(()),
            _ => wrong("Only a threshold above or below can have another one for recovery."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Direction, MetricAlertForm, QuietHours};
    use super::*;
    use crate::notify::Recipient;

    fn def(condition: Condition) -> AlertDef {
        AlertDef::new(Subject::Metric { id: "m".into() }, condition)
    }

    fn field(def: &AlertDef) -> String {
        let error = def.check().unwrap_err();
        assert!(error.message.ends_with('.'), "{}", error.message);
        error.field.unwrap()
    }

    #[test]
    fn thresholds_are_numbers() {
        let above = |value| def(Condition::Above { value });
        above(-0.0).check().unwrap();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(field(&above(value)), "condition.value");
            assert_eq!(field(&def(Condition::Between { low: 0.0, high: value })), "condition.high");
            assert_eq!(field(&def(Condition::OutsideBand { width: value })), "condition.width");
            assert_eq!(field(&AlertDef { recover_at: Some(value), ..above(1.0) }), "recover_at");
        }
        assert_eq!(field(&def(Condition::Outside { low: 2.0, high: 1.0 })), "condition.low");
        let both = Condition::ChangesBy { amount: Some(1.0), percent: Some(1.0), direction: Direction::Either };
        assert_eq!(field(&def(both)), "condition.amount");
        assert_eq!(field(&def(Condition::NoDataFor { seconds: 0 })), "condition.seconds");
    }

    #[test]
    fn times_are_bounded() {
        let above = def(Condition::Above { value: 1.0 });
        let with = |change: fn(&mut AlertDef)| {
            let mut def = above.clone();
            change(&mut def);
            field(&def)
        };
        assert_eq!(with(|d| d.pending = Pending::Checks(0)), "pending");
        assert_eq!(with(|d| d.keep_firing = u32::MAX), "keep_firing");
        assert_eq!(with(|d| d.renotify = Renotify::Every { seconds: 0 }), "renotify.seconds");
        assert_eq!(with(|d| d.recover_at = Some(2.0)), "recover_at");
        let hours = |from: &str, to: &str| {
            let quiet_hours = Some(QuietHours { from: from.into(), to: to.into(), time_zone: String::new() });
            AlertDef { quiet_hours, ..above.clone() }
        };
        hours("22:00", "07:00").check().unwrap();
        for (from, to) in [("22:00", "22:00"), ("24:00", "07:00"), ("7:00", "08:00"), ("", ""), ("+1:00", "02:00")] {
            assert_eq!(field(&hours(from, to)), "quiet_hours");
        }
    }

    #[test]
    fn recipients_are_bounded_and_whole() {
        let above = def(Condition::Above { value: 1.0 });
        let to = |recipients: Vec<Recipient>| field(&AlertDef { recipients, ..above.clone() });
        let mail = |address: String| Recipient::Email { address };
        assert_eq!(to((0..1_000_000).map(|i| mail(format!("a{i}@example.com"))).collect()), "recipients");
        assert_eq!(to(vec![mail("a@example.com\r\nBcc: b@example.com".into())]), "recipients[0]");
        assert_eq!(to(vec![mail("a@b.c".into()), mail("A@B.C".into())]), "recipients[1]");
    }

    #[test]
    fn the_form_of_the_specification_is_an_alert() {
        let form = |comparison: &str, frequency: &str| MetricAlertForm {
            metric_name: "error_rate".into(),
            threshold_value: 0.0,
            comparison: comparison.into(),
            notification_email: "ops@example.com".into(),
            alert_frequency: frequency.into(),
        };
        let made = form(">", "hourly").into_alert("error_rate").unwrap();
        assert_eq!(made.name, "error_rate > 0");
        assert_eq!(
            (made.def.condition.clone(), made.def.check.clone()),
            (Condition::Above { value: 0.0 }, Check::Hourly)
        );
        made.def.check().unwrap();
        let equal = form("eq", "weekly").into_alert("error_rate").unwrap();
        assert_eq!(equal.def.condition, Condition::Equal { value: 0.0, tolerance: None });
        assert_eq!(form("!=", "daily").into_alert("m").unwrap_err().field.unwrap(), "comparison");
        assert_eq!(form("<", "yearly").into_alert("m").unwrap_err().field.unwrap(), "alert_frequency");
        let json = r#"{"metric_name":"a","threshold_value":1,"comparison":"<","notification_email":"a@b.c"}"#;
        let read: MetricAlertForm = serde_json::from_str(json).unwrap();
        assert_eq!(read.into_alert("a").unwrap().def.check, Check::Daily);
    }

    #[test]
    fn the_wire_form_is_flat() {
        let json = serde_json::json!({"name": "Low", "subject": {"type": "metric", "id": "sales"},
            "condition": {"type": "below", "value": 10}, "check": {"type": "every_minute"}, "pending": {"checks": 3},
            "renotify": {"type": "every", "seconds": 3600}, "recipients": [{"type": "email", "address": "a@b.c"}]});
        let read: super::super::NewAlert = serde_json::from_value(json).unwrap();
        assert_eq!(read.def.pending, Pending::Checks(3));
        let again: super::super::NewAlert = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
        assert_eq!(again, read);
        assert_eq!(read.def.condition.sentence(&crate::format::Format::default()), "is below 10");
    }
}
