//! What the tile would show, while it is edited.

use super::editor::Editor;
use crate::api::tiles::preview_tile;
use crate::components::{EmptyState, ErrorState, Skeleton, debounced};
use crate::tiles::{TileContent, nothing, spec_of};
use domain::chart::Encodings;
use domain::{Error, Tile};
use leptos::prelude::*;

/// A pause in typing and clicking this long, in milliseconds, and the question is asked.
const PAUSE: u64 = 250;

/// The tile as far as it decides about the rows.
fn question(tile: &Tile) -> Tile {
    let mut bare = Tile { title: String::new(), text: None, position: Default::default(), tab: None, ..tile.clone() };
    if let Some(source) = &mut bare.data_source {
        source.encodings = Encodings::default();
        source.options.clear();
    }
    // All drawn kinds ask the same.
    bare.chart_type = None;
    bare
}

#[component]
pub(super) fn Preview(editor: Editor) -> impl IntoView {
    let data = RwSignal::new(nothing());
    let has = RwSignal::new(false);
    let failed = RwSignal::new(None::<Error>);
    let loading = RwSignal::new(false);
    let round = StoredValue::new(0u32);
    let asks = Memo::new(move |_| editor.draft.with(|d| d.asks()));
    let wanted = Memo::new(move |_| asks.get().then(|| question(&editor.draft.get().into_tile(&editor.tile.get()))));
    let ask = debounced(
        PAUSE,
        Callback::new(move |()| {
            let Some(_) = wanted.get_untracked() else { return };
            let tile = editor.draft.get_untracked().into_tile(&editor.tile.get_untracked());
            round.update_value(|r| *r += 1);
            let own = round.get_value();
            leptos::task::spawn_local(async move {
                let answer = preview_tile(tile).await;
                if round.try_get_value() != Some(own) {
                    return;
                }
                _ = loading.try_set(false);
                match answer {
                    Ok(answer) => {
                        _ = editor.rows.try_set(Some(answer.table.row_count()));
                        _ = failed.try_set(None);
                        _ = data.try_set(answer);
                        _ = has.try_set(true);
                    }
                    Err(error) => _ = failed.try_set(Some(error.into())),
                }
            });
        }),
    );
    Effect::new(move |_| {
        if wanted.with(Option::is_some) {
            loading.set(true);
            ask.run(());
        } else {
            has.set(false);
            failed.set(None);
            loading.set(false);
            editor.rows.set(None);
        }
    });
    let spec = Signal::derive(move || spec_of(&editor.draft.get().into_tile(&editor.tile.get())));
    let is_empty = Memo::new(move |_| data.with(|d| d.reading.is_none() && d.table.row_count() == 0));
    let body = move || {
        if !asks.get() {
            return view! {
                <EmptyState compact=true icon="chart-column" title="Nothing to show yet" text="Pick a dataset, then add fields."/>
            }
            .into_any();
        }
        if let Some(error) = failed.get() {
            return view! { <ErrorState compact=true error retry=move |()| ask.run(())/> }.into_any();
        }
        if !has.get() {
            return view! { <Skeleton height="100%"/> }.into_any();
        }
        if is_empty.get() {
            return view! { <EmptyState compact=true icon="filter" title="No rows match" text="Change or remove a filter."/> }.into_any();
        }
        view! {
            <TileContent
                data
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
            class:is-stale=move || loading.get() && has.get()
            data-testid="preview-report"
            aria-busy=move || loading.get().then_some("true")
        >
            {body}
        </div>
    }
    .into_any()
}
