//! Where the data comes from: a dataset or a metric.

use super::editor::Editor;
use crate::components::{Choice, Combobox, ErrorState};
use domain::format::{self, Format};
use leptos::prelude::*;

#[component]
pub(crate) fn SourcePicker(
    editor: Editor,
    /// Only data that can be asked: no metrics.
    #[prop(optional)]
    datasets_only: bool,
) -> impl IntoView {
    let options = Signal::derive(move || {
        editor.sources.with(|sources| {
            let rows = |n: u64| format::number(n as f64, &Format::default(), true, &crate::tiles::locale());
            let datasets = sources.datasets.iter().map(|d| {
                let hint = if d.origin == "sql" {
                    "SQL".to_owned()
                } else if d.is_narrowed {
                    "Some of its rows".to_owned()
                } else {
                    format!("{} rows", rows(d.row_count))
                };
                Choice::new(format!("dataset:{}", d.name), d.label.clone()).hint(hint)
            });
            let metrics =
                sources.metrics.iter().map(|m| Choice::new(format!("metric:{}", m.id), m.name.clone()).hint("metric"));
            datasets.chain(metrics.filter(|_| !datasets_only)).collect::<Vec<_>>()
        })
    });
    let value = Signal::derive(move || {
        let metric = editor.draft.with(|d| d.metric.clone());
        let dataset = || editor.dataset.with(|d| d.as_ref().map(|d| format!("dataset:{}", d.name)));
        metric.map(|id| format!("metric:{id}")).or_else(dataset).unwrap_or_default()
    });
    let choose = move |choice: String| match choice.split_once(':') {
        // A SELECT of the tile itself has no name, and is chosen already.
        Some(("dataset", name)) if !name.is_empty() => editor.choose_dataset(name),
        Some(("metric", id)) => editor.edit(|draft, _, _| draft.set_metric(id)),
        _ => {}
    };
    let gone = move || {
        let named = editor.draft.with(|d| d.metric.is_none() && !d.query.dataset.is_empty());
        named && !editor.loading.get() && editor.failed.with(Option::is_none) && editor.dataset.with(Option::is_none)
    };
    let none = move || !editor.loading.get() && editor.failed.with(Option::is_none) && options.with(Vec::is_empty);
    view! {
        <div class="stack-tight" data-testid="data-source-select">
            <Combobox
                label=if datasets_only { "Dataset" } else { "Dataset or metric" }
                placeholder=if datasets_only { "Search datasets" } else { "Search datasets and metrics" }
                options
                value
                on_change=choose
            />
            {move || editor.failed.get().map(|error| view! { <ErrorState compact=true error retry=move |()| editor.load()/> })}
            <Show when=gone>
                <p class="field-error" role="alert">"This dataset is gone, or not shared with you. Pick another one."</p>
            </Show>
            <Show when=none>
                <p class="muted small">"There is no data yet. "<a href="/data">"Upload a file"</a>" first."</p>
            </Show>
        </div>
    }
    .into_any()
}
