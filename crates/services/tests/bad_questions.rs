//! Questions that make no sense or ask for too much: each is refused or bounded with a sentence
//! that says why, and the next question is answered as before.

#![allow(clippy::unwrap_used)]

mod house;

use domain::query::Filter;
use domain::sql::NewSqlDataset;
use domain::{Error, ErrorCode, Query};
use house::House;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Not a test: what this program becomes when the engine starts it as a worker.
#[test]
#[ignore = "the worker that the tests start"]
fn sql_worker() {
    services::sql_worker();
}

async fn two_tables() -> House {
    let house = House::with(|settings| {
        settings.query_timeout = Duration::from_secs(2);
        settings.max_upload_bytes = 64 << 20;
    })
    .await;
    let mut csv = String::from("id,same,name,when,amount\n");
    for i in 0..12_000 {
        writeln!(csv, "{i},1,name {},2025-01-{:02},{}", i % 100, i % 28 + 1, i % 7).unwrap();
    }
    house.load("first", &csv).await;
    house.load("second", &csv).await;
    house
}

/// A sentence for people: not empty, ends like one, names no file and no type of the engine.
fn is_clear(error: &Error) -> bool {
    let text = error.to_string();
    error.code != ErrorCode::Internal
        && error.message.len() > 10
        && error.message.ends_with('.')
        && !["DuckDB", "duckdb", "SELECT", "Binder", "Exception", "/tmp"].iter().any(|word| text.contains(word))
}

/// How long a small question takes, asked afresh: the median of several.
async fn small_question(house: &House) -> Duration {
    let small = json!({"dataset": "first", "measures": [{"agg": "sum", "column": "amount"}]});
    let parsed: Query = serde_json::from_value(small).unwrap();
    let mut times = Vec::new();
    for _ in 0..7 {
        let began = Instant::now();
        house.services.run_query(&house.owner, &parsed, true).await.unwrap();
        times.push(began.elapsed());
    }
    times.sort();
    times[3]
}

/// The question is answered in part or refused in time, and the server then answers as before.
async fn is_bounded(house: &House, query: &Value) {
    let before = small_question(house).await;
    let parsed: Query = serde_json::from_value(query.clone()).unwrap();
    let began = Instant::now();
    match house.services.run_query(&house.owner, &parsed, true).await {
        Ok((answer, _)) => assert!(answer.table.row_count() <= 100_000, "{query}"),
        Err(error) => {
            let bounded = [ErrorCode::QueryTimeout, ErrorCode::QueryTooLarge];
            assert!(bounded.contains(&error.code), "{query}: {error:?}");
            assert!(is_clear(&error), "{error:?}");
        }
    }
    // The deadline is two seconds; what is left is for a machine that is busy otherwise.
    assert!(began.elapsed() < Duration::from_secs(20), "{query} took {:?}", began.elapsed());
    let after = small_question(house).await;
    let patience = before * 10 + Duration::from_millis(250);
    assert!(after < patience, "as quick as before: {before:?} became {after:?} after {query}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_with_its_field() {
    let house = two_tables().await;
    let joined = json!([{"dataset": "second", "on": [["id", "id"]]}]);
    let cases = [
        (json!({"dataset": "first", "dimensions": [{"column": "nmae"}]}), "dimensions[0].column", "`name`"),
        (
            json!({"dataset": "first", "joins": joined, "dimensions": [{"column": "name"}], "measures": [{"agg": "count"}]}),
            "dimensions[0].column",
            "`second.name`",
        ),
        (json!({"dataset": "first", "measures": [{"agg": "sum", "column": "name"}]}), "measures[0].column", "Count"),
        (
            json!({"dataset": "first", "columns": ["id"], "filter": {"column": "amount", "op": "gt", "value": "much"}}),
            "filter.value",
            "",
        ),
        (
            json!({"dataset": "first", "columns": ["id"], "filter": {"column": "when", "op": "eq", "value": "yesterday"}}),
            "filter.value",
            "",
        ),
        (
            json!({"dataset": "first", "joins": [{"dataset": "second"}], "measures": [{"agg": "count"}]}),
            "joins[0].on",
            "carrier",
        ),
        (
            json!({"dataset": "first", "joins": [{"dataset": "second", "on": [["id", "when"]]}], "measures": [{"agg": "count"}]}),
            "joins[0].on[0]",
            "",
        ),
        (json!({"dataset": "first"}), "", ""),
    ];
    for (query, field, hint) in cases {
        let error = house.refused(query.clone()).await;
        assert_eq!(error.code.status(), 400, "{query}: {error}");
        assert!(is_clear(&error), "{query}: {error:?}");
        if !field.is_empty() {
            assert_eq!(error.field.as_deref(), Some(field), "{query}: {error}");
        }
        assert!(error.hint.clone().unwrap_or_default().contains(hint), "{query}: {error:?}");
    }
    let divided = json!({"dataset": "first", "measures": [{"agg": "ratio", "numerator": {"agg": "count"},
        "denominator": {"agg": "count_if", "filter": {"column": "id", "op": "lt", "value": 0}}}]});
    assert_eq!(house.ask(divided).await, json!([[null]]), "nothing divided by zero is no value, not an error");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_and_deep_groups_are_bounded() {
    let house = two_tables().await;
    let within = |n: i64| {
        let values: Vec<i64> = (0..n).collect();
        json!({"dataset": "first", "measures": [{"agg": "count"}],
            "filter": {"column": "id", "op": "in", "value": values}})
    };
    assert_eq!(house.ask(within(10_000)).await, json!([[10_000]]));
    let error = house.refused(within(10_001)).await;
    assert_eq!((error.code.status(), error.field.as_deref()), (400, Some("filter.value")), "{error}");
    assert!(is_clear(&error), "{error}");

    let deep = |levels: usize| {
        let mut filter: Filter = serde_json::from_value(json!({"column": "same", "op": "eq", "value": 1})).unwrap();
        for _ in 0..levels {
            filter = Filter::And(vec![filter]);
        }
        let query = json!({"dataset": "first", "measures": [{"agg": "count"}]});
        Query { filter: Some(filter), ..serde_json::from_value(query).unwrap() }
    };
    assert!(house.services.run_query(&house.owner, &deep(30), false).await.is_ok());
    let error = house.services.run_query(&house.owner, &deep(500), false).await.unwrap_err();
    assert_eq!((error.code.status(), is_clear(&error)), (400, true), "{error}");

    let mut measure = json!({"agg": "count"});
    for _ in 0..40 {
        measure = json!({"agg": "ratio", "numerator": measure, "denominator": {"agg": "count"}});
    }
    let error = house.refused(json!({"dataset": "first", "measures": [measure]})).await;
    assert_eq!((error.code.status(), is_clear(&error)), (400, true), "{error}");

    let join = |i: usize| json!({"dataset": "second", "on": [["id", "id"]], "as": format!("s{i}")});
    let joins: Vec<Value> = (0..200).map(join).collect();
    let error = house.refused(json!({"dataset": "first", "joins": joins, "measures": [{"agg": "count"}]})).await;
    assert_eq!((error.code.status(), error.field.as_deref()), (400, Some("joins")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_work_ends_and_leaves_the_server_as_it_was() {
    let house = two_tables().await;
    // Every row of the one meets every row of the other: 144 million.
    let crossed = json!([{"dataset": "second", "on": [["same", "same"]]}]);
    let questions = [
        json!({"dataset": "first", "joins": crossed, "dimensions": [{"column": "first.id"}, {"column": "second.id"}],
            "measures": [{"agg": "count"}]}),
        json!({"dataset": "first", "joins": crossed, "columns": ["first.name", "second.name", "second.when"],
            "order": [{"by": "second.name", "dir": "desc"}, {"by": "first.name"}], "limit": 100_000}),
        json!({"dataset": "first", "joins": crossed, "measures": [{"agg": "median", "column": "second.amount"},
            {"agg": "sum", "column": "first.amount"}]}),
    ];
    for query in questions {
        is_bounded(&house, &query).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_million_groups_are_bounded() {
    let arguments = ["sql_worker", "--exact", "--ignored", "--nocapture"].map(Into::into).to_vec();
    engine::sandbox::set_worker(std::env::current_exe().unwrap(), arguments);
    let house = two_tables().await;
    let sql = "SELECT i AS id, i % 7 AS n FROM range(50000000) AS t(i)";
    let new = NewSqlDataset { name: "many".into(), sql: sql.into(), ..NewSqlDataset::default() };
    house.services.create_sql_dataset(&house.owner, new).await.unwrap();
    for measures in
        [json!([{"agg": "count"}]), json!([{"agg": "median", "column": "n"}, {"agg": "count_distinct", "column": "n"}])]
    {
        is_bounded(&house, &json!({"dataset": "many", "dimensions": [{"column": "id"}], "measures": measures})).await;
    }
}
