//! Who did what, from where, and what became of it. Written after the deed; a failure to write is
//! loud in the log.
//!
//! Where a request comes from is said once, where it arrives ([`Origin::around`]), and found here by
//! whatever it leads to: no method has to hand it on.

mod origin;
mod read;
mod refused;

pub use origin::{Origin, Surface};
pub use read::AuditFormat;

use crate::{Inner, Services, clock};
use domain::{Caller, Result};
use refused::Refusals;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use store::AuditEntry;

/// For how long deeds are kept unless the configuration says otherwise.
const KEPT_DAYS: i64 = 400;
const DAY_MS: i64 = 24 * 3_600_000;
/// Bytes of what else is worth knowing of a deed.
const DETAIL_BYTES: usize = 8 * 1024;
/// Characters of each text that came from outside.
const TEXT_CHARS: usize = 300;
/// Deeds that are forgotten in one write.
const AT_ONCE: i64 = 2_000;

/// What the record needs to remember between deeds.
pub(crate) struct Trail {
    kept_days: AtomicI64,
    refusals: Refusals,
}

impl Default for Trail {
    fn default() -> Self {
        Self { kept_days: AtomicI64::new(KEPT_DAYS), refusals: Refusals::default() }
    }
}

/// A deed and how it ended.
pub(crate) struct Deed<'a> {
    pub(crate) user_id: Option<&'a str>,
    pub(crate) action: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) id: &'a str,
    /// `done`, `refused` or `cancelled`.
    pub(crate) outcome: &'a str,
    pub(crate) code: &'a str,
    /// An object without secrets and without values out of anybody's data.
    pub(crate) detail: Value,
}

impl Services {
    /// A caller has done something.
    pub(crate) async fn record(&self, caller: &Caller, action: &str, kind: &str, id: &str) {
        self.record_with(caller, action, kind, id, json!({})).await;
    }

    /// A caller has done something, of which more is worth knowing.
    pub(crate) async fn record_with(&self, caller: &Caller, action: &str, kind: &str, id: &str, detail: Value) {
        let user_id = Some(caller.user_id.as_str());
        self.record_deed(Deed { user_id, action, kind, id, outcome: "done", code: "", detail }).await;
    }

    /// Somebody who is not a caller yet, or the server, has done something or was refused it.
    pub(crate) async fn record_as(&self, user_id: Option<&str>, action: &str, kind: &str, id: &str, outcome: &str) {
        let origin = Origin::now();
        let inside = matches!(origin.surface, Surface::System | Surface::Cli) || !origin.credential_id.is_empty();
        let detail = if outcome == "refused" || (user_id.is_none() && !inside) {
            let Some(detail) = self.room_for(user_id) else { return };
            detail
        } else {
            json!({})
        };
        self.record_deed(Deed { user_id, action, kind, id, outcome, code: "", detail }).await;
    }

    /// A file with rows of the house was handed out.
    pub async fn record_export(&self, caller: &Caller, kind: &str, id: &str, format: &str) {
        self.record_with(caller, "export", kind, id, json!({"format": format})).await;
    }
}

impl Inner {
    pub(crate) async fn record_deed(&self, deed: Deed<'_>) {
        let Deed { user_id, action, kind, id, outcome, code, detail } = deed;
        let origin = Origin::now();
        let entry = AuditEntry {
            at: clock::now_ms(),
            user_id,
            action,
            thing_kind: kind,
            thing_id: &cut(id),
            outcome,
            code,
            detail_json: &bounded(&detail),
            surface: origin.surface.as_str(),
            credential_id: &cut(&origin.credential_id),
            address: &cut(&origin.address),
            agent: &cut(&origin.agent),
        };
        if self.store.append_audit(&entry).await.is_err() {
            tracing::error!(action, kind, outcome, "this deed could not be written to the audit log");
        }
    }
}

impl Services {
    /// Somebody asked for what they may not do. A flood of it is written down as a few lines that say
    /// how many were left out.
    pub async fn record_refusal(&self, caller: Option<&Caller>, action: &str, place: &str, code: &str) {
        let user_id = caller.map(|c| c.user_id.as_str());
        let Some(detail) = self.room_for(user_id) else { return };
        self.record_deed(Deed { user_id, action, kind: "request", id: place, outcome: "refused", code, detail }).await;
    }

    /// Whether what anybody can cause is written down once more, and with what detail.
    fn room_for(&self, user_id: Option<&str>) -> Option<Value> {
        let origin = Origin::now();
        let left_out = self.audit.refusals.enter(user_id.unwrap_or(&origin.address), clock::now_ms())?;
        Some(if left_out > 0 { json!({"left_out": left_out}) } else { json!({}) })
    }

    /// Says for how many days deeds are kept.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn keep_audit(&self, days: i64) -> Result<()> {
        self.audit.kept_days.store(days, Ordering::Relaxed);
        self.store.keep_audit(days).await
    }

    /// Forgets the deeds that were kept for long enough; answers how many.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn clear_audit(&self, now: i64) -> Result<u64> {
        let days = self.audit.kept_days.load(Ordering::Relaxed);
        // The database refuses what is younger by its own clock: a little is left to the next round.
        let before = now - days * DAY_MS - 60_000;
        let mut gone = 0;
        loop {
            let some = self.store.forget_audit(before, AT_ONCE).await?;
            gone += some;
            if some < u64::try_from(AT_ONCE).unwrap_or_default() {
                break;
            }
        }
        if gone > 0 {
            let detail = json!({"deeds": gone, "before": clock::rfc3339(before), "kept_days": days});
            let (action, kind, outcome) = ("forget", "audit", "done");
            self.record_deed(Deed { user_id: None, action, kind, id: "", outcome, code: "", detail }).await;
        }
        Ok(gone)
    }
}

/// A text of bounded length, without what would break a line.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS).collect()
}

/// An object as JSON of bounded length.
fn bounded(detail: &Value) -> String {
    let text = detail.to_string();
    if text.len() <= DETAIL_BYTES {
        return text;
    }
    let start: String = text.chars().take(DETAIL_BYTES / 4).collect();
    json!({"cut": start}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_deed_is_bounded() {
        assert_eq!(bounded(&json!({"a": 1})), "{\"a\":1}");
        let long = bounded(&json!({"a": "é".repeat(100_000)}));
        assert!(long.len() < 2 * DETAIL_BYTES && serde_json::from_str::<Value>(&long).unwrap()["cut"].is_string());
        assert_eq!(cut(&format!("a\r\nb{}", "c".repeat(1_000))).len(), TEXT_CHARS);
    }
}
