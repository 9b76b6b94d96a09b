//! What an alert waits for, as a sentence of controls.

use crate::components::*;
use domain::alert::{Condition, Direction};
use leptos::prelude::*;

const KINDS: &[(&str, &str)] = &[
    ("above", "is above"),
    ("at_least", "is at least"),
    ("below", "is below"),
    ("at_most", "is at most"),
    ("equal", "is equal to"),
    ("not_equal", "is not equal to"),
    ("between", "is between"),
    ("outside", "is not between"),
    ("changes_percent", "changes by percent"),
    ("changes_amount", "changes by"),
    ("outside_band", "is outside its usual band"),
    ("no_data_for", "has no data for"),
    ("any_row", "has any row"),
];

/// What can happen to the value of a forecast.
const OF_FORECASTS: &[(&str, &str)] = &[
    ("outside_forecast_95", "leaves the forecast band of 95 %"),
    ("outside_forecast_80", "leaves the forecast band of 80 %"),
];

const DIRECTIONS: &[(Direction, &str, &str)] =
    &[(Direction::Either, "either", "up or down"), (Direction::Up, "up", "up"), (Direction::Down, "down", "down")];

/// Its entry in [`KINDS`].
fn kind_of(condition: &Condition) -> &'static str {
    match condition {
        Condition::Above { .. } => "above",
        Condition::Below { .. } => "below",
        Condition::AtLeast { .. } => "at_least",
        Condition::AtMost { .. } => "at_most",
        Condition::Equal { .. } => "equal",
        Condition::NotEqual { .. } => "not_equal",
        Condition::Between { .. } => "between",
        Condition::Outside { .. } => "outside",
        Condition::ChangesBy { percent: Some(_), .. } => "changes_percent",
        Condition::ChangesBy { .. } => "changes_amount",
        Condition::NoDataFor { .. } => "no_data_for",
        Condition::AnyRow => "any_row",
        Condition::OutsideBand { .. } => "outside_band",
        Condition::OutsideForecast { level: 80 } => "outside_forecast_80",
        Condition::OutsideForecast { .. } => "outside_forecast_95",
    }
}

/// The same thresholds under another kind.
fn turned(from: &Condition, kind: &str) -> Condition {
    let lines = from.thresholds();
    let value = lines.first().copied().unwrap_or_default();
    let (low, high) = (value, lines.get(1).copied().unwrap_or(value));
    match kind {
        "above" => Condition::Above { value },
        "below" => Condition::Below { value },
        "at_least" => Condition::AtLeast { value },
        "at_most" => Condition::AtMost { value },
        "equal" => Condition::Equal { value, tolerance: None },
        "not_equal" => Condition::NotEqual { value, tolerance: None },
        "between" => Condition::Between { low, high },
        "outside" => Condition::Outside { low, high },
        "changes_percent" => Condition::ChangesBy { amount: None, percent: Some(10.0), direction: Direction::Either },
        "changes_amount" => Condition::ChangesBy { amount: Some(1.0), percent: None, direction: Direction::Either },
        "no_data_for" => Condition::NoDataFor { seconds: 3_600 },
        "any_row" => Condition::AnyRow,
        "outside_forecast_80" => Condition::OutsideForecast { level: 80 },
        "outside_forecast_95" => Condition::OutsideForecast { level: 95 },
        _ => Condition::OutsideBand { width: 3.0 },
    }
}

/// The condition with its threshold number `at` somewhere else; the ends of a range push each other.
pub(super) fn moved(condition: &Condition, at: usize, to: f64) -> Condition {
    let mut next = condition.clone();
    match &mut next {
        Condition::Above { value }
        | Condition::Below { value }
        | Condition::AtLeast { value }
        | Condition::AtMost { value }
        | Condition::Equal { value, .. }
        | Condition::NotEqual { value, .. } => *value = to,
        Condition::Between { low, high } | Condition::Outside { low, high } => {
            if at == 0 {
                (*low, *high) = (to, high.max(to));
            } else {
                (*low, *high) = (low.min(to), to);
            }
        }
        Condition::ChangesBy { .. }
        | Condition::NoDataFor { .. }
        | Condition::AnyRow
        | Condition::OutsideBand { .. }
        | Condition::OutsideForecast { .. } => {}
    }
    next
}

/// The condition as controls.
#[component]
pub(super) fn ConditionFields(
    condition: Signal<Condition>,
    #[prop(into)] on_change: Callback<Condition>,
) -> impl IntoView {
    let kind = Memo::new(move |_| condition.with(kind_of));
    let is_forecast = condition.with_untracked(|c| matches!(c, Condition::OutsideForecast { .. }));
    let kinds = if is_forecast { OF_FORECASTS } else { KINDS };
    let options: Vec<Choice> = kinds.iter().map(|(value, label)| Choice::new(*value, *label)).collect();
    let turn = move |to: String| on_change.run(condition.with_untracked(|c| turned(c, &to)));
    let edge = move |at: usize, label: &'static str| {
        let value = Signal::derive(move || condition.with(|c| c.thresholds().get(at).copied()));
        let set = move |to: Option<f64>| {
            if let Some(to) = to {
                on_change.run(condition.with_untracked(|c| moved(c, at, to)));
            }
        };
        view! { <NumberInput value on_change=set label/> }
    };
    let fields = move || match kind.get() {
        "between" | "outside" => view! { {edge(0, "From")} <span>"and"</span> {edge(1, "To")} }.into_any(),
        "changes_percent" | "changes_amount" => view! { <Change condition on_change/> }.into_any(),
        "no_data_for" => view! { <Silence condition on_change/> }.into_any(),
        "outside_band" => view! { <Band condition on_change/> }.into_any(),
        "any_row" | "outside_forecast_80" | "outside_forecast_95" => ().into_any(),
        _ => edge(0, "Value").into_any(),
    };
    view! {
        <div class="alert-condition">
            <Select options value=Signal::derive(move || kind.get().to_owned()) on_change=turn label="Condition"/>
            {fields}
        </div>
    }
    .into_any()
}

#[component]
fn Change(condition: Signal<Condition>, #[prop(into)] on_change: Callback<Condition>) -> impl IntoView {
    let read = move |c: &Condition| match c {
        Condition::ChangesBy { amount, percent, direction } => (*amount, *percent, *direction),
        _ => (None, Some(10.0), Direction::Either),
    };
    let value = Signal::derive(move || condition.with(|c| read(c).0.or(read(c).1)));
    let put = move |value: Option<f64>, direction: Option<Direction>| {
        let (amount, percent, old) = condition.with_untracked(read);
        let (amount, percent) = match (amount, percent) {
            (Some(amount), _) => (Some(value.unwrap_or(amount)), None),
            (None, percent) => (None, value.or(percent)),
        };
        on_change.run(Condition::ChangesBy { amount, percent, direction: direction.unwrap_or(old) });
    };
    let direction = Signal::derive(move || {
        let now = condition.with(|c| read(c).2);
        DIRECTIONS.iter().find(|(d, _, _)| *d == now).map_or("either", |(_, name, _)| *name).to_owned()
    });
    let turn = move |to: String| put(None, DIRECTIONS.iter().find(|(_, name, _)| *name == to).map(|(d, _, _)| *d));
    let options: Vec<Choice> = DIRECTIONS.iter().map(|(_, value, label)| Choice::new(*value, *label)).collect();
    let is_percent = condition.with_untracked(|c| read(c).1.is_some());
    view! {
        {if is_percent {
            view! { <NumberInput value on_change=move |v| put(v, None) min=0.0 unit="%" label="By at least"/> }.into_any()
        } else {
            view! { <NumberInput value on_change=move |v| put(v, None) min=0.0 label="By at least"/> }.into_any()
        }}
        <Select options value=direction on_change=turn label="Direction"/>
    }
    .into_any()
}

#[component]
fn Silence(condition: Signal<Condition>, #[prop(into)] on_change: Callback<Condition>) -> impl IntoView {
    let minutes = Signal::derive(move || match condition.get() {
        Condition::NoDataFor { seconds } => Some(f64::from(seconds) / 60.0),
        _ => None,
    });
    let set = move |minutes: Option<f64>| {
        if let Some(minutes) = minutes {
            on_change.run(Condition::NoDataFor { seconds: (minutes * 60.0).clamp(1.0, 4e9) as u32 });
        }
    };
    view! { <NumberInput value=minutes on_change=set min=1.0 unit="minutes" label="For"/> }
}

#[component]
fn Band(condition: Signal<Condition>, #[prop(into)] on_change: Callback<Condition>) -> impl IntoView {
    let width = Signal::derive(move || match condition.get() {
        Condition::OutsideBand { width } => Some(width),
        _ => None,
    });
    let set = move |width: Option<f64>| {
        if let Some(width) = width {
            on_change.run(Condition::OutsideBand { width });
        }
    };
    view! { <NumberInput value=width on_change=set min=0.5 max=100.0 step=0.5 unit="usual deviations" label="Wider than"/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_chosen_and_is_found_again() {
        for (kind, _) in KINDS {
            let condition = turned(&Condition::Outside { low: 1.0, high: 2.0 }, kind);
            assert_eq!(kind_of(&condition), *kind);
            condition.check().unwrap();
        }
    }

    #[test]
    fn the_ends_of_a_range_never_cross() {
        let range = Condition::Between { low: 1.0, high: 5.0 };
        assert_eq!(moved(&range, 0, 9.0), Condition::Between { low: 9.0, high: 9.0 });
        assert_eq!(moved(&range, 1, -1.0), Condition::Between { low: -1.0, high: -1.0 });
        assert_eq!(moved(&Condition::Above { value: 1.0 }, 0, 2.0), Condition::Above { value: 2.0 });
    }
}
