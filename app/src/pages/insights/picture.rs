//! The small chart of a finding or a recommendation, drawn with the rows of its reader.

use crate::api::tiles::preview_tile;
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::pages::explore::question::Question;
use crate::tiles::TileContent;
use domain::Tile;
use domain::chart::{ChartSpec, Encodings};
use domain::insight::InsightView;
use leptos::prelude::*;

/// The tile that a view becomes on a dashboard.
pub(super) fn tile_of(view: &InsightView) -> Tile {
    let spec = ChartSpec::new(view.chart, Encodings::default(), serde_json::Map::new());
    let tile = Question::of(view.query.clone(), spec).to_tile(view.chart);
    Tile { title: view.title.clone(), ..tile }
}

/// The chart, called for those who do not see it by the same words that stand beside it.
#[component]
pub(super) fn Picture(view: InsightView, words: String) -> impl IntoView {
    let spec = Signal::stored(ChartSpec::new(view.chart, Encodings::default(), serde_json::Map::new()));
    let title = Signal::stored(view.title.clone());
    let tile = tile_of(&view);
    let answer = Answer::of(move || preview_tile(tile.clone()));
    let body = move || match answer.get() {
        None => view! { <Skeleton height="100%"/> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState compact=true error=error.0 retry=move |()| answer.refetch()/> }.into_any()
        }
        Some(Ok(data)) if data.table.row_count() == 0 => {
            view! { <p class="muted small">"No rows are left to draw."</p> }.into_any()
        }
        Some(Ok(data)) => {
            let data = Signal::stored(data);
            view! { <TileContent data spec title on_ready=|()| () on_error=|_| ()/> }.into_any()
        }
    };
    view! { <figure class="insight-picture" aria-label=words data-testid="insight-picture">{body}</figure> }.into_any()
}
