//! Nothing that a person types leaves its quotes: every question, whatever its texts, has the same
//! skeleton once its literals and identifiers are taken out.

use crate::{World, columns};
use proptest::prelude::*;
use semantic::Source;
use serde_json::{Value, json};

/// The SQL without what stands in quotes; None when a quote is left open.
fn skeleton(sql: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\'' || c == '"' {
            loop {
                if chars.next()? == c {
                    if chars.peek() != Some(&c) {
                        break;
                    }
                    chars.next();
                }
            }
        }
    }
    Some(out)
}

fn question(text: &str) -> Value {
    let test = |op: &str| json!({"column": "carrier", "op": op, "value": text});
    let tests: Vec<Value> =
        ["eq", "ne", "gt", "contains", "not_contains", "starts_with", "ends_with"].iter().map(|op| test(op)).collect();
    json!({"dataset": text, "dimensions": [{"column": "origin", "as": format!("x{text}")}],
        "measures": [{"agg": "count_if", "filter": test("eq")}],
        "filter": {"and": [{"or": tests}, {"column": "carrier", "op": "in", "value": [text, text]},
            {"column": "origin", "op": "between", "value": [text, text]}]},
        "having": {"column": format!("x{text}"), "op": "eq", "value": text},
        "order": [{"by": format!("x{text}")}]})
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "['\"\\\\;%_$/*-]{0,12}",
        "[ -~]{0,40}",
        "\\PC{0,40}",
        Just("'; DROP TABLE x; --".to_owned()),
        Just("\\' OR 1=1 --".to_owned()),
        Just("$$ || 'a'".to_owned()),
        Just("\u{2019} \u{ff07} \u{02bc}".to_owned()),
    ]
}

proptest! {
    #[test]
    fn no_text_leaves_its_literal(text in text()) {
        let plain = World::default().plan(&question("a")).unwrap().sql;
        let sql = World::default().plan(&question(&text)).unwrap().sql;
        prop_assert_eq!(skeleton(&sql), skeleton(&plain));
    }

    #[test]
    fn no_search_leaves_its_literal(text in text()) {
        let columns = columns();
        let parts = ["s_1".to_owned()];
        let source = Source { name: "flights", columns: &columns, parts: (&parts).into() };
        let sql = |search: &str| semantic::values_sql(&source.into(), "carrier", search, 10, jiff::Timestamp::UNIX_EPOCH).unwrap();
        prop_assert_eq!(skeleton(&sql(&format!("x{text}"))), skeleton(&sql("x")));
    }

    #[test]
    fn no_column_name_leaves_its_identifier(name in "[^\0]{1,30}") {
        let ask = |name: &str| {
            let mut columns = columns();
            columns[3].name = name.to_owned();
            let parts = ["s_1".to_owned(), name.to_owned()];
            let source = Source { name: "flights", columns: &columns, parts: (&parts).into() };
            let query = json!({"dataset": "flights", "columns": [name], "filter": {"column": name, "op": "is_null"}});
            let query = serde_json::from_value(query).unwrap();
            let ctx = semantic::Context::of(source.into(), jiff::Timestamp::UNIX_EPOCH);
            semantic::plan(&query, &ctx).unwrap().sql
        };
        prop_assert_eq!(skeleton(&ask(&name)), skeleton(&ask("plain")));
    }

    #[test]
    fn a_value_of_any_kind_is_quoted_or_refused(value in text(), i in 0_usize..9) {
        let column = &columns()[i].name;
        let query = json!({"dataset": "d", "columns": ["day"], "filter": {"column": column, "op": "eq", "value": value}});
        if let Ok(plan) = World::default().plan(&query) {
            let sql = skeleton(&plan.sql);
            prop_assert!(sql.is_some_and(|s| !s.contains(';') && !s.contains("--")), "{}", plan.sql);
        }
    }
}
