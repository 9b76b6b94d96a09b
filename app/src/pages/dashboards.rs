//! Dashboards: the gallery and the trash.

mod card;
mod create;
mod folders;
mod sketch;
mod template;
mod trash;

pub use sketch::Sketch;

use crate::api::dashboards::list_dashboards;
use crate::components::*;
use crate::pages::deeds::in_place;
use crate::pages::folders::FolderDialog;
use crate::session::use_session;
use card::DashboardCard;
use create::NewMenu;
use domain::UserRole;
use domain::dashboard::DashboardSummary;
use domain::sharing::Folder;
use folders::{FolderCards, FolderMenu, Shelf, crumbs, lies_in, read_shelf};
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
    let (folder, _) = query_signal::<String>("folder");
    let list = Resource::new_blocking(|| (), |()| list_dashboards());
    let shelf = Resource::new_blocking(|| (), |()| read_shelf());
    let reload = Callback::new(move |()| {
        list.refetch();
        shelf.refetch();
    });
    let naming = RwSignal::new(false);
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
        let shelf = shelf.get()?;
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() && shelf.0.is_empty() => empty(creator, template_open),
            Ok(items) => {
                let folder = folder.get();
                let search = Signal::derive(move || search.get().unwrap_or_default());
                view! { <Place shelf=shelf.clone() folder=folder.clone() reload/><Cards items shelf folder search shown reload/> }
                    .into_any()
            }
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    let nothing = Signal::stored(None::<Folder>);
    view! {
        <Page attr:data-testid="gallery">
            <PageHeader title="Dashboards">
                <LinkButton href="/dashboards?view=trash" variant=Variant::Ghost icon="trash-2">"Trash"</LinkButton>
                {creator.then(|| view! { <NewMenu template_open naming/> })}
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
            <FolderDialog open=naming folder=nothing parent=folder done=reload/>
        </Page>
    }
    .into_any()
}

/// Where one is: the way here, and what can be done with the folder.
#[component]
fn Place(shelf: Shelf, folder: Option<String>, reload: Callback<()>) -> impl IntoView {
    let here = folder.and_then(|id| shelf.0.iter().find(|folder| folder.id == id).cloned());
    let crumb = |crumb: Crumb| view! { <li><a href=crumb.href>{crumb.label}</a><Icon name="chevron-right"/></li> };
    let way = move |here: Folder| {
        view! {
            <div class="folder-here spread">
                <nav class="crumbs" aria-label="Folder">
                    <ol>
                        {crumbs(&shelf, &here.id).into_iter().map(crumb).collect_view()}
                        <li aria-current="page">{here.name.clone()}</li>
                    </ol>
                </nav>
                <FolderMenu folder=here reload/>
            </div>
        }
    };
    here.map(way)
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
    shelf: Shelf,
    folder: Option<String>,
    search: Signal<String>,
    shown: Signal<String>,
    reload: Callback<()>,
) -> impl IntoView {
    let stars: Stars = StoredValue::new(HashMap::new());
    let own = use_session().caller().map(|c| c.name).unwrap_or_default();
    let (places, here) = (shelf.clone(), folder.clone());
    let found = Memo::new(move |_| {
        let words: Vec<String> = search.with(|s| s.split_whitespace().map(str::to_lowercase).collect());
        let shown = shown.get();
        let fits = |d: &&DashboardSummary| {
            let text = format!("{} {} {}", d.name, d.description, d.owner_name).to_lowercase();
            let starred = || stars.with_value(|s| s.get(&d.id).copied()).unwrap_or(d.is_starred);
            let kind = match shown.as_str() {
                "mine" => d.owner_name == own,
                "starred" => starred(),
                // Who searches looks everywhere.
                _ => !words.is_empty() || lies_in(&places, d, here.as_deref()),
            };
            kind && words.iter().all(|w| text.contains(w))
        };
        items.iter().filter(fits).cloned().collect::<Vec<_>>()
    });
    let card = move |item: DashboardSummary| view! { <DashboardCard item stars reload/> };
    let everywhere = move || shown.get() != "all" || !search.with(String::is_empty);
    let in_folder = folder.is_some();
    let has_folders = shelf.0.iter().any(|inner| inner.parent_id == folder);
    let none = move || found.with(Vec::is_empty) && (everywhere() || !has_folders);
    let cards =
        move || (!everywhere()).then(|| view! { <FolderCards shelf=shelf.clone() folder=folder.clone() reload/> });
    view! {
        {cards}
        <p class="visually-hidden" role="status">{move || format!("{} dashboards", found.with(Vec::len))}</p>
        <ul class="grid-cards">
            <For each=move || found.get() key=|item| item.id.clone() children=card/>
        </ul>
        <Show when=none>
            {move || match shown.get().as_str() {
                "starred" if search.with(String::is_empty) => view! {
                    <EmptyState icon="star" title="No starred dashboards" text="Star the ones you come back to; they appear here and on your home page."/>
                }.into_any(),
                "all" if in_folder && search.with(String::is_empty) => view! {
                    <EmptyState icon="layout-dashboard" title="This folder is empty" text="Move dashboards here from their menu."/>
                }.into_any(),
                _ => view! { <EmptyState icon="search" title="No dashboard fits" text="Try fewer or other words, or show all dashboards."/> }.into_any(),
            }}
        </Show>
    }
    .into_any()
}
