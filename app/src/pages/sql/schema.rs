//! What can be written: the datasets and their columns. A click writes a name at the cursor.

use super::state::Work;
use crate::components::keys::{Axis, rove};
use crate::components::*;
use crate::tiles::panel::type_icon;
use domain::sql::SqlDataset;
use domain::{Column, Role};
use leptos::{ev, html, prelude::*};
use std::collections::HashSet;

/// A dataset as far as it fits what is searched, and whether that is because of its columns.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    dataset: SqlDataset,
    by_column: bool,
}

/// The datasets that fit: by their own name with all columns, else by those that do.
fn find(datasets: &[SqlDataset], text: &str) -> Vec<Found> {
    let text = text.trim().to_lowercase();
    let hit = |name: &str, label: &str| name.to_lowercase().contains(&text) || label.to_lowercase().contains(&text);
    let one = |dataset: &SqlDataset| {
        let mut dataset = dataset.clone();
        let own = hit(&dataset.name, &dataset.label);
        if !own {
            dataset.columns.retain(|c| hit(&c.name, &c.label));
        }
        (own || !dataset.columns.is_empty()).then_some(Found { dataset, by_column: !own })
    };
    datasets.iter().filter_map(one).collect()
}

/// The role of a column, as the class of its colour.
fn role(column: &Column) -> &'static str {
    match column.role {
        _ if column.is_calculated => "calc",
        Role::Measure => "measure",
        Role::Time | Role::Dimension => "dimension",
    }
}

#[component]
pub(super) fn SchemaTree(work: Work) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let open = RwSignal::new(HashSet::<String>::new());
    let list = NodeRef::<html::Ul>::new();
    let found = Memo::new(move |_| work.schema.with(|s| search.with(|text| find(&s.datasets, text))));
    let keys = move |event: ev::KeyboardEvent| {
        if let Some(list) = list.get_untracked() {
            rove(&event, &list, "button", Axis::Vertical);
        }
    };
    let note = move || {
        if let Some(error) = work.schema_failed.get() {
            return view! { <ErrorState compact=true error retry=move |()| work.read_schema()/> }.into_any();
        }
        if !found.with(Vec::is_empty) {
            return ().into_any();
        }
        if work.schema_loading.get() {
            return view! { <Skeleton lines=8/> }.into_any();
        }
        let text =
            if search.with(String::is_empty) { "There is no data yet." } else { "No dataset or column is called so." };
        view! { <p class="muted small">{text}</p> }.into_any()
    };
    view! {
        <aside class="sql-schema" aria-label="Datasets and columns" data-testid="sql-schema">
            <SearchInput label="Search datasets and columns" value=search on_input=move |text| search.set(text)/>
            {note}
            <ul node_ref=list class="sql-tree" aria-label="Datasets" on:keydown=keys>
                <For
                    each=move || found.get()
                    key=|found| (found.dataset.name.clone(), found.dataset.label.clone(), found.dataset.columns.len(), found.by_column)
                    children=move |found| dataset(work, open, found)
                />
            </ul>
        </aside>
    }
    .into_any()
}

fn dataset(work: Work, open: RwSignal<HashSet<String>>, found: Found) -> AnyView {
    let Found { dataset: SqlDataset { name, label, columns }, by_column } = found;
    let (own, written) = (name.clone(), name.clone());
    let is_open = Memo::new({
        let name = name.clone();
        move |_| by_column || open.with(|open| open.contains(&name))
    });
    let fold = move |_| {
        open.update(|open| {
            if !open.remove(&own) {
                open.insert(own.clone());
            }
        });
    };
    let names = format!("Columns of {label}");
    let columns = {
        let names = names.clone();
        move || {
            is_open.get().then(|| {
                let all = columns.iter().map(|c| column(work, c.clone())).collect_view();
                view! { <ul class="sql-columns" aria-label=names.clone()>{all}</ul> }
            })
        }
    };
    view! {
        <li>
            <div class="sql-table">
                <button
                    type="button"
                    class="sql-fold"
                    class:is-open=move || is_open.get()
                    aria-expanded=move || if is_open.get() { "true" } else { "false" }
                    aria-label=names
                    on:click=fold
                >
                    <Icon name="chevron-right"/>
                </button>
                <button type="button" class="field-pick" title=format!("Write {name}") on:click=move |_| work.insert(&written)>
                    <span class="truncate">{name.clone()}</span>
                    <span class="muted truncate sql-label">{label}</span>
                </button>
            </div>
            {columns}
        </li>
    }
    .into_any()
}

fn column(work: Work, column: Column) -> AnyView {
    let about = match column.description.as_str() {
        "" => format!("{} ({})", column.label, column.ty.as_str()),
        text => format!("{} ({}): {text}", column.label, column.ty.as_str()),
    };
    let written = column.name.clone();
    view! {
        <li>
            <button
                type="button"
                class=format!("field-pick role-{}", role(&column))
                title=about
                on:click=move |_| work.insert(&written)
            >
                <span class="role-dot" aria-hidden="true"></span>
                <span class="truncate">{column.name.clone()}</span>
                <span class="muted sql-type">{column.ty.as_str()}</span>
                <Icon name=type_icon(column.ty)/>
            </button>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::DataType;

    #[test]
    fn a_search_finds_datasets_and_columns() {
        let column = |name: &str| Column {
            name: name.into(),
            label: domain::names::to_label(name),
            ty: DataType::Text,
            role: Role::Dimension,
            description: String::new(),
            format: None,
            is_calculated: false,
        };
        let dataset = |name: &str, columns: &[&str]| SqlDataset {
            name: name.into(),
            label: domain::names::to_label(name),
            columns: columns.iter().map(|c| column(c)).collect(),
        };
        let all = [dataset("sales", &["region", "amount"]), dataset("flights", &["origin", "carrier"])];
        let names = |text: &str| {
            let found = find(&all, text).into_iter();
            found.map(|f| (f.dataset.name, f.dataset.columns.len(), f.by_column)).collect::<Vec<_>>()
        };
        assert_eq!(names(""), [("sales".to_owned(), 2, false), ("flights".to_owned(), 2, false)]);
        assert_eq!(names("SALE"), [("sales".to_owned(), 2, false)]);
        assert_eq!(names(" carr "), [("flights".to_owned(), 1, true)]);
        assert_eq!(names("nothing"), []);
    }
}
