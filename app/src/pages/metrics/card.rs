//! One metric in the list, as it changes.

use super::line::Sparkline;
use super::value::{BigValue, Calculated, Failing, follow, reading_of};
use crate::pages::folders::{FolderName, Folders};
use domain::metric::Metric;
use leptos::prelude::*;

/// A metric: name, value, trend, target and when it was calculated.
#[component]
pub(super) fn MetricCard(metric: Metric, folders: Folders) -> impl IntoView {
    let reading = RwSignal::new(reading_of(&metric));
    follow(reading);
    let id = metric.def.id.clone();
    view! {
        <li class="card metric-card" data-testid="metric-card" data-metric-id=metric.def.id.clone()>
            <h2 class="truncate"><a class="card-link" href=format!("/metrics/{}", metric.def.id)>{metric.def.name}</a></h2>
            <BigValue reading/>
            <Sparkline reading/>
            <Failing reading/>
            <Calculated reading/>
            <FolderName folders id/>
        </li>
    }
    .into_any()
}
