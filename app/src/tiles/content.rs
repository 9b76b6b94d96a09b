//! An answer on the screen, by the kind of its chart, with what one must know to read it.

use super::chart::ChartView;
use super::is_gone;
use super::notes::Notes;
use super::number::NumberTile;
use super::pivot::PivotTable;
use super::select::Connect;
use super::sheet::SheetView;
use crate::components::EmptyState;
use domain::api::TileData;
use domain::{ChartKind, ChartSpec, Error};
use leptos::prelude::*;

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Sheet,
    Pivot,
    Number,
    Chart,
    /// Its plug-in was removed.
    Gone,
}

/// Shows an answer. `on_ready` is called by charts, once they are drawn; the others are there when
/// the page is.
#[component]
pub fn TileContent(
    #[prop(into)] data: Signal<TileData>,
    /// The chart, where it is newer than the one the data came with.
    #[prop(into)]
    spec: Signal<ChartSpec>,
    #[prop(into)] title: Signal<String>,
    /// The rows in place of the chart.
    #[prop(optional, into)]
    as_table: Signal<bool>,
    /// Marks may move to the places of new rows.
    #[prop(optional, into)]
    moves: Signal<bool>,
    #[prop(into)] on_ready: Callback<()>,
    #[prop(into)] on_error: Callback<Error>,
    /// The page around it, where marks can be chosen.
    #[prop(optional)]
    connect: Option<Connect>,
) -> impl IntoView {
    let notes = RwSignal::new(Vec::new());
    // What a plug-in is drawn by comes with the data, where the page does not have it.
    let spec: Signal<ChartSpec> = Signal::from(Memo::new(move |_| {
        let mut spec = spec.get();
        if spec.plugin.is_none() && matches!(spec.kind, ChartKind::Plugin(_)) {
            spec.plugin = data.with(|d| d.spec.plugin.clone().filter(|_| d.spec.kind == spec.kind));
        }
        spec
    }));
    let form = Memo::new(move |_| {
        let (kind, reads) = (spec.with(|s| s.kind), data.with(|d| d.reading.is_some()));
        match kind {
            // A metric is one number, however it is asked to be shown.
            _ if reads => Form::Number,
            ChartKind::Table => Form::Sheet,
            ChartKind::Pivot => Form::Pivot,
            _ if as_table.get() => Form::Sheet,
            ChartKind::Number => Form::Number,
            _ if spec.with(|s| data.with(|d| is_gone(s, d))) => Form::Gone,
            _ => Form::Chart,
        }
    });
    let body = move || {
        notes.set(Vec::new());
        match form.get() {
            Form::Sheet => match connect {
                Some(connect) => view! { <SheetView data spec label=title connect/> }.into_any(),
                None => view! { <SheetView data spec label=title/> }.into_any(),
            },
            Form::Pivot => view! { <PivotTable data spec label=title/> }.into_any(),
            Form::Number => view! { <NumberTile data spec/> }.into_any(),
            Form::Gone => view! {
                <EmptyState
                    compact=true
                    icon="blocks"
                    title="This kind of chart was removed"
                    text=Signal::derive(move || spec.with(gone_words))
                />
            }
            .into_any(),
            Form::Chart => match connect {
                Some(connect) => view! { <ChartView data spec moves on_ready on_error notes connect/> }.into_any(),
                None => view! { <ChartView data spec moves on_ready on_error notes/> }.into_any(),
            },
        }
    };
    view! {
        <div class="tile-content">
            {body}
            <Notes data notes is_sheet=Signal::derive(move || form.get() == Form::Sheet)/>
        </div>
    }
    .into_any()
}

/// What there is to do about a plug-in that was removed.
fn gone_words(spec: &ChartSpec) -> String {
    let name = if let ChartKind::Plugin(name) = &spec.kind { name.name() } else { "" };
    format!("The plug-in “{name}” is no longer installed. View the tile as a table, or choose another kind of chart.")
}
