//! Choosing a stretch of time: the usual ones at a click, any other in words and numbers.

use super::locale;
use super::logic::dates::{self, PRESETS, UNITS, relative};
use crate::components::{Checkbox, Choice, NumberInput, Select};
use domain::query::{AsOf, Relative, RelativeOf, RelativeUnit};
use leptos::prelude::*;

/// The words for the ways a stretch lies.
const WAYS: &[(RelativeOf, &str, &str)] = &[
    (RelativeOf::Previous, "previous", "Last"),
    (RelativeOf::Current, "current", "This"),
    (RelativeOf::Next, "next", "Next"),
    (RelativeOf::ToDate, "to_date", "To date"),
];

/// Chooses a relative date. Every change is told at once.
#[component]
pub(super) fn PeriodEditor(
    value: Signal<Option<Relative>>,
    #[prop(into)] on_change: Callback<Relative>,
    /// The column has a time of day.
    has_hours: bool,
) -> impl IntoView {
    let latest = Memo::new(move |_| value.with(|v| v.as_ref().is_some_and(|r| r.as_of == AsOf::Latest)));
    // Somebody may ask for the latest data before anything else.
    let from_data = RwSignal::new(latest.get_untracked());
    Effect::new(move |_| {
        if value.with(Option::is_some) {
            from_data.set(latest.get());
        }
    });
    let as_of = move || if from_data.get_untracked() { AsOf::Latest } else { AsOf::Now };
    let preset = move |&(label, unit, n, of): &'static (&'static str, RelativeUnit, u32, RelativeOf)| {
        let is_on = Memo::new(move |_| {
            value.with(|v| {
                v.as_ref()
                    .is_some_and(|r| Relative { as_of: AsOf::Now, ..r.clone() } == relative(unit, n, of, AsOf::Now))
            })
        });
        view! {
            <button
                type="button"
                class="preset"
                aria-pressed=move || if is_on.get() { "true" } else { "false" }
                on:click=move |_| on_change.run(relative(unit, n, of, as_of()))
            >
                {label}
            </button>
        }
        .into_any()
    };
    let resolved = move || {
        value.with(|v| v.as_ref().and_then(|r| dates::resolved(r, today(), &locale()))).map(|days| {
            view! { <p class="period-days num">{days}" (UTC)"</p> }
        })
    };
    let from_latest = move |on: bool| {
        from_data.set(on);
        if let Some(relative) = value.get_untracked() {
            on_change.run(Relative { as_of: as_of(), ..relative });
        }
    };
    view! {
        <div class="period">
            {resolved}
            <div class="presets" role="group" aria-label="Usual periods">{PRESETS.iter().map(preset).collect_view()}</div>
            <Custom value on_change has_hours as_of=Callback::new(move |()| as_of())/>
            <Checkbox
                checked=from_data
                on_change=from_latest
                label="Count from the latest data"
                hint="In place of today: old data never shows up empty."
            />
        </div>
    }
    .into_any()
}

/// "Last 7 days", with today or without, from so many days ago.
#[component]
fn Custom(
    value: Signal<Option<Relative>>,
    on_change: Callback<Relative>,
    has_hours: bool,
    as_of: Callback<(), AsOf>,
) -> impl IntoView {
    let now = move || {
        value.get_untracked().unwrap_or_else(|| relative(RelativeUnit::Day, 7, RelativeOf::Previous, as_of.run(())))
    };
    let shown = Memo::new(move |_| {
        value.get().unwrap_or_else(|| relative(RelativeUnit::Day, 7, RelativeOf::Previous, AsOf::Now))
    });
    let counts = Memo::new(move |_| shown.with(|r| matches!(r.of, RelativeOf::Previous | RelativeOf::Next)));
    let ways: Vec<Choice> = WAYS.iter().map(|(_, wire, label)| Choice::new(*wire, *label)).collect();
    let units: Vec<Choice> = UNITS
        .iter()
        .filter(|(unit, ..)| has_hours || !matches!(unit, RelativeUnit::Minute | RelativeUnit::Hour))
        .map(|(_, one, many)| Choice::new(*one, *many))
        .collect();
    let way = Signal::derive(move || {
        shown.with(|r| {
            WAYS.iter().find(|(of, ..)| *of == r.of).map_or_else(String::new, |(_, wire, _)| (*wire).to_owned())
        })
    });
    let unit = Signal::derive(move || shown.with(|r| dates::unit_word(r.unit, false).to_owned()));
    let set_way = move |wire: String| {
        if let Some((of, ..)) = WAYS.iter().find(|(_, w, _)| *w == wire) {
            on_change.run(Relative { of: *of, include_current: false, ..now() });
        }
    };
    let set_unit = move |word: String| {
        if let Some((unit, ..)) = UNITS.iter().find(|(_, one, _)| *one == word) {
            on_change.run(Relative { unit: *unit, ..now() });
        }
    };
    let running = Signal::derive(move || {
        shown.with(|r| match r.unit {
            RelativeUnit::Day => "Include today".to_owned(),
            unit => format!("Include this {}", dates::unit_word(unit, false)),
        })
    });
    let set_count = move |n: Option<f64>| on_change.run(Relative { n: count(n, 1.0) as u32, ..now() });
    let set_ago = move |n: Option<f64>| on_change.run(Relative { offset: count(n, 0.0) as i32, ..now() });
    let set_running = move |on: bool| on_change.run(Relative { include_current: on, ..now() });
    let ago = Signal::derive(move || Some(shown.with(|r| f64::from(r.offset.max(0)))));
    view! {
        <fieldset class="period-custom">
            <legend>"Another period"</legend>
            <div class="period-line">
                <Select label="Which way" options=ways value=way on_change=set_way/>
                <Show when=move || counts.get()>
                    <NumberInput
                        label="How many"
                        min=1.0
                        max=1000.0
                        step=1.0
                        value=Signal::derive(move || Some(shown.with(|r| f64::from(r.n))))
                        on_change=set_count
                    />
                </Show>
                <Select label="Unit" options=units.clone() value=unit on_change=set_unit/>
            </div>
            <Show when=move || counts.get()>
                <Checkbox
                    checked=Signal::derive(move || shown.with(|r| r.include_current))
                    label=running
                    on_change=set_running
                />
            </Show>
            <div class="period-line period-ago">
                <span>"Starting from"</span>
                <NumberInput
                    label="Units ago"
                    min=0.0
                    max=1000.0
                    step=1.0
                    value=ago
                    on_change=set_ago
                />
                <span>{move || shown.with(|r| format!("{} ago", dates::unit_word(r.unit, r.offset != 1)))}</span>
            </div>
        </fieldset>
    }
    .into_any()
}

/// A whole number that somebody typed, within reason.
fn count(typed: Option<f64>, least: f64) -> f64 {
    typed.unwrap_or(least).round().clamp(least, 1000.0)
}

/// Today, as a day of UTC. Only called in the browser, after a click.
fn today() -> i64 {
    (js_sys::Date::now() / 86_400_000.0).floor() as i64
}
