//! The filters of a report: native lists of columns and of tests, where the usual stretches of time
//! are tests of their own.

use super::Report;
use crate::components::{DateInput, Icon, NumberInput, TextInput, typed};
use crate::tiles::logic::conditions::{Needs, needs, op_name, op_of, operators};
use crate::tiles::logic::dates::{self, PRESETS, relative};
use domain::query::{AsOf, Condition, Filter, Op};
use domain::{Column, DataType};
use leptos::prelude::*;
use serde_json::Value;

/// What stands before the number of a preset.
const PRESET: &str = "preset:";

/// A line of the list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    id: u32,
    /// Name of the column; empty while none is chosen.
    column: String,
    /// A preset or the wire name of an operator; empty while none is chosen.
    test: String,
    values: [Value; 2],
}

impl Line {
    /// Its condition, once it is complete.
    pub(super) fn filter(&self) -> Option<Filter> {
        if let Some(at) = self.test.strip_prefix(PRESET) {
            let (_, unit, n, of) = PRESETS.get(at.parse::<usize>().ok()?)?;
            return Some(dates::filter(&self.column, &relative(*unit, *n, *of, AsOf::Now)));
        }
        let op = op_of(&self.test)?;
        let value = match needs(op) {
            Needs::Nothing => Value::Null,
            Needs::Two => Value::Array(self.values.to_vec()),
            Needs::Many => Value::Array(vec![self.values[0].clone()]),
            _ => self.values[0].clone(),
        };
        let condition = Condition { column: self.column.clone(), op, value, case_sensitive: false };
        crate::tiles::logic::conditions::is_complete(&condition).then_some(Filter::Is(condition)).filter(|_| {
            // A list of nothing is complete elsewhere: it means the rows without a value.
            needs(op) != Needs::Many || !self.values[0].is_null()
        })
    }
}

/// The tests of a type, as value and label.
fn tests(ty: DataType) -> Vec<(String, &'static str)> {
    let presets = PRESETS.iter().enumerate().map(|(at, (label, ..))| (format!("{PRESET}{at}"), *label));
    let own = operators(ty).iter().filter(|(op, _)| *op != Op::Relative).map(|(op, label)| (op_name(*op), *label));
    presets.filter(|_| ty.is_time()).chain(own).collect()
}

#[component]
pub(super) fn FilterLines(report: Report) -> impl IntoView {
    let next = StoredValue::new(0u32);
    let add = move |_| {
        next.update_value(|n| *n += 1);
        let line =
            Line { id: next.get_value(), column: String::new(), test: String::new(), values: Default::default() };
        report.lines.update(|lines| lines.push(line));
    };
    let none = Signal::derive(move || report.available.with(Vec::is_empty));
    view! {
        <section class="report-filters">
            <h2>"Filters"</h2>
            <ul class="filter-lines">
                <For each=move || report.lines.get() key=|line| line.id children=move |line| view! { <FilterLine report id=line.id/> }/>
            </ul>
            <button
                type="button"
                id="add-filter-btn"
                class="btn btn-secondary add-filter-btn"
                data-testid="add-filter-btn"
                disabled=none
                on:click=add
            >
                <Icon name="plus"/>
                "Add filter"
            </button>
        </section>
    }
    .into_any()
}

#[component]
fn FilterLine(report: Report, id: u32) -> impl IntoView {
    let line = Memo::new(move |_| report.lines.with(|all| all.iter().find(|l| l.id == id).cloned()));
    let change = move |change: &dyn Fn(&mut Line)| {
        report.lines.update(|all| all.iter_mut().filter(|l| l.id == id).for_each(change));
    };
    let column = Memo::new(move |_| line.with(|l| l.as_ref().and_then(|l| report.column(&l.column))));
    let test = Memo::new(move |_| line.with(|l| l.as_ref().map(|l| l.test.clone())).unwrap_or_default());
    let set_column = move |event| {
        let name: String = event_target_value(&event);
        // The test that is meant most comes first.
        let first = untrack(|| report.column(&name)).and_then(|c| tests(c.ty).first().map(|(test, _)| test.clone()));
        change(&|line| {
            line.column.clone_from(&name);
            line.test = first.clone().unwrap_or_default();
            line.values = Default::default();
        });
    };
    let set_test = move |event| {
        let name: String = event_target_value(&event);
        change(&|line| line.test.clone_from(&name));
    };
    let columns = move || {
        report.available.with(|all| {
            let option = |c: &Column| view! { <option value=c.name.clone()>{c.label.clone()}</option> };
            all.iter().map(option).collect_view()
        })
    };
    let choices = move || {
        column.with(|c| {
            c.as_ref().map(|c| {
                let option = |(value, label): (String, &'static str)| {
                    let own = value.clone();
                    view! { <option value=value prop:selected=move || test.with(|t| *t == own)>{label}</option> }
                };
                tests(c.ty).into_iter().map(option).collect_view()
            })
        })
    };
    let value = move |at: usize| {
        Signal::derive(move || line.with(|l| l.as_ref().map(|l| l.values[at].clone()).unwrap_or_default()))
    };
    let set_value = move |at: usize| Callback::new(move |value: Value| change(&|line| line.values[at] = value.clone()));
    let inputs = move || {
        let ty = column.with(|c| c.as_ref().map(|c| c.ty))?;
        let op = op_of(&test.get())?;
        Some(match needs(op) {
            Needs::One | Needs::Many => view! { {input(ty, "Value", value(0), set_value(0))} }.into_any(),
            Needs::Two => view! {
                {input(ty, "From", value(0), set_value(0))}
                <span class="muted">"to"</span>
                {input(ty, "To", value(1), set_value(1))}
            }
            .into_any(),
            _ => ().into_any(),
        })
    };
    view! {
        <li class="filter-line">
            <select class="input select filter-field" data-testid="filter-field" aria-label="Column" on:change=set_column>
                <option value="">"Choose a column"</option>
                {columns}
            </select>
            <select
                class="input select filter-operator"
                data-testid="filter-operator"
                aria-label="Test"
                disabled=move || column.with(Option::is_none)
                on:change=set_test
            >
                {choices}
            </select>
            {inputs}
            <button
                type="button"
                class="btn btn-ghost btn-icon"
                aria-label="Remove this filter"
                on:click=move |_| report.lines.update(|all| all.retain(|l| l.id != id))
            >
                <Icon name="x"/>
            </button>
        </li>
    }
    .into_any()
}

/// One value of a type.
fn input(ty: DataType, label: &'static str, value: Signal<Value>, set: Callback<Value>) -> AnyView {
    let text = Signal::derive(move || value.with(|v| v.as_str().map(str::to_owned).unwrap_or_default()));
    let or_null = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
    match ty {
        DataType::Integer | DataType::Float | DataType::Decimal => {
            let number = Signal::derive(move || value.with(Value::as_f64));
            let change = move |n: Option<f64>| set.run(n.map_or(Value::Null, Value::from));
            view! { <NumberInput label value=number on_change=change/> }.into_any()
        }
        DataType::Date | DataType::Timestamp => {
            view! { <DateInput label value=text on_change=move |day: String| set.run(or_null(day))/> }.into_any()
        }
        _ => {
            let later = typed(200, Callback::new(move |text: String| set.run(or_null(text))));
            view! { <TextInput label value=text on_input=later/> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(test: &str, values: [Value; 2]) -> Line {
        Line { id: 1, column: "date".into(), test: test.into(), values }
    }

    #[test]
    fn the_last_thirty_days_are_a_test() {
        let found = tests(DataType::Date).into_iter().find(|(_, label)| *label == "Last 30 days").unwrap();
        let filter = line(&found.0, Default::default()).filter();
        let expected = json!({"column": "date", "op": "relative", "value": {"unit": "day", "n": 30, "of": "previous", "as_of": "now"}});
        assert_eq!(serde_json::to_value(filter).unwrap(), expected);
        assert!(tests(DataType::Text).iter().all(|(test, _)| !test.starts_with(PRESET)));
    }

    #[test]
    fn half_a_test_is_none() {
        assert_eq!(line("between", [json!(1), Value::Null]).filter(), None);
        assert_eq!(line("in", Default::default()).filter(), None);
        assert_eq!(line("in", [json!("a"), Value::Null]).filter(), Some(Filter::is("date", Op::In, json!(["a"]))));
        assert!(line("is_null", Default::default()).filter().is_some());
    }
}
