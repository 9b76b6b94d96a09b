//! The tabs of a dashboard: to go between, and in edit mode to name, order, add and remove.

use super::stage::{Stage, use_stage};
use crate::board::{new_id, order_changes};
use crate::components::*;
use domain::dashboard::{LayoutKind, Tab};
use domain::document::{Change, Document};
use leptos::prelude::*;
use serde_json::Value;

fn kind_change(document: &Document, kind: LayoutKind) -> Change {
    document.change("meta/kind", serde_json::to_value(kind).ok())
}

/// Adds a tab and goes to it. The first one takes what is there already, and a second comes with it.
pub(super) fn add_tab(stage: Stage) {
    stage.set_editing(true);
    let mut tabs = stage.board.tabs().get_untracked();
    if tabs.is_empty() {
        tabs.push(Tab { id: new_id(), title: "Tab 1".into() });
    }
    let new = Tab { id: new_id(), title: format!("Tab {}", tabs.len() + 1) };
    tabs.push(new.clone());
    stage.board.edit("Add tab", |document| {
        let mut changes = order_changes(document, &tabs);
        changes.push(kind_change(document, LayoutKind::Tabs));
        changes
    });
    stage.choose_tab.run(new.id);
}

/// Removes a tab with its tiles; the tiles of the only tab stay.
fn remove_tab(stage: Stage, id: &str) {
    let mut tabs = stage.board.tabs().get_untracked();
    let is_only = tabs.len() == 1;
    let title = tabs.iter().find(|tab| tab.id == id).map(|tab| tab.title.clone()).unwrap_or_default();
    tabs.retain(|tab| tab.id != id);
    // The present tab is the one that is removed: its tiles are those on the screen.
    let gone: Vec<String> = match is_only {
        true => Vec::new(),
        false => stage.items.with_untracked(|items| items.iter().map(|item| item.id.clone()).collect()),
    };
    let count = gone.len();
    stage.board.edit("Remove tab", |document| {
        let mut changes: Vec<Change> = gone.iter().map(|id| document.change(format!("tiles/{id}"), None)).collect();
        changes.extend(order_changes(document, &tabs));
        if is_only {
            changes.push(kind_change(document, LayoutKind::Grid));
        }
        changes
    });
    let text = match count {
        0 => format!("Tab “{title}” removed"),
        1 => format!("Tab “{title}” removed with its tile"),
        _ => format!("Tab “{title}” removed with its {count} tiles"),
    };
    stage.toasts.action(text, "Undo", move || _ = stage.board.undo());
}

fn shift_tab(stage: Stage, id: &str, by: isize) {
    let mut tabs = stage.board.tabs().get_untracked();
    let Some(at) = tabs.iter().position(|tab| tab.id == id) else { return };
    let Some(to) = at.checked_add_signed(by).filter(|to| *to < tabs.len()) else { return };
    tabs.swap(at, to);
    stage.board.edit("Order tabs", |document| order_changes(document, &tabs));
    stage.say(format!("Tab is now number {} of {}", to + 1, tabs.len()));
}

/// The row of tabs; nothing while there are none.
#[component]
pub(super) fn BoardTabs() -> impl IntoView {
    let stage = use_stage();
    let tabs = stage.board.tabs();
    let items = Signal::derive(move || {
        tabs.with(|tabs| tabs.iter().map(|t| TabItem::new(t.id.clone(), t.title.clone())).collect::<Vec<_>>())
    });
    let value = Signal::derive(move || stage.tab.get().unwrap_or_default());
    let shown = Memo::new(move |_| tabs.with(|tabs| !tabs.is_empty()));
    view! {
        <Show when=move || shown.get()>
            <div class="board-tabs">
                <Tabs label="Tabs of the dashboard" tabs=items value on_change=stage.choose_tab/>
                <Show when=move || stage.editing.get()>
                    <TabTools/>
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

/// In edit mode: what can be done with the present tab.
#[component]
fn TabTools() -> impl IntoView {
    let stage = use_stage();
    let renaming = RwSignal::new(false);
    let present = move || stage.tab.get_untracked().unwrap_or_default();
    let title = Signal::derive(move || {
        let id = stage.tab.get();
        stage
            .board
            .tabs()
            .with(|tabs| tabs.iter().find(|t| Some(&t.id) == id.as_ref()).map(|t| t.title.clone()))
            .unwrap_or_default()
    });
    let draft = RwSignal::new(String::new());
    Effect::new(move |_| {
        if renaming.get() {
            draft.set(title.get_untracked());
        }
    });
    let save = move || {
        let (id, name) = (present(), draft.get_untracked().trim().to_owned());
        if !name.is_empty() {
            stage.board.edit("Rename tab", |document| {
                let path = format!("tabs/{id}");
                let mut value = document.get(&path).unwrap_or_else(|| serde_json::json!({}));
                if let Some(map) = value.as_object_mut() {
                    map.insert("title".into(), Value::from(name));
                }
                vec![document.change(path, Some(value))]
            });
        }
        renaming.set(false);
    };
    let footer = move || {
        view! {
            <Button on_click=move |()| renaming.set(false)>"Cancel"</Button>
            <Button variant=Variant::Primary on_click=move |()| save()>"Rename tab"</Button>
        }
    };
    let index =
        move || stage.board.tabs().with(|tabs| tabs.iter().position(|t| Some(&t.id) == stage.tab.get().as_ref()));
    let is_first = Signal::derive(move || index() == Some(0));
    let is_last = Signal::derive(move || index().is_none_or(|at| at + 1 == stage.board.tabs().with(Vec::len)));
    view! {
        <div class="board-tab-tools">
            <Menu label="Actions of the tab" button_class="btn btn-ghost btn-sm" attr:data-testid="tab-menu">
                <MenuItem icon="pencil" on_click=move |()| renaming.set(true)>"Rename tab"</MenuItem>
                <MenuItem icon="chevron-left" disabled=is_first on_click=move |()| shift_tab(stage, &present(), -1)>"Move before"</MenuItem>
                <MenuItem icon="chevron-right" disabled=is_last on_click=move |()| shift_tab(stage, &present(), 1)>"Move after"</MenuItem>
                <MenuDivider/>
                <MenuItem icon="trash-2" danger=true on_click=move |()| remove_tab(stage, &present())>"Remove tab"</MenuItem>
            </Menu>
            <IconButton icon="plus" label="Add tab" size=Size::Small on_click=move |()| add_tab(stage)/>
        </div>
        <Dialog open=renaming title="Rename tab" size=DialogSize::Small footer>
            <form on:submit=move |event| {
                event.prevent_default();
                save();
            }>
                <Field label="Name">
                    <TextInput value=draft on_input=move |text| draft.set(text) max_length=60 autofocus=true/>
                </Field>
            </form>
        </Dialog>
    }
    .into_any()
}

/// What a tab shows: named for those who do not see the row of tabs.
#[component]
pub(super) fn TabBody(children: Children) -> impl IntoView {
    let stage = use_stage();
    let title = Memo::new(move |_| {
        let id = stage.tab.get();
        stage.board.tabs().with(|tabs| tabs.iter().find(|t| Some(&t.id) == id.as_ref()).map(|t| t.title.clone()))
    });
    view! {
        <div class="board-body" role=move || title.get().map(|_| "tabpanel") aria-label=move || title.get()>
            {children()}
        </div>
    }
    .into_any()
}
