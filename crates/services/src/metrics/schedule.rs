//! When each metric is due: a heap by time, so that ten thousand metrics cost what those that are
//! due cost. An entry of the heap that is no longer true is passed over when its time comes.

use domain::api::MetricsClock;
use domain::metric::MetricDef;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The longest pause after failures.
const LONGEST_PAUSE_MS: i64 = 3_600_000;
/// Refreshes whose lag is remembered.
const LAGS: usize = 10_000;

/// When each metric is due, and which datasets it reads.
#[derive(Default)]
pub(crate) struct Schedule(Mutex<State>);

#[derive(Default)]
struct State {
    entries: HashMap<Arc<str>, Entry>,
    by_time: BinaryHeap<Reverse<(i64, Arc<str>)>>,
    /// Metrics by the names or ids of the datasets that they read.
    readers: HashMap<String, HashSet<Arc<str>>>,
    lags: VecDeque<u64>,
    refreshes: u64,
}

#[derive(Debug)]
struct Entry {
    datasets: Vec<String>,
    interval_ms: i64,
    /// `None`: only values from outside change it.
    due: Option<i64>,
    failures: u32,
    running: bool,
    /// Something changed while it ran.
    again: bool,
}

impl State {
    fn set_due(&mut self, id: &str, due: i64) {
        let Some((id, _)) = self.entries.get_key_value(id) else { return };
        let id = id.clone();
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.due = Some(due);
            self.by_time.push(Reverse((due, id)));
        }
    }

    fn forget(&mut self, id: &str) -> Option<Entry> {
        let gone = self.entries.remove(id)?;
        for dataset in &gone.datasets {
            if let Some(readers) = self.readers.get_mut(dataset) {
                readers.remove(id);
                if readers.is_empty() {
                    self.readers.remove(dataset);
                }
            }
        }
        Some(gone)
    }
}

impl State {
    /// What lies further ahead than any pause is from before the clock was set back.
    fn come_back(&mut self, now: i64) {
        let latest = |entry: &Entry| now + entry.interval_ms.max(LONGEST_PAUSE_MS);
        let lost: Vec<(Arc<str>, i64)> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.due.is_some_and(|due| due > latest(entry)))
            .map(|(id, entry)| (id.clone(), now + entry.interval_ms))
            .collect();
        for (id, due) in lost {
            self.set_due(&id, due);
        }
    }
}

impl Schedule {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a metric up, or what became of it, with the time when it is due first. One whose values
    /// are only pushed, each for itself, is never due.
    pub(super) fn put(&self, def: &MetricDef, due: i64, failures: u32) {
        let mut state = self.lock();
        let old = state.forget(&def.id);
        let id: Arc<str> = def.id.as_str().into();
        let entry = Entry {
            datasets: datasets_of(def),
            interval_ms: i64::from(def.refresh_interval) * 1_000,
            due: None,
            failures,
            running: old.as_ref().is_some_and(|e| e.running),
            again: old.is_some_and(|e| e.again),
        };
        for dataset in &entry.datasets {
            state.readers.entry(dataset.clone()).or_default().insert(id.clone());
        }
        state.entries.insert(id.clone(), entry);
        if !def.is_pushed() || def.gathers().is_some_and(|window| window > 0) {
            state.set_due(&id, due);
        }
    }

    pub(super) fn remove(&self, id: &str) {
        self.lock().forget(id);
    }

    /// Takes the metrics that are due, each with the time when it was. Jitter of up to a tenth of the
    /// interval spreads them out. However long nobody looked, each is taken once.
    pub(super) fn take_due(&self, now: i64) -> Vec<(String, i64)> {
        let mut state = self.lock();
        state.come_back(now);
        let mut taken = Vec::new();
        while state.by_time.peek().is_some_and(|Reverse((due, _))| *due <= now) {
            let Some(Reverse((due, id))) = state.by_time.pop() else { break };
            let Some(entry) = state.entries.get(&id).filter(|e| e.due == Some(due)) else { continue };
            let next = now + entry.interval_ms - rand::random_range(0..=entry.interval_ms / 10);
            // A question that takes longer than its interval is not asked twice at a time.
            if !entry.running {
                taken.push((id.to_string(), due));
            }
            state.set_due(&id, next);
        }
        taken
    }

    /// When the next one is due.
    pub(super) fn next_due(&self) -> Option<i64> {
        self.lock().by_time.peek().map(|Reverse((due, _))| *due)
    }

    pub(super) fn reading_from(&self, id: &str, name: &str) -> Vec<String> {
        let state = self.lock();
        let found: HashSet<&Arc<str>> = [id, name].iter().filter_map(|key| state.readers.get(*key)).flatten().collect();
        found.into_iter().map(ToString::to_string).collect()
    }

    /// Whether the caller is the one to refresh now; otherwise whoever does will do it again.
    pub(super) fn begin(&self, id: &str) -> bool {
        let mut state = self.lock();
        let Some(entry) = state.entries.get_mut(id) else { return false };
        entry.again = entry.running;
        !std::mem::replace(&mut entry.running, true)
    }

    /// Whether it has to run again.
    pub(super) fn end(&self, id: &str) -> bool {
        let mut state = self.lock();
        let Some(entry) = state.entries.get_mut(id) else { return false };
        let again = std::mem::take(&mut entry.again);
        entry.running = again;
        again
    }

    /// What came of a refresh. After failures the pause doubles, up to an hour.
    pub(super) fn settle(&self, id: &str, failed: bool, now: i64) {
        let mut state = self.lock();
        let Some(entry) = state.entries.get_mut(id) else { return };
        if !failed {
            entry.failures = 0;
            return;
        }
        entry.failures = entry.failures.saturating_add(1);
        if entry.due.is_some() {
            let pause = pause_ms(entry.interval_ms, entry.failures);
            let due = now + pause - rand::random_range(0..=pause / 10);
            state.set_due(id, due);
        }
    }

    /// Notes how long after its time a value was kept.
    pub(super) fn kept(&self, due: i64, now: i64) {
        let mut state = self.lock();
        state.refreshes += 1;
        if state.lags.len() == LAGS {
            state.lags.pop_front();
        }
        state.lags.push_back(u64::try_from(now - due).unwrap_or_default());
    }

    pub(super) fn clock(&self) -> MetricsClock {
        let state = self.lock();
        let mut lags: Vec<u64> = state.lags.iter().copied().collect();
        lags.sort_unstable();
        let part = |percent: usize| lags.get((lags.len() * percent / 100).min(lags.len().saturating_sub(1)));
        MetricsClock {
            metrics: state.entries.values().filter(|e| e.due.is_some()).count(),
            failing: state.entries.values().filter(|e| e.failures > 0).count(),
            refreshes: state.refreshes,
            lag_p50_ms: part(50).copied().unwrap_or_default(),
            lag_p99_ms: part(99).copied().unwrap_or_default(),
        }
    }
}

/// How long to wait after so many failures in a row.
fn pause_ms(interval_ms: i64, failures: u32) -> i64 {
    let doubled = interval_ms.saturating_mul(1_i64 << failures.min(30));
    doubled.min(LONGEST_PAUSE_MS.max(interval_ms))
}

/// Names or ids of the datasets that a metric reads.
fn datasets_of(def: &MetricDef) -> Vec<String> {
    if def.is_pushed() {
        return Vec::new();
    }
    let joined = def.query.joins.iter().map(|j| j.dataset.clone());
    std::iter::once(def.query.dataset.clone()).chain(joined).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn def(id: &str, dataset: &str, seconds: u32) -> MetricDef {
        let json = serde_json::json!({
            "id": id, "name": id, "query": {"dataset": dataset}, "refresh_interval": seconds, "format": {},
        });
        serde_json::from_value(json).unwrap()
    }

    fn ids(taken: Vec<(String, i64)>) -> Vec<String> {
        taken.into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn those_that_are_due_are_taken_once_however_late() {
        let schedule = Schedule::default();
        schedule.put(&def("a", "d", 60), 10, 0);
        schedule.put(&def("b", "d", 60), 5, 0);
        assert_eq!(ids(schedule.take_due(4)), [""; 0]);
        // A week of missed ticks is one tick.
        let late = 7 * 86_400_000;
        assert_eq!(ids(schedule.take_due(late)), ["b", "a"]);
        assert_eq!(ids(schedule.take_due(late + 50_000)), [""; 0]);
        assert_eq!(schedule.take_due(late + 60_000).len(), 2, "jitter only makes it sooner");
    }

    #[test]
    fn a_clock_that_was_set_back_delays_a_metric_by_one_interval() {
        let schedule = Schedule::default();
        let day = 86_400_000;
        schedule.put(&def("a", "d", 60), 100 * day, 0);
        assert!(schedule.take_due(99 * day).is_empty());
        assert_eq!(ids(schedule.take_due(99 * day + 60_000)), ["a"]);
    }

    #[test]
    fn what_changed_or_went_is_not_taken_at_its_old_time() {
        let schedule = Schedule::default();
        schedule.put(&def("a", "d", 60), 10, 0);
        schedule.put(&def("a", "e", 60), 500, 0);
        schedule.put(&def("b", "d", 60), 10, 0);
        schedule.remove("b");
        assert!(schedule.take_due(100).is_empty());
        assert_eq!(ids(schedule.take_due(500)), ["a"]);
        assert_eq!((schedule.reading_from("d", "d").len(), schedule.reading_from("x", "e").len()), (0, 1));
    }

    #[test]
    fn one_that_runs_is_not_begun_again_but_does_it_once_more() {
        let schedule = Schedule::default();
        schedule.put(&def("a", "d", 1), 0, 0);
        assert!(schedule.begin("a"));
        assert!(schedule.take_due(10_000).is_empty(), "it runs");
        assert!(!schedule.begin("a"));
        assert!(schedule.end("a"), "asked for meanwhile");
        assert!(!schedule.end("a"));
        assert!(schedule.begin("a"));
    }

    #[test]
    fn failures_double_the_pause_up_to_an_hour() {
        assert_eq!([1, 2, 3].map(|n| pause_ms(60_000, n)), [120_000, 240_000, 480_000]);
        assert_eq!(pause_ms(60_000, 40), LONGEST_PAUSE_MS);
        assert_eq!(pause_ms(86_400_000, 3), 86_400_000, "never sooner than its interval");
        let schedule = Schedule::default();
        schedule.put(&def("a", "d", 60), 0, 0);
        assert_eq!(schedule.take_due(0).len(), 1);
        schedule.settle("a", true, 1_000);
        assert!(schedule.take_due(61_000).is_empty());
        assert_eq!(schedule.clock().failing, 1);
        assert_eq!(schedule.take_due(121_000).len(), 1, "jitter is up to a tenth");
        schedule.settle("a", false, 122_000);
        assert_eq!(schedule.clock().failing, 0);
    }

    #[test]
    fn pushed_values_are_never_due_unless_they_are_gathered() {
        let schedule = Schedule::default();
        let mut pushed = def("a", "", 60);
        schedule.put(&pushed, 0, 0);
        assert!(schedule.take_due(100).is_empty());
        pushed.aggregation = domain::metric::Aggregation::Sum;
        schedule.put(&pushed, 0, 0);
        assert_eq!(schedule.take_due(100).len(), 1, "what is an hour old falls out of the sum");
    }
}
