//! How much of a flood of refusals is written down: each asker has a few lines at once and one more
//! every few seconds, and all of them together have a bound too. What was left out is counted.

use crate::Buckets;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Lines that an asker may fill at once, and the pause until there is room for one more.
const EACH: (u64, Duration) = (20, Duration::from_secs(5));
/// The same for all askers together.
const ALL: (u64, Duration) = (1_000, Duration::from_millis(200));
/// Askers whose left out lines are counted.
const COUNTED: usize = 10_000;

/// The askers that were refused lately.
pub(super) struct Refusals {
    each: Buckets,
    all: Buckets,
    left_out: Mutex<HashMap<String, u64>>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { each: Buckets::new(EACH.0, EACH.1), all: Buckets::new(ALL.0, ALL.1), left_out: Mutex::default() }
    }
}

impl Refusals {
    /// Whether this refusal is written down, and how many of the same asker were not before it.
    pub(super) fn enter(&self, who: &str, now_ms: i64) -> Option<u64> {
        let now = u64::try_from(now_ms).unwrap_or_default().saturating_mul(1_000);
        let fits = self.each.take(who, now).is_ok() && self.all.take("", now).is_ok();
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        if fits {
            return Some(left_out.remove(who).unwrap_or_default());
        }
        if left_out.len() < COUNTED || left_out.contains_key(who) {
            *left_out.entry(who.to_owned()).or_default() += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_fills_a_few_lines_and_is_counted() {
        let refusals = Refusals::default();
        let written = (0..1_000).filter(|_| refusals.enter("eve", 1).is_some()).count();
        assert_eq!(written, 20);
        assert_eq!(refusals.enter("ada", 1), Some(0), "others have their own room");
        assert_eq!(refusals.enter("eve", 5_001), Some(980));
        assert_eq!(refusals.enter("eve", 5_001), None);
    }

    #[test]
    fn many_askers_together_have_a_bound() {
        let refusals = Refusals::default();
        let written = (0..20_000).filter(|i| refusals.enter(&i.to_string(), 1).is_some()).count();
        assert_eq!(written, 1_000);
        assert!(refusals.left_out.lock().unwrap().len() <= COUNTED);
    }
}
