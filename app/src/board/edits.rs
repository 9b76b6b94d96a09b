//! What one can do to a dashboard.

use super::{Board, SaveStatus, new_id, tile_changes};
use crate::live::Status;
use domain::document::{Change, Document, Edit};
use domain::{Result, Tile};
use leptos::prelude::*;

impl Board {
    /// Makes an edit, here at once and for everybody as soon as it arrives. `label` says it in
    /// words, for the history: "Move tile".
    pub fn edit(self, label: &str, changes: impl FnOnce(&Document) -> Vec<Change>) {
        self.make(label, changes, false);
    }

    /// As [`Board::edit`], for what comes in many small steps, such as typing: steps of the same
    /// kind in quick succession are one edit.
    pub fn edit_gathering(self, label: &str, changes: impl FnOnce(&Document) -> Vec<Change>) {
        self.make(label, changes, true);
    }

    fn make(self, label: &str, changes: impl FnOnce(&Document) -> Vec<Change>, gathers: bool) {
        let Some(changes) = self.read(changes) else { return };
        let edit = Edit { label: label.to_owned(), changes: changes.clone() };
        if !self.may_edit() {
            // Typed before the right went, and told after.
            if changes.iter().any(super::changes::is_change) {
                self.keep_aside(vec![edit]);
            }
            return;
        }
        let made = self.with_state(|state| state.edit(new_id(), edit, gathers));
        match made {
            Some(Ok(true)) => {
                self.show_changes(&changes);
                self.changed(gathers);
            }
            Some(Err(error)) => self.toasts.error(&error),
            Some(Ok(false)) | None => {}
        }
    }

    /// Brings a tile to what the panel made of it, or adds it. Words gather, all else is sent at
    /// once, so that the tile asks its new question of a server that knows it.
    pub fn put_tile(self, label: &str, tile: &Tile) {
        let changes = self.read(|document| tile_changes(document, tile)).unwrap_or_default();
        let words = |c: &Change| c.path.ends_with("/title") || c.path.ends_with("/text");
        let gathers = changes.iter().all(words);
        self.make(label, |_| changes, gathers);
    }

    /// Sets a value as a whole: `meta/name`, `tiles/{id}/title`.
    pub fn set(self, label: &str, path: &str, value: impl Into<serde_json::Value>) {
        let value = value.into();
        self.edit(label, |document| vec![document.change(path, Some(value))]);
    }

    /// Takes back one's own last step. Returns its name.
    pub fn undo(self) -> Option<String> {
        self.step(self.with_state(|state| state.undo(new_id())))
    }

    /// Makes again what was taken back last. Returns its name.
    pub fn redo(self) -> Option<String> {
        self.step(self.with_state(|state| state.redo(new_id())))
    }

    fn step(self, done: Option<Result<Option<Edit>>>) -> Option<String> {
        let edit = done?.ok().flatten();
        if let Some(edit) = &edit {
            self.show_changes(&edit.changes);
        }
        self.changed(false);
        edit.map(|edit| edit.label)
    }

    /// Whether what one did is safe.
    pub fn save_status(self) -> Signal<SaveStatus> {
        let status = self.socket.status();
        Signal::derive(move || {
            let waiting = self.waiting.get();
            match (self.refused.get(), status.get()) {
                (Some(error), _) => SaveStatus::Refused(error),
                (None, Status::Offline) => SaveStatus::Offline(waiting),
                (None, _) if waiting > 0 => SaveStatus::Saving,
                (None, _) => SaveStatus::Saved,
            }
        })
    }
}
