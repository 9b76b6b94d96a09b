//! How it is forecast: grain, horizon, seasons, groups, drivers, bounds and known events.

use crate::components::*;
use crate::pages::forecasts::draft::{Chosen, Draft};
use domain::query::{Agg, Grain};
use domain::{Column, Role};
use leptos::prelude::*;

#[component]
pub(super) fn HowFields(draft: Draft, columns: Signal<Vec<Column>>) -> impl IntoView {
    let grains: Vec<Choice> = Grain::ALL
        .iter()
        .filter(|g| !g.is_folded() && !matches!(g, Grain::Second | Grain::Minute))
        .map(|g| Choice::new(g.as_str(), domain::names::to_label(g.as_str())))
        .collect();
    let grain = Signal::derive(move || draft.grain.get().map(|g| g.as_str().to_owned()).unwrap_or_default());
    let set_grain = move |word: String| draft.grain.set(Grain::ALL.iter().copied().find(|g| g.as_str() == word));
    let is_measure = Memo::new(move |_| draft.metric.with(String::is_empty));
    let groups = Signal::derive(move || {
        let dimensions = columns.get().into_iter().filter(|c| c.role == Role::Dimension);
        dimensions.map(|c| Choice::new(c.name, c.label)).collect::<Vec<_>>()
    });
    let numbers = Signal::derive(move || {
        let all = columns.get().into_iter().filter(|c| c.ty.is_number() && c.role == Role::Measure);
        all.map(|c| Choice::new(c.name, c.label)).collect::<Vec<_>>()
    });
    let picked = Signal::derive(move || draft.drivers.get().into_iter().map(|d| d.column).collect::<Vec<_>>());
    let pick = move |names: Vec<String>| {
        draft.drivers.update(|all| {
            all.retain(|d| names.contains(&d.column));
            for column in names {
                if !all.iter().any(|d| d.column == column) {
                    all.push(Chosen { column, agg: Agg::Avg, percent: None });
                }
            }
        });
    };
    view! {
        <div class="form-row">
            <Field label="One value each"><Select options=grains value=grain on_change=set_grain/></Field>
            <Field label="Steps ahead"><NumberInput value=draft.horizon min=1.0 max=1_000.0 step=1.0 on_change=move |v| draft.horizon.set(v)/></Field>
            <Field label="Seasons" optional=true hint="Lengths in steps, such as 7, 365; those found otherwise.">
                <TextInput value=draft.seasons on_input=move |v| draft.seasons.set(v) max_length=60/>
            </Field>
        </div>
        <details class="forecast-more">
            <summary>"Bounds, events, groups and drivers"</summary>
            <div class="form-row">
                <Field label="Never below" optional=true><NumberInput value=draft.floor on_change=move |v| draft.floor.set(v)/></Field>
                <Field label="Never above" optional=true><NumberInput value=draft.cap on_change=move |v| draft.cap.set(v)/></Field>
            </div>
            <Field label="Holidays and known events" optional=true hint="One on a line: a name, a colon, and its days, past and future.">
                <TextArea value=draft.events on_input=move |v| draft.events.set(v) placeholder="Sale: 2024-07-01, 2025-07-01"/>
            </Field>
            <Show when=move || is_measure.get()>
                <Field label="One forecast for each" optional=true hint="Of counts and sums; they add up to the total.">
                    <Select options=groups value=draft.group placeholder="Nothing" on_change=move |v| draft.group.set(v)/>
                </Field>
                <Field label="Drivers" optional=true hint="Other numbers that the value depends on.">
                    <MultiSelect options=numbers selected=picked on_change=pick label="Drivers"/>
                </Field>
                <For each=move || picked.get() key=|column| column.clone() let:column>
                    <DriverFields draft column/>
                </For>
            </Show>
        </details>
    }
    .into_any()
}

/// How a driver is gathered, and what is assumed of its future.
#[component]
fn DriverFields(draft: Draft, column: String) -> impl IntoView {
    let column = StoredValue::new(column);
    let own = move || draft.drivers.with(|all| column.with_value(|c| all.iter().find(|d| d.column == *c).cloned()));
    let change = move |edit: Box<dyn Fn(&mut Chosen)>| {
        draft.drivers.update(|all| {
            if let Some(driver) = column.with_value(|c| all.iter_mut().find(|d| d.column == *c)) {
                edit(driver);
            }
        });
    };
    let aggs: Vec<Choice> = [(Agg::Avg, "Average"), (Agg::Sum, "Sum"), (Agg::Max, "Largest")]
        .map(|(a, l)| Choice::new(a.name(), l))
        .to_vec();
    let agg = Signal::derive(move || own().map(|d| d.agg.name()).unwrap_or_default());
    let set_agg = move |word: String| {
        let agg = [Agg::Avg, Agg::Sum, Agg::Max].into_iter().find(|a| a.name() == word).unwrap_or(Agg::Avg);
        change(Box::new(move |d| d.agg = agg));
    };
    let stays = Signal::derive(move || own().is_some_and(|d| d.percent.is_some()));
    let set_future = move |word: String| {
        let percent = (word == "level").then_some(0.0);
        change(Box::new(move |d| d.percent = percent));
    };
    let futures =
        vec![Choice::new("season", "Its last season comes again"), Choice::new("level", "It stays at its last level")];
    let future = Signal::derive(move || if stays.get() { "level" } else { "season" }.to_owned());
    let percent = Signal::derive(move || own().and_then(|d| d.percent));
    let set_percent = move |v: Option<f64>| change(Box::new(move |d| d.percent = Some(v.unwrap_or_default())));
    let name = column.with_value(|c| domain::names::to_label(c));
    view! {
        <div class="form-row">
            <Field label=format!("{name}, gathered as")><Select options=aggs value=agg on_change=set_agg/></Field>
            <Field label=format!("Future of {name}")><Select options=futures value=future on_change=set_future/></Field>
            <Show when=move || stays.get()>
                <Field label="Changed by"><NumberInput value=percent unit="%" on_change=set_percent/></Field>
            </Show>
        </div>
    }
    .into_any()
}
