//! Past values as a small line without axes.

use domain::api::MetricReading;
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

/// A small line through the values of one member.
#[component]
pub(crate) fn MemberLine(values: Vec<Option<f64>>) -> impl IntoView {
    view! {
        <svg class="sparkline" viewBox="-1 -1 102 26" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <path class="spark-line" d=path(&values, 100.0, 24.0) vector-effect="non-scaling-stroke"></path>
        </svg>
    }
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
