//! Comparisons with an earlier stretch of time. The rows are read a second time as if they were
//! later, by as much as the stretches lie apart: the same filter and grains then pick and group them,
//! so the two line up. Months are counted on the calendar of the question's zone; by the day, a day
//! that the later month does not have is left out, and by the month or in total it counts.

use crate::calc;
use crate::condition;
use crate::dialect::Unit;
use crate::output::Output;
use crate::path::Path;
use crate::scope::{Operand, Scope, Shift};
use domain::query::{CompareTo, Condition, Filter, Grain, Op, Query, Relative, RelativeOf, RelativeUnit};
use domain::{Column, DataType, Result, Role};
use jiff::Zoned;

/// The rows that a question is compared with.
pub(crate) struct Earlier<'a> {
    pub(crate) shift: Shift<'a>,
    /// Whether the filter ends the stretch, so that what was there only earlier belongs to the answer.
    pub(crate) is_bounded: bool,
}

/// Where the comparison of a question reads its rows.
pub(crate) fn earlier<'a>(scope: &Scope<'a>, query: &'a Query, outputs: &[Output]) -> Result<Option<Earlier<'a>>> {
    let Some(compare) = &query.compare else { return Ok(None) };
    let path = Path::Root("compare");
    if !outputs.iter().any(|o| o.measure().is_some()) {
        return Err(path.refuse("A comparison needs a measure."));
    }
    let mut times = outputs.iter().filter(|o| o.field.role == Role::Time).filter_map(Output::dimension);
    let (table, column) = match (&compare.column, times.next()) {
        (Some(name), _) => {
            let place = path.key("column");
            let (table, column) = scope.find(name, &place)?;
            if !column.ty.is_time() {
                return Err(place.refuse(format!("`{name}` is neither a date nor a timestamp.")));
            }
            (table, column)
        }
        (None, Some(time)) => scope.find_in(time.table, &time.column).ok_or_else(domain::Error::internal)?,
        (None, None) => {
            let dated = |test: &&Condition| matches!(test.op, Op::Relative | Op::Between | Op::Eq);
            let found = outer(query)
                .into_iter()
                .filter(dated)
                .find_map(|test| scope.find(&test.column, &path).ok().filter(|(_, column)| column.ty.is_time()));
            found.ok_or_else(|| {
                path.refuse(
                    "A comparison needs to know when: there is neither a time dimension nor a date in the filter.",
                )
                .hint("Filter by a date, such as the last 3 months, or group by one.")
            })?
        }
    };
    let of_column = |o: &&Output| o.dimension().is_some_and(|d| d.table == table && d.column == column.name);
    let grain = outputs.iter().filter(of_column).find_map(|o| o.field.grain);
    let by_day = outputs.iter().filter(of_column).any(|o| {
        let is_fine = matches!(o.field.grain, Some(Grain::Second | Grain::Minute | Grain::Hour | Grain::Day));
        is_fine || o.field.grain.is_none()
    });
    let test = tests(scope, query, table, column).into_iter().next();
    let by = match compare.to {
        CompareTo::PreviousYear if grain == Some(Grain::Week) => Some((364, Unit::Day)),
        CompareTo::PreviousYear => Some((1, Unit::Year)),
        CompareTo::PreviousPeriod => match test {
            Some(test) => length(scope, test, column, table),
            None => grain.and_then(calc::length),
        },
    };
    let Some((n, unit)) = by else {
        return Err(path
            .refuse("There is no previous period: neither the filter nor a grain says how long one is.")
            .hint("Filter by a stretch of time, such as the last 3 months, or give the time dimension a grain."));
    };
    if column.ty == DataType::Date && matches!(unit, Unit::Second | Unit::Minute | Unit::Hour) {
        return Err(path.refuse(format!("`{}` holds dates, which have no hours.", column.name)));
    }
    let is_exact = by_day && matches!(unit, Unit::Month | Unit::Year);
    let shift = Shift { table, column: &column.name, n, unit, is_exact, is_open: test.is_none() };
    Ok(Some(Earlier { shift, is_bounded: test.is_some() }))
}

/// The conditions that hold for every row.
fn outer(query: &Query) -> Vec<&Condition> {
    let mut found = Vec::new();
    let mut open: Vec<&Filter> = query.filter.iter().collect();
    while let Some(filter) = open.pop() {
        match filter {
            Filter::And(all) => open.extend(all.iter().rev()),
            Filter::Is(test) => found.push(test),
            Filter::Or(_) => {}
        }
    }
    found
}

/// The conditions on a time that give it two ends.
fn tests<'q>(scope: &Scope<'_>, query: &'q Query, table: usize, column: &Column) -> Vec<&'q Condition> {
    let is_of = |test: &&Condition| {
        let found = scope.find(&test.column, &Path::Root("filter"));
        matches!(test.op, Op::Relative | Op::Between | Op::Eq)
            && found.is_ok_and(|(t, c)| t == table && c.name == column.name)
    };
    outer(query).into_iter().filter(is_of).collect()
}

/// The stretch that the filter leaves of a time.
pub(crate) fn window(scope: &Scope<'_>, query: &Query, table: usize, column: &Column) -> Option<(Zoned, Zoned)> {
    let found = tests(scope, query, table, column).into_iter().filter_map(|t| stretch(scope, t, table, column));
    found.reduce(|a, b| (a.0.max(b.0), a.1.min(b.1))).filter(|(from, to)| from < to)
}

fn stretch(scope: &Scope<'_>, test: &Condition, table: usize, column: &Column) -> Option<(Zoned, Zoned)> {
    let latest = scope.tables[table].dataset.latest.get(&column.name).map(String::as_str);
    let operand = Operand { sql: String::new(), ty: column.ty, name: &column.name, latest: Some(latest) };
    condition::stretch(&operand, test, &scope.clock, &Path::Root("filter"))
}

/// How far the stretch before a condition's lies.
fn length(scope: &Scope<'_>, test: &Condition, column: &Column, table: usize) -> Option<(u32, Unit)> {
    if test.op == Op::Relative {
        let relative: Relative = serde_json::from_value(test.value.clone()).ok()?;
        let n = match relative.of {
            RelativeOf::Previous | RelativeOf::Next => relative.n.checked_add(u32::from(relative.include_current))?,
            RelativeOf::Current | RelativeOf::ToDate => 1,
        };
        let (each, unit) = match relative.unit {
            RelativeUnit::Minute => (1, Unit::Minute),
            RelativeUnit::Hour => (1, Unit::Hour),
            RelativeUnit::Day => (1, Unit::Day),
            RelativeUnit::Week => (7, Unit::Day),
            RelativeUnit::Month => (1, Unit::Month),
            RelativeUnit::Quarter => (3, Unit::Month),
            RelativeUnit::Year => (1, Unit::Year),
        };
        return Some((n.checked_mul(each)?, unit));
    }
    let (from, to) = stretch(scope, test, table, column)?;
    let is_day = |at: &Zoned| at.start_of_day().is_ok_and(|start| start == *at);
    if !is_day(&from) || !is_day(&to) {
        let seconds = to.timestamp().as_second() - from.timestamp().as_second();
        return u32::try_from(seconds.max(1)).ok().map(|n| (n, Unit::Second));
    }
    let (from, to) = (from.date(), to.date());
    if from.day() == 1 && to.day() == 1 {
        let months =
            (i32::from(to.year()) - i32::from(from.year())) * 12 + i32::from(to.month()) - i32::from(from.month());
        return u32::try_from(months).ok().map(|n| (n, Unit::Month));
    }
    let days = from.until(to).ok()?.get_days();
    u32::try_from(days).ok().map(|n| (n, Unit::Day))
}
