//! What the caller knows about the data that a question is asked of.

use crate::dialect::{Dialect, Spelling};
use crate::mask::Mask;
use domain::metric::MetricDef;
use domain::query::Filter;
use domain::{Column, DataType, names};
use std::collections::BTreeMap;

/// The rows of a dataset: its columns, and where they lie.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub name: &'a str,
    pub columns: &'a [Column],
    pub parts: Parts<'a>,
}

/// Where the rows of a dataset lie.
#[derive(Clone, Copy, Debug)]
pub enum Parts<'a> {
    /// In databases of the engine's own, attached under these names, each in its table `main.data`.
    Segments(&'a [String]),
    /// In a table of a source, which is read where it is.
    Table(&'a Table),
}

/// A table of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The id of the source: tables of one source can be joined.
    pub source: String,
    pub dialect: Dialect,
    /// The names that lead to it: database, schema, table.
    pub path: Vec<String>,
    /// Columns of types that questions do not know, and what they are read as.
    pub read_as: Vec<(String, DataType)>,
}

impl<'a> Parts<'a> {
    pub(crate) fn spelling(self) -> Spelling {
        match self {
            Self::Segments(_) => Dialect::DuckDb.spelling(),
            Self::Table(table) => table.dialect.spelling(),
        }
    }

    /// Whether one statement can read both.
    pub(crate) fn is_beside(self, other: Parts<'_>) -> bool {
        match (self, other) {
            (Self::Segments(_), Parts::Segments(_)) => true,
            (Self::Table(one), Parts::Table(two)) => one.source == two.source,
            _ => false,
        }
    }
}

impl<'a, T: AsRef<[String]> + ?Sized> From<&'a T> for Parts<'a> {
    fn from(segments: &'a T) -> Self {
        Self::Segments(segments.as_ref())
    }
}

/// A column worked out from others of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Calculated {
    /// Its type is that of the expression ([`crate::expression::check`]).
    pub column: Column,
    pub expression: String,
}

/// What a reader may see of a dataset. It holds wherever the dataset is read, joined or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// Only rows that pass all of them exist. They may test hidden and masked columns.
    pub rows: Vec<Filter>,
    /// Columns that do not exist.
    pub hidden: Vec<String>,
    /// Columns whose values are replaced, and by what.
    pub masked: BTreeMap<String, Mask>,
}

impl Policy {
    /// Everything may be seen.
    pub const OPEN: Policy = Policy { rows: Vec::new(), hidden: Vec::new(), masked: BTreeMap::new() };

    /// Whether everything may be seen.
    pub fn is_open(&self) -> bool {
        self.rows.is_empty() && self.hidden.is_empty() && self.masked.is_empty()
    }

    /// What is seen under both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.rows.extend(other.rows);
        for column in other.hidden {
            if !self.hides(&column) {
                self.hidden.push(column);
            }
        }
        for (column, mask) in other.masked {
            let both = match self.masked.remove(&column) {
                Some(own) => own.strictest(mask),
                None => mask,
            };
            self.masked.insert(column, both);
        }
        self
    }

    /// Whether a column is not there.
    pub fn hides(&self, column: &str) -> bool {
        self.hidden.iter().any(|c| c == column)
    }

    pub(crate) fn masks(&self, column: &str) -> bool {
        self.masked.contains_key(column)
    }
}

/// A dataset as one reader sees it.
#[derive(Clone, Copy, Debug)]
pub struct Dataset<'a> {
    pub source: Source<'a>,
    pub calculated: &'a [Calculated],
    pub policy: &'a Policy,
    /// Sets of columns no two rows share the values of. Others are taken to repeat, which is always
    /// right and sometimes slower; [`crate::repeats_sql`] finds out.
    pub unique: &'a [Vec<String>],
    /// The latest value, as ISO text, of the columns that [`crate::latest_columns`] names.
    pub latest: &'a BTreeMap<String, String>,
    /// What if: columns of floats whose values are multiplied where they are scanned, and by what. All that is
    /// worked out from them follows.
    pub scaled: &'a BTreeMap<String, f64>,
}

static NOT_SCALED: BTreeMap<String, f64> = BTreeMap::new();
static NO_LATEST: BTreeMap<String, String> = BTreeMap::new();
static OPEN: Policy = Policy::OPEN;

impl<'a> From<Source<'a>> for Dataset<'a> {
    /// Nothing is calculated, hidden or known to be unique.
    fn from(source: Source<'a>) -> Self {
        Self { source, calculated: &[], policy: &OPEN, unique: &[], latest: &NO_LATEST, scaled: &NOT_SCALED }
    }
}

impl<'a> Dataset<'a> {
    /// The columns that its reader may name.
    pub fn columns(&self) -> impl Iterator<Item = &'a Column> + Clone + use<'a> {
        let policy = self.policy;
        let stored = self.source.columns.iter();
        stored.chain(self.calculated.iter().map(|c| &c.column)).filter(move |c| !policy.hides(&c.name))
    }

    /// The column of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&'a Column> {
        self.columns().find(|c| c.name == name)
    }

    /// Whether no two rows share the values of these columns.
    pub(crate) fn is_unique(&self, columns: &[&str]) -> bool {
        self.unique.iter().any(|key| !key.is_empty() && key.iter().all(|c| columns.contains(&c.as_str())))
    }

    /// The nearest column that its reader may name.
    pub(crate) fn nearest(&self, name: &str) -> Option<&'a str> {
        names::nearest(name, self.columns().map(|c| c.name.as_str()))
    }
}

/// What a question is asked of.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub base: Dataset<'a>,
    /// The datasets of the question's joins, in their order.
    pub joins: &'a [Dataset<'a>],
    /// The metrics that the question refers to, as far as its reader may see them; each names its
    /// dataset by the name of its source.
    pub metrics: &'a [MetricDef],
    pub now: jiff::Timestamp,
}

impl<'a> Context<'a> {
    /// A question of one dataset.
    pub fn of(base: Dataset<'a>, now: jiff::Timestamp) -> Self {
        Self { base, joins: &[], metrics: &[], now }
    }
}
