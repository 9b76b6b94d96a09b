//! Answers from sources: through the same cache as all others, as long as they may be kept.

use super::{Ask, Place, Rows};
use crate::answer::Answer;
use crate::engine::Inner;
use crate::fault;
use domain::dataset::Profile;
use domain::{Cell, Column, Result, Table};
use semantic::{Parts, Plan, Source, profile};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Columns summarised in one statement.
const TOGETHER: usize = 16;

/// Answers a plan where its rows lie. Where the source cannot tell what changed, no kept answer is
/// older than `max_age`. `key` says which questions are identical; `fresh`, that no kept
/// answer will do. The flag says whether the answer was kept.
pub(crate) async fn query(
    inner: &Arc<Inner>,
    place: &Place,
    max_age: Duration,
    plan: &Plan,
    key: &str,
    fresh: bool,
) -> Result<(Arc<Answer>, bool)> {
    let source = inner.open_source(&place.spec)?;
    let version = source.version().await?;
    let key = full_key(place, version.as_deref(), key);
    if !fresh
        && let Some(answer) = inner.answers.get(&key).await
        && (version.is_some() || answer.made.elapsed() < max_age)
    {
        inner.hits.fetch_add(1, Ordering::Relaxed);
        return Ok((answer, true));
    }
    let start = || {
        let (plan, inner) = (plan.clone(), inner.clone());
        async move {
            inner.executed.fetch_add(1, Ordering::Relaxed);
            let began = Instant::now();
            let ask = Ask {
                sql: plan.sql.clone(),
                types: plan.columns.iter().map(|c| c.ty).collect(),
                limit: usize::try_from(plan.limit).unwrap_or(usize::MAX),
                timezone: plan.timezone.clone(),
            };
            let (data, truncated) = source.run(ask).await?;
            if data.len() != plan.columns.len() {
                return Err(fault::internal("an answer", &"it has other columns than its plan"));
            }
            let table = Table { columns: plan.columns, data, truncated };
            let mut answer = Answer::of(table, began.elapsed(), plan.sql, plan.is_narrowed);
            answer.timezone = plan.timezone;
            Ok(answer)
        }
    };
    Ok((inner.answers.run(&key, start).await?, false))
}

/// The columns of a small answer, which may be kept.
pub(crate) async fn list(inner: &Arc<Inner>, place: &Place, sql: &str) -> Result<Arc<Vec<Vec<Cell>>>> {
    let version = inner.open_source(&place.spec)?.version().await?;
    let key = full_key(place, version.as_deref(), sql);
    if let Some((made, list)) = inner.sources.lists.get(&key).await
        && (version.is_some() || made.elapsed() < place.max_age)
    {
        return Ok(list);
    }
    let made = Instant::now();
    let list = Arc::new(rows(inner, place, sql).await?.0);
    inner.sources.lists.insert(key, (made, list.clone())).await;
    Ok(list)
}

/// The profile of a table's columns, worked out where it lies.
pub(crate) async fn profile(inner: &Arc<Inner>, place: &Place, columns: &[Column], version: u64) -> Result<Profile> {
    let parts = Parts::Table(&place.table);
    let mut found = Profile { version, row_count: 0, columns: Vec::with_capacity(columns.len()) };
    for some in columns.chunks(TOGETHER) {
        let source = Source { name: "profile", columns: some, parts };
        let rows = rows(inner, place, &profile::summary_sql(&source, u64::MAX)).await?.0;
        let row: Vec<Cell> = rows.into_iter().filter_map(|c| c.into_iter().next()).collect();
        let (counted, profiles) = profile::read_summary(some, &row);
        found.row_count = counted;
        found.columns.extend(profiles);
    }
    for (at, column) in columns.iter().enumerate() {
        let source = Source { name: "profile", columns: std::slice::from_ref(column), parts };
        let (top, histogram) = (profile::top_sql(&source, column), profile::histogram_sql(&source, column));
        let top = profile::read_top(&by_row(&rows(inner, place, &top).await?.0));
        let histogram = match histogram {
            Some(sql) => profile::read_histogram(&by_row(&rows(inner, place, &sql).await?.0)),
            None => Vec::new(),
        };
        if let Some(of) = found.columns.get_mut(at) {
            (of.top, of.histogram) = (top, histogram);
        }
    }
    Ok(found)
}

async fn rows(inner: &Arc<Inner>, place: &Place, sql: &str) -> Result<Rows> {
    inner.executed.fetch_add(1, Ordering::Relaxed);
    let ask = Ask { sql: sql.to_owned(), types: Vec::new(), limit: usize::MAX, timezone: "UTC".to_owned() };
    inner.open_source(&place.spec)?.run(ask).await
}

/// Which answers are the same: the same question of the same rows.
fn full_key(place: &Place, version: Option<&str>, key: &str) -> String {
    let Place { spec, version: asked, .. } = place;
    format!("source:{}:{}:{asked}:{}|{key}", spec.id, spec.revision, version.unwrap_or_default())
}

fn by_row(columns: &[Vec<Cell>]) -> Vec<Vec<Cell>> {
    let rows = columns.first().map_or(0, Vec::len);
    (0..rows).map(|r| columns.iter().map(|c| c[r].clone()).collect()).collect()
}
