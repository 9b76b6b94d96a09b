//! Values that merge in parts.
//!
//! The data source of a tile, a tab and a filter control are kept as one value each. A change of a
//! part of one is kept beside it, under a key of its own with a slash in it, so that two people may
//! change two parts at once; writing the value as a whole takes its parts away. A part says what it
//! is a part of: a change of the order of one dataset's rows means nothing once somebody else has
//! chosen another dataset, and is then not seen.

use super::ROOTS;
use super::edit::Change;
use super::values::{any_to_json, json_to_any, leaf_to_json};
use crate::chart::Encodings;
use crate::error::{Error, Result};
use crate::query::{Filter, Query};
use serde_json::{Map as JsonMap, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use yrs::{Any, Map, MapRef, Out, ReadTxn};

/// The field of a tile that has parts.
pub(super) const SOURCE: &str = "data_source";
/// What of a data source has parts.
const SECTIONS: [&str; 3] = ["query", "encodings", "options"];
/// Those of them that are there only with something in them.
const SPARSE: [&str; 2] = ["encodings", "options"];
/// The longest name of an option, and of an entry.
const LONGEST_KEY: usize = 200;
const LONGEST_ID: usize = 80;

/// The parts that entries of a root map have.
pub(super) fn parts_of(root: &str) -> &'static [&'static str] {
    match root {
        "tabs" => &["title", "order"],
        "filters" => &["label", "default", "order"],
        _ => &[],
    }
}

/// A place of the document: an entry of a root map, or something in it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) root: &'a str,
    pub(super) id: &'a str,
    /// A field or a part, as it is called in the entry.
    pub(super) rest: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Reads and checks a path.
    pub(super) fn parse(path: &'a str) -> Result<Self> {
        let bad = || Error::invalid(format!("The document has no place `{path}`.")).field("edit.changes.path");
        let mut steps = path.splitn(3, '/');
        let (Some(root), Some(id)) = (steps.next(), steps.next()) else { return Err(bad()) };
        let rest = steps.next();
        let is_known = ROOTS.contains(&root) && !id.is_empty() && id.len() <= LONGEST_ID;
        let fits = match (root, rest) {
            (_, None) => true,
            ("tiles", Some(field)) => !field.is_empty() && (!field.contains('/') || is_source_part(field)),
            (_, Some(part)) => parts_of(root).contains(&part),
        };
        if is_known && fits { Ok(Self { root, id, rest }) } else { Err(bad()) }
    }

    /// The keys that lead there from its entry.
    pub(super) fn steps(self) -> Vec<&'a str> {
        self.rest.map(|rest| rest.splitn(3, '/').collect()).unwrap_or_default()
    }
}

/// Whether this is a part of a data source. A question that asks another dataset is another question.
pub(super) fn is_source_part(key: &str) -> bool {
    let mut steps = key.splitn(3, '/');
    let (Some(SOURCE), Some(section), Some(name)) = (steps.next(), steps.next(), steps.next()) else { return false };
    SECTIONS.contains(&section)
        && !name.is_empty()
        && name.len() <= LONGEST_KEY
        && (section, name) != ("query", "dataset")
}

/// What a part belongs to, for the part to be seen.
fn belongs_to(entry: &Value, steps: &[&str]) -> String {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    match steps {
        [SOURCE, "query", _] => text(&entry[SOURCE]["query"], "dataset"),
        ["default"] => format!("{}/{}", text(entry, "dataset"), text(entry, "column")),
        _ => String::new(),
    }
}

/// How a part is kept; one that was removed is kept as such.
pub(super) fn kept(entry: &Value, steps: &[&str], value: Option<&Value>) -> Any {
    let owner = Any::String(belongs_to(entry, steps).into());
    Any::Array(std::iter::once(owner).chain(value.map(json_to_any)).collect::<Vec<_>>().into())
}

/// What it belongs to and its value. Anything else under such a key is not seen.
fn read_kept(any: &Any) -> Option<(&str, Option<&Any>)> {
    let Any::Array(kept) = any else { return None };
    match &**kept {
        [Any::String(owner)] => Some((owner, None)),
        [Any::String(owner), value] => Some((owner, Some(value))),
        _ => None,
    }
}

fn put_kept(entry: &mut Value, steps: &[&str], out: &Out) {
    let Out::Any(any) = out else { return };
    if let Some((owner, value)) = read_kept(any)
        && owner == belongs_to(entry, steps)
    {
        put(entry, steps, value.map(any_to_json));
    }
}

/// An entry of a root map, with its parts.
pub(super) fn entry<T: ReadTxn>(txn: &T, root: &str, map: &MapRef, id: &str) -> Option<Value> {
    match map.get(txn, id)? {
        Out::YMap(tile) if root == "tiles" => Some(tile_entry(txn, &tile)),
        out => {
            let mut value = leaf_to_json(txn, &out);
            for part in parts_of(root) {
                if let Some(kept) = map.get(txn, &format!("{id}/{part}")) {
                    put_kept(&mut value, &[part], &kept);
                }
            }
            Some(value)
        }
    }
}

pub(super) fn tile_entry<T: ReadTxn>(txn: &T, tile: &MapRef) -> Value {
    let sorted: BTreeMap<String, Out> = tile.iter(txn).map(|(key, value)| (key.to_owned(), value)).collect();
    let (parts, fields): (Vec<_>, Vec<_>) = sorted.into_iter().partition(|(key, _)| key.contains('/'));
    let fields: JsonMap<String, Value> =
        fields.into_iter().map(|(key, value)| (key, leaf_to_json(txn, &value))).collect();
    let mut entry = Value::Object(fields);
    for (key, value) in parts.iter().filter(|(key, _)| is_source_part(key)) {
        put_kept(&mut entry, &key.splitn(3, '/').collect::<Vec<_>>(), value);
    }
    entry
}

/// The value at these steps.
pub(super) fn pick<'a>(value: &'a Value, steps: &[&str]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, step| value.get(step))
}

/// Puts a value where these steps lead, or takes it away.
pub(super) fn put(value: &mut Value, steps: &[&str], new: Option<Value>) {
    let (Some(map), Some((first, rest))) = (value.as_object_mut(), steps.split_first()) else { return };
    if rest.is_empty() {
        match new {
            Some(new) => drop(map.insert((*first).to_owned(), new)),
            None => drop(map.remove(*first)),
        }
        return;
    }
    let is_sparse = SPARSE.contains(first);
    let removes = new.is_none();
    if is_sparse && !removes {
        map.entry(*first).or_insert_with(|| json!({}));
    }
    let Some(inner) = map.get_mut(*first) else { return };
    put(inner, rest, new);
    if is_sparse && removes && inner.as_object().is_some_and(JsonMap::is_empty) {
        map.remove(*first);
    }
}

/// Checks a part that may not be seen now, and may be some day.
pub(super) fn check_part(key: &[&str], out: &Out) -> Result<()> {
    let Out::Any(any) = out else { return Ok(()) };
    let Some((owner, Some(value))) = read_kept(any) else { return Ok(()) };
    let value = any_to_json(value);
    let is_read = match key {
        [SOURCE, "query", name] => serde_json::from_value::<Query>(json!({"dataset": owner, (*name): value})).map(drop),
        [SOURCE, "encodings", name] => serde_json::from_value::<Encodings>(json!({(*name): value})).map(drop),
        ["label"] => serde_json::from_value::<String>(value).map(drop),
        ["default"] => serde_json::from_value::<Option<Filter>>(value).map(drop),
        _ => Ok(()),
    };
    is_read.map_err(|cause| Error::invalid(format!("`{}` is not valid: {cause}.", key.join("/"))))
}

/// The changes that make of one value of an entry another: of a tile its fields, of what has parts
/// its parts, where that says it all.
pub fn changes_between(path: &str, old: &Value, new: &Value) -> Vec<Change> {
    if old == new {
        return Vec::new();
    }
    let whole = || vec![Change { path: path.to_owned(), old: Some(old.clone()), new: Some(new.clone()) }];
    let (Value::Object(before), Value::Object(after)) = (old, new) else { return whole() };
    let change = |key: &str| Change {
        path: format!("{path}/{key}"),
        old: before.get(key).cloned(),
        new: after.get(key).cloned(),
    };
    let Ok(place) = Place::parse(path) else { return whole() };
    match (place.root, place.rest) {
        ("tiles", None) => differing(before, after)
            .into_iter()
            .flat_map(|key| match (before.get(key), after.get(key)) {
                (Some(old), Some(new)) if key == SOURCE => changes_between(&format!("{path}/{key}"), old, new),
                _ => vec![change(key)],
            })
            .collect(),
        ("tiles", Some(SOURCE)) => source_changes(path, before, after).unwrap_or_else(whole),
        (root, None) => {
            let keys = differing(before, after);
            let has_parts = keys.iter().all(|key| parts_of(root).contains(key));
            if has_parts { keys.into_iter().map(change).collect() } else { whole() }
        }
        _ => whole(),
    }
}

type Object = JsonMap<String, Value>;

fn differing<'a>(before: &'a Object, after: &'a Object) -> Vec<&'a str> {
    let keys: BTreeSet<&str> = before.keys().chain(after.keys()).map(String::as_str).collect();
    keys.into_iter().filter(|key| before.get(*key) != after.get(*key)).collect()
}

/// The parts in which two data sources differ. `None`: in more than that.
fn source_changes(path: &str, before: &Object, after: &Object) -> Option<Vec<Change>> {
    let none = Object::new();
    let mut changes = Vec::new();
    for section in differing(before, after) {
        let sides = match (section, before.get(section), after.get(section)) {
            ("query", Some(Value::Object(old)), Some(Value::Object(new)))
                if old.get("dataset") == new.get("dataset") =>
            {
                (old, new)
            }
            (_, old, new) if SPARSE.contains(&section) => (of_section(old, &none)?, of_section(new, &none)?),
            _ => return None,
        };
        for key in differing(sides.0, sides.1) {
            if key.is_empty() || key.len() > LONGEST_KEY {
                return None;
            }
            let path = format!("{path}/{section}/{key}");
            changes.push(Change { path, old: sides.0.get(key).cloned(), new: sides.1.get(key).cloned() });
        }
    }
    // Nothing against an empty section: no part says that.
    (!changes.is_empty()).then_some(changes)
}

fn of_section<'a>(value: Option<&'a Value>, none: &'a Object) -> Option<&'a Object> {
    match value {
        None => Some(none),
        Some(Value::Object(map)) => Some(map),
        Some(_) => None,
    }
}
