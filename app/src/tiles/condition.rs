//! One condition being edited: operator and value, by the type of its column.

use super::logic::conditions::{
    self, Needs, blank, is_complete, keeps_empty, needs, op_name, op_of, operators, top_ten, with_op,
};
use super::logic::{dates, words};
use super::period::PeriodEditor;
use super::values::{Origin, ValueList};
use crate::components::{Checkbox, Choice, DateInput, NumberInput, Select, TextInput, typed};
use domain::query::{Condition, Filter, Op, Relative, TopN};
use domain::{Column, DataType};
use leptos::prelude::*;
use serde_json::Value;

/// Edits the condition of one column. Half of a condition counts as none.
#[component]
pub(crate) fn ConditionEditor(
    column: Column,
    origin: Origin,
    value: Signal<Option<Filter>>,
    #[prop(into)] on_change: Callback<Option<Filter>>,
    /// The numbers of the question, for "is in the top".
    #[prop(optional, into)]
    measures: Signal<Vec<Choice>>,
) -> impl IntoView {
    let ty = column.ty;
    let column_name = StoredValue::new(column.name.clone());
    let read = {
        let column = column.clone();
        move |filter: Option<Filter>| match filter {
            Some(Filter::Is(condition)) => conditions::normal(condition, ty),
            _ => blank(&column),
        }
    };
    let draft = RwSignal::new(read(value.get_untracked()));
    // Somebody else may change it, or clear all.
    Effect::new(move |before: Option<()>| {
        let given = value.get();
        let own = draft.get_untracked();
        let is_own = given.as_ref() == Some(&Filter::Is(own.clone())) || (given.is_none() && !is_complete(&own));
        if before.is_some() && !is_own {
            draft.set(read(given));
        }
    });
    let put = move |condition: Condition| {
        let told = is_complete(&condition).then(|| Filter::Is(condition.clone()));
        draft.set(condition);
        if told != value.get_untracked() {
            on_change.run(told);
        }
    };
    let put_value = Callback::new(move |value: Value| put(Condition { value, ..draft.get_untracked() }));
    let op = Memo::new(move |_| draft.with(|d| d.op));
    let form = Memo::new(move |_| needs(op.get()));
    let any = Choice::new("", "any value");
    let choices = Signal::derive(move || {
        let own = operators(ty).iter().map(|(op, label)| Choice::new(op_name(*op), *label));
        let ranks = !measures.read().is_empty() || op.get() == Op::TopN;
        let top = ranks.then(|| Choice::new(op_name(Op::TopN), "is in the top"));
        (ty == DataType::Boolean).then(|| any.clone()).into_iter().chain(own).chain(top).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || match ty == DataType::Boolean && value.with(Option::is_none) {
        true => String::new(),
        false => op_name(op.get()),
    });
    let choose = move |name: String| match op_of(&name) {
        Some(Op::TopN) => {
            let by = measures.with_untracked(|all| all.first().map(|m| m.value.clone())).unwrap_or_default();
            put(column_name.with_value(|column| top_ten(column, &by)));
        }
        Some(op) => put(with_op(&draft.get_untracked(), op)),
        None => on_change.run(None),
    };
    let editor = move || {
        let column = column.clone();
        match form.get() {
            Needs::Nothing => ().into_any(),
            Needs::Many => {
                let ticked = Signal::derive(move || draft.with(|d| d.value.as_array().cloned().unwrap_or_default()));
                view! { <ValueList origin=origin.clone() column ticked on_change=move |list| put_value.run(Value::Array(list))/> }.into_any()
            }
            Needs::Period => {
                let relative = Signal::derive(move || draft.with(|d| dates::read(&d.value)));
                let change = move |r: Relative| put_value.run(serde_json::to_value(r).unwrap_or(Value::Null));
                view! { <PeriodEditor value=relative on_change=change has_hours=ty == DataType::Timestamp/> }.into_any()
            }
            Needs::One => {
                let one = Signal::derive(move || draft.with(|d| d.value.clone()));
                scalar(ty, "Value", one, put_value)
            }
            Needs::Two => {
                let part = move |at: usize| {
                    Signal::derive(move || draft.with(|d| d.value.get(at).cloned().unwrap_or(Value::Null)))
                };
                let set = move |at: usize| {
                    Callback::new(move |new: Value| {
                        let mut both = draft.with_untracked(|d| d.value.as_array().cloned().unwrap_or_default());
                        both.resize(2, Value::Null);
                        both[at] = new;
                        put_value.run(Value::Array(both));
                    })
                };
                view! {
                    <div class="condition-two">
                        {scalar(ty, "From", part(0), set(0))}
                        <span class="muted">"to"</span>
                        {scalar(ty, "To", part(1), set(1))}
                    </div>
                }
                .into_any()
            }
            Needs::Top if measures.read().is_empty() => {
                let text = draft.with(|d| words::value_words(d, Some(&column), &super::locale()));
                view! { <p class="muted">{text}</p> }.into_any()
            }
            Needs::Top => {
                let top = Signal::derive(move || draft.with(|d| serde_json::from_value::<TopN>(d.value.clone()).ok()));
                let change = move |top: TopN| put_value.run(serde_json::to_value(top).unwrap_or(Value::Null));
                view! { <TopEditor top measures on_change=change/> }.into_any()
            }
        }
    };
    let is_text_test = move || matches!(op.get(), Op::Contains | Op::NotContains | Op::StartsWith | Op::EndsWith);
    view! {
        <div class="condition">
            <div data-testid="filter-operator">
                <Select label="Condition" options=choices value=chosen on_change=choose/>
            </div>
            {editor}
            <Show when=is_text_test>
                <Checkbox
                    checked=Signal::derive(move || draft.with(|d| d.case_sensitive))
                    label="Match capital letters"
                    on_change=move |on: bool| put(Condition { case_sensitive: on, ..draft.get_untracked() })
                />
            </Show>
            <Show when=move || keeps_empty(op.get())>
                <p class="condition-note">"Rows without a value stay."</p>
            </Show>
        </div>
    }
    .into_any()
}

/// The largest so many, by a number of the question.
#[component]
fn TopEditor(
    top: Signal<Option<TopN>>,
    measures: Signal<Vec<Choice>>,
    #[prop(into)] on_change: Callback<TopN>,
) -> impl IntoView {
    let now = move || top.get_untracked().unwrap_or(TopN { n: 10, by: String::new(), others: false });
    let set_count = move |n: Option<f64>| {
        let n = n.unwrap_or(10.0).round().clamp(1.0, 1_000.0) as u32;
        on_change.run(TopN { n, ..now() });
    };
    let set_by = move |by: String| on_change.run(TopN { by, ..now() });
    let set_others = move |others: bool| on_change.run(TopN { others, ..now() });
    view! {
        <div class="condition-two">
            <NumberInput
                label="How many"
                min=1.0
                max=1000.0
                step=1.0
                value=Signal::derive(move || top.with(|t| t.as_ref().map(|t| f64::from(t.n))))
                on_change=set_count
            />
            <span class="muted">"by"</span>
            <Select
                label="By which number"
                options=measures
                value=Signal::derive(move || top.with(|t| t.as_ref().map(|t| t.by.clone()).unwrap_or_default()))
                on_change=set_by
            />
        </div>
        <Checkbox
            checked=Signal::derive(move || top.with(|t| t.as_ref().is_some_and(|t| t.others)))
            label="Gather the rest as one"
            on_change=set_others
        />
    }
    .into_any()
}

/// One value of a type.
fn scalar(ty: DataType, label: &'static str, value: Signal<Value>, set: Callback<Value>) -> AnyView {
    let text = Signal::derive(move || match value.get() {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    });
    let or_null = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
    match ty {
        DataType::Integer | DataType::Float | DataType::Decimal => {
            let number = Signal::derive(move || value.with(|v| v.as_f64().or_else(|| v.as_str()?.parse().ok())));
            let change = move |n: Option<f64>| set.run(n.map_or(Value::Null, number_value));
            view! { <NumberInput label value=number on_change=change/> }.into_any()
        }
        DataType::Date | DataType::Timestamp => {
            let day = Signal::derive(move || text.get().get(..10).unwrap_or_default().to_owned());
            view! { <DateInput label value=day on_change=move |day: String| set.run(or_null(day))/> }.into_any()
        }
        _ => {
            let placeholder = if ty == DataType::Time { "13:45" } else { "" };
            let later = typed(300, Callback::new(move |text: String| set.run(or_null(text))));
            view! { <TextInput label placeholder value=text on_input=later/> }.into_any()
        }
    }
}

/// A whole number as one: the server compares integers exactly.
fn number_value(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 { Value::from(n as i64) } else { Value::from(n) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_written_whole() {
        assert_eq!(number_value(5.0), serde_json::json!(5));
        assert_eq!(number_value(5.5), serde_json::json!(5.5));
    }
}
