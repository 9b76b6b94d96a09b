//! The filter bar: one pill a control, each opening the editor of its column.

mod add;
mod pill;

use super::logic::conditions::{filter_of, with_filter};
use crate::api::tiles::filter_columns;
use crate::components::Icon;
use domain::Column;
use domain::dashboard::FilterControl;
use domain::query::Filter;
use leptos::prelude::*;
use pill::Pill;
use std::collections::BTreeMap;

/// The columns of the controls, by dataset and name.
type Columns = BTreeMap<(String, String), Column>;

/// The controls of a dashboard and what they are set to.
#[component]
pub fn FilterBar(
    /// The dashboard: its readers get the values of its filters without a right to the data.
    #[prop(optional, into)]
    dashboard_id: String,
    #[prop(into)] controls: Signal<Vec<FilterControl>>,
    filters: RwSignal<Vec<Filter>>,
    /// Controls can be added and removed.
    #[prop(into)]
    editing: Signal<bool>,
    #[prop(into)] on_controls: Callback<Vec<FilterControl>>,
    /// What else narrows the tiles, and whether anything does.
    #[prop(optional, into)]
    more: Option<ViewFn>,
    #[prop(optional, into)] has_more: Signal<bool>,
    /// Clears that too.
    #[prop(optional, into)]
    on_clear: Option<Callback<()>>,
) -> impl IntoView {
    let columns = RwSignal::new(Columns::new());
    let dashboard = StoredValue::new(dashboard_id);
    let wanted = Memo::new(move |_| {
        controls.with(|all| all.iter().map(|c| (c.dataset.clone(), c.column.clone())).collect::<Vec<_>>())
    });
    // Charts do not wait for this: a pill has its name, and its words when the column is known.
    Effect::new(move |_| {
        let missing: Vec<_> =
            wanted.get().into_iter().filter(|w| columns.with_untracked(|c| !c.contains_key(w))).collect();
        if missing.is_empty() {
            return;
        }
        leptos::task::spawn_local(async move {
            let Some(dashboard) = dashboard.try_get_value() else { return };
            if let Ok(found) = filter_columns(dashboard, missing.clone()).await {
                _ = columns.try_update(|columns| {
                    columns.extend(missing.into_iter().zip(found).filter_map(|(key, column)| Some((key, column?))));
                });
            }
        });
    });
    let set = Callback::new(move |(column, filter): (String, Option<Filter>)| {
        let next = filters.with_untracked(|all| with_filter(all, &column, filter));
        if filters.with_untracked(|all| *all != next) {
            filters.set(next);
        }
    });
    let remove = Callback::new(move |id: String| {
        let (gone, rest): (Vec<_>, Vec<_>) = controls.get_untracked().into_iter().partition(|c| c.id == id);
        for control in gone {
            set.run((control.column, None));
        }
        on_controls.run(rest);
    });
    let change = Callback::new(move |changed: FilterControl| {
        let all = controls.get_untracked().into_iter();
        on_controls.run(all.map(|c| if c.id == changed.id { changed.clone() } else { c }).collect());
    });
    let add = Callback::new(move |(control, column): (FilterControl, Column)| {
        columns.update(|columns| {
            columns.insert((control.dataset.clone(), control.column.clone()), column);
        });
        let mut all = controls.get_untracked();
        all.push(control);
        on_controls.run(all);
    });
    let pill = move |control: FilterControl| {
        let own = control.id.clone();
        // The name may change while the pill stays.
        let now = Signal::derive(move || {
            controls.with(|all| all.iter().find(|c| c.id == own).cloned()).unwrap_or_else(|| control.clone())
        });
        let column = Signal::derive(move || {
            let key = now.with(|c| (c.dataset.clone(), c.column.clone()));
            columns.with(|columns| columns.get(&key).cloned())
        });
        let value = Signal::derive(move || now.with(|c| filters.with(|all| filter_of(all, &c.column))));
        let dashboard = dashboard.get_value();
        view! { <Pill dashboard control=now column value editing on_value=set on_remove=remove on_control=change/> }
    };
    let is_set = Memo::new(move |_| !filters.with(Vec::is_empty) || has_more.get());
    let clear = move |_| {
        filters.set(Vec::new());
        if let Some(on_clear) = on_clear {
            on_clear.run(());
        }
    };
    // Filters that came from a click or an address, and belong to no control.
    let loose = Memo::new(move |_| {
        let known: Vec<String> = controls.with(|all| all.iter().map(|c| c.column.clone()).collect());
        filters.with(|all| {
            let is_loose = |f: &&Filter| !super::logic::conditions::column_of(f).is_some_and(|c| known.contains(&c));
            all.iter().filter(is_loose).cloned().collect::<Vec<_>>()
        })
    });
    let is_shown = Memo::new(move |_| editing.get() || is_set.get() || !controls.with(Vec::is_empty));
    view! {
        <div class="filter-bar" role="group" aria-label="Filters" data-testid="filter-bar" hidden=move || !is_shown.get()>
            <For each=move || controls.get() key=|c| (c.id.clone(), c.dataset.clone(), c.column.clone()) children=pill/>
            {move || loose.get().into_iter().map(|filter| view! { <pill::Loose filters filter/> }).collect_view()}
            {more.map(|more| more.run())}
            <Show when=move || editing.get()>
                <add::AddFilter controls on_add=add/>
            </Show>
            <Show when=move || is_set.get()>
                <button type="button" class="btn btn-ghost btn-sm" data-testid="clear-filters" on:click=clear>
                    <Icon name="x"/>
                    <span class="btn-label">"Clear all"</span>
                </button>
            </Show>
        </div>
    }
    .into_any()
}
