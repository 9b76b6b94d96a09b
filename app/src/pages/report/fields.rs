//! The control of a parameter: a native one for every kind.

use crate::api::reports::report_values;
use crate::components::*;
use crate::pages::reports::label_of;
use crate::tiles::logic::dates;
use crate::tiles::logic::report::periods;
use crate::tiles::logic::words::EMPTY;
use domain::report::{Parameter, ParameterKind};
use leptos::prelude::*;
use serde_json::{Map, Value};

/// One parameter. `form` holds what is filled in.
#[component]
pub(super) fn ParameterField(id: String, parameter: Parameter, form: RwSignal<Map<String, Value>>) -> impl IntoView {
    let (name, label) = (parameter.name.clone(), label_of(&parameter));
    let key = name.clone();
    let value = Memo::new(move |_| form.with(|form| form.get(&key).cloned().unwrap_or_default()));
    let set = Callback::new(move |new: Value| {
        form.update(|form| {
            form.insert(name.clone(), new);
        });
    });
    let required = parameter.required;
    let control = match parameter.kind {
        ParameterKind::Choice => choice(&id, &parameter, &label, value, set),
        ParameterKind::Choices => choices(&id, &parameter, &label, value, set),
        ParameterKind::Text => {
            let text = Signal::derive(move || words(&value.get()));
            view! {
                <Field label=label.clone() required><TextInput value=text on_input=move |new: String| set.run(Value::from(new)) max_length=200/></Field>
            }
            .into_any()
        }
        ParameterKind::Number => {
            let number = Signal::derive(move || as_number(&value.get()));
            let change = Callback::new(move |n: Option<f64>| set.run(n.map_or(Value::Null, from_number)));
            view! { <Field label=label.clone() required><NumberInput value=number on_change=change/></Field> }
                .into_any()
        }
        ParameterKind::Date => {
            let day = Signal::derive(move || words(&value.get()).chars().take(10).collect::<String>());
            view! {
                <Field label=label.clone() required><DateInput value=day on_change=move |day: String| set.run(Value::from(day))/></Field>
            }
            .into_any()
        }
        ParameterKind::NumberRange | ParameterKind::DateRange => range(parameter.kind, &label, value, set),
        ParameterKind::Period => period(&parameter, &label, value, set),
    };
    view! { <div class="report-field" data-parameter=parameter.name data-kind=parameter.kind.as_str()>{control}</div> }
        .into_any()
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn as_number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Whole numbers are written without a point.
fn from_number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 { Value::from(n as i64) } else { Value::from(n) }
}

/// The values of the column, once they are there.
fn known(id: &str, parameter: &Parameter) -> RwSignal<Vec<Value>> {
    let known = RwSignal::new(Vec::new());
    let (id, name) = (id.to_owned(), parameter.name.clone());
    Effect::new(move |_| {
        let (id, name) = (id.clone(), name.clone());
        leptos::task::spawn_local(async move {
            // Without them, what is filled in can still be seen and taken out.
            if let Ok(found) = report_values(id, name).await {
                let mut values: Vec<Value> = found.into_iter().map(|(cell, _)| cell.to_json()).collect();
                values.sort_by_key(|value| words(value).to_lowercase());
                _ = known.try_set(values);
            }
        });
    });
    known
}

/// What people read of a value.
fn shown(value: &Value) -> String {
    if value.is_null() { EMPTY.to_owned() } else { words(value) }
}

fn choice(id: &str, parameter: &Parameter, label: &str, value: Memo<Value>, set: Callback<Value>) -> AnyView {
    let known = known(id, parameter);
    let required = parameter.required;
    let options = Signal::derive(move || {
        let first = Choice::new("", if required { "Choose one" } else { "All" });
        let own = value.get();
        let mut all: Vec<Value> = known.with(|k| k.iter().filter(|v| !v.is_null()).cloned().collect());
        if !own.is_null() && all.iter().all(|v| words(v) != words(&own)) {
            all.insert(0, own);
        }
        let choices = all.into_iter().filter(|v| !words(v).is_empty()).map(|v| Choice::new(words(&v), words(&v)));
        std::iter::once(first).chain(choices).collect::<Vec<_>>()
    });
    let text = Signal::derive(move || words(&value.get()));
    view! {
        <Field label=label.to_owned() required><Select options value=text on_change=move |word: String| set.run(Value::from(word))/></Field>
    }
    .into_any()
}

/// Boxes to tick.
fn choices(id: &str, parameter: &Parameter, label: &str, value: Memo<Value>, set: Callback<Value>) -> AnyView {
    let known = known(id, parameter);
    let ticked = Memo::new(move |_| value.with(|v| v.as_array().cloned().unwrap_or_default()));
    let all = Memo::new(move |_| {
        let mut all = known.get();
        let lost = ticked.get().into_iter().filter(|v| all.iter().all(|k| words(k) != words(v)));
        let lost: Vec<Value> = lost.collect();
        all.splice(0..0, lost);
        all
    });
    let tick = move |one: Value| {
        let (text, own) = (words(&one), one.clone());
        let on = Memo::new(move |_| ticked.with(|t| t.iter().any(|v| words(v) == text)));
        let change = move |yes: bool| {
            let mut next = ticked.get_untracked();
            next.retain(|v| words(v) != words(&own));
            if yes {
                next.push(own.clone());
            }
            set.run(if next.is_empty() { Value::Null } else { Value::Array(next) });
        };
        view! { <Checkbox checked=on on_change=change label=shown(&one)/> }
    };
    let note = move || match ticked.with(Vec::len) {
        0 => "All".to_owned(),
        n => format!("{n} chosen"),
    };
    let required = parameter.required;
    view! {
        <fieldset class="report-choices" aria-required=required.then_some("true")>
            <legend class="field-label">{label.to_owned()} <span class="muted">{note}</span></legend>
            <div class="report-ticks" tabindex="0" role="group" aria-label=format!("Values of {label}")>
                {move || all.get().into_iter().map(tick).collect_view()}
            </div>
        </fieldset>
    }
    .into_any()
}

/// From, to.
fn range(kind: ParameterKind, label: &str, value: Memo<Value>, set: Callback<Value>) -> AnyView {
    let end = move |at: usize| value.with(|v| v.get(at).cloned().unwrap_or_default());
    let put = move |at: usize, new: Value| {
        let mut ends = value.with_untracked(|v| [0, 1].map(|at| v.get(at).cloned().unwrap_or_default()));
        ends[at] = new;
        let blank = ends.iter().all(Parameter::is_blank);
        set.run(if blank { Value::Null } else { Value::Array(ends.to_vec()) });
    };
    let control = move |at: usize, words_of: &'static str| {
        if kind == ParameterKind::NumberRange {
            let number = Signal::derive(move || as_number(&end(at)));
            let change = Callback::new(move |n: Option<f64>| put(at, n.map_or(Value::Null, from_number)));
            view! { <NumberInput label=words_of value=number on_change=change/> }.into_any()
        } else {
            let day = Signal::derive(move || words(&end(at)).chars().take(10).collect::<String>());
            let change = move |day: String| put(at, if day.is_empty() { Value::Null } else { Value::from(day) });
            view! { <DateInput label=words_of value=day on_change=change/> }.into_any()
        }
    };
    view! {
        <fieldset class="report-range">
            <legend class="field-label">{label.to_owned()}</legend>
            <div class="report-ends">{control(0, "From")}<span class="muted">"to"</span>{control(1, "To")}</div>
        </fieldset>
    }
    .into_any()
}

fn period(parameter: &Parameter, label: &str, value: Memo<Value>, set: Callback<Value>) -> AnyView {
    let normal = |value: &Value| dates::read(value).and_then(|r| serde_json::to_value(r).ok());
    let text = Signal::derive(move || value.with(normal).map(|v| v.to_string()).unwrap_or_default());
    let (own, required) = (parameter.clone(), parameter.required);
    let options = Signal::derive(move || {
        let first = Choice::new("", if required { "Choose one" } else { "All time" });
        let all = value.with(|now| periods(&own, now)).into_iter().map(|(value, label)| Choice::new(value, label));
        std::iter::once(first).chain(all).collect::<Vec<_>>()
    });
    let change = move |text: String| set.run(serde_json::from_str(&text).unwrap_or_default());
    view! { <Field label=label.to_owned() required><Select options value=text on_change=change/></Field> }.into_any()
}
