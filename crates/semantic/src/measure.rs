//! Measures: a number per group.

use crate::dialect::duckdb;
use crate::filter;
use crate::path::Path;
use crate::scope::{Scope, read};
use crate::sql;
use domain::format::Format;
use domain::query::{Agg, Measure};
use domain::{Column, DataType, Result};

/// How deep ratios may lie in one another.
const MAX_DEPTH: usize = 8;

/// A measure as SQL, with what is known about its values.
pub(crate) struct Aggregate {
    pub(crate) sql: String,
    pub(crate) ty: DataType,
    pub(crate) label: String,
    pub(crate) format: Option<Format>,
}

/// Checks and prints a measure.
pub(crate) fn aggregate(scope: &mut Scope<'_>, measure: &Measure, path: &Path<'_>, depth: usize) -> Result<Aggregate> {
    if measure.metric.is_some() {
        return Err(path.key("metric").not_yet("Metrics as measures are"));
    }
    if measure.calc.is_some() {
        return Err(path.key("calc").not_yet("Calculations over the result are"));
    }
    let Some(agg) = measure.agg else {
        return Err(path.refuse("A measure needs an aggregate.").hint(
            "Set `agg` to count, count_distinct, sum, avg, min, max, median, stddev, p50 to p99, percentile, first, \
             last, count_if or ratio.",
        ));
    };
    refuse_strays(measure, agg, path)?;
    match agg {
        Agg::CountIf => count_if(scope, measure, path),
        Agg::Ratio => ratio(scope, measure, path, depth),
        Agg::Count if measure.column.is_none() => Ok(of_rows("count(*)", agg)),
        _ => of_column(scope, measure, agg, path),
    }
}

fn of_rows(sql: &str, agg: Agg) -> Aggregate {
    Aggregate { sql: sql.to_owned(), ty: DataType::Integer, label: agg.label(), format: None }
}

/// A field that the aggregate would ignore is a misunderstanding, and its number would be wrong.
fn refuse_strays(measure: &Measure, agg: Agg, path: &Path<'_>) -> Result<()> {
    let is_ordered = matches!(agg, Agg::First | Agg::Last);
    for (key, given, belongs) in [
        ("p", measure.p.is_some(), agg == Agg::Percentile),
        ("by", measure.by.is_some(), is_ordered),
        ("filter", measure.filter.is_some(), agg == Agg::CountIf),
        ("numerator", measure.numerator.is_some(), agg == Agg::Ratio),
        ("denominator", measure.denominator.is_some(), agg == Agg::Ratio),
        ("column", measure.column.is_some(), !matches!(agg, Agg::CountIf | Agg::Ratio)),
    ] {
        if given && !belongs {
            return Err(path.key(key).refuse(format!("The aggregate {} takes no `{key}`.", agg.name())));
        }
    }
    Ok(())
}

fn count_if(scope: &mut Scope<'_>, measure: &Measure, path: &Path<'_>) -> Result<Aggregate> {
    let path = path.key("filter");
    let Some(filter) = &measure.filter else {
        return Err(path.refuse("count_if needs a `filter` that says which rows count."));
    };
    let condition = filter::rows(scope, filter, &path)?;
    Ok(of_rows(&sql::filtered("count(*)", &condition), Agg::CountIf))
}

/// A division; by zero there is no value.
fn ratio(scope: &mut Scope<'_>, measure: &Measure, path: &Path<'_>, depth: usize) -> Result<Aggregate> {
    if depth >= MAX_DEPTH {
        return Err(path.refuse(format!("Ratios may lie at most {MAX_DEPTH} deep in one another.")));
    }
    let mut side = |given: Option<&Measure>, key: &'static str| {
        let path = path.key(key);
        let Some(part) = given else {
            return Err(path.refuse(format!("A ratio needs a `{key}`.")));
        };
        let part = aggregate(scope, part, &path, depth + 1)?;
        if part.ty.is_number() {
            Ok(part)
        } else {
            Err(path.refuse(format!("A ratio needs numbers; {} is not one.", part.label)))
        }
    };
    let above = side(measure.numerator.as_deref(), "numerator")?;
    let below = side(measure.denominator.as_deref(), "denominator")?;
    let divisor = sql::call("nullif", &[&below.sql, "0"]);
    Ok(Aggregate {
        // A cast closes its argument, so the quotient needs no parentheses inside another cast.
        sql: sql::binary(&sql::cast(&above.sql, duckdb::DOUBLE), "/", &divisor),
        ty: DataType::Float,
        label: format!("{} / {}", above.label, below.label),
        format: None,
    })
}

fn of_column(scope: &mut Scope<'_>, measure: &Measure, agg: Agg, path: &Path<'_>) -> Result<Aggregate> {
    let place = path.key("column");
    let Some(name) = &measure.column else {
        return Err(place.refuse(format!("The aggregate {} needs a `column`.", agg.name())));
    };
    let column = scope.column(name, &place)?;
    if agg.needs_number() && !column.ty.is_number() {
        let (label, ty) = (agg.label(), column.ty.as_str());
        return Err(place
            .refuse(format!("{label} needs numbers, but `{name}` has the type {ty}."))
            .hint("Count, distinct count, minimum and maximum work for every type."));
    }
    let counts = matches!(agg, Agg::Count | Agg::CountDistinct);
    if column.ty == DataType::Other && !counts {
        return Err(place.refuse(format!("The values of `{name}` can only be counted.")));
    }
    let mut label = agg.label();
    let value = read(column);
    let sql = match agg {
        Agg::CountDistinct => duckdb::distinct(&value, false),
        Agg::Stddev => stddev(column, &value),
        Agg::Median => duckdb::quantile(&as_double(column, &value), "0.5"),
        Agg::P(p) => {
            label = percentile_label(f64::from(p));
            duckdb::quantile(&as_double(column, &value), &fraction(f64::from(p)))
        }
        Agg::Percentile => {
            let p = percentile(measure, path)?;
            label = percentile_label(p);
            duckdb::quantile(&as_double(column, &value), &fraction(p))
        }
        Agg::First => duckdb::first(&value, &by(scope, measure, path)?),
        Agg::Last => duckdb::last(&value, &by(scope, measure, path)?),
        _ => sql::call(&agg.name(), &[&value]),
    };
    let ty = match agg {
        Agg::Count | Agg::CountDistinct => DataType::Integer,
        Agg::Sum | Agg::Min | Agg::Max | Agg::First | Agg::Last => column.ty,
        _ => DataType::Float,
    };
    let format = if counts || agg == Agg::Stddev { None } else { column.format.clone() };
    Ok(Aggregate { sql, ty, label: format!("{label} of {}", column.label), format })
}

/// Interpolation between decimals or small floats would be rounded to their own precision.
fn as_double(column: &Column, value: &str) -> String {
    if column.ty == DataType::Integer { value.to_owned() } else { sql::cast(value, duckdb::DOUBLE) }
}

/// An infinity has no deviation: the database would refuse the whole question.
fn stddev(column: &Column, value: &str) -> String {
    let sql = duckdb::stddev(value);
    if column.ty == DataType::Float { sql::filtered(&sql, &duckdb::is_finite(value)) } else { sql }
}

/// The column whose smallest or largest value picks the row.
fn by(scope: &mut Scope<'_>, measure: &Measure, path: &Path<'_>) -> Result<String> {
    let path = path.key("by");
    let Some(name) = &measure.by else {
        return Err(path.refuse("First and last need `by`: the column that orders the rows."));
    };
    let column = scope.column(name, &path)?;
    if column.ty == DataType::Other {
        return Err(path.refuse(format!("The values of `{name}` have no order.")));
    }
    Ok(read(column))
}

fn percentile(measure: &Measure, path: &Path<'_>) -> Result<f64> {
    measure
        .p
        .filter(|p| (0.0..=100.0).contains(p))
        .ok_or_else(|| path.key("p").refuse("A percentile needs `p`, from 0 to 100."))
}

/// Percent as a fraction, without the digits that dividing by a hundred leaves behind.
fn fraction(percent: f64) -> String {
    sql::number((percent * 1e10).round() / 1e12)
}

/// "95th percentile", "99.9th percentile", "51st percentile".
fn percentile_label(p: f64) -> String {
    let text = p.to_string();
    let ending = match text.as_bytes() {
        [.., b'1', b'1' | b'2' | b'3'] => "th",
        [.., b'1'] => "st",
        [.., b'2'] => "nd",
        [.., b'3'] => "rd",
        _ => "th",
    };
    format!("{text}{ending} percentile")
}

#[cfg(test)]
mod tests {
    use super::percentile_label;

    #[test]
    fn percentiles_read_well() {
        let labels: Vec<String> = [50.0, 51.0, 92.0, 93.0, 99.9, 11.0, 12.5].map(percentile_label).into();
        let expected = ["50th", "51st", "92nd", "93rd", "99.9th", "11th", "12.5th"];
        assert!(labels.iter().zip(expected).all(|(l, e)| *l == format!("{e} percentile")), "{labels:?}");
    }
}
