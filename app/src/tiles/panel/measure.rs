//! What an aggregate needs besides its column: a percentile, an order, a test, the two sides of a ratio.

use super::editor::Editor;
use super::groups::ConditionGroups;
use crate::components::{Choice, NumberInput, Select};
use crate::tiles::logic::shape::aggregates;
use domain::Column;
use domain::query::{Agg, Filter, Measure};
use leptos::prelude::*;

/// The aggregates that a side of a ratio can be.
const SIDES: &[Agg] =
    &[Agg::Count, Agg::CountIf, Agg::CountDistinct, Agg::Sum, Agg::Avg, Agg::Median, Agg::Min, Agg::Max];

/// What else is to be said of a measure.
pub(super) fn details(editor: Editor, measure: Signal<Measure>, set: Callback<Measure>) -> AnyView {
    let agg = Memo::new(move |_| measure.with(|m| m.agg));
    (move || match agg.get() {
        Some(Agg::Percentile) => percentile(measure, set),
        Some(Agg::First | Agg::Last) => order(editor, measure, set),
        Some(Agg::CountIf) => test(editor, measure, set),
        Some(Agg::Ratio) => ratio(editor, measure, set),
        _ => ().into_any(),
    })
    .into_any()
}

/// A measure with another aggregate, complete where that is possible.
pub(super) fn with_agg(measure: Measure, agg: Agg, columns: &[Column]) -> Measure {
    let by = || columns.iter().find(|c| c.ty.is_time()).or(columns.first()).map(|c| c.name.clone());
    Measure {
        p: (agg == Agg::Percentile).then(|| measure.p.unwrap_or(90.0)),
        by: if matches!(agg, Agg::First | Agg::Last) { measure.by.clone().or_else(by) } else { None },
        filter: measure.filter.clone().filter(|_| agg == Agg::CountIf),
        agg: Some(agg),
        ..measure
    }
}

/// The measure with another aggregate, of the same column where that fits it, else of one that does.
pub(super) fn chosen(editor: Editor, now: Measure, agg: Agg) -> Measure {
    let has_column = !matches!(agg, Agg::Count | Agg::CountIf | Agg::Ratio);
    editor.columns.with_untracked(|all| {
        let fits = |c: &&Column| aggregates(Some(c.ty)).contains(&agg);
        let kept = all.iter().filter(fits).find(|c| Some(&c.name) == now.column.as_ref());
        let column = kept
            .or_else(|| all.iter().filter(fits).find(|c| c.role == domain::Role::Measure))
            .or_else(|| all.iter().find(fits))
            .map(|c| c.name.clone());
        let parts = agg == Agg::Ratio;
        let next = Measure {
            column: column.filter(|_| has_column),
            numerator: now.numerator.clone().filter(|_| parts).or_else(|| parts.then(|| Box::new(Measure::count()))),
            denominator: now
                .denominator
                .clone()
                .filter(|_| parts)
                .or_else(|| parts.then(|| Box::new(Measure::count()))),
            ..now
        };
        with_agg(next, agg, all)
    })
}

fn percentile(measure: Signal<Measure>, set: Callback<Measure>) -> AnyView {
    let p = Signal::derive(move || measure.with(|m| m.p));
    let change = move |p: Option<f64>| {
        set.run(Measure { p: Some(p.unwrap_or(50.0).clamp(0.0, 100.0)), ..measure.get_untracked() });
    };
    view! { <NumberInput label="Which percentile" min=0.0 max=100.0 value=p unit="%" on_change=change/> }.into_any()
}

fn order(editor: Editor, measure: Signal<Measure>, set: Callback<Measure>) -> AnyView {
    let value = Signal::derive(move || measure.with(|m| m.by.clone().unwrap_or_default()));
    let change = move |by: String| set.run(Measure { by: Some(by), ..measure.get_untracked() });
    view! { <Select label="In the order of" options=columns_of(editor, |_| true) value on_change=change/> }.into_any()
}

fn test(editor: Editor, measure: Signal<Measure>, set: Callback<Measure>) -> AnyView {
    let value = Signal::derive(move || measure.with(|m| m.filter.clone()));
    let change = move |filter: Option<Filter>| set.run(Measure { filter, ..measure.get_untracked() });
    let waits = move || value.with(Option::is_none);
    view! {
        <Show when=waits><p class="condition-note">"Say which rows count."</p></Show>
        <ConditionGroups editor value on_change=change columns=editor.columns add_label="Rows where"/>
    }
    .into_any()
}

fn ratio(editor: Editor, measure: Signal<Measure>, set: Callback<Measure>) -> AnyView {
    let above = Signal::derive(move || measure.with(|m| m.numerator.as_deref().cloned().unwrap_or_default()));
    let below = Signal::derive(move || measure.with(|m| m.denominator.as_deref().cloned().unwrap_or_default()));
    let set_above = Callback::new(move |side: Measure| {
        set.run(Measure { numerator: Some(Box::new(side)), ..measure.get_untracked() });
    });
    let set_below = Callback::new(move |side: Measure| {
        set.run(Measure { denominator: Some(Box::new(side)), ..measure.get_untracked() });
    });
    view! {
        <div class="ratio">
            {side(editor, "Above the line", above, set_above)}
            <hr class="ratio-line" aria-hidden="true"/>
            {side(editor, "Below the line", below, set_below)}
        </div>
    }
    .into_any()
}

/// One side of a ratio: how, and of what.
fn side(editor: Editor, label: &'static str, measure: Signal<Measure>, set: Callback<Measure>) -> AnyView {
    let agg = Memo::new(move |_| measure.with(|m| m.agg));
    let options = Signal::derive(move || {
        let own = agg.get().filter(|agg| !SIDES.contains(agg));
        SIDES.iter().copied().chain(own).map(|agg| Choice::new(agg.name(), agg.label())).collect::<Vec<_>>()
    });
    let value = Signal::derive(move || agg.get().map(Agg::name).unwrap_or_default());
    let choose = move |name: String| {
        if let Ok(agg) = Agg::try_from(name) {
            set.run(chosen(editor, measure.get_untracked(), agg));
        }
    };
    let of = Signal::derive(move || measure.with(|m| m.column.clone().unwrap_or_default()));
    let choose_of = move |column: String| set.run(Measure { column: Some(column), ..measure.get_untracked() });
    let fitting = Signal::derive(move || {
        let agg = agg.get();
        columns_of(editor, move |c| agg.is_some_and(|agg| aggregates(Some(c.ty)).contains(&agg))).get()
    });
    let has_column = move || !matches!(agg.get(), None | Some(Agg::Count | Agg::CountIf | Agg::Ratio));
    view! {
        <div class="ratio-side" role="group" aria-label=label>
            <Select label=format!("{label}: how") options value on_change=choose/>
            <Show when=has_column>
                <Select label=format!("{label}: of what") options=fitting value=of on_change=choose_of/>
            </Show>
            {move || (agg.get() == Some(Agg::CountIf)).then(|| test(editor, measure, set))}
        </div>
    }
    .into_any()
}

/// Columns as choices.
pub(super) fn columns_of(
    editor: Editor,
    fits: impl Fn(&Column) -> bool + Send + Sync + 'static,
) -> Signal<Vec<Choice>> {
    Signal::derive(move || {
        editor.columns.with(|all| {
            let fitting = all.iter().filter(|c| fits(c));
            fitting.map(|c| Choice::new(c.name.clone(), c.label.clone())).collect::<Vec<_>>()
        })
    })
}
