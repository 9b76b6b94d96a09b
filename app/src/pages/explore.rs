//! Explore: any question of any dataset, built from the top down without SQL, answered while it is
//! built, and kept in the address.

mod answer;
mod calculate;
mod calendar;
mod history;
mod join;
mod look;
mod preview;
pub(crate) mod question;
mod report;
pub(crate) mod save;
mod state;
mod step;
mod steps;
mod top;

use crate::api::tiles::preview_tile;
use crate::components::*;
use crate::pages::dashboard::csv;
use crate::session::use_session;
use crate::tiles::panel::FieldList;
use domain::query::MAX_LIMIT;
use domain::{Error, Tile, UserRole};
use history::{HistoryMenu, keep, words};
use leptos::prelude::*;
use look::{FieldLook, Look};
use report::CreateReport;
use save::AddToDashboard;
use state::Explore;

/// The parts of the page that a phone shows one at a time.
const QUESTION: &str = "question";
const ANSWER: &str = "answer";

/// The page.
#[component]
pub fn ExplorePage() -> impl IntoView {
    if !use_session().has_role(UserRole::Explorer) {
        let error =
            Error::forbidden("To ask questions of your own you need the role explorer.").hint("Ask an administrator.");
        return view! { <Page><PageHeader title="Explore"/><ErrorState error/></Page> }.into_any();
    }
    view! { <Page><Asking/></Page> }.into_any()
}

#[component]
fn Asking() -> impl IntoView {
    let explore = Explore::new();
    let kept = keep(explore);
    let look = Look::new(explore);
    let editor = explore.editor;
    let ready = Memo::new(move |_| !editor.loading.get() || !editor.sources.with(|s| s.datasets.is_empty()));
    let has_dataset = Memo::new(move |_| editor.dataset.with(Option::is_some));
    let said = Memo::new(move |_| words(explore));
    let tile = Signal::derive(move || {
        let asks = explore.asked.asks.get();
        asks.then(|| explore.question.with(|q| q.to_tile(explore.shown.get())))
    });
    let title = Signal::derive(move || said.with(|text| text.split(", ").next().unwrap_or_default().to_owned()));
    let none = Signal::derive(move || !explore.asked.asks.get());
    // On a phone there is room for one of them.
    let part = RwSignal::new(if explore.asked.asks.get_untracked() { ANSWER } else { QUESTION }.to_owned());
    let busy = RwSignal::new(false);
    let writes_sql = use_session().writes_sql();
    let toasts = use_toasts();
    let download = move |()| {
        let Some(tile) = tile.get_untracked() else { return };
        busy.set(true);
        let name = title.get_untracked();
        leptos::task::spawn_local(async move {
            let answer = preview_tile(whole(tile)).await;
            _ = busy.try_set(false);
            match answer {
                Ok(data) => {
                    csv::save(&format!("{}.csv", csv::file_name(&name)), "text/csv;charset=utf-8", &csv::of(&data));
                    if data.table.truncated {
                        toasts.info(format!(
                            "The file has the first {} rows. Narrow the question to get the rest.",
                            data.table.row_count()
                        ));
                    }
                }
                Err(error) => toasts.error(&error.0),
            }
        });
    };
    view! {
        <div class="explore" data-testid="explore">
            <PageHeader title="Explore" plain=true>
                <div class="board-steps">
                    <IconButton
                        icon="undo-2"
                        label="Undo"
                        disabled=Signal::derive(move || !explore.can_undo())
                        on_click=move |()| explore.undo()
                        attr:data-testid="undo"
                    />
                    <IconButton
                        icon="redo-2"
                        label="Redo"
                        disabled=Signal::derive(move || !explore.can_redo())
                        on_click=move |()| explore.redo()
                        attr:data-testid="redo"
                    />
                </div>
                <Button icon="plus" title="New question (n)" on_click=move |()| explore.renew()>"New"</Button>
                <HistoryMenu kept/>
                <Button icon="download" disabled=none busy on_click=download>"Download CSV"</Button>
                <CreateReport explore title none/>
                {writes_sql.then(|| view! { <LinkButton href="/sql" icon="square-terminal">"SQL"</LinkButton> })}
                <AddToDashboard tile title/>
            </PageHeader>
            <p class="explore-sentence" role="status" data-testid="question-sentence">{move || said.get()}</p>
            <div class="explore-part">
                <SegmentedControl
                    label="Part of the page"
                    segments=vec![
                        Segment::new(QUESTION, "Question"),
                        Segment::new(ANSWER, "Answer"),
                    ]
                    value=part
                    on_change=move |word: String| part.set(word)
                />
            </div>
            <div
                class="explore-body"
                class:has-dataset=move || has_dataset.get()
                class:shows-answer=move || part.with(|p| p == ANSWER)
            >
                <Show when=move || ready.get() fallback=|| view! { <Skeleton height="24rem"/> }>
                    <Show when=move || has_dataset.get()>
                        <aside class="explore-fields" aria-label="Fields">
                            <FieldList editor on_look=look.on_look/>
                            <FieldLook look/>
                        </aside>
                    </Show>
                    <steps::Steps explore/>
                </Show>
                <answer::Answer explore/>
            </div>
        </div>
    }
    .into_any()
}

/// The question with as many rows as a file may have, unless it says itself how many.
fn whole(mut tile: Tile) -> Tile {
    if let Some(query) = tile.data_source.as_mut().and_then(|source| source.query.as_mut()) {
        query.limit = query.limit.or(Some(MAX_LIMIT));
    }
    tile
}
