//! The first rows after a step.

use super::state::Explore;
use super::step::Step;
use crate::api::tiles::preview_tile;
use crate::components::{OneAtATime, PlainTable, Spinner, debounced};
use domain::dashboard::{DataSource, TileKind};
use domain::{Error, Query, Table, Tile};
use leptos::prelude::*;

/// A pause of this long, in milliseconds, and the rows are asked for.
const PAUSE: u64 = 350;

#[component]
pub(super) fn StepPreview(explore: Explore, step: Step) -> impl IntoView {
    let wanted = Memo::new(move |_| {
        explore.question.with(|q| explore.editor.columns.with(|columns| step.preview(&q.query, columns)))
    });
    let rows = RwSignal::new(None::<Result<Table, Error>>);
    let loading = RwSignal::new(false);
    let work = OneAtATime::new();
    let ask = debounced(
        PAUSE,
        Callback::new(move |query: Query| {
            let source = DataSource { query: Some(query), ..DataSource::default() };
            let tile = Tile { kind: TileKind::Table, data_source: Some(source), ..Tile::default() };
            work.start(async move {
                let answer = preview_tile(tile).await;
                _ = loading.try_set(false);
                _ = rows.try_set(Some(answer.map(|data| data.table).map_err(Into::into)));
            });
        }),
    );
    Effect::new(move |_| {
        work.cancel();
        match wanted.get() {
            Some(query) => {
                loading.set(true);
                ask.run(query);
            }
            None => {
                loading.set(false);
                rows.set(None);
            }
        }
    });
    let body = move || match rows.get() {
        Some(Ok(table)) if table.row_count() == 0 => {
            view! { <p class="muted small">"No rows are left."</p> }.into_any()
        }
        Some(Ok(table)) => view! { <PlainTable table label="First rows"/> }.into_any(),
        Some(Err(error)) => view! { <p class="field-error">{error.to_string()}</p> }.into_any(),
        None if loading.get() => view! { <Spinner/> }.into_any(),
        None => view! { <p class="muted small">"Nothing to show yet."</p> }.into_any(),
    };
    view! {
        <div
            class="step-preview"
            class:is-stale=move || loading.get()
            data-testid=format!("preview-{}", step.as_str())
            aria-busy=move || loading.get().then_some("true")
        >
            {body}
        </div>
    }
    .into_any()
}
