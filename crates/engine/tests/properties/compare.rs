//! A question asked of the engine and of the model: both have the same answer.

use crate::model::value::is_shown;
use crate::model::{self, Answer};
use crate::tables::Sheet;
use domain::query::Query;
use domain::{Cell, Error};
use engine::{Engine, Segment};
use semantic::{Context, Dataset, Plan, Source};
use std::collections::BTreeMap;

pub struct Asked {
    pub plan: Plan,
    pub rows: Vec<Vec<Cell>>,
    pub truncated: bool,
}

/// The engine's answer, asked for as the services ask.
pub async fn ask(engine: &Engine, sheets: &[Sheet], query: &Query, now: jiff::Timestamp) -> Result<Asked, Error> {
    let parts: Vec<Vec<String>> = sheets.iter().map(|s| s.segments.iter().map(Segment::catalog).collect()).collect();
    let at = |name: &str| sheets.iter().position(|s| s.name == name).unwrap();
    let used: Vec<usize> =
        std::iter::once(at(&query.dataset)).chain(query.joins.iter().map(|j| at(&j.dataset))).collect();
    let source = |i: usize| Source { name: sheets[i].name, columns: &sheets[i].columns, parts: (&parts[i]).into() };
    let plain: Vec<Dataset<'_>> = used.iter().map(|i| Dataset::from(source(*i))).collect();
    let ctx = Context { joins: &plain[1..], ..Context::of(plain[0], now) };
    let segments: Vec<Segment> = sheets.iter().flat_map(|s| s.segments.clone()).collect();
    let mut latest: Vec<BTreeMap<String, String>> = vec![BTreeMap::new(); used.len()];
    for (table, column) in semantic::latest_columns(query, &ctx) {
        let sql = semantic::latest_sql(&plain[table], &column, now)?;
        if let Cell::Text(text) = engine.scalar(&sql, &segments).await? {
            latest[table].insert(column, text);
        }
    }
    let dataset = |(n, i): (usize, &usize)| Dataset {
        unique: &sheets[*i].unique,
        latest: &latest[n],
        ..Dataset::from(source(*i))
    };
    let all: Vec<Dataset<'_>> = used.iter().enumerate().map(dataset).collect();
    let ctx = Context { joins: &all[1..], ..Context::of(all[0], now) };
    let plan = semantic::plan(query, &ctx)?;
    run(engine, sheets, plan).await
}

/// The answer to a plan.
pub async fn run(engine: &Engine, sheets: &[Sheet], plan: Plan) -> Result<Asked, Error> {
    let segments: Vec<Segment> = sheets.iter().flat_map(|s| s.segments.clone()).collect();
    let (answer, _) = engine.query(&plan, &segments, &plan.sql, true).await?;
    let rows = (0..answer.table.row_count()).map(|r| answer.table.row(r).cloned().collect()).collect();
    Ok(Asked { rows, truncated: answer.table.truncated, plan })
}

/// What differs between the two, if anything does.
pub fn difference(sheets: &[Sheet], query: &Query, now: jiff::Timestamp, asked: &Asked) -> Option<String> {
    let expected = model::answer(sheets, query, now.as_microsecond());
    let written = |at: i64| expected.calendar.written(at);
    let is_row = |wanted: &[model::value::Value], row: &[Cell]| {
        wanted.len() == row.len() && wanted.iter().zip(row).all(|(w, c)| is_shown(w, c, &written))
    };
    let Answer { rows, truncated, is_ordered, .. } = &expected;
    if rows.len() != asked.rows.len() || *truncated != asked.truncated {
        let shape = |n: usize, cut: bool| format!("{n} rows{}", if cut { " and more" } else { "" });
        let (ours, theirs) = (shape(rows.len(), *truncated), shape(asked.rows.len(), asked.truncated));
        return Some(format!("model: {ours}, engine: {theirs}\n{}", listing(rows, &asked.rows)));
    }
    if !is_ordered {
        // Which of all rows come first is nobody's promise without an order.
        if *truncated || query.offset > 0 {
            return None;
        }
        let mut left: Vec<&Vec<Cell>> = asked.rows.iter().collect();
        let mut missing = rows.clone();
        missing.retain(|wanted| match left.iter().position(|row| is_row(wanted, row)) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        });
        return (!missing.is_empty()).then(|| format!("the engine has not {missing:?}, but {left:?}"));
    }
    let at = rows.iter().zip(&asked.rows).position(|(wanted, row)| !is_row(wanted, row))?;
    Some(format!("row {at}:\n  model  {:?}\n  engine {:?}\n{}", rows[at], asked.rows[at], listing(rows, &asked.rows)))
}

fn listing(model: &[Vec<model::value::Value>], engine: &[Vec<Cell>]) -> String {
    let mut out = String::new();
    for row in model.iter().take(12) {
        out.push_str(&format!("  model  {row:?}\n"));
    }
    for row in engine.iter().take(12) {
        out.push_str(&format!("  engine {row:?}\n"));
    }
    out
}
