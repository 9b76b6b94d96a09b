//! From a condition of a question to a parameter of a report, and from a parameter to an address.

use super::dates;
use domain::query::{Condition, Op};
use domain::report::{Parameter, ParameterKind};
use domain::{Column, DataType};
use serde_json::{Map, Value};

/// The forms that a condition can be asked for in, the nearest first; none for what no reader fills in.
pub fn offers(condition: &Condition, column: Option<&Column>) -> Vec<(ParameterKind, Op)> {
    use Op as O;
    use ParameterKind as P;
    let ty = column.map_or(DataType::Text, |c| c.ty);
    let (is_number, is_time) = (ty.is_number(), ty.is_time());
    let op = condition.op;
    match op {
        O::Eq | O::Ne | O::Gt | O::Gte | O::Lt | O::Lte if is_number => {
            vec![(P::Number, op), (P::NumberRange, O::Between)]
        }
        O::Eq | O::Ne | O::Gt | O::Gte | O::Lt | O::Lte if is_time => {
            vec![(P::Date, op), (P::DateRange, O::Between), (P::Period, O::Relative)]
        }
        O::Eq => vec![(P::Choice, op), (P::Choices, O::In)],
        O::Ne => vec![(P::Choice, op), (P::Choices, O::NotIn)],
        O::In => vec![(P::Choices, op), (P::Choice, O::Eq)],
        O::NotIn => vec![(P::Choices, op), (P::Choice, O::Ne)],
        O::Between | O::NotBetween if is_time => vec![(P::DateRange, op), (P::Period, O::Relative)],
        O::Between | O::NotBetween => vec![(P::NumberRange, op)],
        O::Relative => vec![(P::Period, op), (P::DateRange, O::Between)],
        O::Contains | O::NotContains | O::StartsWith | O::EndsWith => vec![(P::Text, op)],
        O::IsTrue | O::IsFalse => vec![(P::Choice, O::Eq)],
        O::Gt | O::Gte | O::Lt | O::Lte | O::IsNull | O::IsNotNull | O::TopN => Vec::new(),
    }
}

/// The value of a condition in another form; null where it has none there.
pub fn default_of(condition: &Condition, kind: ParameterKind) -> Value {
    use ParameterKind as P;
    let value = &condition.value;
    match (condition.op, kind) {
        (Op::IsTrue, _) => Value::Bool(true),
        (Op::IsFalse, _) => Value::Bool(false),
        (Op::In | Op::NotIn, P::Choice) => value.get(0).cloned().unwrap_or_default(),
        (Op::Eq | Op::Ne, P::Choices) => Value::Array(vec![value.clone()]),
        (Op::Gt | Op::Gte, P::NumberRange | P::DateRange) => Value::Array(vec![value.clone(), Value::Null]),
        (Op::Lt | Op::Lte, P::NumberRange | P::DateRange) => Value::Array(vec![Value::Null, value.clone()]),
        (Op::Eq | Op::Ne, P::NumberRange | P::DateRange) => Value::Array(vec![value.clone(), value.clone()]),
        (Op::Relative, P::Period) => value.clone(),
        (Op::Relative, _) | (_, P::Period) => Value::Null,
        _ => value.clone(),
    }
}

/// A name for a parameter that no other has.
pub fn free_name(column: &str, taken: &[String]) -> String {
    let stem = domain::names::to_name(column.rsplit('.').next().unwrap_or(column));
    let numbered = |n: usize| if n == 1 { stem.clone() } else { format!("{stem}_{n}") };
    (1..).map(numbered).find(|name| !taken.contains(name)).unwrap_or(stem.clone())
}

/// A value as it stands in an address. The router decodes it twice, so there is no `%` in it.
pub fn write(value: &Value) -> String {
    match value {
        _ if Parameter::is_blank(value) => String::new(),
        Value::String(text) if !text.contains('%') && !text.starts_with(['"', '[', '{']) => text.clone(),
        other => other.to_string().replace('%', "\\u0025"),
    }
}

/// Reads what an address says of a parameter.
pub fn read(text: &str, kind: ParameterKind) -> Value {
    use ParameterKind as P;
    let parsed = || serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    match kind {
        _ if text.is_empty() => Value::Null,
        P::Choices | P::NumberRange | P::DateRange | P::Period => parsed(),
        _ if text.starts_with('"') => parsed(),
        _ => Value::from(text),
    }
}

/// The values of an address; a parameter that it does not name has its default.
pub fn values(parameters: &[Parameter], get: impl Fn(&str) -> Option<String>) -> Map<String, Value> {
    let value = |p: &Parameter| get(&p.name).map_or_else(|| p.default.clone(), |text| read(&text, p.kind));
    parameters.iter().map(|p| (p.name.clone(), value(p))).collect()
}

/// What of the values differs from the defaults, for an address.
pub fn differing(parameters: &[Parameter], values: &Map<String, Value>) -> Vec<(String, String)> {
    let given = |p: &Parameter| {
        let value = values.get(&p.name).unwrap_or(&Value::Null);
        let both_blank = Parameter::is_blank(value) && Parameter::is_blank(&p.default);
        (*value != p.default && !both_blank).then(|| (p.name.clone(), write(value)))
    };
    parameters.iter().filter_map(given).collect()
}

/// The first parameter that waits for a value.
pub fn missing<'a>(parameters: &'a [Parameter], values: &Map<String, Value>) -> Option<&'a Parameter> {
    parameters.iter().find(|p| p.required && Parameter::is_blank(values.get(&p.name).unwrap_or(&Value::Null)))
}

/// Periods to choose from: the usual ones, and the one that is set where it is another. Each with its
/// value as it stands in an address.
pub fn periods(parameter: &Parameter, now: &Value) -> Vec<(String, String)> {
    let as_of = dates::read(&parameter.default).map(|r| r.as_of).unwrap_or_default();
    let usual = dates::PRESETS.iter().map(|(label, unit, n, of)| {
        let relative = dates::relative(*unit, *n, *of, as_of);
        (serde_json::to_value(&relative).unwrap_or_default().to_string(), (*label).to_owned())
    });
    let mut all: Vec<(String, String)> = usual.collect();
    for own in [&parameter.default, now] {
        if let Some(relative) = dates::read(own) {
            let text = serde_json::to_value(&relative).unwrap_or_default().to_string();
            if all.iter().all(|(value, _)| *value != text) {
                all.insert(0, (text, dates::capital(&dates::words(&relative))));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;
    use domain::query::Filter;
    use serde_json::json;

    fn condition(column: &str, op: Op, value: Value) -> Condition {
        match Filter::is(column, op, value) {
            Filter::Is(condition) => condition,
            _ => unreachable!(),
        }
    }

    fn parameter(kind: ParameterKind, default: Value) -> Parameter {
        Parameter { name: "p".into(), label: "P".into(), kind, column: "c".into(), op: None, default, required: false }
    }

    #[test]
    fn every_offer_takes_the_value_it_begins_with() {
        let columns = flights();
        for (column, op, value) in [
            ("origin", Op::In, json!(["JFK", "LGA"])),
            ("origin", Op::Eq, json!("JFK")),
            ("dep_delay", Op::Gt, json!(15)),
            ("dep_delay", Op::Between, json!([1, 2])),
            ("time_hour", Op::Relative, json!({"unit": "day", "n": 7})),
            ("time_hour", Op::Gte, json!("2013-02-01")),
            ("carrier", Op::Contains, json!("A")),
            ("cancelled", Op::IsTrue, Value::Null),
        ] {
            let condition = condition(column, op, value);
            let offers = offers(&condition, columns.iter().find(|c| c.name == column));
            assert!(!offers.is_empty(), "{column}");
            for (at, (kind, op)) in offers.into_iter().enumerate() {
                assert!(kind.takes(op), "{kind:?} {op:?}");
                let default = default_of(&condition, kind);
                assert!(at > 0 || !default.is_null(), "{column}");
                let made = Parameter { op: Some(op), ..parameter(kind, default.clone()) }.condition(&default);
                assert_eq!(made.unwrap().is_none(), default.is_null(), "{column} {kind:?}");
            }
        }
        assert!(offers(&condition("origin", Op::TopN, json!({})), None).is_empty());
    }

    #[test]
    fn nothing_is_lost_in_the_address() {
        let all = [
            parameter(ParameterKind::Choice, json!("JFK")),
            parameter(ParameterKind::Choices, json!(["a", null])),
            parameter(ParameterKind::Text, json!("50 % \"off\"")),
            parameter(ParameterKind::Text, json!("\"quoted\"")),
            parameter(ParameterKind::NumberRange, json!([1, null])),
            parameter(ParameterKind::Period, json!({"unit": "day", "n": 7})),
        ];
        for p in all {
            let text = write(&p.default);
            assert!(!text.contains('%'), "{text}");
            assert_eq!(read(&text, p.kind), p.default);
            // What is taken out stays out, though there is a default.
            let blank = Map::from_iter([("p".to_owned(), Value::Null)]);
            assert_eq!(differing(std::slice::from_ref(&p), &blank), [("p".to_owned(), String::new())]);
            assert_eq!(values(std::slice::from_ref(&p), |_| Some(String::new())), blank);
            assert!(differing(std::slice::from_ref(&p), &values(std::slice::from_ref(&p), |_| None)).is_empty());
        }
        assert_eq!(free_name("airlines.name", &["name".into()]), "name_2");
    }

    #[test]
    fn a_period_that_is_not_usual_can_be_kept() {
        let own = json!({"unit": "day", "n": 11, "as_of": "latest"});
        let found = periods(&parameter(ParameterKind::Period, own), &Value::Null);
        assert_eq!(found[0].1, "Last 11 days of the data");
        assert!(found[1].0.contains("latest"));
    }
}
