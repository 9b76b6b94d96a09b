//! Who did what. Written after the deed; a failure to write is loud in the log.

use crate::{Services, clock};
use domain::Caller;
use store::AuditEntry;

impl Services {
    pub(crate) async fn record(&self, caller: &Caller, action: &str, kind: &str, id: &str) {
        self.record_as(Some(&caller.user_id), action, kind, id, "done").await;
    }

    pub(crate) async fn record_as(&self, user_id: Option<&str>, action: &str, kind: &str, id: &str, outcome: &str) {
        let entry = AuditEntry {
            at: clock::now_ms(),
            user_id,
            action,
            thing_kind: kind,
            thing_id: id,
            outcome,
            detail_json: "{}",
        };
        let written = self.store.append_audit(&entry).await;
        if written.is_err() {
            tracing::error!(action, kind, id, outcome, "this deed could not be written to the audit log");
        }
    }
}
