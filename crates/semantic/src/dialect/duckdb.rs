//! DuckDB: everything whose spelling another database would not share.

use crate::sql::{binary, call, case, cast};
use crate::zone::Zone;
use domain::DataType;
use domain::query::Grain;

pub(crate) const DOUBLE: &str = "DOUBLE";
pub(crate) const TEXT: &str = "VARCHAR";
pub(crate) const BIGINT: &str = "BIGINT";

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

/// A time rounded down. Weeks start on Monday. A date stays a date.
pub(crate) fn truncate(expr: &str, grain: Grain, ty: DataType) -> String {
    let rounded = call("date_trunc", &[&format!("'{}'", grain.as_str()), expr]);
    if ty == DataType::Date { cast(&rounded, "DATE") } else { rounded }
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
