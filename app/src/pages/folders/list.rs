//! The folders of a list: which thing lies where, and the filter by it.

use super::path_of;
use crate::api::folders::{folder_places, list_folders};
use crate::api::sharing::Thing;
use crate::components::*;
use domain::sharing::Folder;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// The folders that the reader sees, and what of a kind lies in them. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Folders {
    pub(crate) all: RwSignal<Vec<Folder>>,
    places: RwSignal<BTreeMap<String, String>>,
    /// The folder that the list is narrowed to; empty: all.
    chosen: RwSignal<String>,
    thing: Thing,
}

impl Folders {
    /// For a list of such things. They arrive after the list: it does not wait for them.
    pub(crate) fn of(thing: Thing) -> Self {
        let folders =
            Self { all: RwSignal::default(), places: RwSignal::default(), chosen: RwSignal::default(), thing };
        Effect::new(move |_| folders.load());
        folders
    }

    /// Asks anew.
    pub(crate) fn load(self) {
        spawn_local(async move {
            // Without them the list is whole all the same.
            let (all, places) = (list_folders().await, folder_places(self.thing).await);
            _ = self.all.try_set(all.unwrap_or_default());
            _ = self.places.try_set(places.unwrap_or_default());
        });
    }

    /// Whether a thing belongs into the list as it is narrowed.
    pub(crate) fn has(self, id: &str) -> bool {
        let chosen = self.chosen.get();
        chosen.is_empty() || self.folder_of(id).is_some_and(|folder| folder == chosen)
    }

    /// The folder of a thing.
    pub(crate) fn folder_of(self, id: &str) -> Option<String> {
        self.places.with(|places| places.get(id).cloned())
    }
}

/// Narrows a list to a folder. Not there where there are no folders.
#[component]
pub(crate) fn FolderFilter(folders: Folders) -> impl IntoView {
    let options = Signal::derive(move || {
        let mut choices = vec![Choice::new("", "All folders")];
        folders.all.with(|all| {
            choices.extend(all.iter().map(|folder| Choice::new(folder.id.clone(), path_of(all, &folder.id))));
        });
        choices
    });
    view! {
        <Show when=move || folders.all.with(|all| !all.is_empty())>
            <Select options value=folders.chosen on_change=move |id| folders.chosen.set(id) label="Folder"/>
        </Show>
    }
    .into_any()
}

/// The folder of a thing in a list, once it is known.
#[component]
pub(crate) fn FolderName(folders: Folders, id: String) -> impl IntoView {
    move || {
        let folder = folders.folder_of(&id)?;
        let path = folders.all.with(|all| path_of(all, &folder));
        Some(view! { <span class="folder-name muted small" data-testid="in-folder"><Icon name="folder"/>{path}</span> })
    }
}
