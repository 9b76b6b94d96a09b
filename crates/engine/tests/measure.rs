//! Numbers for people, not for CI: `cargo nextest run -p engine --run-ignored only --no-capture measure`.
#![allow(clippy::unwrap_used)]

mod common;

use common::{bed_with, over, plan};
use domain::dataset::LoadOptions;
use engine::{Progress, Segment};
use serde_json::{Map, Value, json};
use std::time::Instant;

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measure_appends() {
    let bed = bed_with(|_| {});
    let sales = bed.engine.generate_sales(1_000_000, 1, "2024-12-31").await.unwrap();
    let row = |n: usize| json!({"date": "2025-01-01", "region": "North", "product": "Pen", "customer_id": n, "quantity": 2, "amount": 17.8, "cost": 10});
    for size in [1, 100, 1_000] {
        let rows: Vec<Map<String, Value>> = serde_json::from_value(Value::Array((0..size).map(row).collect())).unwrap();
        let (mut appends, mut asks) = (Vec::new(), Vec::new());
        let mut segments: Vec<Segment> = vec![sales.segment.clone()];
        for n in 0..60 {
            let began = Instant::now();
            segments.push(bed.engine.append_rows(&sales.columns, rows.clone()).await.unwrap());
            appends.push(milliseconds(began));
            let began = Instant::now();
            let parts: Vec<String> =
                segments.iter().map(|s| format!("SELECT amount FROM {}.main.data", s.catalog())).collect();
            let sql = format!("SELECT sum(amount) FROM ({})", parts.join(" UNION ALL "));
            bed.engine.query(&plan(&sql, 1, 10, "UTC"), &segments, &format!("{size} {n}"), false).await.unwrap();
            asks.push(milliseconds(began));
        }
        println!(
            "append {size} rows: p50 {:.2} ms, {} bytes; ask over 2..61 segments: first {:.2}, last {:.2} ms",
            median(appends),
            segments[1].bytes,
            asks[0],
            asks[59]
        );
        let began = Instant::now();
        let one = bed.engine.compact(&segments[1..]).await.unwrap();
        println!("compact 60 segments: {:.1} ms, {} bytes", milliseconds(began), one.bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measure_questions() {
    let bed = bed_with(|c| c.memory_limit_bytes = 2 << 30);
    let began = Instant::now();
    let sales = bed.engine.generate_sales(10_000_000, 1, "2024-12-31").await.unwrap();
    println!("generate 10 million rows: {:.0} ms, {} MB", milliseconds(began), sales.segment.bytes >> 20);
    let db = duckdb::Connection::open_in_memory().unwrap();
    let path = bed.dir.path().join(format!("segments/{}.duckdb", sales.segment.id));
    db.execute_batch(&format!(
        "SET threads = 2; ATTACH '{}' AS {} (READ_ONLY)",
        path.display(),
        sales.segment.catalog()
    ))
    .unwrap();
    let segment = std::slice::from_ref(&sales.segment);
    for (sql, width) in [
        ("SELECT date_trunc('month', date) AS m, sum(amount) FROM data GROUP BY 1 ORDER BY 1 LIMIT 1001", 2),
        ("SELECT region, product, count(*), sum(amount) FROM data GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1001", 4),
        ("SELECT customer_id, sum(amount) AS s FROM data GROUP BY 1 ORDER BY s DESC LIMIT 1001", 2),
        ("SELECT date, sum(amount) FROM data GROUP BY 1 ORDER BY 1 LIMIT 1001", 2),
        ("SELECT * FROM data LIMIT 1001", 7),
        ("SELECT * FROM data WHERE quantity > 3 LIMIT 100001", 7),
    ] {
        let sql = over(&sales.segment, sql);
        let limit = if sql.ends_with("100001") { 100_000 } else { 1_000 };
        let plan = plan(&sql, width, limit, "UTC");
        let (mut ours, mut floor, mut hits, mut bodies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..15 {
            let began = Instant::now();
            let (answer, _) = bed.engine.query(&plan, segment, &sql, true).await.unwrap();
            ours.push(milliseconds(began));
            let began = Instant::now();
            let body = answer.json(false, false);
            bodies.push(milliseconds(began));
            assert!(body.len() > 100);
            let began = Instant::now();
            let (answer, hit) = bed.engine.query(&plan, segment, &sql, false).await.unwrap();
            assert!(hit && !answer.json(true, false).is_empty());
            hits.push(milliseconds(began));
            let began = Instant::now();
            let mut statement = db.prepare(&sql).unwrap();
            statement.execute([]).unwrap();
            while statement.step().unwrap().is_some() {}
            floor.push(milliseconds(began));
        }
        let (ours, floor) = (median(ours), median(floor));
        println!(
            "{:6.2} ms, floor {:6.2} ms ({:.2}x); json {:.3} ms; hit {:.4} ms: {}",
            ours,
            floor,
            ours / floor,
            median(bodies),
            median(hits),
            &sql[sql.find("SELECT").unwrap()..]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measure_csv() {
    let bed = bed_with(|_| {});
    let path = bed.dir.path().join("large.csv");
    let db = duckdb::Connection::open_in_memory().unwrap();
    let rows = std::env::var("MEASURE_ROWS").ok().and_then(|n| n.parse::<u64>().ok()).unwrap_or(5_000_000);
    db.execute_batch(&format!(
        "SET threads = 2; COPY (SELECT range AS id, DATE '2020-01-01' + (range % 1500)::INTEGER AS day,
           TIMESTAMP '2020-01-01' + INTERVAL (range) SECOND AS at, 'name ' || (range % 1000) AS name,
           (range * 7919 % 1000000) / 100 AS price, range % 20 AS quantity FROM range({rows})) TO '{}'",
        path.display()
    ))
    .unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    for _ in 0..3 {
        let began = Instant::now();
        let target = bed.dir.path().join("floor.duckdb");
        let _ = std::fs::remove_file(&target);
        db.execute_batch(&format!(
            "ATTACH '{}' AS f; CREATE TABLE f.data AS SELECT * FROM read_csv('{}'); CHECKPOINT f; DETACH f",
            target.display(),
            path.display()
        ))
        .unwrap();
        let floor = milliseconds(began);
        let began = Instant::now();
        let progress = Progress::default();
        let options = LoadOptions::default();
        let load = bed.engine.load(&path, "large.csv", &options, None, &progress);
        let watch = async {
            let mut seen = Vec::new();
            loop {
                tokio::time::sleep(std::time::Duration::from_millis(250)).await;
                seen.push((progress.fraction() * 100.0) as u32);
                if progress.rows() > 0 {
                    return seen;
                }
            }
        };
        let (loaded, seen) = tokio::join!(load, watch);
        let ours = milliseconds(began);
        println!(
            "{} MB: {ours:.0} ms, floor {floor:.0} ms ({:.2}x), {} MB; progress {seen:?}",
            size >> 20,
            ours / floor,
            loaded.unwrap().segment.bytes >> 20
        );
    }
}
