//! What was, when the rule would have fired, and its thresholds as lines that can be dragged.

use crate::components::*;
use domain::alert::{Backtest, EventKind};
use domain::format::{Format, number};
use leptos::{ev, html, prelude::*};
use std::fmt::Write as _;

/// Height and width of the drawing; it is stretched to the room there is.
const SIZE: (f64, f64) = (600.0, 200.0);
/// Room above and below the values, as a part of their range.
const MARGIN: f64 = 0.18;

/// From values and times to places in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Scale {
    time: (f64, f64),
    value: (f64, f64),
}

impl Scale {
    fn of(test: &Backtest) -> Option<Self> {
        let points = || test.series.iter().flat_map(|s| &s.points);
        let values = points().filter_map(|p| p.value).chain(test.thresholds.iter().copied());
        let values = extent(values.filter(|v| v.is_finite()))?;
        let time = extent(points().map(|p| js_sys::Date::parse(&p.at)).filter(|t| t.is_finite()))?;
        let span = if values.1 > values.0 { values.1 - values.0 } else { values.1.abs().max(1.0) };
        Some(Self { time, value: (values.0 - span * MARGIN, values.1 + span * MARGIN) })
    }

    fn x(self, at: &str) -> f64 {
        let (from, to) = self.time;
        if to > from { (js_sys::Date::parse(at) - from) / (to - from) * 100.0 } else { 50.0 }
    }

    /// From the top.
    fn y(self, value: f64) -> f64 {
        let (low, high) = self.value;
        ((high - value) / (high - low) * 100.0).clamp(0.0, 100.0)
    }

    /// The value at a place from the top, as round as the range allows.
    fn value_at(self, percent: f64) -> f64 {
        let (low, high) = self.value;
        round(high - percent.clamp(0.0, 100.0) / 100.0 * (high - low), self.step())
    }

    /// The smallest change that is seen.
    fn step(self) -> f64 {
        let (low, high) = self.value;
        10_f64.powf((high - low).log10().floor() - 2.0)
    }
}

fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let found = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
    found.0.is_finite().then_some(found)
}

fn round(value: f64, step: f64) -> f64 {
    // Divided by a whole number where the step is a fraction: 0.1 has no exact form, 10 has.
    if step < 1.0 {
        let parts = (1.0 / step).round();
        (value * parts).round() / parts
    } else {
        (value / step).round() * step
    }
}

/// The past under a rule. `lines` are its thresholds as they are now; `on_move` gets the number of one
/// and where it goes, absent where the rule cannot be changed.
#[component]
pub(crate) fn Plot(
    #[prop(into)] test: Signal<Option<Backtest>>,
    #[prop(into)] format: Signal<Format>,
    #[prop(into)] lines: Signal<Vec<f64>>,
    #[prop(optional, into)] on_move: Option<Callback<(usize, f64)>>,
) -> impl IntoView {
    let area = NodeRef::<html::Div>::new();
    let held = RwSignal::new(false);
    // While a line is held the scale stands still: it would run away from under the pointer.
    let scale = Memo::new(move |before: Option<&Option<Scale>>| match before {
        Some(Some(scale)) if held.get() => Some(*scale),
        _ => test.with(|t| t.as_ref().and_then(Scale::of)),
    });
    let is_known = Memo::new(move |_| scale.get().is_some());
    let count = Memo::new(move |_| lines.with(Vec::len));
    let written = move |value: f64| format.with(|f| number(value, f, false, &crate::session::locale()));
    let drawing = move || {
        let scale = scale.get()?;
        test.with(|t| t.as_ref().map(|t| draw(t, scale)))
    };
    let ends = move || {
        let scale = scale.get()?;
        let (low, high) = scale.value;
        Some(view! {
            <span class="alert-plot-end" style="inset-block-start:0">{written(round(high, scale.step()))}</span>
            <span class="alert-plot-end" style="inset-block-end:0">{written(round(low, scale.step()))}</span>
        })
    };
    let handles = move || {
        let line = move |at: usize| {
            let value = Memo::new(move |_| lines.with(|l| l.get(at).copied().unwrap_or_default()));
            let to = on_move.map(|to| Callback::new(move |v| to.run((at, v))));
            view! { <Line value scale area held on_move=to written=Callback::new(written)/> }
        };
        is_known.get().then(|| (0..count.get()).map(line).collect_view())
    };
    let dates = move || {
        let (from, to) = scale.get()?.time;
        let day = |at: f64| {
            let date = js_sys::Date::new(&at.into());
            String::from(date.to_locale_date_string(&crate::session::locale(), &js_sys::Object::new()))
        };
        Some(view! { <span>{day(from)}</span> <span>{day(to)}</span> })
    };
    view! {
        <div class="alert-plot" data-testid="alert-plot">
            <div class="alert-plot-area" node_ref=area>{drawing}{ends}{handles}</div>
            <div class="alert-plot-dates faint small">{dates}</div>
        </div>
    }
    .into_any()
}

/// A threshold: taken with the mouse, a finger or the arrow keys.
#[component]
fn Line(
    value: Memo<f64>,
    scale: Memo<Option<Scale>>,
    area: NodeRef<html::Div>,
    held: RwSignal<bool>,
    on_move: Option<Callback<f64>>,
    written: Callback<f64, String>,
) -> impl IntoView {
    let place = move || format!("inset-block-start:{:.3}%", scale.get().unwrap_or_default().y(value.get()));
    let Some(on_move) = on_move else {
        return view! { <div class="alert-line" style=place><span class="alert-line-value">{move || written.run(value.get())}</span></div> }
            .into_any();
    };
    let take = move |event: ev::PointerEvent| {
        event.prevent_default();
        held.set(true);
        let line = event_target::<web_sys::Element>(&event);
        let line = line.closest(".alert-line").ok().flatten().unwrap_or(line);
        _ = line.set_pointer_capture(event.pointer_id());
    };
    let travel = move |event: ev::PointerEvent| {
        let Some(area) = area.get_untracked().filter(|_| held.get_untracked()) else { return };
        let place = area.get_bounding_client_rect();
        let Some(scale) = scale.get_untracked() else { return };
        if place.height() > 0.0 {
            on_move.run(scale.value_at((f64::from(event.client_y()) - place.top()) / place.height() * 100.0));
        }
    };
    let press = move |event: ev::KeyboardEvent| {
        let step = scale.get_untracked().unwrap_or_default().step();
        let by = match event.key().as_str() {
            "ArrowUp" | "ArrowRight" => step,
            "ArrowDown" | "ArrowLeft" => -step,
            "PageUp" => step * 10.0,
            "PageDown" => -step * 10.0,
            _ => return,
        };
        event.prevent_default();
        on_move.run(round(value.get_untracked() + by, step));
    };
    let ends = move || scale.get().unwrap_or_default().value;
    view! {
        <div
            class="alert-line is-free"
            class:is-held=move || held.get()
            style=place
            role="slider"
            tabindex="0"
            aria-label="Threshold"
            aria-orientation="vertical"
            aria-valuemin=move || ends().0
            aria-valuemax=move || ends().1
            aria-valuenow=move || value.get()
            aria-valuetext=move || written.run(value.get())
            data-testid="alert-threshold"
            on:pointerdown=take
            on:pointermove=travel
            on:pointerup=move |_| held.set(false)
            on:pointercancel=move |_| held.set(false)
            on:keydown=press
        >
            <span class="alert-line-value">{move || written.run(value.get())}</span>
        </div>
    }
    .into_any()
}

/// The courses and the moments.
fn draw(test: &Backtest, scale: Scale) -> AnyView {
    let (width, height) = SIZE;
    let paths = test.series.iter().map(|series| {
        let mut d = String::new();
        let mut pen = 'M';
        for point in &series.points {
            match point.value.filter(|v| v.is_finite()) {
                Some(value) => {
                    let (x, y) = (scale.x(&point.at) / 100.0 * width, scale.y(value) / 100.0 * height);
                    _ = write!(d, "{pen}{x:.1} {y:.1}");
                    pen = 'L';
                }
                None => pen = 'M',
            }
        }
        view! { <path class="alert-course" d=d vector-effect="non-scaling-stroke"></path> }
    });
    let band = test.series.iter().map(|series| {
        let known = || series.points.iter().filter_map(|p| p.band.map(|band| (scale.x(&p.at), band)));
        let corner =
            |(x, value): (f64, f64)| format!("{:.1},{:.1} ", x / 100.0 * width, scale.y(value) / 100.0 * height);
        let mut upper: Vec<String> = known().map(|(x, (_, high))| corner((x, high))).collect();
        let mut lower: Vec<String> = known().map(|(x, (low, _))| corner((x, low))).collect();
        lower.reverse();
        upper.append(&mut lower);
        view! { <polygon class="alert-band" points=upper.concat()></polygon> }
    });
    let fired = test.moments.iter().filter(|m| m.kind == EventKind::Fired);
    let marks = fired.map(|m| {
        let style = format!(
            "inset-inline-start:{:.3}%;inset-block-start:{:.3}%",
            scale.x(&m.at),
            m.value.map_or(2.0, |v| scale.y(v))
        );
        view! { <span class="alert-mark" style=style></span> }
    });
    view! {
        <svg viewBox=format!("0 0 {width} {height}") preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {band.collect_view()}
            {paths.collect_view()}
        </svg>
        {marks.collect_view()}
    }
    .into_any()
}

/// How often it would have fired, in words.
pub(crate) fn summary(test: &Backtest) -> String {
    let known = test.series.iter().any(|s| !s.points.is_empty());
    match (known, test.fired) {
        (false, _) => "Nothing is known of the past yet.".into(),
        (true, 0) => "Would not have fired in the last 90 days.".into(),
        (true, 1) => "Would have fired once in the last 90 days.".into(),
        (true, n) => format!("Would have fired {n} times in the last 90 days."),
    }
}

/// The plot with what it says.
#[component]
pub(crate) fn Past(
    #[prop(into)] test: Signal<Option<crate::api::Result<Backtest>>>,
    #[prop(into)] format: Signal<Format>,
    #[prop(into)] lines: Signal<Vec<f64>>,
    #[prop(optional, into)] on_move: Option<Callback<(usize, f64)>>,
) -> impl IntoView {
    // What was drawn stays until the next is there.
    let last = RwSignal::new(None::<Backtest>);
    Effect::new(move |_| match test.get() {
        Some(Ok(found)) => last.set(Some(found)),
        Some(Err(_)) => last.set(None),
        None => {}
    });
    let error = Memo::new(move |_| test.with(|t| t.as_ref().and_then(|t| t.as_ref().err().map(|e| e.0.to_string()))));
    let has_points = Memo::new(move |_| {
        last.with(|t| t.as_ref().is_some_and(|t| t.series.iter().any(|s| s.points.iter().any(|p| p.value.is_some()))))
    });
    let words = move || last.with(|t| t.as_ref().map(summary));
    let note = move || last.with(|t| t.as_ref().and_then(|t| t.note.clone()));
    view! {
        <div class="alert-past">
            {move || error.get().map(|error| view! { <Notice tone=Tone::Warn>{error}</Notice> })}
            <Show when=move || has_points.get()>
                {match on_move {
                    Some(on_move) => view! { <Plot test=last format lines on_move/> }.into_any(),
                    None => view! { <Plot test=last format lines/> }.into_any(),
                }}
            </Show>
            <p class="alert-count" role="status" data-testid="backtest-count">{words}</p>
            {move || note().map(|note| view! { <p class="faint small">{note}</p> })}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dragged_values_are_as_round_as_the_range_allows() {
        let scale = Scale { time: (0.0, 1.0), value: (0.0, 1_000.0) };
        assert_eq!(scale.step(), 10.0);
        assert_eq!(scale.value_at(50.26), 500.0);
        assert_eq!(scale.value_at(-20.0), 1_000.0);
        let small = Scale { time: (0.0, 1.0), value: (0.0, 0.5) };
        assert_eq!(small.value_at(40.1), 0.3);
        assert!((small.y(0.25) - 50.0).abs() < 1e-9);
    }
}
