//! The answer: as a chart and as a table, side by side, and how it came about.

use super::state::Explore;
use crate::components::*;
use crate::pages::insights::ExplainAnswer;
use crate::tiles::panel::{KindOptions, KindPicker};
use crate::tiles::{SheetView, TileContent, locale};
use domain::ChartKind;
use domain::format::{Format, number};
use leptos::prelude::*;

/// A wait longer than this is told in seconds.
const LONG: u32 = 2;

#[component]
pub(super) fn Answer(explore: Explore) -> impl IntoView {
    let asked = explore.asked;
    let sql = Memo::new(move |_| asked.data.with(|d| d.sql.clone()).filter(|_| asked.has.get()));
    let tab = RwSignal::new("answer".to_owned());
    let tabs = Signal::derive(move || {
        let query = sql.with(Option::is_some).then(|| TabItem::new("sql", "SQL"));
        std::iter::once(TabItem::new("answer", "Answer")).chain(query).collect::<Vec<_>>()
    });
    let answered = Signal::derive(move || {
        let is_there = asked.has.get() && asked.failed.with(Option::is_none) && !asked.loading.get();
        is_there.then(|| explore.question.with(|q| q.query.clone()))
    });
    let chosen = Signal::derive(move || if sql.with(Option::is_none) { "answer".to_owned() } else { tab.get() });
    view! {
        <section class="explore-answer" aria-label="Answer" data-testid="explore-answer">
            <div class="toolbar">
                <Kinds explore/>
                <Popover label="Options of the chart" icon="settings" panel_class="explore-options">
                    <KindOptions editor=explore.editor/>
                </Popover>
                <Meta explore/>
            </div>
            <Show when=move || sql.with(Option::is_some)>
                <Tabs label="The answer and its query" tabs value=chosen on_change=move |id: String| tab.set(id)/>
            </Show>
            <ExplainAnswer query=answered/>
            <div class="explore-tab" hidden=move || chosen.with(|c| c != "answer")><Shown explore/></div>
            <Show when=move || chosen.with(|c| c == "sql")>
                <div class="explore-sql" data-testid="explore-sql">
                    <CopyButton text=Signal::derive(move || sql.get().unwrap_or_default()) label="Copy SQL" variant=Variant::Secondary/>
                    <pre class="mono" tabindex="0" aria-label="SQL of the question">{move || sql.get()}</pre>
                </div>
            </Show>
        </section>
    }
    .into_any()
}

/// The kind it is drawn as, and the others.
#[component]
fn Kinds(explore: Explore) -> impl IntoView {
    let by_hand = Memo::new(move |_| explore.question.with(|q| q.kind.is_some()));
    let face = move || {
        let icon = move || {
            view! { <Icon name=charts::kinds::get(explore.shown.get()).info.icon/> }
        };
        view! {
            {icon}
            <span class="btn-label">{move || explore.editor.kind_label(explore.shown.get())}</span>
            <Show when=move || !by_hand.get()><span class="muted small">"suggested"</span></Show>
            <Icon name="chevron-down"/>
        }
    };
    view! {
        <Popover label="Kind of chart" face panel_class="explore-kinds">
            <KindPicker editor=explore.editor/>
            <Show when=move || by_hand.get()>
                <Button size=Size::Small variant=Variant::Ghost icon="sparkles" on_click=move |()| explore.follow_kind()>
                    "Let the question decide"
                </Button>
            </Show>
            <LinkButton href="/charts" size=Size::Small variant=Variant::Ghost icon="chart-column">"See every kind with real data"</LinkButton>
        </Popover>
    }
    .into_any()
}

/// How many rows, how long it took.
#[component]
fn Meta(explore: Explore) -> impl IntoView {
    let asked = explore.asked;
    let seconds = use_seconds(asked.loading.into());
    let words = move || {
        if asked.loading.get() {
            return (seconds.get() >= LONG).then(|| format!("{} s", seconds.get()));
        }
        let shows = asked.has.get() && asked.failed.with(Option::is_none);
        shows.then(|| {
            asked.data.with(|d| {
                let count = |n: f64| number(n, &Format::default(), false, &locale());
                let rows = d.table.row_count();
                let more = if d.table.truncated { ", there are more" } else { "" };
                let word = if rows == 1 { "row" } else { "rows" };
                let time =
                    if d.cached { "from the cache".to_owned() } else { format!("{} ms", count(d.elapsed_ms.ceil())) };
                format!("{} {word}{more} · {time}", count(rows as f64))
            })
        })
    };
    let slow = Memo::new(move |_| asked.loading.get() && seconds.get() >= LONG);
    view! {
        <p class="explore-meta muted small num" data-testid="explore-meta">{words}</p>
        <Show when=move || slow.get()>
            <Button size=Size::Small on_click=move |()| asked.cancel() attr:data-testid="cancel-question">"Cancel"</Button>
        </Show>
    }
}

/// Chart and table, one of them, or why there is neither.
#[component]
fn Shown(explore: Explore) -> impl IntoView {
    let asked = explore.asked;
    let spec =
        Signal::derive(move || explore.question.with(|q| explore.editor.spec_of(&q.to_tile(explore.shown.get()))));
    let kept = use_local_storage("orrery.explore.view", "both");
    let is_sheet = Memo::new(move |_| matches!(explore.shown.get(), ChartKind::Table | ChartKind::Pivot));
    let has_chart = Memo::new(move |_| kept.with(|k| k != "table") || is_sheet.get());
    let has_table = Memo::new(move |_| kept.with(|k| k != "chart") && !is_sheet.get());
    let rows = Memo::new(move |_| asked.data.with(|d| d.table.row_count()));
    // An error that belongs to no step is told here.
    let failed = Memo::new(move |_| asked.failed.get());
    let body = move || {
        if let Some(error) = explore.unreadable.get() {
            return view! { <ErrorState error retry=move |()| explore.renew()/> }.into_any();
        }
        if !asked.asks.get() {
            return view! {
                <EmptyState icon="chart-column" title="Nothing asked yet" text="Pick a dataset, then click the fields you want to see."/>
            }
            .into_any();
        }
        if let Some(error) = failed.get() {
            return view! { <ErrorState error retry=move |()| asked.ask()/> }.into_any();
        }
        if !asked.has.get() {
            return view! { <Skeleton height="24rem"/> }.into_any();
        }
        if rows.get() == 0 {
            return view! { <EmptyState icon="filter" title="No rows match" text="Change or remove a filter."/> }
                .into_any();
        }
        view! {
            <Show when=move || !is_sheet.get()>
                <SegmentedControl
                    label="What is shown"
                    segments=vec![
                        Segment::icon("both", "Chart and table", "columns-3"),
                        Segment::icon("chart", "Chart only", "chart-column"),
                        Segment::icon("table", "Table only", "table"),
                    ]
                    value=kept
                    on_change=move |word: String| kept.set(word)
                />
            </Show>
            <div class="explore-pair" class:is-both=move || has_chart.get() && has_table.get()>
                <Show when=move || has_chart.get()>
                    <div class="explore-chart" data-testid="explore-chart">
                        <TileContent data=asked.data spec title="Answer" on_ready=|()| () on_error=|_| ()/>
                    </div>
                </Show>
                <Show when=move || has_table.get()>
                    <div class="explore-table" data-testid="explore-table">
                        <SheetView data=asked.data label="Rows of the answer"/>
                    </div>
                </Show>
            </div>
        }
        .into_any()
    };
    view! {
        <div
            class="explore-shown"
            class:is-stale=move || asked.loading.get() && asked.has.get()
            data-testid="explore-shown"
            data-kind=move || explore.shown.get().as_str().to_owned()
            aria-busy=move || asked.loading.get().then_some("true")
        >
            {body}
        </div>
    }
    .into_any()
}
