//! Metrics: named questions with one value, seen, made, changed and fed from outside.

mod breakdown;
mod history;
mod increment;
mod last;
mod push;
mod recorder;
mod refresh;
mod schedule;
mod thin;

use crate::access::{require_edit, require_owner, require_role, require_scope, visible};
use crate::{Services, clock, to_json};
use domain::api::{MetricPatch, MetricReading, MetricsClock, NewMetric};
use domain::metric::{Metric, MetricDef, MetricQuery, Reading};
use domain::names::{is_name, to_name};
use domain::people::Scope;
use domain::{Access, Caller, Error, ErrorCode, Query, Result, Role, UserRole};
pub(crate) use refresh::reading_alone;
use refresh::single_value;
use std::hash::{DefaultHasher, Hash, Hasher};
use store::{MetricRow, ThingKind};
use tokio::sync::{Mutex, MutexGuard, Semaphore};

/// Rows of a SELECT that are looked at: the value is in the first, or in the last of a course of time.
const SQL_ROWS: u64 = 10_000;

/// Questions of metrics that are answered at the same time.
const AT_ONCE: usize = 8;
/// Writers of the same metric wait for each other; those of different ones seldom do.
const TURNS: usize = 64;

/// What the metrics of this process share.
pub(crate) struct Live {
    pub(crate) schedule: schedule::Schedule,
    pub(crate) last: last::LastReadings,
    recorder: recorder::Recorder,
    sums: increment::Sums,
    at_once: Semaphore,
    turns: [Mutex<()>; TURNS],
}

impl Default for Live {
    fn default() -> Self {
        Self {
            schedule: schedule::Schedule::default(),
            last: last::LastReadings::default(),
            recorder: recorder::Recorder::default(),
            sums: increment::Sums::default(),
            at_once: Semaphore::new(AT_ONCE),
            turns: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl Live {
    /// The turn to read and write the reading of a metric.
    async fn turn(&self, id: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        self.turns[hasher.finish() as usize % TURNS].lock().await
    }

    /// Forgets a metric that is gone.
    fn forget(&self, id: &str) {
        self.schedule.remove(id);
        self.last.forget(id);
        self.sums.forget(id);
    }
}

/// The topic of a metric.
pub(crate) fn topic(id: &str) -> String {
    format!("metric:{id}")
}

impl Services {
    /// A metric the caller may see.
    pub(crate) async fn metric_for(&self, caller: &Caller, id: &str) -> Result<(MetricRow, Access)> {
        let row = self.store.metric(id).await?.ok_or_else(|| Error::not_found("metric"))?;
        let may = self.access_of(caller, ThingKind::Metric, &row.id, &row.owner_id, row.is_public).await?;
        let access = visible(may, "metric")?;
        Ok((row, access))
    }

    /// What a metric reads now, for a tile whose dashboard the caller may see.
    pub(crate) async fn reading_of(&self, caller: &Caller, id: &str) -> Result<MetricReading> {
        let row = self.row_of_tile(id).await?;
        let reading = match self.own_reading(caller, &row, false).await? {
            Some(own) => own,
            None => self.last_reading(&row).await?,
        };
        Ok(show(&def_of(&row)?, reading))
    }

    /// What its owner reads: for those who see all that the owner sees.
    pub(crate) async fn shared_reading(&self, id: &str) -> Result<MetricReading> {
        let row = self.row_of_tile(id).await?;
        Ok(show(&def_of(&row)?, self.last_reading(&row).await?))
    }

    async fn row_of_tile(&self, id: &str) -> Result<MetricRow> {
        let gone = || {
            Error::new(ErrorCode::NotFound, "The metric of this tile is gone.").hint("Edit the tile and pick another.")
        };
        self.store.metric(id).await?.ok_or_else(gone)
    }

    /// How the refreshes of metrics keep their times.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub fn metrics_clock(&self, caller: &Caller) -> Result<MetricsClock> {
        crate::access::require_admin(caller)?;
        Ok(self.metrics.schedule.clock())
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
        let rights = self.rights(caller, ThingKind::Metric).await?;
        let names = self.user_names().await?;
        let mut metrics = Vec::new();
        for row in self.store.metrics().await? {
            if let Some(access) = rights.of(&row.id, &row.owner_id, row.is_public) {
                let owner = names.get(&row.owner_id).cloned().unwrap_or_default();
                let own = self.own_reading(caller, &row, true).await?;
                metrics.push(metric(row, access, owner, own)?);
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
        let own = self.own_reading(caller, &row, false).await?;
        metric(row, access, owner, own)
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
        let query = match new.query {
            Some(query) => self.metric_query(caller, query).await?,
            None => Query::default(),
        };
        let def = MetricDef {
            id,
            name: new.name,
            description: new.description,
            query,
            refresh_interval: new.refresh_interval.unwrap_or(60),
            format: new.format,
            target: new.target,
            favourable: new.favourable,
            aggregation: new.aggregation,
            window: new.window,
            period: new.period,
            breakdown: new.breakdown,
            retention: new.retention,
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
            members_json: None,
        };
        self.store.insert_metric(&row).await?;
        self.metrics.schedule.put(&def, now + i64::from(def.refresh_interval) * 1_000, 0);
        self.tell_of_metric(&def.id);
        self.refresh(&def.id).await?;
        self.record(caller, "create", "metric", &def.id).await;
        self.get_metric(caller, &def.id).await
    }

    /// The question of a metric. A SELECT is kept, and its rows are asked for.
    async fn metric_query(&self, caller: &Caller, query: MetricQuery) -> Result<Query> {
        let sql = match query {
            MetricQuery::Query(query) => return Ok(*query),
            MetricQuery::Sql(sql) => sql,
        };
        let kept = self.keep_statement(caller, &sql).await.map_err(|e| e.field("query"))?;
        let columns = kept.columns.iter().map(|c| c.name.clone()).collect();
        Ok(Query { dataset: kept.row.id.clone(), columns, limit: Some(SQL_ROWS), ..Query::default() })
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
        if !def.retention.is_sound() {
            return Err(Error::invalid("Every value is kept for 1 to 31 days, one a minute at least as long and up to a year, one an hour at least as long and up to ten years.").field("retention"));
        }
        let longest = def.retention.raw_days.saturating_mul(86_400);
        if def.window.is_some_and(|w| w == 0 || w > longest) {
            return Err(Error::invalid("The window is at least a second, and no longer than every value is kept.")
                .hint("Raise `retention.raw_days` for a longer one.")
                .field("window"));
        }
        self.check_breakdown(caller, def).await?;
        if def.is_pushed() {
            return Ok(());
        }
        let (answer, _) = self.run_query(caller, &def.query, false).await?;
        if !answer.table.columns.iter().any(|c| c.role == Role::Measure) {
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
        let is_new_question = patch.query.is_some();
        if is_new_question {
            // Its past stays, and is of the rows that it read until now.
            self.require_whole_metric(caller, &row).await?;
        }
        let old = def_of(&row)?;
        let def = MetricDef {
            id: old.id,
            name: patch.name.unwrap_or(old.name),
            description: patch.description.unwrap_or(old.description),
            query: match patch.query {
                Some(query) => self.metric_query(caller, query).await?,
                None => old.query,
            },
            refresh_interval: patch.refresh_interval.unwrap_or(old.refresh_interval),
            format: patch.format.unwrap_or(old.format),
            target: patch.target.unwrap_or(old.target),
            favourable: patch.favourable.unwrap_or(old.favourable),
            aggregation: patch.aggregation.unwrap_or(old.aggregation),
            window: patch.window.unwrap_or(old.window),
            period: patch.period.unwrap_or(old.period),
            breakdown: patch.breakdown.unwrap_or(old.breakdown),
            retention: patch.retention.unwrap_or(old.retention),
        };
        self.check_metric(caller, &def).await?;
        let is_public = patch.is_public.unwrap_or(row.is_public);
        if is_public != row.is_public {
            require_owner(caller, access, "metric")?;
        }
        self.store.update_metric(id, &def.name, &to_json(&def), is_public, clock::now_ms()).await?;
        if is_new_question {
            // Whose value is their own is another matter now.
            self.rights_changed_for_all().await?;
        }
        self.metrics.schedule.put(&def, clock::now_ms() + i64::from(def.refresh_interval) * 1_000, 0);
        self.tell_of_metric(id);
        self.refresh(id).await?;
        // Questions that refer to the metric mean something else now.
        if !def.is_pushed()
            && let Some(loaded) = self.stored_dataset(&def.query.dataset).await?
        {
            let news = serde_json::json!({"version": loaded.row.version});
            self.hub.publish(&crate::datasets::topic(&loaded.row.id), news, true);
        }
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
        self.metrics.forget(id);
        self.store.delete_metric(id).await?;
        self.tell_of_metric(id);
        self.hub.forget(&topic(id));
        self.record(caller, "delete", "metric", id).await;
        Ok(())
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

pub(crate) fn def_of(row: &MetricRow) -> Result<MetricDef> {
    serde_json::from_str(&row.def_json).map_err(|cause| {
        tracing::error!(%cause, metric = row.id, "reading a stored metric");
        Error::internal()
    })
}

fn metric(row: MetricRow, access: Access, owner_name: String, own: Option<Reading>) -> Result<Metric> {
    let reading = own.unwrap_or_else(|| row.last_json.as_deref().map(crate::from_json).unwrap_or_default());
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
