//! A tile's title, typed by several people at once.

use super::stage::use_stage;
use crate::components::caret::write_shared;
use domain::Tile;
use leptos::{ev, html, prelude::*};

/// The title as a field. What one types merges letter by letter with what others type.
#[component]
pub(super) fn TitleInput(tile: Signal<Tile>) -> impl IntoView {
    let stage = use_stage();
    let board = stage.board;
    let node = NodeRef::<html::Input>::new();
    let title = Memo::new(move |_| tile.with(|tile| tile.title.clone()));
    Effect::new(move |_| {
        let new = title.get();
        if let Some(input) = node.get() {
            write_shared(&input, &new);
        }
    });
    let typed = move |event: ev::Event| {
        let path = format!("tiles/{}/title", tile.with_untracked(|tile| tile.id.clone()));
        let text = event_target_value(&event);
        board.edit_gathering("Rename tile", |document| vec![document.change(path, Some(text.into()))]);
    };
    let keys = move |event: ev::KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | "Escape") && !event.is_composing() {
            event.prevent_default();
            if let Some(input) = node.get_untracked() {
                _ = input.blur();
            }
        }
        event.stop_propagation();
    };
    view! {
        <input
            node_ref=node
            class="board-tile-input"
            data-testid="tile-title"
            aria-label="Title of the tile"
            placeholder="Untitled"
            maxlength="200"
            autocomplete="off"
            value=title.get_untracked()
            on:input=typed
            on:focus=move |_| stage.titling.set(Some(tile.with_untracked(|tile| tile.id.clone())))
            on:blur=move |_| _ = stage.titling.try_set(None)
            on:keydown=keys
        />
    }
}
