//! The functions of expressions, in one list that autocomplete and documentation read too.

use super::print::Argument;
use crate::dialect::{DatePart, TextTest, Unit};
use crate::sql::{self, binary, call, cast, group};
use domain::DataType::{self, Boolean, Date, Float, Integer, Text, Timestamp};
use domain::query::Grain;

/// A function that expressions may call.
pub struct Function {
    pub name: &'static str,
    pub signature: &'static str,
    pub doc: &'static str,
    pub example: &'static str,
    /// What it takes; the last may repeat.
    pub(super) takes: &'static [Kind],
    /// How many of them must be given.
    pub(super) least: usize,
    pub(super) repeats: bool,
    pub(super) gives: Gives,
    pub(super) sql: fn(&[Argument<'_>]) -> String,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.signature)
    }
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Number,
    Whole,
    Words,
    Test,
    /// A date or a timestamp.
    When,
    /// The name of a unit of time, as a literal.
    Period,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    Always(DataType),
    /// What the arguments from that one on have in common.
    Common(usize),
}

/// Units of time, as they are written in expressions.
pub(super) const UNITS: [&str; 8] = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];

macro_rules! functions {
    ($($name:literal $signature:literal [$($takes:ident)*] $least:literal $repeats:literal $gives:expr, $doc:literal, $example:literal, $sql:expr;)*) => {
        /// Every function, in the order of the documentation.
        pub const FUNCTIONS: &[Function] = &[$(Function {
            name: $name, signature: $signature, doc: $doc, example: $example, takes: &[$(Kind::$takes),*],
            least: $least, repeats: $repeats, gives: $gives, sql: $sql,
        }),*];
    };
}

functions! {
    "if" "if(test, then, else)" [Test Any Any] 2 false Gives::Common(1), "One value where the test holds, another where it does not.",
        "if(dep_delay > 15, 'late', 'on time')", |a| sql::case(&[(&a[0].sql, &a[1].sql)], a.get(2).map_or("NULL", |a| a.sql.as_str()));
    "coalesce" "coalesce(value, ...)" [Any] 1 true Gives::Common(0), "The first of the values that is one.",
        "coalesce(arr_delay, dep_delay, 0)", |a| all("coalesce", a);
    "nullif" "nullif(value, other)" [Any Any] 2 false Gives::Common(0), "The value, or none where it equals the other.",
        "nullif(air_time, 0)", |a| all("nullif", a);
    "min" "min(value, ...)" [Any] 1 true Gives::Common(0), "The least of the values of a row.",
        "min(dep_delay, arr_delay)", |a| compared("least", a);
    "max" "max(value, ...)" [Any] 1 true Gives::Common(0), "The greatest of the values of a row.",
        "max(dep_delay, 0)", |a| compared("greatest", a);
    "round" "round(number, digits)" [Number Whole] 1 false Gives::Common(0), "Rounded to so many digits after the point; none unless given.",
        "round(distance / 1.609, 1)", |a| digits(a);
    "abs" "abs(number)" [Number] 1 false Gives::Common(0), "The number without its sign.", "abs(arr_delay)", |a| all("abs", a);
    "floor" "floor(number)" [Number] 1 false Gives::Common(0), "The whole number at or below.", "floor(air_time / 60)", |a| a[0].db().whole("floor", &a[0].sql, a[0].ty);
    "ceil" "ceil(number)" [Number] 1 false Gives::Common(0), "The whole number at or above.", "ceil(air_time / 60)", |a| a[0].db().whole("ceil", &a[0].sql, a[0].ty);
    "power" "power(number, exponent)" [Number Number] 2 false Gives::Always(Float), "A number to a power.", "power(distance, 2)",
        |a| call("pow", &[&cast(&a[0].sql, a[0].db().double()), &cast(&a[1].sql, a[0].db().double())]);
    "lower" "lower(text)" [Words] 1 false Gives::Always(Text), "In small letters.", "lower(tailnum)", |a| all("lower", a);
    "upper" "upper(text)" [Words] 1 false Gives::Always(Text), "In capital letters.", "upper(carrier)", |a| all("upper", a);
    "trim" "trim(text)" [Words] 1 false Gives::Always(Text), "Without spaces at the ends.", "trim(name)", |a| all("trim", a);
    "concat" "concat(value, ...)" [Any] 1 true Gives::Always(Text), "The values one after the other as text; a missing one counts as empty.",
        "concat(origin, ' to ', dest)", |a| a[0].db().concat(&a.iter().map(|a| a.sql.as_str()).collect::<Vec<_>>());
    "length" "length(text)" [Words] 1 false Gives::Always(Integer), "How many characters.", "length(tailnum)", |a| all("length", a);
    "contains" "contains(text, part)" [Words Words] 2 false Gives::Always(Boolean), "Whether the text holds the part, capitals as they are.",
        "contains(name, 'Air')", |a| a[0].db().text_test(TextTest::Contains, &a[0].sql, &a[1].sql, true);
    "starts_with" "starts_with(text, part)" [Words Words] 2 false Gives::Always(Boolean), "Whether the text begins with the part.",
        "starts_with(tailnum, 'N')", |a| a[0].db().text_test(TextTest::StartsWith, &a[0].sql, &a[1].sql, true);
    "ends_with" "ends_with(text, part)" [Words Words] 2 false Gives::Always(Boolean), "Whether the text ends with the part.",
        "ends_with(name, 'Inc.')", |a| a[0].db().text_test(TextTest::EndsWith, &a[0].sql, &a[1].sql, true);
    "replace" "replace(text, part, by)" [Words Words Words] 3 false Gives::Always(Text), "The text with every such part replaced.",
        "replace(name, ' Inc.', '')", |a| all("replace", a);
    "substring" "substring(text, start, length)" [Words Whole Whole] 2 false Gives::Always(Text), "Characters from a position, counted from 1.",
        "substring(tailnum, 1, 2)", |a| substring(a);
    "year" "year(time)" [When] 1 false Gives::Always(Integer), "The year.", "year(time_hour)", |a| a[0].db().part(DatePart::Year, &a[0].local());
    "quarter" "quarter(time)" [When] 1 false Gives::Always(Integer), "The quarter, 1 to 4.", "quarter(time_hour)", |a| a[0].db().part(DatePart::Quarter, &a[0].local());
    "month" "month(time)" [When] 1 false Gives::Always(Integer), "The month, 1 to 12.", "month(time_hour)", |a| a[0].db().part(DatePart::Month, &a[0].local());
    "week" "week(time)" [When] 1 false Gives::Always(Integer), "The week of the year, 1 to 53, as ISO 8601 counts.", "week(time_hour)", |a| a[0].db().part(DatePart::Week, &a[0].local());
    "day" "day(time)" [When] 1 false Gives::Always(Integer), "The day of the month, 1 to 31.", "day(time_hour)", |a| a[0].db().part(DatePart::Day, &a[0].local());
    "day_of_week" "day_of_week(time)" [When] 1 false Gives::Always(Integer), "The day of the week, 1 (Monday) to 7.", "day_of_week(time_hour) >= 6",
        |a| a[0].db().part(DatePart::DayOfWeek, &a[0].local());
    "hour" "hour(time)" [When] 1 false Gives::Always(Integer), "The hour, 0 to 23.", "hour(time_hour)", |a| a[0].db().part(DatePart::Hour, &a[0].moment());
    "minute" "minute(time)" [When] 1 false Gives::Always(Integer), "The minute, 0 to 59.", "minute(time_hour)", |a| a[0].db().part(DatePart::Minute, &a[0].moment());
    "date_trunc" "date_trunc(unit, time)" [Period When] 2 false Gives::Common(1), "The time rounded down to a unit.",
        "date_trunc('month', time_hour)", |a| truncated(&a[0], &a[1]);
    "date_diff" "date_diff(unit, from, to)" [Period When When] 3 false Gives::Always(Integer), "How many times a unit begins between two times.",
        "date_diff('day', ordered, shipped)", |a| a[0].db().between(a[0].word(), &a[1].moment(), &a[2].moment());
    "date_add" "date_add(time, number, unit)" [When Whole Period] 3 false Gives::Common(0), "The time so many units later.",
        "date_add(ordered, 30, 'day')", |a| added(&a[0], &a[1], &a[2]);
    "today" "today()" [] 0 false Gives::Always(Date), "The day on which the question is asked.", "date_diff('day', ordered, today())", |_| String::new();
    "now" "now()" [] 0 false Gives::Always(Timestamp), "The minute in which the question is asked.", "date_diff('hour', time_hour, now())", |_| String::new();
    "to_number" "to_number(value)" [Any] 1 false Gives::Always(Float), "The number that a text holds, or none.", "to_number(flight)", |a| a[0].db().to_number(&a[0].sql, a[0].ty);
    "to_text" "to_text(value)" [Any] 1 false Gives::Always(Text), "The value as text.", "to_text(flight)", |a| a[0].db().to_text(&a[0].sql, a[0].ty);
    "to_date" "to_date(value)" [Any] 1 false Gives::Always(Date), "The day of a timestamp or of a text such as 2024-01-31, or none.", "to_date(time_hour)",
        |a| a[0].db().to_date(&a[0].local(), a[0].ty);
}

fn all(name: &str, args: &[Argument<'_>]) -> String {
    call(name, &args.iter().map(|a| a.sql.as_str()).collect::<Vec<_>>())
}

fn digits(args: &[Argument<'_>]) -> String {
    let digits = args.get(1).map(|digits| cast(&digits.sql, "INTEGER"));
    match digits {
        Some(digits) => args[0].db().round(&args[0].sql, &digits),
        None => args[0].db().whole("round", &args[0].sql, args[0].ty),
    }
}

/// The least or the greatest of values.
fn compared(name: &str, args: &[Argument<'_>]) -> String {
    let each: Vec<String> = args.iter().map(|a| a.ty.map_or(a.sql.clone(), |ty| a.db().ordered(&a.sql, ty))).collect();
    call(name, &each.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Characters from a position; positions are small numbers to every database.
fn substring(args: &[Argument<'_>]) -> String {
    let [text, places @ ..] = args else { return String::new() };
    let places: Vec<String> = places.iter().map(|a| text.db().small(&a.sql)).collect();
    let all: Vec<&str> = std::iter::once(text.sql.as_str()).chain(places.iter().map(String::as_str)).collect();
    call("substring", &all)
}

fn truncated(unit: &Argument<'_>, time: &Argument<'_>) -> String {
    let grain = match unit.word() {
        "second" => Grain::Second,
        "minute" => Grain::Minute,
        "hour" => Grain::Hour,
        "day" => Grain::Day,
        "week" => Grain::Week,
        "month" => Grain::Month,
        "quarter" => Grain::Quarter,
        _ => Grain::Year,
    };
    let ty = time.ty.unwrap_or(Timestamp);
    time.instant(&time.db().truncate(&time.local(), grain, ty, time.calendar()))
}

fn added(time: &Argument<'_>, n: &Argument<'_>, unit: &Argument<'_>) -> String {
    let (each, unit) = match unit.word() {
        "second" => (1, Unit::Second),
        "minute" => (1, Unit::Minute),
        "hour" => (1, Unit::Hour),
        "day" => (1, Unit::Day),
        "week" => (7, Unit::Day),
        "month" => (1, Unit::Month),
        "quarter" => (3, Unit::Month),
        _ => (1, Unit::Year),
    };
    let by = group(&binary(&n.sql, "*", &time.db().interval(each, unit)));
    let moved = group(&binary(&time.local(), "+", &by));
    if time.ty == Some(Date) { cast(&moved, "DATE") } else { time.instant(&moved) }
}
