//! Comparisons with an earlier stretch: its rows, as if they were of now.

use super::filter::whole_day;
use super::group::Key;
use super::rows::{Known, Rows};
use super::time::{DAY, Length, SECOND, add, length};
use super::value::Value;
use super::{Line, Model};
use domain::query::{CompareTo, Condition, Fill, Filter, Grain, Op, Relative, RelativeOf, RelativeUnit};
use std::collections::BTreeMap;

/// How much earlier the stretch lies.
pub enum By {
    Seconds(i64),
    Calendar(Length),
}

pub struct Shift {
    column: Known,
    by: By,
    /// Whether a day that the later month does not have is left out.
    is_exact: bool,
    /// Whether the filter ends the stretch, so that what was only earlier is in the answer too.
    pub is_bounded: bool,
}

impl Shift {
    /// Whether a grouping tells times apart, or none does.
    pub fn runs_along(&self, keys: &[Key], set: &[usize]) -> bool {
        let is_own = |i: &usize| keys[*i].column().full == self.column.full;
        set.iter().any(is_own) || !(0..keys.len()).any(|i| is_own(&i))
    }
}

type Groups = BTreeMap<Vec<Value>, Vec<Value>>;

impl Model<'_> {
    /// The conditions that hold for every row, one after the other.
    pub fn outer(&self) -> Vec<&Condition> {
        let mut found = Vec::new();
        let mut open: Vec<&Filter> = self.query.filter.iter().collect();
        while let Some(filter) = open.pop() {
            match filter {
                Filter::And(all) => open.extend(all.iter().rev()),
                Filter::Is(test) => found.push(test),
                Filter::Or(_) => {}
            }
        }
        found
    }

    pub fn shift(&self, rows: &Rows<'_>) -> Option<Shift> {
        let compare = self.query.compare.as_ref()?;
        let is_dated =
            |t: &&&Condition| matches!(t.op, Op::Relative | Op::Between | Op::Eq) && rows.find(&t.column).ty.is_time();
        let tests = self.outer();
        let keys: Vec<Key> = self.query.dimensions.iter().map(|d| Key::new(d, rows)).collect();
        let column = match (&compare.column, keys.iter().find(|k| k.is_time())) {
            (Some(name), _) => rows.find(name),
            (None, Some(key)) => key.column(),
            (None, None) => rows.find(&tests.iter().find(is_dated).unwrap().column),
        };
        let own: Vec<&Key> = keys.iter().filter(|k| k.column().full == column.full).collect();
        let grain = own.iter().find_map(|k| if let Key::Grain(_, grain) = k { Some(*grain) } else { None });
        let is_fine = |k: &&Key| match k {
            Key::Grain(_, grain) => matches!(grain, Grain::Second | Grain::Minute | Grain::Hour | Grain::Day),
            _ => true,
        };
        let test = tests.iter().find(|t| is_dated(t) && rows.find(&t.column).full == column.full);
        let by = match compare.to {
            CompareTo::PreviousYear if grain == Some(Grain::Week) => By::Calendar(Length::Days(364)),
            CompareTo::PreviousYear => By::Calendar(Length::Months(12)),
            CompareTo::PreviousPeriod => match test {
                Some(test) => self.length(test),
                None => match grain.unwrap() {
                    Grain::Second => By::Seconds(1),
                    Grain::Minute => By::Seconds(60),
                    Grain::Hour => By::Seconds(3600),
                    Grain::Week => By::Calendar(Length::Days(7)),
                    Grain::Month => By::Calendar(Length::Months(1)),
                    Grain::Quarter => By::Calendar(Length::Months(3)),
                    Grain::Year => By::Calendar(Length::Months(12)),
                    _ => By::Calendar(Length::Days(1)),
                },
            },
        };
        let is_exact = own.iter().any(is_fine) && matches!(by, By::Calendar(Length::Months(_)));
        Some(Shift { column: column.clone(), by, is_exact, is_bounded: test.is_some() })
    }

    /// As long as the stretch of a condition: in whole months where it is some, else in days.
    fn length(&self, test: &Condition) -> By {
        if test.op == Op::Relative {
            let of: Relative = serde_json::from_value(test.value.clone()).unwrap();
            let n = match of.of {
                RelativeOf::Previous | RelativeOf::Next => i64::from(of.n) + i64::from(of.include_current),
                RelativeOf::Current | RelativeOf::ToDate => 1,
            };
            return match (of.unit, length(of.unit)) {
                (RelativeUnit::Minute, _) => By::Seconds(n * 60),
                (RelativeUnit::Hour, _) => By::Seconds(n * 3600),
                (_, Length::Days(days)) => By::Calendar(Length::Days(days * n)),
                (_, Length::Months(months)) => By::Calendar(Length::Months(months * n)),
            };
        }
        let ends: Vec<&str> = match &test.value {
            serde_json::Value::Array(both) => both.iter().map(|v| v.as_str().unwrap()).collect(),
            one => vec![one.as_str().unwrap(); 2],
        };
        let (from, to) = (whole_day(ends[0], &self.clock).0, whole_day(ends[1], &self.clock).1);
        let day = |at: i64| self.clock.calendar.local(at).div_euclid(DAY);
        let (a, b) = (domain::calendar::civil(day(from)), domain::calendar::civil(day(to)));
        By::Calendar(match (a.2, b.2) {
            (1, 1) => Length::Months((b.0 - a.0) * 12 + b.1 - a.1),
            _ => Length::Days(day(to) - day(from)),
        })
    }

    /// The rows as if they were later by that much. What has no time was not earlier either.
    pub fn shifted<'r>(&self, rows: &Rows<'r>, shift: &Shift) -> Rows<'r> {
        let calendar = &self.clock.calendar;
        let moved = |row: usize| match (rows.value(&shift.column, row), &shift.by) {
            (Value::Date(day), By::Calendar(by)) => {
                let later = add(day, *by, 1);
                (!shift.is_exact || add(later, *by, -1) == day).then_some(later)
            }
            (Value::Instant(at), By::Calendar(by)) => {
                let day = calendar.local(at).div_euclid(DAY);
                (!shift.is_exact || add(add(day, *by, 1), *by, -1) == day).then(|| calendar.later(at, *by, 1))
            }
            (Value::Instant(at), By::Seconds(n)) => Some(at + n * SECOND),
            _ => None,
        };
        let values: Vec<Option<i64>> = (0..rows.len()).map(moved).collect();
        let kept: Vec<bool> = values.iter().map(Option::is_some).collect();
        let mut moved = rows.with(&shift.column, values);
        moved.keep(&kept);
        moved
    }

    /// Groups as lines, those of before beside those of now.
    pub fn lines(
        &self,
        rows: &Rows<'_>,
        set: &[usize],
        now: Groups,
        before: Option<Groups>,
        is_bounded: bool,
    ) -> Vec<Line> {
        let dimensions = self.query.dimensions.len();
        let id = (0..dimensions).fold(0, |id, i| (id << 1) | u64::from(!set.contains(&i)));
        // A group that only one of them has counts as nothing in the other; where gaps do, as zero.
        let is_zero = self.query.fill == Some(Fill::Zero) && before.is_some();
        let empty = |i: usize| if is_zero { self.zero(rows, i) } else { Value::Null };
        let nothing = || (0..self.query.measures.len()).map(empty).collect::<Vec<_>>();
        let mut before = before.unwrap_or_default();
        let line = |keys: Vec<Value>, now: Vec<Value>, before: Vec<Value>| Line {
            set: id,
            keys,
            now,
            before,
            shown: Vec::new(),
        };
        let mut lines: Vec<Line> = now
            .into_iter()
            .map(|(keys, values)| {
                let earlier = before.remove(&keys).unwrap_or_else(nothing);
                line(keys, values, earlier)
            })
            .collect();
        if is_bounded {
            lines.extend(before.into_iter().map(|(keys, values)| line(keys, nothing(), values)));
        }
        lines
    }
}
