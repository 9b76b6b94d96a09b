//! Sharing the dashboard.

use super::stage::use_stage;
use crate::api::sharing::Thing;
use crate::pages::sharing::{ShareDialog, Shared};
use leptos::prelude::*;

/// The button and its dialog.
#[component]
pub(super) fn ShareButton() -> impl IntoView {
    let stage = use_stage();
    let public = RwSignal::new(stage.about.with_value(|about| about.is_public));
    Effect::new(move |_| {
        let on = public.get();
        stage.about.update_value(|about| about.is_public = on);
    });
    let shared = Shared {
        thing: Thing::Dashboard,
        id: StoredValue::new(stage.board.id()),
        public,
        is_owner: stage.is_owner(),
        path: Signal::derive(move || stage.about.with_value(|about| format!("/dashboards/{}", about.slug))),
    };
    view! { <ShareDialog shared/> }
}
