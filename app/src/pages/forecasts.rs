//! Forecasts: what comes next, kept and held against what came.

mod card;
pub(super) mod draft;
mod events;
pub(super) mod new;
pub(super) mod picture;
pub(super) mod trial;

pub use new::NewForecastPage;

use crate::api::forecasts::list_forecasts;
use crate::api::sharing::Thing;
use crate::components::*;
use crate::pages::folders::{FolderFilter, Folders};
use crate::session::use_session;
use card::ForecastCard;
use domain::UserRole;
use domain::forecast::SavedForecast;
use leptos::prelude::*;

/// The list.
#[component]
pub fn ForecastsPage() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| list_forecasts());
    let reload = Callback::new(move |()| list.refetch());
    let folders = Folders::of(Thing::Forecast);
    let creator = use_session().has_role(UserRole::Creator);
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => empty(creator),
            Ok(items) => {
                let items = StoredValue::new(items);
                let found = Memo::new(move |_| {
                    items.with_value(|all| all.iter().filter(|f| folders.has(&f.id)).cloned().collect::<Vec<_>>())
                });
                let card = move |forecast: SavedForecast| view! { <ForecastCard forecast folders/> };
                view! {
                    <FolderFilter folders/>
                    <ul class="grid-cards">
                        <For each=move || found.get() key=|forecast| forecast.id.clone() children=card/>
                    </ul>
                }
                .into_any()
            }
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    view! {
        <Page attr:data-testid="forecasts">
            <PageHeader title="Forecasts" subtitle="What comes next, made anew as data arrives and held against what came.">
                {creator.then(|| view! {
                    <LinkButton href="/forecasts/new" variant=Variant::Primary icon="plus" attr:data-testid="new-forecast">"New forecast"</LinkButton>
                })}
            </PageHeader>
            <Transition fallback=loading>{body}</Transition>
        </Page>
    }
    .into_any()
}

fn loading() -> AnyView {
    let card = |_| view! { <div class="card"><Skeleton lines=4/></div> };
    view! { <div class="grid-cards">{(0..6).map(card).collect_view()}</div> }.into_any()
}

fn empty(creator: bool) -> AnyView {
    let text = "A forecast goes on with a number of your data over time, with bands that say how sure it is.";
    if creator {
        view! {
            <EmptyState icon="trending-up" title="No forecasts yet" text>
                <LinkButton href="/forecasts/new" variant=Variant::Primary icon="plus">"Make a forecast"</LinkButton>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState icon="trending-up" title="No forecasts yet" text/> }.into_any()
    }
}
