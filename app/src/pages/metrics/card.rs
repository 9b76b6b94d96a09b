//! One metric in the list, as it changes.

use super::line::Sparkline;
use super::value::{BigValue, follow, reading_of};
use crate::components::*;
use domain::metric::Metric;
use leptos::prelude::*;

/// A metric: name, value, trend, target and when it was calculated.
#[component]
pub(super) fn MetricCard(metric: Metric) -> impl IntoView {
    let reading = RwSignal::new(reading_of(&metric));
    follow(reading);
    let at = Memo::new(move |_| reading.with(|r| r.reading.calculated_at.clone()));
    let failed = Memo::new(move |_| reading.with(|r| r.reading.error.clone()));
    let calculated = move || match at.get() {
        Some(iso) => view! { "Calculated " <Time iso=Signal::stored(iso)/> }.into_any(),
        None => "Not calculated yet".into_any(),
    };
    let failure = move || {
        failed
            .get()
            .map(|error| view! { <p class="metric-error"><Icon name="triangle-alert"/><span>{error}</span></p> })
    };
    view! {
        <li class="card metric-card" data-testid="metric-card" data-metric-id=metric.def.id.clone()>
            <h2 class="truncate"><a class="card-link" href=format!("/metrics/{}", metric.def.id)>{metric.def.name}</a></h2>
            <BigValue reading/>
            <Sparkline reading/>
            {failure}
            <p class="metric-foot">{calculated}</p>
        </li>
    }
    .into_any()
}
