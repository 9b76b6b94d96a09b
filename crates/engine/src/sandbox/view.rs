//! Statements of users as tables of the engine: read once, bound to what may be read of each of their
//! tables, and from then on a segment whose rows a worker makes.

use super::crew::Session;
use super::gate;
use super::wire::{self, Run};
use crate::answer::Answer;
use crate::clock::Zone;
use crate::engine::{Engine, Inner};
use crate::segment::Segment;
use crate::{convert, fault, types};
use arrow::ipc::reader::StreamReader;
use domain::{Cell, DataType, Error, ErrorCode, Field, Result, Role, Table};
use duckdb::arrow::array::StructArray;
use semantic::view;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The longest text of a statement.
pub(super) const MAX_TEXT: usize = 64 << 10;
/// The most tables of one statement.
const MAX_TABLES: usize = 50;
/// Bound statements whose ids are remembered.
const MAX_IDS: usize = 10_000;
/// The most memory that the rows of a statement may take.
const MAX_BYTES: usize = 128 << 20;

/// A statement of a user that passed the first gate.
#[derive(Debug)]
pub struct Select {
    /// As it was written.
    text: String,
    /// As DuckDB prints it, its tables in [`Select::catalog`].
    printed: String,
    /// The same as far as its tables go, in a form of which DuckDB can list them.
    listed: String,
    catalog: String,
    tables: BTreeSet<String>,
    is_volatile: bool,
    /// Where the names of columns stand.
    columns: HashMap<String, usize>,
    reads_all: bool,
}

impl Select {
    /// The names of the tables it reads, lower case.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(String::as_str)
    }

    /// Whether it may read a column of one of its tables: it has a `*`, or the name stands in its text.
    pub fn may_read(&self, column: &str) -> bool {
        let (text, name) = (self.text.to_lowercase(), column.to_lowercase());
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let stands_alone = |at: usize| {
            let (before, after) = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        };
        self.reads_all || text.match_indices(&name).any(|(at, _)| stands_alone(at))
    }

    /// Points an error at the column that it is about.
    fn point(&self, error: Error, column: Option<&str>) -> Error {
        let place = column.and_then(|name| self.columns.get(&name.to_lowercase()));
        match place {
            Some(place) => super::place::point(error, &self.text, Some(*place)),
            None => error,
        }
    }
}

/// What may be read of a dataset, for a statement that names it.
#[derive(Clone, Debug)]
pub struct Readable {
    /// The name by which the statement reads it, lower case.
    pub name: String,
    /// The SELECT that reads it, from [`semantic::view::readable_sql`].
    pub sql: String,
    pub segments: Vec<Segment>,
}

/// A bound statement.
#[derive(Debug)]
pub(crate) struct View {
    /// What it asks, or why it cannot be asked any more.
    select: Result<Arc<Select>>,
    tables: Vec<Readable>,
    is_volatile: bool,
}

impl View {
    /// Whether the same question may have another answer.
    pub(crate) fn is_volatile(&self) -> bool {
        self.is_volatile
    }
}

/// Two bound statements are the same when their ids are, which segments compare.
impl PartialEq for View {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for View {}

/// A function that SQL may call, for completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// Such as `round(x DOUBLE, precision INTEGER) -> DOUBLE`.
    pub signature: String,
    pub description: String,
}

impl Engine {
    /// Reads the SQL of a user: the first gate.
    ///
    /// # Errors
    /// It is not one SELECT, or has something in it that is not listed.
    pub async fn read_select(&self, text: &str) -> Result<Arc<Select>> {
        if let Some(known) = self.0.selects.get(text).await {
            return Ok(known);
        }
        if text.len() > MAX_TEXT {
            let error = Error::new(ErrorCode::TooLarge, format!("SQL can have at most {} KB.", MAX_TEXT >> 10));
            return Err(error.field("sql"));
        }
        if text.contains('\0') {
            return Err(Error::new(ErrorCode::InvalidQuery, "SQL cannot contain the NUL character.").field("sql"));
        }
        if has_nested_comment(text) {
            let error = Error::new(ErrorCode::InvalidQuery, "SQL cannot have a comment within a comment.");
            return Err(error.hint("What one reader takes for the end of it, another does not.").field("sql"));
        }
        let select = self.0.crew.with(|session| pass(session, text.to_owned())).await?;
        let select = Arc::new(select);
        self.0.selects.insert(text.to_owned(), select.clone()).await;
        Ok(select)
    }

    /// Binds a statement to what may be read of each of its tables. The id of what comes of it tells
    /// apart everything that would give other rows.
    pub fn bind(&self, select: &Arc<Select>, tables: Vec<Readable>) -> Segment {
        let mut key = format!("{}\n{}", select.catalog, select.printed);
        for table in &tables {
            // Writing to a String cannot fail.
            let _ = write!(key, "\n{}\n{}", table.name, table.sql);
        }
        let is_nested = tables.iter().flat_map(|t| &t.segments).filter_map(|s| s.view.as_ref()).any(|v| v.is_volatile);
        let view = View { is_volatile: select.is_volatile || is_nested, select: Ok(select.clone()), tables };
        Segment { id: self.id_of(key), rows: 0, bytes: 0, view: Some(Arc::new(view)), place: None }
    }

    /// In place of a statement that cannot be bound: whatever is asked of it gives this error.
    pub fn broken(&self, error: Error) -> Segment {
        let key = format!("broken\n{error:?}");
        let view = View { select: Err(error), tables: Vec::new(), is_volatile: true };
        Segment { id: self.id_of(key), rows: 0, bytes: 0, view: Some(Arc::new(view)), place: None }
    }

    /// The same id for the same definition, as long as it is remembered.
    fn id_of(&self, key: String) -> String {
        let mut known = fault::lock(&self.0.view_ids);
        if known.len() >= MAX_IDS {
            // What is asked again gets another id: an answer is worked out once more.
            known.clear();
        }
        known.entry(key).or_insert_with(|| uuid::Uuid::now_v7().simple().to_string()).clone()
    }

    /// The first rows of a bound statement.
    ///
    /// # Errors
    /// It does not work, takes too long, or needs too much.
    pub async fn run_select(&self, bound: &Segment, limit: usize) -> Result<Answer> {
        let statement = view::all_sql(&bound.catalog());
        let inner = self.0.clone();
        let (fields, data, is_truncated, elapsed) =
            run(&inner, &statement, std::slice::from_ref(bound), limit, &Zone::Utc).await?;
        let table = Table { columns: fields, data, truncated: is_truncated };
        let mut answer = Answer::new(table, elapsed, String::new());
        answer.timezone = "UTC".to_owned();
        Ok(answer)
    }

    /// How DuckDB would answer a bound statement, one step a line, what it reads farthest in.
    ///
    /// # Errors
    /// It does not work.
    pub async fn explain_select(&self, bound: &Segment) -> Result<String> {
        let statement = view::explain(&view::all_sql(&bound.catalog()));
        let inner = self.0.clone();
        let (_, data, ..) = run(&inner, &statement, std::slice::from_ref(bound), 10, &Zone::Utc).await?;
        let json: String = data.get(1).into_iter().flatten().filter_map(Cell::as_str).collect();
        super::plan::readable(&json, &names_of(bound))
    }

    /// The columns that a bound statement gives.
    ///
    /// # Errors
    /// It does not work.
    pub async fn describe_select(&self, bound: &Segment) -> Result<Vec<(String, DataType)>> {
        if let Some(known) = self.0.described.get(&bound.id).await {
            return Ok(known.to_vec());
        }
        let statement = view::all_sql(&bound.catalog());
        let (fields, ..) = run(&self.0.clone(), &statement, std::slice::from_ref(bound), 0, &Zone::Utc).await?;
        let columns: Vec<_> = fields.into_iter().map(|f| (f.name, f.ty)).collect();
        self.0.described.insert(bound.id.clone(), Arc::new(columns.clone())).await;
        Ok(columns)
    }

    /// The functions that SQL may call, each once for each way to call it.
    ///
    /// # Errors
    /// The engine does not answer.
    pub async fn sql_functions(&self) -> Result<Vec<Function>> {
        const LIST: &str = "SELECT DISTINCT function_name, \
            function_name || '(' || array_to_string(list_transform(list_zip(parameters, parameter_types), \
              lambda p: coalesce(p[1], '') || ' ' || coalesce(p[2], '')), ', ') || ')' \
              || coalesce(' -> ' || return_type, ''), coalesce(description, '') \
            FROM duckdb_functions() WHERE schema_name = 'main' \
              AND function_type IN ('scalar', 'aggregate', 'macro', 'table') ORDER BY 1, 2";
        let allowed: HashSet<&str> = super::functions::names().collect();
        let table = self.rows(LIST, &[]).await?;
        let [names, signatures, descriptions] = table.as_slice() else { return Ok(Vec::new()) };
        let text = |cell: &Cell| cell.as_str().unwrap_or_default().to_owned();
        let all = names.iter().zip(signatures).zip(descriptions).map(|((name, signature), description)| Function {
            name: text(name),
            signature: text(signature),
            description: text(description),
        });
        Ok(all.filter(|f| allowed.contains(f.name.as_str())).collect())
    }
}

/// The first gate, with the help of a worker that parses and prints.
async fn pass(mut session: Session, text: String) -> Result<Select> {
    let catalog = format!("u_{}", uuid::Uuid::now_v7().simple());
    let parsed = session.parse(&text).await?;
    let passed = gate::check(&text, &parsed, &catalog)?;
    if passed.tables.len() > MAX_TABLES {
        let message = format!("A SELECT can read at most {MAX_TABLES} datasets.");
        return Err(Error::new(ErrorCode::InvalidQuery, message).field("sql"));
    }
    let printed = session.print(passed.tree.to_string()).await?;
    let listed = match gate::without_asof(&passed.tree) {
        Some(plain) => session.print(plain.to_string()).await?,
        None => printed.clone(),
    };
    // What runs is the print: it must pass by itself.
    let again = session.parse(&printed).await?;
    gate::verify(&printed, &again, &catalog, &passed.tables)?;
    let gate::Passed { tables, is_volatile, columns, reads_all, .. } = passed;
    Ok(Select { text, printed, listed, catalog, tables, is_volatile, columns, reads_all })
}

/// What the databases of rows behind a bound statement are called in it. One that is read through a
/// dataset which is SQL itself has that one's name: its own may be hidden.
fn names_of(bound: &Segment) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for table in bound.view.iter().flat_map(|v| &v.tables) {
        let mut open: Vec<&Segment> = table.segments.iter().collect();
        while let Some(segment) = open.pop() {
            names.insert(segment.catalog(), table.name.clone());
            open.extend(segment.view.iter().flat_map(|v| &v.tables).flat_map(|t| &t.segments));
        }
    }
    names
}

type Rows = (Vec<Field>, Vec<Vec<Cell>>, bool, Duration);

/// Runs a statement of ours over segments of which some are statements of users.
pub(crate) async fn run(
    inner: &Arc<Inner>,
    statement: &str,
    segments: &[Segment],
    limit: usize,
    zone: &Zone,
) -> Result<Rows> {
    let mut order = Run { sql: statement.to_owned(), rows: limit, bytes: MAX_BYTES, ..Run::default() };
    let mut seen = HashSet::new();
    let mut asked = Vec::new();
    for segment in segments {
        gather(inner, segment, &mut order, &mut seen, &mut asked, 0)?;
    }
    inner.executed.fetch_add(1, Ordering::Relaxed);
    let crew = inner.crew.clone();
    let (stream, done) = crew
        .with(|session| async move {
            session.run(order).await.map_err(|(error, column)| {
                // With several statements it is not known whose column it is.
                match asked.as_slice() {
                    [only] => Select::point(only, error, column.as_deref()),
                    _ => error,
                }
            })
        })
        .await?;
    inner.crew.note(&done);
    let (fields, data) = read(&stream, zone)?;
    Ok((fields, data, done.is_truncated, Duration::from_micros(done.elapsed_us)))
}

/// Statements of users may read datasets that are statements of users: the inner ones first.
fn gather(
    inner: &Arc<Inner>,
    segment: &Segment,
    order: &mut Run,
    seen: &mut HashSet<String>,
    asked: &mut Vec<Arc<Select>>,
    depth: usize,
) -> Result<()> {
    if !seen.insert(segment.id.clone()) {
        return Ok(());
    }
    if segment.place.is_some() {
        return Err(Error::new(ErrorCode::NotSupported, "Rows that lie in a source cannot be read with SQL here.")
            .hint("Ask a question of that dataset instead."));
    }
    let Some(of) = &segment.view else {
        let path = inner.folders.path(&segment.id)?;
        let path = path.to_str().ok_or_else(|| fault::internal("path", &"not UTF-8"))?.to_owned();
        order.files.push((segment.catalog(), path));
        return Ok(());
    };
    let select = of.select.clone()?;
    if depth > MAX_TABLES {
        return Err(fault::internal("SQL", &"statements build on each other without an end"));
    }
    for part in of.tables.iter().flat_map(|table| &table.segments) {
        gather(inner, part, order, seen, asked, depth + 1)?;
    }
    order.views.push(wire::View {
        name: segment.catalog(),
        catalog: select.catalog.clone(),
        tables: of.tables.iter().map(|t| (t.name.clone(), t.sql.clone())).collect(),
        sql: select.printed.clone(),
        listed: select.listed.clone(),
    });
    asked.push(select);
    Ok(())
}

/// The rows of an Arrow stream.
fn read(stream: &[u8], zone: &Zone) -> Result<(Vec<Field>, Vec<Vec<Cell>>)> {
    let broken = |error: arrow::error::ArrowError| fault::internal("the rows of a SQL worker", &error);
    let reader = StreamReader::try_new(stream, None).map_err(broken)?;
    let fields: Vec<Field> = reader.schema().fields().iter().map(|f| field(f.name(), f.data_type())).collect();
    let mut columns: Vec<Vec<Cell>> = vec![Vec::new(); fields.len()];
    for batch in reader {
        let batch = StructArray::from(batch.map_err(broken)?);
        convert::append(&batch, duckdb::arrow::array::Array::len(&batch), &mut columns, zone)?;
    }
    Ok((fields, columns))
}

fn field(name: &str, ty: &duckdb::arrow::datatypes::DataType) -> Field {
    let ty = types::of_arrow(ty);
    let role = if ty.is_time() {
        Role::Time
    } else if ty.is_number() {
        Role::Measure
    } else {
        Role::Dimension
    };
    Field { name: name.to_owned(), label: name.to_owned(), ty, role, format: None, grain: None }
}

/// Whether a comment begins within a comment: databases do not agree where such a one ends.
fn has_nested_comment(text: &str) -> bool {
    let mut rest = text;
    // The next thing that may hide what is behind it.
    while let Some(at) = rest.find(['\'', '"', '-', '/']) {
        rest = &rest[at..];
        let end = match rest.as_bytes() {
            [quote @ (b'\'' | b'"'), ..] => rest[1..].find(char::from(*quote)).map(|end| end + 2),
            [b'-', b'-', ..] => rest.find('\n'),
            [b'/', b'*', ..] => {
                let end = rest[2..].find("*/").map_or(rest.len(), |end| end + 2);
                if rest[2..end].contains("/*") {
                    return true;
                }
                Some((end + 2).min(rest.len()))
            }
            _ => Some(1),
        };
        rest = rest.get(end.unwrap_or(rest.len())..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_within_comments_are_seen_and_nothing_else() {
        assert!(has_nested_comment("SELECT 1 /* /* */ ; DROP TABLE sales; -- */"));
        assert!(has_nested_comment("/* a */ SELECT /*/* x"));
        for fine in
            ["SELECT '/* /* */'", "SELECT \"/* /*\"", "SELECT 1 -- /* /*\n", "/* a */ /* b */ SELECT 4 / 2 * 3", "'"]
        {
            assert!(!has_nested_comment(fine), "{fine}");
        }
    }
}
