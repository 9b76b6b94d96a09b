//! Data: every dataset the caller may see, the way to load a file, and the sources.
#![allow(unreachable_pub, reason = "`#[component]` makes its properties `pub`")]

mod breaks;
pub(crate) mod flow;
mod list;
mod load;
mod look;
pub(crate) mod preview;
pub(super) mod progress;
pub(crate) mod sources;
mod target;
mod transfer;
pub(crate) mod upload;
mod words;

use crate::api::datasets::list_datasets;
use crate::components::*;
use crate::session::use_session;
use domain::UserRole;
use domain::api::LoadResult;
use flow::UploadFlow;
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{query_signal_with_options, use_navigate};
use list::List;
use upload::Upload;
pub(crate) use words::{bytes, count, plural};

/// The list of datasets. A file can be dropped anywhere on it.
#[component]
pub fn DataPage() -> impl IntoView {
    let datasets = Resource::new_blocking(|| (), |()| list_datasets());
    let query = RwSignal::new(String::new());
    let toasts = use_toasts();
    let may_load = use_session().has_role(UserRole::Creator);
    let navigate = use_navigate();
    let upload = Upload::new(Callback::new(move |(loaded, in_sight): (LoadResult, bool)| {
        let text = words::loaded(&loaded);
        let dataset = loaded.dataset;
        let (to, go) = (format!("/data/{}", dataset.name), navigate.clone());
        if in_sight {
            toasts.good(text);
            go(&to, NavigateOptions::default());
        } else {
            datasets.refetch();
            toasts.action(text, "Open", move || go(&to, NavigateOptions::default()));
        }
    }));
    let dragging = RwSignal::new(false);
    if may_load {
        follow_drag(upload, dragging);
    }
    // Sources are the business of administrators; the others see no tabs.
    let is_admin = use_session().has_role(UserRole::Admin);
    let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
    let (asked, ask) = query_signal_with_options::<String>("tab", options);
    let tab = Memo::new(move |_| {
        let known = asked.get().filter(|tab| is_admin && tab == "sources");
        known.unwrap_or_else(|| "datasets".into())
    });
    let choose = move |id: String| ask.set((id != "datasets").then_some(id));
    let adding = RwSignal::new(false);
    let button = move || {
        if tab.get() == "sources" {
            return view! {
                <Button variant=Variant::Primary icon="plus" attr:data-testid="add-source" on_click=move |()| adding.set(true)>
                    "Add source"
                </Button>
            }
            .into_any();
        }
        view! {
            <Button variant=Variant::Primary icon="upload" attr:data-testid="upload-button" on_click=move |()| upload.choose(None)>
                "Upload file"
            </Button>
        }
        .into_any()
    };
    let list = move || {
        Suspend::new(async move {
            match datasets.await {
                Ok(list) => view! { <List datasets=list query upload may_load/> }.into_any(),
                Err(error) => view! { <ErrorState error=error.0 retry=move |()| datasets.refetch()/> }.into_any(),
            }
        })
    };
    view! {
        <div class="drop-zone" data-testid="drop-zone">
            <Page>
                <div class="data-page" data-testid="data-page">
                    <PageHeader title="Data" subtitle="Tables that questions, dashboards and metrics are made of.">
                        {may_load.then(button)}
                    </PageHeader>
                    {if is_admin {
                        let tabs = vec![TabItem::new("datasets", "Datasets"), TabItem::new("sources", "Sources")];
                        view! {
                            <Tabs label="Parts of the data" tabs value=tab on_change=choose/>
                            <TabPanel id="datasets" value=tab>
                                <Transition fallback=|| view! { <Skeleton height="20rem"/> }>{list}</Transition>
                            </TabPanel>
                            <TabPanel id="sources" value=tab><sources::SourcesTab adding/></TabPanel>
                        }
                        .into_any()
                    } else {
                        view! { <Transition fallback=|| view! { <Skeleton height="20rem"/> }>{list}</Transition> }.into_any()
                    }}
                </div>
            </Page>
            {may_load.then(|| view! { <UploadFlow upload/> })}
            <Show when=move || dragging.get()>
                <div class="drop-overlay" aria-hidden="true">
                    <div class="drop-card">
                        <Icon name="file-up"/>
                        <p>"Drop to load"</p>
                        <p class="drop-kinds">"CSV, TSV, JSON, Parquet, Excel or Arrow"</p>
                    </div>
                </div>
            </Show>
        </div>
    }
    .into_any()
}

/// A drag that carries files, not text or a link.
fn has_files(event: &ev::DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

fn follow_drag(upload: Upload, dragging: RwSignal<bool>) {
    on_window(ev::dragover, move |event| {
        if has_files(&event) {
            event.prevent_default();
            if !dragging.get_untracked() && !upload.open.get_untracked() {
                dragging.set(true);
            }
        }
    });
    on_window(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            dragging.set(false);
        }
    });
    on_window(ev::drop, move |event| {
        if has_files(&event) {
            event.prevent_default();
            dragging.set(false);
            if upload.open.get_untracked() {
                return;
            }
            if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
                upload.take(&files, None);
            }
        }
    });
}
