//! Changes that could not be made because the right to edit was taken away: kept in this browser
//! until their author copies them, gives them up, or may make them again.

use super::Board;
use domain::Access;
use domain::document::{Change, Edit};
use leptos::prelude::*;
use serde_json::Value;

/// The most changes that are kept.
const MOST: usize = 500;

/// Where what was set aside is kept.
#[derive(Clone, Copy)]
pub(super) struct Aside {
    key: StoredValue<String>,
    edits: RwSignal<Vec<Edit>>,
}

impl Aside {
    pub(super) fn new(user: &str, dashboard: &str) -> Self {
        let key = StoredValue::new(format!("orrery.aside.{user}.{dashboard}"));
        Self { key, edits: RwSignal::new(Vec::new()) }
    }

    /// Reads what an earlier page kept.
    pub(super) fn read(self) {
        let storage = window().local_storage().ok().flatten();
        let text = self.key.with_value(|key| storage.and_then(|storage| storage.get_item(key).ok().flatten()));
        if let Some(edits) = text.and_then(|text| serde_json::from_str(&text).ok()) {
            self.edits.set(edits);
        }
    }

    fn write(self, change: impl FnOnce(&mut Vec<Edit>)) {
        _ = self.edits.try_update(change);
        let text = self.edits.try_with_untracked(|edits| match edits.is_empty() {
            true => None,
            false => serde_json::to_string(edits).ok(),
        });
        let Some(storage) = window().local_storage().ok().flatten() else { return };
        _ = self.key.try_with_value(|key| match text.flatten() {
            Some(text) => storage.set_item(key, &text),
            None => storage.remove_item(key),
        });
    }
}

impl Board {
    /// What one may do with the dashboard now, once that is known.
    pub fn access(self) -> Signal<Option<Access>> {
        self.access.into()
    }

    /// Whether one may change it now, as far as is known.
    pub fn may_edit(self) -> bool {
        self.access.get_untracked().is_none_or(|access| access >= Access::Edit)
    }

    /// Notes what one may do, before the server says it again.
    pub fn know_access(self, access: Access) {
        super::set(self.access, Some(access));
    }

    /// The changes that were set aside.
    pub fn set_aside(self) -> Signal<Vec<Edit>> {
        self.aside.edits.into()
    }

    /// The right changed while the dashboard is open.
    pub(super) fn stands(self, access: Access) {
        self.know_access(access);
        if access < Access::Edit {
            self.give_up();
        }
    }

    /// Sets aside what the server does not take any more, and shows its document again.
    pub(super) fn give_up(self) {
        let edits = self.with_state(super::state::State::give_up).unwrap_or_default();
        if !edits.is_empty() {
            self.keep_aside(edits);
            self.count();
            self.socket.refresh(&self.topic());
        }
    }

    pub(super) fn keep_aside(self, edits: Vec<Edit>) {
        self.aside.write(|kept| {
            for edit in edits {
                match kept.last_mut() {
                    Some(last) if last.label == edit.label && paths(last).eq(paths(&edit)) => {
                        last.changes = edit.changes
                    }
                    _ => kept.push(edit),
                }
            }
            let surplus = kept.len().saturating_sub(MOST);
            kept.drain(..surplus);
        });
    }

    /// Makes the changes again that were set aside.
    pub fn take_up(self) {
        let edits = self.aside.edits.get_untracked();
        self.forget_aside();
        for edit in edits {
            let again = |change: &Change| (change.path.clone(), change.new.clone());
            let wanted: Vec<_> = edit.changes.iter().map(again).collect();
            self.edit(&edit.label, |document| {
                wanted.into_iter().map(|(path, new)| document.change(path, new)).collect()
            });
        }
    }

    /// Forgets what was set aside.
    pub fn forget_aside(self) {
        self.aside.write(Vec::clear);
        if matches!(self.refused.get_untracked(), Some(ref error) if is_right(error)) {
            self.refused.set(None);
        }
    }

    /// What was set aside, as words that can be pasted elsewhere.
    pub fn aside_words(self) -> String {
        let line = |change: &Change| match &change.new {
            Some(Value::String(text)) => text.clone(),
            Some(other) => format!("{}: {other}", change.path),
            None => format!("{}: removed", change.path),
        };
        let words = |edit: &Edit| {
            let lines: Vec<String> = edit.changes.iter().map(line).collect();
            format!("{}\n{}", edit.label, lines.join("\n"))
        };
        self.aside.edits.with_untracked(|edits| edits.iter().map(words).collect::<Vec<_>>().join("\n\n"))
    }
}

/// Whether it is the right that is missing.
pub(super) fn is_right(error: &domain::Error) -> bool {
    use domain::ErrorCode::{Forbidden, Gone, NotFound};
    matches!(error.code, Forbidden | NotFound | Gone)
}

fn paths(edit: &Edit) -> impl Iterator<Item = &str> {
    edit.changes.iter().map(|change| change.path.as_str())
}
