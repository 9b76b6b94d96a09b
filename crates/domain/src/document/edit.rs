//! Edits and what carries them between browsers and the log.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One value of the document that became another. A path has two or three steps:
/// `meta/name`, `tabs/{id}`, `filters/{id}`, `tiles/{id}`, `tiles/{id}/position`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub path: String,
    /// Absent: there was nothing.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// Absent: it is removed.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// Reads a value that is there, be it null, which serde alone takes for absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// What one person did in one go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// In words, for the history: "Move tile".
    pub label: String,
    pub changes: Vec<Change>,
}

impl Edit {
    /// The edit that takes this one back.
    pub fn inverse(&self) -> Self {
        let changes = self
            .changes
            .iter()
            .rev()
            .map(|c| Change { path: c.path.clone(), old: c.new.clone(), new: c.old.clone() })
            .collect();
        Self { label: self.label.clone(), changes }
    }
}

/// Why an operation was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    #[default]
    Edit,
    Undo,
    Redo,
}

/// An edit on its way to the log: the CRDT update with the edit that made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Chosen by the browser; sending the same operation twice is harmless.
    pub id: String,
    /// yrs update (encoding v1), base64.
    pub update: String,
    pub edit: Edit,
    #[serde(default)]
    pub intent: Intent,
    /// With undo and redo: the id of the operation that is taken back or made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// What a browser gets when it opens a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Encoded state (yrs update, encoding v1), base64.
    pub state: String,
    pub version: u64,
    /// The caller's own edits that can be undone, latest last.
    pub undo: Vec<Step>,
    /// The caller's own edits that can be made again, next one last.
    pub redo: Vec<Step>,
    /// The number of the publication, where this is one and not the draft. It is a document of its
    /// own: another one takes its place and is never merged with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<u64>,
}

/// One's own edit, for undo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Id of the operation.
    pub id: String,
    pub edit: Edit,
}

/// What the topic of a document carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broadcast {
    /// Id of the operation, so that its author can tell it is the own one.
    pub id: String,
    /// yrs update (encoding v1), base64.
    pub update: String,
    pub user_id: String,
    pub user_name: String,
    pub version: u64,
}
