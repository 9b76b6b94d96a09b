//! PostgreSQL, from version 12 on. Its sessions run in UTC, so that a TIMESTAMPTZ column compares with
//! the timestamps of questions as it stands and its indexes serve.
//!
//! Texts are compared and sorted by their characters' numbers, as everywhere in Orrery, not by the
//! database's own collation; what is written small or large is the database's to know.

use super::{DatePart, Picked, Spells, TextTest, Unit};
use crate::sql::{self, all, binary, call, case, cast, group};
use crate::zone::Zone;
use domain::DataType;
use domain::query::Grain;

const DOUBLE: &str = "DOUBLE PRECISION";
const TEXT: &str = "TEXT";
const NUMERIC: &str = "NUMERIC";
/// Texts that are numbers, of a size that a double holds.
const NUMBER: &str = r"'^\s*[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?(1?\d{1,2}|2[0-5]\d))?\s*$'";
/// Texts that look like a day.
const DAY: &str = r"'^\s*(?!0000)\d{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])\s*$'";

#[derive(Debug)]
pub(super) struct Postgres;

impl Spells for Postgres {
    fn double(&self) -> &'static str {
        DOUBLE
    }

    fn text(&self) -> &'static str {
        TEXT
    }

    fn wide(&self) -> &'static str {
        NUMERIC
    }

    fn type_name(&self, ty: DataType) -> &'static str {
        match ty {
            DataType::Boolean => "BOOLEAN",
            DataType::Integer => "BIGINT",
            DataType::Float => DOUBLE,
            DataType::Decimal => NUMERIC,
            DataType::Text | DataType::Other => TEXT,
            DataType::Date => "DATE",
            DataType::Time => "TIME",
            DataType::Timestamp => "TIMESTAMP",
        }
    }

    fn trunc(&self, expr: &str, grain: Grain, ty: DataType) -> String {
        let rounded = call("date_trunc", &[&format!("'{}'", grain.as_str()), expr]);
        if ty == DataType::Timestamp { cast(&rounded, "TIMESTAMP") } else { rounded }
    }

    fn interval(&self, n: u32, unit: Unit) -> String {
        format!("INTERVAL '{n} {}'", unit.as_str())
    }

    fn series(&self, lo: &str, hi: &str, step: (u32, Unit), ty: DataType) -> String {
        let all = [&*cast(lo, "TIMESTAMP"), &cast(hi, "TIMESTAMP"), &self.interval(step.0, step.1)];
        let each = call("generate_series", &all);
        if ty == DataType::Date { cast(&each, "DATE") } else { each }
    }

    fn steps(&self, lo: &str, hi: &str, step: (u32, Unit)) -> String {
        let units = self.between(step.1.as_str(), &cast(lo, "TIMESTAMP"), &cast(hi, "TIMESTAMP"));
        // Division of whole numbers stays whole.
        binary(&units, "/", &step.0.to_string())
    }

    fn to_local(&self, expr: &str, zone: &Zone) -> String {
        self.to_local_once(expr, zone)
    }

    fn to_local_once(&self, expr: &str, zone: &Zone) -> String {
        // Sessions are in UTC, so the cast reads a timestamp without a zone as UTC.
        call("timezone", &[zone.sql(), &cast(expr, "TIMESTAMPTZ")])
    }

    fn to_utc(&self, expr: &str, zone: &Zone) -> String {
        call("timezone", &["'UTC'", &call("timezone", &[zone.sql(), expr])])
    }

    fn instant(&self, expr: &str) -> String {
        cast(expr, "TIMESTAMP")
    }

    fn part(&self, part: DatePart, expr: &str) -> String {
        cast(&format!("extract({} FROM {expr})", part.as_str()), "BIGINT")
    }

    fn between(&self, unit: &str, from: &str, to: &str) -> String {
        let part = |part: &str, of: &str| cast(&format!("extract({part} FROM {of})"), "BIGINT");
        let years = binary(&part("year", to), "-", &part("year", from));
        let trunc = |of: &str| call("date_trunc", &[&format!("'{unit}'"), of]);
        let days = |from: &str, to: &str| group(&binary(&cast(to, "DATE"), "-", &cast(from, "DATE")));
        let counted =
            |each: u32, name: &str| group(&format!("({years}) * {each} + {} - {}", part(name, to), part(name, from)));
        let elapsed = |seconds: u32| {
            let apart = group(&binary(&trunc(to), "-", &trunc(from)));
            group(&binary(&part("epoch", &apart), "/", &seconds.to_string()))
        };
        match unit {
            "year" => group(&years),
            "quarter" => counted(4, "quarter"),
            "month" => counted(12, "month"),
            "week" => group(&binary(&days(&trunc(from), &trunc(to)), "/", "7")),
            "day" => days(from, to),
            "hour" => elapsed(3600),
            "minute" => elapsed(60),
            _ => elapsed(1),
        }
    }

    fn text_test(&self, test: TextTest, expr: &str, literal: &str, case_sensitive: bool) -> String {
        let small = |text: &str| if case_sensitive { text.to_owned() } else { call("lower", &[text]) };
        let (expr, literal) = (small(expr), small(literal));
        match test {
            TextTest::Contains => group(&binary(&call("strpos", &[&expr, &literal]), ">", "0")),
            TextTest::StartsWith => call("starts_with", &[&expr, &literal]),
            TextTest::EndsWith => group(&binary(&call("right", &[&expr, &call("length", &[&literal])]), "=", &literal)),
        }
    }

    fn ordered(&self, expr: &str, ty: DataType) -> String {
        if ty == DataType::Text { format!("({expr}) COLLATE \"C\"") } else { expr.to_owned() }
    }

    fn concat(&self, values: &[&str]) -> String {
        let texts: Vec<String> = values.iter().map(|v| cast(v, TEXT)).collect();
        call("concat", &texts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn to_text(&self, expr: &str, ty: Option<DataType>) -> String {
        let plain = if ty == Some(DataType::Timestamp) { self.instant(expr) } else { expr.to_owned() };
        cast(&plain, TEXT)
    }

    fn to_number(&self, expr: &str, ty: Option<DataType>) -> String {
        match ty {
            Some(DataType::Boolean) => cast(&cast(expr, "INTEGER"), DOUBLE),
            Some(ty) if ty.is_number() => cast(expr, DOUBLE),
            Some(DataType::Text) => case(&[(&binary(expr, "~", NUMBER), &cast(expr, DOUBLE))], "NULL"),
            _ => cast("NULL", DOUBLE),
        }
    }

    fn to_date(&self, expr: &str, ty: Option<DataType>) -> String {
        match ty {
            Some(DataType::Text) => {
                let part = |n: u32| call("split_part", &[&call("trim", &[expr]), "'-'", &n.to_string()]);
                let first = cast(&format!("{} || '-' || {} || '-01'", part(1), part(2)), "DATE");
                let last = format!("extract(day FROM {first} + INTERVAL '1 month' - INTERVAL '1 day')");
                let fits = binary(&cast(&part(3), "INTEGER"), "<=", &last);
                let date = case(&[(&fits, &cast(expr, "DATE"))], "NULL");
                case(&[(&binary(expr, "~", DAY), &date)], "NULL")
            }
            Some(ty) if ty.is_time() => cast(expr, "DATE"),
            _ => cast("NULL", "DATE"),
        }
    }

    fn small(&self, expr: &str) -> String {
        cast(expr, "INTEGER")
    }

    fn hashed(&self, expr: &str) -> String {
        let bytes = call("convert_to", &[expr, "'UTF8'"]);
        call("encode", &[&call("sha256", &[&bytes]), "'hex'"])
    }

    fn number_of_hex(&self, hex: &str) -> String {
        let padded = call("lpad", &[hex, "16", "'0'"]);
        cast(&cast(&call("concat", &["'x'", &padded]), "BIT(64)"), "BIGINT")
    }

    fn is_finite(&self, expr: &str, ty: DataType) -> String {
        if ty.is_time() {
            return call("isfinite", &[expr]);
        }
        // NaN is greater than all numbers.
        group(&all(&[binary(expr, ">", "'-Infinity'"), binary(expr, "<", "'Infinity'")]))
    }

    fn round(&self, expr: &str, digits: &str) -> String {
        cast(&call("round", &[&cast(expr, NUMERIC), digits]), DOUBLE)
    }

    fn whole(&self, name: &str, expr: &str, ty: Option<DataType>) -> String {
        match name {
            // Doubles would lose digits of large whole numbers.
            _ if ty == Some(DataType::Integer) => expr.to_owned(),
            // Halves of doubles would go to the even number.
            "round" => self.round(expr, "0"),
            _ => call(name, &[expr]),
        }
    }

    fn remainder(&self, a: &str, b: &str) -> String {
        cast(&call("mod", &[&cast(a, NUMERIC), &cast(b, NUMERIC)]), DOUBLE)
    }

    fn quantile(&self, expr: &str, p: &str) -> String {
        format!("percentile_cont({p}) WITHIN GROUP (ORDER BY {})", cast(expr, DOUBLE))
    }

    fn quantiles(&self, expr: &str, ps: &[&str], _: bool) -> String {
        self.quantile(expr, &format!("ARRAY[{}]", ps.join(", ")))
    }

    fn distinct(&self, expr: &str, _: bool) -> String {
        format!("count(DISTINCT {expr})")
    }

    fn stddev(&self, expr: &str) -> String {
        call("stddev_samp", &[&cast(expr, DOUBLE)])
    }

    fn avg(&self, expr: &str) -> String {
        call("avg", &[&cast(expr, DOUBLE)])
    }

    fn sum(&self, expr: &str, ty: DataType) -> String {
        // The sum of single precision numbers would be one, too.
        let wide = if ty == DataType::Float { cast(expr, DOUBLE) } else { expr.to_owned() };
        call("sum", &[&wide])
    }

    fn extreme(&self, name: &str, expr: &str, ty: DataType) -> String {
        match (ty, name) {
            (DataType::Boolean, "min") => call("bool_and", &[expr]),
            (DataType::Boolean, _) => call("bool_or", &[expr]),
            _ => call(name, &[&self.ordered(expr, ty)]),
        }
    }

    fn picked(&self, expr: &str, by: &str, by_ty: DataType, is_first: bool) -> Picked {
        let order = format!("{} {}", self.ordered(by, by_ty), if is_first { "ASC" } else { "DESC" });
        Picked {
            call: format!("array_agg({expr} ORDER BY {order})"),
            conditions: vec![sql::is_not_null(expr), sql::is_not_null(by)],
            is_list: true,
        }
    }

    fn any_value(&self, expr: &str) -> String {
        self.element(&group(&call("array_agg", &[expr])), 1)
    }

    fn only_value(&self, expr: &str) -> String {
        call("first_value", &[expr])
    }

    fn last_known(&self, _: &str) -> Option<String> {
        None
    }

    fn row_id(&self, _: Option<usize>) -> String {
        "row_number() OVER ()".to_owned()
    }

    /// Only equality can be hashed, which a full join needs and any large one wants; as JSON nothing
    /// equals nothing.
    fn same(&self, pairs: &[(String, String)]) -> String {
        let side = |of: &dyn Fn(&(String, String)) -> String| {
            let all: Vec<String> = pairs.iter().map(of).collect();
            call("jsonb_build_array", &all.iter().map(String::as_str).collect::<Vec<_>>())
        };
        if pairs.is_empty() {
            return all(&[]);
        }
        binary(&side(&|p| p.0.clone()), "=", &side(&|p| p.1.clone()))
    }

    fn numbers(&self, n: u32, alias: &str, column: &str) -> String {
        format!("generate_series(0, {}) AS {alias}({column})", n.saturating_sub(1))
    }

    /// No function ends a statement, but a text that is no timestamp does, and the message quotes it.
    fn raise(&self, message: &str, why: &str) -> String {
        cast(&group(&format!("'{message} ' || {why}")), "TIMESTAMP")
    }

    fn position(&self, expr: &str, ty: DataType) -> String {
        match ty {
            DataType::Date => cast(&group(&binary(expr, "-", "DATE '1970-01-01'")), DOUBLE),
            DataType::Timestamp => cast(&format!("(extract(epoch FROM {expr}) * 1000000)"), DOUBLE),
            _ => cast(expr, DOUBLE),
        }
    }

    fn value_at(&self, position: &str, ty: DataType) -> String {
        match ty {
            DataType::Date => format!("DATE '1970-01-01' + {}", cast(&call("ceil", &[position]), "INTEGER")),
            DataType::Timestamp => {
                format!("TIMESTAMP '1970-01-01' + {} * INTERVAL '1 microsecond'", call("floor", &[position]))
            }
            DataType::Integer => call("ceil", &[position]),
            _ => position.to_owned(),
        }
    }
}
