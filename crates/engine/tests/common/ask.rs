//! Questions run on tables given as text.

#![allow(unreachable_pub, reason = "a module of several test programs")]

use crate::common::{Bed, bed};
use domain::dataset::LoadOptions;
use domain::metric::MetricDef;
use domain::{Cell, Column, Query, Result};
use engine::Segment;
use semantic::{Calculated, Context, Dataset, Policy, Source};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A dataset of a test.
pub struct Sheet {
    pub name: &'static str,
    pub columns: Vec<Column>,
    pub segments: Vec<Segment>,
    pub unique: Vec<Vec<String>>,
    pub calculated: Vec<Calculated>,
    pub policy: Policy,
    pub latest: BTreeMap<String, String>,
}

/// Datasets and a clock; the first is the one that questions are asked of.
pub struct Desk {
    pub bed: Bed,
    pub sheets: Vec<Sheet>,
    pub metrics: Vec<MetricDef>,
    pub now: &'static str,
}

impl Desk {
    pub fn new() -> Self {
        Self { bed: bed(), sheets: Vec::new(), metrics: Vec::new(), now: "2024-05-15T10:20:30Z" }
    }

    /// Adds a dataset from CSV; `unique` are columns that are unique each by itself.
    pub async fn csv(&mut self, name: &'static str, csv: &str, unique: &[&str]) {
        let csv: String = csv.lines().map(|l| format!("{}\n", l.trim())).collect();
        let loaded = self.bed.text(&format!("{name}.csv"), csv, &LoadOptions::default()).await.unwrap();
        self.sheets.push(Sheet {
            name,
            columns: loaded.columns,
            segments: vec![loaded.segment],
            unique: unique.iter().map(|c| vec![(*c).to_owned()]).collect(),
            calculated: Vec::new(),
            policy: Policy::default(),
            latest: BTreeMap::new(),
        });
    }

    /// The rows of the answer to a question of the first dataset.
    pub async fn ask(&self, query: Value) -> Vec<Vec<Cell>> {
        self.try_ask(query).await.unwrap()
    }

    pub async fn try_ask(&self, query: Value) -> Result<Vec<Vec<Cell>>> {
        let mut full = json!({"dataset": self.sheets[0].name});
        full.as_object_mut().unwrap().extend(query.as_object().unwrap().clone());
        let query: Query = serde_json::from_value(full).unwrap();
        let parts: Vec<Vec<String>> =
            self.sheets.iter().map(|s| s.segments.iter().map(Segment::catalog).collect()).collect();
        let dataset = |name: &str| {
            let at = self.sheets.iter().position(|s| s.name == name).unwrap();
            let sheet = &self.sheets[at];
            Dataset {
                calculated: &sheet.calculated,
                policy: &sheet.policy,
                unique: &sheet.unique,
                latest: &sheet.latest,
                ..Dataset::from(Source { name: sheet.name, columns: &sheet.columns, parts: (&parts[at]).into() })
            }
        };
        let joins: Vec<Dataset<'_>> = query.joins.iter().map(|j| dataset(&j.dataset)).collect();
        let base = dataset(&query.dataset);
        let ctx = Context { base, joins: &joins, metrics: &self.metrics, now: self.now.parse().unwrap() };
        let plan = semantic::plan(&query, &ctx)?;
        let segments: Vec<Segment> = self.sheets.iter().flat_map(|s| s.segments.clone()).collect();
        let answer = self.bed.engine.query(&plan, &segments, &plan.sql, true).await;
        let (answer, _) = answer.inspect_err(|_| eprintln!("{}", plan.sql))?;
        Ok((0..answer.table.row_count()).map(|r| answer.table.row(r).cloned().collect()).collect())
    }

    /// The same as JSON, numbers to six digits.
    pub async fn json(&self, query: Value) -> Value {
        shown(&self.ask(query).await)
    }
}

/// Rows as JSON, numbers to six digits, dates without midnight.
pub fn shown(rows: &[Vec<Cell>]) -> Value {
    let cell = |cell: &Cell| match cell {
        Cell::Null => Value::Null,
        Cell::Bool(b) => json!(b),
        Cell::Int(i) => json!(i),
        Cell::Float(f) if f.fract() == 0.0 && f.abs() < 1e15 => json!(*f as i64),
        Cell::Float(f) => json!((f * 1e6).round() / 1e6),
        Cell::Text(t) => json!(t.strip_suffix("T00:00:00Z").unwrap_or(t)),
    };
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>()).collect::<Vec<_>>().into()
}
