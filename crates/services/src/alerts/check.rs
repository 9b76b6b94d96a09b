//! Checking an alert: look, step, write, tell.

use super::look::Before;
use super::round::Round;
use super::{alerts_topic, def_of, topic};
use crate::policies::Reader;
use crate::{Services, clock};
use domain::alert::{AlertDef, AlertEvent, AlertNews, EventKind};
use domain::notify::Recipient;
use domain::people::Scope;
use domain::{Caller, Error, Result, UserRole};
use live::alert::Rule;
use std::collections::BTreeSet;
use store::{AlertEventRow, AlertRound, AlertRow, ThingKind};

/// How often a round is made anew because somebody else was faster.
const TRIES: usize = 20;

impl Services {
    /// Checks an alert now. States, events and what is to be told are written together; of two who check
    /// at once, in however many processes, one sees what the other wrote and goes on from there.
    pub(crate) async fn check_alert(&self, id: &str) -> Result<()> {
        for _ in 0..TRIES {
            let Some(row) = self.store.alert(id).await? else { return Ok(()) };
            if row.is_paused {
                return Ok(());
            }
            let def = def_of(&row)?;
            if self.check_once(&row, &def).await? {
                return self.deliver_letters().await;
            }
        }
        Err(Error::new(domain::ErrorCode::Overloaded, "This alert is being checked by somebody else all the time."))
    }

    pub(super) async fn check_once(&self, row: &AlertRow, def: &AlertDef) -> Result<bool> {
        let states = self.states_of(&row.id).await?;
        let now = clock::now_ms();
        let rule = Rule::of(def, row.snoozed_until);
        let before = states.get("").map_or_else(Before::default, |state| Before {
            seen_at: state.seen_at,
            is_due: state.due(&rule, now).is_some_and(|due| due <= now),
        });
        let moments = match self.owner_of(row).await? {
            Ok(owner) => self.look(row, def, &owner, before, now).await?,
            Err(error) => vec![super::look::Moment { at: now, seen: Err((error, false)) }],
        };
        let mut round = Round::new(row, def, states, now);
        round.error.clone_from(&row.error);
        for moment in moments {
            round.take(moment);
        }
        let administrators = match round.happened.iter().any(|h| h.event.tell) {
            true => self.administrators().await?,
            false => Vec::new(),
        };
        let (status, status_since) = round.status();
        let (instances, events) = (round.instance_rows(), round.event_rows());
        let written = AlertRound {
            alert_id: &row.id,
            round: row.round,
            status,
            status_since,
            error: round.error.as_deref(),
            checked_at: now,
            instances: &instances,
            gone: round.gone(),
            events: &events,
            letters: &round.letters(&administrators),
        };
        if !self.store.record_alert_round(&written).await? {
            return Ok(false);
        }
        if row.on_refresh {
            // What time alone changes, no refresh tells of.
            self.queue_alert(row, def, now).await?;
        }
        if !events.is_empty() || status != row.status {
            self.publish_alert(&row.id, &events).await?;
        }
        Ok(true)
    }

    /// The owner as they may ask now, or why they may not.
    pub(super) async fn owner_of(&self, row: &AlertRow) -> Result<std::result::Result<Caller, Error>> {
        let owner = self.store.user(&row.owner_id).await?.filter(|user| user.is_active);
        match owner {
            Some(user) => Ok(Ok(self.caller_of(&user, Scope::Admin, "alert").await?)),
            None => Ok(Err(Error::forbidden("Its owner has left: their account is not active any more.")
                .hint("Make the alert anew, or activate the account."))),
        }
    }

    async fn administrators(&self) -> Result<Vec<String>> {
        let users = self.store.users().await?.into_iter();
        Ok(users.filter(|u| u.role == UserRole::Admin && u.is_active).map(|u| u.id).collect())
    }

    /// Tells open pages how an alert stands, and what has happened.
    pub(super) async fn publish_alert(&self, id: &str, events: &[AlertEventRow]) -> Result<()> {
        let Some(row) = self.store.alert(id).await? else { return Ok(()) };
        let def = def_of(&row)?;
        let news = self.alert_news(&row, &def, events).await?;
        let json = |news: &AlertNews| serde_json::to_value(news).unwrap_or_default();
        // All who follow it get the same: no values, where rules hide them from anybody.
        let is_for_all = !self.has_alert_rules(&row, &def).await?;
        self.hub.publish(&topic(id), if is_for_all { json(&news) } else { json(&without_values(news.clone())) }, true);
        let mut people = BTreeSet::from([row.owner_id.clone()]);
        people.extend(def.recipients.iter().filter_map(|r| match r {
            Recipient::User { id } => Some(id.clone()),
            _ => None,
        }));
        people.extend(self.store.grants_of_thing(ThingKind::Alert, id).await?.into_iter().map(|g| g.user_id));
        for user in people {
            let hides = !is_for_all && self.is_alert_narrowed(&Reader::user(&user), &row, &def).await?;
            let own = if hides { json(&without_values(news.clone())) } else { json(&news) };
            self.hub.publish(&alerts_topic(&user), own, false);
        }
        Ok(())
    }

    async fn alert_news(&self, row: &AlertRow, def: &AlertDef, events: &[AlertEventRow]) -> Result<AlertNews> {
        let states = self.states_of(&row.id).await?;
        let top = super::instances(def, &states).into_iter().next().unwrap_or_default();
        Ok(AlertNews {
            id: row.id.clone(),
            name: row.name.clone(),
            status: row.status,
            since: clock::rfc3339(row.status_since),
            value: top.value,
            formatted_value: top.formatted_value,
            metric: def.subject.metric().map(str::to_owned),
            is_paused: row.is_paused,
            snoozed_until: row.snoozed_until.filter(|until| *until > clock::now_ms()).map(clock::rfc3339),
            events: events.iter().map(|event| shown_event(def, event.clone())).collect(),
        })
    }

    /// How an alert stands, for who begins to follow it.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn alert_now(&self, caller: &Caller, id: &str) -> Result<AlertNews> {
        let (row, _) = self.alert_for(caller, id).await?;
        let def = def_of(&row)?;
        let news = self.alert_news(&row, &def, &[]).await?;
        let hides = self.is_alert_narrowed(&Reader::of(caller), &row, &def).await?;
        Ok(if hides { without_values(news) } else { news })
    }

    /// Checks the alerts that wait for a metric to be refreshed. What fails is logged: the metric has its
    /// value all the same, and the next refresh catches up.
    pub(crate) async fn check_alerts_of_metric(&self, metric: &str) {
        match self.store.alerts_on_metric(metric).await {
            Ok(ids) => self.check_alerts(ids).await,
            Err(error) => tracing::error!(%error, metric, "the alerts on this metric could not be checked"),
        }
    }

    /// Checks the alerts that wait for rows of a dataset to change.
    pub(crate) fn check_alerts_of_dataset(&self, dataset: &str) {
        let (services, dataset) = (self.clone(), dataset.to_owned());
        tokio::spawn(async move {
            match services.store.alerts_on_dataset(&dataset).await {
                Ok(ids) => services.check_alerts(ids).await,
                Err(error) => tracing::error!(%error, dataset, "the alerts on this dataset could not be checked"),
            }
        });
    }

    pub(super) async fn check_alerts(&self, ids: Vec<String>) {
        for id in ids {
            if let Err(error) = self.check_alert(&id).await {
                tracing::error!(%error, alert = id, "this alert could not be checked");
            }
        }
    }
}

/// News for those who may not see the rows that they are of.
fn without_values(mut news: AlertNews) -> AlertNews {
    (news.value, news.formatted_value) = (None, "—".into());
    news.events = news.events.into_iter().map(event_without_value).collect();
    news
}

/// The same of one event.
pub(super) fn event_without_value(event: AlertEvent) -> AlertEvent {
    let detail = event.detail.filter(|_| event.kind != EventKind::Broken);
    AlertEvent { instance: String::new(), value: None, formatted_value: "—".into(), detail, ..event }
}

/// An event as people see it.
pub(super) fn shown_event(def: &AlertDef, row: AlertEventRow) -> AlertEvent {
    AlertEvent {
        id: row.id,
        alert_id: row.alert_id,
        instance: row.instance,
        kind: row.kind,
        at: clock::rfc3339(row.at),
        value: row.value,
        formatted_value: def.written(row.value),
        told: row.told,
        detail: row.detail,
    }
}
