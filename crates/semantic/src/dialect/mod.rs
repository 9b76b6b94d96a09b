//! What differs between databases: function names, type names and time zones. One file each, all in
//! [`Dialect`].

mod duckdb;
mod postgres;

use crate::calendar::Calendar;
use crate::sql::{self, call, cast};
use crate::zone::Zone;
use domain::DataType;
use domain::query::Grain;
use std::fmt::Debug;

/// A database that questions are printed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    DuckDb,
    /// From version 12 on.
    Postgres,
}

impl Dialect {
    /// How it spells what databases spell differently.
    pub(crate) fn spelling(self) -> Spelling {
        match self {
            Self::DuckDb => &duckdb::DuckDb,
            Self::Postgres => &postgres::Postgres,
        }
    }
}

/// The way one database writes.
pub(crate) type Spelling = &'static dyn Spells;

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

/// Which part of a text is compared.
#[derive(Clone, Copy)]
pub(crate) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
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

impl DatePart {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::DayOfWeek => "isodow",
            Self::Hour => "hour",
            Self::Minute => "minute",
        }
    }
}

/// An aggregate whose result is one element of what the database collects.
pub(crate) struct Picked {
    pub(crate) call: String,
    /// Only rows that pass these are collected.
    pub(crate) conditions: Vec<String>,
    /// Whether the element must be taken out, after the conditions were added.
    pub(crate) is_list: bool,
}

/// Everything that is spelled differently. What has a body here is written alike by all so far.
pub(crate) trait Spells: Debug + Sync {
    fn double(&self) -> &'static str;
    fn text(&self) -> &'static str;
    fn bigint(&self) -> &'static str {
        "BIGINT"
    }
    /// Holds the difference of any two integers.
    fn wide(&self) -> &'static str;
    /// The type that an empty relation gives a column, and that others are read as.
    fn type_name(&self, ty: DataType) -> &'static str;

    // --- times

    /// A time rounded down to a unit that begins where the calendar of everybody has it.
    fn trunc(&self, expr: &str, grain: Grain, ty: DataType) -> String;
    /// A stretch of time.
    fn interval(&self, n: u32, unit: Unit) -> String;
    /// Times from `lo` to `hi`, a step apart, as the one column of a relation's rows. A date stays a date.
    fn series(&self, lo: &str, hi: &str, step: (u32, Unit), ty: DataType) -> String;
    /// How many steps lie between two times, at least.
    fn steps(&self, lo: &str, hi: &str, step: (u32, Unit)) -> String;
    /// A UTC instant as local time.
    fn to_local(&self, expr: &str, zone: &Zone) -> String;
    /// The same, reading its expression once.
    fn to_local_once(&self, expr: &str, zone: &Zone) -> String;
    /// Local time as a UTC instant.
    fn to_utc(&self, expr: &str, zone: &Zone) -> String;
    /// A UTC instant, of the one type that all instants of a question have.
    fn instant(&self, expr: &str) -> String;
    /// That part of a local time as a number.
    fn part(&self, part: DatePart, expr: &str) -> String;
    /// How many times a unit begins between two local times.
    fn between(&self, unit: &str, from: &str, to: &str) -> String;

    /// A time rounded down. A date stays a date.
    fn truncate(&self, expr: &str, grain: Grain, ty: DataType, calendar: Calendar) -> String {
        let late = match grain {
            Grain::Week => (u32::from(calendar.week()), Unit::Day),
            Grain::Quarter => (u32::from(calendar.quarter()), Unit::Month),
            Grain::Year => (u32::from(calendar.year()), Unit::Month),
            _ => (0, Unit::Day),
        };
        let rounded = if late.0 == 0 {
            self.trunc(expr, grain, ty)
        } else {
            // Back to where the calendar's own unit begins, and forth again. A month earlier is counted
            // from the month's first day, which every month has.
            let first = if late.1 == Unit::Month { self.trunc(expr, Grain::Month, ty) } else { expr.to_owned() };
            let late = self.interval(late.0, late.1);
            format!("{} + {late}", self.trunc(&format!("({first} - {late})"), grain, ty))
        };
        if ty == DataType::Date { cast(&rounded, "DATE") } else { rounded }
    }

    /// A time so much later. A date stays a date.
    fn later(&self, expr: &str, n: u32, unit: Unit, ty: DataType) -> String {
        let moved = format!("{expr} + {}", self.interval(n, unit));
        if ty == DataType::Date { cast(&moved, "DATE") } else { moved }
    }

    /// Whether a time so much later and as much earlier is itself: the 31st has no such day in June.
    fn has_counterpart(&self, expr: &str, n: u32, unit: Unit) -> String {
        let by = self.interval(n, unit);
        format!("{expr} + {by} - {by} = {expr}")
    }

    /// The part of a time that repeats.
    fn fold(&self, expr: &str, grain: Grain) -> String {
        let part = match grain {
            Grain::HourOfDay => DatePart::Hour,
            Grain::DayOfWeek => DatePart::DayOfWeek,
            _ => DatePart::Month,
        };
        self.part(part, expr)
    }

    // --- text

    /// Whether a text holds, begins or ends with another.
    fn text_test(&self, test: TextTest, expr: &str, literal: &str, case_sensitive: bool) -> String;
    /// An expression as something that has an order: texts by their characters' numbers.
    fn ordered(&self, expr: &str, ty: DataType) -> String;
    /// Values as one text; a missing one counts as empty.
    fn concat(&self, values: &[&str]) -> String;
    /// A value of that type as text.
    fn to_text(&self, expr: &str, ty: Option<DataType>) -> String;
    /// The number that a value of that type holds, or none.
    fn to_number(&self, expr: &str, ty: Option<DataType>) -> String;
    /// The day that a value of that type holds, or none.
    fn to_date(&self, expr: &str, ty: Option<DataType>) -> String;

    /// A whole number as one that says a position.
    fn small(&self, expr: &str) -> String {
        expr.to_owned()
    }

    /// The first `n` characters.
    fn cut(&self, expr: &str, n: u32) -> String {
        call("left", &[expr, &n.to_string()])
    }

    /// The SHA-256 of a text, in small hexadecimal digits.
    fn hashed(&self, expr: &str) -> String;
    /// The number that at most 15 hexadecimal digits are.
    fn number_of_hex(&self, hex: &str) -> String;

    // --- numbers

    /// Whether a value is neither an infinity nor NaN.
    fn is_finite(&self, expr: &str, ty: DataType) -> String;
    /// A number rounded to so many digits; halves away from zero.
    fn round(&self, expr: &str, digits: &str) -> String;
    /// A whole number at, below or above: `name` is `floor`, `ceil` or `round`.
    fn whole(&self, name: &str, expr: &str, ty: Option<DataType>) -> String;
    /// The remainder of doubles.
    fn remainder(&self, a: &str, b: &str) -> String;

    // --- aggregates

    /// The interpolated quantile, `p` from 0 to 1.
    fn quantile(&self, expr: &str, p: &str) -> String;
    /// Several quantiles as a list; approximate ones need little memory.
    fn quantiles(&self, expr: &str, ps: &[&str], approximate: bool) -> String;
    /// How many different values.
    fn distinct(&self, expr: &str, approximate: bool) -> String;
    /// The standard deviation of a sample.
    fn stddev(&self, expr: &str) -> String;
    /// The average, as a double.
    fn avg(&self, expr: &str) -> String;
    /// The sum of values of that type.
    fn sum(&self, expr: &str, ty: DataType) -> String;
    /// The least or the greatest value: `name` is `min` or `max`.
    fn extreme(&self, name: &str, expr: &str, ty: DataType) -> String;
    /// The value in the row with the smallest `by`, or with the largest. Rows without either are left out.
    fn picked(&self, expr: &str, by: &str, by_ty: DataType, is_first: bool) -> Picked;
    /// Any of the values of a group in which all are the same.
    fn any_value(&self, expr: &str) -> String;
    /// The value of the one row of a window, or none.
    fn only_value(&self, expr: &str) -> String;
    /// The last value of a window that is one, where the database can say that in one step.
    fn last_known(&self, expr: &str) -> Option<String>;

    /// Element `n` of a list, counted from 1.
    fn element(&self, list: &str, n: usize) -> String {
        format!("{list}[{n}]")
    }

    // --- relations

    /// What tells a row of a part from all other rows of its dataset.
    fn row_id(&self, part: Option<usize>) -> String;
    /// That all pairs are equal, where nothing equals nothing, as the condition of any join.
    fn same(&self, pairs: &[(String, String)]) -> String {
        let all: Vec<String> = pairs.iter().map(|(a, b)| sql::same(a, b)).collect();
        sql::all(&all)
    }
    /// The numbers 0 to `n - 1` as a relation with one column.
    fn numbers(&self, n: u32, alias: &str, column: &str) -> String;
    /// The end of the question, with a message, where a timestamp is expected.
    fn raise(&self, message: &str, why: &str) -> String;

    // --- positions of values on a line

    /// A number or a time as a position: numbers as they are, dates in days, timestamps in microseconds.
    fn position(&self, expr: &str, ty: DataType) -> String;
    /// A position back as a value of the type; dates and integers are the first at or after it.
    fn value_at(&self, position: &str, ty: DataType) -> String;
}
