//! Writes one value at its place.

use super::TEXT_FIELDS;
use super::parts::{Place, SOURCE, entry, kept, parts_of, pick, tile_entry};
use super::values::json_to_any;
use crate::error::Result;
use serde_json::Value;
use yrs::{GetString, Map, MapPrelim, MapRef, Out, Text, TextPrelim, TransactionMut, WriteTxn};

pub(super) fn write(txn: &mut TransactionMut<'_>, path: &str, value: Option<&Value>) -> Result<()> {
    let place = Place::parse(path)?;
    let Place { root, id, rest } = place;
    let map = txn.get_or_insert_map(root);
    match (root, rest, value) {
        ("tiles", None, Some(Value::Object(fields))) => {
            let tile = map.insert(txn, id, MapPrelim::default());
            for (key, value) in fields {
                write_field(txn, &tile, key, Some(value));
            }
        }
        ("tiles", Some(rest), value) => {
            // The tile was deleted meanwhile: the change has nothing to change.
            let Some(Out::YMap(tile)) = map.get(txn, id) else { return Ok(()) };
            if rest.contains('/') {
                write_part(txn, &tile, place, value);
            } else {
                write_field(txn, &tile, rest, value);
            }
        }
        (_, Some(part), value) => {
            if let Some(entry) = entry(txn, root, &map, id) {
                map.insert(txn, format!("{id}/{part}"), kept(&entry, &[part], value));
            }
        }
        (_, None, value) => {
            for part in parts_of(root) {
                map.remove(txn, &format!("{id}/{part}"));
            }
            match value {
                Some(value) => drop(map.insert(txn, id, json_to_any(value))),
                None => drop(map.remove(txn, id)),
            }
        }
    }
    Ok(())
}

/// A part of a tile's data source, where there is what it is a part of.
fn write_part(txn: &mut TransactionMut<'_>, tile: &MapRef, place: Place<'_>, value: Option<&Value>) {
    let (present, steps) = (tile_entry(txn, tile), place.steps());
    let parent = match steps.as_slice() {
        [SOURCE, "query", _] => pick(&present, &steps[..2]),
        _ => pick(&present, &steps[..1]),
    };
    if parent.is_some_and(Value::is_object)
        && let Some(key) = place.rest
    {
        tile.insert(txn, key, kept(&present, &steps, value));
    }
}

fn write_field(txn: &mut TransactionMut<'_>, tile: &MapRef, field: &str, value: Option<&Value>) {
    if field == SOURCE {
        let is_part = |key: &&str| key.strip_prefix(SOURCE).is_some_and(|rest| rest.starts_with('/'));
        let parts: Vec<String> = tile.keys(txn).filter(is_part).map(str::to_owned).collect();
        parts.iter().for_each(|key| drop(tile.remove(txn, key)));
    }
    match value {
        Some(Value::String(new)) if TEXT_FIELDS.contains(&field) => match tile.get(txn, field) {
            Some(Out::YText(text)) => {
                let old = text.get_string(txn);
                let (at, removed, inserted) = splice(&old, new);
                if removed > 0 {
                    text.remove_range(txn, at, removed);
                }
                if !inserted.is_empty() {
                    text.insert(txn, at, inserted);
                }
            }
            _ => {
                tile.insert(txn, field, TextPrelim::new(new.as_str()));
            }
        },
        Some(value) => {
            tile.insert(txn, field, json_to_any(value));
        }
        None => {
            tile.remove(txn, field);
        }
    }
}

/// The one replacement that turns `old` into `new`: where, how much goes, what comes. Counted in
/// UTF-16 units, as the document does.
fn splice<'a>(old: &str, new: &'a str) -> (u32, u32, &'a str) {
    let same = |(a, b): &(char, char)| a == b;
    let start: usize = old.chars().zip(new.chars()).take_while(same).map(|(a, _)| a.len_utf8()).sum();
    let (head, old, new) = (&old[..start], &old[start..], &new[start..]);
    let end: usize = old.chars().rev().zip(new.chars().rev()).take_while(same).map(|(a, _)| a.len_utf8()).sum();
    let units = |text: &str| text.encode_utf16().count() as u32;
    (units(head), units(&old[..old.len() - end]), &new[..new.len() - end])
}
