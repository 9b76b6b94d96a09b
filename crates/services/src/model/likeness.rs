//! What the names of columns say about which of them belong together.

use super::relationships::joinable;
use super::suggest::Candidate;
use crate::catalog::Loaded;
use domain::{Column, DataType, Role};
use std::sync::Arc;

/// Columns that say little by their name: every dataset has them.
const COMMON: [&str; 16] = [
    "id",
    "name",
    "date",
    "day",
    "month",
    "year",
    "hour",
    "minute",
    "time",
    "value",
    "count",
    "label",
    "type",
    "status",
    "description",
    "title",
];
/// Last words of a column that points at another dataset.
const KEYS: [&str; 6] = ["id", "code", "key", "no", "number", "nr"];

/// Pairs whose names say that they belong together.
pub(super) fn by_names(here: &Loaded, there: &Arc<Loaded>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut shared: Vec<&Column> = Vec::new();
    for left in here.stored().filter(|c| is_keylike(c)) {
        for right in there.stored().filter(|c| is_keylike(c) && joinable(left.ty, c.ty)) {
            let Some((by_name, why)) = likeness(here, &left.name, there, &right.name) else { continue };
            if left.name.eq_ignore_ascii_case(&right.name) {
                shared.push(left);
            }
            found.push(Candidate {
                there: there.clone(),
                on: vec![(left.name.clone(), right.name.clone())],
                by_name,
                why,
            });
        }
    }
    // Several shared columns may be a key together: a time with a place, or all of them.
    if (2..=6).contains(&shared.len()) {
        let pair = |columns: Vec<&Column>| Candidate {
            there: there.clone(),
            on: columns.iter().map(|c| (c.name.clone(), other_name(there, &c.name))).collect(),
            by_name: 0.85,
            why: "The columns have the same names",
        };
        let (times, rest): (Vec<&Column>, Vec<&Column>) = shared.iter().partition(|c| c.ty.is_time());
        let telling: Vec<&Column> = rest.iter().copied().filter(|c| !is_common(&c.name)).collect();
        if let ([time], true) = (times.as_slice(), !telling.is_empty()) {
            found.push(pair([&[*time], telling.as_slice()].concat()));
        } else {
            found.push(pair(shared));
        }
    }
    found
}

fn other_name(there: &Loaded, name: &str) -> String {
    let same = there.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name));
    same.map_or_else(|| name.to_owned(), |c| c.name.clone())
}

/// Whether a column can tell rows apart: measures and true-or-false do not.
fn is_keylike(column: &Column) -> bool {
    match column.ty {
        DataType::Text | DataType::Date | DataType::Timestamp => true,
        DataType::Integer | DataType::Decimal => column.role != Role::Measure || ends_in_key(&column.name).is_some(),
        _ => false,
    }
}

fn is_common(name: &str) -> bool {
    COMMON.contains(&name.to_lowercase().as_str())
}

/// `customer_id` is the `id` of a `customer`.
fn ends_in_key(name: &str) -> Option<(String, String)> {
    let name = name.to_lowercase();
    let (what, key) = name.rsplit_once(['_', ' ', '-'])?;
    KEYS.contains(&key).then(|| (what.to_owned(), key.to_owned()))
}

/// What two names say about each other, and the words for it.
fn likeness(here: &Loaded, left: &str, there: &Loaded, right: &str) -> Option<(f64, &'static str)> {
    if left.eq_ignore_ascii_case(right) {
        return Some((if is_common(left) { 0.3 } else { 1.0 }, "The columns have the same name"));
    }
    let points_at = |name: &str, dataset: &Loaded, column: &str| {
        let what = ends_in_key(name).map(|(what, _)| what).unwrap_or_else(|| name.to_lowercase());
        let column = column.to_lowercase();
        let is_key = KEYS.contains(&column.as_str()) || column == what;
        is_key && is_called(dataset, &what)
    };
    if points_at(left, there, right) || points_at(right, here, left) {
        return Some((0.9, "The name of the column says so"));
    }
    let says = |loaded: &Loaded, column: &str, word: &str| {
        let words = loaded.model.model.synonyms.get(column);
        words.is_some_and(|words| words.iter().any(|w| w.eq_ignore_ascii_case(word)))
    };
    if says(here, left, right) || says(there, right, left) {
        return Some((0.9, "A synonym of the column says so"));
    }
    let last = |name: &str| name.to_lowercase().rsplit(['_', ' ', '-']).next().unwrap_or_default().to_owned();
    let (a, b) = (last(left), last(right));
    (a == b && a.len() > 3 && !is_common(&a)).then_some((0.6, "The names of the columns are alike"))
}

/// Whether a dataset is named after a thing: `customers` holds each `customer`.
fn is_called(dataset: &Loaded, thing: &str) -> bool {
    let name = dataset.row.name.to_lowercase();
    let mut plurals = vec![thing.to_owned(), format!("{thing}s"), format!("{thing}es")];
    plurals.extend(thing.strip_suffix('y').map(|stem| format!("{stem}ies")));
    plurals.contains(&name)
}
