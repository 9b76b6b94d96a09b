//! Every mistake has a sentence and the place of the mistake.

use crate::World;
use domain::Error;
use domain::ErrorCode::{self, InvalidQuery, UnknownColumn};
use serde_json::{Value, json};

fn refused(query: Value) -> Error {
    let mut full = json!({"dataset": "flights"});
    full.as_object_mut().unwrap().extend(query.as_object().unwrap().clone());
    World::default().plan(&full).unwrap_err()
}

fn check(query: Value, code: ErrorCode, field: &str, words: &str) {
    let error = refused(query.clone());
    assert_eq!((error.code, error.field.as_deref()), (code, Some(field)), "{query}: {error}");
    assert!(error.message.contains(words) && error.message.ends_with('.'), "{query}: {error}");
}

/// A question with this filter.
fn filter(filter: Value) -> Value {
    json!({"columns": ["carrier"], "filter": filter})
}

/// A question with this measure second.
fn measure(measure: Value) -> Value {
    json!({"measures": [{"agg": "count"}, measure]})
}

#[test]
fn questions_that_ask_for_nothing_or_for_both() {
    check(json!({}), InvalidQuery, "dimensions", "asks for nothing");
    check(json!({"columns": ["day"], "measures": [{"agg": "count"}]}), InvalidQuery, "columns", "cannot be mixed");
    check(
        json!({"columns": ["day"], "having": {"column": "day", "op": "is_null"}}),
        InvalidQuery,
        "having",
        "`filter`",
    );
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    for (query, field) in [
        (json!({"columns": ["day", "carier"]}), "columns[1]"),
        (json!({"dimensions": [{"column": "carier"}]}), "dimensions[0].column"),
        (measure(json!({"agg": "max", "column": "carier"})), "measures[1].column"),
        (measure(json!({"agg": "first", "column": "day", "by": "carier"})), "measures[1].by"),
        (filter(json!({"and": [{"column": "carier", "op": "is_null"}]})), "filter.and[0].column"),
        (filter(json!({"and": [{"or": [{"column": "carier", "op": "is_null"}]}]})), "filter.and[0].or[0].column"),
        (json!({"dimensions": [{"column": "carrier"}], "order": [{"by": "carier"}]}), "order[0].by"),
        (json!({"columns": ["day"], "order": [{"by": "carier"}]}), "order[0].by"),
        (
            json!({"dimensions": [{"column": "carrier"}], "having": {"column": "carier", "op": "is_null"}}),
            "having.column",
        ),
    ] {
        check(query.clone(), UnknownColumn, field, "`carier`");
        assert_eq!(refused(query).hint.as_deref(), Some("Did you mean `carrier`?"));
    }
    let far = refused(json!({"columns": ["zzzzzzzzzz"]}));
    assert!(far.hint.unwrap().starts_with("There are `time_hour`, `day`"));
}

#[test]
fn values_of_the_wrong_type() {
    let test = |column: &str, op: &str, value: Value| filter(json!({"column": column, "op": op, "value": value}));
    for (query, field, words) in [
        (test("distance", "gt", json!("many")), "filter.value", "`distance` holds numbers, so \"many\" does not fit"),
        (test("carrier", "eq", json!(5)), "filter.value", "holds text"),
        (test("day", "eq", json!("31.01.2024")), "filter.value", "holds dates"),
        (test("time_hour", "lt", json!("soon")), "filter.value", "holds timestamps"),
        (test("dep_time", "lt", json!("24:61")), "filter.value", "times of day"),
        (test("cancelled", "eq", json!("yes")), "filter.value", "true or false"),
        (test("carrier", "in", json!(["UA", 5])), "filter.value[1]", "holds text"),
        (test("carrier", "in", json!("UA")), "filter.value", "takes a list"),
        (test("distance", "between", json!([1])), "filter.value", "two values"),
        (test("distance", "between", json!([1, "b"])), "filter.value[1]", "holds numbers"),
        (test("distance", "gt", Value::Null), "filter.value", "holds numbers"),
        (test("carrier", "eq", json!("a\u{0}b")), "filter.value", "NUL"),
        (test("distance", "contains", json!("5")), "filter.op", "needs text"),
        (test("cancelled", "gt", json!(true)), "filter.op", "has an order"),
        (test("carrier", "is_true", Value::Null), "filter.op", "needs a boolean"),
        (test("details", "eq", json!("x")), "filter.op", "type other"),
        (test("carrier", "relative", json!({"unit": "day"})), "filter.op", "a date or a timestamp"),
        (test("day", "relative", json!("yesterday")), "filter.value", "A relative date is"),
        (test("day", "relative", json!({"unit": "hour"})), "filter.value", "no hours"),
        (test("day", "relative", json!({"unit": "day", "n": 0})), "filter.value", "1 to 100000"),
        (test("day", "relative", json!({"unit": "year", "n": 99999})), "filter.value", "beyond the calendar"),
    ] {
        check(query, InvalidQuery, field, words);
    }
}

#[test]
fn sizes_are_bounded() {
    let values: Vec<u32> = (0..10_001).collect();
    let list = filter(json!({"column": "distance", "op": "in", "value": values}));
    check(list, InvalidQuery, "filter.value", "10001 values");
    check(json!({"columns": ["day"], "limit": 100_001}), InvalidQuery, "limit", "100000");
    check(json!({"columns": ["day"], "limit": 0}), InvalidQuery, "limit", "between 1");
    check(json!({"columns": ["day"], "offset": u64::MAX}), InvalidQuery, "offset", "beyond");
}

#[test]
fn groups_may_lie_64_deep() {
    // Built from the inside out; JSON as deep as this would be refused by its reader.
    let nested = |depth: usize| {
        (0..depth).fold(domain::query::Filter::is("carrier", domain::query::Op::IsNull, Value::Null), |inner, _| {
            domain::query::Filter::And(vec![inner])
        })
    };
    let plan = |depth: usize| {
        let query = domain::Query { columns: vec!["day".into()], filter: Some(nested(depth)), ..Default::default() };
        let columns = crate::columns();
        let source = semantic::Source { name: "flights", columns: &columns, parts: (&[]).into() };
        semantic::plan(&query, &semantic::Context::of(source.into(), jiff::Timestamp::UNIX_EPOCH))
    };
    assert!(plan(64).is_ok());
    let error = plan(200).unwrap_err();
    assert_eq!(error.code, InvalidQuery);
    assert!(error.message.contains("64 groups deep") && error.field.unwrap().starts_with("filter.and[0].and[0]"));
}

#[test]
fn measures_and_dimensions_that_make_no_sense() {
    let grain = |column: &str, grain: &str| json!({"dimensions": [{"column": column, "grain": grain}]});
    let bin = |column: &str, bin: Value| json!({"dimensions": [{"column": column, "bin": bin}]});
    for (query, field, words) in [
        (measure(json!({})), "measures[1]", "needs an aggregate"),
        (measure(json!({"agg": "sum"})), "measures[1].column", "needs a `column`"),
        (measure(json!({"agg": "sum", "column": "carrier"})), "measures[1].column", "`carrier` has the type text"),
        (measure(json!({"agg": "p95", "column": "day"})), "measures[1].column", "needs numbers"),
        (measure(json!({"agg": "max", "column": "details"})), "measures[1].column", "only be counted"),
        (measure(json!({"agg": "percentile", "column": "fare"})), "measures[1].p", "0 to 100"),
        (measure(json!({"agg": "percentile", "column": "fare", "p": 101})), "measures[1].p", "0 to 100"),
        (measure(json!({"agg": "first", "column": "fare"})), "measures[1].by", "orders the rows"),
        (measure(json!({"agg": "count_if"})), "measures[1].filter", "which rows count"),
        (
            measure(json!({"agg": "sum", "column": "fare", "filter": {"column": "day", "op": "is_null"}})),
            "measures[1].filter",
            "takes no `filter`",
        ),
        (
            measure(json!({"agg": "count_if", "filter": {"or": [{"column": "day", "op": "eq", "value": 1}]}})),
            "measures[1].filter.or[0].value",
            "holds dates",
        ),
        (
            measure(json!({"agg": "ratio", "numerator": {"agg": "count"}})),
            "measures[1].denominator",
            "needs a `denominator`",
        ),
        (
            measure(
                json!({"agg": "ratio", "numerator": {"agg": "max", "column": "day"}, "denominator": {"agg": "count"}}),
            ),
            "measures[1].numerator",
            "needs numbers",
        ),
        (grain("carrier", "month"), "dimensions[0].grain", "type text"),
        (grain("dep_time", "hour"), "dimensions[0].grain", "type time"),
        (grain("day", "hour"), "dimensions[0].grain", "no hour"),
        (grain("day", "hour_of_day"), "dimensions[0].grain", "no hour of day"),
        (bin("carrier", json!({"width": 5})), "dimensions[0].bin", "needs numbers"),
        (bin("fare", json!({"width": 0})), "dimensions[0].bin.width", "above zero"),
        (bin("fare", json!({"width": -2})), "dimensions[0].bin.width", "above zero"),
        (bin("fare", json!({"count": 0})), "dimensions[0].bin.count", "between 1 and 1000"),
        (
            json!({"dimensions": [{"column": "day", "grain": "day", "bin": {"count": 2}}]}),
            "dimensions[0].bin",
            "not both",
        ),
        (
            json!({"dimensions": [{"column": "day", "as": "x"}], "measures": [{"agg": "count", "as": "x"}]}),
            "measures[0].as",
            "Two outputs are named `x`",
        ),
        (measure(json!({"agg": "count", "as": " "})), "measures[1].as", "1 to 200 characters"),
        (json!({"columns": ["day"], "timezone": "Mars/Base"}), "timezone", "no time zone `Mars/Base`"),
    ] {
        check(query, InvalidQuery, field, words);
    }
}

#[test]
fn tops_that_make_no_sense() {
    let top = |value: Value| {
        json!({"dimensions": [{"column": "carrier"}], "measures": [{"agg": "count"}],
        "filter": {"column": "carrier", "op": "top_n", "value": value}})
    };
    check(top(json!({"n": 0, "by": "count"})), InvalidQuery, "filter.value.n", "between 1");
    check(top(json!({"n": 3, "by": "carrier"})), InvalidQuery, "filter.value.by", "not a measure");
    check(top(json!(3)), InvalidQuery, "filter.value", "takes");
    let inside =
        json!({"columns": ["day"], "filter": {"or": [{"column": "day", "op": "top_n", "value": {"n": 1, "by": "x"}}]}});
    check(inside, InvalidQuery, "filter.or[0].op", "neither inside `or`");
    let latest = json!({"dimensions": [{"column": "day"}],
        "having": {"column": "day", "op": "relative", "value": {"unit": "day", "as_of": "latest"}}});
    check(latest, InvalidQuery, "having.value.as_of", "columns only");
}

#[test]
fn a_broken_rule_gives_nothing_away() {
    let rule = json!({"column": "secret_column", "op": "eq", "value": "secret"});
    let policy = semantic::Policy { rows: vec![serde_json::from_value(rule).unwrap()], ..Default::default() };
    let world = World { policy, ..World::default() };
    let error = world.plan(&json!({"dataset": "flights", "columns": ["day"]})).unwrap_err();
    assert_eq!(error.code, ErrorCode::RuleRefused);
    assert!(!format!("{error:?}").contains("secret"));
}
