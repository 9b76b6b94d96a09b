//! Filters in words.

use super::dates;
use domain::format::{self, Format};
use domain::query::{Condition, Filter, Op, TopN};
use domain::{Column, DataType};
use serde_json::Value;

/// What stands for a group of rows that have no value.
pub const EMPTY: &str = "(empty)";

/// The value of a condition without its column: "JFK, LGA", "≥ 15", "Last 7 days".
pub fn value_words(condition: &Condition, column: Option<&Column>, locale: &str) -> String {
    let one = |value: &Value| value_text(value, column, locale);
    let value = &condition.value;
    let two = || match value.as_array().map(Vec::as_slice) {
        Some([from, to]) => format!("{} to {}", one(from), one(to)),
        _ => one(value),
    };
    let quoted = || format!("“{}”", one(value));
    let is_date = column.is_some_and(|c| c.ty.is_time() || c.ty == DataType::Time);
    match condition.op {
        Op::Eq => one(value),
        Op::Ne => format!("not {}", one(value)),
        Op::Gt if is_date => format!("after {}", one(value)),
        Op::Lt if is_date => format!("before {}", one(value)),
        Op::Gt => format!("> {}", one(value)),
        Op::Gte if is_date => format!("from {}", one(value)),
        Op::Gte => format!("≥ {}", one(value)),
        Op::Lt => format!("< {}", one(value)),
        Op::Lte if is_date => format!("until {}", one(value)),
        Op::Lte => format!("≤ {}", one(value)),
        Op::Between => two(),
        Op::NotBetween => format!("not {}", two()),
        Op::In => list(value, column, locale, "or"),
        Op::NotIn => format!("not {}", list(value, column, locale, "or")),
        Op::Contains => format!("contains {}", quoted()),
        Op::NotContains => format!("does not contain {}", quoted()),
        Op::StartsWith => format!("starts with {}", quoted()),
        Op::EndsWith => format!("ends with {}", quoted()),
        Op::IsNull => "is empty".into(),
        Op::IsNotNull => "is not empty".into(),
        Op::IsTrue => "is true".into(),
        Op::IsFalse => "is false".into(),
        Op::Relative => dates::read(value).map_or_else(|| one(value), |relative| dates::words(&relative)),
        Op::TopN => match serde_json::from_value::<TopN>(value.clone()) {
            Ok(top) => format!("top {} by {}", top.n, domain::names::to_label(&top.by)),
            Err(_) => one(value),
        },
    }
}

/// A whole filter: "Origin: JFK or LGA and (Delay: > 15 or Delay: is empty)".
pub fn filter_words(filter: &Filter, columns: &[Column], locale: &str) -> String {
    let join = |all: &[Filter], word: &str| {
        let part = |f: &Filter| match f {
            Filter::Is(_) => filter_words(f, columns, locale),
            _ => format!("({})", filter_words(f, columns, locale)),
        };
        all.iter().map(part).collect::<Vec<_>>().join(word)
    };
    match filter {
        Filter::And(all) => join(all, " and "),
        Filter::Or(any) => join(any, " or "),
        Filter::Is(condition) => {
            let column = columns.iter().find(|c| c.name == condition.column);
            let label = column.map_or_else(|| domain::names::to_label(&condition.column), |c| c.label.clone());
            let value = value_words(condition, column, locale);
            let says_itself = matches!(
                condition.op,
                Op::Contains
                    | Op::NotContains
                    | Op::StartsWith
                    | Op::EndsWith
                    | Op::IsNull
                    | Op::IsNotNull
                    | Op::IsTrue
                    | Op::IsFalse
                    | Op::Gt
                    | Op::Gte
                    | Op::Lt
                    | Op::Lte
            );
            match condition.op {
                Op::Relative | Op::TopN => format!("{label} in {}", dates_in_sentence(&value)),
                _ if says_itself => format!("{label} {value}"),
                _ => format!("{label} is {value}"),
            }
        }
    }
}

/// Words that begin a line, inside one.
fn dates_in_sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// One value as its column writes it.
pub fn value_text(value: &Value, column: Option<&Column>, locale: &str) -> String {
    match value {
        Value::Null => EMPTY.to_owned(),
        Value::Bool(yes) => if *yes { "true" } else { "false" }.to_owned(),
        Value::Number(n) => {
            let format = column.and_then(|c| c.format.clone()).unwrap_or_default();
            n.as_f64().map_or_else(|| n.to_string(), |v| format::number(v, &exact(format), false, locale))
        }
        Value::String(text) if text.is_empty() => "(blank)".to_owned(),
        Value::String(text) if column.is_some_and(|c| c.ty.is_time()) => format::time(text, None, locale),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A filter says its number in full.
fn exact(format: Format) -> Format {
    Format { compact: Some(false), ..format }
}

/// "JFK", "JFK or LGA", "JFK, LGA and 3 more".
fn list(value: &Value, column: Option<&Column>, locale: &str, word: &str) -> String {
    let Some(values) = value.as_array() else { return value_text(value, column, locale) };
    let texts: Vec<String> = values.iter().map(|v| value_text(v, column, locale)).collect();
    match texts.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [one, two] => format!("{one} {word} {two}"),
        [one, two, three] => format!("{one}, {two} {word} {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} {word} {} more", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;
    use serde_json::json;

    fn words(column: &str, op: Op, value: Value) -> String {
        filter_words(&Filter::is(column, op, value), &flights(), "en-US")
    }

    #[test]
    fn conditions_read_as_sentences() {
        assert_eq!(words("origin", Op::In, json!(["JFK"])), "Origin is JFK");
        assert_eq!(words("origin", Op::NotIn, json!(["JFK", null])), "Origin is not JFK or (empty)");
        assert_eq!(words("origin", Op::In, json!(["a", "b", "c", "d", "e"])), "Origin is a, b or 3 more");
        assert_eq!(words("origin", Op::Contains, json!("J")), "Origin contains “J”");
        assert_eq!(words("dep_delay", Op::Gte, json!(1500)), "Dep delay ≥ 1,500");
        assert_eq!(words("dep_delay", Op::Between, json!([1, 2.5])), "Dep delay is 1 to 2.5");
        assert_eq!(words("time_hour", Op::Lt, json!("2013-02-01")), "Time hour before Feb 1, 2013");
        assert_eq!(words("time_hour", Op::Relative, json!({"unit": "month", "n": 3})), "Time hour in last 3 months");
        assert_eq!(words("cancelled", Op::IsFalse, Value::Null), "Cancelled is false");
        assert_eq!(words("gone_column", Op::IsNull, Value::Null), "Gone column is empty");
    }

    #[test]
    fn groups_keep_their_brackets() {
        let a = Filter::is("origin", Op::In, json!(["JFK"]));
        let b = Filter::Or(vec![Filter::is("dep_delay", Op::Gt, 15), Filter::is("dep_delay", Op::IsNull, Value::Null)]);
        let both = Filter::And(vec![a, b]);
        assert_eq!(
            filter_words(&both, &flights(), "en-US"),
            "Origin is JFK and (Dep delay > 15 or Dep delay is empty)"
        );
    }
}
