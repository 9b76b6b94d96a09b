//! When each metric is due.

use domain::metric::MetricDef;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// When each metric is due, and which datasets it reads.
#[derive(Default)]
pub(crate) struct Schedule(Mutex<HashMap<String, Entry>>);

#[derive(Clone, Debug)]
struct Entry {
    datasets: Vec<String>,
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

    pub(super) fn put(&self, def: &MetricDef, due: i64) {
        let entry = Entry {
            datasets: datasets_of(def),
            interval_ms: i64::from(def.refresh_interval) * 1_000,
            due,
            running: false,
            again: false,
        };
        self.lock().insert(def.id.clone(), entry);
    }

    pub(super) fn remove(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Takes the metrics that are due. Jitter of up to a tenth of the interval spreads them out.
    pub(super) fn take_due(&self, now: i64) -> Vec<String> {
        let mut due = Vec::new();
        for (id, entry) in self.lock().iter_mut().filter(|(_, e)| e.due <= now && !e.running) {
            entry.due = now + entry.interval_ms - rand::random_range(0..=entry.interval_ms / 10);
            due.push(id.clone());
        }
        due
    }

    pub(super) fn reading_from(&self, id: &str, name: &str) -> Vec<String> {
        let reads = |e: &Entry| e.datasets.iter().any(|d| d == id || d == name);
        self.lock().iter().filter(|(_, e)| reads(e)).map(|(id, _)| id.clone()).collect()
    }

    /// Whether the caller is the one to refresh now; otherwise whoever does will do it again.
    pub(super) fn begin(&self, id: &str) -> bool {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(id) else { return false };
        entry.again = entry.running;
        !std::mem::replace(&mut entry.running, true)
    }

    /// Whether it has to run again.
    pub(super) fn end(&self, id: &str) -> bool {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(id) else { return false };
        let again = std::mem::take(&mut entry.again);
        entry.running = again;
        again
    }
}

/// Names or ids of the datasets that a metric reads.
fn datasets_of(def: &MetricDef) -> Vec<String> {
    let joined = def.query.joins.iter().map(|j| j.dataset.clone());
    std::iter::once(def.query.dataset.clone()).chain(joined).collect()
}
