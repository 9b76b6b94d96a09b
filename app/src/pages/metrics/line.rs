//! Past values as a line: small on a card, bigger with its range on the metric's page.

use domain::api::MetricReading;
use domain::format::number;
use leptos::prelude::*;

/// The line through values in a box, as the `d` of a path. Gaps stay gaps.
pub(super) fn path(values: &[Option<f64>], width: f64, height: f64) -> String {
    let known = values.iter().flatten().copied();
    let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
    if values.len() < 2 || !low.is_finite() {
        return String::new();
    }
    let (step, range) = (width / (values.len() - 1) as f64, high - low);
    let mut text = String::new();
    let mut pen_up = true;
    for (i, value) in values.iter().enumerate() {
        let Some(value) = value else {
            pen_up = true;
            continue;
        };
        let share = if range > 0.0 { (value - low) / range } else { 0.5 };
        let command = if pen_up { 'M' } else { 'L' };
        text.push_str(&format!("{command}{:.2} {:.2}", step * i as f64, height - share * height));
        pen_up = false;
    }
    text
}

fn values(reading: &MetricReading) -> Vec<Option<f64>> {
    reading.reading.history.iter().map(|(_, value)| *value).collect()
}

/// A small line without axes.
#[component]
pub(super) fn Sparkline(#[prop(into)] reading: Signal<MetricReading>) -> impl IntoView {
    let d = Memo::new(move |_| reading.with(|r| path(&values(r), 100.0, 24.0)));
    view! {
        <svg class="sparkline" class:is-bare=move || d.with(String::is_empty) viewBox="-1 -1 102 26" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <path class="spark-line" d=move || d.get() vector-effect="non-scaling-stroke"></path>
        </svg>
    }
}

/// The history with its range, and the values behind it as a table.
#[component]
pub(crate) fn HistoryChart(#[prop(into)] reading: Signal<MetricReading>) -> impl IntoView {
    let d = Memo::new(move |_| reading.with(|r| path(&values(r), 600.0, 160.0)));
    let edge = move |pick: fn(f64, f64) -> f64| {
        reading.with(|r| {
            let edge = values(r).into_iter().flatten().reduce(pick);
            edge.map(|v| number(v, &r.format, true, &crate::session::locale()))
        })
    };
    let moment = |iso: &str| domain::format::time(iso.get(..16).unwrap_or(iso), None, &crate::session::locale());
    let first = move || reading.with(|r| r.reading.history.first().map(|(at, _)| moment(at)));
    let last = move || reading.with(|r| r.reading.history.last().map(|(at, _)| moment(at) + " UTC"));
    let words = move || {
        let (low, high) = (edge(f64::min).unwrap_or_default(), edge(f64::max).unwrap_or_default());
        format!("Line of {} past values between {low} and {high}", reading.with(|r| r.reading.history.len()))
    };
    let rows = move || {
        let newest = reading.with(|r| {
            let line = |(at, value): &(String, Option<f64>)| {
                let shown = value.map_or_else(
                    || domain::format::NOTHING.to_owned(),
                    |v| number(v, &r.format, false, &crate::session::locale()),
                );
                (at.get(..19).unwrap_or(at).replace('T', " "), shown)
            };
            r.reading.history.iter().rev().take(30).map(line).collect::<Vec<_>>()
        });
        newest
            .into_iter()
            .map(|(at, value)| view! { <tr><td class="num">{at}</td><td class="num">{value}</td></tr> })
            .collect_view()
    };
    let few = move || d.with(String::is_empty);
    // A value that stands still has one edge.
    let low = move || {
        let flat = reading.with(|r| {
            let known = values(r).into_iter().flatten();
            known.clone().reduce(f64::min) == known.reduce(f64::max)
        });
        (!flat).then(|| view! { <span>{edge(f64::min)}</span> })
    };
    view! {
        <Show when=move || !few() fallback=|| view! { <p class="muted">"The line appears after the second value."</p> }>
            <div class="history">
                <div class="history-scale num" aria-hidden="true"><span>{move || edge(f64::max)}</span>{low}</div>
                <svg class="history-plot" viewBox="-2 -4 604 168" preserveAspectRatio="none" role="img" aria-label=words>
                    <path class="history-grid" d="M0 0H600M0 80H600M0 160H600" vector-effect="non-scaling-stroke"></path>
                    <path class="spark-line" d=move || d.get() vector-effect="non-scaling-stroke"></path>
                </svg>
                <div class="history-time num"><span>{first}</span><span>{last}</span></div>
            </div>
            <details class="history-table">
                <summary>"Latest values"</summary>
                <table class="table"><caption class="visually-hidden">"Latest values, newest first"</caption>
                    <thead><tr><th scope="col">"Time (UTC)"</th><th scope="col" class="num">"Value"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </Show>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_gap_lifts_the_pen() {
        assert_eq!(path(&[Some(0.0), None, Some(10.0)], 10.0, 10.0), "M0.00 10.00M10.00 0.00");
        assert_eq!(path(&[Some(1.0), Some(1.0)], 10.0, 10.0), "M0.00 5.00L10.00 5.00");
    }

    #[test]
    fn too_few_values_make_no_line() {
        assert_eq!(path(&[Some(1.0)], 10.0, 10.0), "");
        assert_eq!(path(&[None, None], 10.0, 10.0), "");
    }
}
