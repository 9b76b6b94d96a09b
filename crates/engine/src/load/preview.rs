//! What would be loaded: columns and first rows, from the first part of a file.

use super::bad::misfits;
use super::fill::{guessed, select};
use super::source::as_choice;
use super::{Job, format};
use crate::clock::Zone;
use crate::{convert, fault};
use domain::dataset::{BadRow, Preview};
use domain::{Cell, Result};

/// Rows shown.
const ROWS: usize = 100;

pub(crate) fn preview(job: &Job) -> Result<Preview> {
    job.size()?;
    let bench = job.bench(true)?;
    let source = format::open(job, &bench, false)?;
    let targets = source.targets(None)?;
    let relation = source.from(true)?;
    let sql = format!("CREATE TABLE memory.main.looked AS {} LIMIT 10000", select(&targets, &relation, true));
    bench.worker.execute(&sql).map_err(|e| format::explain(job, &source.options, &e))?;
    let columns = guessed(&bench, "memory.main.looked", &targets)?;
    let mut bad_rows = source.bad_rows.clone();
    let mut bad_row_count = source.bad_row_count;
    let misread = misfits(&bench, &source, &targets, &relation)?;
    bad_row_count += misread.count;
    bad_rows.extend(misread.first);
    bad_rows.sort_by_key(|row: &BadRow| row.line);
    bad_rows.truncate(10);
    let mut options = source.options.clone();
    if options.columns.is_empty() {
        options.columns = source.columns.iter().map(as_choice).collect();
    }
    Ok(Preview { options, columns, rows: rows(&bench)?, sheets: source.sheets, bad_rows, bad_row_count })
}

/// The first rows, row by row.
fn rows(bench: &super::Bench) -> Result<Vec<Vec<Cell>>> {
    let report = |e: &duckdb::Error| fault::writing(e);
    let sql = format!("SELECT * FROM memory.main.looked LIMIT {ROWS}");
    let mut statement = bench.db.prepare(&sql).map_err(|e| report(&e))?;
    statement.execute([]).map_err(|e| report(&e))?;
    let width = statement.schema().fields().len();
    let mut columns: Vec<Vec<Cell>> = vec![Vec::new(); width];
    while let Some(batch) = statement.step().map_err(|e| report(&e))? {
        convert::append(&batch, usize::MAX, &mut columns, &Zone::Utc)?;
    }
    let count = columns.first().map_or(0, Vec::len);
    Ok((0..count).map(|r| columns.iter().map(|c| c[r].clone()).collect()).collect())
}
