//! Column profiles: SQL that looks at the values of a dataset, and how to read its rows.
//!
//! | SQL | rows | columns |
//! |---|---|---|
//! | [`summary_sql`] | one | the row count; then for each column of the source, in its order, [`CELLS`] cells: missing, distinct, min, max, mean, stddev, and the 5th, 25th, 50th, 75th and 95th percentile |
//! | [`top_sql`] | up to [`TOP`] | value, count; most frequent first |
//! | [`histogram_sql`] | up to [`BUCKETS`], ascending | lo, hi, count |
//!
//! What does not apply to a column's type is NULL. A source with fewer columns profiles only those.

use crate::Source;
use crate::dialect::Spelling;
use crate::scan;
use crate::scope::{ROWS, read};
use crate::sql::{self, Select, call, cast, filtered, named};
use domain::dataset::{Bucket, ColumnProfile, Frequency};
use domain::{Cell, Column, DataType};

/// Cells of a column in the summary.
pub const CELLS: usize = 11;
/// Up to so many rows, distinct counts and quantiles are exact.
pub const EXACT_ROWS: u64 = 1_000_000;
/// How many of the most frequent values are listed.
pub const TOP: u64 = 20;
/// How many bars a histogram has at most.
pub const BUCKETS: u32 = 20;
/// Characters of a value that are kept.
const CUT: u32 = 200;
const QUANTILES: [&str; 5] = ["0.05", "0.25", "0.5", "0.75", "0.95"];
const NULL: &str = "NULL";

/// One pass over all columns. `rows` is how many rows there are.
pub fn summary_sql(source: &Source<'_>, rows: u64) -> String {
    let approximate = rows > EXACT_ROWS;
    let columns: Vec<&Column> = source.columns.iter().collect();
    let mut items = vec![named("count(*)", "rows")];
    for (i, column) in source.columns.iter().enumerate() {
        let cells = summary(column, approximate, source.parts.spelling());
        items.extend(cells.iter().enumerate().map(|(j, cell)| named(cell, &format!("c{}_{j}", i + 1))));
    }
    Select::of(items, sql::aliased(&scan::relation(source, &columns), ROWS)).print()
}

/// The cells of one column.
fn summary(column: &Column, approximate: bool, db: Spelling) -> [String; CELLS] {
    let value = read(column);
    let is_number = column.ty.is_number();
    // Infinities and NaN would be the extremes of everything, and have no deviation.
    let among = |aggregate: String| match column.ty {
        DataType::Float => filtered(&aggregate, &db.is_finite(&value, column.ty)),
        _ => aggregate,
    };
    let comparable = if column.ty == DataType::Other { cast(&value, db.text()) } else { value.clone() };
    let end = |name: &str| match column.ty {
        DataType::Other => NULL.to_owned(),
        DataType::Text => db.cut(&db.extreme(name, &value, column.ty), CUT),
        _ => among(db.extreme(name, &value, column.ty)),
    };
    let number = cast(&value, db.double());
    let of_number = |aggregate: String| if is_number { among(aggregate) } else { NULL.to_owned() };
    let quantiles = among(db.quantiles(&number, &QUANTILES, approximate));
    let quantile = |n: usize| {
        if is_number { db.element(&sql::group(&quantiles), n) } else { NULL.to_owned() }
    };
    [
        filtered("count(*)", &sql::is_null(&value)),
        db.distinct(&comparable, approximate),
        end("min"),
        end("max"),
        of_number(call("avg", &[&number])),
        of_number(db.stddev(&number)),
        quantile(1),
        quantile(2),
        quantile(3),
        quantile(4),
        quantile(5),
    ]
}

/// The row count and the profile of each column, from the row of [`summary_sql`].
pub fn read_summary(columns: &[Column], row: &[Cell]) -> (u64, Vec<ColumnProfile>) {
    let rows = row.first().map_or(0, count);
    let cells = row.get(1..).unwrap_or_default().chunks(CELLS);
    let profiles = columns.iter().zip(cells).map(|(column, cells)| {
        let cell = |i: usize| cells.get(i).cloned().unwrap_or_default();
        let number = |i: usize| cells.get(i).and_then(Cell::as_f64);
        ColumnProfile {
            name: column.name.clone(),
            missing: count(&cell(0)),
            distinct: count(&cell(1)),
            min: cell(2),
            max: cell(3),
            mean: number(4),
            stddev: number(5),
            quantiles: (6..CELLS).map(number).collect::<Option<_>>().unwrap_or_default(),
            ..ColumnProfile::default()
        }
    });
    (rows, profiles.collect())
}

fn count(cell: &Cell) -> u64 {
    match cell {
        Cell::Int(n) => u64::try_from(*n).unwrap_or(0),
        other => other.as_f64().map_or(0, |n| n as u64),
    }
}

/// The most frequent values of a column.
pub fn top_sql(source: &Source<'_>, column: &Column) -> String {
    let (value, db) = (read(column), source.parts.spelling());
    let (key, shown) = match column.ty {
        DataType::Text => (value.clone(), db.cut(&value, CUT)),
        DataType::Other => (cast(&value, db.text()), db.cut(&cast(&value, db.text()), CUT)),
        _ => (value.clone(), value.clone()),
    };
    let select = Select {
        filter: vec![sql::is_not_null(&value)],
        order: vec![sql::sort("2", false), sql::sort(&db.ordered(&key, column.ty), true)],
        group: vec![key],
        limit: Some(TOP),
        ..Select::of(
            vec![named(&shown, "value"), named("count(*)", "count")],
            sql::aliased(&scan::relation(source, &[column]), ROWS),
        )
    };
    select.print()
}

/// The most frequent values, from the rows of [`top_sql`].
pub fn read_top(rows: &[Vec<Cell>]) -> Vec<Frequency> {
    let frequency = |row: &Vec<Cell>| match row.as_slice() {
        [value, n, ..] => Some(Frequency { value: value.clone(), count: count(n) }),
        _ => None,
    };
    rows.iter().filter_map(frequency).collect()
}

/// Counts over equal ranges from the least to the greatest value; none for a column that is neither a
/// number nor a time. Whole values (integers, dates) get no more ranges than there are values between
/// the ends, so that no range is empty for want of a value that could be in it.
pub fn histogram_sql(source: &Source<'_>, column: &Column) -> Option<String> {
    if !column.ty.is_number() && !column.ty.is_time() {
        return None;
    }
    let (value, db) = (read(column), source.parts.spelling());
    let is_whole = matches!(column.ty, DataType::Integer | DataType::Date);
    let can_be_infinite = column.ty.is_time() || column.ty == DataType::Float;
    let known = if can_be_infinite { db.is_finite(&value, column.ty) } else { sql::is_not_null(&value) };
    let positions = Select {
        filter: vec![known],
        ..Select::of(
            vec![named(&db.position(&value, column.ty), "x")],
            sql::aliased(&scan::relation(source, &[column]), ROWS),
        )
    };
    let (end, bars) = if is_whole {
        ("max(p.x) + 1", format!("least({BUCKETS}, max(p.x) + 1 - min(p.x))"))
    } else {
        ("max(p.x)", format!("CASE WHEN max(p.x) > min(p.x) THEN {BUCKETS} ELSE 1 END"))
    };
    let ends = Select::of(vec![named("min(p.x)", "lo"), named(end, "hi"), named(&bars, "n")], "positions AS p");
    let bar = "least(coalesce(floor((p.x - e.lo) / nullif(e.hi - e.lo, 0) * e.n), 0), e.n - 1)";
    let counts = Select {
        group: vec!["1".to_owned()],
        ..Select::of(vec![named(bar, "bar"), named("count(*)", "n")], "positions AS p, ends AS e")
    };
    let edge = |n: &str| db.value_at(&format!("(e.lo + {n} * (e.hi - e.lo) / e.n)"), column.ty);
    let bars = format!("{} LEFT JOIN counts AS c ON c.bar = i.bar", db.numbers(BUCKETS, "i", "bar"));
    let select = Select {
        with: vec![
            sql::with("positions", positions.line()),
            sql::with("ends", ends.line()),
            sql::with("counts", counts.line()),
        ],
        filter: vec!["i.bar < e.n".to_owned()],
        order: vec!["i.bar".to_owned()],
        ..Select::of(
            vec![named(&edge("i.bar"), "lo"), named(&edge("(i.bar + 1)"), "hi"), named("coalesce(c.n, 0)", "count")],
            format!("ends AS e, {bars}"),
        )
    };
    Some(select.print())
}

/// The bars, from the rows of [`histogram_sql`].
pub fn read_histogram(rows: &[Vec<Cell>]) -> Vec<Bucket> {
    let bucket = |row: &Vec<Cell>| match row.as_slice() {
        [lo, hi, n, ..] => Some(Bucket { lo: lo.clone(), hi: hi.clone(), count: count(n) }),
        _ => None,
    };
    rows.iter().filter_map(bucket).collect()
}
