//! Measures: a number per group.

use crate::dialect::Spelling;
use crate::filter;
use crate::join;
use crate::path::Path;
use crate::scope::{Ref, Scope};
use crate::sql;
use domain::format::Format;
use domain::metric::MetricDef;
use domain::query::{Agg, Filter, Measure};
use domain::{Column, DataType, ErrorCode, Result};
use std::collections::BTreeSet;

/// How deep ratios may lie in one another.
const MAX_DEPTH: usize = 8;

/// A measure as SQL, with what is known about its values.
pub(crate) struct Aggregate {
    pub(crate) value: Value,
    pub(crate) ty: DataType,
    pub(crate) label: String,
    pub(crate) format: Option<Format>,
    /// Whether the values of groups add up to that of all of them.
    pub(crate) is_sum: bool,
    /// Whether a part of it can be told: a sum, or a count of different values.
    pub(crate) has_parts: bool,
}

/// An aggregate, or the quotient of two.
pub(crate) enum Value {
    Atom(Atom),
    Ratio(Box<Value>, Box<Value>),
}

/// One aggregate function over rows.
pub(crate) struct Atom {
    pub(crate) sql: String,
    /// The dataset whose rows it is about, where other datasets of the question repeat them and that
    /// changes the result.
    pub(crate) repeated: Option<Repeated>,
    /// Whether it counts, so that nothing is zero.
    pub(crate) counts: bool,
}

/// Rows that joins repeat.
pub(crate) struct Repeated {
    pub(crate) home: usize,
    /// What tells them apart, and the columns that are read of them, as [`crate::scope::ROWS`] has them.
    pub(crate) id: String,
    pub(crate) reads: BTreeSet<String>,
}

impl Value {
    /// Its SQL, with `atom` in place of each aggregate.
    pub(crate) fn print(&self, db: Spelling, atom: &mut dyn FnMut(&Atom) -> String) -> String {
        match self {
            Self::Atom(one) => atom(one),
            Self::Ratio(above, below) => {
                let (above, below) = (above.print(db, atom), below.print(db, atom));
                let divisor = sql::call("nullif", &[&below, "0"]);
                // A cast closes its argument, so the quotient needs no parentheses inside another cast.
                sql::binary(&sql::cast(&above, db.double()), "/", &divisor)
            }
        }
    }

    /// Its SQL over rows that nothing repeats.
    pub(crate) fn sql(&self, db: Spelling) -> String {
        self.print(db, &mut |atom| atom.sql.clone())
    }

    /// Its aggregates, from the left.
    pub(crate) fn atoms(&self) -> Vec<&Atom> {
        match self {
            Self::Atom(one) => vec![one],
            Self::Ratio(above, below) => [above.atoms(), below.atoms()].concat(),
        }
    }

    /// Whether joins repeat the rows of one of its aggregates.
    pub(crate) fn is_repeated(&self) -> bool {
        self.atoms().iter().any(|a| a.repeated.is_some())
    }
}

/// Checks and prints a measure.
pub(crate) fn aggregate(scope: &mut Scope<'_>, measure: &Measure, path: &Path<'_>, depth: usize) -> Result<Aggregate> {
    Builder { scope, rows: None }.aggregate(measure, path, depth)
}

struct Builder<'s, 'a> {
    scope: &'s mut Scope<'a>,
    /// Only these rows count: those of a metric.
    rows: Option<&'s Filter>,
}

impl<'a> Builder<'_, 'a> {
    fn aggregate(&mut self, measure: &Measure, path: &Path<'_>, depth: usize) -> Result<Aggregate> {
        if let Some(id) = &measure.metric {
            return self.metric(id, measure, path, depth);
        }
        let Some(agg) = measure.agg else {
            return Err(path.refuse("A measure needs an aggregate or a metric.").hint(
                "Set `agg` to count, count_distinct, sum, avg, min, max, median, stddev, p50 to p99, percentile, \
                 first, last, count_if or ratio.",
            ));
        };
        refuse_strays(measure, agg, path)?;
        if depth > 1 && measure.calc.is_some() {
            return Err(path.key("calc").refuse("The parts of a ratio have no calculations of their own."));
        }
        match agg {
            Agg::CountIf => self.count_if(measure, path),
            Agg::Ratio => self.ratio(measure, path, depth),
            Agg::Count if measure.column.is_none() => {
                let before = self.scope.reads.len();
                let home = self.scope.home.unwrap_or(0);
                let value = self.atom("count(*)".into(), before, Rows::Of(home), path)?;
                Ok(of_rows(value, agg))
            }
            _ => self.of_column(measure, agg, path),
        }
    }

    /// A metric that is a single aggregate of one dataset of the question.
    fn metric(&mut self, id: &str, measure: &Measure, path: &Path<'_>, depth: usize) -> Result<Aggregate> {
        let path = path.key("metric");
        let beside = Measure { metric: None, alias: None, calc: None, ..measure.clone() };
        if beside != Measure::default() {
            return Err(path.refuse("A metric says itself what it aggregates: leave out `agg` and the like."));
        }
        let metrics: &'a [MetricDef] = self.scope.ctx.metrics;
        let Some(metric) = metrics.iter().find(|m| m.id == id) else {
            let id = crate::scope::shorten(id);
            return Err(
                path.error(ErrorCode::NotFound, format!("There is no metric `{id}`, or it is not shared with you."))
            );
        };
        let refuse = |why: &str| {
            path.error(
                ErrorCode::MetricNotComposable,
                format!("The metric `{id}` cannot be part of a question: {why}."),
            )
            .hint("Only a metric that is a single aggregate of one of the question's datasets can be combined.")
        };
        if self.rows.is_some() || self.scope.home.is_some() {
            return Err(refuse("a metric is made of it"));
        }
        if metric.is_pushed() {
            return Err(refuse("its values come from outside"));
        }
        let [part] = metric.query.measures.as_slice() else {
            return Err(refuse("it is not one aggregate"));
        };
        let rest = &metric.query;
        if part.metric.is_some() || part.calc.is_some() {
            return Err(refuse("it is not a plain aggregate"));
        }
        let is_plain = rest.joins.is_empty() && rest.dimensions.is_empty() && rest.columns.is_empty();
        if !is_plain || rest.having.is_some() || rest.compare.is_some() {
            return Err(refuse("it is more than one aggregate of one dataset"));
        }
        let of = |t: &crate::scope::Table<'_>| t.answers_to(&rest.dataset);
        let Some(home) = self.scope.tables.iter().position(of) else {
            return Err(refuse("its dataset is not one of the question's"));
        };
        let outer = self.scope.home.replace(home);
        let built = Builder { scope: &mut *self.scope, rows: rest.filter.as_ref() }.aggregate(part, &path, depth);
        self.scope.home = outer;
        let built = built.map_err(|e| refuse(e.message.trim_end_matches('.')))?;
        Ok(Aggregate { label: metric.name.clone(), format: Some(metric.format.clone()), ..built })
    }

    /// One aggregate: over the rows of its home, of which each counts once.
    fn atom(&mut self, aggregate: Call, before: usize, rows: Rows, path: &Path<'_>) -> Result<Value> {
        let Call { call, mut conditions, is_list } = aggregate;
        if let Some(filter) = self.rows {
            conditions.push(filter::rows(self.scope, filter, path)?);
        }
        let used: BTreeSet<usize> = self.scope.reads[before..].iter().map(|(table, _)| *table).collect();
        let (first, counts, can_repeat) = match rows {
            Rows::Of(home) => (home, true, true),
            Rows::WithValue { home, counts, can_repeat } => (home, counts, can_repeat),
        };
        let home = join::home(self.scope, &used, &[first], path)?;
        let is_repeated = can_repeat && join::repeats(self.scope, home);
        let reads = self.scope.reads[before..].iter().map(|(_, name)| name.clone()).collect();
        let id = if is_repeated || home > 0 && matches!(rows, Rows::Of(_)) { Some(self.scope.id(home)) } else { None };
        // A join that finds nothing makes no row of its dataset.
        if home > 0 && matches!(rows, Rows::Of(_)) && !is_repeated {
            conditions.extend(id.as_deref().map(sql::is_not_null));
        }
        let sql = if conditions.is_empty() { call } else { sql::filtered(&call, &sql::all(&conditions)) };
        let sql = if is_list { self.scope.clock.db.element(&sql::group(&sql), 1) } else { sql };
        let repeated = id.filter(|_| is_repeated).map(|id| Repeated { home, id, reads });
        Ok(Value::Atom(Atom { sql, repeated, counts }))
    }

    fn count_if(&mut self, measure: &Measure, path: &Path<'_>) -> Result<Aggregate> {
        let path = path.key("filter");
        let Some(filter) = &measure.filter else {
            return Err(path.refuse("count_if needs a `filter` that says which rows count."));
        };
        let before = self.scope.reads.len();
        let condition = filter::rows(self.scope, filter, &path)?;
        let home = self.scope.home.unwrap_or(0);
        let value =
            self.atom(Call { conditions: vec![condition], ..Call::from("count(*)") }, before, Rows::Of(home), &path)?;
        Ok(of_rows(value, Agg::CountIf))
    }

    /// A division; by zero there is no value.
    fn ratio(&mut self, measure: &Measure, path: &Path<'_>, depth: usize) -> Result<Aggregate> {
        if depth >= MAX_DEPTH {
            return Err(path.refuse(format!("Ratios may lie at most {MAX_DEPTH} deep in one another.")));
        }
        let mut side = |given: Option<&Measure>, key: &'static str| {
            let path = path.key(key);
            let Some(part) = given else {
                return Err(path.refuse(format!("A ratio needs a `{key}`.")));
            };
            let part = self.aggregate(part, &path, depth + 1)?;
            if part.ty.is_number() {
                Ok(part)
            } else {
                Err(path.refuse(format!("A ratio needs numbers; {} is not one.", part.label)))
            }
        };
        let above = side(measure.numerator.as_deref(), "numerator")?;
        let below = side(measure.denominator.as_deref(), "denominator")?;
        Ok(Aggregate {
            label: format!("{} / {}", above.label, below.label),
            value: Value::Ratio(Box::new(above.value), Box::new(below.value)),
            ty: DataType::Float,
            format: None,
            is_sum: false,
            has_parts: false,
        })
    }

    fn of_column(&mut self, measure: &Measure, agg: Agg, path: &Path<'_>) -> Result<Aggregate> {
        let place = path.key("column");
        let Some(name) = &measure.column else {
            return Err(place.refuse(format!("The aggregate {} needs a `column`.", agg.name())));
        };
        let before = self.scope.reads.len();
        let of = self.scope.column(name, &place)?;
        let column = of.column;
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
        let (value, db) = (of.sql.clone(), self.scope.clock.db);
        let (mut conditions, mut is_list) = (Vec::new(), false);
        let as_double = |value: &str| as_double(column, value, db);
        let call = match agg {
            Agg::CountDistinct => db.distinct(&value, false),
            Agg::Avg => db.avg(&value),
            Agg::Sum => db.sum(&value, column.ty),
            Agg::Min | Agg::Max => db.extreme(&agg.name(), &value, column.ty),
            Agg::Stddev => {
                // An infinity has no deviation: the database would refuse the whole question.
                if column.ty == DataType::Float {
                    conditions.push(db.is_finite(&value, column.ty));
                }
                db.stddev(&value)
            }
            Agg::Median => db.quantile(&as_double(&value), "0.5"),
            Agg::P(p) => {
                label = percentile_label(f64::from(p));
                db.quantile(&as_double(&value), &fraction(f64::from(p)))
            }
            Agg::Percentile => {
                let p = percentile(measure, path)?;
                label = percentile_label(p);
                db.quantile(&as_double(&value), &fraction(p))
            }
            Agg::First | Agg::Last => {
                let by = self.by(measure, path)?;
                let picked = db.picked(&value, &by.sql, by.column.ty, agg == Agg::First);
                conditions.extend(picked.conditions);
                is_list = picked.is_list;
                picked.call
            }
            _ => sql::call(&agg.name(), &[&value]),
        };
        let ty = match agg {
            Agg::Count | Agg::CountDistinct => DataType::Integer,
            Agg::Sum | Agg::Min | Agg::Max | Agg::First | Agg::Last => column.ty,
            _ => DataType::Float,
        };
        let format = if counts || agg == Agg::Stddev { None } else { column.format.clone() };
        let can_repeat = !matches!(agg, Agg::CountDistinct | Agg::Min | Agg::Max | Agg::First | Agg::Last);
        let rows = Rows::WithValue { home: of.table, counts, can_repeat };
        let value = self.atom(Call { call, conditions, is_list }, before, rows, path)?;
        let is_sum = matches!(agg, Agg::Count | Agg::Sum) && !value.is_repeated();
        let has_parts = matches!(agg, Agg::Count | Agg::Sum | Agg::CountDistinct);
        Ok(Aggregate { value, ty, label: format!("{label} of {}", column.label), format, is_sum, has_parts })
    }

    /// The column whose smallest or largest value picks the row.
    fn by(&mut self, measure: &Measure, path: &Path<'_>) -> Result<Ref<'a>> {
        let path = path.key("by");
        let Some(name) = &measure.by else {
            return Err(path.refuse("First and last need `by`: the column that orders the rows."));
        };
        let of = self.scope.column(name, &path)?;
        if of.column.ty == DataType::Other {
            return Err(path.refuse(format!("The values of `{name}` have no order.")));
        }
        Ok(of)
    }
}

/// An aggregate as it is called.
struct Call {
    call: String,
    conditions: Vec<String>,
    /// Whether the result is the first element of what it gives.
    is_list: bool,
}

impl From<&str> for Call {
    fn from(call: &str) -> Self {
        Self { call: call.to_owned(), conditions: Vec::new(), is_list: false }
    }
}

/// The rows that an aggregate is about.
#[derive(Clone, Copy)]
enum Rows {
    /// All of a dataset, whether they have values or not.
    Of(usize),
    /// Those with a value: others change nothing.
    WithValue { home: usize, counts: bool, can_repeat: bool },
}

fn of_rows(value: Value, agg: Agg) -> Aggregate {
    let is_sum = !value.is_repeated();
    Aggregate { value, ty: DataType::Integer, label: agg.label(), format: None, is_sum, has_parts: true }
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

/// Interpolation between decimals or small floats would be rounded to their own precision.
fn as_double(column: &Column, value: &str, db: Spelling) -> String {
    if column.ty == DataType::Integer { value.to_owned() } else { sql::cast(value, db.double()) }
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
