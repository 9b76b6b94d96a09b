//! The way back to a moment, after a look at what it changes.

use super::differences::DifferenceList;
use super::state::use_history;
use crate::api::history::{restore_difference, restore_moment};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The button with its dialog.
#[component]
pub(super) fn RestoreButton() -> impl IntoView {
    let history = use_history();
    let (open, deed) = (RwSignal::new(false), Deed::new());
    let is_now = Signal::derive(move || history.at.get() == history.last);
    let (toasts, navigate) = (use_toasts(), StoredValue::new(use_navigate()));
    let restore = move |()| {
        let (id, seq) = (history.id.get_value(), history.at.get_untracked());
        deed.submit(restore_moment(id, seq), move |_| {
            toasts.good("The dashboard is as it was. Undo in edit mode takes this back.");
            let address = history.slug.with_value(|slug| format!("/dashboards/{slug}"));
            navigate.with_value(|go| go(&address, NavigateOptions::default()));
        });
    };
    let title = Signal::derive(move || match history.name_of(history.at.get()) {
        Some(name) => format!("Restore “{name}”?"),
        None => format!("Restore the dashboard of step {}?", history.at.get()),
    });
    let footer = move || {
        view! {
            <Button on_click=move |()| open.set(false)>"Cancel"</Button>
            <Button variant=Variant::Primary busy=deed.busy on_click=restore attr:data-testid="restore-confirm">"Restore"</Button>
        }
    };
    view! {
        <Button
            variant=Variant::Primary
            icon="history"
            disabled=is_now
            on_click=move |()| open.set(true)
            attr:data-testid="restore"
        >
            "Restore…"
        </Button>
        <Dialog open title footer>
            <FormError error=deed.error/>
            <p>"Everything since stays in the history, and undo takes this back. For the dashboard as it is now it means:"</p>
            <Change/>
        </Dialog>
    }
    .into_any()
}

/// What would change.
#[component]
fn Change() -> impl IntoView {
    let history = use_history();
    let asked = Answer::of(move || restore_difference(history.id.get_value(), history.at.get()));
    move || match asked.get() {
        None => view! { <Skeleton lines=4/> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState compact=true error=error.0 retry=move |()| asked.refetch()/> }.into_any()
        }
        Some(Ok(found)) => view! {
            <DifferenceList difference=found.difference none="Nothing: the dashboard is the same now."/>
        }
        .into_any(),
    }
}
