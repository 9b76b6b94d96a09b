//! Conditions as people build them: which operators suit a column, and what a value must be.

use domain::dashboard::FilterControl;
use domain::query::{Condition, Filter, Op, TopN};
use domain::{Column, DataType};
use serde_json::Value;

const TEXT: &[(Op, &str)] = &[
    (Op::In, "is"),
    (Op::NotIn, "is not"),
    (Op::Contains, "contains"),
    (Op::NotContains, "does not contain"),
    (Op::StartsWith, "starts with"),
    (Op::EndsWith, "ends with"),
    (Op::IsNull, "is empty"),
    (Op::IsNotNull, "is not empty"),
];
const NUMBER: &[(Op, &str)] = &[
    (Op::Eq, "="),
    (Op::Ne, "≠"),
    (Op::Gt, ">"),
    (Op::Gte, "≥"),
    (Op::Lt, "<"),
    (Op::Lte, "≤"),
    (Op::Between, "between"),
    (Op::NotBetween, "not between"),
    (Op::IsNull, "is empty"),
    (Op::IsNotNull, "is not empty"),
];
const DATE: &[(Op, &str)] = &[
    (Op::Relative, "is in"),
    (Op::Between, "is between"),
    (Op::Eq, "is on"),
    (Op::Lt, "is before"),
    (Op::Gt, "is after"),
    (Op::NotBetween, "is not between"),
    (Op::IsNull, "is empty"),
    (Op::IsNotNull, "is not empty"),
];
const TIME: &[(Op, &str)] = &[
    (Op::Between, "is between"),
    (Op::Lt, "is before"),
    (Op::Gt, "is after"),
    (Op::IsNull, "is empty"),
    (Op::IsNotNull, "is not empty"),
];
const BOOLEAN: &[(Op, &str)] = &[(Op::IsTrue, "is true"), (Op::IsFalse, "is false"), (Op::IsNull, "is empty")];
const OTHER: &[(Op, &str)] = &[(Op::IsNull, "is empty"), (Op::IsNotNull, "is not empty")];

/// The operators of a type, the one that is meant most first.
pub fn operators(ty: DataType) -> &'static [(Op, &'static str)] {
    match ty {
        DataType::Text => TEXT,
        DataType::Integer | DataType::Float | DataType::Decimal => NUMBER,
        DataType::Date | DataType::Timestamp => DATE,
        DataType::Time => TIME,
        DataType::Boolean => BOOLEAN,
        DataType::Other => OTHER,
    }
}

/// The wire name of an operator, which a list of choices keeps.
pub fn op_name(op: Op) -> String {
    serde_json::to_value(op).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Reads the wire name of an operator.
pub fn op_of(name: &str) -> Option<Op> {
    serde_json::from_value(Value::from(name)).ok()
}

/// What stands beside an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    One,
    Two,
    Many,
    Period,
    /// How many, by which number.
    Top,
}

/// What an operator needs.
pub fn needs(op: Op) -> Needs {
    match op {
        Op::IsNull | Op::IsNotNull | Op::IsTrue | Op::IsFalse => Needs::Nothing,
        Op::Between | Op::NotBetween => Needs::Two,
        Op::In | Op::NotIn => Needs::Many,
        Op::Relative => Needs::Period,
        Op::TopN => Needs::Top,
        _ => Needs::One,
    }
}

/// Whether rows without a value pass: people expect the opposite of what SQL does, so it is said.
pub fn keeps_empty(op: Op) -> bool {
    matches!(op, Op::Ne | Op::NotIn | Op::NotBetween | Op::NotContains)
}

/// The condition in the form the editor knows: text that equals one value is a list of one.
pub fn normal(mut condition: Condition, ty: DataType) -> Condition {
    if ty == DataType::Text && matches!(condition.op, Op::Eq | Op::Ne) {
        condition.op = if condition.op == Op::Eq { Op::In } else { Op::NotIn };
        condition.value = Value::Array(vec![condition.value]);
    }
    condition
}

/// A condition to begin with; it is not complete yet, unless its operator needs nothing.
pub fn blank(column: &Column) -> Condition {
    let op = operators(column.ty).first().map_or(Op::IsNotNull, |(op, _)| *op);
    Condition { column: column.name.clone(), op, value: Value::Null, case_sensitive: false }
}

/// The same condition under another operator; what was typed stays where it fits.
pub fn with_op(condition: &Condition, op: Op) -> Condition {
    let first = match &condition.value {
        Value::Array(list) => list.first().cloned().unwrap_or(Value::Null),
        other => other.clone(),
    };
    let scalar = if first.is_object() { Value::Null } else { first };
    let value = match (needs(condition.op), needs(op)) {
        (from, to) if from == to => condition.value.clone(),
        (_, Needs::One) => scalar,
        (_, Needs::Two) => Value::Array(vec![scalar, Value::Null]),
        (_, Needs::Many) if !scalar.is_null() => Value::Array(vec![scalar]),
        _ => Value::Null,
    };
    Condition { op, value, ..condition.clone() }
}

/// The largest ten by a number.
pub fn top_ten(column: &str, by: &str) -> Condition {
    let top = TopN { n: 10, by: by.to_owned(), others: false };
    let value = serde_json::to_value(top).unwrap_or(Value::Null);
    Condition { column: column.to_owned(), op: Op::TopN, value, case_sensitive: false }
}

/// Whether it can be asked: otherwise it is a row that somebody has not finished.
pub fn is_complete(condition: &Condition) -> bool {
    let filled = |v: &Value| !v.is_null() && v.as_str() != Some("");
    match needs(condition.op) {
        Needs::Nothing => true,
        Needs::Top => serde_json::from_value::<TopN>(condition.value.clone()).is_ok_and(|top| top.n > 0),
        Needs::One => filled(&condition.value),
        Needs::Two => condition.value.as_array().is_some_and(|both| both.len() == 2 && both.iter().all(filled)),
        Needs::Many => condition.value.as_array().is_some_and(|list| !list.is_empty()),
        Needs::Period => super::dates::read(&condition.value).is_some(),
    }
}

/// The one column that a filter is about.
pub fn column_of(filter: &Filter) -> Option<String> {
    let mut columns = Vec::new();
    filter.each(&mut |c| {
        if !columns.contains(&c.column) {
            columns.push(c.column.clone());
        }
    });
    if columns.len() == 1 { columns.pop() } else { None }
}

/// The filters with that of one column replaced or taken away.
pub fn with_filter(filters: &[Filter], column: &str, new: Option<Filter>) -> Vec<Filter> {
    let at = filters.iter().position(|f| column_of(f).as_deref() == Some(column));
    let mut all: Vec<Filter> = filters.iter().filter(|f| column_of(f).as_deref() != Some(column)).cloned().collect();
    if let Some(new) = new {
        all.insert(at.unwrap_or(all.len()).min(all.len()), new);
    }
    all
}

/// The filter of one column.
pub fn filter_of(filters: &[Filter], column: &str) -> Option<Filter> {
    filters.iter().find(|f| column_of(f).as_deref() == Some(column)).cloned()
}

/// What the controls are set to when the page opens.
pub fn defaults(controls: &[FilterControl]) -> Vec<Filter> {
    controls.iter().filter_map(|control| control.default.clone()).collect()
}

/// The conditions of a filter that all must hold.
pub fn parts(filter: Option<&Filter>) -> Vec<Filter> {
    match filter {
        Some(Filter::And(all)) => all.iter().flat_map(|f| parts(Some(f))).collect(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

/// The filter whose conditions all must hold.
pub fn all_of(mut parts: Vec<Filter>) -> Option<Filter> {
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(Filter::And(parts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;
    use serde_json::json;

    fn condition(op: Op, value: Value) -> Condition {
        Condition { column: "x".into(), op, value, case_sensitive: false }
    }

    #[test]
    fn every_operator_of_every_type_has_its_name() {
        for ty in [DataType::Text, DataType::Float, DataType::Date, DataType::Time, DataType::Boolean, DataType::Other]
        {
            for (op, _) in operators(ty) {
                assert_eq!(op_of(&op_name(*op)), Some(*op));
            }
        }
    }

    #[test]
    fn a_new_condition_waits_for_its_value() {
        for column in flights() {
            let blank = blank(&column);
            assert_eq!(is_complete(&blank), column.ty == DataType::Boolean, "{}", column.name);
        }
        assert!(is_complete(&condition(Op::Between, json!([1, 2]))));
        assert!(!is_complete(&condition(Op::Between, json!([1, null]))));
        assert!(!is_complete(&condition(Op::In, json!([]))));
        assert!(is_complete(&condition(Op::Relative, json!({"unit": "day"}))));
        assert!(!is_complete(&condition(Op::Contains, json!(""))));
        assert!(is_complete(&top_ten("x", "count")) && !is_complete(&condition(Op::TopN, json!({"n": 0, "by": "x"}))));
    }

    #[test]
    fn what_was_typed_stays_where_it_fits() {
        let five = condition(Op::Gt, json!(5));
        assert_eq!(with_op(&five, Op::Lt).value, json!(5));
        assert_eq!(with_op(&five, Op::Between).value, json!([5, null]));
        assert_eq!(with_op(&condition(Op::Between, json!([5, 9])), Op::Eq).value, json!(5));
        assert_eq!(with_op(&condition(Op::Contains, json!("a")), Op::In).value, json!(["a"]));
        assert_eq!(with_op(&condition(Op::In, json!(["a", "b"])), Op::NotIn).value, json!(["a", "b"]));
        assert_eq!(with_op(&condition(Op::Relative, json!({"unit": "day"})), Op::Eq).value, Value::Null);
        assert_eq!(with_op(&five, Op::IsNull).value, Value::Null);
    }

    #[test]
    fn a_filter_of_a_column_is_replaced_in_its_place() {
        let (a, b) = (Filter::is("a", Op::Eq, 1), Filter::is("b", Op::Eq, 2));
        let both = [a.clone(), b.clone()];
        let new = Filter::is("a", Op::Eq, 3);
        assert_eq!(with_filter(&both, "a", Some(new.clone())), [new.clone(), b.clone()]);
        assert_eq!(with_filter(&both, "a", None), std::slice::from_ref(&b));
        assert_eq!(with_filter(std::slice::from_ref(&b), "a", Some(new.clone())), [b, new]);
        assert_eq!(filter_of(&both, "a"), Some(a));
    }

    #[test]
    fn nested_ands_are_one_list_and_ors_stay_whole() {
        let (a, b) = (Filter::is("a", Op::Eq, 1), Filter::is("b", Op::Eq, 2));
        let or = Filter::Or(vec![a.clone(), b.clone()]);
        let all = Filter::And(vec![a.clone(), Filter::And(vec![b.clone(), or.clone()])]);
        assert_eq!(parts(Some(&all)), [a.clone(), b.clone(), or.clone()]);
        assert_eq!(all_of(vec![a.clone()]), Some(a));
        assert_eq!(all_of(Vec::new()), None);
        assert_eq!(column_of(&or), None);
    }

    #[test]
    fn text_that_equals_is_a_list_of_one() {
        let normal = normal(condition(Op::Ne, json!("a")), DataType::Text);
        assert_eq!((normal.op, normal.value), (Op::NotIn, json!(["a"])));
    }
}
