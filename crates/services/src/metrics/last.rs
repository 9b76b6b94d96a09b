//! The last reading of each metric, kept for twice its interval under `metric:{id}`.

use super::topic;
use domain::metric::Reading;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Readings in memory. Everything that reads or keeps a last reading does it here.
#[derive(Default)]
pub(crate) struct LastReadings(Mutex<HashMap<String, Kept>>);

struct Kept {
    reading: Reading,
    until: i64,
}

impl LastReadings {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The reading, while it is kept.
    pub(crate) fn get(&self, id: &str, now: i64) -> Option<Reading> {
        self.lock().get(&topic(id)).filter(|kept| kept.until > now).map(|kept| kept.reading.clone())
    }

    /// Keeps a reading for twice the interval.
    pub(crate) fn put(&self, id: &str, reading: Reading, interval_seconds: u32, now: i64) {
        let until = now + i64::from(interval_seconds) * 2_000;
        self.lock().insert(topic(id), Kept { reading, until });
    }

    /// Forgets that of a metric that is gone.
    pub(crate) fn forget(&self, id: &str) {
        self.lock().remove(&topic(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_kept_for_twice_its_interval() {
        let last = LastReadings::default();
        last.put("a", Reading { value: Some(1.0), ..Reading::default() }, 30, 1_000);
        assert_eq!(last.get("a", 60_999).and_then(|r| r.value), Some(1.0));
        assert_eq!(last.get("a", 61_000), None);
        last.forget("a");
        assert_eq!(last.get("a", 1_000), None);
    }
}
