//! DuckDB: everything whose spelling another database would not share.

use crate::calendar::Calendar;
use crate::sql::{binary, call, case, cast};
use crate::zone::Zone;
use domain::DataType;
use domain::query::Grain;

pub(crate) const DOUBLE: &str = "DOUBLE";
pub(crate) const TEXT: &str = "VARCHAR";
pub(crate) const BIGINT: &str = "BIGINT";
/// Holds the difference of any two integers.
pub(crate) const WIDE: &str = "HUGEINT";

/// The type that an empty relation gives a column.
pub(crate) fn type_name(ty: DataType) -> &'static str {
    match ty {
        DataType::Boolean => "BOOLEAN",
        DataType::Integer => BIGINT,
        DataType::Float => DOUBLE,
        DataType::Decimal => "DECIMAL(38, 6)",
        DataType::Text | DataType::Other => TEXT,
        DataType::Date => "DATE",
        DataType::Time => "TIME",
        DataType::Timestamp => "TIMESTAMP",
    }
}

/// A time rounded down. A date stays a date.
pub(crate) fn truncate(expr: &str, grain: Grain, ty: DataType, calendar: Calendar) -> String {
    let trunc = |expr: &str, grain: Grain| call("date_trunc", &[&format!("'{}'", grain.as_str()), expr]);
    let late = match grain {
        Grain::Week => (u32::from(calendar.week()), Unit::Day),
        Grain::Quarter => (u32::from(calendar.quarter()), Unit::Month),
        Grain::Year => (u32::from(calendar.year()), Unit::Month),
        _ => (0, Unit::Day),
    };
    let rounded = if late.0 == 0 {
        trunc(expr, grain)
    } else {
        // Back to where the calendar's own unit begins, and forth again. A month earlier is counted
        // from the month's first day, which every month has.
        let first = if late.1 == Unit::Month { trunc(expr, Grain::Month) } else { expr.to_owned() };
        let late = interval(late.0, late.1);
        format!("{} + {late}", trunc(&format!("({first} - {late})"), grain))
    };
    if ty == DataType::Date { cast(&rounded, "DATE") } else { rounded }
}

/// A unit of elapsed or calendar time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Year,
}

impl Unit {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// A stretch of time.
pub(crate) fn interval(n: u32, unit: Unit) -> String {
    format!("INTERVAL {n} {}", unit.as_str().to_uppercase())
}

/// A time so much later. A date stays a date.
pub(crate) fn later(expr: &str, n: u32, unit: Unit, ty: DataType) -> String {
    let moved = format!("{expr} + {}", interval(n, unit));
    if ty == DataType::Date { cast(&moved, "DATE") } else { moved }
}

/// Whether a time so much later and as much earlier is itself: the 31st has no such day in June.
pub(crate) fn has_counterpart(expr: &str, n: u32, unit: Unit) -> String {
    let by = interval(n, unit);
    format!("{expr} + {by} - {by} = {expr}")
}

/// What tells a row of a part from all other rows of its dataset.
pub(crate) fn row_id(part: usize) -> String {
    if part == 0 { "rowid".to_owned() } else { format!("rowid + {}", (part as u64) << 44) }
}

/// Any of the values of a group in which all are the same.
pub(crate) fn any_value(expr: &str) -> String {
    call("any_value", &[expr])
}

/// Times from `lo` to `hi`, a step apart, as the one column of a relation's rows. A date stays a date.
pub(crate) fn series(lo: &str, hi: &str, step: (u32, Unit), ty: DataType) -> String {
    let each = call(
        "unnest",
        &[&call("generate_series", &[&cast(lo, "TIMESTAMP"), &cast(hi, "TIMESTAMP"), &interval(step.0, step.1)])],
    );
    if ty == DataType::Date { cast(&each, "DATE") } else { each }
}

/// How many steps lie between two times, at least.
pub(crate) fn steps(lo: &str, hi: &str, step: (u32, Unit)) -> String {
    let units = call("date_diff", &[&format!("'{}'", step.1.as_str()), &cast(lo, "TIMESTAMP"), &cast(hi, "TIMESTAMP")]);
    format!("{units} // {}", step.0)
}

/// The end of the question, with a message.
pub(crate) fn raise(message: &str, why: &str) -> String {
    format!("error('{message} ' || {why})")
}

/// The last value so far that is one.
pub(crate) fn last_known(expr: &str) -> String {
    format!("last_value({expr} IGNORE NULLS)")
}

/// The part of a time that repeats.
pub(crate) fn fold(expr: &str, grain: Grain) -> String {
    match grain {
        Grain::HourOfDay => call("hour", &[expr]),
        Grain::DayOfWeek => call("isodow", &[expr]),
        _ => call("month", &[expr]),
    }
}

/// A UTC instant as local time. The database's own conversion costs more than the aggregation around
/// it, so the zone's changes of the usual years are written out as a search tree (same answers, a
/// tenth of the time); only other years are left to the database.
pub(crate) fn to_local(expr: &str, zone: &Zone) -> String {
    let (from, to) = zone.usual_years();
    let seconds = search(expr, zone.offsets());
    let slow = call("timezone", &[zone.sql(), &call("timezone", &["'UTC'", expr])]);
    let usual = format!("{expr} >= {from} AND {expr} < {to}");
    case(&[(&usual, &format!("{expr} + to_seconds({seconds})"))], &slow)
}

/// Local time as a UTC instant.
pub(crate) fn to_utc(expr: &str, zone: &Zone) -> String {
    call("timezone", &["'UTC'", &call("timezone", &[zone.sql(), expr])])
}

/// The offset in force at `expr`: `offsets` are `(from, seconds)`, ascending.
fn search(expr: &str, offsets: &[(String, i32)]) -> String {
    match offsets {
        [] => "0".to_owned(),
        [(_, seconds)] => seconds.to_string(),
        _ => {
            let (before, after) = offsets.split_at(offsets.len() / 2);
            let at = after.first().map_or("", |(from, _)| from.as_str());
            case(&[(&binary(expr, "<", at), &search(expr, before))], &search(expr, after))
        }
    }
}

/// Whether a text holds, begins or ends with another.
pub(crate) fn text_test(test: TextTest, expr: &str, literal: &str, case_sensitive: bool) -> String {
    let name = match test {
        TextTest::Contains => "contains",
        TextTest::StartsWith => "starts_with",
        TextTest::EndsWith => "ends_with",
    };
    if case_sensitive {
        call(name, &[expr, literal])
    } else {
        call(name, &[&call("lower", &[expr]), &call("lower", &[literal])])
    }
}

/// Which part of a text is compared.
#[derive(Clone, Copy)]
pub(crate) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

/// The first `n` characters.
pub(crate) fn cut(expr: &str, n: u32) -> String {
    call("left", &[expr, &n.to_string()])
}

/// Neither an infinity nor NaN.
pub(crate) fn is_finite(expr: &str) -> String {
    call("isfinite", &[expr])
}

/// The interpolated quantile, `p` from 0 to 1.
pub(crate) fn quantile(expr: &str, p: &str) -> String {
    call("quantile_cont", &[expr, p])
}

/// Several quantiles as a list; approximate ones need little memory.
pub(crate) fn quantiles(expr: &str, ps: &[&str], approximate: bool) -> String {
    let list = format!("[{}]", ps.join(", "));
    call(if approximate { "approx_quantile" } else { "quantile_cont" }, &[expr, &list])
}

/// Element `n` of a list, counted from 1.
pub(crate) fn element(list: &str, n: usize) -> String {
    format!("{list}[{n}]")
}

/// How many different values.
pub(crate) fn distinct(expr: &str, approximate: bool) -> String {
    if approximate { call("approx_count_distinct", &[expr]) } else { format!("count(DISTINCT {expr})") }
}

/// The standard deviation of a sample.
pub(crate) fn stddev(expr: &str) -> String {
    call("stddev_samp", &[expr])
}

/// The value in the row with the smallest `by`.
pub(crate) fn first(expr: &str, by: &str) -> String {
    call("arg_min", &[expr, by])
}

/// The value in the row with the largest `by`.
pub(crate) fn last(expr: &str, by: &str) -> String {
    call("arg_max", &[expr, by])
}

/// A number or a time as a position on a line: numbers as they are, dates in days, timestamps in
/// microseconds.
pub(crate) fn position(expr: &str, ty: DataType) -> String {
    match ty {
        DataType::Date => cast(&call("date_diff", &["'day'", "DATE '1970-01-01'", expr]), DOUBLE),
        DataType::Timestamp => cast(&call("epoch_us", &[expr]), DOUBLE),
        _ => cast(expr, DOUBLE),
    }
}

/// A position back as a value of the type; dates and integers are the first at or after it.
pub(crate) fn value_at(position: &str, ty: DataType) -> String {
    match ty {
        DataType::Date => format!("DATE '1970-01-01' + {}", cast(&call("ceil", &[position]), "INTEGER")),
        DataType::Timestamp => call("make_timestamp", &[&cast(position, BIGINT)]),
        DataType::Integer => call("ceil", &[position]),
        _ => position.to_owned(),
    }
}

/// The numbers 0 to `n - 1` as a relation with one column.
pub(crate) fn numbers(n: u32, alias: &str, column: &str) -> String {
    format!("range({n}) AS {alias}({column})")
}

/// A UTC instant as local time, reading its expression once.
pub(crate) fn to_local_once(expr: &str, zone: &Zone) -> String {
    call("timezone", &[zone.sql(), &call("timezone", &["'UTC'", expr])])
}

/// A part of a local time.
#[derive(Clone, Copy)]
pub(crate) enum DatePart {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    DayOfWeek,
    Hour,
    Minute,
}

/// That part as a number.
pub(crate) fn part(part: DatePart, expr: &str) -> String {
    let name = match part {
        DatePart::Year => "year",
        DatePart::Quarter => "quarter",
        DatePart::Month => "month",
        DatePart::Week => "week",
        DatePart::Day => "day",
        DatePart::DayOfWeek => "isodow",
        DatePart::Hour => "hour",
        DatePart::Minute => "minute",
    };
    call(name, &[expr])
}

/// How many times a unit begins between two local times.
pub(crate) fn between(unit: &str, from: &str, to: &str) -> String {
    call("date_diff", &[&format!("'{unit}'"), from, to])
}

/// A cast that gives no value where the value does not fit.
pub(crate) fn try_cast(expr: &str, kind: &str) -> String {
    format!("TRY_CAST({expr} AS {kind})")
}
