//! An answer and its JSON form. The rows are written as JSON once; what differs between two
//! readers of the same answer is a short tail.

use crate::{convert, output};
use bytes::Bytes;
use domain::{Result, Table};
use serde::Serialize;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The rows of a question, and what asking cost.
#[derive(Debug)]
pub struct Answer {
    pub table: Table,
    /// Time that DuckDB took, waiting not counted.
    pub elapsed: Duration,
    /// Empty where it is not for its reader: rules on rows and columns stand in it.
    pub sql: String,
    /// The time zone in which the question was meant.
    pub timezone: String,
    /// When it was asked.
    pub(crate) made: Instant,
    /// Everything of the JSON form before the statistics.
    body: OnceLock<Bytes>,
}

#[derive(Serialize)]
struct Stats<'a> {
    elapsed_ms: f64,
    cached: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    timezone: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<&'a str>,
}

impl Answer {
    pub(crate) fn new(table: Table, elapsed: Duration, sql: String) -> Self {
        Self { table, elapsed, sql, timezone: String::new(), made: Instant::now(), body: OnceLock::new() }
    }

    /// Rows that no database answered, to be written as answers are.
    pub fn plain(table: Table) -> Self {
        Self::new(table, Duration::ZERO, String::new())
    }

    /// The answer to a plan.
    pub(crate) fn of(table: Table, elapsed: Duration, sql: String, is_narrowed: bool) -> Self {
        Self::new(table, elapsed, if is_narrowed { String::new() } else { sql })
    }

    /// The SQL, for readers who work with it.
    pub fn shown_sql(&self, with_sql: bool) -> Option<String> {
        (with_sql && !self.sql.is_empty()).then(|| self.sql.clone())
    }

    /// The contract's JSON: columns, rows, row_count, truncated, stats.
    pub fn json(&self, cached: bool, with_sql: bool) -> Bytes {
        let body = self.prepare();
        let stats = Stats {
            elapsed_ms: (self.elapsed.as_secs_f64() * 100_000.0).round() / 100.0,
            cached,
            timezone: &self.timezone,
            sql: (with_sql && !self.sql.is_empty()).then_some(self.sql.as_str()),
        };
        let mut out = Vec::with_capacity(body.len() + 64 + if with_sql { self.sql.len() + 32 } else { 0 });
        out.extend_from_slice(body);
        write_json(&mut out, &stats);
        out.push(b'}');
        out.into()
    }

    /// Writes the rows as JSON, if that has not been done.
    pub(crate) fn prepare(&self) -> &Bytes {
        self.body.get_or_init(|| self.write_body().into())
    }

    /// RFC 4180, formulas defused. Takes time in proportion to the rows.
    pub fn csv(&self) -> Bytes {
        output::csv(&self.table).into()
    }

    /// An Arrow IPC stream of one batch. Takes time in proportion to the rows.
    pub fn arrow(&self) -> Result<Bytes> {
        output::arrow(&self.table).map(Bytes::from)
    }

    /// Memory it may come to take, for the cache: cells, and about as much again as JSON.
    pub(crate) fn weight(&self) -> usize {
        let cells: usize = self.table.data.iter().flatten().map(convert::weight).sum();
        size_of::<Self>() + self.sql.len() + cells + cells / 2 + 512 * self.table.columns.len()
    }

    fn write_body(&self) -> Vec<u8> {
        let (rows, columns) = (self.table.row_count(), self.table.data.len());
        let mut out = Vec::with_capacity(256 + rows * columns * 12);
        out.extend_from_slice(b"{\"columns\":");
        write_json(&mut out, &self.table.columns);
        out.extend_from_slice(b",\"rows\":[");
        for row in 0..rows {
            out.extend_from_slice(if row == 0 { b"[" } else { b",[" });
            for (at, column) in self.table.data.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_json(&mut out, &column[row]);
            }
            out.push(b']');
        }
        out.extend_from_slice(b"],\"row_count\":");
        write_json(&mut out, &rows);
        out.extend_from_slice(b",\"truncated\":");
        write_json(&mut out, &self.table.truncated);
        out.extend_from_slice(b",\"stats\":");
        out
    }
}

/// Plain data into a vector: neither can fail.
fn write_json<T: Serialize>(out: &mut Vec<u8>, value: &T) {
    if let Err(error) = serde_json::to_writer(&mut *out, value) {
        tracing::error!(%error, "an answer could not be written as JSON");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Cell, DataType, Field, Role};

    pub(crate) fn field(name: &str, ty: DataType) -> Field {
        Field { name: name.into(), label: name.into(), ty, role: Role::Dimension, format: None, grain: None }
    }

    #[test]
    fn json_has_the_contract_s_shape() {
        let table = Table {
            columns: vec![field("a", DataType::Text), field("b", DataType::Float)],
            data: vec![vec![Cell::from("x\"y"), Cell::Null], vec![Cell::Float(1.5), Cell::Int(2)]],
            truncated: true,
        };
        let answer = Answer::new(table, Duration::from_micros(1_234), "SELECT 1".into());
        let json: serde_json::Value = serde_json::from_slice(&answer.json(false, true)).unwrap();
        assert_eq!(json["rows"], serde_json::json!([["x\"y", 1.5], [null, 2]]));
        assert_eq!(json["row_count"], 2);
        assert_eq!(json["truncated"], true);
        assert_eq!(json["columns"][0]["type"], "text");
        assert_eq!(json["stats"], serde_json::json!({"elapsed_ms": 1.23, "cached": false, "sql": "SELECT 1"}));
        let hit: serde_json::Value = serde_json::from_slice(&answer.json(true, false)).unwrap();
        assert_eq!(hit["stats"], serde_json::json!({"elapsed_ms": 1.23, "cached": true}));
        assert_eq!(hit["rows"], json["rows"]);
    }

    #[test]
    fn no_columns_and_no_rows_are_valid_json_too() {
        for columns in [vec![], vec![field("a", DataType::Text)]] {
            let data = vec![vec![]; columns.len()];
            let answer = Answer::new(Table { columns, data, truncated: false }, Duration::ZERO, String::new());
            let json: serde_json::Value = serde_json::from_slice(&answer.json(true, false)).unwrap();
            assert_eq!(json["rows"], serde_json::json!([]));
        }
    }
}
