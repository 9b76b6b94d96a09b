//! What an alert watches: a metric, or a tile of a dashboard.

use crate::api::alerts::{Named, alert_dimensions, tiles_to_watch, what_to_watch};
use crate::components::*;
use crate::pages::deeds::Answer;
use domain::alert::Subject;
use leptos::prelude::*;

fn choices(named: &[Named]) -> Vec<Choice> {
    named.iter().map(|n| Choice::new(n.id.clone(), n.name.clone())).collect()
}

/// The choice of what is watched. Without a tile or a metric the subject is not complete.
#[component]
pub(super) fn SubjectFields(subject: Signal<Subject>, #[prop(into)] on_change: Callback<Subject>) -> impl IntoView {
    let all = Answer::of(what_to_watch);
    let known = Memo::new(move |_| all.get().and_then(Result::ok).unwrap_or_default());
    let is_tile = Memo::new(move |_| subject.with(|s| matches!(s, Subject::Tile { .. })));
    let metrics = Signal::derive(move || known.with(|k| choices(&k.metrics)));
    let boards = Signal::derive(move || known.with(|k| choices(&k.dashboards)));
    let metric = Signal::derive(move || subject.with(|s| s.metric().unwrap_or_default().to_owned()));
    let board = Memo::new(move |_| {
        subject.with(|s| match s {
            Subject::Tile { dashboard, .. } => dashboard.clone(),
            _ => String::new(),
        })
    });
    let tile = Signal::derive(move || {
        subject.with(|s| match s {
            Subject::Tile { tile, .. } => tile.clone(),
            _ => String::new(),
        })
    });
    let tiles = Answer::of(move || {
        let board = board.get();
        async move { if board.is_empty() { Ok(Vec::new()) } else { tiles_to_watch(board).await } }
    });
    let tiles = Signal::derive(move || tiles.get().and_then(Result::ok).map(|t| choices(&t)).unwrap_or_default());
    let of_tile = |dashboard: String, tile: String| Subject::Tile { dashboard, tile, query: None };
    let turn = move |kind: String| {
        on_change.run(match kind.as_str() {
            "tile" => of_tile(String::new(), String::new()),
            _ => Subject::Metric { id: String::new() },
        });
    };
    let kinds = || vec![Segment::new("metric", "Metric"), Segment::new("tile", "Tile of a dashboard")];
    let fields = move || {
        if is_tile.get() {
            view! {
                <div class="form-row">
                    <Field label="Dashboard">
                        <Combobox options=boards value=board on_change=move |v| on_change.run(of_tile(v, String::new())) placeholder="Choose a dashboard"/>
                    </Field>
                    <Field label="Tile">
                        <Select options=tiles value=tile on_change=move |v| on_change.run(of_tile(board.get_untracked(), v)) placeholder="Choose a tile"/>
                    </Field>
                </div>
            }
            .into_any()
        } else {
            view! {
                <Field label="Metric">
                    <Combobox options=metrics value=metric on_change=move |id| on_change.run(Subject::Metric { id }) placeholder="Choose a metric"/>
                </Field>
            }
            .into_any()
        }
    };
    // It is about its own forecast, with a condition of its own.
    if let Some(id) = subject.with_untracked(|s| if let Subject::Forecast { id } = s { Some(id.clone()) } else { None })
    {
        return view! { <p>"Each new value of "<a href=format!("/forecasts/{id}")>"the forecast"</a>", against what was forecast before it came."</p> }.into_any();
    }
    view! {
        <SegmentedControl
            label="Watch"
            segments=kinds()
            value=Signal::derive(move || if is_tile.get() { "tile" } else { "metric" }.to_owned())
            on_change=turn
        />
        {fields}
    }
    .into_any()
}

/// Whether it is known what to watch.
pub(super) fn is_whole(subject: &Subject) -> bool {
    match subject {
        Subject::Metric { id } | Subject::Forecast { id } => !id.is_empty(),
        Subject::Tile { dashboard, tile, .. } => !dashboard.is_empty() && !tile.is_empty(),
        Subject::Query { .. } => true,
    }
}

/// For each value of a column, or for all together.
#[component]
pub(super) fn EachField(
    subject: Signal<Subject>,
    value: Signal<Option<String>>,
    #[prop(into)] on_change: Callback<Option<String>>,
) -> impl IntoView {
    let found = Answer::of(move || {
        let subject = subject.get();
        async move { if is_whole(&subject) { alert_dimensions(subject).await } else { Ok(Vec::new()) } }
    });
    let options = Signal::derive(move || {
        let mut all = vec![Choice::new("", "All together")];
        all.extend(found.get().and_then(Result::ok).iter().flat_map(|named| choices(named)));
        let present = value.get().unwrap_or_default();
        if !all.iter().any(|c| c.value == present) {
            all.push(Choice::new(present.clone(), domain::names::to_label(&present)));
        }
        all
    });
    view! {
        <Field label="Apart" hint="One state for each value, such as each region.">
            <Select
                options
                value=Signal::derive(move || value.get().unwrap_or_default())
                on_change=move |v: String| on_change.run((!v.is_empty()).then_some(v))
            />
        </Field>
    }
    .into_any()
}
