//! Alerts: made, seen, changed. What they are is in `domain::alert`, how they stand and change in
//! `live::alert`, which knows no clock and no store; here both meet.

mod check;
mod clock;
mod deeds;
mod deliver;
mod look;
mod round;
mod subject;
#[cfg(test)]
mod tests;
mod trial;

pub(crate) use clock::{JOB, Watch};
pub(crate) use look::moment_of;

use crate::access::{require_edit, require_owner, require_role, require_scope, visible};
use crate::policies::Reader;
use crate::{Services, new_id, to_json};
use domain::alert::{Alert, AlertDef, AlertInstance, AlertPatch, MetricAlertForm, NewAlert, Status};
use domain::notify::Recipient;
use domain::people::Scope;
use domain::{Access, Caller, Error, Result, UserRole};
use live::alert::State;
use std::collections::{BTreeMap, HashMap};
use store::{AlertEventRow, AlertRow, ThingKind};

/// Instances that are shown.
const SHOWN: usize = 100;
/// The most alerts of one person.
const MOST_ALERTS: usize = 2_000;

/// The topic of an alert.
pub(crate) fn topic(id: &str) -> String {
    format!("alert:{id}")
}

/// The topic of all alerts that somebody has to do with.
pub fn alerts_topic(user_id: &str) -> String {
    format!("alerts:{user_id}")
}

impl Services {
    /// An alert the caller may see.
    pub(crate) async fn alert_for(&self, caller: &Caller, id: &str) -> Result<(AlertRow, Access)> {
        let row = self.store.alert(id).await?.ok_or_else(|| Error::not_found("alert"))?;
        let may = self.access_of(caller, ThingKind::Alert, &row.id, &row.owner_id, row.is_public).await?;
        let access = visible(may, "alert")?;
        Ok((row, access))
    }

    /// The alerts the caller may see, the most urgent first; with `search`, those whose name or
    /// description has it.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_alerts(&self, caller: &Caller, search: &str) -> Result<Vec<Alert>> {
        let rights = self.rights(caller, ThingKind::Alert).await?;
        let names = self.user_names().await?;
        let wanted = search.trim().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let mut alerts = Vec::new();
        for row in self.store.alerts().await? {
            let may = rights.of(&row.id, &row.owner_id, row.is_public);
            if let Some(access) = may.filter(|_| has(&row.name) || has(&row.description)) {
                alerts.push(self.show_alert(caller, row, access, &names).await?);
            }
        }
        alerts.sort_by(|a, b| (a.is_paused, b.status).cmp(&(b.is_paused, a.status)));
        Ok(alerts)
    }

    /// One alert.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn get_alert(&self, caller: &Caller, id: &str) -> Result<Alert> {
        let (row, access) = self.alert_for(caller, id).await?;
        self.show_alert(caller, row, access, &self.user_names().await?).await
    }

    /// Makes an alert and checks it once.
    ///
    /// # Errors
    /// No right, a rule that cannot be meant, a question that does not work.
    pub async fn create_alert(&self, caller: &Caller, new: NewAlert) -> Result<Alert> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Explorer, "make an alert")?;
        check_description(&new.description)?;
        let own = self.store.alerts().await?.iter().filter(|a| a.owner_id == caller.user_id).count();
        if own >= MOST_ALERTS {
            return Err(Error::new(domain::ErrorCode::RuleRefused, "You have 2,000 alerts: more than anybody reads.")
                .hint("Delete some, or use one alert for each value of a column."));
        }
        let mut def = new.def;
        if def.recipients.is_empty() {
            // An alert that tells nobody is none.
            def.recipients.push(Recipient::User { id: caller.user_id.clone() });
        }
        let (def, dataset_id) = self.checked_alert(caller, def).await?;
        // Without a name of its own it is called after what it waits for.
        let name = match new.name.trim() {
            "" => def.sentence().chars().take(100).collect(),
            name => checked_name(name)?,
        };
        let now = crate::clock::now_ms();
        let row = AlertRow {
            id: new_id(),
            name,
            description: new.description,
            owner_id: caller.user_id.clone(),
            def_json: to_json(&def),
            is_public: new.is_public,
            is_paused: new.is_paused,
            snoozed_until: None,
            metric_id: def.subject.metric().map(str::to_owned),
            dataset_id,
            on_refresh: def.check == domain::alert::Check::OnRefresh,
            status: Status::Normal,
            status_since: now,
            error: None,
            checked_at: None,
            round: 0,
            created_at: now,
            updated_at: now,
        };
        self.store.insert_alert(&row).await?;
        self.queue_alert(&row, &def, now).await?;
        self.record(caller, "create", "alert", &row.id).await;
        self.check_alert(&row.id).await?;
        self.get_alert(caller, &row.id).await
    }

    /// Makes the alert of the simple form.
    ///
    /// # Errors
    /// As [`Services::create_alert`]; there is no such metric.
    pub async fn create_metric_alert(&self, caller: &Caller, form: MetricAlertForm) -> Result<Alert> {
        let wanted = form.metric_name.trim().to_owned();
        let metrics = self.list_metrics(caller).await?;
        let by_id = metrics.iter().find(|m| m.def.id == wanted);
        let found = by_id.or_else(|| metrics.iter().find(|m| m.def.name.to_lowercase() == wanted.to_lowercase()));
        let id = found.ok_or_else(|| Error::not_found("metric").field("metric_name"))?.def.id.clone();
        self.create_alert(caller, form.into_alert(&id)?).await
    }

    /// Changes an alert.
    ///
    /// # Errors
    /// No right, or what results cannot be meant.
    pub async fn update_alert(&self, caller: &Caller, id: &str, mut patch: AlertPatch) -> Result<Alert> {
        let (row, access) = self.alert_for(caller, id).await?;
        require_edit(caller, access, "alert")?;
        let old = def_of(&row)?;
        let name = checked_name(patch.name.as_deref().unwrap_or(&row.name))?;
        let description = patch.description.take().unwrap_or_else(|| row.description.clone());
        check_description(&description)?;
        let (is_public, is_paused) =
            (patch.is_public.unwrap_or(row.is_public), patch.is_paused.unwrap_or(row.is_paused));
        if is_public != row.is_public {
            require_owner(caller, access, "alert")?;
        }
        let mut def = patch.apply(old.clone());
        if def.recipients.is_empty() {
            def.recipients.push(Recipient::User { id: row.owner_id.clone() });
        }
        let is_new_rule = def != old;
        let (def, dataset_id) = match is_new_rule {
            // It is asked with the rights of its owner: nobody may make it ask what they may not.
            true => self.checked_alert(caller, def).await?,
            false => (def, row.dataset_id.clone()),
        };
        // It is asked with the eyes of its owner, and how it stands is told to all who may see it.
        if is_new_rule && caller.user_id != row.owner_id {
            let reader = Reader::of(caller);
            for rule in [&old, &def] {
                if self.is_alert_narrowed(&reader, &row, rule).await? {
                    return Err(Error::forbidden(
                        "Its owner sees rows of this data that you do not: only they change what it watches.",
                    ));
                }
            }
        }
        let row = AlertRow {
            name,
            description,
            def_json: to_json(&def),
            is_public,
            metric_id: def.subject.metric().map(str::to_owned),
            dataset_id,
            on_refresh: def.check == domain::alert::Check::OnRefresh,
            updated_at: crate::clock::now_ms(),
            ..row
        };
        self.store.update_alert(&row).await?;
        self.record(caller, "update", "alert", id).await;
        if is_new_rule {
            self.note_deed(caller, id, domain::alert::EventKind::Changed, None).await?;
            if !row.is_paused {
                self.queue_alert(&row, &def, row.updated_at).await?;
                self.check_alert(id).await?;
            }
        }
        if is_paused != row.is_paused {
            return self.pause_alert(caller, id, is_paused).await;
        }
        self.get_alert(caller, id).await
    }

    /// Deletes an alert with its history.
    ///
    /// # Errors
    /// The caller does not own it.
    pub async fn delete_alert(&self, caller: &Caller, id: &str) -> Result<()> {
        let (_, access) = self.alert_for(caller, id).await?;
        require_owner(caller, access, "alert")?;
        self.store.delete_alert(id).await?;
        self.store.delete_job_by_key(&clock::job_key(id)).await?;
        self.hub.forget(&topic(id));
        self.record(caller, "delete", "alert", id).await;
        Ok(())
    }

    /// How the values of an alert stand.
    pub(super) async fn states_of(&self, id: &str) -> Result<BTreeMap<String, State>> {
        let rows = self.store.alert_instances(id).await?;
        Ok(rows.into_iter().map(|row| (row.instance, crate::from_json(&row.state_json))).collect())
    }

    async fn show_alert(
        &self,
        caller: &Caller,
        row: AlertRow,
        access: Access,
        names: &HashMap<String, String>,
    ) -> Result<Alert> {
        let def = def_of(&row)?;
        let is_narrowed = self.is_alert_narrowed(&Reader::of(caller), &row, &def).await?;
        let states = self.states_of(&row.id).await?;
        let now = crate::clock::now_ms();
        // How it stands may be known to all who see the alert; its values are of rows.
        let instances = if is_narrowed { Vec::new() } else { instances(&def, &states) };
        let top = instances.first().cloned().unwrap_or_default();
        let next = match row.is_paused {
            true => None,
            false => live::alert::next_check(&def.check, def.subject.metric().is_none(), now).unwrap_or_default(),
        };
        let time = crate::clock::rfc3339;
        Ok(Alert {
            sentence: def.sentence(),
            owner_name: names.get(&row.owner_id).cloned().unwrap_or_default(),
            id: row.id,
            name: row.name,
            description: row.description,
            owner_id: row.owner_id,
            access,
            is_public: row.is_public,
            is_paused: row.is_paused,
            snoozed_until: row.snoozed_until.filter(|until| *until > now).map(time),
            status: row.status,
            since: time(row.status_since),
            value: top.value,
            formatted_value: def.written(top.value),
            error: row.error.filter(|_| !is_narrowed),
            checked_at: row.checked_at.map(time),
            next_check_at: next.map(time),
            instances,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
            def,
        })
    }
}

/// What people see of the states, the most urgent first.
fn instances(def: &AlertDef, states: &BTreeMap<String, State>) -> Vec<AlertInstance> {
    // The alert as a whole has a value only where there is no dimension.
    let shown = states
        .iter()
        .filter(|(name, state)| def.for_each.is_none() || !name.is_empty() || state.status() != Status::Normal);
    let mut all: Vec<AlertInstance> = shown
        .map(|(name, state)| AlertInstance {
            instance: name.clone(),
            status: state.status(),
            since: crate::clock::rfc3339(state.since()),
            value: state.value,
            formatted_value: def.written(state.value),
            acknowledged_by: state.acknowledged_by.clone(),
        })
        .collect();
    all.sort_by(|a, b| (b.status, &a.instance).cmp(&(a.status, &b.instance)));
    all.truncate(SHOWN);
    all
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if !(1..=100).contains(&name.chars().count()) {
        return Err(Error::invalid("An alert needs a name of 1 to 100 characters.").field("name"));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::invalid("The name of an alert is one line, without line breaks.").field("name"));
    }
    Ok(name.to_owned())
}

fn check_description(text: &str) -> Result<()> {
    match text.chars().count() {
        0..=2_000 => Ok(()),
        _ => Err(Error::invalid("A description has at most 2,000 characters.").field("description")),
    }
}

pub(crate) fn def_of(row: &AlertRow) -> Result<AlertDef> {
    serde_json::from_str(&row.def_json).map_err(|cause| {
        tracing::error!(%cause, alert = row.id, "reading a stored alert");
        Error::internal()
    })
}

/// An event that is about nothing that was seen.
pub(super) fn deed_row(alert: &str, kind: domain::alert::EventKind, detail: Option<String>) -> AlertEventRow {
    AlertEventRow {
        id: new_id(),
        alert_id: alert.to_owned(),
        instance: String::new(),
        kind,
        at: crate::clock::now_ms(),
        // Before what a check finds in the same moment.
        position: -1,
        value: None,
        told: false,
        detail,
    }
}
