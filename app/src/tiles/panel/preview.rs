//! What the tile would show, while it is edited.

use super::asked::Asked;
use super::editor::Editor;
use crate::components::{EmptyState, ErrorState, Skeleton};
use crate::tiles::TileContent;
use leptos::prelude::*;

#[component]
pub(super) fn Preview(editor: Editor) -> impl IntoView {
    let asked = Asked::new(editor);
    let spec = Signal::derive(move || editor.spec_of(&editor.draft.get().into_tile(&editor.tile.get())));
    let is_empty = Memo::new(move |_| asked.data.with(|d| d.reading.is_none() && d.table.row_count() == 0));
    let body = move || {
        if !asked.asks.get() {
            return view! {
                <EmptyState compact=true icon="chart-column" title="Nothing to show yet" text="Pick a dataset, then add fields."/>
            }
            .into_any();
        }
        if let Some(error) = asked.failed.get() {
            return view! { <ErrorState compact=true error retry=move |()| asked.ask()/> }.into_any();
        }
        if !asked.has.get() {
            return view! { <Skeleton height="100%"/> }.into_any();
        }
        if is_empty.get() {
            return view! { <EmptyState compact=true icon="filter" title="No rows match" text="Change or remove a filter."/> }.into_any();
        }
        view! {
            <TileContent
                data=asked.data
                spec
                title="Preview"
                on_ready=|()| ()
                on_error=|_| ()
            />
        }
        .into_any()
    };
    view! {
        <div
            class="preview"
            class:is-stale=move || asked.loading.get() && asked.has.get()
            data-testid="preview-report"
            aria-busy=move || asked.loading.get().then_some("true")
        >
            {body}
        </div>
    }
    .into_any()
}
