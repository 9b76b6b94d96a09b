//! What a mark of a chart stands for, as conditions.

use crate::calendar::{civil, day_of, iso, parse};
use crate::format::Moment;
use crate::query::{Bin, Condition, Dimension, Filter, Grain, Op};
use crate::table::{Cell, Table};
use serde_json::Value;

/// The rows that a group of an answer stands for. `None` where no condition says it: parts of a
/// cycle, such as an hour of the day. `width` is that of the ranges, where the group is one.
pub fn member(dimension: &Dimension, width: Option<f64>, cell: &Cell) -> Option<Filter> {
    let column = dimension.column.as_str();
    let is = |op, value: Value| Filter::is(column, op, value);
    if cell.is_null() {
        return Some(is(Op::IsNull, Value::Null));
    }
    if let Some(grain) = dimension.grain {
        return span(grain, cell.as_str()?).map(|(from, to)| stretch(column, &from, &to));
    }
    if dimension.bin.is_some() {
        let (from, width) = (cell.as_f64()?, width.filter(|w| *w > 0.0)?);
        return Some(Filter::And(vec![is(Op::Gte, number(from)), is(Op::Lt, number(from + width))]));
    }
    Some(match cell {
        Cell::Bool(yes) => is(if *yes { Op::IsTrue } else { Op::IsFalse }, Value::Null),
        other => is(Op::Eq, other.to_json()),
    })
}

/// Whole numbers stay whole; the dust of an addition goes.
fn number(value: f64) -> Value {
    let rounded = format!("{value:.9}").parse().unwrap_or(value);
    if rounded.fract() == 0.0 && rounded.abs() < 9e15 { Value::from(rounded as i64) } else { Value::from(rounded) }
}

/// From the first to the last day, both included, or from one instant to before another.
pub fn stretch(column: &str, from: &str, to: &str) -> Filter {
    match (parse(from), parse(to)) {
        (Some(_), Some(after)) if from.len() == 10 && to.len() == 10 => {
            let last = iso(after - 1);
            if last == from {
                Filter::is(column, Op::Eq, from)
            } else {
                Filter::is(column, Op::Between, vec![from, &last])
            }
        }
        _ => Filter::And(vec![Filter::is(column, Op::Gte, from), Filter::is(column, Op::Lt, to)]),
    }
}

/// The period that begins with `text`: its first instant and the first after it. Days and longer
/// are dates of the question's time zone, whatever the offset written beside them.
pub fn span(grain: Grain, text: &str) -> Option<(String, String)> {
    let from = text.get(..10)?.to_owned();
    let first = parse(&from)?;
    let days = |n: i64| Some((from.clone(), iso(first + n)));
    match grain {
        Grain::Day => days(1),
        Grain::Week => days(7),
        Grain::Month => Some((from.clone(), iso(later(first, 1)))),
        Grain::Quarter => Some((from.clone(), iso(later(first, 3)))),
        Grain::Year => Some((from.clone(), iso(later(first, 12)))),
        Grain::Hour => after(text, 3_600_000),
        Grain::Minute => after(text, 60_000),
        Grain::Second => after(text, 1_000),
        Grain::HourOfDay | Grain::DayOfWeek | Grain::MonthOfYear => None,
    }
}

/// The period before the one that begins with `text`.
pub fn previous(grain: Grain, text: &str) -> Option<(String, String)> {
    let to = text.get(..10)?.to_owned();
    let first = parse(&to)?;
    let from = |day: i64| Some((iso(day), to.clone()));
    match grain {
        Grain::Day => from(first - 1),
        Grain::Week => from(first - 7),
        Grain::Month => from(later(first, -1)),
        Grain::Quarter => from(later(first, -3)),
        Grain::Year => from(later(first, -12)),
        Grain::Hour => after(text, -3_600_000).map(|(now, before)| (before, now)),
        Grain::Minute => after(text, -60_000).map(|(now, before)| (before, now)),
        Grain::Second => after(text, -1_000).map(|(now, before)| (before, now)),
        Grain::HourOfDay | Grain::DayOfWeek | Grain::MonthOfYear => None,
    }
}

fn later(day: i64, months: i64) -> i64 {
    let (year, month, date) = civil(day);
    let month = month - 1 + months;
    day_of(year + month.div_euclid(12), month.rem_euclid(12) + 1, date)
}

/// The instant and the one so many milliseconds later, by the same clock.
fn after(text: &str, ms: i64) -> Option<(String, String)> {
    const DAY_MS: i64 = 86_400_000;
    let at = Moment::parse(text)?;
    let offset = text.get(10..)?.find(['Z', '+', '-']).and_then(|i| text.get(10 + i..)).unwrap_or("Z");
    let now = parse(text)? * DAY_MS + i64::from(at.millis.unwrap_or(0));
    let then = now + ms;
    let clock = then.rem_euclid(DAY_MS) / 1_000;
    let date = iso(then.div_euclid(DAY_MS));
    let written = format!("{date}T{:02}:{:02}:{:02}{offset}", clock / 3_600, clock / 60 % 60, clock % 60);
    Some((text.to_owned(), written))
}

/// The width of the ranges in a column of an answer: the smallest step between two of them.
pub fn width_of(dimension: &Dimension, table: &Table, column: usize) -> Option<f64> {
    match dimension.bin? {
        Bin::Width(width) => Some(width),
        Bin::Count(_) => {
            let mut edges: Vec<f64> = table.data.get(column)?.iter().filter_map(Cell::as_f64).collect();
            edges.sort_by(f64::total_cmp);
            let step = edges.windows(2).map(|w| w[1] - w[0]).filter(|w| *w > 0.0).fold(f64::MAX, f64::min);
            (step < f64::MAX).then_some(step)
        }
    }
}

/// Marks chosen together as one filter: those that differ in one column only become a list.
pub fn any_of(marks: &[Vec<Filter>]) -> Option<Filter> {
    let all = |mark: &Vec<Filter>| match mark.as_slice() {
        [one] => one.clone(),
        many => Filter::And(many.to_vec()),
    };
    match marks {
        [] => return None,
        [one] => return (!one.is_empty()).then(|| all(one)),
        _ => {}
    }
    let single = |mark: &Vec<Filter>| match mark.as_slice() {
        [Filter::Is(c)] if c.op == Op::Eq => Some((c.column.clone(), c.value.clone())),
        [Filter::Is(c)] if c.op == Op::IsNull => Some((c.column.clone(), Value::Null)),
        _ => None,
    };
    let values: Option<Vec<(String, Value)>> = marks.iter().map(single).collect();
    match values {
        Some(values) if values.iter().all(|(column, _)| *column == values[0].0) => {
            let column = values[0].0.clone();
            Some(Filter::is(&column, Op::In, values.into_iter().map(|(_, v)| v).collect::<Vec<_>>()))
        }
        _ => Some(Filter::Or(marks.iter().filter(|m| !m.is_empty()).map(all).collect())),
    }
}

/// Whether a mark lies within another: the same conditions, or narrower stretches.
pub fn covers(outer: &[Filter], inner: &[Filter]) -> bool {
    !outer.is_empty() && outer.iter().all(|wide| inner.iter().any(|narrow| wide == narrow || holds(wide, narrow)))
}

fn holds(wide: &Filter, narrow: &Filter) -> bool {
    let (Some(wide), Some(narrow)) = (Range::of(wide), Range::of(narrow)) else { return false };
    wide.column == narrow.column && wide.from.le(&narrow.from) && narrow.to.le(&wide.to)
}

/// A condition as a stretch of an ordered column; both ends count as the last instant of a day.
struct Range<'a> {
    column: &'a str,
    from: End<'a>,
    to: End<'a>,
}

#[derive(Clone, Copy)]
enum End<'a> {
    Number(f64),
    Text(&'a str),
}

impl End<'_> {
    fn le(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a <= b,
            // Dates and instants compare by what both say.
            (Self::Text(a), Self::Text(b)) => {
                let shared = a.len().min(b.len());
                a.get(..shared) <= b.get(..shared)
            }
            _ => false,
        }
    }
}

impl<'a> Range<'a> {
    fn of(filter: &'a Filter) -> Option<Self> {
        fn end(value: &Value) -> Option<End<'_>> {
            value.as_f64().map(End::Number).or_else(|| value.as_str().map(End::Text))
        }
        match filter {
            Filter::Is(c) => match (c.op, &c.value) {
                (Op::Eq, value) => Some(Self { column: &c.column, from: end(value)?, to: end(value)? }),
                (Op::Between, Value::Array(ends)) => {
                    let [from, to] = ends.as_slice() else { return None };
                    Some(Self { column: &c.column, from: end(from)?, to: end(to)? })
                }
                _ => None,
            },
            Filter::And(both) => match both.as_slice() {
                [Filter::Is(a), Filter::Is(b)] if a.column == b.column && a.op == Op::Gte && b.op == Op::Lt => {
                    Some(Self { column: &a.column, from: end(&a.value)?, to: end(&b.value)? })
                }
                _ => None,
            },
            Filter::Or(_) => None,
        }
    }
}

/// How much of a group passes a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covered {
    All,
    None,
    /// A part, or it cannot be told.
    Some,
}

impl Covered {
    fn of(all: bool, none: bool) -> Self {
        match (all, none) {
            (true, _) => Self::All,
            (_, true) => Self::None,
            _ => Self::Some,
        }
    }
}

/// How much of the rows of a group, given by its cells, passes a filter.
pub fn covers_group(filter: &Filter, dimensions: &[Dimension], cells: &[Cell]) -> Covered {
    let each = |list: &[Filter]| list.iter().map(|f| covers_group(f, dimensions, cells)).collect::<Vec<_>>();
    match filter {
        Filter::And(list) => {
            let all = each(list);
            Covered::of(all.iter().all(|c| *c == Covered::All), all.contains(&Covered::None))
        }
        Filter::Or(list) => {
            let all = each(list);
            Covered::of(all.contains(&Covered::All), all.iter().all(|c| *c == Covered::None))
        }
        Filter::Is(c) => match dimensions.iter().position(|d| d.column == c.column) {
            Some(at) => cells.get(at).map_or(Covered::Some, |cell| condition(c, &dimensions[at], cell)),
            None => Covered::Some,
        },
    }
}

fn condition(test: &Condition, dimension: &Dimension, cell: &Cell) -> Covered {
    let value = &test.value;
    let is = |yes: bool| Covered::of(yes, !yes);
    match test.op {
        Op::IsNull => return is(cell.is_null()),
        Op::IsNotNull => return is(!cell.is_null()),
        _ if cell.is_null() => {
            return match (test.op, value) {
                (Op::Eq, Value::Null) => Covered::All,
                (Op::In, Value::Array(list)) => is(list.contains(&Value::Null)),
                (Op::Eq | Op::Between | Op::Gte | Op::Lt | Op::IsTrue | Op::IsFalse, _) => Covered::None,
                _ => Covered::Some,
            };
        }
        _ => {}
    }
    if let Some(grain) = dimension.grain {
        let Some((from, to)) = cell.as_str().and_then(|text| span(grain, text)) else { return Covered::Some };
        return period(test, &from, &to);
    }
    if let Some(bin) = dimension.bin {
        let (Some(from), Some(edge), Bin::Width(width)) = (cell.as_f64(), value.as_f64(), bin) else {
            return Covered::Some;
        };
        // A hair's breadth is no part of a range.
        let hair = width * 1e-6;
        return match test.op {
            Op::Gte => Covered::of(from >= edge - hair, from + width <= edge + hair),
            Op::Lt => Covered::of(from + width <= edge + hair, from >= edge - hair),
            _ => Covered::Some,
        };
    }
    match (test.op, cell, value) {
        (Op::IsTrue, Cell::Bool(yes), _) => is(*yes),
        (Op::IsFalse, Cell::Bool(yes), _) => is(!*yes),
        (Op::Eq, _, _) => is(same(cell, value)),
        (Op::In, _, Value::Array(list)) => is(list.iter().any(|v| same(cell, v))),
        _ => Covered::Some,
    }
}

fn same(cell: &Cell, value: &Value) -> bool {
    match (cell.as_f64().filter(|_| cell.as_str().is_none()), value.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => cell.to_json() == *value,
    }
}

/// A period, from its first day or instant to the first after it, under a condition of days or instants.
fn period(test: &Condition, from: &str, to: &str) -> Covered {
    let days = from.len() == 10;
    let day = |value: Option<&Value>| value.and_then(Value::as_str).filter(|t| t.len() == 10 && days).and_then(parse);
    let bounds = match (test.op, &test.value) {
        (Op::Eq, value) => (day(Some(value)), day(Some(value))),
        (Op::Between, Value::Array(ends)) => (day(ends.first()), day(ends.get(1))),
        _ => (None, None),
    };
    if let ((Some(first), Some(last)), Some(from), Some(to)) = (bounds, parse(from), parse(to)) {
        return Covered::of(first <= from && to - 1 <= last, to - 1 < first || last < from);
    }
    // Instants by the same clock compare as they are written.
    match (test.op, test.value.as_str().filter(|t| t.len() == from.len() && !days)) {
        (Op::Gte, Some(edge)) => Covered::of(edge <= from, to <= edge),
        (Op::Lt, Some(edge)) => Covered::of(to <= edge, edge <= from),
        _ => Covered::Some,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn by(grain: Grain) -> Dimension {
        Dimension { column: "at".into(), grain: Some(grain), ..Dimension::default() }
    }

    fn said(filter: Option<Filter>) -> Value {
        serde_json::to_value(filter).unwrap()
    }

    #[test]
    fn periods_are_their_days() {
        let of = |grain, text: &str| said(member(&by(grain), None, &text.into()));
        let between = |a: &str, b: &str| json!({"column": "at", "op": "between", "value": [a, b]});
        assert_eq!(of(Grain::Month, "2024-02-01"), between("2024-02-01", "2024-02-29"));
        assert_eq!(of(Grain::Quarter, "2023-11-01T00:00:00Z"), between("2023-11-01", "2024-01-31"));
        assert_eq!(of(Grain::Week, "2024-12-30"), between("2024-12-30", "2025-01-05"));
        assert_eq!(of(Grain::Day, "2024-02-29"), json!({"column": "at", "op": "eq", "value": "2024-02-29"}));
        assert_eq!(
            of(Grain::Hour, "2024-02-29T23:00:00+01:00"),
            json!({"and": [{"column": "at", "op": "gte", "value": "2024-02-29T23:00:00+01:00"},
                {"column": "at", "op": "lt", "value": "2024-03-01T00:00:00+01:00"}]})
        );
        assert_eq!(of(Grain::HourOfDay, "5"), Value::Null);
        assert_eq!(previous(Grain::Month, "2024-03-01"), Some(("2024-02-01".into(), "2024-03-01".into())));
        assert_eq!(previous(Grain::Year, "2024-01-01"), Some(("2023-01-01".into(), "2024-01-01".into())));
        assert_eq!(
            previous(Grain::Hour, "2024-01-01T00:00:00Z"),
            Some(("2023-12-31T23:00:00Z".into(), "2024-01-01T00:00:00Z".into()))
        );
    }

    #[test]
    fn ranges_and_members() {
        let bin = Dimension { column: "d".into(), bin: Some(Bin::Width(0.1)), ..Dimension::default() };
        assert_eq!(
            said(member(&bin, Some(0.1), &Cell::Float(0.2))),
            json!({"and": [{"column": "d", "op": "gte", "value": 0.2}, {"column": "d", "op": "lt", "value": 0.3}]})
        );
        let plain = Dimension { column: "d".into(), ..Dimension::default() };
        assert_eq!(said(member(&plain, None, &Cell::Null)), json!({"column": "d", "op": "is_null"}));
        assert_eq!(said(member(&plain, None, &Cell::Bool(true))), json!({"column": "d", "op": "is_true"}));
    }

    #[test]
    fn marks_of_one_column_become_a_list() {
        let mark = |column: &str, v: &str| vec![Filter::is(column, Op::Eq, v)];
        assert_eq!(any_of(&[]), None);
        assert_eq!(any_of(&[mark("a", "x")]), Some(Filter::is("a", Op::Eq, "x")));
        let empty = vec![Filter::is("a", Op::IsNull, Value::Null)];
        assert_eq!(any_of(&[mark("a", "x"), empty]), Some(Filter::is("a", Op::In, json!(["x", null]))));
        assert!(matches!(any_of(&[mark("a", "x"), mark("b", "y")]), Some(Filter::Or(_))));
    }

    #[test]
    fn a_brush_covers_the_periods_within() {
        let brush = [Filter::is("at", Op::Between, json!(["2024-01-01", "2024-03-31"]))];
        let month = |text: &str| vec![member(&by(Grain::Month), None, &text.into()).unwrap()];
        assert!(covers(&brush, &month("2024-01-01")) && covers(&brush, &month("2024-03-01")));
        assert!(!covers(&brush, &month("2024-04-01")) && !covers(&brush, &month("2023-12-01")));
        let west = [Filter::is("r", Op::Eq, "West")];
        assert!(covers(&west, &[Filter::is("p", Op::Eq, "A"), west[0].clone()]));
        assert!(!covers(&west, &[Filter::is("r", Op::Eq, "East")]));
    }

    #[test]
    fn a_group_passes_as_a_whole_or_not() {
        let month = [by(Grain::Month)];
        let cell = [Cell::from("2024-02-01")];
        let at = |from: &str, to: &str| covers_group(&Filter::is("at", Op::Between, json!([from, to])), &month, &cell);
        assert_eq!(at("2024-02-01", "2024-02-29"), Covered::All);
        assert_eq!(at("2024-01-01", "2024-02-10"), Covered::Some);
        assert_eq!(at("2024-03-01", "2024-03-31"), Covered::None);
        let bin = [Dimension { column: "n".into(), bin: Some(Bin::Width(10.0)), ..Dimension::default() }];
        let range = Filter::And(vec![Filter::is("n", Op::Gte, 10), Filter::is("n", Op::Lt, 30)]);
        let covered = |n: i64| covers_group(&range, &bin, &[Cell::Int(n)]);
        assert_eq!(
            [covered(0), covered(10), covered(20), covered(30)],
            [Covered::None, Covered::All, Covered::All, Covered::None]
        );
        let plain = [Dimension { column: "r".into(), ..Dimension::default() }];
        let list = Filter::is("r", Op::In, json!(["West", null]));
        assert_eq!(covers_group(&list, &plain, &[Cell::Null]), Covered::All);
        assert_eq!(covers_group(&list, &plain, &[Cell::from("East")]), Covered::None);
    }
}
