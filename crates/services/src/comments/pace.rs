//! How fast one person may write: as fast as people do, and not as programs could.

use crate::{Buckets, Services, clock};
use domain::{Caller, Error, ErrorCode, Result};
use std::time::Duration;

/// Changes of one person: so many at once, and one more after each pause.
const CHANGES: (u64, Duration) = (60, Duration::from_secs(1));

/// Room for changes, by person.
pub(crate) fn pace() -> Buckets {
    Buckets::new(CHANGES.0, CHANGES.1)
}

impl Services {
    /// Counts a change.
    ///
    /// # Errors
    /// There were too many of late.
    pub(super) fn not_too_fast(&self, caller: &Caller) -> Result<()> {
        let moment = u64::try_from(clock::now_ms()).unwrap_or_default().saturating_mul(1_000);
        self.comments.take(&caller.user_id, moment).map_err(|_| {
            Error::new(ErrorCode::TooManyRequests, "You write faster than others can read.").hint("Wait a minute.")
        })
    }
}
