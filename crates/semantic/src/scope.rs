//! What a question may name: the dataset's columns and the clock. It remembers which columns were
//! used, so that the scan reads no others.

use crate::dialect::duckdb;
use crate::path::Path;
use crate::sql;
use crate::zone::Zone;
use crate::{Context, Source};
use domain::{Column, DataType, Error, ErrorCode, Result, names};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The relation that every column of a question is read from.
pub(crate) const ROWS: &str = "t";

/// Something that can be tested: a column, or an output in `having`.
pub(crate) struct Operand<'a> {
    pub(crate) sql: String,
    pub(crate) ty: DataType,
    pub(crate) name: &'a str,
}

/// What time it is, and where.
#[derive(Clone, Copy)]
pub(crate) struct Clock<'a> {
    pub(crate) zone: &'a Zone,
    pub(crate) now: Timestamp,
    /// The latest value of columns; absent where there are no columns.
    pub(crate) latest: Option<&'a BTreeMap<String, String>>,
}

/// The names of a question and what it uses of them.
pub(crate) struct Scope<'a> {
    pub(crate) clock: Clock<'a>,
    pub(crate) source: &'a Source<'a>,
    used: BTreeSet<&'a str>,
    local: BTreeMap<&'a str, String>,
}

impl<'a> Scope<'a> {
    /// Nothing used yet.
    pub(crate) fn new(ctx: &'a Context<'a>, zone: &'a Zone) -> Self {
        let clock = Clock { zone, now: ctx.now, latest: Some(ctx.latest) };
        Self { clock, source: &ctx.source, used: BTreeSet::new(), local: BTreeMap::new() }
    }

    /// The column of that name, from now on part of the scan.
    pub(crate) fn column(&mut self, name: &str, path: &Path<'_>) -> Result<&'a Column> {
        let column = find(self.source, name, path)?;
        self.used.insert(&column.name);
        Ok(column)
    }

    /// The same as something to test.
    pub(crate) fn operand(&mut self, name: &str, path: &Path<'_>) -> Result<Operand<'a>> {
        let column = self.column(name, path)?;
        Ok(Operand { sql: read(column), ty: column.ty, name: &column.name })
    }

    /// A timestamp column in local time: a column of the scan, so that it is worked out once a row.
    pub(crate) fn local(&mut self, column: &'a Column) -> String {
        if self.clock.zone.is_utc() || column.ty == DataType::Date {
            return read(column);
        }
        let taken = |name: &str| self.source.columns.iter().any(|c| c.name.eq_ignore_ascii_case(name));
        let mut name = format!("{} (local)", column.name);
        while taken(&name) {
            name.push('*');
        }
        sql::column(ROWS, self.local.entry(&column.name).or_insert(name))
    }

    /// The columns used, in the dataset's order.
    pub(crate) fn used(&self) -> Vec<&'a Column> {
        self.source.columns.iter().filter(|c| self.used.contains(c.name.as_str())).collect()
    }

    /// The items of the scan that hold local times.
    pub(crate) fn local_items(&self) -> Vec<String> {
        let item = |(column, name): (&&str, &String)| {
            sql::named(&duckdb::to_local(&sql::column(ROWS, column), self.clock.zone), name)
        };
        self.local.iter().map(item).collect()
    }
}

/// `t."name"`.
pub(crate) fn read(column: &Column) -> String {
    sql::column(ROWS, &column.name)
}

/// The column of that name, or an error that helps.
pub(crate) fn find<'a>(source: &Source<'a>, name: &str, path: &Path<'_>) -> Result<&'a Column> {
    source.columns.iter().find(|c| c.name == name).ok_or_else(|| {
        let known = source.columns.iter().map(|c| c.name.as_str());
        unknown(&format!("The dataset `{}` has no column `{}`.", source.name, shorten(name)), name, known, path)
    })
}

/// An error about a name that nothing has, with the nearest one that something has.
pub(crate) fn unknown<'a>(
    message: &str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    path: &Path<'_>,
) -> Error {
    let hint = match names::nearest(&shorten(name), known.clone()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("There are {}.", known.take(12).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")),
    };
    path.error(ErrorCode::UnknownColumn, message).hint(hint)
}

/// A name from outside, short enough to be repeated in a sentence.
pub(crate) fn shorten(name: &str) -> String {
    name.chars().take(80).collect()
}
