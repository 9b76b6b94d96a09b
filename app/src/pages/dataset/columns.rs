//! The columns of a dataset: what they are called, what they are for, how they are shown.

use super::editing::{Editing, SaveMark, Saved};
use super::formats;
use crate::components::*;
use domain::api::DatasetPatch;
use domain::{Column, DataType, Role};
use leptos::prelude::*;

const ROLES: [Role; 3] = [Role::Time, Role::Dimension, Role::Measure];

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Time => "Time",
        Role::Dimension => "Dimension",
        Role::Measure => "Measure",
    }
}

/// The dot that stands for a role everywhere.
#[component]
pub(super) fn RoleDot(#[prop(into)] role: Signal<Role>) -> impl IntoView {
    view! {
        <span
            class=move || format!("role-dot role-{}", role.get().as_str())
            role="img"
            aria-label=move || role_word(role.get())
            title=move || role_word(role.get())
        ></span>
    }
}

#[component]
pub(super) fn ColumnsTab(editing: Editing) -> impl IntoView {
    let names =
        Memo::new(move |_| editing.dataset.with(|d| d.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>()));
    let query = RwSignal::new(String::new());
    let shown = move || {
        let wanted = query.get().trim().to_lowercase();
        let fits = |name: &String| {
            let label = editing.dataset.with_untracked(|d| d.column(name).map(|c| c.label.to_lowercase()));
            name.to_lowercase().contains(&wanted) || label.is_some_and(|l| l.contains(&wanted))
        };
        names.get().into_iter().filter(fits).collect::<Vec<_>>()
    };
    let many = names.with_untracked(Vec::len) > 12;
    let head = vec![
        Head::text("Label"),
        Head::text("Name"),
        Head::text("Type"),
        Head::text("Role"),
        Head::text("Format"),
        Head::text("Description"),
        Head::hidden("State"),
    ];
    view! {
        {many
            .then(|| {
                view! {
                    <div class="toolbar">
                        <SearchInput value=query on_input=move |text| query.set(text) label="Search columns"/>
                    </div>
                }
            })}
        <Card flush=true>
            <Table caption="Columns" head>
                <For each=shown key=Clone::clone children=move |name| view! { <Row editing name/> }/>
            </Table>
        </Card>
    }
    .into_any()
}

#[component]
fn Row(editing: Editing, name: String) -> impl IntoView {
    let state = RwSignal::new(Saved::Untouched);
    let key = name.clone();
    let column = Memo::new(move |_| {
        let empty = || Column {
            name: key.clone(),
            label: String::new(),
            ty: DataType::Other,
            role: Role::Dimension,
            description: String::new(),
            format: None,
            is_calculated: false,
        };
        editing.dataset.with(|d| d.column(&key).cloned()).unwrap_or_else(empty)
    });
    let ty = column.with_untracked(|c| c.ty);
    let role = Signal::derive(move || column.with(|c| c.role));
    let save = move |change: &dyn Fn(&mut Column)| {
        let mut wanted = column.get_untracked();
        change(&mut wanted);
        editing.save(DatasetPatch { columns: Some(vec![wanted]), ..DatasetPatch::default() }, state);
    };
    let label = move || column.with(|c| c.label.clone());
    let description = move || column.with(|c| c.description.clone());
    let text = move |value: String, named: String, id: String, on_change: Callback<String>| {
        view! {
            <input
                class="quiet-input cell-input"
                type="text"
                aria-label=named
                data-testid=id
                value=value
                on:change=move |event| on_change.run(event_target_value(&event).trim().to_owned())
            />
        }
    };
    let may_edit = editing.may_edit();
    let format = Memo::new(move |_| column.with(|c| formats::word(c.format.as_ref())));
    view! {
        <tr data-testid="column-row" data-name=name.clone()>
            <td>
                <div class="column-label">
                <RoleDot role/>
                {if may_edit {
                    let on_change = Callback::new(move |text: String| save(&|c| c.label = text.clone()));
                    text(untrack(label), format!("Label of {name}"), format!("label-{name}"), on_change).into_any()
                } else {
                    label.into_any()
                }}
                </div>
            </td>
            <td><code class="dataset-name">{name.clone()}</code></td>
            <td>{ty.as_str()}</td>
            <td>
                {if may_edit {
                    let options: Vec<Choice> = ROLES.iter().map(|r| Choice::new(r.as_str(), role_word(*r))).collect();
                    let set = move |id: String| {
                        if let Some(role) = ROLES.iter().copied().find(|r| r.as_str() == id) {
                            save(&|c| c.role = role);
                        }
                    };
                    view! {
                        <Select
                            options
                            value=Signal::derive(move || role.get().as_str().to_owned())
                            on_change=set
                            label=format!("Role of {name}")
                        />
                    }
                        .into_any()
                } else {
                    (move || role_word(role.get())).into_any()
                }}
            </td>
            <td>
                {if !ty.is_number() {
                    view! { <span class="nothing" aria-label="None">"—"</span> }.into_any()
                } else {
                    let set = move |word: String| {
                        if word != "own" {
                            save(&|c| c.format = formats::format(&word));
                        }
                    };
                    view! {
                        <Select
                            options=Signal::derive(move || formats::choices(&format.get()))
                            value=format
                            on_change=set
                            label=format!("Format of {name}")
                            disabled=!may_edit
                        />
                    }
                        .into_any()
                }}
            </td>
            <td>
                {if may_edit {
                    let on_change = Callback::new(move |text: String| save(&|c| c.description = text.clone()));
                    text(untrack(description), format!("Description of {name}"), format!("description-{name}"), on_change)
                        .into_any()
                } else {
                    description.into_any()
                }}
            </td>
            <td class="column-state"><SaveMark state/></td>
        </tr>
    }
    .into_any()
}
