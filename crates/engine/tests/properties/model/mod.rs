//! What a question means, worked out without SQL: from the design and docs/questions.md, over frames
//! of polars, step by step and slowly.

pub mod calc;
pub mod earlier;
pub mod fill;
pub mod filter;
pub mod group;
pub mod measure;
pub mod order;
pub mod rows;
pub mod time;
pub mod value;

use crate::tables::Sheet;
use calc::calculated;
use domain::DataType;
use domain::query::{Compared, DEFAULT_LIMIT, Filter, Op, Query, TopN};
use filter::{Clock, Operand, holds};
use group::Key;
use rows::{Known, Rows};
use std::collections::BTreeMap;
use time::Calendar;
use value::Value;

pub struct Model<'a> {
    pub sheets: &'a [Sheet],
    pub query: &'a Query,
    pub clock: Clock,
}

/// The rows of an answer.
pub struct Answer {
    pub rows: Vec<Vec<Value>>,
    pub truncated: bool,
    pub calendar: Calendar,
    /// Whether the order of the rows is said.
    pub is_ordered: bool,
}

/// One group on its way into the answer.
#[derive(Clone, Debug)]
pub struct Line {
    /// One bit a dimension, the first highest, 1 where it is of all members.
    pub set: u64,
    pub keys: Vec<Value>,
    /// Measures, and those of the earlier stretch.
    pub now: Vec<Value>,
    pub before: Vec<Value>,
    pub shown: Vec<Value>,
}

/// The members of a `top_n`.
pub struct Top {
    wanted: TopN,
    column: Known,
    members: Vec<Value>,
    /// The dimension that has its column's values.
    dimension: Option<usize>,
}

/// A column of a row, to be tested.
pub fn operand(rows: &Rows<'_>, name: &str, row: usize) -> Operand {
    let column = rows.find(name);
    Operand { value: rows.value(column, row), ty: column.ty, latest: column.latest.clone() }
}

pub fn answer(sheets: &[Sheet], query: &Query, now: i64) -> Answer {
    let calendar = Calendar::new(query.timezone.as_deref(), query.week_start, query.fiscal_year_start);
    let model = Model { sheets, query, clock: Clock { calendar, now } };
    let lines = if query.columns.is_empty() { model.groups() } else { model.raw() };
    let (from, limit) = (query.offset as usize, query.limit.unwrap_or(DEFAULT_LIMIT) as usize);
    let truncated = lines.len() > from + limit;
    let rows = lines.into_iter().skip(from).take(limit).collect();
    let is_ordered = query.columns.is_empty() || !query.order.is_empty();
    Answer { rows, truncated, calendar: model.clock.calendar, is_ordered }
}

impl Model<'_> {
    /// The conditions of the filter that are on rows, and the `top_n` among those that all hold.
    fn conditions(&self) -> (Vec<&Filter>, Vec<(&str, TopN)>) {
        let all: Vec<&Filter> = match &self.query.filter {
            Some(Filter::And(all)) => all.iter().collect(),
            one => one.iter().collect(),
        };
        let (mut rows, mut tops) = (Vec::new(), Vec::new());
        for each in all {
            match each {
                Filter::Is(test) if test.op == Op::TopN => {
                    tops.push((test.column.as_str(), serde_json::from_value(test.value.clone()).unwrap()));
                }
                other => rows.push(other),
            }
        }
        (rows, tops)
    }

    fn filter(&self, rows: &mut Rows<'_>) {
        let (all, _) = self.conditions();
        let passes = |row: usize| all.iter().all(|f| holds(f, &|name| operand(rows, name, row), &self.clock));
        let kept: Vec<bool> = (0..rows.len()).map(passes).collect();
        rows.keep(&kept);
    }

    /// The values of columns, row by row.
    fn raw(&self) -> Vec<Vec<Value>> {
        let mut rows = Rows::read(self.sheets, self.query);
        self.filter(&mut rows);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let keys: Vec<(&Known, bool)> =
            self.query.order.iter().map(|o| (rows.find(&o.by), o.dir == domain::query::Dir::Asc)).collect();
        let compare = |a: &usize, b: &usize| {
            let each = keys.iter().map(|(k, up)| order::compare(&rows.value(k, *a), &rows.value(k, *b), *up));
            each.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        };
        order.sort_by(compare);
        let shown = |row: usize| self.query.columns.iter().map(|c| rows.value(rows.find(c), row)).collect();
        order.into_iter().map(shown).collect()
    }

    fn groups(&self) -> Vec<Vec<Value>> {
        let all = Rows::read(self.sheets, self.query);
        let shift = self.shift(&all);
        let earlier = shift.as_ref().map(|shift| {
            let mut rows = self.shifted(&all, shift);
            self.filter(&mut rows);
            rows
        });
        let mut rows = all;
        self.filter(&mut rows);
        let keys: Vec<Key> = self.query.dimensions.iter().map(|d| Key::new(d, &rows)).collect();
        let tops = self.tops(&rows, &keys);
        let mut lines = Vec::new();
        for set in self.sets() {
            let values = |rows: &Rows<'_>| {
                let groups = self.set(rows, &keys, &tops, &set).into_iter();
                let measured = |of: &[usize]| self.query.measures.iter().map(|m| self.measure(rows, m, of)).collect();
                groups.map(|(key, of)| (key, measured(&of))).collect()
            };
            // All times together have no earlier stretch, unless the filter ends theirs.
            let has_earlier = shift.as_ref().is_some_and(|s| s.is_bounded || s.runs_along(&keys, &set));
            let (now, before) = (values(&rows), earlier.as_ref().filter(|_| has_earlier).map(values));
            lines.extend(self.lines(&rows, &set, now, before, shift.as_ref().is_some_and(|s| s.is_bounded)));
        }
        let mut lines = self.filled(&rows, &keys, lines);
        self.show(&rows, earlier.as_ref(), &keys, &tops, &mut lines);
        lines.retain(|line| self.is_kept(&rows, line, &tops));
        self.sort(&keys, &tops, &mut lines);
        lines.into_iter().map(|line| line.shown).collect()
    }

    /// The groupings, each by positions of dimensions; by all of them first.
    fn sets(&self) -> Vec<Vec<usize>> {
        let mut sets: Vec<Vec<usize>> = vec![(0..self.query.dimensions.len()).collect()];
        for names in &self.query.subtotals {
            let names_of = self.names();
            let mut set: Vec<usize> = names.iter().map(|n| names_of.iter().position(|o| o == n).unwrap()).collect();
            set.sort_unstable();
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        sets
    }

    /// The members of each top: those with the largest measure over all rows.
    fn tops(&self, rows: &Rows<'_>, keys: &[Key]) -> Vec<Top> {
        let top = |(name, wanted): (&str, TopN)| {
            let column = rows.find(name).clone();
            let by = self.names().iter().position(|n| *n == wanted.by).unwrap() - keys.len();
            let mut groups: BTreeMap<Value, Vec<usize>> = BTreeMap::new();
            for row in 0..rows.len() {
                groups.entry(rows.value(&column, row)).or_default().push(row);
            }
            groups.remove(&Value::Null);
            let mut ranked: Vec<(Value, Value)> =
                groups.into_iter().map(|(m, of)| (self.measure(rows, &self.query.measures[by], &of), m)).collect();
            ranked.sort_by(|a, b| order::compare(&a.0, &b.0, false).then(a.1.cmp(&b.1)));
            let members = ranked.into_iter().take(wanted.n as usize).map(|(_, m)| m).collect();
            let dimension = keys.iter().position(|k| matches!(k, Key::Plain(c) if c.full == column.full));
            Top { wanted, column, members, dimension }
        };
        self.conditions().1.into_iter().map(top).collect()
    }

    /// The rows of each group of one grouping.
    fn set(&self, rows: &Rows<'_>, keys: &[Key], tops: &[Top], set: &[usize]) -> BTreeMap<Vec<Value>, Vec<usize>> {
        let is_full = set.len() == keys.len();
        let mut groups = BTreeMap::new();
        if set.is_empty() {
            groups.insert(vec![Value::Null; keys.len()], Vec::new());
        }
        for row in 0..rows.len() {
            // Calculations are over all groups: what is no member is left out of them at the end.
            let is_in = |top: &Top| {
                let waits = is_full && top.dimension.is_some();
                top.wanted.others || waits || top.members.contains(&rows.value(&top.column, row))
            };
            if !tops.iter().all(is_in) {
                continue;
            }
            let key = |(i, key): (usize, &Key)| {
                let value = key.of(rows, row, &self.clock.calendar);
                let gathered =
                    tops.iter().any(|t| t.wanted.others && t.dimension == Some(i) && !t.members.contains(&value));
                if gathered || !set.contains(&i) { Value::Null } else { value }
            };
            groups.entry(keys.iter().enumerate().map(key).collect()).or_default().push(row);
        }
        groups
    }

    /// The name of each output.
    pub fn names(&self) -> Vec<String> {
        let query = self.query;
        let dimensions = query.dimensions.iter().map(|d| (d.alias.clone(), d.column.clone()));
        let measures = query.measures.iter().map(|m| (m.alias.clone(), m.output_name()));
        let all: Vec<(Option<String>, String)> = dimensions.chain(measures).collect();
        let mut taken: Vec<String> = all.iter().filter_map(|(alias, _)| alias.clone()).collect();
        let name = |(alias, implied): (Option<String>, String)| {
            alias.unwrap_or_else(|| {
                let numbered = (2..).map(|n| format!("{implied}_{n}"));
                let free = std::iter::once(implied.clone()).chain(numbered).find(|n| !taken.contains(n)).unwrap();
                taken.push(free.clone());
                free
            })
        };
        all.into_iter().map(name).collect()
    }

    /// Fills in what each line shows.
    fn show(&self, rows: &Rows<'_>, earlier: Option<&Rows<'_>>, keys: &[Key], tops: &[Top], lines: &mut [Line]) {
        let measures = &self.query.measures;
        let calculated: Vec<_> = (0..measures.len())
            .map(|i| {
                let now = |l: &Line| l.now[i].clone();
                let before = |l: &Line| l.before[i].clone();
                let of = |rows: Option<&Rows<'_>>, value: &dyn Fn(&Line) -> Value| {
                    let calc = measures[i].calc.as_ref().zip(rows);
                    calc.map(|(calc, rows)| calculated(self, calc, i, rows, keys, tops, lines, value))
                };
                (of(Some(rows), &now), of(earlier, &before))
            })
            .collect();
        for (at, line) in lines.iter_mut().enumerate() {
            let pick =
                |all: &Option<Vec<Value>>, plain: &Value| all.as_ref().map_or_else(|| plain.clone(), |c| c[at].clone());
            let now: Vec<Value> = (0..measures.len()).map(|i| pick(&calculated[i].0, &line.now[i])).collect();
            let mut shown: Vec<Value> = (0..keys.len()).map(|i| self.label(line, i, keys, tops)).collect();
            shown.extend(now.iter().cloned());
            if let Some(compare) = &self.query.compare {
                let before: Vec<Value> = (0..measures.len()).map(|i| pick(&calculated[i].1, &line.before[i])).collect();
                for (i, (now, before)) in now.iter().zip(&before).enumerate() {
                    for what in &compare.show {
                        if *what == Compared::Previous || self.is_number(rows, i) {
                            shown.push(compared(now, before, *what));
                        }
                    }
                }
            }
            if !self.query.subtotals.is_empty() {
                shown.push(Value::Int(line.set.into()));
            }
            line.shown = shown;
        }
    }

    /// The type of a measure, as far as literals and differences depend on it.
    pub fn measure_type(&self, rows: &Rows<'_>, i: usize) -> DataType {
        use domain::query::Agg;
        let measure = &self.query.measures[i];
        let own = matches!(measure.agg, Some(Agg::Min | Agg::Max | Agg::First | Agg::Last)) && measure.calc.is_none();
        measure.column.as_ref().filter(|_| own).map_or(DataType::Float, |c| rows.find(c).ty)
    }

    fn is_number(&self, rows: &Rows<'_>, i: usize) -> bool {
        self.measure_type(rows, i).is_number()
    }

    /// What a dimension shows: the others of a text have a name that no member has.
    fn label(&self, line: &Line, dimension: usize, keys: &[Key], tops: &[Top]) -> Value {
        let value = line.keys[dimension].clone();
        let is_rolled = line.set & (1 << (keys.len() - 1 - dimension)) != 0;
        let top = tops.iter().find(|t| t.wanted.others && t.dimension == Some(dimension));
        match top {
            Some(top) if value.is_null() && !is_rolled && top.column.ty == DataType::Text => {
                let label = self.query.others_label.clone().unwrap_or_else(|| "Others".to_owned());
                let all = [label.clone(), format!("{label} (rest)"), format!("{label} (all the rest)")];
                Value::Text(all.into_iter().find(|l| !top.members.contains(&Value::Text(l.clone()))).unwrap())
            }
            _ => value,
        }
    }

    /// Whether `having` and a top leave the line in. They are about groups, not about their totals.
    fn is_kept(&self, rows: &Rows<'_>, line: &Line, tops: &[Top]) -> bool {
        if line.set != 0 {
            return true;
        }
        let is_member = |t: &Top| t.wanted.others || t.dimension.is_none_or(|d| t.members.contains(&line.keys[d]));
        let names = self.names();
        let having = |name: &str| {
            let at = names.iter().position(|n| n == name).unwrap();
            let dimensions = self.query.dimensions.len();
            let ty = if at < dimensions {
                group::shown_type(&self.query.dimensions[at], rows)
            } else {
                self.measure_type(rows, at - dimensions)
            };
            Operand { value: line.shown[at].clone(), ty, latest: None }
        };
        tops.iter().all(is_member) && self.query.having.as_ref().is_none_or(|f| holds(f, &having, &self.clock))
    }
}

fn compared(now: &Value, before: &Value, what: Compared) -> Value {
    match what {
        Compared::Previous => before.clone(),
        Compared::Change if now.is_null() || before.is_null() => Value::Null,
        Compared::Change => now.minus(before),
        Compared::PercentChange => percent(now, before),
    }
}

/// The change in percent of the size of what was before; from zero there is none.
pub fn percent(now: &Value, before: &Value) -> Value {
    match (now.number(), before.number()) {
        (Some(a), Some(b)) if b != 0.0 => Value::Float((a - b) / b.abs() * 100.0),
        _ => Value::Null,
    }
}
