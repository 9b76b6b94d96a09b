//! PostgreSQL as a source, on a real server: what is read, what is refused, what happens when things
//! go wrong.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/postgres.rs"]
mod postgres;

use common::{Bed, bed_with, plan};
use domain::{Cell, ErrorCode, Query};
use engine::Segment;
use engine::sources::{Hosts, Place, Spec};
use postgres::{PASSWORD, Server};
use semantic::{Context, Dataset, Parts, Source};
use serde_json::{Value, json};
use std::time::Duration;

fn open_bed(timeout: Duration) -> Bed {
    bed_with(|config| {
        config.sources.hosts = Hosts::parse("127.0.0.1").unwrap();
        config.timeout = timeout;
    })
}

fn spec(server: &Server, more: Value) -> Spec {
    let mut settings = json!({"host": "127.0.0.1", "port": server.port, "database": "postgres", "user": "postgres",
        "tls": "disable"});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Spec {
        id: "pg".into(),
        revision: 1,
        kind: "postgres".into(),
        settings: settings.as_object().unwrap().clone(),
        password: Some(PASSWORD.into()),
    }
}

async fn table(bed: &Bed, spec: &Spec, name: &str) -> (Segment, Vec<domain::Column>) {
    let found = bed.engine.source_tables(spec).await.unwrap();
    let found = found.into_iter().find(|t| t.name == name).unwrap_or_else(|| panic!("no {name}"));
    let place = Place { spec: spec.clone(), table: found.table, max_age: Duration::from_secs(300), version: 1 };
    (Segment::of_source(name.into(), place), found.columns)
}

/// Asks a question of a table, and answers the rows.
async fn ask(
    bed: &Bed,
    segment: &Segment,
    columns: &[domain::Column],
    query: Value,
    fresh: bool,
) -> domain::Result<(Vec<Vec<Cell>>, bool)> {
    let mut full = json!({"dataset": "t"});
    full.as_object_mut().unwrap().extend(query.as_object().unwrap().clone());
    let query: Query = serde_json::from_value(full).unwrap();
    let source = Source { name: "t", columns, parts: Parts::Table(&segment.place().unwrap().table) };
    let plan = semantic::plan(&query, &Context::of(Dataset::from(source), "2024-05-15T10:20:30Z".parse().unwrap()))?;
    let (answer, kept) = bed.engine.query(&plan, std::slice::from_ref(segment), &plan.sql, fresh).await?;
    Ok(((0..answer.table.row_count()).map(|r| answer.table.row(r).cloned().collect()).collect(), kept))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_arrives_as_it_is() {
    let server = Server::start();
    server.sql(
        "CREATE TYPE mood AS ENUM ('low', 'high');
         CREATE DOMAIN amount AS numeric(12, 2);
         CREATE TABLE things (i2 int2, i8 int8, f4 float4, f8 float8, n numeric, a amount, m money, t text, c char(4),
             u uuid, e mood, b bool, d date, ti time, ts timestamp, tz timestamptz, j jsonb, l int[], by bytea, iv interval);
         INSERT INTO things VALUES
         (-5, 9007199254740993, 0.1, 'NaN', 123456789012345678901234567890.5, 12.50, '3.20', 'ä''\"', 'ab',
          '00000000-0000-0000-0000-00000000000a', 'high', true, '2024-02-29', '08:30:00.25', '2024-01-01 12:00:00.5',
          '2024-07-01 12:00:00+02', '{\"x\": 1}', '{1,2}', '\\x00ff', '1 day'),
         (1, -7, 1.5, 'Infinity', 'NaN', 7, '1', '', '', NULL, 'low', false, 'infinity', '00:00', '1969-12-31 23:59:59',
          '-infinity', NULL, NULL, NULL, NULL),
         (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
         COMMENT ON COLUMN things.a IS 'What was paid';
         CREATE VIEW seen AS SELECT i2, tz FROM things;
         CREATE MATERIALIZED VIEW kept AS SELECT i2 FROM things;
         CREATE SCHEMA closed; CREATE TABLE closed.secret (a int);
         CREATE ROLE reader LOGIN PASSWORD 'correct horse battery'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;",
    );
    let bed = open_bed(Duration::from_secs(30));
    let reader = spec(&server, json!({"user": "reader"}));
    let names: Vec<String> = bed.engine.source_tables(&reader).await.unwrap().into_iter().map(|t| t.name).collect();
    assert_eq!(names, ["public.kept", "public.seen", "public.things"], "what the user may not read is not there");
    let (segment, columns) = table(&bed, &reader, "public.things").await;
    let types: Vec<&str> = columns.iter().map(|c| c.ty.as_str()).collect();
    assert_eq!(
        types.join(" "),
        "integer integer float float decimal decimal decimal text text text text boolean date time timestamp timestamp \
         other other other other"
    );
    assert_eq!(columns[5].description, "What was paid");
    let all: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let query = json!({"columns": all, "order": [{"by": "i2"}], "timezone": "Europe/Berlin"});
    let (rows, _) = ask(&bed, &segment, &columns, query, false).await.unwrap();
    let shown = serde_json::to_value(&rows).unwrap();
    assert_eq!(
        shown[0],
        json!([
            -5,
            "9007199254740993",
            0.1,
            null,
            "123456789012345678901234567890.5",
            12.5,
            3.2,
            "ä'\"",
            "ab",
            "00000000-0000-0000-0000-00000000000a",
            "high",
            true,
            "2024-02-29",
            "08:30:00.250",
            "2024-01-01T13:00:00.500+01:00",
            "2024-07-01T12:00:00+02:00",
            "{\"x\": 1}",
            "{1,2}",
            "\\x00ff",
            "1 day"
        ])
    );
    assert_eq!(
        shown[1],
        json!([
            1,
            -7,
            1.5,
            null,
            null,
            7.0,
            1.0,
            "",
            "",
            null,
            "low",
            false,
            "infinity",
            "00:00:00",
            "1970-01-01T00:59:59+01:00",
            "-infinity",
            null,
            null,
            null,
            null
        ])
    );
    assert_eq!(shown[2], Value::Array(vec![Value::Null; 20]));
    let sums = json!({"measures": [{"agg": "sum", "column": "i8"}, {"agg": "avg", "column": "i8"}, {"agg": "min", "column": "b"},
        {"agg": "max", "column": "e"}, {"agg": "count_distinct", "column": "j"}, {"agg": "sum", "column": "f4"}]});
    let (rows, _) = ask(&bed, &segment, &columns, sums, false).await.unwrap();
    assert_eq!(
        serde_json::to_value(&rows).unwrap(),
        json!([[9_007_199_254_740_986_i64, 4_503_599_627_370_492.5, false, "low", 1, 1.600_000_001_490_116_1]])
    );
    let profile = bed.engine.profile(&columns, std::slice::from_ref(&segment), 1).await.unwrap();
    assert_eq!((profile.row_count, profile.columns[0].missing, profile.columns[7].distinct), (3, 1, 2));
    let source = Source { name: "t", columns: &columns, parts: Parts::Table(&segment.place().unwrap().table) };
    let sql = semantic::values_sql(&Dataset::from(source), "e", "HI", 10, jiff::Timestamp::UNIX_EPOCH).unwrap();
    let values = bed.engine.values(&sql, std::slice::from_ref(&segment)).await.unwrap();
    assert_eq!(values, [(Cell::from("high"), 1)]);
    let (view, columns) = table(&bed, &reader, "public.seen").await;
    let count = json!({"dimensions": [{"column": "tz", "grain": "year"}], "measures": [{"agg": "count"}], "fill": "zero",
        "filter": {"column": "tz", "op": "gte", "value": "2000-01-01"}, "timezone": "Asia/Tokyo"});
    let (rows, _) = ask(&bed, &view, &columns, count, false).await.unwrap();
    assert_eq!(serde_json::to_value(&rows).unwrap(), json!([["2024-01-01T00:00:00+09:00", 1]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_whatever_is_asked() {
    let server = Server::start();
    server.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); CREATE SEQUENCE s;");
    let bed = open_bed(Duration::from_secs(30));
    let (segment, columns) = table(&bed, &spec(&server, json!({})), "public.t").await;
    for smuggled in [
        "DELETE FROM public.t RETURNING a",
        "WITH gone AS (DELETE FROM public.t RETURNING a) SELECT count(*) FROM gone",
        "INSERT INTO public.t VALUES (3) RETURNING a",
        "SELECT 1; DELETE FROM public.t",
        "SELECT nextval('public.s')",
        "CREATE TABLE public.x (a int)",
        "DROP TABLE public.t",
        "SELECT set_config('transaction_read_only', 'off', true)",
    ] {
        let answer =
            bed.engine.query(&plan(smuggled, 1, 10, "UTC"), std::slice::from_ref(&segment), smuggled, true).await;
        assert!(answer.is_err(), "{smuggled}");
    }
    let delete = plan("DELETE FROM public.t RETURNING a", 1, 10, "UTC");
    let refused = bed.engine.query(&delete, std::slice::from_ref(&segment), "x", true).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::RuleRefused);
    // What one question sets does not outlive it.
    for step in [
        "SET default_transaction_read_only = off",
        "SET TRANSACTION READ WRITE",
        "COMMIT",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    ] {
        let _ = bed.engine.query(&plan(step, 0, 10, "UTC"), std::slice::from_ref(&segment), step, true).await;
    }
    let late = bed.engine.query(&delete, std::slice::from_ref(&segment), "y", true).await.unwrap_err();
    assert_eq!(late.code, ErrorCode::RuleRefused);
    assert_eq!(server.sql("SELECT count(*) FROM t"), "2");
    let count = ask(&bed, &segment, &columns, json!({"measures": [{"agg": "count"}]}), true).await.unwrap();
    assert_eq!(count.0, [[Cell::Int(2)]]);
}

const RUNNING: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'orrery' AND state = 'active'";

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_is_cancelled_at_the_server() {
    let server = Server::start();
    server.sql("CREATE TABLE t (a int)");
    let bed = open_bed(Duration::from_secs(120));
    let (segment, columns) = table(&bed, &spec(&server, json!({})), "public.t").await;
    let slow = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a < b";
    let (engine, question) = (bed.engine.clone(), plan(slow, 1, 10, "UTC"));
    let of = segment.clone();
    let waiting = tokio::spawn(async move { engine.query(&question, &[of], "slow", true).await.map(|_| ()) });
    tokio::task::block_in_place(|| server.wait_for(RUNNING, "1"));
    waiting.abort();
    tokio::task::block_in_place(|| server.wait_for(RUNNING, "0"));
    let count = ask(&bed, &segment, &columns, json!({"measures": [{"agg": "count"}]}), true).await.unwrap();
    assert_eq!(count.0, [[Cell::Int(0)]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_has_its_time_and_an_answer_its_size() {
    let server = Server::start();
    server
        .sql("CREATE TABLE t (a int, b text); INSERT INTO t SELECT n, repeat('x', 10) FROM generate_series(1, 100) n");
    let bed = open_bed(Duration::from_secs(1));
    let (segment, columns) = table(&bed, &spec(&server, json!({})), "public.t").await;
    let slow = plan("SELECT pg_sleep(60)::text", 1, 10, "UTC");
    let error = bed.engine.query(&slow, std::slice::from_ref(&segment), "slow", true).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::QueryTimeout);
    tokio::task::block_in_place(|| server.wait_for(RUNNING, "0"));
    let wide = plan("SELECT repeat('x', 4000000) FROM generate_series(1, 1000)", 1, 100_000, "UTC");
    let bed = open_bed(Duration::from_secs(60));
    let error = bed.engine.query(&wide, std::slice::from_ref(&segment), "wide", true).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::QueryTooLarge);
    let query = json!({"columns": ["a"], "order": [{"by": "a"}], "limit": 3});
    let (rows, _) = ask(&bed, &segment, &columns, query, true).await.unwrap();
    assert_eq!(rows.len(), 3);
    // More questions at once than there are connections wait for their turn.
    let all = (0..20).map(|n| {
        let query = json!({"measures": [{"agg": "count"}], "filter": {"column": "a", "op": "gt", "value": n}});
        let (bed, segment, columns) = (&bed, &segment, &columns);
        async move { ask(bed, segment, columns, query, true).await.unwrap().0 }
    });
    let counts = futures::future::join_all(all).await;
    assert!(counts.iter().enumerate().all(|(n, c)| c[0][0] == Cell::Int(100 - n as i64)));
    let open: u32 =
        server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'orrery'").parse().unwrap();
    assert!(open <= 5, "{open} connections");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_for_as_long_as_the_source_may_be_left_alone() {
    let server = Server::start();
    server.sql("CREATE TABLE t (a int)");
    let bed = open_bed(Duration::from_secs(30));
    let (segment, columns) = table(&bed, &spec(&server, json!({})), "public.t").await;
    let count = json!({"measures": [{"agg": "count"}]});
    assert_eq!(ask(&bed, &segment, &columns, count.clone(), false).await.unwrap(), (vec![vec![Cell::Int(0)]], false));
    server.sql("INSERT INTO t VALUES (1)");
    assert_eq!(ask(&bed, &segment, &columns, count.clone(), false).await.unwrap(), (vec![vec![Cell::Int(0)]], true));
    assert_eq!(ask(&bed, &segment, &columns, count.clone(), true).await.unwrap(), (vec![vec![Cell::Int(1)]], false));
    let place = segment.place().unwrap().clone();
    let never = Segment::of_source("never".into(), Place { max_age: Duration::ZERO, ..place });
    server.sql("INSERT INTO t VALUES (2)");
    assert_eq!(ask(&bed, &never, &columns, count, false).await.unwrap(), (vec![vec![Cell::Int(2)]], false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_is_said_so_and_comes_back() {
    let mut server = Server::start();
    server.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (7)");
    let bed = open_bed(Duration::from_secs(30));
    let spec = spec(&server, json!({}));
    assert!(bed.engine.test_source(&spec).await.unwrap().starts_with("PostgreSQL "));
    let (segment, columns) = table(&bed, &spec, "public.t").await;
    let sum = json!({"measures": [{"agg": "sum", "column": "a"}]});
    assert_eq!(ask(&bed, &segment, &columns, sum.clone(), true).await.unwrap().0, [[Cell::Int(7)]]);
    server.stop();
    for _ in 0..2 {
        let error = ask(&bed, &segment, &columns, sum.clone(), true).await.unwrap_err();
        assert_eq!((error.code, error.code.status()), (ErrorCode::SourceUnavailable, 503));
        assert!(error.message.contains("does not answer"), "{error}");
    }
    server.resume();
    assert_eq!(ask(&bed, &segment, &columns, sum.clone(), true).await.unwrap().0, [[Cell::Int(7)]]);
    // A table that changed is a conflict, not a fault of ours.
    server.sql("ALTER TABLE t RENAME COLUMN a TO b");
    assert_eq!(ask(&bed, &segment, &columns, sum.clone(), true).await.unwrap_err().code, ErrorCode::Conflict);
    server.sql("DROP TABLE t");
    assert_eq!(ask(&bed, &segment, &columns, sum, true).await.unwrap_err().code, ErrorCode::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_connect_says_why_and_keeps_the_password() {
    let server = Server::start();
    let bed = open_bed(Duration::from_secs(30));
    let wrong = Spec { password: Some("hunter2-hunter2".into()), ..spec(&server, json!({})) };
    let none = Spec { password: None, ..spec(&server, json!({})) };
    for (spec, code, words) in [
        (wrong, ErrorCode::SourceUnavailable, "user with this password"),
        (none, ErrorCode::SourceUnavailable, "asks for a password"),
        (spec(&server, json!({"database": "nowhere"})), ErrorCode::SourceUnavailable, "no database `nowhere`"),
        (spec(&server, json!({"user": "nobody"})), ErrorCode::SourceUnavailable, "user with this password"),
        (spec(&server, json!({"tls": "require"})), ErrorCode::SourceUnavailable, "encrypted"),
        (spec(&server, json!({"port": 1})), ErrorCode::SourceUnavailable, "does not answer"),
        (spec(&server, json!({"host": "127.0.0.2"})), ErrorCode::RuleRefused, "inside the server's own network"),
        (spec(&server, json!({"host": "no.such.host.invalid"})), ErrorCode::SourceUnavailable, "not known"),
        (spec(&server, json!({"host": "/var/run/postgresql"})), ErrorCode::InvalidRequest, "name or an address"),
        (
            spec(&server, json!({"tls": "verify_full", "ca_certificate": "nonsense"})),
            ErrorCode::InvalidRequest,
            "CA certificate",
        ),
    ] {
        let error = bed.engine.test_source(&spec).await.unwrap_err();
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(words), "{error}");
        let all = format!("{error:?} {spec:?}");
        assert!(!all.contains("hunter2") && !all.contains(PASSWORD), "{all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_encrypted_as_the_source_says() {
    let dir = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "key.pem", "-out", "certificate.pem"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut server = Server::start();
    server.stop();
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    server.private_file("data/server.key", &read("key.pem"));
    server.private_file("data/server.crt", &read("certificate.pem"));
    server.private_file("data/postgresql.auto.conf", b"ssl = on\n");
    server.private_file("data/pg_hba.conf", b"hostssl all all all scram-sha-256\n");
    server.resume();
    let bed = open_bed(Duration::from_secs(30));
    let certificate = String::from_utf8(read("certificate.pem")).unwrap();
    for (settings, is_open) in [
        (json!({"tls": "disable"}), false),
        (json!({"tls": "require"}), true),
        (json!({"tls": "verify_full"}), false),
        (json!({"tls": "verify_full", "ca_certificate": certificate}), true),
    ] {
        let outcome = bed.engine.test_source(&spec(&server, settings.clone())).await;
        assert_eq!(outcome.is_ok(), is_open, "{settings}: {outcome:?}");
    }
    // What is cancelled is so over an encrypted connection too.
    let encrypted = spec(&server, json!({"tls": "require"}));
    server.sql("CREATE TABLE t (a int)");
    let (segment, _) = table(&bed, &encrypted, "public.t").await;
    let (engine, question) = (bed.engine.clone(), plan("SELECT pg_sleep(600)::text", 1, 10, "UTC"));
    let waiting = tokio::spawn(async move { engine.query(&question, &[segment], "slow", true).await.map(|_| ()) });
    tokio::task::block_in_place(|| server.wait_for(RUNNING, "1"));
    waiting.abort();
    tokio::task::block_in_place(|| server.wait_for(RUNNING, "0"));
}
