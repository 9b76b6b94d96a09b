//! A metric is refreshed once, whoever watches: by its interval, and at once when rows are appended
//! to the dataset it reads.

use super::{def_of, show, topic};
use crate::{Services, clock, to_json};
use domain::metric::{MetricDef, Reading, Trend};
use domain::table::Table;
use domain::{Error, ErrorCode, Result};
use std::time::Duration;
use store::MetricRow;

/// Values of the history that travel with a reading.
const SHOWN_HISTORY: i64 = 60;
/// Values of the history that are kept.
const KEPT_HISTORY: i64 = 10_000;
/// How often the clock looks for metrics that are due.
const TICK: Duration = Duration::from_millis(250);

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

    /// Takes over what another server did to a metric.
    pub(crate) async fn reschedule(&self, id: &str, due: i64) {
        match self.store.metric(id).await.map(|row| row.as_ref().map(def_of)) {
            Ok(Some(Ok(def))) => {
                self.schedule.put(&def, due.min(clock::now_ms() + i64::from(def.refresh_interval) * 1_000));
            }
            Ok(Some(Err(_)) | None) => self.schedule.remove(id),
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

    /// Calculates a metric, tells who watches, and keeps the value.
    pub(super) async fn refresh(&self, id: &str) -> Result<()> {
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
        // A source says nothing when its rows change: to refresh is to ask it anew.
        let (answer, _) = self.answer(&loaded, &def.query, loaded.place().is_some()).await?;
        Ok(single_value(&answer.table))
    }

    pub(super) async fn take_value(
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
        // The same value again is news too: it is true as of now, and its course goes on.
        let news = show(def, reading.clone());
        let lasts = Duration::from_secs(2 * u64::from(def.refresh_interval));
        self.hub.publish_for(&topic(&def.id), serde_json::to_value(&news).unwrap_or_default(), lasts);
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
}

/// The one value of an answer: its first measure, in the last row of a course of time.
fn single_value(table: &Table) -> Option<f64> {
    let measure = table.columns.iter().position(|c| c.role == domain::Role::Measure)?;
    let over_time = table.columns.iter().any(|c| c.role == domain::Role::Time);
    let column = table.data.get(measure)?;
    let cell = if over_time { column.last() } else { column.first() };
    cell?.as_f64()
}
