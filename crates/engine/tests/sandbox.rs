//! SQL of users: what it may do, and everything that it may not.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bed, bed, bed_with};
use domain::dataset::LoadOptions;
use domain::{Cell, Column, Error, ErrorCode, Result, Role};
use engine::sandbox::{Readable, set_worker, worker};
use engine::{Answer, Segment};
use proptest::prelude::*;
use semantic::{Dataset, Parts, Policy, Source};
use std::path::Path;
use std::time::Duration;

/// Not a test: what this program becomes when the engine starts it as a worker.
#[test]
#[ignore = "the worker that the tests start"]
fn sql_worker() {
    worker();
}

const HIDDEN: [&str; 5] = ["SECRET-REGION", "SECRET-PRODUCT", "7777777", "SECRET-NAME", "987654"];

/// `sales` under a rule that hides rows and a column, `regions` open, `salaries` not to be seen.
struct Town {
    bed: Bed,
    tables: Vec<(&'static str, Vec<Column>, Segment, Policy)>,
}

async fn town_with(bed: Bed) -> Town {
    let workers = ["sql_worker", "--exact", "--ignored", "--nocapture"].map(Into::into).to_vec();
    set_worker(std::env::current_exe().unwrap(), workers);
    let mut sales = String::from("region,product,amount,cost,day\n");
    for i in 0..60 {
        let region = ["Europe", "North", "South"][i % 3];
        sales.push_str(&format!("{region},Product {},{},{},2024-01-{:02}\n", i % 7, 10 + i, 5 + i, 1 + i % 28));
    }
    sales.push_str("SECRET-REGION,SECRET-PRODUCT,7777777,7777777,2024-06-06\n");
    let rule = serde_json::from_value(serde_json::json!({"column": "region", "op": "eq", "value": "Europe"}));
    let policy = Policy { rows: vec![rule.unwrap()], hidden: vec!["cost".into()], ..Policy::OPEN };
    let mut tables = Vec::new();
    for (name, text, policy) in [
        ("sales", sales, policy),
        ("regions", "region,note\nEurope,near\nNorth,far\n".to_owned(), Policy::OPEN),
        ("salaries", "emp,salary\nSECRET-NAME,987654\n".to_owned(), Policy::OPEN),
    ] {
        let loaded = bed.text(&format!("{name}.csv"), text, &LoadOptions::default()).await.unwrap();
        tables.push((name, loaded.columns, loaded.segment, policy));
    }
    Town { bed, tables }
}

async fn town() -> Town {
    town_with(bed()).await
}

impl Town {
    async fn bind(&self, sql: &str) -> Result<Segment> {
        let select = self.bed.engine.read_select(sql).await?;
        let mut tables = Vec::new();
        for name in select.tables() {
            let found = self.tables.iter().find(|t| t.0 == name && name != "salaries");
            let (_, columns, segment, policy) =
                found.ok_or_else(|| Error::new(ErrorCode::UnknownDataset, "There is no such dataset."))?;
            let parts = [segment.catalog()];
            let source = Source { name, columns, parts: Parts::Segments(&parts) };
            let dataset = Dataset { policy, ..Dataset::from(source) };
            let sql = semantic::view::readable_sql(&dataset, jiff::Timestamp::UNIX_EPOCH)?;
            tables.push(Readable { name: name.into(), sql, segments: vec![segment.clone()] });
        }
        Ok(self.bed.engine.bind(&select, tables))
    }

    async fn ask(&self, sql: &str) -> Result<Answer> {
        let bound = self.bind(sql).await?;
        self.bed.engine.run_select(&bound, 1_000).await
    }

    async fn rows(&self, sql: &str) -> Vec<Vec<Cell>> {
        let answer = self.ask(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        (0..answer.table.row_count()).map(|r| answer.table.row(r).cloned().collect()).collect()
    }
}

fn cases(file: &str) -> Vec<(String, String)> {
    let path = Path::new("tests/data").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    lines.map(|l| l.split_once(" | ").unwrap_or_else(|| panic!("{l}"))).map(|(a, b)| (a.into(), b.into())).collect()
}

fn assert_clean(title: &str, said: &str) {
    for secret in HIDDEN {
        assert!(!said.contains(secret), "{title}: {said}");
    }
    assert!(!said.contains("/segments/") && !said.contains("duckdb"), "{title}: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_attack_is_refused_with_a_sentence() {
    let town = town().await;
    let attacks = cases("attacks.txt");
    assert!(attacks.len() >= 150, "{}", attacks.len());
    let mut through = Vec::new();
    for (title, sql) in &attacks {
        match town.ask(sql).await {
            Ok(answer) => through.push(format!("{title}: {sql} -> {:?}", answer.table)),
            Err(error) => {
                if error.code.status() >= 500 || error.message.len() < 10 {
                    through.push(format!("{title}: {error:?}"));
                }
                let said =
                    format!("{error:?}").replace("duckdb_", "").replace("pragma_", "").replace("read_duckdb", "");
                assert_clean(title, &said);
            }
        }
    }
    assert!(through.is_empty(), "{} of {}:\n{}", through.len(), attacks.len(), through.join("\n"));
    let error = town.ask("SELECT 1\0; DROP TABLE sales").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidQuery);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_hold_however_the_rows_are_asked_for() {
    let town = town().await;
    let mut answered = 0;
    for (title, sql) in cases("filtered.txt") {
        match town.ask(&sql).await {
            Ok(answer) => {
                answered += 1;
                let table = &answer.table;
                let mut said = format!("{:?}", table.data);
                if title == "in EXISTS" {
                    assert_eq!(table.data, [[Cell::Bool(false)]], "{title}");
                }
                if title == "in IN" {
                    assert_eq!(table.row_count(), 0, "{title}");
                }
                // The value asked for stands in the name of a column.
                said.push_str(&format!("{:?}", table.columns).replace("SECRET-REGION", ""));
                assert!(!table.columns.iter().any(|c| c.name == "cost"), "{title}");
                assert_clean(&title, &said);
            }
            Err(error) => {
                assert!(error.code.status() < 500, "{title}: {error:?}");
                assert_clean(&title, &format!("{error:?}"));
            }
        }
    }
    assert!(answered >= 40, "only {answered} were answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_analysts_write_works() {
    let town = town().await;
    let int = Cell::Int;
    let text = |s: &str| Cell::from(s);
    for (sql, rows) in [
        ("SELECT count(*) AS n, sum(amount) AS total FROM sales", vec![vec![int(20), int(770)]]),
        ("WITH t AS (SELECT * FROM sales WHERE amount > 60) SELECT count(*) FROM t;", vec![vec![int(3)]]),
        (
            "SELECT product, amount, rank() OVER (ORDER BY amount DESC) AS r FROM sales QUALIFY r = 1",
            vec![vec![text("Product 1"), int(67), int(1)]],
        ),
        ("SELECT * EXCLUDE (note) FROM regions ORDER BY ALL LIMIT 1", vec![vec![text("Europe")]]),
        (
            "SELECT * REPLACE (upper(note) AS note) FROM regions ORDER BY 1 LIMIT 1",
            vec![vec![text("Europe"), text("NEAR")]],
        ),
        (
            "PIVOT (SELECT region, note, 1 AS x FROM regions) ON note IN ('near', 'far') USING sum(x) ORDER BY region",
            vec![vec![text("Europe"), int(1), Cell::Null], vec![text("North"), Cell::Null, int(1)]],
        ),
        (
            "SELECT a.v, b.w FROM (VALUES (2), (5)) a(v) ASOF JOIN (VALUES (1, 'x'), (4, 'y')) b(k, w) ON a.v >= b.k ORDER BY 1",
            vec![vec![int(2), text("x")], vec![int(5), text("y")]],
        ),
        ("SELECT list_transform([1, 2], lambda x: x * 2)[2] AS doubled", vec![vec![int(4)]]),
        ("SELECT sum(x) FROM (SELECT unnest([y + 1 FOR y IN [1, 2, 3] IF y > 1]) AS x)", vec![vec![int(7)]]),
        ("SELECT i FROM range(3) t(i) WHERE i % 2 = 0 ORDER BY i", vec![vec![int(0)], vec![int(2)]]),
        ("SELECT value FROM json_each('[7]')", vec![vec![text("7")]]),
        (
            "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 4) SELECT sum(i) FROM r",
            vec![vec![int(10)]],
        ),
        ("SELECT DATE '2024-01-31' + INTERVAL 1 MONTH AS d", vec![vec![text("2024-02-29T00:00:00Z")]]),
        ("SELECT {'a': 1} AS s, [1, 2] AS l", vec![vec![text("{\"a\":1}"), text("[1,2]")]]),
        ("SELECT 'it''s' || $$ \"x\" $$ AS t", vec![vec![text("it's \"x\" ")]]),
        ("SELECT sales.region FROM main.sales LIMIT 1", vec![vec![text("Europe")]]),
        ("FROM sales SELECT count(DISTINCT region)", vec![vec![int(1)]]),
        ("SELECT 1 AS a, 2 AS a, 3", vec![vec![int(1), int(2), int(3)]]),
        (
            "SELECT r.region, count(s.amount) FROM regions r LEFT JOIN sales s USING (region) GROUP BY ALL ORDER BY ALL",
            vec![vec![text("Europe"), int(20)], vec![text("North"), int(0)]],
        ),
    ] {
        assert_eq!(town.rows(sql).await, rows, "{sql}");
    }
    let answer = town.ask("SELECT (SELECT count(*) FROM sales), (SELECT 1) AS one").await.unwrap();
    assert!(answer.table.columns[0].name.contains("FROM sales"), "{:?}", answer.table.columns);
    let long = (0..150).map(|i| i.to_string()).collect::<Vec<_>>().join(" + ");
    assert_eq!(town.rows(&format!("SELECT {long}")).await, [[int(11_175)]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_point_at_their_place() {
    let town = town().await;
    for (sql, code, field, word) in [
        ("SELECT *\nFORM sales x y", ErrorCode::InvalidQuery, "sql:2:6", "`sales`"),
        ("SELECT region,\n  regoin FROM sales", ErrorCode::UnknownColumn, "sql:2:3", "`regoin`"),
        ("SELECT\n sums(amount) FROM sales", ErrorCode::InvalidQuery, "sql:2:2", "`sums`"),
        ("SELECT 1 FROM\n '/x.csv'", ErrorCode::UnknownDataset, "sql:2:2", "/x.csv"),
        ("SELECT region, sum(amount) FROM sales", ErrorCode::InvalidQuery, "sql:1:8", "neither grouped"),
        ("SELECT sum(region) FROM sales", ErrorCode::InvalidQuery, "sql", "sum(VARCHAR)"),
        ("SELECT (1", ErrorCode::InvalidQuery, "sql:1:10", "missing"),
    ] {
        let error = town.ask(sql).await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (code, Some(field)), "{sql}: {error:?}");
        assert!(error.message.contains(word), "{sql}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_too_much_is_stopped_and_harms_nobody() {
    let town = town_with(bed_with(|config| config.timeout = Duration::from_secs(3))).await;
    for sql in [
        "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11",
        "SELECT sum(hash(i)) FROM range(1000000000000) t(i)",
        "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r",
        "SELECT length(repeat('x', 100000000) || repeat('y', 100000000)) FROM range(1000)",
        "SELECT list(a.range) FROM range(100000) a, range(10000) b",
        "SELECT hash(i) AS h FROM range(3000000000) t(i) ORDER BY h",
        "SELECT count(DISTINCT hash(i)) FROM range(200000000) t(i)",
    ] {
        let error = town.ask(sql).await.unwrap_err();
        assert!(
            matches!(error.code, ErrorCode::QueryTimeout | ErrorCode::QueryTooLarge | ErrorCode::InvalidQuery),
            "{sql}: {error:?}"
        );
        assert_eq!(town.rows("SELECT count(*) FROM sales").await, [[Cell::Int(20)]], "after {sql}");
    }
    for sql in [
        format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("SELECT 1{}", "+1".repeat(20_000)),
        format!("SELECT {}", "x".repeat(100_000)),
        format!("SELECT {}1{}", "abs(".repeat(3_000), ")".repeat(3_000)),
        format!("SELECT {}1{}", "(SELECT ".repeat(3_000), ")".repeat(3_000)),
    ] {
        let error = town.ask(&sql).await.unwrap_err();
        assert!(error.code.status() < 500 || error.code == ErrorCode::QueryTimeout, "{error:?}");
    }
    let answer = town.ask("SELECT * FROM range(2000000000)").await.unwrap();
    assert_eq!((answer.table.row_count(), answer.table.truncated), (1_000, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_question_stops() {
    let town = town().await;
    let bound = town.bind("SELECT count(*) FROM range(1000000) a, range(1000000) b").await.unwrap();
    for _ in 0..4 {
        let slow = town.bed.engine.run_select(&bound, 10);
        assert!(tokio::time::timeout(Duration::from_millis(300), slow).await.is_err());
    }
    // Both places are free again at once.
    assert_eq!(town.rows("SELECT count(*) FROM regions").await, [[Cell::Int(2)]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_statement_is_asked_like_a_dataset() {
    let town = town().await;
    let inner = town.bind("SELECT region, product, amount * 2 AS twice, day FROM sales").await.unwrap();
    let columns = town.bed.engine.describe_select(&inner).await.unwrap();
    let columns: Vec<Column> = columns
        .into_iter()
        .map(|(name, ty)| Column {
            label: name.clone(),
            name,
            ty,
            role: if ty.is_number() { Role::Measure } else { Role::Dimension },
            description: String::new(),
            format: None,
            is_calculated: false,
        })
        .collect();
    let parts = [inner.catalog()];
    let source = Source { name: "made", columns: &columns, parts: Parts::Segments(&parts) };
    let query: domain::Query = serde_json::from_value(serde_json::json!({
        "dataset": "made", "dimensions": [{"column": "day", "grain": "month"}],
        "measures": [{"agg": "sum", "column": "twice"}, {"agg": "count"}],
        "filter": {"column": "twice", "op": "gt", "value": 30}
    }))
    .unwrap();
    let plan =
        semantic::plan(&query, &semantic::Context::of(Dataset::from(source), jiff::Timestamp::UNIX_EPOCH)).unwrap();
    let segments = [inner.clone()];
    let (answer, cached) = town.bed.engine.query(&plan, &segments, "key", false).await.unwrap();
    assert!(!cached);
    let row: Vec<Cell> = answer.table.row(0).cloned().collect();
    assert_eq!(row, [Cell::from("2024-01-01"), Cell::Int(1_494), Cell::Int(18)]);
    assert!(town.bed.engine.query(&plan, &segments, "key", false).await.unwrap().1, "the second time it is kept");
    let profile = town.bed.engine.profile(&columns, &segments, 1).await.unwrap();
    assert_eq!((profile.row_count, profile.columns[0].distinct), (20, 1));
    // A statement over a statement.
    let select = town.bed.engine.read_select("SELECT max(twice) AS most FROM made").await.unwrap();
    let sql = semantic::view::readable_sql(&Dataset::from(source), jiff::Timestamp::UNIX_EPOCH).unwrap();
    let outer = town.bed.engine.bind(&select, vec![Readable { name: "made".into(), sql, segments: segments.to_vec() }]);
    let answer = town.bed.engine.run_select(&outer, 10).await.unwrap();
    assert_eq!(answer.table.data, [[Cell::Int(134)]]);
    let plan = town.bed.engine.explain_select(&outer).await.unwrap();
    assert!(
        plan.contains("table: made") && !plan.contains("sales") && !plan.contains("Europe") && !plan.contains("s_0"),
        "{plan}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_by_itself_is_not_kept() {
    let town = town().await;
    let bound = town.bind("SELECT random() AS x, region FROM regions").await.unwrap();
    let plan = common::plan(&semantic::view::all_sql(&bound.catalog()), 2, 10, "UTC");
    let one = town.bed.engine.query(&plan, std::slice::from_ref(&bound), "k", false).await.unwrap();
    let two = town.bed.engine.query(&plan, &[bound], "k", false).await.unwrap();
    assert!(!one.1 && !two.1);
    assert_ne!(one.0.table.data[0], two.0.table.data[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn completion_offers_what_is_allowed() {
    let town = town().await;
    let functions = town.bed.engine.sql_functions().await.unwrap();
    assert!(functions.iter().any(|f| f.name == "round" && f.signature.contains("DOUBLE")));
    assert!(!functions.iter().any(|f| f.name.starts_with("read_") || f.name == "getvariable"));
}

/// Forbidden pieces, each where a table or a value may stand.
fn forbidden() -> impl Strategy<Value = (String, bool)> {
    let table = prop::sample::select(vec![
        "read_text('/etc/passwd')",
        "query('SELECT 1')",
        "query_table('salaries')",
        "duckdb_settings()",
        "glob('*')",
        "salaries",
        "sqlite_master",
        "'/etc/passwd'",
        "information_schema.tables",
        "pragma_table_info('salaries')",
    ]);
    let value = prop::sample::select(vec![
        "getenv('HOME')",
        "current_setting('threads')",
        "error('x')",
        "stats(1)",
        "version()",
        "?",
        "(SELECT 1 FROM salaries)",
        "sleep_ms(1)",
    ]);
    prop_oneof![table.prop_map(|t| (t.to_owned(), true)), value.prop_map(|v| (v.to_owned(), false))]
}

/// Puts a piece into a statement, so many times deep.
fn nest(piece: (String, bool), steps: &[u8]) -> String {
    let (piece, is_table) = piece;
    let mut sql = if is_table { format!("SELECT 1 AS x FROM {piece}") } else { format!("SELECT {piece} AS x") };
    for step in steps {
        sql = match step % 14 {
            0 => format!("SELECT 1 AS x FROM ({sql}) t"),
            1 => format!("WITH sales AS ({sql}) SELECT 1 AS x FROM regions"),
            2 => format!("SELECT ({sql}) AS x"),
            3 => format!("SELECT 1 AS x FROM regions WHERE 1 IN ({sql})"),
            4 => format!("SELECT 1 AS x UNION ALL ({sql})"),
            5 => format!("SELECT CASE WHEN EXISTS ({sql}) THEN 1 ELSE 2 END AS x"),
            6 => format!("SELECT 1 AS x FROM regions ORDER BY ({sql})"),
            7 => format!("SELECT 1 AS x FROM regions LIMIT ({sql})"),
            8 => format!("SELECT list_transform([1], lambda y: y + ({sql}))[1] AS x"),
            9 => format!("SELECT sum(1) FILTER (WHERE 1 = ({sql})) AS x FROM regions"),
            10 => format!("SELECT max(1) OVER (PARTITION BY ({sql})) AS x FROM regions"),
            11 => format!("SELECT 1 AS x FROM regions r, LATERAL ({sql}) l"),
            12 => format!("SELECT coalesce(CAST(({sql}) AS INTEGER), 1) AS x"),
            _ => format!("WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL ({sql})) SELECT x FROM r"),
        };
    }
    sql
}

#[test]
fn nothing_forbidden_passes_however_it_is_wrapped() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let town = runtime.block_on(town());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let strategy = (forbidden(), prop::collection::vec(any::<u8>(), 0..5));
    let outcome = runner.run(&strategy, |(piece, steps)| {
        let sql = nest(piece, &steps);
        match runtime.block_on(town.bind(&sql)) {
            Ok(_) => Err(TestCaseError::fail(format!("passed: {sql}"))),
            Err(error) => {
                prop_assert!(error.code.status() < 500, "{sql}: {error:?}");
                Ok(())
            }
        }
    });
    outcome.unwrap();
}
