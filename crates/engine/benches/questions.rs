//! What a question costs over the database's own time: twenty questions, each planned, run without the
//! cache and written as JSON, against DuckDB running the same SQL in this process, in turn.
//! `cargo bench -p engine --bench questions`; `ROWS` (10 million) and `TIMES` (15) make it shorter.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub, reason = "a program in several files, some of them shared")]

#[path = "../tests/common/mod.rs"]
mod common;
mod shared;

use domain::Query;
use semantic::{Context, Dataset, Source};
use serde_json::{Value, json};
use shared::{floor, load, median, milliseconds, number};
use std::time::Instant;

fn questions() -> Vec<(&'static str, Value)> {
    let amount = json!({"agg": "sum", "column": "amount"});
    vec![
        ("a total", json!({"measures": [amount]})),
        ("a count", json!({"measures": [{"agg": "count"}]})),
        ("by month", json!({"dimensions": [{"column": "date", "grain": "month"}], "measures": [amount]})),
        ("by day", json!({"dimensions": [{"column": "date", "grain": "day"}], "measures": [amount], "limit": 2000})),
        (
            "by week, from Sunday",
            json!({"dimensions": [{"column": "date", "grain": "week"}], "measures": [amount], "week_start": 7}),
        ),
        (
            "by weekday",
            json!({"dimensions": [{"column": "date", "grain": "day_of_week"}], "measures": [{"agg": "avg", "column": "amount"}]}),
        ),
        (
            "by region and product",
            json!({"dimensions": [{"column": "region"}, {"column": "product"}], "measures": [amount, {"agg": "count"}]}),
        ),
        (
            "twenty bins",
            json!({"dimensions": [{"column": "amount", "bin": {"count": 20}}], "measures": [{"agg": "count"}]}),
        ),
        (
            "bins of a width",
            json!({"dimensions": [{"column": "quantity", "bin": {"width": 5.0}}], "measures": [amount]}),
        ),
        ("the 1,000 largest customers", json!({"dimensions": [{"column": "customer_id"}], "measures": [amount]})),
        (
            "distinct customers by region",
            json!({"dimensions": [{"column": "region"}], "measures": [{"agg": "count_distinct", "column": "customer_id"}]}),
        ),
        (
            "median and p95 by product",
            json!({"dimensions": [{"column": "product"}], "measures": [{"agg": "median", "column": "amount"}, {"agg": "p95", "column": "amount"}]}),
        ),
        (
            "filtered by members and a range",
            json!({"dimensions": [{"column": "product"}], "measures": [amount],
            "filter": {"and": [{"column": "region", "op": "in", "value": ["North", "South"]}, {"column": "quantity", "op": "between", "value": [2, 5]}]}}),
        ),
        (
            "filtered by a text",
            json!({"measures": [{"agg": "count"}], "filter": {"column": "product", "op": "contains", "value": "e"}}),
        ),
        (
            "the last 3 months",
            json!({"dimensions": [{"column": "date", "grain": "day"}], "measures": [amount],
            "filter": {"column": "date", "op": "relative", "value": {"unit": "month", "n": 3}}}),
        ),
        (
            "top 5 and others",
            json!({"dimensions": [{"column": "product"}], "measures": [{"agg": "sum", "column": "amount", "as": "a"}],
            "filter": {"column": "product", "op": "top_n", "value": {"n": 5, "by": "a", "others": true}}}),
        ),
        (
            "running total by month",
            json!({"dimensions": [{"column": "date", "grain": "month"}],
            "measures": [{"agg": "sum", "column": "amount", "calc": {"kind": "running_total"}}]}),
        ),
        (
            "a year against the one before",
            json!({"dimensions": [{"column": "date", "grain": "month"}], "measures": [amount],
            "filter": {"column": "date", "op": "between", "value": ["2024-01-01", "2024-12-31"]}, "compare": {"to": "previous_year"}}),
        ),
        (
            "a pivot with totals",
            json!({"dimensions": [{"column": "region"}, {"column": "product"}], "measures": [amount, {"agg": "avg", "column": "cost"}],
            "subtotals": [["region"], ["product"], []]}),
        ),
        (
            "1,000 rows",
            json!({"columns": ["date", "region", "product", "amount"], "filter": {"column": "quantity", "op": "gt", "value": 3}}),
        ),
    ]
}

#[tokio::main]
async fn main() {
    let (rows, times) = (number("ROWS", 10_000_000), number("TIMES", 15) as usize);
    let bed = common::bed_with(|config| config.memory_limit_bytes = 2 << 30);
    let sales = bed.engine.generate_sales(rows, 1, "2024-12-31").await.unwrap();
    let db = duckdb::Connection::open_in_memory().unwrap();
    let path = bed.dir.path().join(format!("segments/{}.duckdb", sales.segment.id));
    let attach = format!("SET threads = 2; ATTACH '{}' AS {} (READ_ONLY)", path.display(), sales.segment.catalog());
    db.execute_batch(&attach).unwrap();
    let parts = [sales.segment.catalog()];
    let source = Source { name: "sales", columns: &sales.columns, parts: (&parts).into() };
    let ctx = Context::of(Dataset::from(source), "2024-12-31T12:00:00Z".parse().unwrap());
    println!("{rows} rows, {times} times, load {}", load());
    println!("| question | DuckDB | Orrery | | over 1.1x + 2 ms by |\n|---|---|---|---|---|");
    for (name, mut json) in questions() {
        json["dataset"] = json!("sales");
        let query: Query = serde_json::from_value(json).unwrap();
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=times {
            let began = Instant::now();
            let plan = semantic::plan(&query, &ctx).unwrap();
            let (answer, _) =
                bed.engine.query(&plan, std::slice::from_ref(&sales.segment), &plan.sql, true).await.unwrap();
            std::hint::black_box(answer.json(false, false));
            let own = milliseconds(began);
            let own_floor = floor(&db, &plan.sql);
            // The first round only warms both.
            if round > 0 {
                ours.push(own);
                theirs.push(own_floor);
            }
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let over = ours - (1.1 * theirs + 2.0);
        let over = if over > 0.0 { format!("{over:.1} ms") } else { "-".to_owned() };
        println!("| {name} | {theirs:.1} ms | {ours:.1} ms | {:.2}x | {over} |", ours / theirs);
    }
    println!("load at the end {}", load());
}
