//! In which order, and how much of it.

use super::editor::Editor;
use crate::components::{Choice, Field, IconButton, NumberInput, Select, Size};
use crate::tiles::logic::shape;
use domain::Role;
use domain::query::{Dir, MAX_LIMIT, Order};
use leptos::prelude::*;

/// Order and limit of a tile.
#[component]
pub(super) fn SortAndLimit(editor: Editor) -> impl IntoView {
    view! {
        <SortKeys editor/>
        <RowLimit editor/>
    }
}

/// What the answer is sorted by, first key first.
#[component]
pub(crate) fn SortKeys(editor: Editor) -> impl IntoView {
    let many = Memo::new(move |_| editor.draft.with(|d| d.query.order.len()));
    view! {
        // One more than there are: the last is empty.
        <For each=move || 0..=many.get() key=|at| *at children=move |at| view! { <SortKey editor at/> }/>
    }
    .into_any()
}

/// One key: by what, in which direction.
#[component]
fn SortKey(editor: Editor, at: usize) -> impl IntoView {
    let fields =
        Memo::new(move |_| editor.draft.with(|d| editor.columns.with(|columns| shape::fields(&d.query, columns))));
    let order = Memo::new(move |_| editor.draft.with(|d| d.query.order.get(at).cloned()));
    let taken = Memo::new(move |_| {
        editor.draft.with(|d| {
            let others = d.query.order.iter().enumerate().filter(|(i, _)| *i != at);
            others.map(|(_, order)| order.by.clone()).collect::<Vec<_>>()
        })
    });
    let options = Signal::derive(move || {
        let nothing = Choice::new("", if at == 0 { "Automatic" } else { "Nothing more" });
        let own = fields.with(|all| {
            let free = all.iter().filter(|f| taken.with(|taken| !taken.contains(&f.name)));
            free.map(|f| Choice::new(f.name.clone(), f.label.clone())).collect::<Vec<_>>()
        });
        std::iter::once(nothing).chain(own).collect::<Vec<_>>()
    });
    // An order may name a dimension by its column.
    let by = Signal::derive(move || {
        let Some(order) = order.get() else { return String::new() };
        let of_column = || {
            let at = editor.draft.with(|d| d.query.dimensions.iter().position(|dim| dim.column == order.by))?;
            fields.with(|all| all.get(at).map(|f| f.name.clone()))
        };
        let is_name = fields.with(|all| all.iter().any(|f| f.name == order.by));
        if is_name { order.by.clone() } else { of_column().unwrap_or_default() }
    });
    let put = move |new: Option<Order>| {
        editor.edit(|draft, _, _| {
            let keys = &mut draft.query.order;
            match (new, keys.get_mut(at)) {
                (Some(new), Some(key)) => *key = new,
                (Some(new), None) => keys.push(new),
                (None, Some(_)) => _ = keys.remove(at),
                (None, None) => {}
            }
        });
    };
    let is_measure =
        move |name: &str| fields.with_untracked(|all| all.iter().any(|f| f.name == name && f.role == Role::Measure));
    let choose = move |name: String| {
        let dir = if is_measure(&name) { Dir::Desc } else { Dir::Asc };
        put((!name.is_empty()).then_some(Order { by: name, dir }));
    };
    let turn = move |dir: String| {
        let dir = if dir == "desc" { Dir::Desc } else { Dir::Asc };
        put(order.get_untracked().map(|order| Order { dir, ..order }));
    };
    let dir = Signal::derive(move || match order.get() {
        Some(Order { dir: Dir::Desc, .. }) => "desc".to_owned(),
        _ => "asc".to_owned(),
    });
    let raise = move |()| {
        editor.edit(|draft, _, _| {
            if at > 0 && at < draft.query.order.len() {
                draft.query.order.swap(at - 1, at);
            }
        });
    };
    let is_there = Memo::new(move |_| order.with(Option::is_some));
    // A second key is asked for only once there is a first.
    let has_fields = Memo::new(move |_| fields.with(|all| all.len() > at));
    view! {
        <Show when=move || at == 0 || is_there.get() || has_fields.get()>
            <div class="sort-key" role="group" aria-label=format!("Sort key {}", at + 1)>
                <Field label=if at == 0 { "Sort by" } else { "Then by" }><Select options value=by on_change=choose/></Field>
                <Show when=move || is_there.get()>
                    <Field label="Direction">
                        <Select
                            options=vec![Choice::new("desc", "Largest first"), Choice::new("asc", "Smallest first")]
                            value=dir
                            on_change=turn
                        />
                    </Field>
                    {(at > 0).then(|| view! { <IconButton icon="arrow-up" size=Size::Small label="Sort by this earlier" on_click=raise/> })}
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

/// The most rows of the answer.
#[component]
pub(crate) fn RowLimit(editor: Editor) -> impl IntoView {
    let limit = Signal::derive(move || editor.draft.with(|d| d.query.limit.map(|n| n as f64)));
    let set_limit = move |n: Option<f64>| {
        let n = n.map(|n| n.round().clamp(1.0, MAX_LIMIT as f64) as u64);
        editor.edit(|draft, _, _| draft.query.limit = n);
    };
    view! {
        <Field label="Rows at most" hint="Groups of the answer, after sorting. Empty: up to 1,000.">
            <NumberInput min=1.0 max=100_000.0 step=1.0 value=limit on_change=set_limit/>
        </Field>
    }
    .into_any()
}
