//! One metric in the list, as it changes.

use super::line::Sparkline;
use super::value::{BigValue, Calculated, failure, follow, reading_of};
use crate::components::*;
use domain::metric::Metric;
use leptos::prelude::*;

/// A metric: name, value, trend, target and when it was calculated.
#[component]
pub(super) fn MetricCard(metric: Metric) -> impl IntoView {
    let reading = RwSignal::new(reading_of(&metric));
    follow(reading);
    let failed = failure(reading);
    let warning = move || {
        failed
            .get()
            .map(|error| view! { <p class="metric-error"><Icon name="triangle-alert"/><span>{error}</span></p> })
    };
    view! {
        <li class="card metric-card" data-testid="metric-card" data-metric-id=metric.def.id.clone()>
            <h2 class="truncate"><a class="card-link" href=format!("/metrics/{}", metric.def.id)>{metric.def.name}</a></h2>
            <BigValue reading/>
            <Sparkline reading/>
            {warning}
            <Calculated reading/>
        </li>
    }
    .into_any()
}
