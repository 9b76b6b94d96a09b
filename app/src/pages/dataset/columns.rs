//! The columns of a dataset: what they are called, what they are for, how they are shown.

use super::Known;
use super::change::{ChangeDialog, Pending};
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
    let pending = RwSignal::new(None::<Pending>);
    let head = vec![
        Head::text("Label"),
        Head::text("Name"),
        Head::text("Type"),
        Head::text("Role"),
        Head::text("Format"),
        Head::text("Description"),
        Head::number("Used by"),
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
                <For each=shown key=Clone::clone children=move |name| view! { <Row editing name pending/> }/>
            </Table>
        </Card>
        <ChangeDialog editing pending/>
    }
    .into_any()
}

#[component]
fn Row(editing: Editing, name: String, pending: RwSignal<Option<Pending>>) -> impl IntoView {
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
    // How many things use it, once that is known.
    let known = use_context::<Known>();
    let used = name.clone();
    let uses = Memo::new(move |_| {
        let lineage = known?.0.get()?.ok()?;
        Some(lineage.usages.iter().filter(|u| u.columns.contains(&used)).count())
    });
    // What is in use is changed only after a look at what uses it.
    let change = move |wanted: Column, revert: Callback<()>| {
        if uses.get_untracked() == Some(0) {
            save(&|c| *c = wanted.clone());
        } else {
            pending.set(Some(Pending { was: column.get_untracked(), wanted, state, revert }));
        }
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
                    view! { <LabelInput column name=name.clone() on_change=Callback::new(move |wanted| change(wanted, Callback::new(|()| ())))/> }
                        .into_any()
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
                    // What the box shows, which is what is chosen until that is taken back.
                    let shown = RwSignal::new(role.get_untracked());
                    Effect::new(move |_| shown.set(role.get()));
                    let set = move |id: String| {
                        if let Some(role) = ROLES.iter().copied().find(|r| r.as_str() == id) {
                            shown.set(role);
                            let revert = Callback::new(move |()| shown.set(column.with_untracked(|c| c.role)));
                            change(Column { role, ..column.get_untracked() }, revert);
                        }
                    };
                    view! {
                        <Select
                            options
                            value=Signal::derive(move || shown.get().as_str().to_owned())
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
            <td class="num"><UsesLink editing name=name.clone() uses/></td>
            <td class="column-state"><SaveMark state/></td>
        </tr>
    }
    .into_any()
}

/// How many things use a column, and the way to them.
#[component]
fn UsesLink(editing: Editing, name: String, uses: Memo<Option<usize>>) -> impl IntoView {
    let href = editing.dataset.with_untracked(|d| format!("/data/{}?tab=lineage&column={}", d.name, in_address(&name)));
    move || match uses.get() {
        None => ().into_any(),
        Some(0) => view! { <span class="nothing" aria-label="Nothing">"—"</span> }.into_any(),
        Some(n) => view! { <a href=href.clone() aria-label=format!("{n} use {name}")>{n}</a> }.into_any(),
    }
}

/// A name as a part of an address.
fn in_address(name: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    name.bytes().map(byte).collect()
}

/// The label of a column. While it is asked whether it may be another, it shows what it is.
#[component]
fn LabelInput(column: Memo<Column>, name: String, on_change: Callback<Column>) -> impl IntoView {
    let label = move || column.with(|c| c.label.clone());
    let change = move |event: leptos::ev::Event| {
        let wanted = event_target_value(&event).trim().to_owned();
        let now = column.get_untracked();
        if wanted != now.label {
            event_target::<web_sys::HtmlInputElement>(&event).set_value(&now.label);
            on_change.run(Column { label: wanted, ..now });
        }
    };
    view! {
        <input
            class="quiet-input cell-input"
            type="text"
            aria-label=format!("Label of {name}")
            data-testid=format!("label-{name}")
            value=untrack(label)
            prop:value=label
            on:change=change
        />
    }
}

#[cfg(test)]
mod tests {
    use super::in_address;

    #[test]
    fn any_name_stands_in_an_address() {
        assert_eq!(in_address("a b&c"), "a%20b%26c");
        assert_eq!(in_address("größe"), "gr%C3%B6%C3%9Fe");
    }
}
