//! Calculations over the groups of the lowest level, all of them, before any is left out.

use super::group::Key;
use super::order::compare;
use super::rows::Rows;
use super::time::{Calendar, DAY, Length, SECOND, add};
use super::value::Value;
use super::{Line, Model, Top, percent};
use domain::query::{Calc, CalcKind, CalcOver, Grain};
use std::collections::BTreeMap;

/// A period: so many seconds, or on the calendar.
pub enum Period {
    Seconds(i64),
    Calendar(Length),
}

pub fn period(key: &Key) -> Option<Period> {
    let of = |grain: &Grain| {
        Some(match grain {
            Grain::Second => Period::Seconds(1),
            Grain::Minute => Period::Seconds(60),
            Grain::Hour => Period::Seconds(3600),
            Grain::Day => Period::Calendar(Length::Days(1)),
            Grain::Week => Period::Calendar(Length::Days(7)),
            Grain::Month => Period::Calendar(Length::Months(1)),
            Grain::Quarter => Period::Calendar(Length::Months(3)),
            Grain::Year => Period::Calendar(Length::Months(12)),
            _ => return None,
        })
    };
    match key {
        Key::Grain(_, grain) => of(grain),
        Key::Plain(column) if column.ty == domain::DataType::Date => of(&Grain::Day),
        _ => None,
    }
}

/// `n` periods before a moment.
pub fn before(at: &Value, period: &Period, n: i64, calendar: &Calendar) -> Value {
    match (at, period) {
        (Value::Instant(at), Period::Seconds(seconds)) => Value::Instant(at - n * seconds * SECOND),
        (Value::Instant(at), Period::Calendar(length)) => {
            let day = add(calendar.local(*at).div_euclid(DAY), *length, -n);
            Value::Instant(calendar.instant(day * DAY))
        }
        (Value::Date(day), Period::Calendar(length)) => Value::Date(add(*day, *length, -n)),
        _ => Value::Null,
    }
}

/// The values of a calculation, line by line; totals have none.
#[expect(clippy::too_many_arguments, reason = "all that a calculation depends on")]
pub fn calculated(
    model: &Model<'_>,
    calc: &Calc,
    measure: usize,
    rows: &Rows<'_>,
    keys: &[Key],
    tops: &[Top],
    lines: &[Line],
    value: &dyn Fn(&Line) -> Value,
) -> Vec<Value> {
    let names = model.names();
    let named = |name: &String| names.iter().position(|n| n == name).unwrap();
    let given: Option<Vec<usize>> = calc.within.as_ref().map(|all| all.iter().map(named).collect());
    let left: Vec<usize> = (0..keys.len()).filter(|i| given.as_ref().is_none_or(|g| !g.contains(i))).collect();
    let axis = left.iter().copied().find(|i| keys[*i].is_time()).or(left.first().copied());
    let within = given.unwrap_or_else(|| (0..keys.len()).filter(|i| Some(*i) != axis).collect());
    let period = axis.and_then(|a| period(&keys[a])).filter(|_| calc.over != Some(CalcOver::Row));

    let mut parts: BTreeMap<Vec<Value>, Vec<usize>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, l)| l.set == 0) {
        parts.entry(within.iter().map(|i| line.keys[*i].clone()).collect()).or_default().push(at);
    }
    let mut found = vec![Value::Null; lines.len()];
    for (part, mut all) in parts {
        all.sort_by(|a, b| passing(model, keys, axis, &lines[*a], &lines[*b]));
        let whole = (calc.kind == CalcKind::Share).then(|| model.whole(rows, keys, tops, measure, &within, &part));
        for (place, at) in all.iter().enumerate() {
            let own = value(&lines[*at]);
            let others = || all.iter().map(|o| value(&lines[*o]));
            // What was before: the row, or the group of the period.
            let previous = || match (&period, axis) {
                (Some(period), Some(axis)) => {
                    let wanted = before(&lines[*at].keys[axis], period, 1, &model.clock.calendar);
                    let at = all.iter().find(|o| !wanted.is_null() && lines[**o].keys[axis] == wanted);
                    at.map_or(Value::Null, |o| value(&lines[*o]))
                }
                _ => place.checked_sub(1).map_or(Value::Null, |p| value(&lines[all[p]])),
            };
            found[*at] = match calc.kind {
                CalcKind::RunningTotal => others().take(place + 1).fold(Value::Null, |sum, v| sum.plus(&v)),
                CalcKind::Share => match (own.number(), whole.as_ref().and_then(Value::number)) {
                    (Some(own), Some(whole)) if whole != 0.0 => Value::Float(own / whole),
                    _ => Value::Null,
                },
                CalcKind::Rank if own.is_null() => Value::Null,
                CalcKind::Rank => Value::Int(1 + others().filter(|o| !o.is_null() && *o > own).count() as i128),
                CalcKind::Change => match (own, previous()) {
                    (Value::Null, _) | (_, Value::Null) => Value::Null,
                    (own, previous) => own.minus(&previous),
                },
                CalcKind::PercentChange => percent(&own, &previous()),
                CalcKind::MovingAvg => {
                    let n = i64::from(calc.window.unwrap_or(3)) - 1;
                    let is_near = |o: &usize| match (&period, axis) {
                        (Some(period), Some(axis)) => {
                            let (here, there) = (&lines[*at].keys[axis], &lines[*o].keys[axis]);
                            !here.is_null()
                                && *there <= *here
                                && *there >= before(here, period, n, &model.clock.calendar)
                        }
                        _ => all[place.saturating_sub(n as usize)..=place].contains(o),
                    };
                    let near: Vec<f64> =
                        all.iter().filter(|o| is_near(o)).filter_map(|o| value(&lines[*o]).number()).collect();
                    let sum: f64 = near.iter().sum();
                    if near.is_empty() { Value::Null } else { Value::Float(sum / near.len() as f64) }
                }
            };
        }
    }
    found
}

/// The order in which a calculation passes over groups: along its axis, else as the answer is sorted.
fn passing(model: &Model<'_>, keys: &[Key], axis: Option<usize>, a: &Line, b: &Line) -> std::cmp::Ordering {
    let mut by: Vec<(usize, bool)> = Vec::new();
    if let Some(axis) = axis {
        if !keys[axis].has_order() {
            let is_plain =
                |i: usize| i < keys.len() || model.query.measures.get(i - keys.len()).is_some_and(|m| m.calc.is_none());
            // The largest total comes where its own measure is largest.
            let outputs = keys.len() + model.query.measures.len();
            by.extend(model.sort_keys(keys).into_iter().filter(|(i, up)| *i < outputs && (is_plain(*i) || !up)));
        }
        by.push((axis, true));
    }
    by.extend((0..keys.len()).map(|i| (i, true)));
    let value =
        |line: &Line, i: usize| if i < keys.len() { line.keys[i].clone() } else { line.now[i - keys.len()].clone() };
    by.iter()
        .map(|(i, up)| compare(&value(a, *i), &value(b, *i), *up))
        .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
}

impl Model<'_> {
    /// The measure over all rows of a part.
    fn whole(
        &self,
        rows: &Rows<'_>,
        keys: &[Key],
        tops: &[Top],
        measure: usize,
        within: &[usize],
        part: &[Value],
    ) -> Value {
        let all: Vec<usize> = (0..keys.len()).collect();
        let groups = self.set(rows, keys, tops, &all);
        let own = groups.into_iter().filter(|(key, _)| within.iter().zip(part).all(|(i, v)| key[*i] == *v));
        let of: Vec<usize> = own.flat_map(|(_, rows)| rows).collect();
        self.measure(rows, &self.query.measures[measure], &of)
    }
}
