//! The sources, for administrators: where each is, whether it answers, what was made of it.

mod field;
mod form;

use crate::api::sources::list_sources;
use crate::components::*;
use crate::pages::data::{count, plural};
use domain::source::{Source, SourceState};
pub(crate) use form::SourceDialog;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The list of sources, and the way to a new one.
#[component]
pub(super) fn SourcesTab(adding: RwSignal<bool>) -> impl IntoView {
    let sources = Resource::new_blocking(|| (), |()| list_sources());
    let toasts = use_toasts();
    let navigate = use_navigate();
    let saved = Callback::new(move |source: Source| {
        toasts.good(format!("{} added", source.name));
        navigate(&format!("/sources/{}", source.id), NavigateOptions::default());
    });
    let list = move || {
        Suspend::new(async move {
            match sources.await {
                Ok(list) if list.is_empty() => view! {
                    <EmptyState
                        icon="database"
                        title="No sources yet"
                        text="A source is a place whose tables are asked where they lie: a PostgreSQL database, a DuckDB file, a folder of CSV or Parquet files. Nothing is copied, and nothing is ever written."
                    >
                        <Button icon="plus" on_click=move |()| adding.set(true)>"Add source"</Button>
                    </EmptyState>
                }
                .into_any(),
                Ok(list) => view! { <List list/> }.into_any(),
                Err(error) => view! { <ErrorState error=error.0 retry=move |()| sources.refetch()/> }.into_any(),
            }
        })
    };
    view! {
        <Transition fallback=|| view! { <Skeleton height="12rem"/> }>{list}</Transition>
        <SourceDialog open=adding on_saved=saved/>
    }
    .into_any()
}

#[component]
fn List(list: Vec<Source>) -> impl IntoView {
    let n = plural(list.len() as u64, "source");
    let head = vec![Head::text("Source"), Head::text("Address"), Head::text("State"), Head::number("Datasets")];
    view! {
        <p class="data-count num">{n}</p>
        <Card flush=true>
            <Table caption="Sources" head>{list.into_iter().map(row).collect_view()}</Table>
        </Card>
    }
    .into_any()
}

fn row(source: Source) -> AnyView {
    let (address, name) = (source.address(), source.name.clone());
    view! {
        <tr data-testid="source-row" data-name=name>
            <td class="dataset-cell">
                <a href=format!("/sources/{}", source.id) class="dataset-link">{source.name}</a>
                <span class="source-kind">{kind_label(&source.kind)}</span>
            </td>
            <td><code class="dataset-name source-address">{address}</code></td>
            <td class="source-state">{state(source.state)}</td>
            <td class="num">{count(source.datasets)}</td>
        </tr>
    }
    .into_any()
}

/// A kind of source in words.
pub(crate) fn kind_label(kind: &str) -> &'static str {
    match kind {
        "postgres" => "PostgreSQL",
        "duckdb_file" => "DuckDB file",
        "folder" => "CSV or Parquet files",
        _ => "Source",
    }
}

/// What came of the last try.
pub(crate) fn state(state: Option<SourceState>) -> AnyView {
    let Some(state) = state else { return view! { <Badge>"Not tried yet"</Badge> }.into_any() };
    let SourceState { at, ok, message, .. } = state;
    if ok {
        return view! {
            <Badge tone=Tone::Good icon="check">"Works"</Badge>
            <span class="source-tried">"tried " <Time iso=at/></span>
        }
        .into_any();
    }
    view! {
        <Badge tone=Tone::Bad icon="circle-alert">"Does not answer"</Badge>
        <span class="source-tried">"tried " <Time iso=at/></span>
        <p class="source-why">{message}</p>
    }
    .into_any()
}
