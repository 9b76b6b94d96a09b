//! Which tiles filter a tile: all that share its columns, unless it says otherwise.

use super::connected::{Behind, not_affected_by, opened};
use super::stage::use_stage;
use crate::components::*;
use crate::tiles::logic::draft;
use domain::Tile;
use leptos::prelude::*;

/// A dialog that narrows what a tile follows.
#[component]
pub(crate) fn ScopeDialog() -> impl IntoView {
    let stage = use_stage();
    let Some(Behind::Scope { tile: id }) = stage.behind.get_untracked() else { return ().into_any() };
    let Some(tile) = stage.board.tile_signal(&id) else { return ().into_any() };
    let open = opened(stage);
    let left_out = Memo::new(move |_| tile.with(not_affected_by));
    let none = Signal::derive(move || left_out.with(|list| list.iter().any(|id| id == "*")));
    let key = StoredValue::new(id.clone());
    let set = move |tiles: Vec<String>| key.with_value(|id| stage.set_not_affected_by(id, &tiles));
    let can_choose = |tile: &Tile| {
        tile.data_source
            .as_ref()
            .is_some_and(|s| s.metric.is_none() && s.forecast.is_none() && s.query.as_ref().is_none_or(draft::asks))
    };
    let others: Vec<(String, String)> = stage
        .board
        .tiles()
        .with_untracked(|all| all.values().map(|tile| tile.get_untracked()).collect::<Vec<_>>())
        .into_iter()
        .filter(|tile| tile.id != id && can_choose(tile))
        .map(|tile| (tile.id.clone(), stage.tile_name(&tile.id)))
        .collect();
    let toggle = move |other: String, follows: bool| {
        let mut list = left_out.get_untracked();
        list.retain(|id| *id != other);
        if !follows {
            list.push(other);
        }
        set(list);
    };
    let row = move |(other, name): (String, String)| {
        let own = other.clone();
        let checked = Signal::derive(move || left_out.with(|list| !list.contains(&own)));
        view! { <Checkbox label=name checked disabled=none on_change=move |follows| toggle(other.clone(), follows)/> }
    };
    let rows = move || others.iter().cloned().map(row).collect_view();
    let title = format!("What filters {}", stage.tile_name(&id));
    view! {
        <Dialog open title size=DialogSize::Small>
            <div class="stack" data-testid="scope">
                <p class="muted">"A choice in another tile filters this one where both show the same column."</p>
                <Switch
                    label="Follow the other tiles"
                    checked=Signal::derive(move || !none.get())
                    on_change=move |follows: bool| set(if follows { Vec::new() } else { vec!["*".to_owned()] })
                />
                <fieldset class="stack scope-list" disabled=move || none.get()>
                    <legend class="small muted">"Tiles that filter it"</legend>
                    {rows.clone()}
                </fieldset>
            </div>
        </Dialog>
    }
    .into_any()
}
