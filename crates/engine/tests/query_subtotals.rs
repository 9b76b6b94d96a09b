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
async fn having_and_calculations_are_of_the_lowest_level() {
    let mut desk = Desk::new();
    desk.csv("sales", "region,city,amount\nS,Rome,6\nS,Bari,2\nN,Oslo,4\nN,Oslo,4", &[]).await;
    let by = json!([{"column": "region"}, {"column": "city"}]);
    let sum = json!({"agg": "sum", "column": "amount", "as": "sum"});
    let order = json!([{"by": "region"}, {"by": "city"}]);
    let having = json!({"dimensions": by, "measures": [sum], "subtotals": [["region"], []], "order": order,
        "having": {"column": "sum", "op": "gt", "value": 6}});
    let totals = [json!([null, null, 16, 3]), json!(["N", null, 8, 1]), json!(["S", null, 8, 1])];
    let [all, north, south] = totals.clone();
    assert_eq!(desk.json(having).await, json!([all, north, south, ["N", "Oslo", 8, 0]]));

    let calc = |kind: &str, within: Value| json!({"agg": "sum", "column": "amount", "as": kind, "calc": {"kind": kind, "within": within}});
    let calculated = json!({"dimensions": by, "subtotals": [["region"], []], "order": order,
        "measures": [sum, calc("share", json!(["region"])), calc("running_total", json!([])), calc("rank", json!([]))]});
    assert_eq!(
        desk.json(calculated).await,
        json!([
            [null, null, 16, null, null, null, 3],
            ["N", null, 8, null, null, null, 1],
            ["S", null, 8, null, null, null, 1],
            ["N", "Oslo", 8, 1, 8, 1, 0],
            ["S", "Bari", 2, 0.25, 10, 3, 0],
            ["S", "Rome", 6, 0.75, 16, 2, 0]
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_are_compared_with_totals() {
    let mut desk = Desk::new();
    let rows = "city,day,amount\nRome,2024-01-05,3\nOslo,2024-01-06,4\nRome,2024-02-05,5\nBonn,2024-02-07,1";
    desk.csv("sales", rows, &[]).await;
    let by = json!([{"column": "city"}]);
    let sum = json!([{"agg": "sum", "column": "amount", "as": "sum"}]);
    let february = json!({"column": "day", "op": "between", "value": ["2024-02-01", "2024-02-29"]});
    let compared = json!({"dimensions": by, "measures": sum, "filter": february, "subtotals": [[]],
        "compare": {"to": "previous_period", "show": ["previous", "change"]}, "order": [{"by": "city"}]});
    let expected =
        json!([[null, 6, 7, -1, 1], ["Bonn", 1, null, null, 0], ["Oslo", null, 4, null, 0], ["Rome", 5, 3, 2, 0]]);
    assert_eq!(desk.json(compared).await, expected);
    // Without an end of its own, the total of all times has no stretch before it.
    let by = json!([{"column": "city"}, {"column": "day", "grain": "month"}]);
    let open = json!({"dimensions": by, "measures": sum, "subtotals": [["day"], ["city"], []],
        "compare": {"to": "previous_period"}, "order": [{"by": "sum_previous"}, {"by": "day"}], "limit": 4});
    let totals = json!([
        [null, null, 13, null, 3],
        [null, "2024-02-01", 6, 7, 2],
        [null, "2024-01-01", 7, null, 2],
        ["Bonn", null, 1, null, 1]
    ]);
    assert_eq!(desk.json(open).await, totals);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dimension_asked_for_twice_is_totalled_by_itself() {
    let mut desk = Desk::new();
    desk.csv("sales", "city\nRome\nRome\nOslo", &[]).await;
    let twice = json!({"dimensions": [{"column": "city"}, {"column": "city"}], "measures": [{"agg": "count"}],
        "subtotals": [["city"]]});
    let expected = json!([["Rome", null, 2, 1], ["Oslo", null, 1, 1], ["Rome", "Rome", 2, 0], ["Oslo", "Oslo", 1, 0]]);
    assert_eq!(desk.json(twice).await, expected);
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
            json!({"dimensions": [{"column": "day", "grain": "month"}], "measures": count, "subtotals": [[]], "fill": "zero"}),
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
