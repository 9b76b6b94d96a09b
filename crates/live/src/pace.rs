//! How fast somebody may go: so many things at once, and then so many a second.

use crate::lock;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

/// Nobody is forgotten below so many.
const ROOM: usize = 1_024;

/// The pace of everybody, each for themselves.
pub struct Pace {
    per_second: f64,
    burst: f64,
    left: Mutex<HashMap<String, (f64, Instant)>>,
}

impl Pace {
    /// So many a second, after so many at once.
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: per_second.into(), burst: burst.max(1).into(), left: Mutex::default() }
    }

    /// Whether `who` may do one more thing at this moment; if so, it counts.
    pub fn allows(&self, who: &str, now: Instant) -> bool {
        let mut all = lock(&self.left);
        let refilled = |(left, at): (f64, Instant)| {
            let since = now.saturating_duration_since(at).as_secs_f64();
            (left + since * self.per_second).min(self.burst)
        };
        if all.len() >= ROOM && !all.contains_key(who) {
            all.retain(|_, kept| refilled(*kept) < self.burst);
        }
        let left = all.get(who).map_or(self.burst, |kept| refilled(*kept));
        let may = left >= 1.0;
        // What is refused changes nothing, so that who goes on asking is let in at their pace.
        all.insert(who.to_owned(), (if may { left - 1.0 } else { left }, now));
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_and_then_so_many_a_second_each() {
        let (pace, began) = (Pace::new(10, 3), Instant::now());
        let taken = |who: &str, at: Instant| (0..5).filter(|_| pace.allows(who, at)).count();
        assert_eq!(taken("a", began), 3);
        assert_eq!(taken("b", began), 3, "each for themselves");
        assert_eq!(taken("a", began + Duration::from_millis(99)), 0);
        assert_eq!(taken("a", began + Duration::from_millis(201)), 2);
        assert_eq!(taken("a", began + Duration::from_secs(60)), 3, "no more than the burst");
    }

    #[test]
    fn who_keeps_asking_too_fast_goes_at_the_pace() {
        let (pace, began) = (Pace::new(20, 20), Instant::now());
        let taken = (0..1_000).filter(|i| pace.allows("a", began + Duration::from_millis(*i))).count();
        assert!((38..=40).contains(&taken), "{taken}");
    }

    #[test]
    fn who_is_quiet_is_forgotten() {
        let (pace, began) = (Pace::new(1, 2), Instant::now());
        for i in 0..5_000_u64 {
            pace.allows(&i.to_string(), began + Duration::from_secs(i));
        }
        assert!(lock(&pace.left).len() <= ROOM);
    }
}
