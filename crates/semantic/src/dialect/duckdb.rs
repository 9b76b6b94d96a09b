//! DuckDB.

use super::{DatePart, Picked, Spells, TextTest, Unit};
use crate::sql::{binary, call, case, cast};
use crate::zone::Zone;
use domain::DataType;
use domain::query::Grain;

const DOUBLE: &str = "DOUBLE";
const TEXT: &str = "VARCHAR";

#[derive(Debug)]
pub(super) struct DuckDb;

impl Spells for DuckDb {
    fn double(&self) -> &'static str {
        DOUBLE
    }

    fn text(&self) -> &'static str {
        TEXT
    }

    fn wide(&self) -> &'static str {
        "HUGEINT"
    }

    fn type_name(&self, ty: DataType) -> &'static str {
        match ty {
            DataType::Boolean => "BOOLEAN",
            DataType::Integer => "BIGINT",
            DataType::Float => DOUBLE,
            DataType::Decimal => "DECIMAL(38, 6)",
            DataType::Text | DataType::Other => TEXT,
            DataType::Date => "DATE",
            DataType::Time => "TIME",
            DataType::Timestamp => "TIMESTAMP",
        }
    }

    fn trunc(&self, expr: &str, grain: Grain, _: DataType) -> String {
        call("date_trunc", &[&format!("'{}'", grain.as_str()), expr])
    }

    fn interval(&self, n: u32, unit: Unit) -> String {
        format!("INTERVAL {n} {}", unit.as_str().to_uppercase())
    }

    fn series(&self, lo: &str, hi: &str, step: (u32, Unit), ty: DataType) -> String {
        let all = [&*cast(lo, "TIMESTAMP"), &cast(hi, "TIMESTAMP"), &self.interval(step.0, step.1)];
        let each = call("unnest", &[&call("generate_series", &all)]);
        if ty == DataType::Date { cast(&each, "DATE") } else { each }
    }

    fn steps(&self, lo: &str, hi: &str, step: (u32, Unit)) -> String {
        let units = self.between(step.1.as_str(), &cast(lo, "TIMESTAMP"), &cast(hi, "TIMESTAMP"));
        format!("{units} // {}", step.0)
    }

    /// The database's own conversion costs more than the aggregation around it, so the zone's changes
    /// of the usual years are written out as a search tree (same answers, a tenth of the time); only
    /// other years are left to the database.
    fn to_local(&self, expr: &str, zone: &Zone) -> String {
        let (from, to) = zone.usual_years();
        let seconds = search(expr, zone.offsets());
        let usual = format!("{expr} >= {from} AND {expr} < {to}");
        case(&[(&usual, &format!("{expr} + to_seconds({seconds})"))], &self.to_local_once(expr, zone))
    }

    fn to_local_once(&self, expr: &str, zone: &Zone) -> String {
        call("timezone", &[zone.sql(), &call("timezone", &["'UTC'", expr])])
    }

    fn to_utc(&self, expr: &str, zone: &Zone) -> String {
        call("timezone", &["'UTC'", &call("timezone", &[zone.sql(), expr])])
    }

    fn instant(&self, expr: &str) -> String {
        expr.to_owned()
    }

    fn part(&self, part: DatePart, expr: &str) -> String {
        call(part.as_str(), &[expr])
    }

    fn between(&self, unit: &str, from: &str, to: &str) -> String {
        call("date_diff", &[&format!("'{unit}'"), from, to])
    }

    fn text_test(&self, test: TextTest, expr: &str, literal: &str, case_sensitive: bool) -> String {
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

    fn ordered(&self, expr: &str, _: DataType) -> String {
        expr.to_owned()
    }

    fn concat(&self, values: &[&str]) -> String {
        call("concat", values)
    }

    fn to_text(&self, expr: &str, _: Option<DataType>) -> String {
        cast(expr, TEXT)
    }

    fn to_number(&self, expr: &str, _: Option<DataType>) -> String {
        try_cast(expr, DOUBLE)
    }

    fn to_date(&self, expr: &str, _: Option<DataType>) -> String {
        try_cast(expr, "DATE")
    }

    fn hashed(&self, expr: &str) -> String {
        call("sha256", &[expr])
    }

    fn number_of_hex(&self, hex: &str) -> String {
        cast(&call("concat", &["'0x'", hex]), "BIGINT")
    }

    fn is_finite(&self, expr: &str, _: DataType) -> String {
        call("isfinite", &[expr])
    }

    fn round(&self, expr: &str, digits: &str) -> String {
        call("round", &[expr, digits])
    }

    fn whole(&self, name: &str, expr: &str, _: Option<DataType>) -> String {
        call(name, &[expr])
    }

    fn remainder(&self, a: &str, b: &str) -> String {
        binary(a, "%", b)
    }

    fn quantile(&self, expr: &str, p: &str) -> String {
        call("quantile_cont", &[expr, p])
    }

    fn quantiles(&self, expr: &str, ps: &[&str], approximate: bool) -> String {
        let list = format!("[{}]", ps.join(", "));
        call(if approximate { "approx_quantile" } else { "quantile_cont" }, &[expr, &list])
    }

    fn distinct(&self, expr: &str, approximate: bool) -> String {
        if approximate { call("approx_count_distinct", &[expr]) } else { format!("count(DISTINCT {expr})") }
    }

    fn stddev(&self, expr: &str) -> String {
        call("stddev_samp", &[expr])
    }

    fn avg(&self, expr: &str) -> String {
        call("avg", &[expr])
    }

    fn sum(&self, expr: &str, _: DataType) -> String {
        call("sum", &[expr])
    }

    fn extreme(&self, name: &str, expr: &str, _: DataType) -> String {
        call(name, &[expr])
    }

    fn picked(&self, expr: &str, by: &str, _: DataType, is_first: bool) -> Picked {
        let call = call(if is_first { "arg_min" } else { "arg_max" }, &[expr, by]);
        Picked { call, conditions: Vec::new(), is_list: false }
    }

    fn any_value(&self, expr: &str) -> String {
        call("any_value", &[expr])
    }

    fn only_value(&self, expr: &str) -> String {
        call("any_value", &[expr])
    }

    fn last_known(&self, expr: &str) -> Option<String> {
        Some(format!("last_value({expr} IGNORE NULLS)"))
    }

    fn row_id(&self, part: Option<usize>) -> String {
        match part {
            Some(0) => "rowid".to_owned(),
            Some(part) => format!("rowid + {}", (part as u64) << 44),
            // Views have no row numbers of their own.
            None => "row_number() OVER ()".to_owned(),
        }
    }

    fn numbers(&self, n: u32, alias: &str, column: &str) -> String {
        format!("range({n}) AS {alias}({column})")
    }

    fn raise(&self, message: &str, why: &str) -> String {
        cast(&format!("error('{message} ' || {why})"), "TIMESTAMP")
    }

    fn position(&self, expr: &str, ty: DataType) -> String {
        match ty {
            DataType::Date => cast(&self.between("day", "DATE '1970-01-01'", expr), DOUBLE),
            DataType::Timestamp => cast(&call("epoch_us", &[expr]), DOUBLE),
            _ => cast(expr, DOUBLE),
        }
    }

    fn value_at(&self, position: &str, ty: DataType) -> String {
        match ty {
            DataType::Date => format!("DATE '1970-01-01' + {}", cast(&call("ceil", &[position]), "INTEGER")),
            DataType::Timestamp => call("make_timestamp", &[&cast(position, "BIGINT")]),
            DataType::Integer => call("ceil", &[position]),
            _ => position.to_owned(),
        }
    }
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

/// A cast that gives no value where the value does not fit.
fn try_cast(expr: &str, kind: &str) -> String {
    format!("TRY_CAST({expr} AS {kind})")
}
