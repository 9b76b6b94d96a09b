//! The tables of a source: searched, looked into, chosen.

use super::look::Look;
use super::make::MakeDialog;
use crate::api::sources::source_tables;
use crate::components::*;
use crate::pages::data::{count, plural};
use crate::pages::deeds::Answer;
use domain::source::{Source, TableEntry};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// The most tables that are drawn; a search finds the others.
const MOST: usize = 300;

/// The tables, and what is in the one that is looked into.
#[component]
pub(super) fn Browse(source: RwSignal<Source>, round: RwSignal<u32>, on_made: Callback<()>) -> impl IntoView {
    let id = StoredValue::new(source.with_untracked(|s| s.id.clone()));
    let tables = Answer::of(move || {
        round.track();
        source_tables(id.get_value())
    });
    let body = move || {
        match tables.get() {
        None => view! { <Skeleton height="16rem"/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| tables.refetch() compact=true/> }.into_any(),
        Some(Ok(list)) if list.is_empty() => view! {
            <EmptyState icon="table" title="No tables" text="There is no table that may be read. Check what its user is allowed to see."/>
        }
        .into_any(),
        Some(Ok(list)) => view! { <Tables list source on_made/> }.into_any(),
    }
    };
    view! {
        <section class="section" data-testid="source-tables">
            <div class="section-head">
                <h2>"Tables"</h2>
                <p>"Choose tables to make datasets of them. Their rows stay where they are and are asked there."</p>
            </div>
            {body}
        </section>
    }
    .into_any()
}

#[component]
fn Tables(list: Vec<TableEntry>, source: RwSignal<Source>, on_made: Callback<()>) -> impl IntoView {
    let id = StoredValue::new(source.with_untracked(|s| s.id.clone()));
    let total = list.len() as u64;
    let first = list.first().map(|t| t.name.clone());
    let list = StoredValue::new(list);
    let query = RwSignal::new(String::new());
    let looked = RwSignal::new(first);
    let chosen = RwSignal::new(BTreeSet::<String>::new());
    let making = RwSignal::new(false);
    let found = Memo::new(move |_| {
        let wanted = query.get().trim().to_lowercase();
        list.with_value(|list| {
            list.iter().filter(|t| t.name.to_lowercase().contains(&wanted)).cloned().collect::<Vec<_>>()
        })
    });
    let all = Signal::derive(move || {
        found.with(|found| !found.is_empty() && chosen.with(|chosen| found.iter().all(|t| chosen.contains(&t.name))))
    });
    let choose_all = move |on: bool| {
        let names: Vec<String> = found.with_untracked(|found| found.iter().map(|t| t.name.clone()).collect());
        chosen.update(|chosen| {
            for name in names {
                _ = if on { chosen.insert(name) } else { chosen.remove(&name) };
            }
        });
    };
    let drawn = move || {
        let mut found = found.get();
        found.truncate(MOST);
        found
    };
    let hidden = move || found.with(|f| f.len().saturating_sub(MOST));
    let words = move || {
        let shown = found.with(Vec::len) as u64;
        if shown == total { plural(total, "table") } else { format!("{} of {}", count(shown), plural(total, "table")) }
    };
    let n = move || chosen.with(BTreeSet::len) as u64;
    let row = move |table: TableEntry| view! { <Entry table looked chosen/> };
    let wanted = move || {
        list.with_value(|list| {
            chosen.with_untracked(|c| list.iter().filter(|t| c.contains(&t.name)).cloned().collect::<Vec<_>>())
        })
    };
    let done = Callback::new(move |()| {
        chosen.set(BTreeSet::new());
        on_made.run(());
    });
    view! {
        <div class="toolbar">
            <SearchInput value=query on_input=move |text| query.set(text) label="Search tables"/>
            <p class="data-count num" role="status">{words}</p>
            <div class="toolbar-end row">
                <Show when=move || { n() > 0 }><p class="num">{move || format!("{} chosen", plural(n(), "table"))}</p></Show>
                <Button
                    variant=Variant::Primary
                    icon="plus"
                    disabled=Signal::derive(move || n() == 0)
                    on_click=move |()| making.set(true)
                    attr:data-testid="make-datasets"
                >
                    "Make datasets…"
                </Button>
            </div>
        </div>
        <div class="source-browse">
            <div class="source-tables card">
                <div class="source-all"><Checkbox checked=all on_change=choose_all label="All of these"/></div>
                <ul class="source-list" aria-label="Tables">
                    <For each=drawn key=|t| t.name.clone() children=row/>
                    <Show when=move || { hidden() > 0 }>
                        <li class="muted source-more">{move || format!("and {} more: search for them", count(hidden() as u64))}</li>
                    </Show>
                    <Show when=move || found.with(Vec::is_empty)><li class="muted source-more">"No table has this in its name."</li></Show>
                </ul>
            </div>
            <div class="source-look card">
                {move || looked.get().map(|table| view! { <Look id=id.get_value() table/> })}
            </div>
        </div>
        <MakeDialog open=making source wanted=Callback::new(move |()| wanted()) on_done=done/>
    }
    .into_any()
}

#[component]
fn Entry(table: TableEntry, looked: RwSignal<Option<String>>, chosen: RwSignal<BTreeSet<String>>) -> impl IntoView {
    let TableEntry { name, rows, columns, datasets, .. } = table;
    let key = StoredValue::new(name.clone());
    let is_chosen = move || chosen.with(|c| key.with_value(|k| c.contains(k)));
    let is_looked = move || looked.with(|l| key.with_value(|k| l.as_ref() == Some(k)));
    let choose = move |event| {
        let on = event_target_checked(&event);
        chosen.update(|c| _ = if on { c.insert(key.get_value()) } else { c.remove(&key.get_value()) });
    };
    let size = match rows {
        Some(rows) => format!("{}, {}", plural(columns as u64, "column"), plural(rows, "row")),
        None => plural(columns as u64, "column"),
    };
    let (made, own, label) = (datasets.len(), name.clone(), format!("Choose {name}"));
    let names: Vec<String> = datasets.into_iter().map(|d| d.label).collect();
    view! {
        <li class="source-entry" class:is-looked=is_looked data-testid="source-table" data-name=own>
            <input type="checkbox" aria-label=label prop:checked=is_chosen on:change=choose/>
            <button
                type="button"
                class="source-open"
                aria-pressed=move || if is_looked() { "true" } else { "false" }
                on:click=move |_| looked.set(Some(key.get_value()))
            >
                <span class="source-table-name">{name}</span>
                <span class="muted small num">{size}</span>
                {(made > 0).then(|| view! { <Badge tone=Tone::Good icon="check">{format!("Dataset {}", names.join(", "))}</Badge> })}
            </button>
        </li>
    }
    .into_any()
}
