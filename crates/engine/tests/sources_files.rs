//! Files as sources: a DuckDB database, and CSV and Parquet files in a folder.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Bed, bed_with};
use domain::{Cell, Error, ErrorCode, Query, Result};
use engine::Segment;
use engine::sources::{Found, Place, Spec};
use semantic::{Context, Dataset, Parts, Source};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn beds() -> (Bed, TempDir) {
    let files = tempfile::tempdir().unwrap();
    let folder = files.path().canonicalize().unwrap();
    (bed_with(|config| config.sources.folders = vec![folder]), files)
}

fn spec(kind: &str, settings: Value) -> Spec {
    let settings = settings.as_object().unwrap().clone();
    Spec { id: kind.into(), kind: kind.into(), settings, ..Spec::default() }
}

async fn tables(bed: &Bed, spec: &Spec) -> Result<Vec<Found>> {
    bed.engine.source_tables(spec).await
}

fn segment(spec: &Spec, found: &Found) -> Segment {
    let place = Place { spec: spec.clone(), table: found.table.clone(), max_age: Duration::from_secs(300), version: 1 };
    Segment::of_source(found.name.clone(), place)
}

async fn ask(bed: &Bed, spec: &Spec, found: &Found, query: Value) -> Result<(Vec<Vec<Cell>>, bool)> {
    let mut full = json!({"dataset": "t"});
    full.as_object_mut().unwrap().extend(query.as_object().unwrap().clone());
    let query: Query = serde_json::from_value(full).unwrap();
    let source = Source { name: "t", columns: &found.columns, parts: Parts::Table(&found.table) };
    let plan = semantic::plan(&query, &Context::of(Dataset::from(source), jiff::Timestamp::UNIX_EPOCH))?;
    let (answer, kept) = bed.engine.query(&plan, &[segment(spec, found)], &plan.sql, false).await?;
    Ok(((0..answer.table.row_count()).map(|r| answer.table.row(r).cloned().collect()).collect(), kept))
}

fn total() -> Value {
    json!({"measures": [{"agg": "sum", "column": "amount"}]})
}

fn database(path: &Path, sql: &str) {
    let db = duckdb::Connection::open(path).unwrap();
    db.execute_batch(sql).unwrap();
    db.close().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_file_is_read_anew_when_it_changes() {
    let (bed, files) = beds();
    let path = files.path().canonicalize().unwrap().join("sales.duckdb");
    database(
        &path,
        "CREATE TABLE orders AS SELECT 7 AS amount, TIMESTAMPTZ '2024-01-01 10:00:00+00' AS at, [1, 2] AS parts,
             UUID '00000000-0000-0000-0000-00000000000a' AS id;
         CREATE SCHEMA old; CREATE VIEW old.seen AS SELECT amount FROM orders;
         CREATE VIEW outside AS SELECT 1 AS a",
    );
    let spec = spec("duckdb_file", json!({"path": path}));
    assert_eq!(bed.engine.test_source(&spec).await.unwrap(), "It can be read: 3 tables.");
    let found = tables(&bed, &spec).await.unwrap();
    let names: Vec<&str> = found.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["orders", "outside", "old.seen"]);
    assert_eq!(
        common::shape(&found[0].columns),
        [("amount", "integer"), ("at", "timestamp"), ("parts", "other"), ("id", "text")]
    );
    let all = json!({"columns": ["amount", "at", "parts", "id"], "timezone": "Asia/Tokyo"});
    let (rows, _) = ask(&bed, &spec, &found[0], all).await.unwrap();
    assert_eq!(
        serde_json::to_value(&rows).unwrap(),
        json!([[7, "2024-01-01T19:00:00+09:00", "[1, 2]", "00000000-0000-0000-0000-00000000000a"]])
    );
    assert_eq!(ask(&bed, &spec, &found[0], total()).await.unwrap(), (vec![vec![Cell::Int(7)]], false));
    assert_eq!(ask(&bed, &spec, &found[0], total()).await.unwrap(), (vec![vec![Cell::Int(7)]], true));
    let profile = bed.engine.profile(&found[0].columns, &[segment(&spec, &found[0])], 1).await.unwrap();
    assert_eq!((profile.row_count, profile.columns[0].max.clone()), (1, Cell::Int(7)));
    // Another file in its place, as an export makes it.
    let other = files.path().join("new.duckdb");
    database(&other, "CREATE TABLE orders AS SELECT 11 AS amount FROM range(2)");
    fs::rename(&other, &path).unwrap();
    assert_eq!(ask(&bed, &spec, &found[0], total()).await.unwrap(), (vec![vec![Cell::Int(22)]], false));
    fs::remove_file(&path).unwrap();
    assert_eq!(ask(&bed, &spec, &found[0], total()).await.unwrap_err().code, ErrorCode::SourceUnavailable);
    fs::write(&path, "no database").unwrap();
    assert_eq!(ask(&bed, &spec, &found[0], total()).await.unwrap_err().code, ErrorCode::SourceUnavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_in_a_folder_are_tables_or_one_table() {
    let (bed, files) = beds();
    let root = files.path().canonicalize().unwrap();
    fs::create_dir(root.join("2024")).unwrap();
    fs::write(root.join("2024/jan.csv"), "day,amount\n2024-01-01,1\n2024-01-02,2\n").unwrap();
    fs::write(root.join("2024/feb.csv"), "amount,day,extra\n4,2024-02-01,x\n").unwrap();
    fs::write(root.join("notes.md"), "# no table").unwrap();
    database(
        &root.join("maker.duckdb"),
        &format!(
            "COPY (SELECT 8 AS amount, 'a' AS word) TO '{}' (FORMAT parquet)",
            root.join("it''s.parquet").display()
        ),
    );
    let each = spec("folder", json!({"path": root, "pattern": "**/*"}));
    let found = tables(&bed, &each).await.unwrap();
    let names: Vec<&str> = found.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["2024/feb.csv", "2024/jan.csv", "it's.parquet"]);
    assert_eq!(common::shape(&found[1].columns), [("day", "date"), ("amount", "integer")]);
    assert_eq!(ask(&bed, &each, &found[1], total()).await.unwrap().0, [[Cell::Int(3)]]);
    assert_eq!(ask(&bed, &each, &found[2], total()).await.unwrap().0, [[Cell::Int(8)]]);
    let one =
        Spec { id: "one".into(), ..spec("folder", json!({"path": root, "pattern": "2024/*.csv", "one_table": true})) };
    let found = tables(&bed, &one).await.unwrap();
    assert_eq!((found.len(), found[0].name.as_str()), (1, "files"));
    assert_eq!(ask(&bed, &one, &found[0], total()).await.unwrap(), (vec![vec![Cell::Int(7)]], false));
    assert_eq!(ask(&bed, &one, &found[0], total()).await.unwrap(), (vec![vec![Cell::Int(7)]], true));
    fs::write(root.join("2024/mar.csv"), "day,amount\n2024-03-01,100\n").unwrap();
    assert_eq!(ask(&bed, &one, &found[0], total()).await.unwrap(), (vec![vec![Cell::Int(107)]], false));
    let mixed = spec("folder", json!({"path": root, "pattern": "**/*", "one_table": true}));
    assert_eq!(bed.engine.test_source(&mixed).await.unwrap_err().field.as_deref(), Some("settings.pattern"));
    let none = spec("folder", json!({"path": root, "pattern": "*.xlsx"}));
    assert_eq!(bed.engine.test_source(&none).await.unwrap_err().code, ErrorCode::SourceUnavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_the_allowed_folders_is_read() {
    let (bed, files) = beds();
    let root = files.path().canonicalize().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.csv"), "amount\n5\n").unwrap();
    database(&outside.path().join("secret.duckdb"), "CREATE TABLE t AS SELECT 1 AS amount");
    std::os::unix::fs::symlink(outside.path(), root.join("link")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.duckdb"), root.join("link.duckdb")).unwrap();
    let inside = root.display();
    for path in [
        outside.path().display().to_string(),
        format!("{inside}/../{}", outside.path().file_name().unwrap().to_str().unwrap()),
        format!("{inside}/link"),
        "/etc".to_owned(),
        "relative".to_owned(),
        "/no/such/place".to_owned(),
    ] {
        let error = bed.engine.test_source(&spec("folder", json!({"path": path}))).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::RuleRefused, "{path}: {error}");
    }
    for path in [format!("{inside}/link.duckdb"), outside.path().join("secret.duckdb").display().to_string()] {
        let error = bed.engine.test_source(&spec("duckdb_file", json!({"path": path}))).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::RuleRefused, "{path}: {error}");
    }
    // Not even SQL that is not ours reads further: the instance is closed in itself.
    database(&root.join("sly.duckdb"), "CREATE TABLE own AS SELECT 1 AS amount; CREATE VIEW sly AS SELECT 1 AS amount");
    let sly = spec("duckdb_file", json!({"path": root.join("sly.duckdb")}));
    let found = tables(&bed, &sly).await.unwrap();
    for sql in [
        format!("SELECT * FROM read_csv('{}')", outside.path().join("secret.csv").display()),
        "SELECT * FROM read_text('/etc/passwd')".to_owned(),
        "CREATE TABLE source.main.x (a INTEGER)".to_owned(),
        "INSERT INTO source.main.own VALUES (2)".to_owned(),
        "SET enable_external_access = true".to_owned(),
    ] {
        let plan = common::plan(&sql, 1, 10, "UTC");
        assert!(bed.engine.query(&plan, &[segment(&sly, &found[0])], &sql, true).await.is_err(), "{sql}");
    }
    assert_eq!(ask(&bed, &sly, &found[0], total()).await.unwrap().0, [[Cell::Int(1)]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_different_places_are_not_joined() {
    let (bed, files) = beds();
    let root = files.path().canonicalize().unwrap();
    fs::write(root.join("a.csv"), "k,amount\n1,2\n").unwrap();
    let spec = spec("folder", json!({"path": root}));
    let found = tables(&bed, &spec).await.unwrap();
    let parts = ["s_1".to_owned()];
    let here = Dataset::from(Source { name: "t", columns: &found[0].columns, parts: Parts::Table(&found[0].table) });
    let there = Dataset::from(Source { name: "u", columns: &found[0].columns, parts: (&parts).into() });
    let query: Query = serde_json::from_value(json!({"dataset": "t", "joins": [{"dataset": "u", "on": [["k", "k"]]}],
        "measures": [{"agg": "count"}]}))
    .unwrap();
    let joins = [there];
    let error: Error =
        semantic::plan(&query, &Context { joins: &joins, ..Context::of(here, jiff::Timestamp::UNIX_EPOCH) })
            .unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::NotSupported, Some("joins[0].dataset")));
}
