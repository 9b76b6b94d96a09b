//! Metrics: named questions with one value. Refreshed once, whoever watches: by their interval,
//! and at once when rows are appended to the dataset they read.

use crate::access::{access, require_edit, require_owner, require_role, require_scope, visible};
use crate::{Services, clock, to_json};
use domain::api::{MetricPatch, MetricReading, NewMetric};
use domain::metric::{Metric, MetricDef, Reading, Trend};
use domain::names::{is_name, to_name};
use domain::people::Scope;
use domain::table::Table;
use domain::{Access, Caller, Error, ErrorCode, Result, UserRole};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{MetricRow, ThingKind};

/// Values of the history that travel with a reading.
const SHOWN_HISTORY: i64 = 60;
/// Values of the history that are kept.
const KEPT_HISTORY: i64 = 10_000;
/// How often the clock looks for metrics that are due.
const TICK: Duration = Duration::from_millis(250);

/// When each metric is due, and which dataset it reads.
#[derive(Default)]
pub(crate) struct Schedule(Mutex<HashMap<String, Entry>>);

#[derive(Clone, Debug)]
struct Entry {
    dataset: String,
    interval_ms: i64,
    due: i64,
    running: bool,
    /// Something changed while it ran.
    again: bool,
}

impl Schedule {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, def: &MetricDef, due: i64) {
        let entry = Entry {
            dataset: def.query.dataset.clone(),
            interval_ms: i64::from(def.refresh_interval) * 1_000,
            due,
            running: false,
            again: false,
        };
        self.lock().insert(def.id.clone(), entry);
    }

    fn remove(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Takes the metrics that are due. Jitter of up to a tenth of the interval spreads them out.
    fn take_due(&self, now: i64) -> Vec<String> {
        let mut due = Vec::new();
        for (id, entry) in self.lock().iter_mut().filter(|(_, e)| e.due <= now && !e.running) {
            entry.due = now + entry.interval_ms - rand::random_range(0..=entry.interval_ms / 10);
            due.push(id.clone());
        }
        due
    }

    fn reading_from(&self, id: &str, name: &str) -> Vec<String> {
        let reads = |e: &Entry| e.dataset == id || e.dataset == name;
        self.lock().iter().filter(|(_, e)| reads(e)).map(|(id, _)| id.clone()).collect()
    }

    /// Whether the caller is the one to refresh now; otherwise whoever does will do it again.
    fn begin(&self, id: &str) -> bool {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(id) else { return false };
        entry.again = entry.running;
        !std::mem::replace(&mut entry.running, true)
    }

    /// Whether it has to run again.
    fn end(&self, id: &str) -> bool {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(id) else { return false };
        let again = std::mem::take(&mut entry.again);
        entry.running = again;
        again
    }
}

/// The topic of a metric.
pub(crate) fn topic(id: &str) -> String {
    format!("metric:{id}")
}

impl Services {
    /// Loads all metrics and starts the clock that refreshes them.
    pub(crate) async fn start_metrics(&self) -> Result<()> {
        for row in self.store.metrics().await? {
            match def_of(&row) {
                Ok(def) => self.schedule.put(&def, clock::now_ms()),
                Err(error) => tracing::error!(%error, metric = row.id, "this metric cannot be read"),
            }
        }
        let weak = std::sync::Arc::downgrade(&self.0);
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(TICK);
            loop {
                tick.tick().await;
                let Some(inner) = weak.upgrade() else { break };
                let services = Services(inner);
                for id in services.schedule.take_due(clock::now_ms()) {
                    services.refresh_soon(id);
                }
            }
        });
        Ok(())
    }

    /// Refreshes the metrics that read a dataset, now.
    pub(crate) fn refresh_metrics_of(&self, id: &str, name: &str) {
        for metric in self.schedule.reading_from(id, name) {
            self.refresh_soon(metric);
        }
    }

    fn refresh_soon(&self, id: String) {
        if !self.schedule.begin(&id) {
            return;
        }
        let services = self.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = services.refresh(&id).await {
                    tracing::warn!(%error, metric = id, "a metric could not be refreshed");
                }
                if !services.schedule.end(&id) {
                    break;
                }
            }
        });
    }

    /// Calculates a metric, tells who watches when something changed, and keeps the value.
    async fn refresh(&self, id: &str) -> Result<()> {
        let Some(row) = self.store.metric(id).await? else {
            self.schedule.remove(id);
            return Ok(());
        };
        let def = def_of(&row)?;
        let computed = self.compute(&def).await;
        self.take_value(&row, &def, computed, clock::now_ms(), None).await
    }

    async fn compute(&self, def: &MetricDef) -> Result<Option<f64>> {
        let gone = || Error::new(ErrorCode::NotFound, "The dataset of this metric is gone.");
        let loaded = self.load_dataset(&def.query.dataset).await?.ok_or_else(gone)?;
        let (answer, _) = self.answer(&loaded, &def.query, false).await?;
        Ok(single_value(&answer.table))
    }

    async fn take_value(
        &self,
        row: &MetricRow,
        def: &MetricDef,
        computed: Result<Option<f64>>,
        at: i64,
        ts: Option<f64>,
    ) -> Result<()> {
        let before: Reading = row.last_json.as_deref().map(crate::from_json).unwrap_or_default();
        let (value, error) = match computed {
            Ok(value) => (value, None),
            Err(error) => (before.value, Some(error.to_string())),
        };
        let mut history: Vec<(String, Option<f64>)> = before.history.clone();
        if error.is_none() {
            history.push((clock::rfc3339(at), value));
            let extra = history.len().saturating_sub(usize::try_from(SHOWN_HISTORY).unwrap_or_default());
            history.drain(..extra);
        }
        let reading = Reading {
            formatted_value: match value {
                Some(value) => domain::format::number(value, &def.format, true, "en-US"),
                None => "—".into(),
            },
            trend: if error.is_some() || (before.value == value && before.value.is_some()) && ts.is_none() {
                // The same value again says nothing new about where it is going.
                if error.is_some() || history.len() > 1 { before.trend.clone() } else { Trend::default() }
            } else {
                Trend::between(before.value, value)
            },
            value,
            calculated_at: Some(clock::rfc3339(at)),
            history,
            error,
            ts,
        };
        let changed = reading.value != before.value || reading.error != before.error || before.calculated_at.is_none();
        if changed || ts.is_some() {
            let news = show(def, reading.clone());
            self.hub.publish(&topic(&def.id), serde_json::to_value(&news).unwrap_or_default(), true);
        }
        if reading.error.is_some() {
            self.store.set_last_reading(&def.id, at, &to_json(&reading)).await?;
            return Ok(());
        }
        self.store.record_reading(&def.id, at, value, &to_json(&reading)).await?;
        // Now and then is often enough: the history is a few percent too long in between.
        if rand::random_range(0..500) == 0 {
            self.store.prune_history(&def.id, KEPT_HISTORY).await?;
        }
        Ok(())
    }

    /// A metric the caller may see.
    pub(crate) async fn metric_for(&self, caller: &Caller, id: &str) -> Result<(MetricRow, Access)> {
        let row = self.store.metric(id).await?.ok_or_else(|| Error::not_found("metric"))?;
        let granted = self.store.grant(ThingKind::Metric, &row.id, &caller.user_id).await?;
        let access = visible(access(caller, &row.owner_id, granted, row.is_public), "metric")?;
        Ok((row, access))
    }

    /// What a metric reads now, for a tile whose dashboard the caller may see.
    pub(crate) async fn reading_of(&self, id: &str) -> Result<MetricReading> {
        let gone = || {
            Error::new(ErrorCode::NotFound, "The metric of this tile is gone.").hint("Edit the tile and pick another.")
        };
        let row = self.store.metric(id).await?.ok_or_else(gone)?;
        let reading = row.last_json.as_deref().map(crate::from_json).unwrap_or_default();
        Ok(show(&def_of(&row)?, reading))
    }

    /// What the topic of a metric carries.
    pub fn metric_reading(&self, metric: &Metric) -> MetricReading {
        show(&metric.def, metric.reading.clone())
    }

    /// The metrics the caller may see, by name.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_metrics(&self, caller: &Caller) -> Result<Vec<Metric>> {
        let granted = self.store.grants_of_user(&caller.user_id, ThingKind::Metric).await?;
        let names = self.user_names().await?;
        let mut metrics = Vec::new();
        for row in self.store.metrics().await? {
            if let Some(access) = access(caller, &row.owner_id, granted.get(&row.id).copied(), row.is_public) {
                let owner = names.get(&row.owner_id).cloned().unwrap_or_default();
                metrics.push(metric(row, access, owner)?);
            }
        }
        Ok(metrics)
    }

    /// One metric with its latest value.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn get_metric(&self, caller: &Caller, id: &str) -> Result<Metric> {
        let (row, access) = self.metric_for(caller, id).await?;
        let owner = self.user_name(&row.owner_id).await?;
        metric(row, access, owner)
    }

    /// Registers a metric and calculates it once before answering.
    ///
    /// # Errors
    /// No right, an id that is taken or not fit, a question that does not work.
    pub async fn create_metric(&self, caller: &Caller, new: NewMetric) -> Result<Metric> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Creator, "make a metric")?;
        let id = if new.id.is_empty() { to_name(&new.name) } else { new.id };
        if !is_name(&id) {
            return Err(Error::invalid("A metric id has 1 to 60 small letters, digits or underscores.").field("id"));
        }
        let def = MetricDef {
            id,
            name: new.name,
            description: new.description,
            query: new.query,
            refresh_interval: new.refresh_interval.unwrap_or(60),
            format: new.format,
            target: new.target,
            favourable: new.favourable,
        };
        self.check_metric(caller, &def).await?;
        let now = clock::now_ms();
        let row = MetricRow {
            id: def.id.clone(),
            name: def.name.clone(),
            owner_id: caller.user_id.clone(),
            def_json: to_json(&def),
            is_public: new.is_public,
            created_at: now,
            updated_at: now,
            last_json: None,
            last_at: None,
        };
        self.store.insert_metric(&row).await?;
        self.schedule.put(&def, now + i64::from(def.refresh_interval) * 1_000);
        self.refresh(&def.id).await?;
        self.record(caller, "create", "metric", &def.id).await;
        self.get_metric(caller, &def.id).await
    }

    /// Checks a definition by asking its question with the caller's rights.
    async fn check_metric(&self, caller: &Caller, def: &MetricDef) -> Result<()> {
        if def.name.trim().is_empty() || def.name.chars().count() > 100 {
            return Err(Error::invalid("A metric needs a name of 1 to 100 characters.").field("name"));
        }
        if !(1..=86_400).contains(&def.refresh_interval) {
            return Err(Error::invalid("The refresh interval is 1 to 86,400 seconds.").field("refresh_interval"));
        }
        if def.target.is_some_and(|t| !t.is_finite()) {
            return Err(Error::invalid("The target is not a number.").field("target"));
        }
        let (answer, _) = self.run_query(caller, &def.query, false).await?;
        if def.query.measures.is_empty() || answer.table.columns.is_empty() {
            return Err(Error::new(ErrorCode::InvalidQuery, "A metric needs a measure: a number to watch.")
                .field("query.measures"));
        }
        Ok(())
    }

    /// Changes a metric.
    ///
    /// # Errors
    /// No right, or a question that does not work.
    pub async fn update_metric(&self, caller: &Caller, id: &str, patch: MetricPatch) -> Result<Metric> {
        let (row, access) = self.metric_for(caller, id).await?;
        require_edit(caller, access, "metric")?;
        let old = def_of(&row)?;
        let def = MetricDef {
            id: old.id,
            name: patch.name.unwrap_or(old.name),
            description: patch.description.unwrap_or(old.description),
            query: patch.query.unwrap_or(old.query),
            refresh_interval: patch.refresh_interval.unwrap_or(old.refresh_interval),
            format: patch.format.unwrap_or(old.format),
            target: patch.target.unwrap_or(old.target),
            favourable: patch.favourable.unwrap_or(old.favourable),
        };
        self.check_metric(caller, &def).await?;
        let is_public = patch.is_public.unwrap_or(row.is_public);
        if is_public != row.is_public {
            require_owner(caller, access, "metric")?;
        }
        self.store.update_metric(id, &def.name, &to_json(&def), is_public, clock::now_ms()).await?;
        self.schedule.put(&def, clock::now_ms() + i64::from(def.refresh_interval) * 1_000);
        self.refresh(id).await?;
        self.record(caller, "update", "metric", id).await;
        self.get_metric(caller, id).await
    }

    /// Deletes a metric with its history.
    ///
    /// # Errors
    /// The caller does not own it.
    pub async fn delete_metric(&self, caller: &Caller, id: &str) -> Result<()> {
        let (_, access) = self.metric_for(caller, id).await?;
        require_owner(caller, access, "metric")?;
        self.schedule.remove(id);
        self.store.delete_metric(id).await?;
        self.hub.forget(&topic(id));
        self.record(caller, "delete", "metric", id).await;
        Ok(())
    }

    /// Takes a value from outside.
    ///
    /// # Errors
    /// No right, or a value that is not a number.
    pub async fn push_value(
        &self,
        caller: &Caller,
        id: &str,
        value: f64,
        at: Option<&str>,
        ts: Option<f64>,
    ) -> Result<()> {
        let (row, access) = self.metric_for(caller, id).await?;
        require_edit(caller, access, "metric")?;
        if !value.is_finite() {
            return Err(Error::invalid("The value is not a number.").field("value"));
        }
        let at = match at {
            Some(text) => text
                .parse::<jiff::Timestamp>()
                .map_err(|_| Error::invalid("The time is not RFC 3339, such as 2025-03-01T12:00:00Z.").field("at"))?
                .as_millisecond(),
            None => clock::now_ms(),
        };
        self.take_value(&row, &def_of(&row)?, Ok(Some(value)), at, Some(ts.unwrap_or_default())).await
    }

    /// Refreshes a metric now.
    ///
    /// # Errors
    /// It is not visible, or its question fails.
    pub async fn refresh_metric(&self, caller: &Caller, id: &str) -> Result<Metric> {
        self.metric_for(caller, id).await?;
        self.refresh(id).await?;
        self.get_metric(caller, id).await
    }
}

/// The one value of an answer: its first measure, in the last row of a course of time.
fn single_value(table: &Table) -> Option<f64> {
    let measure = table.columns.iter().position(|c| c.role == domain::Role::Measure)?;
    let over_time = table.columns.iter().any(|c| c.role == domain::Role::Time);
    let column = table.data.get(measure)?;
    let cell = if over_time { column.last() } else { column.first() };
    cell?.as_f64()
}

fn def_of(row: &MetricRow) -> Result<MetricDef> {
    serde_json::from_str(&row.def_json).map_err(|cause| {
        tracing::error!(%cause, metric = row.id, "reading a stored metric");
        Error::internal()
    })
}

fn metric(row: MetricRow, access: Access, owner_name: String) -> Result<Metric> {
    let reading = row.last_json.as_deref().map(crate::from_json).unwrap_or_default();
    Ok(Metric { def: def_of(&row)?, owner_id: row.owner_id, owner_name, access, is_public: row.is_public, reading })
}

fn show(def: &MetricDef, reading: Reading) -> MetricReading {
    MetricReading {
        id: def.id.clone(),
        name: def.name.clone(),
        format: def.format.clone(),
        target: def.target,
        favourable: def.favourable,
        reading,
    }
}
