//! Filters and their SQL, kept in `tests/golden` too.

use crate::World;
use crate::golden::{check, check_in};
use serde_json::{Value, json};

/// A question with nothing but a filter over the raw column `carrier`.
fn filtered(name: &str, filter: Value) {
    check(name, json!({"columns": ["carrier"], "filter": filter}));
}

#[test]
fn filters_compare() {
    filtered(
        "filter_text",
        json!({"and": [
            {"column": "carrier", "op": "eq", "value": "O'Hare"}, {"column": "carrier", "op": "ne", "value": "B6"},
            {"column": "origin", "op": "in", "value": ["JFK", "LGA"]}, {"column": "origin", "op": "not_in", "value": ["EWR"]},
        ]}),
    );
    filtered(
        "filter_numbers",
        json!({"and": [
            {"column": "distance", "op": "gt", "value": 100}, {"column": "dep_delay", "op": "gte", "value": -1.5},
            {"column": "fare", "op": "lt", "value": "1234567890123456789.25"}, {"column": "fare", "op": "lte", "value": 1e300},
            {"column": "distance", "op": "between", "value": [1, 10]}, {"column": "dep_delay", "op": "not_between", "value": [0, 0.5]},
        ]}),
    );
    filtered(
        "filter_contains",
        json!({"and": [
            {"column": "carrier", "op": "contains", "value": "50%_'x"}, {"column": "carrier", "op": "not_contains", "value": "a"},
            {"column": "carrier", "op": "starts_with", "value": "U"},
            {"column": "carrier", "op": "ends_with", "value": "A", "case_sensitive": true},
        ]}),
    );
    filtered(
        "filter_null",
        json!({"or": [
            {"column": "carrier", "op": "is_null"}, {"column": "origin", "op": "is_not_null"},
            {"column": "cancelled", "op": "is_true"}, {"column": "cancelled", "op": "is_false"},
            {"column": "carrier", "op": "eq", "value": null}, {"column": "carrier", "op": "ne", "value": null},
            {"column": "carrier", "op": "in", "value": ["UA", null]}, {"column": "carrier", "op": "not_in", "value": ["UA", null]},
            {"column": "carrier", "op": "in", "value": []}, {"column": "carrier", "op": "not_in", "value": []},
            {"and": []}, {"or": []},
        ]}),
    );
    filtered(
        "filter_times",
        json!({"and": [
            {"column": "day", "op": "gte", "value": "2013-06-01"}, {"column": "dep_time", "op": "lt", "value": "12:30"},
            {"column": "time_hour", "op": "gte", "value": "2013-06-01T00:00:00-04:00"},
            {"column": "time_hour", "op": "between", "value": ["2013-06-01", "2013-06-30"]},
            {"column": "time_hour", "op": "ne", "value": "2013-06-15"}, {"column": "time_hour", "op": "gt", "value": "2013-06-02"},
            {"column": "time_hour", "op": "not_in", "value": ["2013-06-15T01:00:00Z", "2013-06-20"]},
        ]}),
    );
}

#[test]
fn filters_nest() {
    filtered(
        "filter_nested",
        json!({"or": [
            {"and": [{"column": "carrier", "op": "eq", "value": "UA"}, {"or": [
                {"column": "dep_delay", "op": "gt", "value": 15}, {"column": "dep_delay", "op": "is_null"}]}]},
            {"column": "origin", "op": "eq", "value": "JFK"},
        ]}),
    );
}

#[test]
fn filters_relative_to_now_and_to_the_latest() {
    let relative = |column: &str, value: Value| json!({"column": column, "op": "relative", "value": value});
    filtered(
        "filter_relative",
        json!({"and": [
            relative("day", json!({"unit": "month", "n": 3})),
            relative("time_hour", json!({"unit": "week", "of": "current"})),
            relative("time_hour", json!({"unit": "year", "of": "to_date"})),
            relative("day", json!({"unit": "quarter", "of": "next"})),
        ]}),
    );
    let latest = [("time_hour".to_owned(), "2013-12-31T23:00:00Z".to_owned())].into();
    let world = World { latest, ..World::default() };
    let query = json!({"measures": [{"agg": "count"}], "timezone": "America/New_York",
        "filter": relative("time_hour", json!({"unit": "month", "n": 3, "as_of": "latest"}))});
    check_in(&world, "filter_latest", query);
}

#[test]
fn the_caller_learns_which_latest_values_to_find() {
    let latest =
        |column: &str| json!({"column": column, "op": "relative", "value": {"unit": "day", "as_of": "latest"}});
    let query = json!({"dataset": "flights",
        "measures": [{"agg": "count_if", "filter": latest("a")}, {"agg": "ratio",
            "numerator": {"agg": "count_if", "filter": latest("b")}, "denominator": {"agg": "count"}}],
        "filter": {"or": [latest("c"), {"and": [latest("c"), latest("a")]},
            {"column": "d", "op": "relative", "value": {"unit": "day"}}, {"column": "e", "op": "relative", "value": 5}]}});
    let columns: Vec<domain::Column> = ["a", "b", "c", "d", "e"]
        .map(|name| domain::Column { name: name.into(), ..crate::columns().swap_remove(1) })
        .into();
    let source = semantic::Source { name: "flights", columns: &columns, parts: (&[]).into() };
    let ctx = semantic::Context::of(source.into(), jiff::Timestamp::UNIX_EPOCH);
    let mut columns = semantic::latest_columns(&serde_json::from_value(query).unwrap(), &ctx);
    columns.sort();
    assert_eq!(columns, ["a", "b", "c"].map(|name| (0, name.to_owned())));
}
