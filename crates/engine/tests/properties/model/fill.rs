//! Gaps in time: a line for every period between the ends, in each series of the other dimensions.

use super::calc::{before, period};
use super::filter::{relative_stretch, whole_day};
use super::group::Key;
use super::rows::Rows;
use super::time::DAY;
use super::value::Value;
use super::{Line, Model};
use domain::DataType;
use domain::query::{Agg, Fill, Op};
use std::collections::{BTreeMap, BTreeSet};

impl Model<'_> {
    /// The lines with those that are missing. Lines without a time stay as they are.
    pub fn filled(&self, rows: &Rows<'_>, keys: &[Key], lines: Vec<Line>) -> Vec<Line> {
        let Some(fill) = self.query.fill else { return lines };
        let time = keys.iter().position(|k| matches!(k, Key::Grain(..)) && k.is_time()).unwrap();
        let all: Vec<Value> = lines.iter().map(|l| l.keys[time].clone()).filter(|k| !k.is_null()).collect();
        let (from, to) = self.window(rows, &keys[time]).unzip();
        let (Some(first), Some(last)) = (all.iter().cloned().chain(from).min(), all.into_iter().chain(to).max()) else {
            return lines;
        };
        let length = period(&keys[time]).unwrap();
        let mut periods = Vec::new();
        let mut at = first;
        while at <= last {
            let next = before(&at, &length, -1, &self.clock.calendar);
            periods.push(std::mem::replace(&mut at, next));
        }
        let series: BTreeSet<Vec<Value>> = lines.iter().map(|l| without(&l.keys, time)).collect();
        let series = if keys.len() == 1 { BTreeSet::from([Vec::new()]) } else { series };
        let zeros: Vec<Value> = (0..self.query.measures.len()).map(|i| self.zero(rows, i)).collect();
        let mut known: BTreeMap<Vec<Value>, Line> = lines.into_iter().map(|l| (l.keys.clone(), l)).collect();
        let mut found = Vec::new();
        for others in series {
            let nothing = vec![Value::Null; zeros.len()];
            let mut last = (nothing.clone(), nothing.clone());
            for at in &periods {
                let mut own = others.clone();
                own.insert(time, at.clone());
                let instead = |last: &[Value]| match fill {
                    Fill::Null => nothing.clone(),
                    Fill::Zero => zeros.clone(),
                    Fill::Previous => last.to_vec(),
                };
                let line = known.remove(&own).unwrap_or_else(|| Line {
                    set: 0,
                    keys: own,
                    now: instead(&last.0),
                    before: instead(&last.1),
                    shown: Vec::new(),
                });
                for (last, now) in [(&mut last.0, &line.now), (&mut last.1, &line.before)] {
                    let known = now.iter().enumerate().filter(|(_, v)| !v.is_null());
                    known.for_each(|(i, v)| last[i] = v.clone());
                }
                found.push(line);
            }
        }
        found.extend(known.into_values());
        found
    }

    /// The first and the last period of the filter, the last one not beyond now.
    fn window(&self, rows: &Rows<'_>, key: &Key) -> Option<(Value, Value)> {
        let own = |test: &&domain::query::Condition| {
            matches!(test.op, Op::Relative | Op::Between | Op::Eq) && rows.find(&test.column).full == key.column().full
        };
        let stretch = |test: &domain::query::Condition| {
            let latest = rows.find(&test.column).latest.as_ref();
            let day = |v: &serde_json::Value| v.as_str().filter(|t| t.len() == 10).map(|t| whole_day(t, &self.clock));
            let moment =
                |v: &serde_json::Value| v.as_str().map(|t| (crate::tables::instant(t), crate::tables::instant(t)));
            let ends = |v: &serde_json::Value| day(v).or_else(|| moment(v));
            match &test.value {
                _ if test.op == Op::Relative => Some(relative_stretch(test, latest, &self.clock)),
                serde_json::Value::Array(both) => Some((ends(&both[0])?.0, ends(&both[1])?.1)),
                one => ends(one),
            }
            .filter(|(from, to)| from < to)
        };
        let all = self.outer().into_iter().filter(own).filter_map(stretch);
        let (from, to) = all.reduce(|a, b| (a.0.max(b.0), a.1.min(b.1))).filter(|(from, to)| from < to)?;
        let (last, now) = (to - 1, self.clock.now);
        let last = if from < now && now < last { now } else { last };
        let Key::Grain(column, grain) = key else { return None };
        let calendar = &self.clock.calendar;
        let start = |at: i64| match column.ty {
            DataType::Date => Value::Date(calendar.first_day(*grain, calendar.local(at).div_euclid(DAY))),
            _ => Value::Instant(calendar.start(*grain, at)),
        };
        Some((start(from), start(last)))
    }

    /// What a number is where there is nothing; other values are none.
    pub fn zero(&self, rows: &Rows<'_>, i: usize) -> Value {
        let measure = &self.query.measures[i];
        let column = measure.column.as_ref().map(|c| rows.find(c));
        match (measure.agg, column) {
            (Some(Agg::Count | Agg::CountDistinct | Agg::CountIf), _) => Value::Int(0),
            (Some(Agg::Sum | Agg::Min | Agg::Max | Agg::First | Agg::Last), Some(column)) => match column.ty {
                DataType::Integer => Value::Int(0),
                DataType::Decimal => Value::Decimal(0, column.digits),
                DataType::Float => Value::Float(0.0),
                _ => Value::Null,
            },
            _ => Value::Float(0.0),
        }
    }
}

fn without(keys: &[Value], at: usize) -> Vec<Value> {
    let mut keys = keys.to_vec();
    keys.remove(at);
    keys
}
