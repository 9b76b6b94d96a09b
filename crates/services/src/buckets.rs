//! How often somebody may do something: each key has room for some at once, and for one more after
//! each pause. Bounded memory, whoever comes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Keys that are remembered.
const REMEMBERED: usize = 50_000;

/// Room for each key. Times are counted in microseconds from any moment on; the caller says what time
/// it is.
#[derive(Debug)]
pub struct Buckets {
    at_once: u64,
    pause: u64,
    /// When the room of a key will be whole again: the further away, the less is left.
    whole_at: Mutex<HashMap<String, u64>>,
}

impl Buckets {
    /// Room for `at_once`, and for one more after each `pause`.
    pub fn new(at_once: u64, pause: Duration) -> Self {
        let pause = u64::try_from(pause.as_micros()).unwrap_or(u64::MAX).max(1);
        Self { at_once: at_once.max(1), pause, whole_at: Mutex::default() }
    }

    /// Takes room for one.
    ///
    /// # Errors
    /// There is none; how long to wait for it.
    pub fn take(&self, key: &str, now: u64) -> Result<(), Duration> {
        let mut keys = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(whole_at) = keys.get_mut(key) {
            let later = (*whole_at).max(now).saturating_add(self.pause);
            let latest = now.saturating_add(self.at_once.saturating_mul(self.pause));
            if later > latest {
                return Err(Duration::from_micros(later - latest));
            }
            *whole_at = later;
            return Ok(());
        }
        if keys.len() >= REMEMBERED {
            // Those who have all their room need not be known.
            keys.retain(|_, whole_at| *whole_at > now);
            if keys.len() >= REMEMBERED {
                keys.clear();
            }
        }
        keys.insert(key.to_owned(), now.saturating_add(self.pause));
        Ok(())
    }

    /// Gives back what was taken: it did not count.
    pub fn give_back(&self, key: &str) {
        let mut keys = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(whole_at) = keys.get_mut(key) {
            *whole_at = whole_at.saturating_sub(self.pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn there_is_room_for_some_at_once_and_then_for_one_after_each_pause() {
        let buckets = Buckets::new(3, Duration::from_secs(2));
        let now = 100 * SECOND;
        assert!((0..3).all(|_| buckets.take("a", now).is_ok()));
        assert_eq!(buckets.take("a", now), Err(Duration::from_secs(2)));
        assert!(buckets.take("b", now).is_ok(), "others have their own");
        assert!(buckets.take("a", now + 2 * SECOND).is_ok());
        assert!(buckets.take("a", now + 2 * SECOND).is_err());
        assert!((0..3).all(|_| buckets.take("a", now + 100 * SECOND).is_ok()), "and no more than that after a rest");
        assert!(buckets.take("a", now + 100 * SECOND).is_err());
    }

    #[test]
    fn what_did_not_count_is_given_back() {
        let buckets = Buckets::new(1, Duration::from_secs(9));
        for _ in 0..5 {
            assert!(buckets.take("a", 1).is_ok());
            buckets.give_back("a");
        }
        buckets.give_back("nobody");
    }

    #[test]
    fn a_crowd_is_not_remembered() {
        let buckets = Buckets::new(2, Duration::from_secs(1));
        for i in 0..=REMEMBERED * 2 {
            buckets.take(&i.to_string(), 1).unwrap();
        }
        assert!(buckets.whole_at.lock().unwrap().len() <= REMEMBERED);
    }
}
