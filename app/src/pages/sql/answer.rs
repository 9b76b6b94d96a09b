//! What came of a statement: its rows, its plan, or why there are none.

use super::plan::Plan;
use super::state::{Shown, Task, Work, data_of};
use crate::api::sql::run_sql;
use crate::components::*;
use crate::pages::dashboard::csv;
use crate::pages::data::{count, plural};
use crate::tiles::SheetView;
use domain::query::MAX_LIMIT;
use domain::sql::SqlRequest;
use domain::{Error, ErrorCode};
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub(super) fn Answer(work: Work) -> impl IntoView {
    let failed = Memo::new(move |_| work.failed.get());
    let shown = Memo::new(move |_| work.shown.get());
    let rows = Memo::new(move |_| work.data.with(|d| d.table.row_count()));
    let body = move || {
        if let Some(error) = failed.get() {
            return view! { <Failed work error/> }.into_any();
        }
        match shown.get() {
            Shown::Nothing if work.running.with(Option::is_some) => view! { <Skeleton height="12rem"/> }.into_any(),
            Shown::Nothing => view! {
                <EmptyState compact=true icon="square-terminal" title="Nothing asked yet" text="Write a SELECT and run it. A click on a name on the left writes it at the cursor."/>
            }
            .into_any(),
            Shown::Plan(steps) => view! { <Plan steps/> }.into_any(),
            Shown::Rows if rows.get() == 0 => view! {
                <EmptyState compact=true icon="filter" title="No rows" text="The SELECT works, and nothing fits its conditions."/>
            }
            .into_any(),
            Shown::Rows => view! {
                <div class="sql-rows" data-testid="sql-rows"><SheetView data=work.data label="Rows of the answer"/></div>
            }
            .into_any(),
        }
    };
    view! {
        <section class="sql-answer" aria-label="Answer" data-testid="sql-answer" aria-busy=move || work.running.with(Option::is_some).then_some("true")>
            <div class="toolbar">
                <Meta work/>
                <Show when=move || failed.with(Option::is_none) && shown.with(|s| *s == Shown::Rows) && rows.get() != 0>
                    <div class="toolbar-end row"><Export work/></div>
                </Show>
            </div>
            <div class:is-stale=move || work.running.with(Option::is_some)>{body}</div>
        </section>
    }
    .into_any()
}

/// How many rows, how long it took, or how long it takes already.
#[component]
fn Meta(work: Work) -> impl IntoView {
    let words = move || {
        if let Some(task) = work.running.get() {
            let what = if task == Task::Run { "Running" } else { "Asking for the plan" };
            return format!("{what}, {} s", work.seconds.get());
        }
        if work.failed.with(Option::is_some) || work.shown.with(|s| *s != Shown::Rows) {
            return String::new();
        }
        work.data.with(|d| {
            let rows = plural(d.table.row_count() as u64, "row");
            let more = if d.table.truncated { ", there are more" } else { "" };
            format!("{rows}{more} · {} ms", count(d.elapsed_ms.ceil().max(0.0) as u64))
        })
    };
    view! { <p class="muted small num" role="status" data-testid="sql-meta">{words}</p> }
}

/// Why there is no answer.
#[component]
fn Failed(work: Work, error: Error) -> impl IntoView {
    let in_source = error.code == ErrorCode::NotSupported;
    let again = (error.code == ErrorCode::Cancelled || error.code.status() >= 500)
        .then(|| view! { <Button size=Size::Small icon="refresh-cw" on_click=move |()| work.ask(Task::Run)>"Run again"</Button> });
    view! {
        <div class="sql-failed" data-testid="sql-error">
            <Notice tone=if error.code == ErrorCode::Cancelled { Tone::Neutral } else { Tone::Bad }>
                <p><strong>{error.message}</strong>{error.hint.map(|hint| format!(" {hint}"))}</p>
                {in_source
                    .then(|| view! {
                        <p>"SQL reads datasets that were loaded. One that lies in a source is asked where it lies: "<a href="/explore">"ask it in Explore"</a>", or load its rows into a dataset."</p>
                    })}
                {again}
            </Notice>
        </div>
    }
    .into_any()
}

/// The rows as a file, or for another program.
#[component]
fn Export(work: Work) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let copied = Signal::derive(move || work.data.with(csv::text));
    let save = move |text: &str| csv::save("sql.csv", "text/csv;charset=utf-8", text);
    let download = move |()| {
        if !work.data.with_untracked(|d| d.table.truncated) {
            return save(&work.data.with_untracked(csv::of));
        }
        busy.set(true);
        spawn_local(async move {
            let answer = run_sql(SqlRequest { limit: Some(MAX_LIMIT), ..work.asked.get_value() }).await;
            _ = busy.try_set(false);
            match answer {
                Ok(answer) => {
                    let data = data_of(answer);
                    save(&csv::of(&data));
                    if data.table.truncated {
                        toasts.info(format!(
                            "The file has the first {}. Narrow the SELECT to get the rest.",
                            plural(MAX_LIMIT, "row")
                        ));
                    }
                }
                Err(error) => toasts.error(&error.0),
            }
        });
    };
    view! {
        <CopyButton text=copied label="Copy as CSV"/>
        <Button size=Size::Small variant=Variant::Ghost icon="download" busy on_click=download>"Download CSV"</Button>
    }
}
