//! The order of an answer, and how much of it is returned.

use crate::output::{Output, Part};
use crate::path::Path;
use crate::scope::{self, Scope};
use domain::query::{DEFAULT_LIMIT, Dir, MAX_LIMIT, Query};
use domain::{Result, Role};

/// The most rows that can be skipped.
const MAX_OFFSET: u64 = 1_000_000_000_000;
/// The most sort keys.
const MAX_KEYS: usize = 100;

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum By {
    /// The output at that position: no name is mistaken for another.
    Output(usize),
    /// A column that is not returned.
    Column(String),
}

/// The sort keys, each with whether it ascends.
pub(crate) fn keys(scope: &mut Scope<'_>, query: &Query, outputs: &[Output]) -> Result<Vec<(By, bool)>> {
    let path = Path::Root("order");
    if query.order.len() > MAX_KEYS {
        return Err(path.refuse(format!("An answer is sorted by at most {MAX_KEYS} keys.")));
    }
    let mut keys: Vec<(By, bool)> = Vec::new();
    for (i, order) in query.order.iter().enumerate() {
        let key = match position(outputs, &order.by) {
            Some(output) => By::Output(output),
            None => column(scope, query, outputs, &order.by, &path.at(i).key("by"))?,
        };
        keys.push((key, order.dir == Dir::Asc));
    }
    if query.columns.is_empty() {
        if keys.is_empty() {
            keys.extend(default(outputs).map(|(i, ascending)| (By::Output(i), ascending)));
        }
        // The same question has the same answer: what is still equal is told apart by its group.
        for i in (0..outputs.len()).filter(|i| outputs[*i].is_dimension()) {
            if !keys.iter().any(|(k, _)| *k == By::Output(i)) {
                keys.push((By::Output(i), true));
            }
        }
    }
    // One row needs no order.
    if outputs.iter().all(|o| matches!(o.part, Part::Measure(_) | Part::Compared(..))) {
        keys.clear();
    }
    Ok(keys)
}

/// The output of that name, else the first dimension of that column.
fn position(outputs: &[Output], by: &str) -> Option<usize> {
    let is_of = |o: &Output| o.dimension().is_some_and(|d| d.written == by || d.column == by);
    outputs.iter().position(|o| o.field.name == by).or_else(|| outputs.iter().position(is_of))
}

/// Raw rows may be sorted by a column that is not returned.
fn column(scope: &mut Scope<'_>, query: &Query, outputs: &[Output], by: &str, path: &Path<'_>) -> Result<By> {
    if !query.columns.is_empty() {
        let of = scope.column(by, path)?;
        return Ok(By::Column(scope.clock.db.ordered(&of.sql, of.column.ty)));
    }
    let known = outputs.iter().map(|o| o.field.name.as_str());
    let message = format!("There is no output named `{}` to order by.", scope::shorten(by));
    Err(scope::unknown(&message, by, known, path))
}

/// Without an order: along a time, else along a range of bins or hours, else the largest first.
fn default(outputs: &[Output]) -> Option<(usize, bool)> {
    let time = outputs.iter().position(|o| o.is_dimension() && o.field.role == Role::Time);
    let range = || outputs.iter().position(|o| o.dimension().is_some_and(|d| d.is_ordered));
    let measure = || outputs.iter().position(|o| o.measure().is_some());
    time.or_else(range).map(|i| (i, true)).or_else(|| measure().map(|i| (i, false)))
}

/// How many rows are returned, and how many are skipped before them.
pub(crate) fn limits(query: &Query) -> Result<(u64, u64)> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Path::Root("limit").refuse(format!("The limit is between 1 and {MAX_LIMIT} rows.")));
    }
    if query.offset > MAX_OFFSET {
        return Err(Path::Root("offset").refuse("The offset is beyond any dataset."));
    }
    Ok((limit, query.offset))
}
