//! Metrics: numbers that stay fresh by themselves.

mod card;
mod form;
mod line;
mod value;

pub(super) use form::MetricDialog;
pub(super) use line::MemberLine;
pub(super) use value::{BigValue, Calculated, Failing, follow, reading_of, sentence, trend};

use crate::api::metrics::list_metrics;
use crate::api::sharing::Thing;
use crate::components::*;
use crate::pages::deeds::in_place;
use crate::pages::folders::{FolderFilter, Folders};
use crate::session::use_session;
use card::MetricCard;
use domain::UserRole;
use domain::metric::Metric;
use leptos::prelude::*;
use leptos_router::hooks::query_signal_with_options;

/// Metrics.
#[component]
pub fn MetricsPage() -> impl IntoView {
    let (new, set_new) = query_signal_with_options::<String>("new", in_place());
    let list = Resource::new_blocking(|| (), |()| list_metrics());
    let reload = Callback::new(move |()| list.refetch());
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if new.get().as_deref() == Some("metric") {
            open.set(true);
            set_new.set(None);
        }
    });
    let folders = Folders::of(Thing::Metric);
    let creator = use_session().has_role(UserRole::Creator);
    let made = Callback::new(move |_: Metric| {
        _ = reload.try_run(());
    });
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => empty(creator, open),
            Ok(items) => {
                let card = move |metric: Metric| view! { <MetricCard metric folders/> };
                let items = StoredValue::new(items);
                let found = Memo::new(move |_| {
                    items.with_value(|all| all.iter().filter(|m| folders.has(&m.def.id)).cloned().collect::<Vec<_>>())
                });
                view! {
                    <FolderFilter folders/>
                    <ul class="grid-cards">
                        <For each=move || found.get() key=|metric| metric.def.id.clone() children=card/>
                    </ul>
                }
                .into_any()
            }
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    view! {
        <Page attr:data-testid="metrics">
            <PageHeader title="Metrics" subtitle="Numbers that are calculated again and again, here and on dashboards.">
                {creator.then(|| view! {
                    <Button variant=Variant::Primary icon="plus" on_click=move |()| open.set(true) attr:data-testid="new-metric">"New metric"</Button>
                })}
            </PageHeader>
            <Transition fallback=loading>{body}</Transition>
            <MetricDialog open on_saved=made/>
        </Page>
    }
    .into_any()
}

fn loading() -> AnyView {
    let card = |_| view! { <div class="card"><Skeleton lines=4/></div> };
    view! { <div class="grid-cards">{(0..6).map(card).collect_view()}</div> }.into_any()
}

fn empty(creator: bool, open: RwSignal<bool>) -> AnyView {
    let text =
        "A metric is one number of your data, such as revenue or the number of orders, with its trend and a target.";
    if creator {
        view! {
            <EmptyState icon="gauge" title="No metrics yet" text>
                <Button variant=Variant::Primary icon="plus" on_click=move |()| open.set(true)>"Make a metric"</Button>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState icon="gauge" title="No metrics yet" text/> }.into_any()
    }
}
