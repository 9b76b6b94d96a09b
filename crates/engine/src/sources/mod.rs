//! Sources: tables that are asked where they lie. [`KINDS`] lists the kinds, one file each; a kind
//! opens a [`Reads`], which tests the connection, lists tables and answers statements.

mod answers;
mod duckdb_file;
mod folder;
mod glob;
mod hosts;
mod local;
mod postgres;
mod settings;

pub(crate) use answers::{list, profile, query};
pub use hosts::{Closed, Hosts};

use crate::engine::{self, Engine};
use crate::fault::lock;
use domain::source::{SourceField, SourceInput, SourceKind};
use domain::{Cell, Column, DataType, Error, Result};
use futures::future::BoxFuture;
use semantic::Dialect;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A kind of source.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    about: &'static str,
    /// Whether [`Reads::version`] says when rows have changed.
    tells_changes: bool,
    dialect: Dialect,
    fields: fn() -> Vec<SourceField>,
    open: fn(&Spec, &Rules, &engine::Inner) -> Result<Arc<dyn Reads>>,
}

/// Every kind, in the order of the picker.
const KINDS: &[Kind] = &[postgres::KIND, duckdb_file::KIND, folder::KIND];

/// What sources may reach.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Files lie in these folders, or below.
    pub folders: Vec<PathBuf>,
    pub hosts: Hosts,
}

/// A source as it is kept, its password readable.
#[derive(Clone, Default)]
pub struct Spec {
    pub id: String,
    /// Another number for every change, so that what is open under old settings is let go.
    pub revision: i64,
    pub kind: String,
    pub settings: Map<String, Value>,
    pub password: Option<String>,
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A table of a source and what questions need to know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// How people name it.
    pub name: String,
    pub rows: Option<u64>,
    pub columns: Vec<Column>,
    pub table: semantic::Table,
}

/// A statement to be answered.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) sql: String,
    /// The types that the columns of the answer should have; where there are none, those that they have.
    pub(crate) types: Vec<DataType>,
    pub(crate) limit: usize,
    pub(crate) timezone: String,
}

/// Columns of values, and whether there are more rows.
pub(crate) type Rows = (Vec<Vec<Cell>>, bool);

/// An open source.
pub(crate) trait Reads: Send + Sync {
    /// Another text whenever rows may have changed; none where nobody can tell.
    fn version(&self) -> BoxFuture<'_, Result<Option<String>>>;
    /// What answers, in a sentence.
    fn test(&self) -> BoxFuture<'_, Result<String>>;
    /// The tables and views that may be read.
    fn tables(&self) -> BoxFuture<'_, Result<Vec<Found>>>;
    /// Answers a statement of ours. Dropping the future stops it.
    fn run(&self, ask: Ask) -> BoxFuture<'_, Result<Rows>>;
}

/// Where the rows of a dataset lie when they are not the engine's own.
#[derive(Clone, Debug)]
pub struct Place {
    pub spec: Spec,
    pub table: semantic::Table,
    /// How old an answer may be where the source cannot tell whether its rows changed.
    pub max_age: Duration,
    /// Another number makes every answer anew.
    pub version: u64,
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        let of = |p: &Self| (p.spec.id.clone(), p.spec.revision, p.max_age, p.version);
        of(self) == of(other) && self.table == other.table
    }
}

impl Eq for Place {}

/// A small answer and the time of asking.
type Listed = (Instant, Arc<Vec<Vec<Cell>>>);
type Open = HashMap<String, (i64, Arc<dyn Reads>)>;

/// The sources that are open.
pub(crate) struct Sources {
    rules: Rules,
    open: Mutex<Open>,
    /// By source, version and SQL.
    lists: moka::future::Cache<String, Listed>,
}

impl Sources {
    pub(crate) fn new(rules: Rules) -> Self {
        Self { rules, open: Mutex::default(), lists: moka::future::Cache::new(1_000) }
    }
}

impl engine::Inner {
    fn open_source(&self, spec: &Spec) -> Result<Arc<dyn Reads>> {
        let mut open = lock(&self.sources.open);
        if let Some((revision, source)) = open.get(&spec.id)
            && *revision == spec.revision
        {
            return Ok(source.clone());
        }
        let source = (find(&spec.kind)?.open)(spec, &self.sources.rules, self)?;
        open.insert(spec.id.clone(), (spec.revision, source.clone()));
        Ok(source)
    }
}

impl Engine {
    /// Every kind of source, with its form.
    pub fn source_kinds() -> Vec<SourceKind> {
        let show = |kind: &Kind| SourceKind {
            kind: kind.name.to_owned(),
            label: kind.label.to_owned(),
            about: kind.about.to_owned(),
            tells_changes: kind.tells_changes,
            fields: (kind.fields)(),
        };
        KINDS.iter().map(show).collect()
    }

    /// The settings of a form as they are to be kept.
    ///
    /// # Errors
    /// There is no such kind, or a setting does not fit its field.
    pub fn check_source(kind: &str, given: &Map<String, Value>) -> Result<Map<String, Value>> {
        settings::check(find(kind)?, given)
    }

    /// The dialect in which a kind of source is asked.
    ///
    /// # Errors
    /// There is no such kind.
    pub fn dialect_of(kind: &str) -> Result<Dialect> {
        Ok(find(kind)?.dialect)
    }

    /// Connects anew and says what answers.
    ///
    /// # Errors
    /// The sentence says why nothing does.
    pub async fn test_source(&self, spec: &Spec) -> Result<String> {
        let source = (find(&spec.kind)?.open)(spec, &self.0.sources.rules, &self.0)?;
        source.test().await
    }

    /// The tables of a source.
    ///
    /// # Errors
    /// The source does not answer.
    pub async fn source_tables(&self, spec: &Spec) -> Result<Vec<Found>> {
        self.0.open_source(spec)?.tables().await
    }

    /// Closes a source that changed or is no more. Questions that run come to their end.
    pub fn forget_source(&self, id: &str) {
        lock(&self.0.sources.open).remove(id);
    }
}

fn find(kind: &str) -> Result<&'static Kind> {
    KINDS.iter().find(|k| k.name == kind).ok_or_else(|| {
        let known: Vec<&str> = KINDS.iter().map(|k| k.name).collect();
        let short: String = kind.chars().take(60).collect();
        Error::invalid(format!("There is no kind of source `{short}`."))
            .hint(format!("There are {}.", known.join(", ")))
            .field("kind")
    })
}

/// A field of a form.
fn field(name: &str, label: &str, about: &str, input: SourceInput) -> SourceField {
    SourceField {
        name: name.to_owned(),
        label: label.to_owned(),
        about: about.to_owned(),
        input,
        required: false,
        default: None,
        choices: Vec::new(),
    }
}

/// A field that must be filled in.
fn needed(name: &str, label: &str, about: &str, input: SourceInput) -> SourceField {
    SourceField { required: true, ..field(name, label, about, input) }
}

/// A field with a value of its own.
fn preset(name: &str, label: &str, about: &str, input: SourceInput, default: &str) -> SourceField {
    SourceField { default: Some(default.to_owned()), ..field(name, label, about, input) }
}

/// A column of a table that nobody has described yet.
fn column(name: &str, ty: DataType, description: &str) -> Column {
    let (role, format) = crate::roles::guess(name, ty, &crate::roles::Facts::default());
    let label = domain::names::to_label(name);
    Column { name: name.to_owned(), label, ty, role, description: description.to_owned(), format, is_calculated: false }
}
