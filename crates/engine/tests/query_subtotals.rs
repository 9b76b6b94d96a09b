//! Subtotals on a real database: each equals the same question asked without the dimensions that it
//! leaves out, whatever the aggregate, the values and the joins.

#![allow(clippy::unwrap_used)]

#[path = "common/ask.rs"]
mod ask;
mod common;

use ask::{Desk, shown};
use domain::Cell;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

const DIMENSIONS: [&str; 3] = ["region", "city", "day"];

/// Rows as CSV: few members, so that groups meet, and gaps in everything.
fn rows() -> impl Strategy<Value = String> {
    let region = prop::sample::select(vec!["North", "South", ""]);
    let city = prop::sample::select(vec!["A", "B", "C", ""]);
    let day = prop::sample::select(vec!["2024-01-03", "2024-01-30", "2024-02-10", ""]);
    let amount = prop::option::of(-50i64..50);
    let row = (region, city, day, amount).prop_map(|(r, c, d, a)| {
        let amount = a.map(|a| a.to_string()).unwrap_or_default();
        format!("{r},{c},{d},{amount}")
    });
    prop::collection::vec(row, 1..40).prop_map(|rows| {
        // The types are those of the first row.
        format!("region,city,day,amount\nNorth,A,2024-01-01,1\n{}", rows.join("\n"))
    })
}

fn dimension(name: &str) -> Value {
    if name == "day" { json!({"column": "day", "grain": "month"}) } else { json!({"column": name}) }
}

fn measures() -> Value {
    json!([{"agg": "count"}, {"agg": "sum", "column": "amount"}, {"agg": "avg", "column": "amount"},
        {"agg": "median", "column": "amount"}, {"agg": "count_distinct", "column": "city"},
        {"agg": "ratio", "numerator": {"agg": "sum", "column": "amount"}, "denominator": {"agg": "count"}}])
}

/// Rows by their keys, so that the order of two answers does not matter.
fn sorted(mut rows: Vec<Vec<Cell>>) -> Value {
    rows.sort_by_key(|row| format!("{row:?}"));
    shown(&rows)
}

/// The rows of one grouping, without what it leaves out and without its mark.
fn of_set(all: &[Vec<Cell>], kept: &[usize], dimensions: usize) -> Vec<Vec<Cell>> {
    let id: i64 = (0..dimensions).map(|at| if kept.contains(&at) { 0 } else { 1 << (dimensions - 1 - at) }).sum();
    let own = all.iter().filter(|row| row.last() == Some(&Cell::Int(id)));
    own.map(|row| {
        let values = row[dimensions..row.len() - 1].iter();
        kept.iter().map(|at| &row[*at]).chain(values).cloned().collect()
    })
    .collect()
}

async fn totals_are_flat_totals(desk: &Desk, joins: &Value, names: &[&str], measures: &Value) {
    let sets: Vec<Vec<usize>> =
        (0..1u32 << names.len()).map(|bits| (0..names.len()).filter(|i| bits & (1 << i) != 0).collect()).collect();
    let named = |set: &Vec<usize>| set.iter().map(|i| names[*i]).collect::<Vec<_>>();
    let by = |set: &[usize]| set.iter().map(|i| dimension(names[*i])).collect::<Vec<_>>();
    let all: Vec<usize> = (0..names.len()).collect();
    let subtotals: Vec<Vec<&str>> = sets.iter().map(named).collect();
    let whole = json!({"joins": joins, "dimensions": by(&all), "measures": measures, "subtotals": subtotals});
    let answer = desk.ask(whole).await;
    for set in &sets {
        let flat = desk.ask(json!({"joins": joins, "dimensions": by(set), "measures": measures})).await;
        assert_eq!(sorted(of_set(&answer, set, names.len())), sorted(flat), "{:?}", named(set));
    }
}

#[test]
fn pivot_totals_equal_flat_totals() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(&rows(), |csv| {
            runtime.block_on(async {
                let mut desk = Desk::new();
                desk.csv("sales", &csv, &[]).await;
                totals_are_flat_totals(&desk, &json!([]), &DIMENSIONS, &measures()).await;
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_over_a_join_count_no_row_twice() {
    let mut desk = Desk::new();
    desk.csv("orders", "id,city,total\n1,Rome,100\n2,Rome,50\n3,Oslo,30\n4,,20", &["id"]).await;
    desk.csv("items", "order_id,sku,qty\n1,pen,2\n1,pen,3\n1,ink,1\n2,pen,4\n3,ink,5", &[]).await;
    let joins = json!([{"dataset": "items", "on": [["id", "order_id"]]}]);
    let measures = json!([{"agg": "sum", "column": "total"}, {"agg": "avg", "column": "total"},
        {"agg": "sum", "column": "qty"}, {"agg": "count"}]);
    totals_are_flat_totals(&desk, &joins, &["city", "sku"], &measures).await;
    let total = json!({"joins": joins, "dimensions": [{"column": "sku"}], "measures": measures, "subtotals": [[]]});
    assert_eq!(desk.json(total).await[0], json!([null, 200, 50, 15, 4, 1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_come_first_and_hold_what_is_gathered() {
    let mut desk = Desk::new();
    desk.csv("sales", "city,amount\nRome,5\nRome,4\nOslo,3\nBonn,2\n,1", &[]).await;
    let by = json!([{"column": "city"}]);
    let measures = json!([{"agg": "sum", "column": "amount", "as": "amount"}]);
    let cut = desk.json(json!({"dimensions": by, "measures": measures, "subtotals": [[]], "limit": 2}));
    assert_eq!(cut.await, json!([[null, 15, 1], ["Rome", 9, 0]]));
    let top = json!({"column": "city", "op": "top_n", "value": {"n": 1, "by": "amount", "others": true}});
    let others = desk.json(json!({"dimensions": by, "measures": measures, "subtotals": [[]], "filter": top}));
    assert_eq!(others.await, json!([[null, 15, 1], ["Rome", 9, 0], ["Others", 6, 0]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_totals_says_so() {
    let mut desk = Desk::new();
    desk.csv("sales", "city,day,amount\nRome,2024-01-01,5", &[]).await;
    let city = json!([{"column": "city"}]);
    let count = json!([{"agg": "count"}]);
    for (query, field) in [
        (json!({"dimensions": city, "measures": count, "subtotals": [["nowhere"]]}), "subtotals[0][0]"),
        (json!({"dimensions": city, "measures": count, "subtotals": [["count"]]}), "subtotals[0][0]"),
        (json!({"measures": count, "subtotals": [[]]}), "subtotals"),
        (json!({"columns": ["city"], "subtotals": [[]]}), "subtotals"),
        (
            json!({"dimensions": city, "measures": count, "subtotals": [[]],
                "having": {"column": "count", "op": "gt", "value": 1}}),
            "subtotals",
        ),
        (
            json!({"dimensions": city, "measures": [{"agg": "count", "calc": {"kind": "running_total"}}], "subtotals": [[]]}),
            "subtotals",
        ),
        (
            json!({"dimensions": city, "measures": [{"agg": "count", "as": "grouping_id"}], "subtotals": [[]]}),
            "subtotals",
        ),
    ] {
        let error = desk.try_ask(query.clone()).await.unwrap_err();
        assert_eq!((error.code.status(), error.field.as_deref()), (400, Some(field)), "{query}");
    }
}
