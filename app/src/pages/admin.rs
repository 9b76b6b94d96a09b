//! Administration.

use crate::components::*;
use leptos::prelude::*;

/// Administration.
#[component]
pub fn AdminPage() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Administration"/>
            <EmptyState icon="users" title="Nothing here yet" text="The people of this installation appear here."/>
        </Page>
    }
    .into_any()
}
