//! Whatever is asked, there is a plan or a sentence, never a panic; and what was written reads back.

use crate::World;
use domain::Query;
use proptest::prelude::*;
use serde_json::{Value, json};

fn name() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        "time_hour",
        "day",
        "dep_time",
        "carrier",
        "origin",
        "cancelled",
        "distance",
        "dep_delay",
        "fare",
        "details",
        "airlines.name",
        "name",
        "count",
        "sum_fare",
        "",
        "flights.day",
        "incidents.cost",
        "'\"",
    ])
    .prop_map(Value::from)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_map(|f| json!(f)),
        "[ -~]{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["2024-01-31", "2024-02-30", "2024-01-31T12:00:00Z", "9999-12-31", "13:00"])
            .prop_map(Value::from),
    ]
}

fn relative() -> impl Strategy<Value = Value> {
    let unit = prop::sample::select(vec!["minute", "hour", "day", "week", "month", "quarter", "year"]);
    let of = prop::sample::select(vec!["previous", "current", "next", "to_date"]);
    let as_of = prop::sample::select(vec!["now", "latest"]);
    (unit, of, as_of, any::<u8>(), -3..200_000_i32).prop_map(
        |(unit, of, as_of, n, offset)| json!({"unit": unit, "of": of, "as_of": as_of, "n": n, "offset": offset}),
    )
}

fn top() -> impl Strategy<Value = Value> {
    (0_u32..20_000, prop::sample::select(vec!["count", "sum_fare", "x"]), any::<bool>())
        .prop_map(|(n, by, others)| json!({"n": n, "by": by, "others": others}))
}

fn filter() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec![
        "eq",
        "ne",
        "gt",
        "gte",
        "lt",
        "lte",
        "between",
        "not_between",
        "in",
        "not_in",
        "contains",
        "not_contains",
        "starts_with",
        "ends_with",
        "is_null",
        "is_not_null",
        "relative",
        "is_true",
        "is_false",
        "top_n",
    ]);
    let value = prop_oneof![scalar(), prop::collection::vec(scalar(), 0..4).prop_map(Value::from), relative(), top()];
    let leaf = (name(), op, value).prop_map(|(column, op, value)| json!({"column": column, "op": op, "value": value}));
    leaf.prop_recursive(4, 12, 3, |inner| {
        (prop::collection::vec(inner, 0..3), any::<bool>())
            .prop_map(|(all, and)| if and { json!({"and": all}) } else { json!({"or": all}) })
    })
}

fn dimension() -> impl Strategy<Value = Value> {
    let grain = prop::sample::select(vec![
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "hour_of_day",
        "day_of_week",
        "month_of_year",
    ]);
    prop_oneof![
        name().prop_map(|c| json!({"column": c})),
        (name(), grain).prop_map(|(c, g)| json!({"column": c, "grain": g})),
        (name(), -1.0..100.0).prop_map(|(c, w)| json!({"column": c, "bin": {"width": w}})),
        (name(), 0_u32..2_000).prop_map(|(c, n)| json!({"column": c, "bin": {"count": n}})),
    ]
}

fn measure() -> impl Strategy<Value = Value> {
    let agg = prop::sample::select(vec![
        "count",
        "count_distinct",
        "sum",
        "avg",
        "min",
        "max",
        "median",
        "stddev",
        "p95",
        "percentile",
        "first",
        "last",
    ]);
    let kind = prop::sample::select(vec!["running_total", "share", "rank", "change", "percent_change", "moving_avg"]);
    let over = prop::sample::select(vec![json!("row"), json!("period"), Value::Null]);
    let plain = (agg, name(), name(), prop::option::of((kind, over, 0_u32..5))).prop_map(|(agg, column, by, calc)| {
        let mut measure = json!({"agg": agg});
        if agg != "count" {
            measure["column"] = column;
        }
        if agg == "first" || agg == "last" {
            measure["by"] = by;
        }
        if agg == "percentile" {
            measure["p"] = json!(12.5);
        }
        if let Some((kind, over, window)) = calc {
            measure["calc"] = json!({"kind": kind, "over": over});
            if kind == "moving_avg" {
                measure["calc"]["window"] = json!(window);
            }
        }
        measure
    });
    prop_oneof![
        4 => plain,
        1 => Just(json!({"agg": "count"})),
        1 => Just(json!({"agg": "sum", "column": "fare"})),
        1 => filter().prop_map(|f| json!({"agg": "count_if", "filter": f})),
        1 => Just(json!({"metric": "nothing"})),
    ]
}

fn query() -> impl Strategy<Value = Value> {
    let join = prop::sample::select(vec![
        json!([]),
        json!([{"dataset": "airlines", "on": [["carrier", "carrier"]]}]),
        json!([{"dataset": "incidents", "on": [["carrier", "carrier"]], "kind": "inner"}]),
        json!([{"dataset": "airlines", "on": []}]),
        json!([{"dataset": "airlines", "on": [["carrier", "carrier"]]},
            {"dataset": "incidents", "on": [["airlines.carrier", "carrier"]]}]),
    ]);
    let extras = (
        prop::option::of(prop::sample::select(vec!["null", "zero", "previous"])),
        prop::option::of(prop::sample::select(vec!["previous_period", "previous_year"])),
        prop::option::of(prop::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Kolkata", "Nowhere"])),
        prop::option::of(0_u8..9),
        prop::option::of(0_u8..14),
    );
    let parts = (
        prop::collection::vec(dimension(), 0..3),
        prop::collection::vec(measure(), 0..3),
        prop::option::of(filter()),
        prop::option::of(filter()),
        prop::collection::vec(name(), 0..2),
    );
    (join, parts, extras).prop_map(|(joins, (dimensions, measures, filter, having, order), (fill, to, zone, week, year))| {
        json!({"dataset": "flights", "joins": joins, "dimensions": dimensions, "measures": measures, "filter": filter,
            "having": having, "order": order.iter().map(|by| json!({"by": by})).collect::<Vec<_>>(), "fill": fill,
            "compare": to.map(|to| json!({"to": to})), "timezone": zone, "week_start": week, "fiscal_year_start": year})
    })
}

/// Whether brackets close in the order they open; what stands in quotes does not count.
fn is_balanced(sql: &str) -> bool {
    let mut open = Vec::new();
    let mut quote = None;
    for c in sql.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => open.push(c),
            (None, ')') if open.pop() != Some('(') => return false,
            (None, ']') if open.pop() != Some('[') => return false,
            _ => {}
        }
    }
    open.is_empty() && quote.is_none()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_question_has_a_plan_or_a_sentence(json in query()) {
        let query: Query = serde_json::from_value(json.clone()).unwrap();
        match World::default().plan(&json) {
            Ok(plan) => {
                prop_assert!(is_balanced(&plan.sql), "{}", plan.sql);
                prop_assert_eq!(&World::default().plan(&json).unwrap(), &plan);
                let width = query.dimensions.len() + query.measures.len() + query.columns.len();
                prop_assert!(plan.columns.len() >= width);
            }
            Err(error) => {
                prop_assert!(error.code.status() < 500, "{json}: {error:?}");
                prop_assert!(error.message.ends_with('.'), "{error:?}");
            }
        }
        let words = domain::query::sentence(&query, &|_| None);
        prop_assert!(!words.is_empty());
        let written = serde_json::to_value(&query).unwrap();
        let again: Query = serde_json::from_value(written).unwrap();
        prop_assert_eq!(again, query);
    }

    #[test]
    fn any_json_is_read_or_refused(text in "[\\[\\]{}:,\"a-z0-9 ]{0,80}") {
        if let Ok(query) = serde_json::from_str::<Query>(&text) {
            let json = serde_json::to_value(query).unwrap();
            let _ = World::default().plan(&json);
        }
    }
}

#[test]
fn nesting_and_long_lists() {
    let deep = (0..500).fold(json!({"column": "carrier", "op": "is_null"}), |inner, _| json!({"and": [inner]}));
    let text = json!({"dataset": "flights", "columns": ["day"], "filter": deep}).to_string();
    assert!(serde_json::from_str::<Query>(&text).is_err(), "the reader of JSON ends at 128");
    let values: Vec<u32> = (0..10_000).collect();
    let query = json!({"dataset": "flights", "columns": ["day"],
        "filter": {"column": "distance", "op": "in", "value": values}});
    assert!(World::default().plan(&query).unwrap().sql.contains("9999"));
}
