//! What differs between two states, and what an edit left behind.

use super::edit::{Change, Edit};
use super::values::{any_to_json, json_to_any};
use super::write::parse_path;
use serde_json::Value;
use std::collections::BTreeMap;

/// What an edit left at each of its paths: a later change of the same value counts, and so does a
/// change of a field for its tile and of a tile for its fields.
pub(super) fn left_by(edit: &Edit) -> BTreeMap<&str, Option<Value>> {
    let mut left: BTreeMap<&str, Option<Value>> = BTreeMap::new();
    for Change { path, new, .. } in &edit.changes {
        let new = new.as_ref().map(as_kept);
        if let Ok((_, _, Some(field))) = parse_path(path) {
            let tile = path.rsplit_once('/').and_then(|(tile, _)| left.get_mut(tile));
            match (tile, &new) {
                (Some(Some(Value::Object(tile))), Some(new)) => drop(tile.insert(field.to_owned(), new.clone())),
                (Some(Some(Value::Object(tile))), None) => drop(tile.remove(field)),
                _ => {}
            }
        } else {
            for (other, value) in &mut left {
                if let Some(field) = other.strip_prefix(path.as_str()).and_then(|rest| rest.strip_prefix('/')) {
                    *value = new.as_ref().and_then(|tile| tile.get(field)).cloned();
                }
            }
        }
        left.insert(path, new);
    }
    left
}

/// A value as the document gives it back.
pub(super) fn as_kept(value: &Value) -> Value {
    any_to_json(&json_to_any(value))
}

/// Changes from one set of values to another, tiles field by field where both have the tile.
pub(super) fn differences(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> Vec<Change> {
    let mut changes = Vec::new();
    let paths: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for path in paths {
        match (before.get(path), after.get(path)) {
            (old, new) if old == new => {}
            (Some(Value::Object(old)), Some(Value::Object(new))) if path.starts_with("tiles/") => {
                let fields: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
                for field in fields.into_iter().filter(|f| old.get(*f) != new.get(*f)) {
                    let path = format!("{path}/{field}");
                    changes.push(Change { path, old: old.get(field).cloned(), new: new.get(field).cloned() });
                }
            }
            (old, new) => changes.push(Change { path: path.clone(), old: old.cloned(), new: new.cloned() }),
        }
    }
    changes
}
