//! A metric is refreshed once, whoever watches: by its interval, and at once when rows are appended
//! to the dataset it reads.

use super::{def_of, show, topic};
use crate::policies::Reader;
use crate::{Services, clock, to_json};
use domain::metric::{Aggregation, Input, MetricDef, Reading, Trend};
use domain::table::{Cell, Table};
use domain::{Error, ErrorCode, Result};
use std::time::Duration;
use store::{MetricRow, NewReading, ValueRow};

/// Values of the history that travel with a reading.
pub(super) const SHOWN_HISTORY: usize = 60;
/// The longest that the clock sleeps; what is put in meanwhile is not looked at sooner.
const TICK: Duration = Duration::from_millis(100);
/// Over how long the refreshes are spread that were missed while no server ran.
const CATCH_UP_MS: i64 = 10_000;

/// What the question of a metric answered.
pub(super) struct Computed {
    value: Option<f64>,
    /// Those of the breakdown.
    members: Option<Vec<(Cell, Option<f64>)>>,
}

impl Services {
    /// Loads all metrics and starts the clock that refreshes them. What was missed while no server
    /// ran is done once.
    pub(crate) async fn start_metrics(&self) -> Result<()> {
        let now = clock::now_ms();
        for row in self.store.metrics().await? {
            match def_of(&row) {
                Ok(def) => {
                    let interval = i64::from(def.refresh_interval) * 1_000;
                    let due = row.last_at.map_or(0, |at| at + interval);
                    let missed = || now + rand::random_range(0..=CATCH_UP_MS.min(interval));
                    let failures = row.last_json.as_deref().map(crate::from_json::<Reading>).map_or(0, |r| r.failures);
                    self.metrics.schedule.put(
                        &def,
                        if due > now { due.min(now + interval) } else { missed() },
                        failures,
                    );
                }
                Err(error) => tracing::error!(%error, metric = row.id, "this metric cannot be read"),
            }
        }
        let weak = std::sync::Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                let Some(inner) = weak.upgrade() else { break };
                let services = Services(inner);
                for (id, due) in services.metrics.schedule.take_due(clock::now_ms()) {
                    services.refresh_soon(id, Some(due));
                }
                let next = services.metrics.schedule.next_due().map(|due| (due - clock::now_ms()).max(1));
                drop(services);
                let pause = next.and_then(|ms| u64::try_from(ms).ok()).map_or(TICK, Duration::from_millis);
                tokio::time::sleep(pause.min(TICK)).await;
            }
        });
        Ok(())
    }

    /// Takes over what another server did to a metric.
    pub(crate) async fn reschedule(&self, id: &str, due: i64) {
        // What this process knew of it is old by now.
        self.metrics.forget(id);
        match self.store.metric(id).await.map(|row| row.as_ref().map(def_of)) {
            Ok(Some(Ok(def))) => {
                let regular = clock::now_ms() + i64::from(def.refresh_interval) * 1_000;
                self.metrics.schedule.put(&def, due.min(regular), 0);
            }
            Ok(Some(Err(_)) | None) => {}
            Err(error) => tracing::warn!(%error, metric = id, "a metric that another server changed"),
        }
    }

    /// The same for all of them, which are due: what was appended elsewhere meanwhile is not known.
    pub(crate) async fn reschedule_all(&self) {
        for row in self.store.metrics().await.unwrap_or_default() {
            self.reschedule(&row.id, clock::now_ms()).await;
        }
    }

    /// Refreshes the metrics that read a dataset, now.
    pub(crate) fn refresh_metrics_of(&self, id: &str, name: &str) {
        for metric in self.metrics.schedule.reading_from(id, name) {
            self.refresh_soon(metric, None);
        }
        self.check_alerts_of_dataset(id);
        self.forecast_again(id);
        self.look_at_learned(id);
    }

    fn refresh_soon(&self, id: String, mut due: Option<i64>) {
        if !self.metrics.schedule.begin(&id) {
            return;
        }
        let services = self.clone();
        tokio::spawn(async move {
            loop {
                // Questions of metrics wait for each other, and leave room for those of people.
                let turn = services.metrics.at_once.acquire().await;
                if let Err(error) = services.refresh(&id).await {
                    tracing::warn!(%error, metric = id, "a metric could not be refreshed");
                }
                drop(turn);
                if let Some(due) = due.take() {
                    services.metrics.schedule.kept(due, clock::now_ms());
                }
                if !services.metrics.schedule.end(&id) {
                    break;
                }
            }
        });
    }

    /// Calculates a metric, tells who watches, and keeps the value.
    pub(super) async fn refresh(&self, id: &str) -> Result<()> {
        let Some(row) = self.store.metric(id).await? else {
            self.metrics.schedule.remove(id);
            return Ok(());
        };
        let def = def_of(&row)?;
        // Time alone changes only what is gathered, and only where there is something.
        if def.is_pushed() && (def.gathers().is_none_or(|w| w == 0) || row.last_at.is_none()) {
            return Ok(());
        }
        let computed = self.compute(&def, &Reader::user(&row.owner_id)).await;
        self.metrics.schedule.settle(id, computed.is_err(), clock::now_ms());
        let (value, members) = match computed {
            Ok(computed) => (Ok(computed.value), computed.members),
            Err(error) => (Err(error), None),
        };
        let at = clock::now_ms();
        if let Some(members) = members {
            self.take_members(&row, &def, members, at).await?;
        }
        self.take_value(&row, &def, value, at, None).await
    }

    /// What a metric is, is what its owner sees of the rows.
    async fn compute(&self, def: &MetricDef, owner: &Reader) -> Result<Computed> {
        if def.is_pushed() {
            return Ok(Computed { value: None, members: None });
        }
        let gone = || Error::new(ErrorCode::NotFound, "The dataset of this metric is gone.");
        let loaded = self.load_dataset(&def.query.dataset, owner).await?.ok_or_else(gone)?;
        let members = self.members_of(def, &loaded).await?;
        if let Some(value) = self.added_up(def, &loaded).await? {
            return Ok(Computed { value, members });
        }
        // A source says nothing when its rows change: to refresh is to ask it anew.
        let (answer, _) = self.answer(&loaded, &def.query, loaded.place().is_some()).await?;
        Ok(Computed { value: value_of(&answer.table, def), members })
    }

    /// Makes a value the reading of a metric: keeps it, and tells who watches. After an error the
    /// last value stays, with the reason.
    pub(super) async fn take_value(
        &self,
        row: &MetricRow,
        def: &MetricDef,
        computed: Result<Option<f64>>,
        at: i64,
        ts: Option<f64>,
    ) -> Result<()> {
        let turn = self.metrics.turn(&def.id).await;
        let before = self.last_reading(row).await?;
        let (reading, values) = match computed {
            Err(error) => {
                let failing_since = before.failing_since.clone().or_else(|| Some(clock::rfc3339(at)));
                let failures = before.failures.saturating_add(1);
                (Reading { error: Some(error.to_string()), failing_since, failures, ts, ..before }, Vec::new())
            }
            Ok(raw) => {
                let value = match def.gathers() {
                    Some(window) => self.gathered(def, window, at, raw).await?,
                    None => raw,
                };
                let reading = self.reading_after(def, before, value, at, ts).await?;
                let raw = def.gathers().and(raw);
                (reading, vec![ValueRow { at, member: String::new(), value, raw }])
            }
        };
        self.tell_reading(def, &reading);
        self.keep_reading(NewReading {
            metric_id: def.id.clone(),
            at,
            last_json: Some(to_json(&reading)),
            members_json: None,
            values,
        })
        .await?;
        drop(turn);
        self.check_alerts_of_metric(&def.id).await;
        self.look_at_learned(&def.id);
        Ok(())
    }

    /// Everybody who follows the metric gets the reading.
    pub(super) fn tell_reading(&self, def: &MetricDef, reading: &Reading) {
        self.metrics.last.put(&def.id, reading.clone(), def.refresh_interval, clock::now_ms());
        // The same value again is news too: it is true as of now, and its course goes on.
        let news = show(def, reading.clone());
        let lasts = Duration::from_secs(2 * u64::from(def.refresh_interval));
        self.hub.publish_for(&topic(&def.id), serde_json::to_value(&news).unwrap_or_default(), lasts);
    }

    /// The reading that follows another one.
    async fn reading_after(
        &self,
        def: &MetricDef,
        before: Reading,
        value: Option<f64>,
        at: i64,
        ts: Option<f64>,
    ) -> Result<Reading> {
        let mut history = before.history;
        history.push((clock::rfc3339(at), value));
        history.drain(..history.len().saturating_sub(SHOWN_HISTORY));
        // The same value again says nothing new about where it is going.
        let is_news = before.value != value || value.is_none() || ts.is_some();
        let trend = match (is_news, history.len()) {
            (true, _) => Trend::between(before.value, value),
            (false, 0 | 1) => Trend::default(),
            (false, _) => before.trend,
        };
        let period_trend = match def.period {
            Some(period) => Some(self.period_trend(&def.id, period, value, at).await?),
            None => None,
        };
        Ok(Reading {
            formatted_value: written(value, def),
            trend,
            period_trend,
            target_trend: def.target.map(|target| Trend::between(Some(target), value)),
            value,
            calculated_at: Some(clock::rfc3339(at)),
            history,
            error: None,
            failing_since: None,
            failures: 0,
            ts,
        })
    }

    /// What is shown when this comes in: the values of the window until now.
    async fn gathered(&self, def: &MetricDef, window: u32, at: i64, raw: Option<f64>) -> Result<Option<f64>> {
        let window_ms = i64::from(window) * 1_000;
        let rows = self.store.values(&def.id, "", at - reach(def, window_ms), at - 1, MOST_GATHERED).await?;
        let mut inputs: Vec<Input> = rows.iter().filter_map(input).collect();
        if raw.is_some() {
            inputs.push(Input { at, value: raw });
        }
        Ok(def.aggregation.at(at, window_ms, &inputs))
    }
}

/// Values that are gathered into one.
pub(super) const MOST_GATHERED: i64 = 100_000;

/// What came in with a kept value.
pub(super) fn input(row: &ValueRow) -> Option<Input> {
    row.raw.map(|raw| Input { at: row.at, value: Some(raw) })
}

/// How far back a value may look, and how far ahead it is looked back at.
pub(super) fn reach(def: &MetricDef, window_ms: i64) -> i64 {
    match def.aggregation {
        Aggregation::Rate => window_ms.max(i64::from(def.retention.raw_days) * 86_400_000),
        _ => window_ms,
    }
}

/// A value as it is written where nobody's language is known.
pub(super) fn written(value: Option<f64>, def: &MetricDef) -> String {
    value.map_or_else(|| "—".into(), |value| domain::format::number(value, &def.format, true, "en-US"))
}

/// A reading without a past.
pub(crate) fn reading_alone(table: &Table, def: &MetricDef, at: i64) -> Reading {
    let value = value_of(table, def);
    let calculated_at = Some(clock::rfc3339(at));
    Reading { value, formatted_value: written(value, def), calculated_at, ..Reading::default() }
}

/// The value of an answer: without a window its rows become one, with a window only the newest counts.
fn value_of(table: &Table, def: &MetricDef) -> Option<f64> {
    let aggregation = def.aggregation;
    let by_row = def.window.is_none() && !matches!(aggregation, Aggregation::Latest | Aggregation::Rate);
    let (true, Some(column)) = (by_row, measure_of(table)) else { return single_value(table) };
    let rows = column.iter().enumerate();
    let inputs: Vec<Input> = rows.map(|(i, cell)| Input { at: i as i64, value: number(cell) }).collect();
    aggregation.of(&inputs)
}

/// The one value of an answer: its first measure, in the last row of a course of time.
pub(super) fn single_value(table: &Table) -> Option<f64> {
    let over_time = table.columns.iter().any(|c| c.role == domain::Role::Time);
    let column = measure_of(table)?;
    number(if over_time { column.last() } else { column.first() }?)
}

fn measure_of(table: &Table) -> Option<&[Cell]> {
    let measure = table.columns.iter().position(|c| c.role == domain::Role::Measure)?;
    table.data.get(measure).map(Vec::as_slice)
}

/// What is no number, such as a division by zero, is no value.
pub(super) fn number(cell: &Cell) -> Option<f64> {
    cell.as_f64().filter(|value| value.is_finite())
}
