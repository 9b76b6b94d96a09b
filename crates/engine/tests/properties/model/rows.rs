//! The rows that a question is about: joined by polars, each with the number of the row of each
//! dataset that it is made of.

use super::value::Value;
use crate::tables::Sheet;
use domain::DataType;
use domain::query::{JoinKind, Query};
use polars::prelude::{
    AnyValue, BooleanChunked, Column, DataFrame, DataFrameJoinOps, IdxCa, Int64Chunked, IntoColumn, JoinArgs,
    JoinCoalesce, JoinType, NewChunkedArray, Series,
};

/// A column of one of the datasets, under the name that it has among all.
#[derive(Clone, Debug)]
pub struct Known {
    pub table: usize,
    pub name: String,
    pub full: String,
    pub ty: DataType,
    pub digits: u32,
    /// The latest value of a time, over all rows of its dataset.
    pub latest: Option<Value>,
}

pub struct Rows<'a> {
    pub frame: DataFrame,
    pub tables: Vec<&'a Sheet>,
    qualifiers: Vec<String>,
    known: Vec<Known>,
}

fn full(table: usize, name: &str) -> String {
    format!("{table}.{name}")
}

/// The column with the number of the row of a dataset.
fn number(table: usize) -> String {
    format!("#{table}")
}

/// A dataset with its columns under their full names, its rows numbered.
fn named(sheet: &Sheet, table: usize) -> DataFrame {
    let mut frame = sheet.frame.clone();
    let rows: Vec<i64> = (0..frame.height() as i64).collect();
    let names: Vec<String> = sheet.columns.iter().map(|c| full(table, &c.name)).collect();
    frame.set_column_names(&names).unwrap();
    frame.with_column(Int64Chunked::from_slice(number(table).into(), &rows).into_column()).unwrap();
    frame
}

impl<'a> Rows<'a> {
    pub fn read(sheets: &'a [Sheet], query: &Query) -> Self {
        let find = |name: &str| sheets.iter().find(|s| s.name == name).unwrap();
        let base = find(&query.dataset);
        let mut rows = Self { frame: named(base, 0), tables: Vec::new(), qualifiers: Vec::new(), known: Vec::new() };
        rows.add(base, &query.dataset);
        for join in &query.joins {
            let other = find(&join.dataset);
            let table = rows.tables.len();
            let here: Vec<String> = join.on.iter().map(|(here, _)| rows.find(here).full.clone()).collect();
            let there: Vec<String> = join.on.iter().map(|(_, there)| full(table, there)).collect();
            let kind = if join.kind == JoinKind::Inner { JoinType::Inner } else { JoinType::Left };
            let args = JoinArgs::new(kind).with_coalesce(JoinCoalesce::KeepColumns);
            rows.frame = rows.frame.join(&named(other, table), here, there, args, None).unwrap();
            rows.add(other, join.qualifier());
        }
        rows
    }

    fn add(&mut self, sheet: &'a Sheet, qualifier: &str) {
        let table = self.tables.len();
        let known = |(at, c): (usize, &domain::Column)| {
            let mut known = sheet.known(at);
            let all = sheet.frame.column(&c.name).unwrap();
            let values = (0..all.len()).map(|i| value(&all.get(i).unwrap(), &known));
            known.latest = c.ty.is_time().then(|| values.filter(|v| !v.is_null()).max()).flatten();
            Known { table, full: full(table, &c.name), ..known }
        };
        self.known.extend(sheet.columns.iter().enumerate().map(known));
        self.tables.push(sheet);
        self.qualifiers.push(qualifier.to_owned());
    }

    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// The column of a name: its own, or with its dataset before it.
    pub fn find(&self, name: &str) -> &Known {
        let own = self.known.iter().find(|k| k.name == name);
        let qualified = || self.known.iter().find(|k| format!("{}.{}", self.qualifiers[k.table], k.name) == name);
        own.or_else(qualified).unwrap_or_else(|| panic!("no column {name}"))
    }

    /// Some values of a column, as polars has them.
    pub fn some(&self, column: &Known, rows: &[usize]) -> Series {
        let at = IdxCa::from_vec("at".into(), rows.iter().map(|r| *r as u32).collect());
        self.frame.column(&column.full).unwrap().as_materialized_series().take(&at).unwrap()
    }

    pub fn value(&self, column: &Known, row: usize) -> Value {
        value(&self.frame.column(&column.full).unwrap().get(row).unwrap(), column)
    }

    /// The number of the row of a dataset, where there is one.
    pub fn row_of(&self, table: usize, row: usize) -> Option<i64> {
        match self.frame.column(&number(table)).unwrap().get(row).unwrap() {
            AnyValue::Int64(n) => Some(n),
            _ => None,
        }
    }

    /// Only the rows for which it is true.
    pub fn keep(&mut self, is_kept: &[bool]) {
        self.frame = self.frame.filter(&BooleanChunked::from_slice("kept".into(), is_kept)).unwrap();
    }

    /// The same rows with other instants or days in one column.
    pub fn with(&self, column: &Known, values: Vec<Option<i64>>) -> Self {
        let old = self.frame.column(&column.full).unwrap();
        let new = Int64Chunked::from_iter_options(column.full.as_str().into(), values.into_iter());
        let new: Column = new.into_column().cast(old.dtype()).unwrap();
        let mut frame = self.frame.clone();
        frame.with_column(new).unwrap();
        Self { frame, tables: self.tables.clone(), qualifiers: self.qualifiers.clone(), known: self.known.clone() }
    }

    /// Whether a row of one dataset is known from a row of another: all its joins are by unique columns.
    pub fn is_known_from(&self, query: &Query, home: usize, table: usize) -> bool {
        let mut known = vec![home];
        for _ in 0..self.tables.len() {
            for (i, join) in query.joins.iter().enumerate() {
                let there: Vec<&String> = join.on.iter().map(|(_, there)| there).collect();
                let here: Vec<&Known> = join.on.iter().map(|(here, _)| self.find(here)).collect();
                let unique = |table: usize, columns: &[&String]| {
                    self.tables[table].unique.iter().any(|key| key.iter().all(|k| columns.contains(&k)))
                };
                if here.iter().all(|k| known.contains(&k.table)) && unique(i + 1, &there) {
                    known.push(i + 1);
                }
                let own: Vec<&String> = here.iter().map(|k| &k.name).collect();
                if known.contains(&(i + 1)) && unique(here[0].table, &own) {
                    known.push(here[0].table);
                }
            }
        }
        known.contains(&table)
    }
}

pub fn value(cell: &AnyValue<'_>, column: &Known) -> Value {
    let whole = |n: i64| match column.ty {
        DataType::Decimal => Value::Decimal(n.into(), column.digits),
        DataType::Time => Value::Time(n),
        _ => Value::Int(n.into()),
    };
    match cell {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(b) => Value::Bool(*b),
        AnyValue::Int64(n) => whole(*n),
        AnyValue::Float64(f) => Value::Float(*f),
        AnyValue::String(t) => Value::Text((*t).to_owned()),
        AnyValue::StringOwned(t) => Value::Text(t.to_string()),
        AnyValue::Date(d) => Value::Date((*d).into()),
        AnyValue::Datetime(t, ..) | AnyValue::DatetimeOwned(t, ..) => Value::Instant(*t),
        other => panic!("{other:?}"),
    }
}
