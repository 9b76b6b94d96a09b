//! Changes that are saved as they are made, and say so.

use crate::api::datasets::update_dataset;
use crate::components::{Icon, Spinner};
use domain::api::DatasetPatch;
use domain::{Access, Dataset, Error};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What became of the last change.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Saved {
    #[default]
    Untouched,
    Saving,
    Done,
    Failed(Error),
}

/// The dataset as it is now, and the way to change it. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Editing {
    pub(super) dataset: RwSignal<Dataset>,
}

impl Editing {
    pub(super) fn new(dataset: Dataset) -> Self {
        Self { dataset: RwSignal::new(dataset) }
    }

    /// Whether the caller may change how it is described.
    pub(super) fn may_edit(self) -> bool {
        self.dataset.with_untracked(|d| d.access >= Access::Edit)
    }

    /// Whether the caller owns it.
    pub(super) fn owns(self) -> bool {
        self.dataset.with_untracked(|d| d.access >= Access::Owner)
    }

    /// Saves a change; `state` says how it goes.
    pub(super) fn save(self, patch: DatasetPatch, state: RwSignal<Saved>) {
        let name = self.dataset.with_untracked(|d| d.name.clone());
        state.set(Saved::Saving);
        spawn_local(async move {
            match update_dataset(name, patch).await {
                Ok(dataset) => {
                    _ = self.dataset.try_set(dataset);
                    _ = state.try_set(Saved::Done);
                }
                Err(error) => _ = state.try_set(Saved::Failed(error.0)),
            }
        });
    }
}

/// Shows what became of a change.
#[component]
pub(super) fn SaveMark(state: RwSignal<Saved>) -> impl IntoView {
    view! {
        <span class="save-mark" role="status" data-testid="save-mark">
            {move || match state.get() {
                Saved::Untouched => ().into_any(),
                Saved::Saving => view! { <Spinner label="Saving"/> }.into_any(),
                Saved::Done => view! { <span class="save-done"><Icon name="check"/>"Saved"</span> }.into_any(),
                Saved::Failed(error) => {
                    view! { <span class="save-failed"><Icon name="circle-alert"/>{format!("Not saved: {error}")}</span> }.into_any()
                }
            }}
        </span>
    }
    .into_any()
}
