//! The rows behind a tile, or a mark of it, page by page.

use super::connected::{Behind, opened};
use super::stage::use_stage;
use crate::api::connect::read_tile_rows;
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::tiles::{SheetView, locale, nothing};
use domain::api::{RowsRequest, TileData};
use domain::format::{self, Format};
use leptos::prelude::*;

/// Rows of one page.
const PAGE: u64 = 100;

fn number(n: u64) -> String {
    format::number(n as f64, &Format::default(), false, &locale())
}

/// A dialog with the rows; it is there while they are looked at.
#[component]
pub(crate) fn RowsDialog() -> impl IntoView {
    let stage = use_stage();
    let Some(Behind::Rows { tile, on }) = stage.behind.get_untracked() else { return ().into_any() };
    let open = opened(stage);
    let words = if on.is_empty() { String::new() } else { stage.words_of(&tile, std::slice::from_ref(&on)) };
    let words = move || (!words.is_empty()).then(|| view! { <p class="muted">{words.clone()}</p> });
    let title = format!("Rows of {}", stage.tile_name(&tile));
    let page = RwSignal::new(0_u64);
    let asked = {
        let (dashboard, ask) = (stage.board.id(), stage.ask_now(&tile, &on));
        Answer::of(move || {
            let request = RowsRequest { limit: Some(PAGE), offset: page.get() * PAGE, ..RowsRequest::default() };
            read_tile_rows(dashboard.clone(), tile.clone(), ask.clone(), request)
        })
    };
    let total = Memo::new(move |before: Option<&u64>| match asked.get() {
        Some(Ok(rows)) => rows.total,
        _ => before.copied().unwrap_or_default(),
    });
    let data = RwSignal::new(nothing());
    Effect::new(move |_| {
        if let Some(Ok(rows)) = asked.get() {
            data.set(TileData { table: rows.table, ..nothing() });
        }
    });
    let body = move || match asked.get() {
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| asked.refetch()/> }.into_any(),
        None if total.get() == 0 => view! { <Skeleton lines=8/> }.into_any(),
        Some(Ok(rows)) if rows.total == 0 => {
            view! { <EmptyState compact=true icon="filter" title="No rows" text="Nothing matches any more."/> }
                .into_any()
        }
        _ => view! { <div class="rows-sheet"><SheetView data label="Rows"/></div> }.into_any(),
    };
    let range = move || {
        let (from, all) = (page.get() * PAGE, total.get());
        if all == 0 {
            String::new()
        } else {
            format!("{} to {} of {}", number(from + 1), number((from + PAGE).min(all)), number(all))
        }
    };
    let footer = move || {
        view! {
            <span class="num muted grow" role="status" data-testid="rows-range">{range}</span>
            <Button disabled=Signal::derive(move || page.get() == 0) on_click=move |()| page.update(|p| *p -= 1)>"Previous"</Button>
            <Button
                disabled=Signal::derive(move || (page.get() + 1) * PAGE >= total.get())
                on_click=move |()| page.update(|p| *p += 1)
            >
                "Next"
            </Button>
        }
    };
    view! {
        <Dialog open title size=DialogSize::Full footer>
            <div class="stack" data-testid="tile-rows">
                {words.clone()}
                {body}
            </div>
        </Dialog>
    }
    .into_any()
}
