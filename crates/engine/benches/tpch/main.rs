//! The questions of TPC-H as a `Query`: each has the answer of the SQL that a person would write, and
//! both are timed in turn, in one process over the same files. `cargo bench -p engine --bench tpch`;
//! `SCALE` (0.5; 1 has 6 million lines) and `TIMES` (7) make it shorter or longer.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub, reason = "a program in several files, some of them shared")]

#[path = "../../tests/common/mod.rs"]
mod common;
mod data;
mod questions;
#[path = "../shared.rs"]
mod shared;

use data::{CALCULATED, TABLES, UNIQUE};
use domain::{Cell, Column, Query, Role};
use engine::Segment;
use semantic::{Calculated, Context, Dataset, Source};
use shared::{floor, load, median, milliseconds, number};
use std::path::Path;
use std::time::Instant;

struct Table {
    name: &'static str,
    columns: Vec<Column>,
    calculated: Vec<Calculated>,
    unique: Vec<Vec<String>>,
    segment: Segment,
    part: [String; 1],
}

fn column(name: &str, ty: domain::DataType, is_calculated: bool) -> Column {
    let (name, description) = (name.to_owned(), String::new());
    Column { label: name.clone(), name, ty, role: Role::Dimension, description, format: None, is_calculated }
}

/// Makes a table as a segment.
fn table(dir: &Path, name: &'static str, sql: &str) -> Table {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let path = dir.join("segments").join(format!("{id}.duckdb"));
    let db = duckdb::Connection::open(&path).unwrap();
    db.execute_batch(&format!("SET threads = 2; CREATE TABLE data AS {sql}; CHECKPOINT")).unwrap();
    let mut statement = db.prepare("SELECT column_name, column_type FROM (DESCRIBE data)").unwrap();
    let described = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).unwrap();
    let columns: Vec<Column> = described
        .map(|d| {
            let (name, duck) = d.unwrap();
            let ty = match duck.split('(').next().unwrap() {
                "BIGINT" | "INTEGER" => domain::DataType::Integer,
                "DECIMAL" => domain::DataType::Decimal,
                "DOUBLE" => domain::DataType::Float,
                "DATE" => domain::DataType::Date,
                _ => domain::DataType::Text,
            };
            column(&name, ty, false)
        })
        .collect();
    let rows: u64 = db.query_row("SELECT count(*) FROM data", [], |row| row.get(0)).unwrap();
    let own = CALCULATED.iter().filter(|(table, ..)| *table == name);
    let calculated = own.map(|(_, called, expression)| {
        let ty = semantic::expression::check(expression, &columns).unwrap();
        Calculated { column: column(called, ty, true), expression: (*expression).to_owned() }
    });
    let calculated = calculated.collect();
    let unique = UNIQUE.iter().filter(|(table, _)| *table == name);
    let unique = unique.map(|(_, key)| key.iter().map(|c| (*c).to_owned()).collect()).collect();
    drop(statement);
    db.close().unwrap();
    let segment: Segment = serde_json::from_value(serde_json::json!({"id": id, "rows": rows, "bytes": 0})).unwrap();
    Table { name, columns, calculated, unique, part: [segment.catalog()], segment }
}

fn dataset(table: &Table) -> Dataset<'_> {
    let source = Source { name: table.name, columns: &table.columns, parts: (&table.part).into() };
    Dataset { calculated: &table.calculated, unique: &table.unique, ..Dataset::from(source) }
}

/// The rows of some SQL, shown as the engine shows them.
async fn rows(bed: &common::Bed, segments: &[Segment], sql: &str, width: usize) -> Vec<Vec<Cell>> {
    let plan = common::plan(sql, width, 100_000, "UTC");
    let (answer, _) = bed.engine.query(&plan, segments, sql, true).await.unwrap();
    (0..answer.table.row_count()).map(|r| answer.table.row(r).cloned().collect()).collect()
}

fn alike(a: &[Vec<Cell>], b: &[Vec<Cell>]) -> bool {
    let sorted = |rows: &[Vec<Cell>]| {
        let cell = |c: &Cell| c.as_f64().map_or_else(|| c.to_text(), |n| format!("{n:.6e}"));
        let mut all: Vec<Vec<String>> = rows.iter().map(|r| r.iter().map(cell).collect()).collect();
        all.sort();
        all
    };
    sorted(a) == sorted(b)
}

#[tokio::main]
async fn main() {
    let scale = std::env::var("SCALE").unwrap_or_else(|_| "0.5".to_owned());
    let times = number("TIMES", 7) as usize;
    let bed = common::bed_with(|config| config.memory_limit_bytes = 2 << 30);
    let began = Instant::now();
    let tables: Vec<Table> =
        TABLES.iter().map(|(name, sql)| table(bed.dir.path(), name, &sql.replace("{sf}", &scale))).collect();
    println!("scale {scale} made in {:.0} ms, {times} times, load {}", milliseconds(began), load());
    let segments: Vec<Segment> = tables.iter().map(|t| t.segment.clone()).collect();
    let db = duckdb::Connection::open_in_memory().unwrap();
    db.execute_batch("SET threads = 2").unwrap();
    let mut views = String::new();
    for table in &tables {
        let path = bed.dir.path().join(format!("segments/{}.duckdb", table.segment.id));
        let catalog = table.segment.catalog();
        db.execute_batch(&format!(
            "ATTACH '{}' AS {catalog} (READ_ONLY); CREATE VIEW {} AS FROM {catalog}.main.data",
            path.display(),
            table.name
        ))
        .unwrap();
        views.push_str(&format!("{} AS (FROM {catalog}.main.data), ", table.name));
    }
    println!("| question | rows | SQL of a person | as a Query | |\n|---|---|---|---|---|");
    for (name, json, sql) in questions::questions() {
        let query: Query = serde_json::from_value(json).unwrap();
        let find = |name: &str| dataset(tables.iter().find(|t| t.name == name).unwrap());
        let joins: Vec<Dataset<'_>> = query.joins.iter().map(|j| find(&j.dataset)).collect();
        let now = "1998-12-01T00:00:00Z".parse().unwrap();
        let ctx = Context { joins: &joins, ..Context::of(find(&query.dataset), now) };
        let (mut ours, mut theirs, mut found) = (Vec::new(), Vec::new(), 0);
        for round in 0..=times {
            let began = Instant::now();
            let plan = semantic::plan(&query, &ctx).unwrap_or_else(|e| panic!("{name}: {e}"));
            let (answer, _) = bed.engine.query(&plan, &segments, &plan.sql, true).await.unwrap();
            std::hint::black_box(answer.json(false, false));
            let own = milliseconds(began);
            if round == 0 {
                let own: Vec<Vec<Cell>> =
                    (0..answer.table.row_count()).map(|r| answer.table.row(r).cloned().collect()).collect();
                found = own.len();
                assert!(own.iter().flatten().any(|c| !c.is_null()), "{name} finds nothing");
                let written = match sql.strip_prefix("WITH ") {
                    Some(rest) => format!("WITH {views}{rest}"),
                    None => format!("WITH {} {sql}", views.trim_end_matches(", ")),
                };
                let wanted = rows(&bed, &segments, &written, plan.columns.len()).await;
                assert!(
                    alike(&own, &wanted),
                    "{name}: {} rows, {} wanted\n{:?}\n{:?}",
                    own.len(),
                    wanted.len(),
                    own.first(),
                    wanted.first()
                );
            }
            let own_floor = floor(&db, sql);
            if round > 0 {
                ours.push(own);
                theirs.push(own_floor);
            }
        }
        let (ours, theirs) = (median(ours), median(theirs));
        println!("| {name} | {found} | {theirs:.1} ms | {ours:.1} ms | {:.2}x |", ours / theirs);
    }
    for (name, why) in questions::OUT_OF_REACH {
        println!("| {name} | | | cannot be asked | {why} |");
    }
    println!("load at the end {}", load());
}
