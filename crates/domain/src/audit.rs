//! The record of who did what, as administrators read it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which deeds, and which part of them. What is empty asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditRequest {
    /// Name or id of a user.
    pub user: String,
    pub action: String,
    /// Such as `dashboard`.
    pub kind: String,
    /// Id of a thing.
    pub thing: String,
    pub outcome: String,
    /// A day or RFC 3339, from then on.
    pub since: String,
    /// A day, which is included, or RFC 3339, which is not.
    pub until: String,
    /// Words to be found anywhere.
    pub text: String,
    /// `next` of the former page.
    pub cursor: String,
    pub limit: Option<usize>,
}

/// Who did what, when, from where, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditRecord {
    pub id: String,
    /// RFC 3339, UTC.
    pub at: String,
    /// Null: the server itself, or nobody who is known.
    pub user_id: Option<String>,
    pub user_name: Option<String>,
    /// Such as `create`.
    pub action: String,
    /// Such as `dashboard`.
    pub thing_kind: String,
    pub thing_id: String,
    /// `done`, `refused` or `cancelled`.
    pub outcome: String,
    /// The error code of what was refused.
    pub code: String,
    /// By what it came: `page`, `token`, `socket`, `link`, `cli` or `system`.
    pub surface: String,
    /// Id of the session or token.
    pub credential_id: String,
    /// The network address.
    pub address: String,
    /// The program as it names itself.
    pub agent: String,
    /// What else is worth knowing.
    pub detail: Map<String, Value>,
}

/// A part of the record, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AuditPage {
    pub items: Vec<AuditRecord>,
    /// How many there are of those; [`MOST_COUNTED`] stands for that many or more.
    pub total: usize,
    pub next: Option<String>,
}

/// Deeds are counted no further.
pub const MOST_COUNTED: usize = 10_000;

/// What the record can be searched by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AuditWords {
    pub actions: Vec<String>,
    pub kinds: Vec<String>,
    /// For how many days deeds are kept.
    pub kept_days: i64,
}

/// How a deed ended.
pub const OUTCOMES: [&str; 3] = ["done", "refused", "cancelled"];
