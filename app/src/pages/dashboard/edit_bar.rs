//! The bar of edit mode: add, take back, make again.

use super::stage::{Stage, use_stage};
use super::tabs::add_tab;
use super::tile_deeds;
use crate::components::hooks::find;
use crate::components::*;
use domain::dashboard::TileKind;
use leptos::prelude::*;

/// Takes back the last own step, and says which.
pub(super) fn undo(stage: Stage) {
    match stage.board.undo() {
        Some(label) => stage.say(label),
        None => stage.say("Nothing to undo"),
    }
}

/// Makes the last undone step again, and says which.
pub(super) fn redo(stage: Stage) {
    match stage.board.redo() {
        Some(label) => stage.say(format!("Redo: {label}")),
        None => stage.say("Nothing to redo"),
    }
}

/// Opens the choice of a column for a new filter, once the bar offers it.
fn add_filter(stage: Stage) {
    stage.set_editing(true);
    request_animation_frame(|| {
        let button = document().document_element().and_then(|root| find(&root, "[data-testid=add-filter-btn] button"));
        if let Some(button) = button {
            _ = button.focus();
            button.click();
        }
    });
}

/// What can be put on the page, and the way back.
#[component]
pub(crate) fn EditBar() -> impl IntoView {
    let stage = use_stage();
    let board = stage.board;
    let add = move |kind: TileKind| Callback::new(move |()| tile_deeds::add(stage, kind));
    let face = || {
        view! {
            <Icon name="plus"/>
            <span class="btn-label">"Add"</span>
            <Icon name="chevron-down"/>
        }
    };
    let (no_undo, no_redo) =
        (Signal::derive(move || !board.can_undo().get()), Signal::derive(move || !board.can_redo().get()));
    let count = Memo::new(move |_| stage.selected.with(|selected| selected.len()));
    let chosen = move || {
        (count.get() > 1).then(|| {
            view! {
                <div class="board-chosen">
                    <span class="num">{move || format!("{} tiles chosen", count.get())}</span>
                    <Button size=Size::Small icon="copy" on_click=move |()| tile_deeds::duplicate(stage, &stage.chosen())>"Duplicate"</Button>
                    <Button
                        size=Size::Small
                        icon="trash-2"
                        on_click=move |()| {
                            let ids: Vec<String> = stage.chosen().into_iter().map(|tile| tile.id).collect();
                            tile_deeds::remove(stage, &ids);
                        }
                    >
                        "Remove"
                    </Button>
                </div>
            }
            .into_any()
        })
    };
    view! {
        <div class="board-bar" role="toolbar" aria-label="Editing">
            <Menu label="Add" face button_class="btn btn-secondary" attr:data-testid="add-tile">
                <MenuItem icon="chart-column" keys="a" on_click=add(TileKind::Chart)>"Chart"</MenuItem>
                <MenuItem icon="hash" on_click=add(TileKind::Metric)>"Number"</MenuItem>
                <MenuItem icon="table" on_click=add(TileKind::Table)>"Table"</MenuItem>
                <MenuItem icon="type" on_click=add(TileKind::Text)>"Text"</MenuItem>
                <MenuDivider/>
                <MenuItem icon="layers" on_click=move |()| add_tab(stage)>"Tab"</MenuItem>
                <MenuItem icon="filter" on_click=move |()| add_filter(stage)>"Filter"</MenuItem>
            </Menu>
            <div class="board-steps">
                <IconButton icon="undo-2" label="Undo" disabled=no_undo on_click=move |()| undo(stage) attr:data-testid="undo"/>
                <IconButton icon="redo-2" label="Redo" disabled=no_redo on_click=move |()| redo(stage) attr:data-testid="redo"/>
            </div>
            <LinkButton
                href=stage.about.with_value(|about| format!("/dashboards/{}/history", about.slug))
                size=Size::Small
                variant=Variant::Ghost
                icon="history"
            >
                "History"
            </LinkButton>
            {chosen}
            <p class="board-bar-hint">
                {move || if stage.phone.get() { "Tiles are moved on a wider screen." } else { "Drag tiles by their header, or move them with the arrow keys." }}
            </p>
        </div>
    }
    .into_any()
}
