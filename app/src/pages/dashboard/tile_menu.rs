//! The menu of a tile.

use super::comments::TileItems;
use super::connected::Behind;
use super::moves::name_of;
use super::stage::use_stage;
use super::tile_deeds::{self, has_rows};
use crate::components::local::Local;
use crate::components::*;
use crate::pages::explore::question::Question;
use crate::session::use_session;
use crate::tiles::{Asked, spec_of};
use domain::{Tile, UserRole};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// What can be done with a tile.
#[component]
pub(super) fn TileMenu(tile: Signal<Tile>) -> impl IntoView {
    let stage = use_stage();
    let label = Signal::derive(move || tile.with(|tile| format!("Actions of {}", name_of(&tile.title))));
    let id = move || tile.with_untracked(|tile| tile.id.clone());
    let rows = Memo::new(move |_| tile.with(has_rows));
    let is_table = Memo::new(move |_| stage.as_table.with(|set| tile.with(|tile| set.contains(&tile.id))));
    let many_tabs = Memo::new(move |_| stage.board.tabs().with(|tabs| tabs.len() > 1));
    let edit = Callback::new(move |()| {
        stage.set_editing(true);
        stage.select(&id(), false);
        stage.panel.set(Some(id()));
    });
    let duplicate = Callback::new(move |()| tile_deeds::duplicate(stage, &[tile.get_untracked()]));
    let download = Callback::new(move |()| tile_deeds::download(stage, &tile.get_untracked()));
    let changes = move || {
        stage.can_edit().then(|| {
            view! {
                <MenuDivider/>
                <MenuItem icon="copy" keys="mod+d" on_click=duplicate>"Duplicate"</MenuItem>
                <Show when=move || !stage.phone.get()>
                    <MenuItem icon="move" on_click=move |()| stage.placing.set(Some(id()))>"Position…"</MenuItem>
                </Show>
                <Show when=move || many_tabs.get()>
                    <MenuItem icon="layers" on_click=move |()| stage.tabbing.set(Some(id()))>"Move to tab…"</MenuItem>
                </Show>
                <MenuDivider/>
                <MenuItem icon="trash-2" danger=true keys="delete" on_click=move |()| tile_deeds::remove(stage, &[id()])>"Remove"</MenuItem>
            }
            .into_any()
        })
    };
    let has_question = Memo::new(move |_| tile.with(|tile| has_rows(tile) && !tile_deeds::is_metric(tile)));
    let look = move |behind: fn(String) -> Behind| Callback::new(move |()| stage.behind.set(Some(behind(id()))));
    let see_rows = look(|tile| Behind::Rows { tile, on: Vec::new() });
    let about = look(|tile| Behind::About { tile });
    let scope = look(|tile| Behind::Scope { tile });
    let explain = look(|tile| Behind::Explain { tile });
    let drill = Callback::new(move |()| {
        let id = id();
        let columns = stage.known.with_untracked(|all| {
            all.get(&id).map(|k| k.query.dimensions.iter().map(|d| d.column.clone()).collect()).unwrap_or_default()
        });
        let at = tile_deeds::corner_of(&id);
        stage.mark_menu.set(Some((id, Asked { columns, at, ..Asked::default() })));
    });
    let navigate = Local::holding(use_navigate);
    let explore = Callback::new(move |()| {
        let known = stage.known.with_untracked(|all| all.get(&id()).map(|known| known.query.clone()));
        if let Some(query) = known {
            let address = Question::of(query, tile.with_untracked(spec_of)).address();
            _ = navigate.with(|go| go(&address, NavigateOptions::default()));
        }
    });
    let alert = Callback::new(move |()| {
        let address =
            format!("/alerts/new?dashboard={}&tile={}", stage.about.with_value(|about| about.slug.clone()), id());
        _ = navigate.with(|go| go(&address, NavigateOptions::default()));
    });
    let looks_behind = stage.may_explore();
    let explores = use_session().has_role(UserRole::Explorer);
    let guest = stage.is_guest();
    // A reader of words has nothing to choose from.
    let any = move || stage.can_edit() || rows.get() || stage.can_comment();
    view! {
        <Show when=any>
            <Menu label align=Align::End button_class="btn btn-ghost btn-sm" attr:data-testid="tile-menu">
                {stage.can_edit().then(|| view! { <MenuItem icon="square-pen" on_click=edit>{move || edit_words(&tile.read())}</MenuItem> })}
                <Show when=move || rows.get()>
                    <MenuItem icon="table" on_click=move |()| tile_deeds::toggle_table(stage, &id())>
                        {move || if is_table.get() { "View as chart" } else { "View as table" }}
                    </MenuItem>
                    <Show when=move || has_question.get()>
                        {explores.then(|| view! { <MenuItem icon="compass" on_click=explore>"Explore from here"</MenuItem> })}
                        <MenuItem icon="waypoints" on_click=drill>"Drill…"</MenuItem>
                        {(!guest).then(|| view! { <MenuItem icon="lightbulb" on_click=explain>"Explain this"</MenuItem> })}
                        {looks_behind.then(|| view! { <MenuItem icon="rows-3" on_click=see_rows>"See the rows"</MenuItem> })}
                        {(!guest).then(|| view! { <MenuItem icon="info" on_click=about>"About this data"</MenuItem> })}
                        {stage.can_edit().then(|| view! { <MenuItem icon="filter" on_click=scope>"What filters this…"</MenuItem> })}
                    </Show>
                    {explores.then(|| view! { <MenuItem icon="bell" on_click=alert>"Alert me…"</MenuItem> })}
                    {looks_behind.then(|| view! { <MenuItem icon="download" on_click=download>"Download CSV"</MenuItem> })}
                </Show>
                <TileItems tile/>
                {changes}
            </Menu>
        </Show>
    }
    .into_any()
}

fn edit_words(tile: &Tile) -> &'static str {
    use domain::dashboard::TileKind;
    match tile.kind {
        TileKind::Text => "Edit text",
        TileKind::Image => "Edit image",
        _ => "Edit chart",
    }
}
