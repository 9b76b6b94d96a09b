//! The page of a dashboard: its living document on a grid, and everything around it.

mod about;
mod address;
mod aside;
mod chosen;
mod comments;
mod connected;
pub(crate) mod csv;
mod dialogs;
mod drag;
mod edit_bar;
mod empty;
mod grid;
mod header;
mod history;
mod hotkeys;
mod insight;
mod keys;
mod links;
mod mark_menu;
mod more_menu;
mod moves;
mod presence;
mod rows;
mod save;
mod scope;
mod share;
mod shared;
mod sight;
mod stage;
mod tabs;
mod tile;
mod tile_deeds;
mod tile_menu;
mod title;
mod trail;
mod wall;
mod why;

use crate::api::document::{BoardPage, open_document};
use crate::board::{Board, filter_changes};
use crate::components::*;
use crate::lazy;
use crate::tiles::FilterBar;
pub(crate) use about::AboutDialog;
pub(crate) use comments::CommentsPanel;
pub(crate) use dialogs::{PlaceDialog, TabDialog};
use domain::dashboard::FilterControl;
use domain::{ErrorCode, Tile};
pub(crate) use edit_bar::EditBar;
pub use history::HistoryPage;
pub(crate) use history::{DraftBar, PublishDialog};
pub(crate) use insight::InsightPanel;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
pub(crate) use links::LinksDialog;
pub(crate) use rows::RowsDialog;
pub(crate) use scope::ScopeDialog;
pub use shared::SharedPage;
pub(crate) use shared::is_shared;
pub(crate) use stage::items_of;
use stage::{Stage, use_stage};
pub(crate) use wall::WallDialog;
pub(crate) use why::{WhyPanel, explanation};

/// One dashboard.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let params = use_params_map();
    let slug = Memo::new(move |_| params.with(|params| params.get("slug")).unwrap_or_default());
    let page = Resource::new_blocking(move || slug.get(), open_document);
    let retry = Callback::new(move |()| page.refetch());
    let body = move || {
        Suspend::new(async move {
            match page.await {
                Ok(page) => match Board::open(&page.about.id, &page.opened) {
                    Ok(board) => view! { <BoardView board page/> }.into_any(),
                    Err(error) => failed(error, retry),
                },
                Err(error) if error.0.code == ErrorCode::NotFound => view! { <empty::Missing/> }.into_any(),
                Err(error) => failed(error.0, retry),
            }
        })
    };
    view! { <Suspense fallback=|| view! { <empty::Waiting/> }>{body}</Suspense> }.into_any()
}

fn failed(error: domain::Error, retry: Callback<()>) -> AnyView {
    view! {
        <Page>
            <PageHeader title="Dashboard" plain=true/>
            <ErrorState error retry/>
        </Page>
    }
    .into_any()
}

/// The dashboard, once it is there.
#[component]
fn BoardView(board: Board, page: BoardPage) -> impl IntoView {
    let address = address::use_address(board);
    let phone = use_media("(max-width: 640px)");
    let stage = Stage::new(board, page.about, address, phone);
    provide_context(stage);
    let talk = comments::provide_talk(stage);
    board.follow();
    presence::join(stage);
    aside::engage(stage);
    history::provide_draft(stage);
    let draft = history::use_draft();
    hotkeys::use_hotkeys(stage);
    // What is chosen or open may be removed by somebody else.
    Effect::new(move |_| {
        let tiles = board.tiles().get();
        aside::note_lost(stage);
        if stage.panel.with_untracked(|panel| panel.as_ref().is_some_and(|id| !tiles.contains_key(id))) {
            stage.panel.set(None);
        }
        if stage.selected.with_untracked(|selected| selected.iter().any(|id| !tiles.contains_key(id))) {
            stage.selected.update(|selected| selected.retain(|id| tiles.contains_key(id)));
        }
        if stage.picks.with_untracked(|picks| picks.iter().any(|pick| !tiles.contains_key(&pick.tile))) {
            stage.picks.update(|picks| picks.retain(|pick| tiles.contains_key(&pick.tile)));
        }
    });
    let may_edit = stage.may_edit();
    Effect::new(move |_| {
        if board.gone().with(Option::is_some) || !may_edit.get() {
            stage.set_editing(false);
        }
    });
    let on_controls = move |controls: Vec<FilterControl>| {
        board.edit("Change filters", |document| filter_changes(document, &controls));
    };
    let is_empty = Memo::new(move |_| stage.items.with(Vec::is_empty));
    let has_panel = Memo::new(move |_| stage.panel.with(Option::is_some));
    let has_insight = Memo::new(move |_| stage.behind.with(|b| b.as_ref().is_some_and(connected::Behind::is_insight)));
    let has_why = Memo::new(move |_| {
        has_insight.get() || stage.behind.with(|b| matches!(b, Some(connected::Behind::Why { .. })))
    });
    view! {
        <div class="board" class:has-panel=move || has_panel.get() || has_why.get() || talk.open.get() class:is-editing=move || stage.editing.get()>
            <div class="page board-page">
                {move || board.gone().get().map(|error| view! { <empty::Gone error/> })}
                <links::PublicBanner/>
                <aside::Aside/>
                <header::BoardHeader/>
                <Show when=move || stage.can_edit() && draft.is_on().get()>{lazy::draft_bar()}</Show>
                <Show when=move || stage.editing.get()>
                    {lazy::edit_bar()}
                </Show>
                <FilterBar
                    dashboard_id=board.id()
                    controls=board.filters()
                    filters=stage.filters
                    editing=stage.editing
                    on_controls
                    more=move || view! { <chosen::ChosenChips/> }
                    has_more=Signal::derive(move || stage.picks.with(|picks| !picks.is_empty()))
                    on_clear=move |()| _ = stage.unchoose(None)
                />
                <tabs::BoardTabs/>
                <tabs::TabBody>
                    <grid::Grid/>
                    <Show when=move || is_empty.get()>
                        <empty::EmptyBoard/>
                    </Show>
                </tabs::TabBody>
            </div>
            <Panel/>
            <Show when=move || stage.behind.with(|b| matches!(b, Some(connected::Behind::Why { .. })))>{lazy::why_panel()}</Show>
            <Show when=move || has_insight.get()>{lazy::insight_panel()}</Show>
            <Show when=move || talk.open.get()>{lazy::comments_panel()}</Show>
        </div>
        <presence::Following/>
        <mark_menu::MarkMenu/>
        <Show when=move || stage.behind.with(|b| matches!(b, Some(connected::Behind::Rows { .. })))>{lazy::rows_dialog()}</Show>
        <Show when=move || stage.behind.with(|b| matches!(b, Some(connected::Behind::About { .. })))>{lazy::about_dialog()}</Show>
        <Show when=move || stage.behind.with(|b| matches!(b, Some(connected::Behind::Scope { .. })))>{lazy::scope_dialog()}</Show>
        <Show when=move || stage.placing.with(Option::is_some)>{lazy::place_dialog()}</Show>
        <Show when=move || stage.walling.get()>{lazy::wall_dialog()}</Show>
        <Show when=move || stage.linking.get()>{lazy::links_dialog()}</Show>
        <Show when=move || stage.tabbing.with(Option::is_some)>{lazy::tab_dialog()}</Show>
        <Show when=move || draft.open.get()>{lazy::publish_dialog()}</Show>
    }
    .into_any()
}

/// The panel that edits one tile.
#[component]
fn Panel() -> impl IntoView {
    let stage = use_stage();
    let panel = move || {
        let id = stage.panel.get()?;
        let tile: Signal<Tile> = stage.board.tile_signal(&id)?.into();
        // What was typed last comes when the panel goes, perhaps because its tile was removed.
        let on_change = Callback::new(move |tile: Tile| {
            if stage.board.tile(&tile.id).is_some() {
                stage.board.put_tile("Edit tile", &tile);
            } else {
                stage.lost.update(|lost| {
                    lost.iter_mut().filter(|(old, _)| old.id == tile.id).for_each(|(old, _)| old.clone_from(&tile))
                });
            }
        });
        let on_close = Callback::new(move |()| {
            stage.panel.set(None);
            tile_deeds::focus_tile(id.clone());
        });
        Some(lazy::chart_panel(tile, on_change, on_close))
    };
    view! { {panel} }.into_any()
}
