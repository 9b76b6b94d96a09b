//! The value of a measure over some rows. Each row of the dataset that a measure is about counts
//! once, however often a join repeats it.

use super::filter::{Clock, holds};
use super::rows::{Known, Rows, value};
use super::value::Value;
use super::{Model, operand};
use domain::DataType;
use domain::query::{Agg, Measure};
use polars::prelude::{ChunkQuantile, DataType as Type, QuantileMethod, Series};
use std::collections::BTreeSet;

/// The first joined row of each row of a dataset.
fn once(rows: &Rows<'_>, home: usize, of: &[usize]) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    of.iter().copied().filter(|row| rows.row_of(home, *row).is_some_and(|id| seen.insert(id))).collect()
}

impl Model<'_> {
    /// The value of a measure over these rows.
    pub fn measure(&self, rows: &Rows<'_>, measure: &Measure, of: &[usize]) -> Value {
        match measure.agg.unwrap() {
            Agg::Count if measure.column.is_none() => Value::Int(once(rows, 0, of).len() as i128),
            Agg::CountIf => self.count_if(rows, measure, of),
            Agg::Ratio => {
                let side = |m: &Option<Box<Measure>>| self.measure(rows, m.as_ref().unwrap(), of).number();
                match (side(&measure.numerator), side(&measure.denominator)) {
                    (Some(a), Some(b)) if b != 0.0 => Value::Float(a / b),
                    _ => Value::Null,
                }
            }
            agg => {
                let column = rows.find(measure.column.as_ref().unwrap());
                aggregate(rows, measure, agg, column, &once(rows, column.table, of))
            }
        }
    }

    /// How many rows pass: of the question's own dataset where each of them has one value of what the
    /// filter tests, else of the dataset that it tests.
    fn count_if(&self, rows: &Rows<'_>, measure: &Measure, of: &[usize]) -> Value {
        let filter = measure.filter.as_ref().unwrap();
        let mut table = 0;
        filter.each(&mut |test| table = rows.find(&test.column).table);
        let home = if rows.is_known_from(self.query, 0, table) { 0 } else { table };
        let clock: &Clock = &self.clock;
        let passes = |row: &&usize| holds(filter, &|name| operand(rows, name, **row), clock);
        Value::Int(once(rows, home, of).iter().filter(passes).count() as i128)
    }
}

fn aggregate(rows: &Rows<'_>, measure: &Measure, agg: Agg, column: &Known, of: &[usize]) -> Value {
    let all = rows.some(column, of).drop_nulls();
    let values = || all.iter().map(|cell| value(&cell, column));
    match agg {
        Agg::Count => Value::Int(all.len() as i128),
        Agg::CountDistinct => Value::Int(all.n_unique().unwrap() as i128),
        Agg::Sum => match column.ty {
            // An integer of 64 bits does not hold what 64 of them add up to.
            DataType::Integer | DataType::Decimal => values().fold(Value::Null, |sum, v| sum.plus(&v)),
            _ if all.is_empty() => Value::Null,
            _ => Value::Float(all.sum::<f64>().unwrap()),
        },
        Agg::Avg => match column.ty {
            DataType::Integer | DataType::Decimal => {
                // One division, so that equal averages are equal.
                match values().fold(Value::Null, |sum, v| sum.plus(&v)) {
                    Value::Int(sum) => Value::Float(sum as f64 / all.len() as f64),
                    Value::Decimal(sum, digits) => {
                        Value::Float(sum as f64 / (all.len() as f64 * 10_f64.powi(digits as i32)))
                    }
                    _ => Value::Null,
                }
            }
            _ => all.mean().map_or(Value::Null, Value::Float),
        },
        Agg::Min => values().min().unwrap_or(Value::Null),
        Agg::Max => values().max().unwrap_or(Value::Null),
        // The infinities have no deviation, and one value has none.
        Agg::Stddev => {
            let finite = doubles(&all, column).into_iter().filter(|f| f.is_finite());
            let finite: Series = Series::from_iter(finite);
            finite.std(1).map_or(Value::Null, Value::Float)
        }
        Agg::Median => quantile(&all, column, 0.5),
        Agg::P(p) => quantile(&all, column, f64::from(p) / 100.0),
        Agg::Percentile => quantile(&all, column, measure.p.unwrap() / 100.0),
        Agg::First | Agg::Last => {
            let by = rows.find(measure.by.as_ref().unwrap());
            let read = |row: &usize| (rows.value(by, *row), rows.value(column, *row));
            let known = of.iter().map(read).filter(|(by, value)| !by.is_null() && !value.is_null());
            let found = if agg == Agg::First { known.min() } else { known.max() };
            found.map_or(Value::Null, |(_, value)| value)
        }
        Agg::CountIf | Agg::Ratio => panic!("no aggregate of a column"),
    }
}

/// Numbers as doubles.
fn doubles(all: &Series, column: &Known) -> Vec<f64> {
    all.iter().filter_map(|cell| value(&cell, column).number()).collect()
}

/// The value between the two that lie nearest.
fn quantile(all: &Series, column: &Known, p: f64) -> Value {
    let numbers: Series = Series::from_iter(doubles(all, column)).cast(&Type::Float64).unwrap();
    let found = numbers.f64().unwrap().quantile(p, QuantileMethod::Linear).unwrap();
    found.map_or(Value::Null, Value::Float)
}
