//! Asking: from a plan to an answer, through the cache and the pool.

use crate::answer::Answer;
use crate::clock::Zone;
use crate::engine::Engine;
use crate::fault;
use crate::pool::Stop;
use crate::segment::Segment;
use crate::{convert, engine, sandbox, sources};
use domain::{Cell, Result, Table};
use duckdb::Connection;
use semantic::Plan;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The most memory that one answer's rows may take.
const MAX_BYTES: usize = 256 << 20;

/// From here on an answer is written as JSON where it was made: it would hold up an async thread.
const MANY_ROWS: usize = 2_000;

impl Engine {
    /// Answers a plan over its segments. `key` says which questions are identical: it holds the
    /// plan, the policies and the data's version. With `fresh` no kept answer is used. The flag
    /// says whether the answer was kept.
    pub async fn query(
        &self,
        plan: &Plan,
        segments: &[Segment],
        key: &str,
        fresh: bool,
    ) -> Result<(Arc<Answer>, bool)> {
        // What is different each time is never taken from what was kept.
        let fresh = fresh || is_volatile(segments);
        if let Some(place) = segments.first().and_then(Segment::place) {
            let places = || segments.iter().filter_map(Segment::place);
            let age = places().map(|p| p.max_age).min().unwrap_or_default();
            // Whichever of joined datasets is to be asked anew, the answer is another.
            let key = format!("{}|{key}", places().map(|p| p.version).sum::<u64>());
            return sources::query(&self.0, place, age, plan, &key, fresh).await;
        }
        if !fresh && let Some(answer) = self.kept(segments, key).await {
            return Ok((answer, true));
        }
        let start = || {
            let (inner, plan, segments) = (self.0.clone(), plan.clone(), segments.to_vec());
            async move { execute(&inner, plan, segments).await }
        };
        Ok((self.0.answers.run(key, start).await?, false))
    }

    /// The answer that is kept under a key and may be given again, if one is.
    pub async fn kept(&self, segments: &[Segment], key: &str) -> Option<Arc<Answer>> {
        // What is different each time is never taken from what was kept, and sources have ages.
        if is_volatile(segments) || segments.iter().any(|s| s.place().is_some()) {
            return None;
        }
        let answer = self.0.answers.get(key).await?;
        self.0.hits.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }

    /// The one value of a statement with one row and one column.
    pub async fn scalar(&self, sql: &str, segments: &[Segment]) -> Result<Cell> {
        if let Some(place) = segments.first().and_then(Segment::place) {
            let columns = sources::list(&self.0, place, sql).await?;
            return Ok(columns.first().and_then(|c| c.first()).cloned().unwrap_or_default());
        }
        if is_volatile(segments) {
            return Ok(first(self.rows(sql, segments).await?));
        }
        if let Some(cell) = self.0.scalars.get(sql).await {
            return Ok(cell);
        }
        let cell = first(self.rows(sql, segments).await?);
        self.0.scalars.insert(sql.to_owned(), cell.clone()).await;
        Ok(cell)
    }

    /// Values and how often each occurs, from a statement with those two columns.
    pub async fn values(&self, sql: &str, segments: &[Segment]) -> Result<Vec<(Cell, u64)>> {
        if let Some(place) = segments.first().and_then(Segment::place) {
            return Ok(counted(sources::list(&self.0, place, sql).await?.to_vec()));
        }
        if !is_volatile(segments)
            && let Some(values) = self.0.lists.get(sql).await
        {
            return Ok(values.to_vec());
        }
        let list = counted(self.rows(sql, segments).await?);
        self.0.lists.insert(sql.to_owned(), Arc::new(list.clone())).await;
        Ok(list)
    }

    /// All rows of a statement of ours, column by column, times in UTC.
    pub(crate) async fn rows(&self, sql: &str, segments: &[Segment]) -> Result<Vec<Vec<Cell>>> {
        let inner = self.0.clone();
        if segments.iter().any(Segment::is_view) {
            return Ok(sandbox::run(&inner, sql, segments, usize::MAX, &Zone::Utc).await?.1);
        }
        let (sql, segments) = (sql.to_owned(), segments.to_vec());
        let timeout = self.0.config.timeout;
        let pool = self.0.pool.clone();
        let run = pool.run(timeout, move |connection, stop| {
            let _lease = inner.attachments.lease(&segments)?;
            inner.executed.fetch_add(1, Ordering::Relaxed);
            let fetched = fetch(connection, stop, &sql, usize::MAX, &Zone::Utc);
            Ok(fetched.map_err(|error| inner.name_damage(error, &segments))?.0)
        });
        run.await
    }
}

/// Values with how often each occurs, from those two columns.
fn counted(columns: Vec<Vec<Cell>>) -> Vec<(Cell, u64)> {
    let mut columns = columns.into_iter();
    let (values, counts) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
    let count = |cell: &Cell| cell.as_f64().map_or(0, |n| n.max(0.0) as u64);
    values.into_iter().zip(counts.iter().map(count)).collect()
}

fn first(table: Vec<Vec<Cell>>) -> Cell {
    table.into_iter().next().and_then(|column| column.into_iter().next()).unwrap_or_default()
}

fn is_volatile(segments: &[Segment]) -> bool {
    segments.iter().filter_map(|s| s.view.as_ref()).any(|view| view.is_volatile())
}

/// Answers a plan that reads the SQL of a user.
async fn execute_view(inner: &Arc<engine::Inner>, plan: Plan, segments: Vec<Segment>) -> Result<Answer> {
    let limit = usize::try_from(plan.limit).unwrap_or(usize::MAX);
    let zone = Zone::of(&plan.timezone);
    let (_, data, truncated, elapsed) = sandbox::run(inner, &plan.sql, &segments, limit, &zone).await?;
    if data.len() != plan.columns.len() {
        return Err(fault::internal("an answer", &"it has other columns than its plan"));
    }
    let table = Table { columns: plan.columns, data, truncated };
    let mut answer = Answer::of(table, elapsed, plan.sql, plan.is_narrowed);
    answer.timezone = plan.timezone;
    Ok(answer)
}

async fn execute(inner: &Arc<engine::Inner>, plan: Plan, segments: Vec<Segment>) -> Result<Answer> {
    if segments.iter().any(Segment::is_view) {
        return execute_view(inner, plan, segments).await;
    }
    let shared = inner.clone();
    let run = inner.pool.run(inner.config.timeout, move |connection, stop| {
        let _lease = shared.attachments.lease(&segments)?;
        shared.executed.fetch_add(1, Ordering::Relaxed);
        let began = Instant::now();
        let limit = usize::try_from(plan.limit).unwrap_or(usize::MAX);
        let fetched = fetch(connection, stop, &plan.sql, limit, &Zone::of(&plan.timezone));
        let (data, truncated) = fetched.map_err(|error| shared.name_damage(error, &segments))?;
        if data.len() != plan.columns.len() {
            return Err(fault::internal("an answer", &"it has other columns than its plan"));
        }
        let table = Table { columns: plan.columns, data, truncated };
        let mut answer = Answer::of(table, began.elapsed(), plan.sql, plan.is_narrowed);
        answer.timezone = plan.timezone;
        if answer.table.row_count() > MANY_ROWS {
            answer.prepare();
        }
        Ok(answer)
    });
    run.await
}

/// Runs a statement and reads its first `limit` rows; the flag says whether there are more.
pub(crate) fn fetch(
    connection: &Connection,
    stop: &Stop,
    sql: &str,
    limit: usize,
    zone: &Zone,
) -> Result<(Vec<Vec<Cell>>, bool)> {
    let report = |e: &duckdb::Error| if stop.is_set() { fault::cancelled() } else { fault::question(e) };
    let mut statement = connection.prepare(sql).map_err(|e| report(&e))?;
    // Streaming: a result is never held twice, and a long one is not computed beyond its limit.
    // Only the schema is wanted from the iterator, which would panic where `step` has an error.
    let width = statement.stream_arrow([]).map_err(|e| report(&e))?.get_schema().fields().len();
    let mut columns: Vec<Vec<Cell>> = vec![Vec::new(); width];
    let (mut rows, mut bytes) = (0_usize, 0_usize);
    while let Some(batch) = statement.step().map_err(|e| report(&e))? {
        if stop.is_set() {
            return Err(fault::cancelled());
        }
        use duckdb::arrow::array::Array;
        let take = batch.len().min(limit - rows);
        bytes += convert::append(&batch, take, &mut columns, zone)?;
        if bytes > MAX_BYTES {
            return Err(fault::too_large());
        }
        rows += take;
        if take < batch.len() {
            return Ok((columns, true));
        }
    }
    Ok((columns, false))
}
