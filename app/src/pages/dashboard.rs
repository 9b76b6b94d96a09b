//! Dashboard.

use crate::components::*;
use leptos::prelude::*;

/// Dashboard.
#[component]
pub fn DashboardPage() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Dashboard"/>
            <EmptyState icon="layout-dashboard" title="Nothing here yet" text="The tiles of the dashboard appear here."/>
        </Page>
    }
    .into_any()
}
