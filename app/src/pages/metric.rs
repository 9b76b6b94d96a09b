//! Metric.

use crate::components::*;
use leptos::prelude::*;

/// Metric.
#[component]
pub fn MetricPage() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Metric"/>
            <EmptyState icon="gauge" title="Nothing here yet" text="The value and the history of the metric appear here."/>
        </Page>
    }
    .into_any()
}
