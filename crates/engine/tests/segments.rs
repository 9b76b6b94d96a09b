//! Appending, compacting, removing, profiling, and the demo dataset.

#![allow(clippy::unwrap_used)]

mod common;

use common::{bed, over, plan, text};
use domain::{Cell, Column, DataType, ErrorCode, Role};
use engine::Segment;
use serde_json::{Map, Value, json};
use std::time::Instant;

fn column(name: &str, ty: DataType) -> Column {
    Column {
        name: name.into(),
        label: name.into(),
        ty,
        role: Role::Dimension,
        description: String::new(),
        format: None,
        is_calculated: false,
    }
}

fn rows(value: Value) -> Vec<Map<String, Value>> {
    serde_json::from_value(value).unwrap()
}

fn all_types() -> Vec<Column> {
    [
        ("b", DataType::Boolean),
        ("i", DataType::Integer),
        ("f", DataType::Float),
        ("d", DataType::Decimal),
        ("t", DataType::Text),
        ("day", DataType::Date),
        ("clock", DataType::Time),
        ("at", DataType::Timestamp),
        ("o", DataType::Other),
    ]
    .map(|(n, t)| column(n, t))
    .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn appended_rows_read_back() {
    let bed = bed();
    let segment = bed
        .engine
        .append_rows(
            &all_types(),
            rows(json!([
                {"b": true, "i": 9007199254740993_i64, "f": 1.5, "d": "12.345", "t": "é", "day": "2024-02-29", "clock": "08:30:00",
                 "at": "2024-07-01T12:00:00+02:00", "o": {"x": [1]}},
                {}
            ])),
        )
        .await
        .unwrap();
    assert_eq!(segment.rows, 2);
    let read = bed.rows(&segment, "SELECT * FROM data").await;
    let expected = [
        Cell::Bool(true),
        text("9007199254740993"),
        Cell::Float(1.5),
        Cell::Float(12.345),
        text("é"),
        text("2024-02-29"),
        text("08:30:00"),
        text("2024-07-01T10:00:00Z"),
        text("{\"x\":[1]}"),
    ];
    assert_eq!(read[0], expected);
    assert!(read[1].iter().all(Cell::is_null));
    let error = bed.engine.append_rows(&all_types(), rows(json!([{"i": 1}, {"i": "x"}]))).await.unwrap_err();
    assert!(error.message.contains("Row 2, column \"i\""), "{error}");
    let error = bed.engine.append_rows(&all_types(), rows(json!([{"nope": 1}]))).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::UnknownColumn);
    assert!(bed.engine.append_rows(&all_types(), Vec::new()).await.is_err());
    assert!(bed.left_over().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_does_not_widen_the_types_of_the_rest() {
    let bed = bed();
    let sales = bed.engine.generate_sales(1_000, 1, "2024-12-31").await.unwrap();
    let more = json!([{"date": "2025-01-01", "region": "North", "product": "Pen", "customer_id": 5, "quantity": 2, "amount": 17.8, "cost": 10}]);
    let more = bed.engine.append_rows(&sales.columns, rows(more)).await.unwrap();
    let both = [sales.segment.clone(), more.clone()];
    let sql = format!(
        "SELECT DISTINCT typeof(COLUMNS(*)) FROM (SELECT * FROM {0}.main.data UNION ALL BY NAME SELECT * FROM {1}.main.data)",
        sales.segment.catalog(),
        more.catalog()
    );
    let (answer, _) = bed.engine.query(&plan(&sql, 7, 10, "UTC"), &both, "types", false).await.unwrap();
    let types: Vec<String> = answer.table.row(0).map(Cell::to_text).collect();
    assert_eq!(types, ["DATE", "VARCHAR", "VARCHAR", "INTEGER", "INTEGER", "DECIMAL(12,2)", "DECIMAL(12,2)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_keeps_every_row_and_removal_waits_for_questions() {
    let bed = bed();
    let columns = [column("n", DataType::Integer), column("t", DataType::Text)];
    let mut segments: Vec<Segment> = Vec::new();
    for batch in 0..40_i64 {
        let batch: Vec<Value> = (0..5).map(|n| json!({"n": batch * 1_000 + n, "t": format!("t{n}")})).collect();
        segments.push(bed.engine.append_rows(&columns, rows(Value::Array(batch))).await.unwrap());
    }
    let parts: Vec<String> = segments.iter().map(|s| format!("SELECT * FROM {}.main.data", s.catalog())).collect();
    let sql = format!("SELECT sum(n) FROM ({})", parts.join(" UNION ALL "));
    let (before, _) = bed.engine.query(&plan(&sql, 1, 10, "UTC"), &segments, "before", false).await.unwrap();
    let one = bed.engine.compact(&segments).await.unwrap();
    assert_eq!(one.rows, 200);
    assert_eq!(bed.one(&one, "SELECT sum(n) FROM data").await, before.table.data[0][0]);
    assert_eq!(bed.one(&one, "SELECT n FROM data LIMIT 1").await, Cell::Int(0));

    // A question holds its segments; they go when it has ended.
    let slow =
        format!("SELECT count(*) FROM ({}) a, range(1000000) b WHERE a.n + b.range = 3", parts.join(" UNION ALL "));
    let (engine, used) = (bed.engine.clone(), segments.clone());
    let asked = bed.engine.counters().executed;
    let question = tokio::spawn(async move { engine.query(&plan(&slow, 1, 10, "UTC"), &used, "slow", false).await });
    let began = Instant::now();
    while bed.engine.counters().executed == asked {
        assert!(began.elapsed().as_secs() < 30, "the question does not begin");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    segments.iter().for_each(|s| bed.engine.remove(s));
    question.await.unwrap().unwrap();
    let began = Instant::now();
    while bed.engine.stored().unwrap() != [one.id.clone()] {
        assert!(began.elapsed().as_secs() < 10);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let error = bed.engine.query(&plan(&sql, 1, 10, "UTC"), &segments, "gone", false).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_takes_a_few_milliseconds() {
    let bed = bed();
    let sales = bed.engine.generate_sales(1_000, 1, "2024-12-31").await.unwrap();
    let batch: Vec<Value> = (0..100)
        .map(|n| json!({"date": "2025-01-01", "region": "North", "product": "Pen", "customer_id": n, "quantity": 2, "amount": 17.8, "cost": 10}))
        .collect();
    let batch = rows(Value::Array(batch));
    let mut appends = Vec::new();
    let mut asks = Vec::new();
    for n in 0..20 {
        let began = Instant::now();
        let segment = bed.engine.append_rows(&sales.columns, batch.clone()).await.unwrap();
        appends.push(began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        let sql = over(&segment, "SELECT sum(amount) FROM data");
        bed.engine.query(&plan(&sql, 1, 10, "UTC"), &[segment], &format!("{n}"), false).await.unwrap();
        asks.push(began.elapsed().as_secs_f64() * 1e3);
    }
    appends.sort_by(f64::total_cmp);
    asks.sort_by(f64::total_cmp);
    println!("append p50 {:.2} ms, p95 {:.2} ms; attach and ask p50 {:.2} ms", appends[10], appends[18], asks[10]);
    assert!(appends[10] < 250.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_the_same_for_the_same_seed_and_ends_today() {
    let bed = bed();
    let sales = bed.engine.generate_sales(50_000, 42, "2025-03-05").await.unwrap();
    assert_eq!(sales.segment.rows, 50_000);
    let labels: Vec<&str> = sales.columns.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(labels, ["Date", "Region", "Product", "Customer", "Quantity", "Amount", "Cost"]);
    let facts = "SELECT max(date), min(date), count(DISTINCT region), count(DISTINCT product), count(DISTINCT date),
        min(customer_id), max(customer_id), min(quantity), max(quantity), min(cost / amount), max(cost / amount) FROM data";
    let row = &bed.rows(&sales.segment, facts).await[0];
    assert_eq!(row[0], text("2025-03-05"));
    assert_eq!(row[1], text("2022-03-07"));
    assert_eq!((&row[2], &row[3]), (&Cell::Int(4), &Cell::Int(12)));
    assert!(row[4].as_f64().unwrap() > 1_000.0, "{row:?}");
    assert!(row[5] == Cell::Int(1) && row[6].as_f64().unwrap() <= 5_000.0);
    assert!(row[7] == Cell::Int(1) && row[8].as_f64().unwrap() <= 20.0);
    assert!(row[9].as_f64().unwrap() > 0.54 && row[10].as_f64().unwrap() < 0.71, "{row:?}");
    let years = bed
        .rows(&sales.segment, "SELECT year(date - INTERVAL 64 DAY), sum(amount) FROM data GROUP BY 1 ORDER BY 1")
        .await;
    assert!(years[1][1].as_f64() < years[2][1].as_f64(), "growth: {years:?}");
    let sum = "SELECT hash(list(d ORDER BY rowid))::VARCHAR FROM (SELECT rowid, data AS d FROM data)";
    let sum = sum
        .replace("data AS d", "[date::VARCHAR, region, product, customer_id::VARCHAR, amount::VARCHAR] AS d")
        .replace("rowid, ", "")
        .replace(" ORDER BY rowid", "");
    let again = bed.engine.generate_sales(50_000, 42, "2025-03-05").await.unwrap();
    let other = bed.engine.generate_sales(50_000, 43, "2025-03-05").await.unwrap();
    assert_eq!(bed.one(&sales.segment, &sum).await, bed.one(&again.segment, &sum).await);
    assert_ne!(bed.one(&sales.segment, &sum).await, bed.one(&other.segment, &sum).await);
    let tiny = bed.engine.generate_sales(3, 1, "2025-03-05").await.unwrap();
    assert_eq!(bed.one(&tiny.segment, "SELECT max(date) FROM data").await, text("2025-03-05"));
    assert!(bed.engine.generate_sales(3, 1, "tomorrow").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_describes_every_column() {
    let bed = bed();
    let loaded = bed.load("orders.csv").await.unwrap();
    let profile = bed.engine.profile(&loaded.columns, std::slice::from_ref(&loaded.segment), 3).await.unwrap();
    assert_eq!((profile.version, profile.row_count, profile.columns.len()), (3, 300, 7));
    let by = |name: &str| profile.columns.iter().find(|c| c.name == name).unwrap();
    assert_eq!(by("region").distinct, 4);
    assert_eq!(by("region").top.iter().map(|f| f.count).sum::<u64>(), 300);
    assert!(by("note").missing > 100);
    assert_eq!(by("unit_price").histogram.iter().map(|b| b.count).sum::<u64>(), 300);
    assert_eq!(by("unit_price").quantiles.len(), 5);
    assert_eq!(by("ordered_at").min, text("2024-01-01"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_appended_by_column_names() {
    let bed = bed();
    let sales = bed.engine.generate_sales(100, 1, "2024-12-31").await.unwrap();
    let file = bed.file("more.csv", "Quantity,date,amount\n3,2025-01-01,9.99\n");
    let load = |columns: Vec<Column>, file: std::path::PathBuf| {
        let engine = bed.engine.clone();
        async move { engine.load(&file, "more.csv", &Default::default(), Some(&columns), &Default::default()).await }
    };
    let more = load(sales.columns.clone(), file).await.unwrap();
    assert_eq!(more.columns, sales.columns);
    let row = &bed.rows(&more.segment, "SELECT date, region, quantity, amount FROM data").await[0];
    assert_eq!(row[..], [text("2025-01-01"), Cell::Null, Cell::Int(3), Cell::Float(9.99)]);
    let error = load(sales.columns.clone(), bed.file("b.csv", "quantity,colour\n3,red\n")).await.unwrap_err();
    assert!(error.message.contains("\"colour\""), "{error}");
    let error = load(sales.columns.clone(), bed.file("c.csv", "quantity\nmany\n")).await.unwrap_err();
    assert!(error.message.contains("line 2: column \"quantity\": \"many\" is not a whole number"), "{error}");
}
