//! Account.

use crate::components::*;
use leptos::prelude::*;

/// Account.
#[component]
pub fn AccountPage() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Account"/>
            <EmptyState icon="user" title="Nothing here yet" text="Your sessions and API tokens appear here."/>
        </Page>
    }
    .into_any()
}
