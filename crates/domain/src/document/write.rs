//! Writes one value at its path.

use super::values::json_to_any;
use super::{ROOTS, TEXT_FIELDS};
use crate::error::{Error, Result};
use serde_json::Value;
use yrs::{GetString, Map, MapPrelim, MapRef, Out, Text, TextPrelim, TransactionMut, WriteTxn};

/// Splits and checks a path.
pub(super) fn parse_path(path: &str) -> Result<(&str, &str, Option<&str>)> {
    let bad = || Error::invalid(format!("The document has no place `{path}`.")).field("edit.changes.path");
    let mut steps = path.split('/');
    let (Some(root), Some(id), field, None) = (steps.next(), steps.next(), steps.next(), steps.next()) else {
        return Err(bad());
    };
    let known = ROOTS.contains(&root) && !id.is_empty() && id.len() <= 80;
    if !known || (field.is_some() && root != "tiles") || field == Some("") {
        return Err(bad());
    }
    Ok((root, id, field))
}

pub(super) fn write(txn: &mut TransactionMut<'_>, path: &str, value: Option<&Value>) -> Result<()> {
    let (root, id, field) = parse_path(path)?;
    let map = txn.get_or_insert_map(root);
    match (root, field, value) {
        ("tiles", None, Some(Value::Object(fields))) => {
            let tile = map.insert(txn, id, MapPrelim::default());
            for (key, value) in fields {
                write_field(txn, &tile, key, Some(value));
            }
        }
        (_, None, Some(value)) => {
            map.insert(txn, id, json_to_any(value));
        }
        (_, None, None) => {
            map.remove(txn, id);
        }
        (_, Some(field), value) => {
            // The tile was deleted meanwhile: the change has nothing to change.
            if let Some(Out::YMap(tile)) = map.get(txn, id) {
                write_field(txn, &tile, field, value);
            }
        }
    }
    Ok(())
}

fn write_field(txn: &mut TransactionMut<'_>, tile: &MapRef, field: &str, value: Option<&Value>) {
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
