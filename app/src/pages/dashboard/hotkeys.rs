//! The keyboard of the whole page, and the clipboard.

use super::edit_bar::{redo, undo};
use super::stage::Stage;
use super::tile_deeds;
use crate::components::hooks::{find, is_typing, on_window};
use crate::components::*;
use domain::dashboard::TileKind;
use leptos::{ev, prelude::*};
use std::collections::BTreeSet;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Element};

const GROUP: &str = "Dashboard";
const EDITING: &str = "While editing";

/// Whether an event belongs to something that lies over the page or beside it.
fn is_elsewhere(event: &web_sys::Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let inside = target.is_some_and(|e| e.closest("dialog, .side-panel, [popover]").is_ok_and(|found| found.is_some()));
    let open = "dialog[open], [popover=auto]:popover-open";
    inside || document().query_selector(open).is_ok_and(|found| found.is_some())
}

/// Whether words are marked that a person wants to copy.
fn has_marked_words() -> bool {
    window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed())
}

/// Listens for as long as the calling component lives.
pub(super) fn use_hotkeys(stage: Stage) {
    add_shortcuts(stage);
    on_window(ev::keydown, move |event: ev::KeyboardEvent| {
        if event.default_prevented() || is_typing(&event) || is_elsewhere(&event) {
            return;
        }
        let command = event.ctrl_key() || event.meta_key();
        if handle(stage, &event.key().to_lowercase(), command, event.shift_key()) {
            event.prevent_default();
        }
    });
    let marked = move |event: &ClipboardEvent| {
        let typing = event.target().and_then(|t| t.dyn_into::<Element>().ok()).is_some_and(|element| {
            element.closest("input, textarea, [contenteditable=true]").is_ok_and(|found| found.is_some())
        });
        typing || !stage.editing.get_untracked() || is_elsewhere(event)
    };
    let copy = move |event: &ClipboardEvent| -> bool {
        if marked(event) || has_marked_words() {
            return false;
        }
        let (Some(text), Some(data)) = (tile_deeds::copied(stage), event.clipboard_data()) else { return false };
        event.prevent_default();
        data.set_data("text/plain", &text).is_ok()
    };
    on_window(ev::copy, move |event: ClipboardEvent| _ = copy(&event));
    on_window(ev::cut, move |event: ClipboardEvent| {
        if copy(&event) {
            let ids: Vec<String> = stage.chosen().into_iter().map(|tile| tile.id).collect();
            tile_deeds::remove(stage, &ids);
        }
    });
    on_window(ev::paste, move |event: ClipboardEvent| {
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok());
        if !marked(&event) && text.is_some_and(|text| tile_deeds::pasted(stage, &text)) {
            event.prevent_default();
        }
    });
}

/// A key that is meant for the tiles. Returns whether it did something.
fn handle(stage: Stage, key: &str, command: bool, shift: bool) -> bool {
    let editing = stage.editing.get_untracked();
    match (key, command) {
        ("escape", false) => return escape(stage),
        ("z", true) if editing && !shift => undo(stage),
        ("z", true) | ("y", true) if editing => redo(stage),
        ("a", true) if editing => {
            let all: BTreeSet<String> =
                stage.items.with_untracked(|items| items.iter().map(|i| i.id.clone()).collect());
            stage.say(format!("{} tiles chosen", all.len()));
            stage.selected.set(all);
        }
        ("d", true) if editing => tile_deeds::duplicate(stage, &stage.chosen()),
        ("delete" | "backspace", false) if editing => {
            let ids: Vec<String> = stage.chosen().into_iter().map(|tile| tile.id).collect();
            if ids.is_empty() {
                return false;
            }
            tile_deeds::remove(stage, &ids);
        }
        _ => return false,
    }
    true
}

/// Escape leaves what was entered last.
fn escape(stage: Stage) -> bool {
    if stage.lift.with_untracked(Option::is_some) {
        stage.cancel_lift();
    } else if stage.panel.with_untracked(Option::is_some) {
        stage.panel.set(None);
    } else if !stage.selected.with_untracked(BTreeSet::is_empty) {
        stage.selected.update(BTreeSet::clear);
    } else if stage.behind.with_untracked(Option::is_some) {
        stage.behind.set(None);
    } else if stage.unchoose(None) {
        // The tiles show all again.
    } else if stage.editing.get_untracked() {
        stage.set_editing(false);
    } else {
        return false;
    }
    true
}

/// Those of the sheet. Undo and its like are handled here, because fields have their own.
fn add_shortcuts(stage: Stage) {
    let shortcuts = use_shortcuts();
    if stage.can_edit() {
        shortcuts.add(GROUP, "a", "Add a chart", Callback::new(move |()| tile_deeds::add(stage, TileKind::Chart)));
        for (keys, label) in [
            ("mod+z", "Undo"),
            ("mod+shift+z", "Redo"),
            ("mod+c", "Copy tiles"),
            ("mod+v", "Paste tiles"),
            ("mod+d", "Duplicate tiles"),
            ("mod+a", "Choose all tiles"),
            ("delete", "Remove tiles"),
            ("arrowright", "Move a tile; with Shift change its size"),
        ] {
            shortcuts.note(EDITING, keys, label);
        }
    }
    shortcuts.note(GROUP, "t", "Rows in place of the chart, on a tile");
    shortcuts.note(GROUP, "enter", "Filter the other tiles by a row; with Ctrl add it");
    shortcuts.note(GROUP, "escape", "Take back what was chosen in the tiles");
    let focus_filter = Callback::new(move |()| {
        let root = document().document_element();
        let first = root.and_then(|root| find(&root, ".filter-bar button, .filter-bar input, .filter-bar select"));
        hooks::focus(first);
    });
    shortcuts.add(GROUP, "f", "Go to the filters", focus_filter);
    // One shortcut for each of the first nine tabs there are.
    let count = Memo::new(move |_| stage.board.tabs().with(|tabs| tabs.len().min(9)));
    Effect::new(move |_| {
        const KEYS: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
        for (at, keys) in KEYS.into_iter().enumerate().take(count.get()) {
            let go = Callback::new(move |()| {
                if let Some(id) = stage.board.tabs().with_untracked(|tabs| tabs.get(at).map(|tab| tab.id.clone())) {
                    stage.choose_tab.run(id);
                }
            });
            shortcuts.add(GROUP, keys, format!("Tab {}", at + 1), go);
        }
    });
}
