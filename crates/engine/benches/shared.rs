//! What the benches share: medians, a floor in the same process, one line a question.

use duckdb::Connection;
use std::time::Instant;

pub fn number(name: &str, or: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or)
}

pub fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}

pub fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The time that the database itself takes, its rows fetched and thrown away.
pub fn floor(db: &Connection, sql: &str) -> f64 {
    let began = Instant::now();
    let mut statement = db.prepare(sql).expect("a statement");
    for batch in statement.query_arrow([]).expect("an answer") {
        std::hint::black_box(batch);
    }
    milliseconds(began)
}

/// How busy the machine was: the load of the last minute.
pub fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").map_or_else(|_| "unknown".to_owned(), |l| l.chars().take(4).collect())
}
