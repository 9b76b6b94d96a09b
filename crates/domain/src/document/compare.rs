//! What differs between two states, and what an edit left behind.

use super::edit::{Change, Edit};
use super::parts::{Place, changes_between, pick, put};
use super::values::{any_to_json, json_to_any};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What an edit left at each of its paths: a later change of the same value counts, and so does a
/// change of a field or a part for what it is in, and of a whole for what is in it.
pub(super) fn left_by(edit: &Edit) -> BTreeMap<&str, Option<Value>> {
    let mut left: BTreeMap<&str, Option<Value>> = BTreeMap::new();
    for Change { path, new, .. } in &edit.changes {
        let new = new.as_ref().map(as_kept);
        for (other, value) in &mut left {
            if let Some(steps) = within(path, other) {
                if let Some(value) = value {
                    put(value, &steps, new.clone());
                }
            } else if let Some(steps) = within(other, path) {
                *value = new.as_ref().and_then(|whole| pick(whole, &steps)).cloned();
            }
        }
        left.insert(path, new);
    }
    left
}

/// The keys that lead from the value at `outer` to the one at `inner`, if that is in it.
pub(super) fn within<'a>(inner: &'a str, outer: &str) -> Option<Vec<&'a str>> {
    let (inner, outer) = (Place::parse(inner).ok()?, Place::parse(outer).ok()?);
    if (inner.root, inner.id) != (outer.root, outer.id) {
        return None;
    }
    let (steps, head) = (inner.steps(), outer.steps());
    (steps.len() > head.len() && steps.starts_with(&head)).then(|| steps[head.len()..].to_vec())
}

/// A value as the document gives it back.
pub(super) fn as_kept(value: &Value) -> Value {
    any_to_json(&json_to_any(value))
}

/// Changes from one set of values to another, in fields and parts where both have the value.
pub(super) fn differences(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> Vec<Change> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let of = |path: &String| match (before.get(path), after.get(path)) {
        (Some(old), Some(new)) => changes_between(path, old, new),
        (old, new) => vec![Change { path: path.clone(), old: old.cloned(), new: new.cloned() }],
    };
    paths.into_iter().flat_map(of).collect()
}

/// The same for words: tiles in fields, all else whole, so that one sees what became what.
pub(super) fn differences_by_field(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> Vec<Change> {
    let lead = |path: &str| {
        let steps = if path.starts_with("tiles/") { 3 } else { 2 };
        path.split('/').take(steps).collect::<Vec<_>>().join("/")
    };
    let value = |all: &BTreeMap<String, Value>, path: &str| {
        let place = Place::parse(path).ok()?;
        pick(all.get(&format!("{}/{}", place.root, place.id))?, &place.steps()).cloned()
    };
    let paths: BTreeSet<String> = differences(before, after).iter().map(|change| lead(&change.path)).collect();
    paths.into_iter().map(|path| Change { old: value(before, &path), new: value(after, &path), path }).collect()
}
