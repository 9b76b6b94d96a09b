//! Where the rows come from: the parts of each dataset, what of them a question needs, and the rules
//! on rows and columns that nothing may pass by.

use crate::scope::{Clock, Operand, ROWS, Scope, Table};
use crate::sql::{self, Select};
use crate::{Parts, Source, filter, path::Path};
use domain::query::JoinKind;
use domain::{Column, Error, ErrorCode, Result};
use std::collections::BTreeSet;

/// A limit that no dataset reaches.
const EVERY_ROW: u64 = i64::MAX as u64;

/// The relation `t` of a question. Call it last: it holds the columns used until then.
pub(crate) fn rows(scope: &Scope<'_>) -> Result<String> {
    let mut keys: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); scope.tables.len()];
    for (i, link) in scope.links.iter().enumerate() {
        for (table, here, there) in &link.pairs {
            keys[*table].insert(here);
            keys[i + 1].insert(there);
        }
    }
    let scans = scope.tables.iter().zip(&keys).map(|(table, keys)| scan(table, keys, scope.clock));
    let scans: Vec<String> = scans.collect::<Result<_>>()?;
    if let [only] = scans.as_slice() {
        return Ok(sql::aliased(only, ROWS));
    }
    let alias = |i: usize| format!("j{i}");
    let mut items = Vec::new();
    let mut from = String::new();
    for (i, (table, scan)) in scope.tables.iter().zip(&scans).enumerate() {
        items.extend(table.exposed.iter().map(|(inner, outer)| sql::named(&sql::column(&alias(i), inner), outer)));
        let relation = sql::aliased(scan, &alias(i));
        from = match i.checked_sub(1).and_then(|l| scope.links.get(l)) {
            None => relation,
            Some(link) => {
                let equal = |(table, here, there): &(usize, &str, &str)| {
                    sql::binary(&sql::column(&alias(*table), here), "=", &sql::column(&alias(i), there))
                };
                let on: Vec<String> = link.pairs.iter().map(equal).collect();
                sql::join(&from, link.kind == JoinKind::Inner, &relation, &sql::all(&on))
            }
        };
    }
    Ok(sql::aliased(&sql::nested(&Select::of(some(items), from)), ROWS))
}

/// The rows of one dataset as its reader may see them.
fn scan(table: &Table<'_>, keys: &BTreeSet<&str>, clock: Clock<'_>) -> Result<String> {
    let source = &table.dataset.source;
    let mut read: BTreeSet<&str> = table.stored.clone();
    let mut rules = Vec::new();
    for rule in &table.dataset.policy.rows {
        let mut operand = |name: &str, path: &Path<'_>| {
            let column = source.columns.iter().find(|c| c.name == name).ok_or_else(|| path.refuse("unknown"))?;
            read.insert(&column.name);
            let latest = Some(table.dataset.latest.get(name).map(String::as_str));
            Ok(Operand { sql: sql::column(ROWS, &column.name), ty: column.ty, name: &column.name, latest })
        };
        // The reader may know neither the rule nor its columns: no rows, and no details.
        let rule = filter::tree(rule, &clock, &Path::Root("policy"), 1, &mut operand).map_err(|_| broken_rule())?;
        rules.push(rule);
    }
    let conditions = table.conditions.clone();
    let columns: Vec<&Column> = source.columns.iter().filter(|c| read.contains(c.name.as_str())).collect();
    let mut base = relation_with(source, &columns, table.id.as_deref());
    if !rules.is_empty() {
        // Nothing of the question is worked out before the rules: what fails on a row, or takes long,
        // would tell of rows that its reader may not see. Databases move no condition below a limit.
        let items = columns.iter().filter(|c| table.stored.contains(c.name.as_str()));
        let items = items.map(|c| sql::column(ROWS, &c.name)).chain(table.id.iter().map(|id| sql::column(ROWS, id)));
        let of = Select::of(some(items.collect()), sql::aliased(&base, ROWS));
        base = sql::nested(&Select { filter: rules, limit: Some(EVERY_ROW), ..of });
    }
    if conditions.is_empty() && table.computed.is_empty() {
        return Ok(base);
    }
    let is_needed = |c: &&&Column| {
        let is_exposed = table.exposed.iter().any(|(inner, _)| *inner == c.name);
        let is_computed = table.computed.iter().any(|(name, _)| *name == c.name);
        (is_exposed || keys.contains(c.name.as_str())) && !is_computed
    };
    let mut items: Vec<String> = columns.iter().filter(is_needed).map(|c| sql::column(ROWS, &c.name)).collect();
    items.extend(table.computed.iter().map(|(name, expr)| sql::named(expr, name)));
    items.extend(table.id.iter().map(|id| sql::column(ROWS, id)));
    Ok(sql::nested(&Select { filter: conditions, ..Select::of(some(items), sql::aliased(&base, ROWS)) }))
}

fn broken_rule() -> Error {
    Error::new(ErrorCode::RuleRefused, "A rule on the rows of this dataset cannot be applied.")
        .hint("Ask the owner of the dataset to look at its rules.")
}

/// A relation has at least one column, even where rows are only counted.
fn some(items: Vec<String>) -> Vec<String> {
    if items.is_empty() { vec!["1 AS one".to_owned()] } else { items }
}

/// All rows of a dataset, with at least these columns.
pub(crate) fn relation(source: &Source<'_>, columns: &[&Column]) -> String {
    relation_with(source, columns, None)
}

/// The same with a column, of this name, that tells the rows apart.
fn relation_with(source: &Source<'_>, columns: &[&Column], id: Option<&str>) -> String {
    let items = |item: &dyn Fn(&Column) -> String, row: String| -> Vec<String> {
        some(columns.iter().map(|c| item(c)).chain(id.map(|id| sql::named(&row, id))).collect())
    };
    let db = source.parts.spelling();
    let parts = match source.parts {
        Parts::Segments(parts) => parts,
        Parts::Table(table) => {
            let read_as = |c: &Column| table.read_as.iter().find(|(name, _)| *name == c.name).map(|(_, ty)| *ty);
            let relation = sql::path(&table.path);
            if id.is_none() && columns.iter().all(|c| read_as(c).is_none()) {
                return relation;
            }
            let item = |c: &Column| match read_as(c) {
                Some(ty) => sql::named(&sql::cast(&sql::ident(&c.name), db.type_name(ty)), &c.name),
                None => sql::ident(&c.name),
            };
            return sql::nested(&Select::of(items(&item, db.row_id(None)), relation));
        }
    };
    match parts {
        [] => {
            let empty = |c: &Column| sql::named(&sql::cast("NULL", db.type_name(c.ty)), &c.name);
            let row = sql::cast("NULL", db.bigint());
            let select = Select { items: items(&empty, row), filter: vec!["FALSE".to_owned()], ..Select::default() };
            sql::nested(&select)
        }
        [part] if id.is_none() => sql::table(part),
        parts => {
            let select = |(i, part): (usize, &String)| {
                Select::of(items(&|c| sql::ident(&c.name), db.row_id(Some(i))), sql::table(part))
            };
            sql::union(&parts.iter().enumerate().map(select).collect::<Vec<_>>())
        }
    }
}
