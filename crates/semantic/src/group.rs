//! Groups of rows and the measures of each, also where joins repeat the rows that a measure is about.

use crate::dialect::Spelling;
use crate::measure::{Atom, Value};
use crate::scope::ROWS;
use crate::sql::{self, Select};
use std::collections::{BTreeMap, BTreeSet};

/// A relation with one row for each combination of `keys`, its columns `k1` ... and `m1` ....
///
/// Measures over repeated rows get a SELECT for each dataset they are about, in which each of its rows
/// stands once in each group; the groups of all rows tell which ones there are.
pub(crate) fn grouped(
    keys: &[String],
    values: &[&Value],
    from: &[String],
    conditions: &[String],
    db: Spelling,
) -> String {
    let named = |prefix: &str, all: &[String]| -> Vec<String> {
        all.iter().enumerate().map(|(i, e)| sql::named(e, &format!("{prefix}{}", i + 1))).collect()
    };
    let positions: Vec<String> = (1..=keys.len()).map(|i| i.to_string()).collect();
    let base = Select {
        items: named("k", keys),
        from: from.to_vec(),
        filter: conditions.to_vec(),
        group: positions.clone(),
        ..Select::default()
    };
    if !values.iter().any(|v| v.is_repeated()) {
        let all: Vec<String> = values.iter().map(|v| v.sql(db)).collect();
        let items = [base.items.clone(), named("m", &all)].concat();
        return sql::nested(&Select { items, ..base });
    }
    let atoms: Vec<&Atom> = values.iter().flat_map(|v| v.atoms()).collect();
    let mut homes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut plain = Vec::new();
    for (i, atom) in atoms.iter().enumerate() {
        match &atom.repeated {
            Some(repeated) => homes.entry(repeated.home).or_default().push(i),
            None => plain.push(i),
        }
    }
    let name = |i: usize| format!("a{}", i + 1);
    // Where each aggregate is read from in the end.
    let mut read: Vec<String> = (0..atoms.len()).map(|i| sql::column("d", &name(i))).collect();
    let mut items = base.items.clone();
    items.extend(plain.iter().map(|i| sql::named(&atoms[*i].sql, &name(*i))));
    if items.is_empty() {
        items.push("1 AS one".to_owned());
    }
    let is_one_row = keys.is_empty() && plain.is_empty();
    let main = if is_one_row { Select { items, ..Select::default() } } else { Select { items, ..base.clone() } };
    let mut relation = sql::aliased(&sql::nested(&main), "d");
    for (home, all) in &homes {
        let alias = format!("d{home}");
        let once = once(keys, &base, all.iter().filter_map(|i| atoms[*i].repeated.as_ref()), db);
        let mut items: Vec<String> = once
            .keys
            .iter()
            .enumerate()
            .map(|(i, k)| sql::named(&sql::column(ROWS, k), &format!("k{}", i + 1)))
            .collect();
        items.extend(all.iter().map(|i| sql::named(&atoms[*i].sql, &name(*i))));
        let rows = sql::aliased(&once.relation, ROWS);
        let groups = Select { group: positions.clone(), ..Select::of(items, rows) };
        let same = |i: usize| {
            let key = format!("k{}", i + 1);
            (sql::column("d", &key), sql::column(&alias, &key))
        };
        let on: Vec<(String, String)> = (0..keys.len()).map(same).collect();
        relation = sql::join(&relation, false, &sql::aliased(&sql::nested(&groups), &alias), &db.same(&on));
        for i in all {
            let value = sql::column(&alias, &name(*i));
            read[*i] = if atoms[*i].counts { sql::call("coalesce", &[&value, "0"]) } else { value };
        }
    }
    let mut next = read.into_iter();
    let all: Vec<String> = values.iter().map(|v| v.print(db, &mut |_| next.next().unwrap_or_default())).collect();
    let mut items: Vec<String> = (1..=keys.len()).map(|i| sql::column("d", &format!("k{i}"))).collect();
    items.extend(named("m", &all));
    sql::nested(&Select::of(items, relation))
}

/// Rows of which each stands once in each group.
struct Once {
    relation: String,
    /// The names of the keys.
    keys: Vec<String>,
}

fn once<'r>(
    keys: &[String],
    base: &Select,
    repeated: impl Iterator<Item = &'r crate::measure::Repeated> + Clone,
    db: Spelling,
) -> Once {
    let reads: BTreeSet<&String> = repeated.clone().flat_map(|r| &r.reads).collect();
    // No column read begins like a key.
    let mut prefix = "k".to_owned();
    while reads.iter().any(|c| c.starts_with(&prefix)) {
        prefix.push('*');
    }
    let names: Vec<String> = (1..=keys.len()).map(|i| format!("{prefix}{i}")).collect();
    let mut items: Vec<String> = keys.iter().zip(&names).map(|(k, n)| sql::named(k, n)).collect();
    items.extend(reads.iter().map(|c| sql::named(&db.any_value(&sql::column(ROWS, c)), c)));
    let id = repeated.map(|r| r.id.clone()).next().unwrap_or_default();
    if items.is_empty() {
        items.push("1 AS one".to_owned());
    }
    let mut filter = base.filter.clone();
    // A join that finds nothing makes no row of its dataset.
    filter.push(sql::is_not_null(&id));
    let mut group = base.group.clone();
    group.push(id);
    Once { relation: sql::nested(&Select { items, filter, group, ..base.clone() }), keys: names }
}
