//! The first gate: a statement as DuckDB's own parser read it, walked node by node. Everything in it
//! must be of a kind that is listed here; what is new or unknown is refused. On the way every table
//! gets the name under which the worker has it, so that nothing else can be meant.

use super::functions;
use super::place::{at, short};
use super::tree;
use domain::{Error, ErrorCode, Result, names};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// The schema of every table that a statement reads.
const SCHEMA: &str = "main";

/// A statement that passed.
pub(super) struct Passed {
    /// The tree, its tables renamed.
    pub(super) tree: Value,
    /// The tables it reads, lower case.
    pub(super) tables: BTreeSet<String>,
    pub(super) is_volatile: bool,
    /// Where the names of columns stand first, in bytes, lower case.
    pub(super) columns: HashMap<String, usize>,
    /// Whether it may read columns that it does not name.
    pub(super) reads_all: bool,
}

/// Checks a statement of a user. Its tables will lie in the database `catalog`.
pub(super) fn check(text: &str, json: &str, catalog: &str) -> Result<Passed> {
    let tree = parsed(text, json)?;
    walk(text, tree, catalog, None)
}

/// Checks what was printed from a tree that passed: it must still be one SELECT that reads the same
/// tables, whatever the printer made of its names.
pub(super) fn verify(printed: &str, json: &str, catalog: &str, tables: &BTreeSet<String>) -> Result<()> {
    let passed = walk(printed, parsed(printed, json)?, catalog, Some(tables))?;
    if passed.tables == *tables { Ok(()) } else { Err(crate::fault::internal("a printed statement", &"other tables")) }
}

/// The same tree with plain joins in place of ASOF joins, if it has any: DuckDB does not list the
/// tables of a statement with those, and the tables are the same.
pub(super) fn without_asof(tree: &Value) -> Option<Value> {
    fn replace(value: &mut Value) -> bool {
        let mut found = false;
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| found |= replace(item)),
            Value::Object(map) => {
                if map.get("ref_type").is_some_and(|kind| kind == "ASOF") {
                    map.insert("ref_type".into(), "REGULAR".into());
                    found = true;
                }
                map.values_mut().for_each(|value| found |= replace(value));
            }
            _ => {}
        }
        found
    }
    let mut plain = tree.clone();
    replace(&mut plain).then_some(plain)
}

/// The one statement, or why there is none.
fn parsed(text: &str, json: &str) -> Result<Value> {
    let tree = tree::read(json)?;
    if tree["error"] == Value::Bool(true) {
        let message = tree["error_message"].as_str().unwrap_or_default();
        let place = tree["position"].as_str().and_then(|p| p.parse().ok());
        return Err(match tree["error_type"].as_str() {
            Some("parser") => super::place::syntax(message, text, place),
            _ if message.contains("Only SELECT") => not_a_select(text),
            _ => {
                tracing::debug!(message, "SQL that DuckDB reads and cannot write down");
                at(ErrorCode::InvalidQuery, "This kind of SQL cannot be used here.", text, None)
            }
        });
    }
    match tree["statements"].as_array().map(Vec::len) {
        Some(1) => Ok(tree),
        Some(0) | None => Err(at(ErrorCode::InvalidQuery, "There is no SELECT in it.", text, None)),
        Some(_) => Err(at(ErrorCode::InvalidQuery, "Only one SELECT can be run at a time.", text, None)
            .hint("Remove what follows the first semicolon.")),
    }
}

fn not_a_select(text: &str) -> Error {
    let word: String = text.trim_start().chars().take_while(char::is_ascii_alphabetic).take(20).collect();
    let word = word.to_ascii_uppercase();
    let message = match word.as_str() {
        "PIVOT" | "FROM" | "WITH" | "SELECT" => {
            return at(ErrorCode::InvalidQuery, "This cannot be read as one SELECT.", text, None)
                .hint("Run one SELECT at a time; a PIVOT needs its values: PIVOT t ON c IN ('a', 'b') USING sum(x).");
        }
        "" => "Only SELECT can be run here.".to_owned(),
        word => format!("Only SELECT can be run here, not {word}."),
    };
    at(ErrorCode::InvalidQuery, message, text, None).hint("Nothing can be changed with SQL: it reads datasets.")
}

fn walk(text: &str, tree: Value, catalog: &str, printed: Option<&BTreeSet<String>>) -> Result<Passed> {
    let mut walk = Walk {
        text,
        catalog,
        printed,
        with: Vec::new(),
        tables: BTreeSet::new(),
        is_volatile: false,
        columns: HashMap::new(),
        reads_all: false,
    };
    let mut tree = tree;
    walk.any(&mut tree)?;
    let Walk { tables, is_volatile, columns, reads_all, .. } = walk;
    Ok(Passed { tree, tables, is_volatile, columns, reads_all })
}

struct Walk<'a> {
    text: &'a str,
    catalog: &'a str,
    /// Set where our own print is read: the tables it may read, already renamed.
    printed: Option<&'a BTreeSet<String>>,
    /// The names that WITH gives, innermost last, lower case.
    with: Vec<String>,
    tables: BTreeSet<String>,
    is_volatile: bool,
    columns: HashMap<String, usize>,
    reads_all: bool,
}

impl Walk<'_> {
    fn any(&mut self, value: &mut Value) -> Result<()> {
        match value {
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.any(item)),
            Value::Object(map) => self.object(map),
            _ => Ok(()),
        }
    }

    fn object(&mut self, map: &mut Map<String, Value>) -> Result<()> {
        if map.contains_key("class") {
            return self.expression(map);
        }
        let Some(kind) = map.get("type").and_then(Value::as_str).map(str::to_owned) else {
            return self.children(map);
        };
        match kind.as_str() {
            "SELECT_NODE" | "SET_OPERATION_NODE" | "RECURSIVE_CTE_NODE" => self.query(map),
            "BASE_TABLE" => self.table(map),
            "TABLE_FUNCTION" => self.table_function(map),
            "SHOW_REF" => Err(self
                .refuse(map, "SUMMARIZE, DESCRIBE and SHOW cannot be used here.")
                .hint("The page of a dataset shows its columns and what is known about their values.")),
            "SUBQUERY" | "JOIN" | "EMPTY" | "EXPRESSION_LIST" | "PIVOT" => {
                if map.get("sample").is_some_and(|s| !s.is_null()) {
                    self.is_volatile = true;
                }
                // A PIVOT groups by what it does not name, a NATURAL JOIN compares what has the same name.
                let is_natural = map.get("ref_type").and_then(Value::as_str) == Some("NATURAL");
                self.reads_all |= kind == "PIVOT" || is_natural;
                self.children(map)
            }
            "ORDER_MODIFIER"
            | "LIMIT_MODIFIER"
            | "LIMIT_PERCENT_MODIFIER"
            | "DISTINCT_MODIFIER"
            | "ASCENDING"
            | "DESCENDING"
            | "ORDER_DEFAULT" => self.children(map),
            // Types in CAST: names and modifiers.
            kind if kind.ends_with("_TYPE_INFO") => self.children(map),
            _ => Err(self.refuse(map, "This kind of SQL cannot be used here.")),
        }
    }

    fn children(&mut self, map: &mut Map<String, Value>) -> Result<()> {
        map.values_mut().try_for_each(|value| self.any(value))
    }

    /// A SELECT, what UNION and its like join, or WITH RECURSIVE. Names that its WITH gives hold in
    /// all of it, in later names of the same WITH, and not in themselves.
    fn query(&mut self, map: &mut Map<String, Value>) -> Result<()> {
        let outer = self.with.len();
        if map.get("sample").is_some_and(|s| !s.is_null()) {
            self.is_volatile = true;
        }
        if let Some(entries) = map.get_mut("cte_map").and_then(|m| m.get_mut("map")).and_then(Value::as_array_mut) {
            for entry in entries {
                let name = entry.get("key").and_then(Value::as_str).unwrap_or_default().to_lowercase();
                // DuckDB has tables of its own that begin like this; a WITH of that name would be the
                // only way to write one.
                if ["duckdb_", "pg_", "pragma_", "sqlite_"].iter().any(|start| name.starts_with(start)) {
                    return Err(self.refuse(map, &format!("The name `{}` cannot be given in WITH.", short(&name))));
                }
                if let Some(value) = entry.get_mut("value") {
                    self.any(value)?;
                }
                self.with.push(name);
            }
        }
        let own = map.get("cte_name").and_then(Value::as_str).map(str::to_lowercase);
        for (key, value) in map.iter_mut().filter(|(key, _)| *key != "cte_map") {
            match &own {
                // The step of a recursion reads what its start and its steps so far gave.
                Some(own) if key == "right" => {
                    self.with.push(own.clone());
                    self.any(value)?;
                    self.with.pop();
                }
                _ => self.any(value)?,
            }
        }
        self.with.truncate(outer);
        Ok(())
    }

    fn table(&mut self, map: &mut Map<String, Value>) -> Result<()> {
        if map.get("at_clause").is_some_and(|at| !at.is_null()) {
            return Err(self.refuse(map, "AT cannot be used here: only the present rows can be read."));
        }
        if map.get("sample").is_some_and(|s| !s.is_null()) {
            self.is_volatile = true;
        }
        let part = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (catalog, schema, written) = (part("catalog_name"), part("schema_name"), part("table_name"));
        let name = written.to_lowercase();
        let is_bare = catalog.is_empty() && schema.is_empty();
        if is_bare && self.with.contains(&name) {
            return self.children(map);
        }
        if let Some(tables) = self.printed {
            let is_ours = catalog == self.catalog && schema == SCHEMA && tables.contains(&name);
            if !is_ours {
                return Err(crate::fault::internal("a printed statement", &"a table that it should not read"));
            }
        } else {
            if !catalog.is_empty() || !(schema.is_empty() || schema.eq_ignore_ascii_case(SCHEMA)) {
                let place = [catalog, schema, written].join(".");
                let message = format!("`{}` is not a dataset.", short(place.trim_start_matches('.')));
                return Err(self.refuse(map, &message).hint("Write the name of a dataset alone, such as `sales`."));
            }
            let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_plain || name.len() > 64 {
                return Err(unknown_dataset(&written).field(self.field(map)));
            }
            map.insert("catalog_name".into(), self.catalog.into());
            map.insert("schema_name".into(), SCHEMA.into());
            map.insert("table_name".into(), name.clone().into());
        }
        self.tables.insert(name);
        self.children(map)
    }

    fn table_function(&mut self, map: &mut Map<String, Value>) -> Result<()> {
        let Some(function) = map.get_mut("function").and_then(Value::as_object_mut) else {
            return Err(self.refuse(map, "This kind of SQL cannot be used here."));
        };
        let name = function.get("function_name").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        if !functions::TABLES.contains(&name.as_str()) || self.is_elsewhere(function) {
            let message = format!("The function `{}` cannot be used in FROM.", short(&name));
            return Err(self.refuse(function, &message).hint(format!("These can: {}.", functions::TABLES.join(", "))));
        }
        self.children(function)?;
        for (_, value) in map.iter_mut().filter(|(key, _)| *key != "function") {
            self.any(value)?;
        }
        Ok(())
    }

    fn expression(&mut self, map: &mut Map<String, Value>) -> Result<()> {
        match map.get("class").and_then(Value::as_str).unwrap_or_default() {
            // Whatever it holds is a value.
            "CONSTANT" => Ok(()),
            "COLUMN_REF" => {
                self.column(map);
                self.children(map)
            }
            "FUNCTION" | "WINDOW" => {
                self.function(map)?;
                self.children(map)
            }
            "BETWEEN"
            | "CASE"
            | "CAST"
            | "COLLATE"
            | "COMPARISON"
            | "CONJUNCTION"
            | "LAMBDA"
            | "LAMBDA_REF"
            | "OPERATOR"
            | "POSITIONAL_REFERENCE"
            | "SUBQUERY" => self.children(map),
            "STAR" => {
                self.reads_all = true;
                self.children(map)
            }
            "PARAMETER" => Err(self
                .refuse(map, "A parameter such as ? or $1 cannot be used here.")
                .hint("Write the value itself.")),
            _ => Err(self.refuse(map, "This kind of expression cannot be used here.")),
        }
    }

    fn function(&mut self, map: &Map<String, Value>) -> Result<()> {
        let written = map.get("function_name").and_then(Value::as_str).unwrap_or_default();
        let name = written.to_lowercase();
        let is_state = map.get("export_state") == Some(&Value::Bool(true));
        if !functions::is_allowed(&name) || self.is_elsewhere(map) || is_state {
            let error = self.refuse(map, &format!("The function `{}` cannot be used here.", short(written)));
            return Err(match names::nearest(&name, functions::names()) {
                Some(near) if near != name => error.hint(format!("Did you mean `{near}`?")),
                _ => error.hint("docs/sql.md says which functions there are."),
            });
        }
        self.is_volatile |= functions::is_volatile(&name);
        Ok(())
    }

    /// Whether a function is named as that of another database, or of DuckDB's own catalogue.
    fn is_elsewhere(&self, map: &Map<String, Value>) -> bool {
        let part = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let schema = part("schema");
        !part("catalog").is_empty() || ["pg_catalog", "information_schema", "system", "temp"].contains(&schema.as_str())
    }

    /// Remembers where a column's name stands.
    fn column(&mut self, map: &Map<String, Value>) {
        let names = map.get("column_names").and_then(Value::as_array);
        let Some(name) = names.and_then(|n| n.last()).and_then(Value::as_str) else { return };
        let name = name.to_lowercase();
        self.is_volatile |= functions::is_volatile(&name);
        if let Some(place) = place(map) {
            self.columns.entry(name).or_insert(place);
        }
    }

    fn refuse(&self, map: &Map<String, Value>, message: &str) -> Error {
        at(ErrorCode::InvalidQuery, message, self.text, place(map))
    }

    fn field(&self, map: &Map<String, Value>) -> String {
        let error = self.refuse(map, "");
        error.field.unwrap_or_default()
    }
}

fn place(map: &Map<String, Value>) -> Option<usize> {
    // Where there is no place, DuckDB writes the largest number there is.
    map.get("query_location").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).map(|n| n as usize)
}

/// The same words for a table that is no dataset as for one that may not be seen.
pub(super) fn unknown_dataset(name: &str) -> Error {
    let message = format!("There is no dataset `{}`, or it is not shared with you.", short(name));
    Error::new(ErrorCode::UnknownDataset, message)
}
