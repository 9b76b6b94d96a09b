//! The state of a file's way into a dataset: sent, looked at, loaded.

use super::progress::News;
use super::transfer::Transfer;
use crate::api::datasets::{discard_upload, list_datasets, preview_upload};
use crate::components::toast::{Toasts, use_toasts};
use crate::live::{Socket, Subscription, use_socket};
use domain::api::{LoadMode, LoadResult, Staged};
use domain::dataset::{ColumnChoice, LoadOptions, Preview};
use domain::names::to_name;
use domain::{Dataset, Error};
use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use web_sys::{File, FileList};

/// How far a file has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    #[default]
    Sending,
    Looking,
    Loading,
    /// Loaded, without some rows that cannot be read.
    LeftOut,
}

/// The dataset whose rows a file is for, when that is settled before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fixed {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) mode: LoadMode,
}

/// What lives in the browser only.
#[derive(Default)]
pub(super) struct Local {
    pub(super) file: Option<File>,
    transfer: Option<Transfer>,
    pub(super) following: Option<Subscription>,
}

/// The state of an upload. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Upload {
    pub(crate) open: RwSignal<bool>,
    pub(super) stage: RwSignal<Stage>,
    pub(super) file_name: RwSignal<String>,
    /// Bytes sent, bytes in all.
    pub(super) sent: RwSignal<(f64, f64)>,
    pub(super) staged: RwSignal<Option<Staged>>,
    /// What was decided, over what is detected.
    pub(super) wanted: RwSignal<LoadOptions>,
    pub(super) preview: RwSignal<Option<Preview>>,
    /// A preview or the begin of a load is under way.
    pub(super) busy: RwSignal<bool>,
    pub(super) error: RwSignal<Option<Error>>,
    pub(super) name: RwSignal<String>,
    pub(super) mode: RwSignal<LoadMode>,
    /// Datasets whose names are taken.
    pub(super) taken: RwSignal<Vec<Dataset>>,
    pub(super) fixed: RwSignal<Option<Fixed>>,
    pub(super) news: RwSignal<News>,
    /// What was loaded, while the rows left out are on show.
    pub(super) loaded: RwSignal<Option<LoadResult>>,
    pub(super) input: NodeRef<html::Input>,
    /// Absent on the server.
    local: Option<StoredValue<Local, LocalStorage>>,
    round: StoredValue<u64>,
    pub(super) socket: Socket,
    pub(super) toasts: Toasts,
    /// Runs with what was loaded, and whether the dialog was still open.
    pub(super) done: Callback<(LoadResult, bool)>,
}

impl Upload {
    /// An upload that has not begun.
    pub(crate) fn new(done: Callback<(LoadResult, bool)>) -> Self {
        Self {
            open: RwSignal::new(false),
            stage: RwSignal::default(),
            file_name: RwSignal::default(),
            sent: RwSignal::default(),
            staged: RwSignal::default(),
            wanted: RwSignal::default(),
            preview: RwSignal::default(),
            busy: RwSignal::new(false),
            error: RwSignal::default(),
            name: RwSignal::default(),
            mode: RwSignal::default(),
            taken: RwSignal::default(),
            fixed: RwSignal::default(),
            news: RwSignal::default(),
            loaded: RwSignal::default(),
            input: NodeRef::new(),
            local: (!is_server()).then(|| StoredValue::new_local(Local::default())),
            round: StoredValue::new(0),
            socket: use_socket(),
            toasts: use_toasts(),
            done,
        }
    }

    pub(super) fn local<T>(self, work: impl FnOnce(&mut Local) -> T) -> Option<T> {
        self.local?.try_update_value(work)
    }

    /// Asks for a file; `fixed` says whose rows it has.
    pub(crate) fn choose(self, fixed: Option<Fixed>) {
        self.fixed.set(fixed);
        if let Some(input) = self.input.get_untracked() {
            input.set_value("");
            input.click();
        }
    }

    /// Begins with the first of some files.
    pub(crate) fn take(self, files: &FileList, fixed: Option<Fixed>) {
        let Some(file) = files.get(0) else { return };
        if self.is_loading() {
            self.open.set(true);
            self.toasts.info("One file at a time: this one is still being loaded.");
            return;
        }
        if files.length() > 1 {
            self.toasts.info(format!("One file at a time: {} is loaded first.", file.name()));
        }
        self.fixed.set(fixed);
        self.file_name.set(file.name());
        self.staged.set(None);
        self.wanted.set(LoadOptions::default());
        self.preview.set(None);
        self.local(|local| local.file = Some(file));
        self.open.set(true);
        self.send();
    }

    pub(super) fn is_loading(self) -> bool {
        self.stage.get_untracked() == Stage::Loading && self.local(|local| local.following.is_some()).unwrap_or(false)
    }

    /// Sends the file, from the beginning.
    pub(super) fn send(self) {
        let Some(file) = self.local(|local| local.file.clone()).flatten() else { return };
        self.error.set(None);
        self.busy.set(false);
        self.stage.set(Stage::Sending);
        self.sent.set((0.0, file.size()));
        let started = Transfer::start(
            &file,
            move |done, total| _ = self.sent.try_set((done, total)),
            move |result| match result {
                Ok(staged) => self.arrived(staged),
                Err(error) => _ = self.error.try_set(Some(error)),
            },
        );
        match started {
            Ok(transfer) => _ = self.local(|local| local.transfer = Some(transfer)),
            Err(error) => self.error.set(Some(error)),
        }
    }

    fn arrived(self, staged: Staged) {
        let stem = staged.file_name.rsplit_once('.').map_or(staged.file_name.as_str(), |(stem, _)| stem).to_owned();
        let fixed = self.fixed.get_untracked();
        self.mode.set(fixed.as_ref().map_or(LoadMode::Create, |f| f.mode));
        self.name.set(fixed.map_or_else(|| to_name(&stem), |f| f.name));
        self.staged.set(Some(staged));
        self.stage.set(Stage::Looking);
        self.look();
        spawn_local(async move {
            if let Ok(datasets) = list_datasets().await {
                _ = self.taken.try_set(datasets);
            }
        });
    }

    /// Asks what would be loaded. Only the answer to the last question counts.
    pub(super) fn look(self) {
        let Some(staged) = self.staged.get_untracked() else { return };
        let options = self.wanted.get_untracked();
        let round = self.round.try_update_value(|round| {
            *round += 1;
            *round
        });
        self.busy.set(true);
        spawn_local(async move {
            let result = preview_upload(staged, options).await;
            if self.round.try_get_value() != round {
                return;
            }
            _ = self.busy.try_set(false);
            match result {
                Ok(preview) => {
                    _ = self.error.try_set(None);
                    _ = self.wanted.try_update(|wanted| {
                        if wanted.columns.is_empty() {
                            wanted.columns = preview.options.columns.clone();
                        }
                    });
                    _ = self.preview.try_set(Some(preview));
                }
                Err(error) => _ = self.error.try_set(Some(error.0)),
            }
        });
    }

    /// Reads the file in another way: what was said about its columns no longer holds.
    pub(super) fn read_as(self, change: impl FnOnce(&mut LoadOptions)) {
        self.wanted.update(|wanted| {
            change(wanted);
            wanted.columns.clear();
        });
        self.look();
    }

    /// Decides something about one column.
    pub(super) fn decide(self, column: usize, change: impl FnOnce(&mut ColumnChoice)) {
        self.wanted.update(|wanted| {
            if let Some(choice) = wanted.columns.get_mut(column) {
                change(choice);
            }
        });
        self.look();
    }

    /// The dataset that has the name already.
    pub(super) fn holder(self) -> Option<Dataset> {
        self.name.with(|name| self.taken.with(|taken| taken.iter().find(|d| d.name == *name).cloned()))
    }

    /// The dialog was closed: what is on its way stops, what is being loaded goes on.
    pub(super) fn closed(self) {
        if let Some(loaded) = self.loaded.try_update(Option::take).flatten() {
            self.done.run((loaded, false));
        }
        if self.stage.get_untracked() == Stage::Loading {
            if self.is_loading() {
                self.toasts.info("The file is being loaded in the background.");
            }
            return;
        }
        self.local(|local| {
            local.transfer = None;
            local.file = None;
        });
        self.round.update_value(|round| *round += 1);
        if let Some(staged) = self.staged.try_update(Option::take).flatten() {
            // A file that stays behind is removed at the server's next start.
            spawn_local(async move { _ = discard_upload(staged.id).await });
        }
    }
}
