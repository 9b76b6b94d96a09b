//! In which order, and how much of it.

use super::editor::Editor;
use crate::components::{Choice, Field, NumberInput, Select};
use crate::tiles::logic::shape;
use domain::Role;
use domain::query::{Dir, MAX_LIMIT, Order};
use leptos::prelude::*;

#[component]
pub(super) fn SortAndLimit(editor: Editor) -> impl IntoView {
    let fields =
        Memo::new(move |_| editor.draft.with(|d| editor.columns.with(|columns| shape::fields(&d.query, columns))));
    let options = Signal::derive(move || {
        let automatic = Choice::new("", "Automatic");
        let own =
            fields.with(|all| all.iter().map(|f| Choice::new(f.name.clone(), f.label.clone())).collect::<Vec<_>>());
        std::iter::once(automatic).chain(own).collect::<Vec<_>>()
    });
    let order = Memo::new(move |_| editor.draft.with(|d| d.query.order.first().cloned()));
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
    let is_measure =
        move |name: &str| fields.with_untracked(|all| all.iter().any(|f| f.name == name && f.role == Role::Measure));
    let choose = move |name: String| {
        let dir = if is_measure(&name) { Dir::Desc } else { Dir::Asc };
        let order = (!name.is_empty()).then_some(Order { by: name, dir });
        editor.edit(|draft, _, _| draft.set_sort(order));
    };
    let turn = move |dir: String| {
        let dir = if dir == "desc" { Dir::Desc } else { Dir::Asc };
        let order = order.get_untracked().map(|order| Order { dir, ..order });
        editor.edit(|draft, _, _| draft.set_sort(order));
    };
    let dir = Signal::derive(move || match order.get() {
        Some(Order { dir: Dir::Desc, .. }) => "desc".to_owned(),
        _ => "asc".to_owned(),
    });
    let limit = Signal::derive(move || editor.draft.with(|d| d.query.limit.map(|n| n as f64)));
    let set_limit = move |n: Option<f64>| {
        let n = n.map(|n| n.round().clamp(1.0, MAX_LIMIT as f64) as u64);
        editor.edit(|draft, _, _| draft.query.limit = n);
    };
    view! {
        <Field label="Sort by"><Select options value=by on_change=choose/></Field>
        <Show when=move || order.with(Option::is_some)>
            <Field label="Direction">
                <Select
                    options=vec![Choice::new("desc", "Largest first"), Choice::new("asc", "Smallest first")]
                    value=dir
                    on_change=turn
                />
            </Field>
        </Show>
        <Field label="Rows at most" hint="Groups of the answer, after sorting. Empty: up to 1,000.">
            <NumberInput min=1.0 max=100_000.0 step=1.0 value=limit on_change=set_limit/>
        </Field>
    }
    .into_any()
}
