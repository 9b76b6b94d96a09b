//! What a metric reads now: its value as it changes, the trend and the target.

use crate::components::*;
use crate::live::use_topic;
use crate::tiles::logic::shape::meaning;
use crate::tiles::logic::words::filter_words;
use domain::api::MetricReading;
use domain::format::{Format, number};
use domain::metric::{Direction, Favourable, Metric, Trend};
use domain::query::{Agg, Query};
use leptos::prelude::*;

/// The reading that a metric came with.
pub(crate) fn reading_of(metric: &Metric) -> MetricReading {
    MetricReading {
        id: metric.def.id.clone(),
        name: metric.def.name.clone(),
        format: metric.def.format.clone(),
        target: metric.def.target,
        favourable: metric.def.favourable,
        reading: metric.reading.clone(),
    }
}

/// Keeps a reading as fresh as the server's, for as long as the calling component lives.
pub(crate) fn follow(reading: RwSignal<MetricReading>) {
    let topic = format!("metric:{}", reading.with_untracked(|r| r.id.clone()));
    use_topic(topic, move |message| {
        let data = message.data.and_then(|data| serde_json::from_value::<MetricReading>(data).ok());
        if let Some(fresh) = data {
            _ = reading.try_set(fresh);
        }
    });
}

/// When a metric was calculated, as it changes.
#[component]
pub(crate) fn Calculated(#[prop(into)] reading: Signal<MetricReading>) -> impl IntoView {
    let at = Memo::new(move |_| reading.with(|r| r.reading.calculated_at.clone()));
    view! {
        <p class="metric-foot">
            {move || match at.get() {
                Some(iso) => view! { "Calculated " <Time iso=Signal::stored(iso)/> }.into_any(),
                None => "Not calculated yet".into_any(),
            }}
        </p>
    }
}

/// Since when no refresh of a metric has worked, and why; nothing while they do.
#[component]
pub(crate) fn Failing(reading: RwSignal<MetricReading>) -> impl IntoView {
    let failed = Memo::new(move |_| reading.with(|r| (r.reading.error.clone(), r.reading.failing_since.clone())));
    move || {
        let (error, since) = failed.get();
        error.map(|error| {
            let since = since.map(|iso| view! { "No refresh has worked since " <Time iso=Signal::stored(iso)/> ". " });
            view! { <p class="metric-error" data-testid="metric-failing"><Icon name="triangle-alert"/><span>{since}{error}</span></p> }
        })
    }
}

/// The value, highlighted for a moment when it changes, with its trend and target.
#[component]
pub(crate) fn BigValue(#[prop(into)] reading: Signal<MetricReading>) -> impl IntoView {
    let changed = RwSignal::new(false);
    let calm = debounced(1_200, Callback::new(move |()| _ = changed.try_set(false)));
    let value = Memo::new(move |_| reading.with(|r| (r.reading.value, shown_value(r))));
    Effect::new(move |before: Option<Option<f64>>| {
        let now = value.get().0;
        if before.is_some_and(|before| before != now) {
            changed.set(true);
            calm.run(());
        }
        now
    });
    let target = move || {
        reading.with(|r| {
            let target = r.target?;
            let reached = r.reading.value.map(|v| match r.favourable {
                Favourable::Down => v <= target,
                _ => v >= target,
            });
            let words = number(target, &r.format, true, &crate::session::locale());
            Some(match reached {
                Some(true) => view! { <span class="metric-target trend-good"><Icon name="check"/>{format!("Target {words} reached")}</span> }.into_any(),
                _ => view! { <span class="metric-target"><Icon name="target"/>{format!("Target {words}")}</span> }.into_any(),
            })
        })
    };
    view! {
        <p class="metric-value num" class:is-changed=move || changed.get() data-testid="metric-value">{move || value.get().1}</p>
        <p class="metric-trend">
            {move || reading.with(|r| trend(&r.reading.trend, r.favourable, &r.format))}
            {move || reading.with(|r| {
                let period = r.reading.period_trend.as_ref().filter(|t| t.change.is_some())?;
                Some(view! { <span class="metric-period">{trend(period, r.favourable, &r.format)}" than a period before"</span> })
            })}
            {target}
        </p>
    }
    .into_any()
}

fn shown_value(reading: &MetricReading) -> String {
    match reading.reading.value {
        Some(value) => number(value, &reading.format, true, &crate::session::locale()),
        None => domain::format::NOTHING.to_owned(),
    }
}

/// An arrow, the change and whether it is good news. The class says up or down, the colour good or bad.
pub(crate) fn trend(trend: &Trend, favourable: Favourable, format: &Format) -> AnyView {
    let (class, icon, word) = match trend.direction {
        Direction::Up => ("trend-up", "arrow-up-right", "Up"),
        Direction::Down => ("trend-down", "arrow-down-right", "Down"),
        Direction::Flat => ("trend-flat", "minus", "No change"),
        Direction::Unknown => return ().into_any(),
    };
    let news = match trend.is_good(favourable) {
        Some(true) => "trend-good",
        Some(false) => "trend-bad",
        None => "trend-neutral",
    };
    let change = match (trend.percent_change, trend.change) {
        _ if trend.direction == Direction::Flat => "no change".to_owned(),
        (Some(percent), _) => format!("{:.1} %", percent.abs()),
        (None, Some(change)) => number(change.abs(), format, true, &crate::session::locale()),
        (None, None) => String::new(),
    };
    let spoken = (trend.direction != Direction::Flat)
        .then(|| view! { <span class="visually-hidden">{format!("{word} ")}</span> });
    view! { <span class=format!("metric-change num {class} {news}")><Icon name=icon/>{spoken}{change}</span> }
        .into_any()
}

/// A question in words; `None` for one that is not just one number of one dataset.
pub(crate) fn sentence(query: &Query) -> Option<String> {
    let measure = query.measures.first().filter(|_| query.is_one_aggregate())?;
    let what = match (measure.agg?, &measure.column) {
        (Agg::Count, None) => "Number of rows".to_owned(),
        (Agg::Ratio | Agg::CountIf | Agg::Percentile, _) | (_, None) => meaning(measure, None),
        (agg, Some(column)) => format!("{} of {column}", agg.label()),
    };
    let only = query.filter.as_ref().map(|filter| filter_words(filter, &[], &crate::session::locale()));
    let only = only.map(|words| format!(", where {words}")).unwrap_or_default();
    Some(format!("{what} in {}{only}", query.dataset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Measure;

    #[test]
    fn simple_questions_have_words() {
        let mut query =
            Query { dataset: "sales".into(), measures: vec![Measure::of(Agg::Sum, "amount")], ..Query::default() };
        assert_eq!(sentence(&query).as_deref(), Some("Sum of amount in sales"));
        query.measures = vec![Measure::count()];
        assert_eq!(sentence(&query).as_deref(), Some("Number of rows in sales"));
        query.measures.clear();
        assert_eq!(sentence(&query), None);
    }
}
