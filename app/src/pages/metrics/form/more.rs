//! What few metrics need: gathering of values, comparison, breakdown, retention.

use super::{choices, name_of, value_of};
use crate::components::*;
use domain::column::Column;
use domain::metric::{Aggregation, MetricDef, Period, Retention};
use domain::{DataType, Role};
use leptos::prelude::*;

const AGGREGATIONS: &[(Aggregation, &str, &str)] = &[
    (Aggregation::Latest, "latest", "The newest"),
    (Aggregation::Sum, "sum", "Their sum"),
    (Aggregation::Avg, "avg", "Their mean"),
    (Aggregation::Min, "min", "The smallest"),
    (Aggregation::Max, "max", "The largest"),
    (Aggregation::Count, "count", "How many there are"),
    (Aggregation::Rate, "rate", "The change a second"),
];

const PERIODS: &[(Option<Period>, &str, &str)] = &[
    (None, "none", "Nothing"),
    (Some(Period::Hour), "hour", "An hour before"),
    (Some(Period::Day), "day", "A day before"),
    (Some(Period::Week), "week", "A week before"),
    (Some(Period::Month), "month", "30 days before"),
];

/// The values of these fields. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct More {
    aggregation: RwSignal<String>,
    /// Minutes.
    window: RwSignal<Option<f64>>,
    period: RwSignal<String>,
    breakdown: RwSignal<String>,
    raw_days: RwSignal<Option<f64>>,
    minute_days: RwSignal<Option<f64>>,
    hour_days: RwSignal<Option<f64>>,
    is_open: bool,
}

impl More {
    pub(super) fn of(def: Option<&MetricDef>) -> Self {
        let retention = def.map(|d| d.retention).unwrap_or_default();
        let aggregation = def.map(|d| d.aggregation).unwrap_or_default();
        let (window, period) = (def.and_then(|d| d.window), def.and_then(|d| d.period));
        let breakdown = def.and_then(|d| d.breakdown.clone());
        let is_open = aggregation != Aggregation::Latest
            || period.is_some()
            || breakdown.is_some()
            || retention != Retention::default();
        let days = |days: u32| RwSignal::new(Some(f64::from(days)));
        Self {
            aggregation: RwSignal::new(name_of(AGGREGATIONS, aggregation)),
            window: RwSignal::new(window.map(|seconds| f64::from(seconds) / 60.0)),
            period: RwSignal::new(name_of(PERIODS, period)),
            breakdown: RwSignal::new(breakdown.unwrap_or_default()),
            raw_days: days(retention.raw_days),
            minute_days: days(retention.minute_days),
            hour_days: days(retention.hour_days),
            is_open,
        }
    }

    pub(super) fn aggregation(self) -> Aggregation {
        value_of(AGGREGATIONS, &self.aggregation.get_untracked())
    }

    pub(super) fn window(self) -> Option<u32> {
        let minutes = self.window.get_untracked().filter(|_| self.aggregation() != Aggregation::Latest);
        minutes.map(|minutes| (minutes * 60.0).clamp(0.0, 4e9) as u32)
    }

    pub(super) fn period(self) -> Option<Period> {
        value_of(PERIODS, &self.period.get_untracked())
    }

    pub(super) fn breakdown(self) -> Option<String> {
        Some(self.breakdown.get_untracked()).filter(|column| !column.is_empty())
    }

    pub(super) fn retention(self) -> Retention {
        let days = |field: RwSignal<Option<f64>>, or: u32| {
            field.get_untracked().map_or(or, |days| days.clamp(0.0, 1e6) as u32)
        };
        let usual = Retention::default();
        Retention {
            raw_days: days(self.raw_days, usual.raw_days),
            minute_days: days(self.minute_days, usual.minute_days),
            hour_days: days(self.hour_days, usual.hour_days),
        }
    }
}

/// The fields, folded away until they are wanted.
#[component]
pub(super) fn MoreFields(
    more: More,
    /// Of the dataset that is asked.
    #[prop(into)]
    columns: Signal<Vec<Column>>,
    pushed: RwSignal<bool>,
) -> impl IntoView {
    let gathers = move || more.aggregation.with(|a| a != "latest");
    let members = move || {
        let usual = |c: &&Column| c.role == Role::Dimension && matches!(c.ty, DataType::Text | DataType::Boolean);
        let mut all = vec![Choice::new("", "None")];
        all.extend(columns.with(|list| {
            list.iter().filter(usual).map(|c| Choice::new(c.name.clone(), c.label.clone())).collect::<Vec<_>>()
        }));
        // One that was set through the API stays.
        let own = more.breakdown.get_untracked();
        if !all.iter().any(|c| c.value == own) {
            all.push(Choice::new(own.clone(), own));
        }
        all
    };
    let days = move |field: RwSignal<Option<f64>>, label: &'static str, most: f64| {
        view! {
            <Field label=label>
                <NumberInput value=field on_change=move |v| field.set(v) min=1.0 max=most step=1.0 unit="days"/>
            </Field>
        }
    };
    view! {
        <details class="form-more" open=more.is_open>
            <summary>"Gathering, comparison, breakdown and history"</summary>
            <div class="form">
                <div class="form-row">
                    <Field label="Of several values, show">
                        <Select options=choices(AGGREGATIONS) value=more.aggregation on_change=move |v| more.aggregation.set(v)/>
                    </Field>
                    <Show when=gathers>
                        <Field label="Of the last" optional=true hint="Empty: of the rows of one answer, a rate since the value before.">
                            <NumberInput value=more.window on_change=move |v| more.window.set(v) min=0.02 unit="minutes"/>
                        </Field>
                    </Show>
                    <Field label="Compare with">
                        <Select options=choices(PERIODS) value=more.period on_change=move |v| more.period.set(v)/>
                    </Field>
                    <Show when=move || !pushed.get()>
                        <Field label="Break down by">
                            <Select options=Signal::derive(members) value=more.breakdown on_change=move |v| more.breakdown.set(v)/>
                        </Field>
                    </Show>
                </div>
                <div class="form-row">
                    {days(more.raw_days, "Keep every value for", 31.0)}
                    {days(more.minute_days, "One a minute for", 366.0)}
                    {days(more.hour_days, "One an hour for", 3_650.0)}
                </div>
            </div>
        </details>
    }
    .into_any()
}
