//! What can be done with tiles: add, copy, duplicate, remove, take their data along.

use super::csv;
use super::moves::{name_of, place_words};
use super::stage::Stage;
use crate::api;
use crate::board::{move_changes, new_id};
use crate::components::toast::Toasts;
use domain::Tile;
use domain::dashboard::TileKind;
use domain::document::{Change, tile_value};
use domain::layout::{self, Item};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;

/// What tiles look like in the clipboard: other dashboards and other tabs can read it.
#[derive(Deserialize, Serialize)]
struct Clip {
    orrery_tiles: Vec<Tile>,
}

/// Adds a tile at the first free place and opens it in the panel.
pub(super) fn add(stage: Stage, kind: TileKind) {
    let (chart_type, (w, h), name) = match kind {
        TileKind::Metric => (Some("number"), (3, 3), "Number"),
        TileKind::Table => (None, (6, 6), "Table"),
        TileKind::Text => (None, (4, 3), "Text"),
        _ => (None, (6, 5), "Chart"),
    };
    let position = stage.items.with_untracked(|items| layout::place(items, w, h));
    let tile = Tile {
        id: new_id(),
        kind,
        chart_type: chart_type.map(str::to_owned),
        position,
        tab: stage.tab.get_untracked(),
        text: (kind == TileKind::Text).then(String::new),
        ..Tile::default()
    };
    stage.set_editing(true);
    stage.board.put_tile(&format!("Add {}", name.to_lowercase()), &tile);
    stage.say(format!("{name} added at {}", place_words(position)));
    stage.select(&tile.id, false);
    stage.panel.set(Some(tile.id.clone()));
    reveal(tile.id);
}

/// Scrolls to a tile once it is on the page.
pub(super) fn reveal(id: String) {
    request_animation_frame(move || {
        if let Some(tile) = element_of(&id) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            options.set_behavior(web_sys::ScrollBehavior::Smooth);
            tile.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

/// Gives the focus to a tile once it is on the page.
pub(super) fn focus_tile(id: String) {
    request_animation_frame(move || {
        if let Some(tile) = element_of(&id) {
            _ = tile.focus();
        }
    });
}

/// The element of a tile. Ids come from programs too, so they are compared, not put into a selector.
fn element_of(id: &str) -> Option<web_sys::HtmlElement> {
    let tiles = document().query_selector_all(".board-tile").ok()?;
    let own = |tile: &web_sys::HtmlElement| tile.get_attribute("data-tile-id").as_deref() == Some(id);
    (0..tiles.length()).filter_map(|i| tiles.item(i)?.dyn_into().ok()).find(own)
}

/// Removes tiles; the message offers to take that back.
pub(super) fn remove(stage: Stage, ids: &[String]) {
    let label = if ids.len() == 1 { "Remove tile" } else { "Remove tiles" };
    stage.board.edit(label, |document| ids.iter().map(|id| document.change(format!("tiles/{id}"), None)).collect());
    stage.selected.update(|selected| selected.retain(|id| !ids.contains(id)));
    if stage.panel.with_untracked(|panel| panel.as_ref().is_some_and(|id| ids.contains(id))) {
        stage.panel.set(None);
    }
    let text = if ids.len() == 1 { "Tile removed".to_owned() } else { format!("{} tiles removed", ids.len()) };
    stage.toasts.action(text, "Undo", move || _ = stage.board.undo());
}

/// Puts copies of tiles on the page, as a block, at the first free place.
fn insert(stage: Stage, label: &str, tiles: &[Tile]) {
    let tab = stage.tab.get_untracked();
    let copies: Vec<Tile> = tiles.iter().map(|tile| Tile { id: new_id(), tab: tab.clone(), ..tile.clone() }).collect();
    let group: Vec<Item> = copies.iter().map(|tile| Item::new(&tile.id, tile.position)).collect();
    let all = stage.items.with_untracked(|items| layout::paste(items, &group));
    let placed = |tile: &Tile| {
        let position = all.iter().find(|item| item.id == tile.id).map_or(tile.position, |item| item.position);
        let new = tile_value(&Tile { position, ..tile.clone() });
        Change { path: format!("tiles/{}", tile.id), old: None, new: Some(new) }
    };
    let others: Vec<Item> = all.iter().filter(|item| copies.iter().all(|tile| tile.id != item.id)).cloned().collect();
    let added: Vec<Change> = copies.iter().map(placed).collect();
    stage.board.edit(label, |document| added.into_iter().chain(move_changes(document, &others)).collect());
    stage.selected.set(copies.iter().map(|tile| tile.id.clone()).collect());
    // Keys are about the copies now, and not about the tile they were made from.
    if let Some(first) = copies.into_iter().next() {
        reveal(first.id.clone());
        focus_tile(first.id);
    }
    stage.say(if tiles.len() == 1 { "1 tile added".to_owned() } else { format!("{} tiles added", tiles.len()) });
}

/// Duplicates tiles.
pub(super) fn duplicate(stage: Stage, tiles: &[Tile]) {
    if !tiles.is_empty() {
        stage.set_editing(true);
        insert(stage, if tiles.len() == 1 { "Duplicate tile" } else { "Duplicate tiles" }, tiles);
    }
}

/// The chosen tiles as text for the clipboard.
pub(super) fn copied(stage: Stage) -> Option<String> {
    let tiles = stage.chosen();
    if tiles.is_empty() {
        return None;
    }
    stage.say(if tiles.len() == 1 { "1 tile copied".to_owned() } else { format!("{} tiles copied", tiles.len()) });
    serde_json::to_string(&Clip { orrery_tiles: tiles }).ok()
}

/// Adds tiles from the clipboard's text. Returns whether there were any.
pub(super) fn pasted(stage: Stage, text: &str) -> bool {
    let tiles = serde_json::from_str::<Clip>(text).map(|clip| clip.orrery_tiles).unwrap_or_default();
    if !tiles.is_empty() {
        insert(stage, if tiles.len() == 1 { "Paste tile" } else { "Paste tiles" }, &tiles);
    }
    !tiles.is_empty()
}

/// Whether a tile has rows to show.
pub(super) fn has_rows(tile: &Tile) -> bool {
    tile.chart_kind().is_some()
}

/// Whether a tile shows a metric or a forecast, with nothing behind it here.
pub(super) fn is_metric(tile: &Tile) -> bool {
    tile.data_source.as_ref().is_some_and(|source| source.metric.is_some() || source.forecast.is_some())
}

/// The upper end of a tile on the screen, where its menu is.
pub(super) fn corner_of(id: &str) -> (f64, f64) {
    element_of(id).map_or((0.0, 0.0), |tile| {
        let place = tile.get_bounding_client_rect();
        (place.right() - 240.0, place.top() + 40.0)
    })
}

/// Shows a tile's rows in place of its chart, or the chart again.
pub(super) fn toggle_table(stage: Stage, id: &str) {
    if stage.board.tile(id).is_some_and(|tile| has_rows(&tile)) {
        stage.as_table.update(|set| {
            if !set.remove(id) {
                set.insert(id.to_owned());
            }
        });
    }
}

/// Saves a tile's rows, as the page shows them, as a file.
pub(super) fn download(stage: Stage, tile: &Tile) {
    let (id, name) = (tile.id.clone(), name_of(&tile.title));
    let (dashboard, ask) = (stage.board.id(), stage.ask_now(&id, &[]));
    let toasts: Toasts = stage.toasts;
    spawn_local(async move {
        match api::document::read_tile(dashboard, id, ask).await {
            Ok(data) => {
                csv::save(&format!("{}.csv", csv::file_name(&name)), "text/csv;charset=utf-8", &csv::of(&data));
                if data.table.truncated {
                    toasts.info(format!(
                        "The file has the first {} rows. Narrow the tile to get the rest.",
                        data.table.row_count()
                    ));
                }
            }
            Err(error) => toasts.error(&error.0),
        }
    });
}
