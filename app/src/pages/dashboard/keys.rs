//! The keyboard on tiles: focus, move, resize, remove, without a pointer.

use super::moves::{self, name_of};
use super::stage::{How, Stage};
use super::tile_deeds;
use crate::components::keys::is_rtl;
use leptos::{ev::KeyboardEvent, prelude::*};

/// A key on a tile itself, not on something in it.
pub(super) fn on_tile(stage: Stage, event: &KeyboardEvent, id: &str) {
    let is_own = event.target().is_some() && event.target() == event.current_target();
    let command = event.ctrl_key() || event.meta_key() || event.alt_key();
    if !is_own || command || event.default_prevented() {
        return;
    }
    let key = event.key();
    let arrow = moves::direction(&key, is_rtl());
    let editing = stage.editing.get_untracked();
    match (key.as_str(), arrow) {
        (_, Some(direction)) if stage.can_move() => {
            event.prevent_default();
            let ids = stage.group(id);
            let resizes = event.shift_key();
            let before = stage.items.get_untracked();
            let now = moves::step(&before, &ids, direction, resizes);
            stage.commit(if resizes { How::Resize } else { How::Keys }, &ids, &before, &now, true);
            if let Some(position) = stage.position(id) {
                stage.say(if resizes {
                    moves::size_words(position)
                } else {
                    format!("Moved to {}", moves::place_words(position))
                });
            }
        }
        ("Enter", _) if editing => {
            event.prevent_default();
            stage.panel.set(Some(id.to_owned()));
        }
        (" ", _) if editing => {
            event.prevent_default();
            stage.select(id, true);
            let chosen = stage.selected.with_untracked(|selected| selected.contains(id));
            let name = stage.board.tile(id).map(|tile| name_of(&tile.title)).unwrap_or_default();
            stage.say(format!("{name} {}", if chosen { "chosen" } else { "no longer chosen" }));
        }
        ("Delete" | "Backspace", _) if editing => {
            event.prevent_default();
            let chosen = stage.group(id);
            tile_deeds::remove(stage, &chosen);
        }
        ("t" | "T", _) => {
            event.prevent_default();
            tile_deeds::toggle_table(stage, id);
        }
        _ => {}
    }
}

/// A key on a tile's handle: picks it up, carries it, drops it.
pub(super) fn on_handle(stage: Stage, event: &KeyboardEvent, id: &str) {
    let key = event.key();
    let carried = stage.lift.with_untracked(|lift| lift.as_ref().is_some_and(|lift| lift.how == How::Keys));
    if let (true, Some(direction)) = (carried, moves::direction(&key, is_rtl())) {
        event.prevent_default();
        event.stop_propagation();
        stage.carry(direction, event.shift_key());
        return;
    }
    match (key.as_str(), carried) {
        ("Enter" | " ", true) => stage.drop_lift(),
        ("Enter" | " ", false) => stage.pick_up(id),
        ("Escape", true) => stage.cancel_lift(),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

/// The focus leaves a handle: what it carried stays where it is.
pub(super) fn on_leave(stage: Stage) {
    if stage.lift.with_untracked(|lift| lift.as_ref().is_some_and(|lift| lift.how == How::Keys)) {
        stage.drop_lift();
    }
}
