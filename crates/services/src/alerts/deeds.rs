//! What people do with an alert: snooze, acknowledge, pause, look at what happened.

use super::check::{event_without_value, shown_event};
use super::{deed_row, def_of};
use crate::access::require_edit;
use crate::policies::Reader;
use crate::{Services, clock, to_json};
use domain::alert::{Alert, AlertEvent, EventKind};
use domain::{Caller, Error, Result};
use store::{AlertEventRow, AlertInstanceRow, AlertRound, AlertRow};

/// Events that are shown.
const SHOWN: i64 = 1_000;
/// The longest snooze: 366 days.
const LONGEST_MS: i64 = 366 * 24 * 3_600_000;
/// How often a deed is done anew because the alert was checked in between.
const TRIES: usize = 20;

impl Services {
    /// Nobody is told of an alert before a time; none ends that. It is checked all the same.
    ///
    /// # Errors
    /// No right, or a time that is not in the next year.
    pub async fn snooze_alert(&self, caller: &Caller, id: &str, until: Option<&str>) -> Result<Alert> {
        let (row, access) = self.alert_for(caller, id).await?;
        require_edit(caller, access, "alert")?;
        let now = clock::now_ms();
        let until = match until {
            Some(text) => {
                let until = text
                    .parse::<jiff::Timestamp>()
                    .map_err(|_| {
                        Error::invalid("The time is not RFC 3339, such as 2025-03-01T12:00:00Z.").field("until")
                    })?
                    .as_millisecond();
                if until <= now || until - now > LONGEST_MS {
                    return Err(Error::invalid("A snooze ends within the next year.").field("until"));
                }
                Some(until)
            }
            None => None,
        };
        let row = AlertRow { snoozed_until: until, updated_at: now, ..row };
        self.store.update_alert(&row).await?;
        let kind = if until.is_some() { EventKind::Snoozed } else { EventKind::Woken };
        self.note_deed(caller, id, kind, until).await?;
        self.record(caller, kind.as_str(), "alert", id).await;
        if until.is_none() {
            // What was kept from people they learn now.
            self.check_alert(id).await?;
        }
        self.get_alert(caller, id).await
    }

    /// Stops checking an alert, or goes on with it.
    ///
    /// # Errors
    /// No right.
    pub async fn pause_alert(&self, caller: &Caller, id: &str, is_paused: bool) -> Result<Alert> {
        let (row, access) = self.alert_for(caller, id).await?;
        require_edit(caller, access, "alert")?;
        if row.is_paused != is_paused {
            let row = AlertRow { is_paused, updated_at: clock::now_ms(), ..row };
            self.store.update_alert(&row).await?;
            self.queue_alert(&row, &def_of(&row)?, row.updated_at).await?;
            let kind = if is_paused { EventKind::Paused } else { EventKind::Unpaused };
            self.note_deed(caller, id, kind, None).await?;
            self.record(caller, kind.as_str(), "alert", id).await;
            self.check_alert(id).await?;
        }
        self.get_alert(caller, id).await
    }

    /// Somebody knows that an alert fires: people are not told again until it has recovered. Whoever
    /// sees an alert may say so.
    ///
    /// # Errors
    /// It is not visible, or does not fire.
    pub async fn acknowledge_alert(&self, caller: &Caller, id: &str) -> Result<Alert> {
        crate::access::require_scope(caller, domain::people::Scope::Write)?;
        for _ in 0..TRIES {
            let (row, _) = self.alert_for(caller, id).await?;
            let mut states = self.states_of(id).await?;
            states.retain(|_, state| state.is_up());
            if states.is_empty() {
                return Err(Error::new(
                    domain::ErrorCode::Conflict,
                    "This alert does not fire: there is nothing to acknowledge.",
                ));
            }
            let (mut instances, mut events) = (Vec::new(), Vec::new());
            for (position, (instance, mut state)) in states.into_iter().enumerate() {
                state.acknowledged_by = Some(caller.name.clone());
                events.push(AlertEventRow {
                    instance: instance.clone(),
                    value: state.value,
                    position: i64::try_from(position).unwrap_or_default(),
                    ..deed_row(id, EventKind::Acknowledged, Some(caller.name.clone()))
                });
                let state_json = to_json(&state);
                instances.push(AlertInstanceRow { alert_id: id.to_owned(), instance, state_json });
            }
            let written = AlertRound {
                alert_id: id,
                round: row.round,
                status: row.status,
                status_since: row.status_since,
                error: row.error.as_deref(),
                checked_at: row.checked_at.unwrap_or_else(clock::now_ms),
                instances: &instances,
                gone: &[],
                events: &events,
                letters: &[],
            };
            if self.store.record_alert_round(&written).await? {
                self.publish_alert(id, &events).await?;
                self.record(caller, "acknowledge", "alert", id).await;
                return self.get_alert(caller, id).await;
            }
        }
        Err(Error::new(domain::ErrorCode::Overloaded, "This alert is being checked all the time.").hint("Try again."))
    }

    /// Checks an alert at once.
    ///
    /// # Errors
    /// No right; it is paused.
    pub async fn check_alert_now(&self, caller: &Caller, id: &str) -> Result<Alert> {
        let (row, access) = self.alert_for(caller, id).await?;
        require_edit(caller, access, "alert")?;
        if row.is_paused {
            return Err(Error::new(domain::ErrorCode::Conflict, "This alert is paused.").hint("Resume it first."));
        }
        self.check_alert(id).await?;
        self.get_alert(caller, id).await
    }

    /// What happened to an alert, newest first.
    ///
    /// # Errors
    /// It is not visible.
    pub async fn alert_events(&self, caller: &Caller, id: &str) -> Result<Vec<AlertEvent>> {
        let (row, _) = self.alert_for(caller, id).await?;
        let def = def_of(&row)?;
        let rows = self.store.alert_events(id, SHOWN).await?;
        let hides = self.is_alert_narrowed(&Reader::of(caller), &row, &def).await?;
        let shown = rows.into_iter().map(|event| shown_event(&def, event));
        Ok(if hides { shown.map(event_without_value).collect() } else { shown.collect() })
    }

    /// Writes down what somebody did, and tells open pages.
    pub(super) async fn note_deed(&self, caller: &Caller, id: &str, kind: EventKind, until: Option<i64>) -> Result<()> {
        let detail = match until {
            Some(until) => format!("{} until {}", caller.name, clock::rfc3339(until)),
            None => caller.name.clone(),
        };
        let event = deed_row(id, kind, Some(detail));
        self.store.insert_alert_event(&event).await?;
        self.publish_alert(id, &[event]).await
    }
}
