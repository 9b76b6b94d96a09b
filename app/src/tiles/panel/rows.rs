//! The filters of a tile, one row a condition; all of them must hold.

use super::editor::Editor;
use super::fields::type_icon;
use crate::components::{Choice, Combobox, Icon, IconButton, Size};
use crate::tiles::condition::ConditionEditor;
use crate::tiles::logic::conditions::{all_of, parts};
use crate::tiles::logic::shape;
use crate::tiles::logic::words::filter_words;
use crate::tiles::values::Origin;
use domain::Role;
use domain::query::Filter;
use leptos::prelude::*;

/// A row of the list; while it is not finished it has no filter.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    id: u32,
    /// The column it tests; nothing for a group that programs made.
    column: Option<String>,
    filter: Option<Filter>,
}

fn row_of(id: u32, filter: Filter) -> Row {
    let column = match &filter {
        Filter::Is(condition) => Some(condition.column.clone()),
        _ => None,
    };
    Row { id, column, filter: Some(filter) }
}

#[component]
pub(super) fn FilterRows(editor: Editor) -> impl IntoView {
    let next = StoredValue::new(0u32);
    let fresh = move || {
        next.update_value(|n| *n += 1);
        next.get_value()
    };
    let own = Memo::new(move |_| editor.draft.with(|d| parts(d.query.filter.as_ref())));
    let rows = RwSignal::new(own.get_untracked().into_iter().map(|f| row_of(fresh(), f)).collect::<Vec<_>>());
    // An undo, or somebody else, may change them.
    Effect::new(move |_| {
        let given = own.get();
        let shown: Vec<Filter> = rows.with_untracked(|rows| rows.iter().filter_map(|r| r.filter.clone()).collect());
        if shown != given {
            rows.set(given.into_iter().map(|f| row_of(fresh(), f)).collect());
        }
    });
    let tell = move || {
        let all = rows.with_untracked(|rows| rows.iter().filter_map(|r| r.filter.clone()).collect());
        editor.edit(|draft, _, _| draft.query.filter = all_of(all));
    };
    let set = move |id: u32, filter: Option<Filter>| {
        rows.update(|rows| {
            if let Some(row) = rows.iter_mut().find(|r| r.id == id) {
                row.filter = filter;
            }
        });
        tell();
    };
    let remove = move |id: u32| {
        rows.update(|rows| rows.retain(|r| r.id != id));
        tell();
    };
    let add = move |column: String| {
        rows.update(|rows| rows.push(Row { id: fresh(), column: Some(column), filter: None }));
    };
    // Groups can be ranked by the numbers of the chart.
    let measures = Signal::derive(move || {
        editor.draft.with(|d| {
            let fields = editor.columns.with(|columns| shape::fields(&d.query, columns));
            let numbers = fields.into_iter().filter(|f| f.role == Role::Measure && !d.is_raw());
            numbers.map(|f| Choice::new(f.name, f.label)).collect::<Vec<_>>()
        })
    });
    let row = move |row: Row| {
        let id = row.id;
        let column = row.column.as_ref().and_then(|name| untrack(|| editor.column(name)));
        let label = column.as_ref().map_or_else(|| "Condition".to_owned(), |c| c.label.clone());
        let value =
            Signal::derive(move || rows.with(|rows| rows.iter().find(|r| r.id == id).and_then(|r| r.filter.clone())));
        let dataset = editor.draft.with_untracked(|d| d.query.dataset.clone());
        let body = match column.clone() {
            Some(column) => view! {
                <ConditionEditor
                    column
                    origin=Origin { dashboard: String::new(), dataset }
                    value
                    measures
                    on_change=move |f| set(id, f)
                />
            }
            .into_any(),
            None => {
                let text =
                    move || value.get().map(|f| editor.columns.with(|c| filter_words(&f, c, &crate::tiles::locale())));
                view! { <p class="muted">{text}</p> }.into_any()
            }
        };
        view! {
            <li class="filter-row">
                <div class="chip-line">
                    <Icon name=column.map_or("filter", |c| type_icon(c.ty))/>
                    <span class="chip-name truncate" data-testid="filter-field">{label.clone()}</span>
                    <IconButton icon="x" size=Size::Small label=format!("Remove the filter by {label}") on_click=move |()| remove(id)/>
                </div>
                {body}
            </li>
        }
        .into_any()
    };
    let choices = Signal::derive(move || {
        editor.columns.with(|all| {
            all.iter().map(|c| Choice::new(c.name.clone(), c.label.clone()).hint(c.ty.as_str())).collect::<Vec<_>>()
        })
    });
    view! {
        <ul class="filter-rows">
            <For each=move || rows.get() key=|row| row.id children=row/>
        </ul>
        <div data-testid="panel-add-filter">
            <Combobox label="Add a filter" placeholder="Add a filter" options=choices value=Signal::stored(String::new()) on_change=add/>
        </div>
    }
    .into_any()
}
