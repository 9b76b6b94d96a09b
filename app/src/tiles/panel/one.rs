//! One number of a dataset: how it is worked out, of what, of which rows. What a metric is.

use super::editor::Editor;
use super::groups::ConditionGroups;
use super::measure::{chosen, columns_of, details};
use crate::components::{Choice, Field, Select, Skeleton};
use crate::tiles::logic::shape::aggregates;
use domain::dashboard::{DataSource, TileKind};
use domain::query::{Agg, Filter, Measure, Query};
use domain::{ChartKind, Tile};
use leptos::prelude::*;

/// The aggregates in the order a person meets them.
const AGGREGATES: [Agg; 13] = [
    Agg::Count,
    Agg::CountIf,
    Agg::CountDistinct,
    Agg::Sum,
    Agg::Avg,
    Agg::Median,
    Agg::Min,
    Agg::Max,
    Agg::Stddev,
    Agg::Percentile,
    Agg::First,
    Agg::Last,
    Agg::Ratio,
];

/// Edits a question of one measure. The dataset is chosen elsewhere.
#[component]
pub(crate) fn MeasureEditor(query: RwSignal<Query>) -> impl IntoView {
    let tile = Signal::derive(move || Tile {
        kind: TileKind::Metric,
        chart_type: Some(ChartKind::Number.as_str().to_owned()),
        data_source: Some(DataSource { query: Some(query.get()), ..DataSource::default() }),
        ..Tile::default()
    });
    // Nothing but the measure changes, and that is told below.
    let editor = Editor::new(tile, Callback::new(|_| ()));
    let measure = Signal::derive(move || query.with(|q| q.measures.first().cloned()).unwrap_or_else(Measure::count));
    let set = Callback::new(move |measure: Measure| query.update(|q| q.measures = vec![measure]));
    let agg = Memo::new(move |_| measure.with(|m| m.agg));
    let options = Signal::derive(move || {
        let own = agg.get().filter(|agg| !AGGREGATES.contains(agg));
        AGGREGATES.iter().copied().chain(own).map(|agg| Choice::new(agg.name(), agg.label())).collect::<Vec<_>>()
    });
    let value = Signal::derive(move || agg.get().map(Agg::name).unwrap_or_default());
    let choose = move |name: String| {
        if let Ok(agg) = Agg::try_from(name) {
            set.run(chosen(editor, measure.get_untracked(), agg));
        }
    };
    let of = Signal::derive(move || measure.with(|m| m.column.clone().unwrap_or_default()));
    let choose_of = move |column: String| set.run(Measure { column: Some(column), ..measure.get_untracked() });
    let fitting = columns_of(editor, move |c| agg.get().is_some_and(|agg| aggregates(Some(c.ty)).contains(&agg)));
    let has_column = move || !matches!(agg.get(), None | Some(Agg::Count | Agg::CountIf | Agg::Ratio));
    let filter = Signal::derive(move || query.with(|q| q.filter.clone()));
    let set_filter = move |filter: Option<Filter>| query.update(|q| q.filter = filter);
    let ready = Memo::new(move |_| editor.dataset.with(Option::is_some));
    view! {
        <Show when=move || ready.get() fallback=|| view! { <Skeleton lines=2/> }>
            <div class="form-row">
                <Field label="Calculation"><Select options value on_change=choose/></Field>
                <Show when=has_column>
                    <Field label="Column"><Select options=fitting value=of on_change=choose_of/></Field>
                </Show>
            </div>
            {details(editor, measure, set)}
            <div class="field">
                <p class="field-label">"Of which rows"<span class="field-optional">"optional"</span></p>
                <ConditionGroups editor value=filter on_change=set_filter columns=editor.columns add_label="Only rows where"/>
            </div>
        </Show>
    }
    .into_any()
}
