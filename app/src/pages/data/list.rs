//! The rows of the list of datasets.

use super::upload::Upload;
use super::{bytes, count, plural};
use crate::api::sharing::Thing;
use crate::components::*;
use crate::pages::folders::{FolderFilter, FolderName, Folders};
use domain::Dataset;
use leptos::prelude::*;

/// A search box over the datasets, and the datasets.
#[component]
pub(super) fn List(datasets: Vec<Dataset>, query: RwSignal<String>, upload: Upload, may_load: bool) -> impl IntoView {
    if datasets.is_empty() {
        let text = if may_load {
            "Drop a file anywhere on this page, or choose one. CSV, TSV, JSON, Parquet, Excel and Arrow are read."
        } else {
            "Datasets that are shared with you appear here. Ask their owner, or an administrator."
        };
        return view! {
            <EmptyState icon="database" title="No datasets yet" text>
                {may_load
                    .then(|| {
                        view! { <Button icon="upload" on_click=move |()| upload.choose(None)>"Choose a file"</Button> }
                    })}
            </EmptyState>
        }
        .into_any();
    }
    let folders = Folders::of(Thing::Dataset);
    let total = datasets.len() as u64;
    let datasets = StoredValue::new(datasets);
    let found = Memo::new(move |_| {
        let wanted = query.get().trim().to_lowercase();
        let fits = |d: &&Dataset| {
            folders.has(&d.id)
                && [&d.label, &d.name, &d.description, &d.owner_name]
                    .iter()
                    .any(|text| text.to_lowercase().contains(&wanted))
        };
        datasets.with_value(|all| all.iter().filter(fits).cloned().collect::<Vec<_>>())
    });
    let none = move || found.with(Vec::is_empty);
    let table = move || {
        let head = vec![
            Head::text("Dataset"),
            Head::number("Rows"),
            Head::number("Columns"),
            Head::number("Size"),
            Head::text("Owner"),
            Head::text("Changed"),
        ];
        view! {
            <Card flush=true>
                <Table caption="Datasets" head>
                    <For each=move || found.get() key=|d| (d.id.clone(), d.version, d.updated_at.clone()) children=move |d| row(d, folders)/>
                </Table>
            </Card>
        }
    };
    view! {
        <div class="toolbar">
            <SearchInput value=query on_input=move |text| query.set(text) label="Search datasets"/>
            <FolderFilter folders/>
            <p class="data-count num" role="status">
                {move || {
                    let shown = found.with(Vec::len) as u64;
                    if shown == total { plural(total, "dataset") } else { format!("{} of {}", count(shown), plural(total, "dataset")) }
                }}
            </p>
        </div>
        <Show
            when=move || !none()
            fallback=move || {
                view! {
                    <EmptyState icon="search" title="Nothing found" text="No label, name, description or owner has these words.">
                        <Button on_click=move |()| query.set(String::new())>"Clear search"</Button>
                    </EmptyState>
                }
            }
        >
            {table()}
        </Show>
    }
    .into_any()
}

fn row(dataset: Dataset, folders: Folders) -> impl IntoView {
    let href = format!("/data/{}", dataset.name);
    let name = dataset.name.clone();
    // What lies in a source is not counted for a list, and takes no room here.
    let elsewhere = dataset.lies_elsewhere();
    let rows = if (elsewhere || dataset.is_narrowed) && dataset.row_count == 0 {
        "—".to_owned()
    } else {
        count(dataset.row_count)
    };
    let size = if elsewhere { "—".to_owned() } else { bytes(dataset.bytes as f64) };
    view! {
        <tr data-testid="dataset-row" data-name=name>
            <td class="dataset-cell">
                <a href=href class="dataset-link">{dataset.label}</a>
                {dataset.is_public.then(|| view! { <Badge icon="globe">"Public"</Badge> })}
                <code class="dataset-name">{dataset.name}</code>
                <FolderName folders id=dataset.id/>
            </td>
            <td class="num">{rows}</td>
            <td class="num">{count(dataset.columns.len() as u64)}</td>
            <td class="num">{size}</td>
            <td>{dataset.owner_name}</td>
            <td><Time iso=dataset.updated_at/></td>
        </tr>
    }
    .into_any()
}
