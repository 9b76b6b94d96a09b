//! Dashboards.

use crate::components::*;
use leptos::prelude::*;

/// Dashboards.
#[component]
pub fn DashboardsPage() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Dashboards"/>
            <EmptyState icon="layout-dashboard" title="Nothing here yet" text="Dashboards that you make or that are shared with you appear here."/>
        </Page>
    }
    .into_any()
}
