//! Dashboards: the gallery and the trash.

mod card;
mod create;
mod sketch;
mod template;
mod trash;

pub use sketch::Sketch;

use crate::api::dashboards::list_dashboards;
use crate::components::*;
use crate::pages::deeds::in_place;
use crate::session::use_session;
use card::DashboardCard;
use create::NewMenu;
use domain::UserRole;
use domain::dashboard::DashboardSummary;
use leptos::prelude::*;
use leptos_router::hooks::{query_signal, query_signal_with_options};
use std::collections::HashMap;
use template::TemplateDialog;
use trash::TrashView;

/// Stars set or taken away since the list came, by dashboard.
type Stars = StoredValue<HashMap<String, bool>>;

/// Dashboards.
#[component]
pub fn DashboardsPage() -> impl IntoView {
    let (view_name, _) = query_signal::<String>("view");
    let trash = Memo::new(move |_| view_name.get().as_deref() == Some("trash"));
    move || if trash.get() { view! { <TrashView/> }.into_any() } else { view! { <Gallery/> }.into_any() }
}

#[component]
fn Gallery() -> impl IntoView {
    let (search, set_search) = query_signal_with_options::<String>("q", in_place());
    let (show, set_show) = query_signal_with_options::<String>("show", in_place());
    let (new, set_new) = query_signal_with_options::<String>("new", in_place());
    let list = Resource::new_blocking(|| (), |()| list_dashboards());
    let reload = Callback::new(move |()| list.refetch());
    let template_open = RwSignal::new(false);
    // The home page leads here with the dialog open.
    Effect::new(move |_| {
        if new.get().as_deref() == Some("template") {
            template_open.set(true);
            set_new.set(None);
        }
    });
    let creator = use_session().has_role(UserRole::Creator);
    let shown = Signal::derive(move || show.get().unwrap_or_else(|| "all".into()));
    let choices = || vec![Segment::new("all", "All"), Segment::new("mine", "Mine"), Segment::new("starred", "Starred")];
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => empty(creator, template_open),
            Ok(items) => {
                view! { <Cards items search=Signal::derive(move || search.get().unwrap_or_default()) shown reload/> }
                    .into_any()
            }
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    view! {
        <Page attr:data-testid="gallery">
            <PageHeader title="Dashboards">
                <LinkButton href="/dashboards?view=trash" variant=Variant::Ghost icon="trash-2">"Trash"</LinkButton>
                {creator.then(|| view! { <NewMenu template_open/> })}
            </PageHeader>
            <div class="toolbar">
                <SearchInput
                    label="Search dashboards"
                    value=Signal::derive(move || search.get().unwrap_or_default())
                    on_input=move |text: String| set_search.set((!text.is_empty()).then_some(text))
                />
                <SegmentedControl
                    label="Which dashboards"
                    segments=choices()
                    value=shown
                    on_change=move |value: String| set_show.set((value != "all").then_some(value))
                />
            </div>
            <Transition fallback=loading>{body}</Transition>
            <TemplateDialog open=template_open/>
        </Page>
    }
    .into_any()
}

/// Cards while the list is on its way.
fn loading() -> AnyView {
    let card = |_| view! { <div class="card"><Skeleton height="9rem"/><Skeleton lines=2/></div> };
    view! { <div class="grid-cards">{(0..6).map(card).collect_view()}</div> }.into_any()
}

fn empty(creator: bool, template_open: RwSignal<bool>) -> AnyView {
    if creator {
        view! {
            <EmptyState icon="layout-dashboard" title="No dashboards yet" text="A template makes one of your data in a moment; an empty one is yours to fill.">
                <Button variant=Variant::Primary on_click=move |()| template_open.set(true)>"Start from a template"</Button>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState icon="layout-dashboard" title="No dashboards yet" text="Dashboards that others share with you appear here."/> }.into_any()
    }
}

#[component]
fn Cards(
    items: Vec<DashboardSummary>,
    search: Signal<String>,
    shown: Signal<String>,
    reload: Callback<()>,
) -> impl IntoView {
    let stars: Stars = StoredValue::new(HashMap::new());
    let own = use_session().caller().map(|c| c.name).unwrap_or_default();
    let found = Memo::new(move |_| {
        let words: Vec<String> = search.with(|s| s.split_whitespace().map(str::to_lowercase).collect());
        let shown = shown.get();
        let fits = |d: &&DashboardSummary| {
            let text = format!("{} {} {}", d.name, d.description, d.owner_name).to_lowercase();
            let starred = || stars.with_value(|s| s.get(&d.id).copied()).unwrap_or(d.is_starred);
            let kind = match shown.as_str() {
                "mine" => d.owner_name == own,
                "starred" => starred(),
                _ => true,
            };
            kind && words.iter().all(|w| text.contains(w))
        };
        items.iter().filter(fits).cloned().collect::<Vec<_>>()
    });
    let card = move |item: DashboardSummary| view! { <DashboardCard item stars reload/> };
    let none = move || found.with(Vec::is_empty);
    view! {
        <p class="visually-hidden" role="status">{move || format!("{} dashboards", found.with(Vec::len))}</p>
        <ul class="grid-cards">
            <For each=move || found.get() key=|item| item.id.clone() children=card/>
        </ul>
        <Show when=none>
            {move || match shown.get().as_str() {
                "starred" if search.with(String::is_empty) => view! {
                    <EmptyState icon="star" title="No starred dashboards" text="Star the ones you come back to; they appear here and on your home page."/>
                }.into_any(),
                _ => view! { <EmptyState icon="search" title="No dashboard fits" text="Try fewer or other words, or show all dashboards."/> }.into_any(),
            }}
        </Show>
    }
    .into_any()
}
