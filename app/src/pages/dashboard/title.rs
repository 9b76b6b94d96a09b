//! A tile's title, typed by several people at once.

use super::stage::use_stage;
use domain::Tile;
use leptos::{ev, html, prelude::*};

/// Where the caret belongs after somebody else changed the text: it stays with its letters.
/// Counted in UTF-16 units, as the browser does.
fn caret_after(old: &str, new: &str, caret: u32) -> u32 {
    let (old, new): (Vec<u16>, Vec<u16>) = (old.encode_utf16().collect(), new.encode_utf16().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let caret = caret as usize;
    if caret <= same {
        return caret as u32;
    }
    // What is behind the caret is behind it still.
    let behind = old.len().saturating_sub(caret);
    (new.len().saturating_sub(behind).max(same)) as u32
}

/// The title as a field. What one types merges letter by letter with what others type.
#[component]
pub(super) fn TitleInput(tile: Signal<Tile>) -> impl IntoView {
    let stage = use_stage();
    let board = stage.board;
    let node = NodeRef::<html::Input>::new();
    let title = Memo::new(move |_| tile.with(|tile| tile.title.clone()));
    Effect::new(move |_| {
        let new = title.get();
        let Some(input) = node.get() else { return };
        let old = input.value();
        if old != new {
            let caret = input.selection_start().ok().flatten();
            input.set_value(&new);
            let focused = document().active_element().is_some_and(|active| active.is_same_node(Some(&input)));
            if let Some(caret) = caret.filter(|_| focused) {
                let caret = caret_after(&old, &new, caret);
                _ = input.set_selection_range(caret, caret);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stays_with_its_letters() {
        assert_eq!(caret_after("Sales", "Sales 2026", 3), 3, "changed behind it");
        assert_eq!(caret_after("Sales", "All sales", 5), 9, "changed before it");
        assert_eq!(caret_after("abc", "", 2), 0);
        assert_eq!(caret_after("Sales", "Sales!", 5), 5);
    }
}
