//! One metric: its value, its past, its definition.

use crate::api::metrics::{delete_metric, get_metric, metric_usages, refresh_metric};
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::Deed;
use crate::pages::impact::{ImpactDialog, asking};
use crate::pages::metrics::{BigValue, Calculated, HistoryChart, MetricDialog, failure, follow, reading_of, sentence};
use crate::session::use_session;
use domain::Access;
use domain::UserRole;
use domain::metric::{Favourable, Metric};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};

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
    let failed = failure(reading);
    let warning = move || {
        failed
            .get()
            .map(|error| view! { <Notice tone=Tone::Warn>{format!("The last refresh failed. {error}")}</Notice> })
    };
    let description = (!metric.def.description.is_empty()).then(|| metric.def.description.clone());
    let changed = metric.clone();
    let asks = use_session().has_role(UserRole::Explorer);
    let alert = format!("/alerts/new?metric={}", metric.def.id);
    view! {
        <PageHeader title=metric.def.name.clone() crumbs=crumbs() subtitle=description>
            {asks.then(|| view! { <LinkButton href=alert icon="bell">"Alert me"</LinkButton> })}
            <Button icon="refresh-cw" busy=deed.busy on_click=refresh>"Refresh now"</Button>
            <Changes metric=changed reload/>
        </PageHeader>
        {warning}
        <Card>
            <div class="metric-card metric-big">
                <BigValue reading/>
                <Calculated reading/>
            </div>
            <HistoryChart reading/>
        </Card>
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
    view! {
        {(access >= Access::Edit).then(|| view! {
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

#[component]
fn Definition(metric: Metric) -> impl IntoView {
    let def = metric.def;
    let json = serde_json::to_string_pretty(&def.query).unwrap_or_default();
    let words = sentence(&def.query).unwrap_or_else(|| format!("A question to {}", def.query.dataset));
    let favourable = match def.favourable {
        Favourable::Up => "Up",
        Favourable::Down => "Down",
        Favourable::None => "Neither direction",
    };
    let id = def.id.clone();
    // The server does not know by which name the browser reached it.
    let origin = RwSignal::new("http://localhost:3000".to_owned());
    Effect::new(move |_| {
        if let Ok(own) = window().location().origin() {
            origin.set(own);
        }
    });
    let command = Signal::derive(move || {
        format!(
            "curl -X POST {}/api/v1/metrics/{id}/values \\\n  -H \"Authorization: Bearer $ORRERY_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"value\": 42}}'",
            origin.get()
        )
    });
    view! {
        <Section title="Definition">
            <Card>
                <dl class="facts">
                    <dt>"Question"</dt>
                    <dd>{words}</dd>
                    <dt>"Identifier"</dt>
                    <dd><code>{def.id.clone()}</code></dd>
                    <dt>"Refreshed"</dt>
                    <dd class="num">{format!("every {} seconds", def.refresh_interval)}</dd>
                    <dt>"Target"</dt>
                    <dd class="num">{def.target.map_or_else(|| "none".to_owned(), |t| domain::format::number(t, &def.format, false, &crate::session::locale()))}</dd>
                    <dt>"Good news"</dt>
                    <dd>{favourable}</dd>
                    <dt>"Seen by"</dt>
                    <dd>{if metric.is_public { "Everybody who signs in" } else { "Its owner, and those it is shared with" }}</dd>
                    <dt>"Owner"</dt>
                    <dd>{metric.owner_name}</dd>
                </dl>
                <details class="metric-json">
                    <summary>"The question as JSON"</summary>
                    <pre tabindex="0">{json}</pre>
                </details>
            </Card>
        </Section>
        <Section title="Push values with" text="A program can send values too; make a token with the scope write on your account page.">
            <div class="code-card card">
                <pre tabindex="0">{move || command.get()}</pre>
                <CopyButton text=command/>
            </div>
        </Section>
    }
    .into_any()
}
