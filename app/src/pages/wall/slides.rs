//! What a wall shows by turns: each sheet of each tab of each dashboard.

use super::fit::{Need, Sheet, fit};
use super::show::OnWall;
use crate::board::Board;
use crate::pages::dashboard::items_of;
use crate::tiles::{TileState, TileView};
use domain::connect::TileAsk;
use domain::dashboard::TileKind;
use domain::layout::Item;
use domain::{ChartKind, Tile};
use leptos::prelude::*;

/// One of the things that are shown by turns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slide {
    /// Which of the dashboards.
    pub(super) board: usize,
    pub(super) tab: Option<String>,
    /// Which of the sheets of that tab.
    pub(super) page: usize,
    pub(super) sheet: Sheet,
}

impl Slide {
    /// What stays the same while tiles are moved about.
    pub(super) fn key(&self) -> (usize, Option<String>, usize) {
        (self.board, self.tab.clone(), self.page)
    }
}

fn need(tile: &Tile) -> Need {
    match (tile.kind, tile.chart_kind()) {
        (TileKind::Text, _) | (_, Some(ChartKind::Number)) => Need::Little,
        _ if tile.data_source.as_ref().is_some_and(|source| source.metric.is_some()) => Need::Little,
        _ => Need::Chart,
    }
}

/// All slides of these dashboards on a screen of that size; empty tabs have none.
pub(super) fn slides(boards: &[Board], size: (f64, f64)) -> Vec<Slide> {
    let mut slides = Vec::new();
    for (at, board) in boards.iter().enumerate() {
        let tabs: Vec<Option<String>> = board.tabs().with(|tabs| tabs.iter().map(|t| Some(t.id.clone())).collect());
        for tab in if tabs.is_empty() { vec![None] } else { tabs } {
            let with_need = |item: Item| {
                let tile = board.tile_signal(&item.id)?;
                let is_control = tile.with(|tile| tile.kind == TileKind::Filter);
                (!is_control).then(|| (item, tile.with(need)))
            };
            let tiles: Vec<_> = items_of(*board, tab.as_deref()).into_iter().filter_map(with_need).collect();
            let sheets = fit(&tiles, size).into_iter().enumerate();
            slides.extend(sheets.map(|(page, sheet)| Slide { board: at, tab: tab.clone(), page, sheet }));
        }
    }
    slides
}

/// The tiles of the slide on the screen.
#[component]
pub(super) fn SlideView(wall: OnWall, key: (usize, Option<String>, usize)) -> impl IntoView {
    let Some(board) = wall.board(key.0) else { return ().into_any() };
    let sheet = Memo::new(move |before: Option<&Option<Sheet>>| {
        let now = wall.slides.with(|all| all.iter().find(|slide| slide.key() == key).map(|slide| slide.sheet.clone()));
        now.or_else(|| before.cloned().flatten())
    });
    let ids = Memo::new(move |_| {
        sheet.with(|sheet| sheet.iter().flat_map(|s| s.places.iter().map(|p| p.id.clone())).collect::<Vec<_>>())
    });
    let number = move |read: fn(&Sheet) -> u32| move || sheet.with(|s| s.as_ref().map_or(1, read)).to_string();
    view! {
        <div
            class="wall-grid"
            data-testid="dashboard-grid"
            style=("--columns", number(|s| s.columns))
            style=("--rows", number(|s| s.rows))
        >
            <For each=move || ids.get() key=String::clone let:id>
                <WallTile board sheet id/>
            </For>
        </div>
    }
    .into_any()
}

#[component]
fn WallTile(board: Board, sheet: Memo<Option<Sheet>>, id: String) -> impl IntoView {
    let Some(signal) = board.tile_signal(&id) else { return ().into_any() };
    let tile: Signal<Tile> = signal.into();
    let own = id.clone();
    let place = Memo::new(move |_| {
        let found = |s: &Sheet| s.places.iter().find(|p| p.id == own).map(|p| p.position);
        sheet.with(|sheet| sheet.as_ref().and_then(found)).unwrap_or_default()
    });
    let state = RwSignal::new(TileState::Loading);
    let on_state = Callback::new(move |next| _ = state.try_set(next));
    // What the filters of the dashboard are while nobody touches them.
    let ask = Memo::new(move |_| {
        let filters = board.filters().with(|all| all.iter().filter_map(|c| c.default.clone()).collect::<Vec<_>>());
        TileAsk::from(filters)
    });
    let title = Memo::new(move |_| tile.with(|tile| tile.title.clone()));
    view! {
        <section
            class="wall-tile"
            class:is-untitled=move || title.with(String::is_empty)
            data-testid="tile"
            data-tile-id=id
            data-state=move || state.get().as_str()
            style=("--x", move || (place.get().x + 1).to_string())
            style=("--y", move || (place.get().y + 1).to_string())
            style=("--w", move || place.get().w.to_string())
            style=("--h", move || place.get().h.to_string())
        >
            <h2 class="wall-tile-title">{move || title.get()}</h2>
            <div class="wall-tile-body">
                <TileView dashboard_id=board.id() tile ask on_state/>
            </div>
        </section>
    }
    .into_any()
}
