//! Rows of other datasets beside those of this one: suggested, or matched by hand.

use super::state::Explore;
use crate::api::explore::join_suggestions;
use crate::components::{Button, Choice, Combobox, Icon, IconButton, Select, Size, Variant};
use crate::tiles::logic::joined;
use domain::model::JoinSuggestion;
use domain::query::{Join, JoinKind};
use domain::{Column, Dataset};
use leptos::prelude::*;

/// How rows without a match fare.
const KINDS: [(JoinKind, &str, &str); 2] =
    [(JoinKind::Left, "left", "Keep all rows"), (JoinKind::Inner, "inner", "Only rows that match")];
/// Suggestions shown at once.
const SHOWN: usize = 5;

#[component]
pub(super) fn Joins(explore: Explore) -> impl IntoView {
    let editor = explore.editor;
    let many = Memo::new(move |_| explore.question.with(|q| q.query.joins.len()));
    let base = Memo::new(move |_| editor.dataset.with(|d| d.as_ref().map(|d| d.name.clone())));
    let suggested = RwSignal::new(Vec::<JoinSuggestion>::new());
    Effect::new(move |_| {
        suggested.set(Vec::new());
        let Some(name) = base.get() else { return };
        leptos::task::spawn_local(async move {
            // Suggestions are a help; without them one joins by hand.
            let Ok(found) = join_suggestions(name.clone()).await else { return };
            if base.try_get_untracked().flatten() == Some(name) {
                _ = suggested.try_set(found);
            }
        });
    });
    let datasets = Signal::derive(move || {
        editor
            .sources
            .with(|s| s.datasets.iter().map(|d| Choice::new(d.name.clone(), d.label.clone())).collect::<Vec<_>>())
    });
    let add = move |name: String| {
        let found = editor.sources.with_untracked(|s| joined::find(&s.datasets, &name).cloned());
        if let Some(dataset) = found {
            let on = editor.columns.with_untracked(|columns| vec![guess(columns, &dataset)]);
            push(explore, Join { dataset: dataset.name, on, kind: JoinKind::Left, alias: None });
        }
    };
    let free = Memo::new(move |_| {
        suggested.with(|all| {
            explore.question.with(|q| {
                let is_there =
                    |s: &&JoinSuggestion| q.query.joins.iter().any(|j| j.dataset == s.dataset && j.on == s.on);
                all.iter().filter(|s| !is_there(s)).take(SHOWN).cloned().collect::<Vec<_>>()
            })
        })
    });
    let suggestions = move || {
        let all = free.get();
        (!all.is_empty()).then(|| {
            let one = |suggestion: JoinSuggestion| view! { <Suggestion explore suggestion/> };
            view! {
                <div class="join-suggestions">
                    <h4 class="builder-head">"Suggested"</h4>
                    <ul>{all.into_iter().map(one).collect_view()}</ul>
                </div>
            }
        })
    };
    view! {
        <ul class="join-list">
            <For each=move || 0..many.get() key=|at| *at children=move |at| view! { <JoinBox explore at/> }/>
        </ul>
        {suggestions}
        <Combobox label="Join a dataset" placeholder="Join a dataset" options=datasets value=Signal::stored(String::new()) on_change=add/>
    }
    .into_any()
}

/// Adds a join under a name that is free.
fn push(explore: Explore, join: Join) {
    explore.editor.edit(|draft, _, _| {
        let query = &mut draft.query;
        let is_taken = |name: &str| name == query.dataset || query.joins.iter().any(|j| j.qualifier() == name);
        let alias = if is_taken(join.qualifier()) {
            (2..100).map(|n| format!("{}_{n}", join.qualifier())).find(|name| !is_taken(name))
        } else {
            join.alias.clone()
        };
        query.joins.push(Join { alias, ..join });
    });
}

/// The pair that is meant most likely: the same name on both sides, else the first of each.
fn guess(columns: &[Column], dataset: &Dataset) -> (String, String) {
    let same = columns.iter().find(|c| dataset.columns.iter().any(|other| other.name == c.name && other.ty == c.ty));
    let first = |all: &[Column]| all.first().map(|c| c.name.clone()).unwrap_or_default();
    match same {
        Some(column) => (column.name.clone(), column.name.clone()),
        None => (first(columns), first(&dataset.columns)),
    }
}

/// A join somebody may want, and why.
#[component]
fn Suggestion(explore: Explore, suggestion: JoinSuggestion) -> impl IntoView {
    let pairs: Vec<String> = suggestion.on.iter().map(|(here, there)| format!("{here} = {there}")).collect();
    let JoinSuggestion { dataset, label, on, kind, alias, reason, is_unique, .. } = suggestion;
    let join = Join { dataset, on, kind, alias };
    view! {
        <li>
            <button
                type="button"
                class="join-suggestion"
                data-testid="join-suggestion"
                title=reason.clone()
                on:click=move |_| push(explore, join.clone())
            >
                <Icon name="plus"/>
                <span class="join-name">{label}</span>
                <span class="muted small truncate">{pairs.join(", ")}</span>
                <span class="visually-hidden">{format!(", {reason}")}</span>
                {(!is_unique).then(|| view! { <span class="muted small">"several rows match"</span> })}
            </button>
        </li>
    }
    .into_any()
}

/// One join: which dataset, by which columns.
#[component]
fn JoinBox(explore: Explore, at: usize) -> impl IntoView {
    let editor = explore.editor;
    let join = Memo::new(move |_| explore.question.with(|q| q.query.joins.get(at).cloned()));
    let name = Memo::new(move |_| {
        join.with(|j| j.as_ref().map(|j| editor.sources.with(|s| joined::heading(j, &s.datasets)))).unwrap_or_default()
    });
    let change = move |change: &dyn Fn(&mut Join)| {
        editor.edit(|draft, _, _| {
            if let Some(join) = draft.query.joins.get_mut(at) {
                change(join);
            }
        });
    };
    let kind = Signal::derive(move || {
        let now = join.with(|j| j.as_ref().map(|j| j.kind).unwrap_or_default());
        KINDS.iter().find(|(kind, ..)| *kind == now).map(|(_, wire, _)| (*wire).to_owned()).unwrap_or_default()
    });
    let set_kind = move |wire: String| {
        if let Some((kind, ..)) = KINDS.iter().find(|(_, w, _)| *w == wire) {
            change(&|join| join.kind = *kind);
        }
    };
    let pairs = Memo::new(move |_| join.with(|j| j.as_ref().map_or(0, |j| j.on.len())));
    // What is there before this join can be matched with it.
    let here = Signal::derive(move || {
        explore.question.with(|q| {
            let before = domain::Query { joins: q.query.joins.iter().take(at).cloned().collect(), ..q.query.clone() };
            let columns = editor.sources.with(|s| joined::columns(&before, &s.datasets));
            columns.into_iter().map(|c| Choice::new(c.name, c.label)).collect::<Vec<_>>()
        })
    });
    let there = Signal::derive(move || {
        let dataset = join.with(|j| j.as_ref().map(|j| j.dataset.clone())).unwrap_or_default();
        let columns = editor.sources.with(|s| joined::find(&s.datasets, &dataset).map(|d| d.columns.clone()));
        columns.unwrap_or_default().into_iter().map(|c| Choice::new(c.name, c.label)).collect::<Vec<_>>()
    });
    let pair = move |i: usize| {
        let side = move |first: bool| {
            Signal::derive(move || {
                let pair = join.with(|j| j.as_ref().and_then(|j| j.on.get(i).cloned())).unwrap_or_default();
                if first { pair.0 } else { pair.1 }
            })
        };
        let set = move |first: bool| {
            move |name: String| {
                change(&|join| {
                    if let Some(pair) = join.on.get_mut(i) {
                        *(if first { &mut pair.0 } else { &mut pair.1 }) = name.clone();
                    }
                });
            }
        };
        let drop = move |()| {
            change(&|join| {
                if i < join.on.len() {
                    join.on.remove(i);
                }
            });
        };
        view! {
            <li class="join-pair">
                <Select label="Column here" options=here value=side(true) on_change=set(true)/>
                <span aria-hidden="true">"="</span>
                <Select label="Column there" options=there value=side(false) on_change=set(false)/>
                {(i > 0).then(|| view! { <IconButton icon="x" size=Size::Small label="Remove this pair" on_click=drop/> })}
            </li>
        }
        .into_any()
    };
    let kinds: Vec<Choice> = KINDS.iter().map(|(_, wire, label)| Choice::new(*wire, *label)).collect();
    let first = move |all: Vec<Choice>| all.first().map(|c| c.value.clone()).unwrap_or_default();
    let add_pair = move |()| {
        let new = (first(here.get_untracked()), first(there.get_untracked()));
        change(&|join| join.on.push(new.clone()));
    };
    view! {
        <li class="filter-row" data-testid="join">
            <div class="chip-line">
                <Icon name="waypoints"/>
                <span class="chip-name truncate">{move || name.get()}</span>
                <IconButton
                    icon="x"
                    size=Size::Small
                    label=Signal::derive(move || format!("Remove the join with {}", name.get()))
                    on_click=move |()| editor.edit(|draft, _, _| draft.remove_join(at))
                />
            </div>
            <Select
                label=Signal::derive(move || format!("Rows without a match in {}", name.get()))
                options=kinds
                value=kind
                on_change=set_kind
            />
            <ul class="join-pairs">
                <For each=move || 0..pairs.get() key=|i| *i children=pair/>
            </ul>
            <Button size=Size::Small variant=Variant::Ghost icon="plus" on_click=add_pair>"Another pair"</Button>
        </li>
    }
    .into_any()
}
