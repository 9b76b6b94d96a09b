//! What a question may name: the columns of its datasets, and the clock. It remembers which columns
//! were used, so that the scans read no others.

use crate::calendar::Calendar;
use crate::dialect::{Spelling, Unit};
use crate::expression;
use crate::join::{self, Link};
use crate::path::Path;
use crate::sql;
use crate::zone::Zone;
use crate::{Context, Dataset};
use domain::query::Query;
use domain::{Column, DataType, Error, ErrorCode, Result, names};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The relation that every column of a question is read from.
pub(crate) const ROWS: &str = "t";

/// The longest SQL of a calculated column, with those that it is made of.
const MAX_EXPRESSION: usize = 100_000;

/// Something that can be tested: a column, or an output in `having`.
pub(crate) struct Operand<'a> {
    pub(crate) sql: String,
    pub(crate) ty: DataType,
    pub(crate) name: &'a str,
    /// The latest value, where it is known; `None` for what is no column.
    pub(crate) latest: Option<Option<&'a str>>,
}

/// What time it is, and where.
#[derive(Clone, Copy)]
pub(crate) struct Clock<'a> {
    pub(crate) zone: &'a Zone,
    pub(crate) now: Timestamp,
    pub(crate) calendar: Calendar,
    /// How the database writes that is asked.
    pub(crate) db: Spelling,
}

/// A column that a question names.
#[derive(Clone)]
pub(crate) struct Ref<'a> {
    pub(crate) column: &'a Column,
    /// Which dataset it is of: 0 is the question's own, then its joins.
    pub(crate) table: usize,
    /// What reads it from [`ROWS`].
    pub(crate) sql: String,
}

/// A dataset of the question, and what is used of it.
pub(crate) struct Table<'a> {
    pub(crate) dataset: &'a Dataset<'a>,
    /// What may stand before the point in `airlines.name`.
    qualifiers: [&'a str; 2],
    /// Stored columns that the scan reads.
    pub(crate) stored: BTreeSet<&'a str>,
    /// Columns that the scan works out, `(name, SQL)`.
    pub(crate) computed: Vec<(String, String)>,
    /// What the question reads of it: the scan's name and the name in [`ROWS`].
    pub(crate) exposed: Vec<(String, String)>,
    /// The scan's name of the column that tells its rows apart, once it is needed.
    pub(crate) id: Option<String>,
    /// Conditions on the rows that are read.
    pub(crate) conditions: Vec<String>,
}

/// A column read as if it were later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shift<'a> {
    pub(crate) table: usize,
    pub(crate) column: &'a str,
    pub(crate) n: u32,
    pub(crate) unit: Unit,
    /// Whether moments without a counterpart are left out.
    pub(crate) is_exact: bool,
    /// Whether no condition leaves out rows without a time, which were not earlier either.
    pub(crate) is_open: bool,
}

impl Shift<'_> {
    /// Whether it is counted on no calendar.
    fn is_elapsed(&self) -> bool {
        matches!(self.unit, Unit::Second | Unit::Minute | Unit::Hour)
    }
}

/// The names of a question and what it uses of them.
pub(crate) struct Scope<'a> {
    pub(crate) clock: Clock<'a>,
    pub(crate) ctx: &'a Context<'a>,
    pub(crate) tables: Vec<Table<'a>>,
    pub(crate) links: Vec<Link<'a>>,
    pub(crate) shift: Option<Shift<'a>>,
    /// The dataset that unqualified names mean: that of a metric.
    pub(crate) home: Option<usize>,
    /// The columns read so far, in their order, repeats and all.
    pub(crate) reads: Vec<(usize, String)>,
}

impl<'a> Scope<'a> {
    /// The datasets of a question, its joins checked; nothing used yet.
    pub(crate) fn new(
        query: &'a Query,
        ctx: &'a Context<'a>,
        clock: Clock<'a>,
        shift: Option<Shift<'a>>,
    ) -> Result<Self> {
        let base = Table::new(&ctx.base, [&query.dataset, ctx.base.source.name]);
        let scope = Self { clock, ctx, tables: vec![base], links: Vec::new(), shift, home: None, reads: Vec::new() };
        join::add_all(scope, query)
    }

    /// Adds the dataset of a join.
    pub(crate) fn add_table(&mut self, dataset: &'a Dataset<'a>, qualifiers: [&'a str; 2]) {
        self.tables.push(Table::new(dataset, qualifiers));
    }

    /// Whether that name already stands for a dataset.
    pub(crate) fn has_qualifier(&self, name: &str) -> bool {
        self.tables.iter().any(|t| t.qualifiers[0] == name)
    }

    /// The column of that name, from now on part of the scan.
    pub(crate) fn column(&mut self, name: &str, path: &Path<'_>) -> Result<Ref<'a>> {
        let (table, column) = self.find(name, path)?;
        self.column_of(table, column, path)
    }

    /// A column of a dataset, from now on part of the scan.
    pub(crate) fn column_of(&mut self, table: usize, column: &'a Column, path: &Path<'_>) -> Result<Ref<'a>> {
        let inner = self.scan(table, column, path)?;
        let sql = self.expose(table, &inner);
        Ok(Ref { column, table, sql })
    }

    /// The same as something to test.
    pub(crate) fn operand(&mut self, name: &str, path: &Path<'_>) -> Result<Operand<'a>> {
        let found = self.column(name, path)?;
        let latest = self.tables[found.table].dataset.latest.get(&found.column.name).map(String::as_str);
        Ok(Operand { sql: found.sql, ty: found.column.ty, name: &found.column.name, latest: Some(latest) })
    }

    /// A timestamp column in local time: a column of the scan, so that it is worked out once a row.
    pub(crate) fn local(&mut self, of: &Ref<'a>, path: &Path<'_>) -> Result<String> {
        if self.clock.zone.is_utc() || of.column.ty == DataType::Date {
            return Ok(of.sql.clone());
        }
        let raw = self.raw(of.table, of.column, path)?;
        let (zone, ty, db) = (self.clock.zone, of.column.ty, self.clock.db);
        let local = match self.shift_of(of.table, of.column) {
            Some(shift) if shift.is_elapsed() => {
                db.to_local(&sql::group(&db.later(&raw, shift.n, shift.unit, ty)), zone)
            }
            Some(shift) => db.later(&sql::group(&db.to_local(&raw, zone)), shift.n, shift.unit, ty),
            None => db.to_local(&raw, zone),
        };
        let inner = self.compute(of.table, &format!("{} (local)", of.column.name), local);
        Ok(self.expose(of.table, &inner))
    }

    /// What tells the rows of a dataset apart; NULL where a join found none.
    pub(crate) fn id(&mut self, table: usize) -> String {
        let at = &self.tables[table];
        let name = at.id.clone().unwrap_or_else(|| at.free("(row)"));
        self.tables[table].id = Some(name.clone());
        self.expose(table, &name)
    }

    /// The dataset and the column that a name means.
    pub(crate) fn find(&self, name: &str, path: &Path<'_>) -> Result<(usize, &'a Column)> {
        if let Some(home) = self.home {
            let found = self.tables[home].dataset.find(name).ok_or_else(|| self.unknown(name, path))?;
            return Ok((home, found));
        }
        let found: Vec<(usize, &'a Column)> =
            self.tables.iter().enumerate().filter_map(|(i, t)| Some((i, t.dataset.find(name)?))).collect();
        match found.as_slice() {
            [one] => return Ok(*one),
            [] => {}
            [first, rest @ ..] => {
                // The columns that a join makes equal are one.
                let is_same = |(i, _): &(usize, &Column)| join::equates(&self.links, *i, name, first.0);
                if rest.iter().all(is_same) {
                    return Ok(*first);
                }
                let names: Vec<String> = found
                    .iter()
                    .map(|(i, _)| format!("`{}.{}`", self.tables[*i].qualifiers[0], shorten(name)))
                    .collect();
                return Err(path
                    .error(ErrorCode::UnknownColumn, format!("More than one dataset has a column `{}`.", shorten(name)))
                    .hint(format!("Write {}.", names.join(" or "))));
            }
        }
        for (i, table) in self.tables.iter().enumerate() {
            for qualifier in table.qualifiers {
                let rest = name.strip_prefix(qualifier).and_then(|rest| rest.strip_prefix('.'));
                if let Some(column) = rest.and_then(|rest| table.dataset.find(rest)) {
                    return Ok((i, column));
                }
            }
        }
        Err(self.unknown(name, path))
    }

    /// A column of a dataset by its own name.
    pub(crate) fn find_in(&self, table: usize, name: &str) -> Option<(usize, &'a Column)> {
        Some((table, self.tables.get(table)?.dataset.find(name)?))
    }

    fn unknown(&self, name: &str, path: &Path<'_>) -> Error {
        let short = shorten(name);
        let qualified = self.tables.iter().find_map(|t| {
            let rest = t.qualifiers.iter().find_map(|q| name.strip_prefix(q)?.strip_prefix('.'))?;
            Some((t, rest))
        });
        if let [only] = self.tables.as_slice() {
            let known = only.dataset.columns().map(|c| c.name.as_str());
            let message = format!("The dataset `{}` has no column `{short}`.", only.dataset.source.name);
            return unknown(&message, name, known, path);
        }
        if let Some((table, rest)) = qualified {
            let error = path.error(
                ErrorCode::UnknownColumn,
                format!("The dataset `{}` has no column `{}`.", table.qualifiers[0], shorten(rest)),
            );
            return match table.dataset.nearest(&shorten(rest)) {
                Some(near) => error.hint(format!("Did you mean `{}.{near}`?", table.qualifiers[0])),
                None => error,
            };
        }
        let known: Vec<&str> = self.tables.iter().flat_map(|t| t.dataset.columns().map(|c| c.name.as_str())).collect();
        unknown(&format!("None of the datasets has a column `{short}`."), name, known.into_iter(), path)
    }

    /// What a column is in its scan: its own name, or that of a column worked out.
    fn scan(&mut self, table: usize, column: &'a Column, path: &Path<'_>) -> Result<String> {
        let raw = self.raw(table, column, path)?;
        if let Some(shift) = self.shift_of(table, column) {
            let moved = self.shifted(&raw, column.ty, &shift);
            return Ok(self.compute(table, &format!("{} (shifted)", column.name), moved));
        }
        let is_stored = raw == sql::column(ROWS, &column.name);
        if is_stored {
            return Ok(column.name.clone());
        }
        Ok(self.compute_as(table, &column.name, raw))
    }

    /// The expression that reads a column where its dataset is scanned.
    pub(crate) fn raw(&mut self, table: usize, column: &'a Column, path: &Path<'_>) -> Result<String> {
        let dataset = self.tables[table].dataset;
        if let Some(mask) = dataset.policy.masked.get(&column.name) {
            let value = self.value(table, column, path)?;
            return Ok(mask.sql(&value, column.ty, self.clock.db));
        }
        let value = self.value(table, column, path)?;
        match dataset.scaled.get(&column.name).filter(|factor| column.ty == DataType::Float && factor.is_finite()) {
            Some(factor) => {
                let number = sql::cast(&value, self.clock.db.type_name(column.ty));
                Ok(sql::group(&sql::binary(&number, "*", &sql::double(*factor))))
            }
            None => Ok(value),
        }
    }

    /// The same without its mask.
    fn value(&mut self, table: usize, column: &'a Column, path: &Path<'_>) -> Result<String> {
        let dataset = self.tables[table].dataset;
        let Some(at) = dataset.calculated.iter().position(|c| std::ptr::eq(&raw const c.column, column)) else {
            self.tables[table].stored.insert(&column.name);
            return Ok(sql::column(ROWS, &column.name));
        };
        // One may use those before it, and none that its reader may not name.
        let earlier = &dataset.calculated[..at];
        let clock = self.clock;
        let known: Vec<&str> = dataset.columns().map(|c| c.name.as_str()).collect();
        let compiled = expression::compile(&dataset.calculated[at].expression, &clock, &known, &mut |name| {
            let found = dataset.find(name)?;
            let is_calculated = dataset.calculated.iter().any(|c| std::ptr::eq(&raw const c.column, found));
            if is_calculated && !earlier.iter().any(|c| std::ptr::eq(&raw const c.column, found)) {
                return None;
            }
            Some((self.raw(table, found, path).ok()?, found.ty))
        });
        let compiled = compiled.map_err(|e| {
            path.refuse(format!("The calculated column `{}` cannot be worked out: {}", column.name, e.message))
                .hint(e.hint.unwrap_or_else(|| "Mend its expression.".to_owned()))
        })?;
        if compiled.sql.len() > MAX_EXPRESSION {
            return Err(path.refuse(format!("The calculated column `{}` is made of too many others.", column.name)));
        }
        if compiled.ty != column.ty {
            let (was, is) = (column.ty.as_str(), compiled.ty.as_str());
            return Err(path
                .refuse(format!("The calculated column `{}` is now {is} instead of {was}.", column.name))
                .hint("Save it again, so that its new type is known."));
        }
        Ok(sql::group(&compiled.sql))
    }

    fn shift_of(&self, table: usize, column: &Column) -> Option<Shift<'a>> {
        self.shift.filter(|s| s.table == table && s.column == column.name)
    }

    fn shifted(&mut self, raw: &str, ty: DataType, shift: &Shift<'a>) -> String {
        let (zone, db) = (self.clock.zone, self.clock.db);
        let is_plain = ty == DataType::Date || zone.is_utc() || shift.is_elapsed();
        // Months and days are counted on the zone's own calendar.
        let local = if is_plain { raw.to_owned() } else { sql::group(&db.to_local(raw, zone)) };
        if shift.is_exact {
            let condition = db.has_counterpart(&local, shift.n, shift.unit);
            let conditions = &mut self.tables[shift.table].conditions;
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        let moved = db.later(&local, shift.n, shift.unit, ty);
        if is_plain { moved } else { db.to_utc(&moved, zone) }
    }

    /// A column that the scan works out, under a name that no column has.
    fn compute(&mut self, table: usize, name: &str, expr: String) -> String {
        let name = self.tables[table].free(name);
        self.compute_as(table, &name, expr)
    }

    fn compute_as(&mut self, table: usize, name: &str, expr: String) -> String {
        let computed = &mut self.tables[table].computed;
        if !computed.iter().any(|(n, _)| n == name) {
            computed.push((name.to_owned(), expr));
        }
        name.to_owned()
    }

    /// What reads a column of a scan from [`ROWS`].
    fn expose(&mut self, table: usize, inner: &str) -> String {
        let known = self.tables[table].exposed.iter().find(|(i, _)| i == inner).map(|(_, o)| o.clone());
        let outer = known.unwrap_or_else(|| {
            let outer = if table == 0 {
                inner.to_owned()
            } else {
                // The number tells datasets apart whose names and columns have points in them.
                self.tables[0].free(&format!("{table}.{inner}"))
            };
            self.tables[table].exposed.push((inner.to_owned(), outer.clone()));
            outer
        });
        self.reads.push((table, outer.clone()));
        sql::column(ROWS, &outer)
    }
}

impl<'a> Table<'a> {
    fn new(dataset: &'a Dataset<'a>, qualifiers: [&'a str; 2]) -> Self {
        Self {
            dataset,
            qualifiers,
            stored: BTreeSet::new(),
            computed: Vec::new(),
            exposed: Vec::new(),
            id: None,
            conditions: Vec::new(),
        }
    }

    /// Whether a metric of the dataset of that name is about its rows.
    pub(crate) fn answers_to(&self, dataset: &str) -> bool {
        self.dataset.source.name == dataset || self.qualifiers[0] == dataset
    }

    /// That name, with asterisks until no column of the dataset has it.
    fn free(&self, name: &str) -> String {
        let stored = self.dataset.source.columns.iter();
        let all: Vec<&Column> = stored.chain(self.dataset.calculated.iter().map(|c| &c.column)).collect();
        let mut name = name.to_owned();
        while all.iter().any(|c| c.name.eq_ignore_ascii_case(&name)) {
            name.push('*');
        }
        name
    }
}

/// `t."name"`.
pub(crate) fn read(column: &Column) -> String {
    sql::column(ROWS, &column.name)
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
