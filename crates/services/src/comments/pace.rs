//! How fast one person may write: as fast as people do, and not as programs could.

use domain::{Error, ErrorCode, Result};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Changes of one person in a minute.
const MOST: usize = 60;
const MINUTE_MS: i64 = 60_000;

/// When each person wrote last.
#[derive(Default)]
pub(crate) struct Pace(Mutex<HashMap<String, VecDeque<i64>>>);

impl Pace {
    /// Counts a change.
    ///
    /// # Errors
    /// There were too many in the last minute.
    pub(super) fn take(&self, user_id: &str, now: i64) -> Result<()> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, times| times.back().is_some_and(|last| now - last < MINUTE_MS));
        let times = all.entry(user_id.to_owned()).or_default();
        while times.front().is_some_and(|first| now - first >= MINUTE_MS) {
            times.pop_front();
        }
        if times.len() >= MOST {
            let error = Error::new(ErrorCode::TooManyRequests, "You write faster than others can read.");
            return Err(error.hint("Wait a minute."));
        }
        times.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_room_for_so_much_of_each_person() {
        let pace = Pace::default();
        for i in 0..MOST {
            pace.take("ada", i64::try_from(i).unwrap()).unwrap();
        }
        assert_eq!(pace.take("ada", 59_999).unwrap_err().code, ErrorCode::TooManyRequests);
        pace.take("ben", 59_999).unwrap();
        pace.take("ada", 60_000).unwrap();
        assert!(pace.take("ada", 60_000).is_err());
        pace.take("ben", 200_000).unwrap();
        assert_eq!(pace.0.lock().unwrap().len(), 1, "who is silent is forgotten");
    }
}
