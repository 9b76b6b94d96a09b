//! The question before a column in use gets another label or role.

use super::editing::{Editing, Saved};
use crate::api::datasets::dataset_lineage;
use crate::components::*;
use crate::pages::impact::{ImpactDialog, asking};
use domain::Column;
use domain::api::DatasetPatch;
use leptos::prelude::*;

/// A change that waits for an answer.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) was: Column,
    pub(super) wanted: Column,
    /// Where it is told how the change goes.
    pub(super) state: RwSignal<Saved>,
    /// Runs when it is not wanted after all.
    pub(super) revert: Callback<()>,
}

impl Pending {
    fn is_label(&self) -> bool {
        self.was.label != self.wanted.label
    }

    fn title(&self) -> String {
        match self.is_label() {
            true => format!("Rename “{}” to “{}”?", self.was.label, self.wanted.label),
            false => format!("Make “{}” a {}?", self.was.label, self.wanted.role.as_str()),
        }
    }

    fn effect(&self) -> &'static str {
        match self.is_label() {
            true => "They keep working and show the new label.",
            false => "They keep what they ask. What is made from now on uses the column in its new role.",
        }
    }
}

#[component]
pub(super) fn ChangeDialog(editing: Editing, pending: RwSignal<Option<Pending>>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if pending.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true)
            && !now
            && let Some(given_up) = pending.try_update(Option::take).flatten()
        {
            given_up.revert.run(());
        }
        now
    });
    let of = move |get: fn(&Pending) -> String| {
        Signal::derive(move || pending.with(|p| p.as_ref().map(get).unwrap_or_default()))
    };
    let confirm = move |()| {
        if let Some(Pending { wanted, state, .. }) = pending.try_update(Option::take).flatten() {
            editing.save(DatasetPatch { columns: Some(vec![wanted]), ..DatasetPatch::default() }, state);
        }
        open.set(false);
    };
    let ask = asking(move || async move {
        let name = editing.dataset.with_untracked(|d| d.name.clone());
        let column = pending.with_untracked(|p| p.as_ref().map(|p| p.was.name.clone())).unwrap_or_default();
        let usages = dataset_lineage(name).await?.usages;
        Ok(usages.into_iter().filter(|u| u.columns.contains(&column)).collect())
    });
    view! {
        <ImpactDialog
            open
            title=of(Pending::title)
            text="The name in questions, addresses and SQL stays as it is."
            effect=of(|p| p.effect().to_owned())
            confirm=of(|p| if p.is_label() { "Rename".to_owned() } else { "Change role".to_owned() })
            variant=Variant::Primary
            ask
            on_confirm=confirm
        />
    }
    .into_any()
}
