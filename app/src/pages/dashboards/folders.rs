//! The folders of the gallery.

use crate::api::folders::{delete_folder, folder_places, list_folders};
use crate::api::sharing::Thing;
use crate::components::*;
use crate::pages::deeds::Deed;
use crate::pages::folders::{FolderDialog, MoveDialog};
use crate::pages::sharing::{ShareIn, Shared};
use domain::Access;
use domain::dashboard::DashboardSummary;
use domain::sharing::Folder;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// All folders, and which dashboard lies in which.
pub(super) type Shelf = (Vec<Folder>, BTreeMap<String, String>);

/// What the gallery shows of folders. Without them it shows all dashboards.
pub(super) async fn read_shelf() -> Shelf {
    let (folders, places) = (list_folders().await, folder_places(Thing::Dashboard).await);
    (folders.unwrap_or_default(), places.unwrap_or_default())
}

/// Whether a dashboard lies right in a folder; `None`: in none that is seen.
pub(super) fn lies_in(shelf: &Shelf, dashboard: &DashboardSummary, folder: Option<&str>) -> bool {
    shelf.1.get(&dashboard.id).map(String::as_str) == folder
}

/// The way to a folder, with the gallery itself.
pub(super) fn crumbs(shelf: &Shelf, folder: &str) -> Vec<Crumb> {
    let find = |id: &str| shelf.0.iter().find(|folder| folder.id == id);
    let mut found = Vec::new();
    let mut next = find(folder).and_then(|folder| folder.parent_id.clone());
    while let Some(above) = next.as_deref().and_then(find).filter(|_| found.len() < 20) {
        found.push(Crumb::new(above.name.clone(), address(&above.id)));
        next = above.parent_id.clone();
    }
    found.push(Crumb::new("Dashboards", "/dashboards"));
    found.reverse();
    found
}

fn address(folder: &str) -> String {
    format!("/dashboards?folder={folder}")
}

/// The folders that lie in a folder, or at the top.
#[component]
pub(super) fn FolderCards(shelf: Shelf, folder: Option<String>, reload: Callback<()>) -> impl IntoView {
    let inside: Vec<Folder> = shelf.0.iter().filter(|inner| inner.parent_id == folder).cloned().collect();
    if inside.is_empty() {
        return ().into_any();
    }
    let count = move |id: &str| shelf.1.values().filter(|place| *place == id).count();
    let card = |folder: Folder| {
        let dashboards = count(&folder.id);
        view! { <FolderCard folder dashboards reload/> }
    };
    view! {
        <ul class="grid-cards folder-cards" aria-label="Folders">{inside.into_iter().map(card).collect_view()}</ul>
    }
    .into_any()
}

#[component]
fn FolderCard(folder: Folder, dashboards: usize, reload: Callback<()>) -> impl IntoView {
    let words = match dashboards {
        1 => "1 dashboard".to_owned(),
        n => format!("{n} dashboards"),
    };
    view! {
        <li class="card folder-card" data-testid="folder-card">
            <Icon name="folder"/>
            <div class="grow folder-card-words">
                <h2 class="truncate"><a class="card-link" href=address(&folder.id)>{folder.name.clone()}</a></h2>
                <p class="muted small">{words}</p>
            </div>
            {folder.is_public.then(|| view! { <Badge icon="globe">"Everybody"</Badge> })}
            <div class="card-above"><FolderMenu folder reload/></div>
        </li>
    }
    .into_any()
}

/// What can be done with a folder. Nothing where one may only look.
#[component]
pub(super) fn FolderMenu(folder: Folder, reload: Callback<()>) -> impl IntoView {
    if folder.access < Access::Edit {
        return ().into_any();
    }
    let (naming, moving, sharing, deleting) =
        (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let owns = folder.access == Access::Owner;
    let id = StoredValue::new(folder.id.clone());
    let name = folder.name.clone();
    let shared = Shared {
        thing: Thing::Folder,
        id,
        public: RwSignal::new(folder.is_public),
        is_owner: owns,
        path: Signal::stored(address(&folder.id)),
    };
    let deed = Deed::new();
    let toasts = use_toasts();
    let delete = move |()| {
        deed.run(delete_folder(id.get_value()), move |()| {
            _ = deleting.try_set(false);
            toasts.good("Folder deleted");
            _ = reload.try_run(());
        });
    };
    let (folder, nowhere) = (StoredValue::new(folder), Signal::stored(None::<String>));
    view! {
        <Menu label=format!("More for {name}") button_class="btn btn-ghost btn-sm" align=Align::End attr:data-testid="folder-menu">
            <MenuItem icon="share-2" on_click=move |()| sharing.set(true)>"Share…"</MenuItem>
            <MenuItem icon="pencil" on_click=move |()| naming.set(true)>"Rename…"</MenuItem>
            <MenuItem icon="folder" on_click=move |()| moving.set(true)>"Move to folder…"</MenuItem>
            {owns.then(|| view! {
                <MenuDivider/>
                <MenuItem icon="trash-2" danger=true on_click=move |()| deleting.set(true)>"Delete…"</MenuItem>
            })}
        </Menu>
        <ShareIn shared open=sharing/>
        <FolderDialog open=naming folder=Signal::derive(move || Some(folder.get_value())) parent=nowhere done=reload/>
        <MoveDialog open=moving thing=Thing::Folder id done=reload/>
        <ConfirmDialog
            open=deleting
            title=format!("Delete the folder “{name}”?")
            text="What lies in it moves to where the folder is. Who sees it only by this folder no longer does."
            confirm="Delete folder"
            busy=deed.busy
            on_confirm=delete
        />
    }
    .into_any()
}
