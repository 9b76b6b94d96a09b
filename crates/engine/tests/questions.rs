//! Asking: answers, the cache, coalescing, cancelling, deadlines, limits and output.

#![allow(clippy::unwrap_used)]

mod common;

use common::{bed, bed_with, over, plan, text};
use domain::{Cell, ErrorCode};
use std::time::{Duration, Instant};

/// Counts a cross join that takes far longer than any test.
const ENDLESS: &str = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range = 3";

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_its_forms() {
    let bed = bed();
    let sales = bed.engine.generate_sales(5_000, 7, "2024-12-31").await.unwrap();
    let segment = &sales.segment;
    let sql = over(segment, "SELECT region, sum(amount), max(date) FROM data GROUP BY 1 ORDER BY 1");
    let (answer, cached) =
        bed.engine.query(&plan(&sql, 3, 1_000, "UTC"), std::slice::from_ref(segment), "k", false).await.unwrap();
    assert!(!cached);
    assert_eq!(answer.table.row_count(), 4);
    assert_eq!(answer.table.data[0][0], text("East"));
    assert!(matches!(answer.table.data[1][0], Cell::Float(n) if n > 0.0));
    let json: serde_json::Value = serde_json::from_slice(&answer.json(false, false)).unwrap();
    assert_eq!(json["row_count"], 4);
    assert!(json["stats"]["sql"].is_null());
    let csv = String::from_utf8(answer.csv().to_vec()).unwrap();
    assert!(csv.starts_with("c0,c1,c2\r\nEast,"), "{csv}");
    assert!(answer.arrow().unwrap().len() > 100);
    let (again, cached) =
        bed.engine.query(&plan(&sql, 3, 1_000, "UTC"), std::slice::from_ref(segment), "k", false).await.unwrap();
    assert!(cached);
    assert_eq!(again.table, answer.table);
    let (_, cached) =
        bed.engine.query(&plan(&sql, 3, 1_000, "UTC"), std::slice::from_ref(segment), "k", true).await.unwrap();
    assert!(!cached, "fresh passes the cache by");
    let counters = bed.engine.counters();
    assert_eq!((counters.executed, counters.hits), (2, 1));
    let values = over(segment, "SELECT region, count(*) FROM data GROUP BY 1 ORDER BY 2 DESC");
    let values = bed.engine.values(&values, std::slice::from_ref(segment)).await.unwrap();
    assert_eq!(values.iter().map(|(_, n)| n).sum::<u64>(), 5_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_truncates_and_says_so() {
    let bed = bed();
    for (rows, limit, truncated) in [(10, 10, false), (11, 10, true), (5_000, 4_999, true), (5_000, 5_000, false)] {
        let sql = format!("SELECT range FROM range({rows}) LIMIT {}", limit + 1);
        let (answer, _) = bed.engine.query(&plan(&sql, 1, limit, "UTC"), &[], &sql, false).await.unwrap();
        assert_eq!((answer.table.row_count() as u64, answer.table.truncated), (rows.min(limit), truncated));
        assert_eq!(answer.table.data[0].last(), Some(&Cell::Int(rows.min(limit) as i64 - 1)));
    }
    let (empty, _) = bed.engine.query(&plan("SELECT 1 WHERE false", 1, 10, "UTC"), &[], "none", false).await.unwrap();
    assert_eq!(empty.table.row_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_has_its_cell() {
    let bed = bed();
    let sql = "SELECT true, 5::TINYINT, 9007199254740993, 170141183460469231731687303715884105727::HUGEINT, 0.1::FLOAT,
        'nan'::DOUBLE, 'inf'::DOUBLE, 1.50::DECIMAL(10,2), 12345678901234567890.12::DECIMAL(38,2), 'é', DATE '2024-02-29',
        TIME '08:30:00.5', TIMESTAMP '2024-07-01 12:00:00', TIMESTAMPTZ '2024-07-01 12:00:00+00', NULL, [1, 2],
        {'a': 1}, INTERVAL 1 DAY, 'x'::ENUM('x', 'y'), uuid '00000000-0000-0000-0000-000000000001', 'a'::BLOB,
        18446744073709551615::UBIGINT, 'infinity'::DATE, TIMESTAMP_NS '2024-07-01 12:00:00.123456789'";
    let (answer, _) = bed.engine.query(&plan(sql, 24, 10, "Europe/Berlin"), &[], "types", false).await.unwrap();
    let row: Vec<&Cell> = answer.table.row(0).collect();
    let expected = [
        Cell::Bool(true),
        Cell::Int(5),
        text("9007199254740993"),
        text("170141183460469231731687303715884105727"),
        Cell::Float(0.1),
        Cell::Null,
        Cell::Null,
        Cell::Float(1.5),
        text("12345678901234567890.12"),
        text("é"),
        text("2024-02-29"),
        text("08:30:00.500"),
        text("2024-07-01T14:00:00+02:00"),
        text("2024-07-01T14:00:00+02:00"),
        Cell::Null,
        text("[1, 2]"),
    ];
    for (at, expected) in expected.iter().enumerate() {
        assert_eq!(row[at], expected, "column {at}");
    }
    assert_eq!(row[18], &text("x"));
    assert_eq!(row[21], &text("18446744073709551615"));
    assert_eq!(row[22], &text("infinity"));
    assert_eq!(row[23], &text("2024-07-01T14:00:00.123456+02:00"));
    assert!(row.iter().skip(16).all(|c| !c.is_null()));
}

#[tokio::test(flavor = "multi_thread")]
async fn identical_questions_in_flight_run_once() {
    let bed = bed();
    let slow = "SELECT count(*) FROM range(3000) a, range(30000) b WHERE (a.range * b.range) % 7 = 3";
    let ask = |fresh| {
        let engine = bed.engine.clone();
        tokio::spawn(async move { engine.query(&plan(slow, 1, 10, "UTC"), &[], "slow", fresh).await })
    };
    let all: Vec<_> = (0..16).map(|n| ask(n % 2 == 0)).collect();
    let mut answers = Vec::new();
    for one in all {
        answers.push(one.await.unwrap().unwrap().0);
    }
    assert_eq!(bed.engine.counters().executed, 1);
    assert!(answers.windows(2).all(|pair| std::sync::Arc::ptr_eq(&pair[0], &pair[1])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_nobody_waits_for_is_stopped() {
    let bed = bed_with(|c| c.threads = 1);
    for _ in 0..3 {
        let (endless, none) = (plan(ENDLESS, 1, 10, "UTC"), []);
        let question = bed.engine.query(&endless, &none, "endless", false);
        assert!(tokio::time::timeout(Duration::from_millis(100), question).await.is_err());
    }
    // All connections are free again soon.
    let began = Instant::now();
    for n in 0..8 {
        let sql = format!("SELECT {n}");
        bed.engine.query(&plan(&sql, 1, 10, "UTC"), &[], &sql, false).await.unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_takes_too_long_is_stopped() {
    let bed = bed_with(|c| c.timeout = Duration::from_millis(300));
    let began = Instant::now();
    let error = bed.engine.query(&plan(ENDLESS, 1, 10, "UTC"), &[], "endless", false).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::QueryTimeout);
    assert_eq!(error.code.status(), 503);
    assert!(began.elapsed() < Duration::from_secs(3));
    assert!(bed.engine.query(&plan("SELECT 1", 1, 10, "UTC"), &[], "one", false).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_needs_too_much_memory_is_refused() {
    let bed = bed_with(|c| c.memory_limit_bytes = 128 << 20);
    let greedy = "SELECT list(range || 'a long text that takes memory') FROM range(20000000)";
    let error = bed.engine.query(&plan(greedy, 1, 10, "UTC"), &[], "greedy", false).await.unwrap_err();
    assert_eq!((error.code, error.code.status()), (ErrorCode::QueryTooLarge, 422));
    let wide = "SELECT repeat('x', 1000000) || range FROM range(2000)";
    let error = bed.engine.query(&plan(wide, 1, 100_000, "UTC"), &[], "wide", false).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::QueryTooLarge);
    assert!(bed.engine.query(&plan("SELECT 1", 1, 10, "UTC"), &[], "one", false).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_million_groups_end_in_time_and_give_their_memory_back() {
    let bed = bed_with(|c| {
        c.memory_limit_bytes = 128 << 20;
        c.timeout = Duration::from_secs(2);
    });
    let groups = "SELECT range AS id, count(*), sum(range) FROM range(50000000) GROUP BY 1 ORDER BY 3 DESC LIMIT 1001";
    let began = Instant::now();
    match bed.engine.query(&plan(groups, 3, 1_000, "UTC"), &[], "groups", false).await {
        Ok((answer, _)) => assert_eq!(answer.table.row_count(), 1_000),
        Err(error) => {
            let bounded = [ErrorCode::QueryTooLarge, ErrorCode::QueryTimeout, ErrorCode::DiskFull];
            assert!(bounded.contains(&error.code), "{error:?}");
        }
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    // What it held is free again: half of the memory for a question of its own.
    let half = "SELECT count(*) FROM (SELECT range % 400000 AS id, count(*) FROM range(800000) GROUP BY 1)";
    let (answer, _) = bed.engine.query(&plan(half, 1, 10, "UTC"), &[], "half", false).await.unwrap();
    assert_eq!(answer.table.data[0][0], Cell::Int(400_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_show_neither_sql_nor_values() {
    let bed = bed();
    for sql in ["SELECT 'secret-4711'::INTEGER", "SELECT * FROM secret_4711", "SELECT error('secret-4711')"] {
        let error = bed.engine.query(&plan(sql, 1, 10, "UTC"), &[], sql, false).await.unwrap_err();
        assert!(!format!("{error:?}").contains("4711"), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_the_segments_can_be_read_or_written() {
    let bed = bed();
    for sql in [
        "SELECT * FROM read_csv('/etc/passwd')",
        "ATTACH '/tmp/x.duckdb'",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "SET memory_limit = '100GB'",
        "SELECT * FROM glob('/*')",
    ] {
        assert!(bed.engine.query(&plan(sql, 1, 10, "UTC"), &[], sql, false).await.is_err(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clients_are_all_answered() {
    let bed = bed();
    let sales = bed.engine.generate_sales(20_000, 1, "2024-12-31").await.unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let (engine, segment) = (bed.engine.clone(), sales.segment.clone());
            tokio::spawn(async move {
                let sql = over(&segment, &format!("SELECT count(*) FROM data WHERE quantity > {}", n % 20));
                engine.query(&plan(&sql, 1, 10, "UTC"), &[segment], &format!("{n}"), false).await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().0.table.row_count(), 1);
    }
}
