//! Home.

use crate::components::*;
use leptos::prelude::*;

/// Home.
#[component]
pub fn HomePage() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Home"/>
            <EmptyState icon="house" title="Nothing here yet" text="Dashboards that you star and data that you load appear here."/>
        </Page>
    }
    .into_any()
}
