//! Metrics.

use crate::components::*;
use leptos::prelude::*;

/// Metrics.
#[component]
pub fn MetricsPage() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Metrics"/>
            <EmptyState icon="gauge" title="Nothing here yet" text="Metrics that you define or that are shared with you appear here."/>
        </Page>
    }
    .into_any()
}
