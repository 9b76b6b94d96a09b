//! One metric: its value, its past, its members, its definition.

mod definition;
mod members;
mod past;

use crate::api::metrics::{delete_metric, get_metric, metric_usages, refresh_metric};
use crate::api::sharing::Thing;
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::Deed;
use crate::pages::impact::{ImpactDialog, asking};
use crate::pages::metrics::{BigValue, Calculated, Failing, MetricDialog, follow, reading_of};
use crate::pages::sharing::{ShareDialog, Shared};
use crate::session::use_session;
use definition::Definition;
use domain::metric::Metric;
use domain::{Access, UserRole};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use members::Members;
use past::Past;

/// One metric.
#[component]
pub fn MetricPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    let metric = Resource::new_blocking(move || id.get(), get_metric);
    let reload = Callback::new(move |()| metric.refetch());
    let body = move || {
        metric.get().map(|result| match result {
            Ok(metric) => view! { <MetricView metric reload/> }.into_any(),
            Err(error) => view! {
                <PageHeader title="Metric" crumbs=crumbs()/>
                <ErrorState error=error.0 retry=reload/>
            }
            .into_any(),
        })
    };
    view! {
        <Page attr:data-testid="metric">
            <Transition fallback=|| view! { <Skeleton height="16rem"/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Metrics", "/metrics")]
}

#[component]
fn MetricView(metric: Metric, reload: Callback<()>) -> impl IntoView {
    let reading = RwSignal::new(reading_of(&metric));
    follow(reading);
    let deed = Deed::new();
    let id = StoredValue::new(metric.def.id.clone());
    let refresh = move |()| {
        deed.run(refresh_metric(id.get_value()), move |metric| {
            _ = reading.try_set(reading_of(&metric));
        });
    };
    let description = (!metric.def.description.is_empty()).then(|| metric.def.description.clone());
    let changed = metric.clone();
    let asks = use_session().has_role(UserRole::Explorer);
    let alert = format!("/alerts/new?metric={}", metric.def.id);
    let makes = use_session().has_role(UserRole::Creator);
    let ahead = format!("/forecasts/new?metric={}", metric.def.id);
    let detector = format!("/models/new?metric={}", metric.def.id);
    let can_refresh = !metric.def.is_pushed();
    let breakdown = metric.def.breakdown.clone();
    view! {
        <PageHeader title=metric.def.name.clone() crumbs=crumbs() subtitle=description>
            {asks.then(|| view! { <LinkButton href=alert icon="bell">"Alert me"</LinkButton> })}
            {makes.then(|| view! { <LinkButton href=ahead icon="trending-up">"Forecast"</LinkButton> })}
            {makes.then(|| view! { <LinkButton href=detector icon="blocks">"Find what is odd"</LinkButton> })}
            {can_refresh.then(|| view! { <Button icon="refresh-cw" busy=deed.busy on_click=refresh>"Refresh now"</Button> })}
            <Changes metric=changed reload/>
        </PageHeader>
        <Card>
            <div class="metric-card metric-big">
                <BigValue reading/>
                <Failing reading/>
                <Calculated reading/>
            </div>
            <Past reading/>
        </Card>
        {breakdown.map(|column| view! { <Members reading column/> })}
        <Definition metric/>
    }
    .into_any()
}

/// Editing and deleting, for those who may.
#[component]
fn Changes(metric: Metric, reload: Callback<()>) -> impl IntoView {
    let (editing, deleting) = (RwSignal::new(false), RwSignal::new(false));
    let deed = Deed::new();
    let toasts = use_toasts();
    let access = metric.access;
    let id = StoredValue::new(metric.def.id.clone());
    let name = metric.def.name.clone();
    let navigate = Local::holding(use_navigate);
    let delete = move |()| {
        deed.run(delete_metric(id.get_value()), move |()| {
            toasts.good("Metric deleted");
            _ = navigate.with(|go| go("/metrics", NavigateOptions { replace: true, ..NavigateOptions::default() }));
        });
    };
    let saved = Callback::new(move |_: Metric| {
        toasts.good("Metric saved");
        _ = reload.try_run(());
    });
    let shared = Shared {
        thing: Thing::Metric,
        id,
        public: RwSignal::new(metric.is_public),
        is_owner: access == Access::Owner,
        path: Signal::stored(format!("/metrics/{}", id.get_value())),
    };
    view! {
        {(access >= Access::Edit).then(|| view! {
            <ShareDialog shared/>
            <Button icon="pencil" on_click=move |()| editing.set(true)>"Edit"</Button>
            <MetricDialog open=editing metric on_saved=saved/>
        })}
        {(access == Access::Owner).then(|| view! {
            <Button variant=Variant::Danger icon="trash-2" on_click=move |()| deleting.set(true)>"Delete"</Button>
            <ImpactDialog
                open=deleting
                title=format!("Delete the metric “{name}”?")
                text="Its history is lost. This cannot be undone."
                effect="Tiles that show it stay empty, and questions that use it show an error."
                confirm="Delete metric"
                busy=deed.busy
                ask=asking(move || metric_usages(id.get_value()))
                on_confirm=delete
            />
        })}
    }
    .into_any()
}
