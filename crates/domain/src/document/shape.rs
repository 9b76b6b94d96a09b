//! A document read as a dashboard, and a dashboard as the edit that makes it.

use super::edit::{Change, Edit};
use super::parts::{check_part, is_source_part, parts_of};
use super::settle::settle;
use super::{Document, MAX_TILES, ROOTS};
use crate::dashboard::{FilterControl, Layout, Tab, Tile};
use crate::error::{Error, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use yrs::{Map, Out, ReadTxn, Transact};

impl Document {
    /// The entries of `meta`: name, description, theme, kind.
    pub fn meta(&self) -> BTreeMap<String, Value> {
        self.entries("meta")
    }

    /// The tiles by id, each where it was put last. One that does not read as a tile is left out.
    pub fn tiles(&self) -> BTreeMap<String, Tile> {
        let read = |(id, value): (String, Value)| {
            let mut tile: Tile = serde_json::from_value(value).ok()?;
            tile.id.clone_from(&id);
            Some((id, tile))
        };
        self.entries("tiles").into_iter().filter_map(read).collect()
    }

    /// The layout as the API shows it: tiles from top to bottom and none over another, tabs and
    /// filters in their order.
    pub fn layout(&self) -> Layout {
        let meta = self.meta();
        let kind = meta.get("kind").and_then(|k| serde_json::from_value(k.clone()).ok()).unwrap_or_default();
        let tabs: Vec<Tab> =
            ordered(self.entries("tabs")).into_iter().map(|(id, v)| Tab { id, title: text_of(&v, "title") }).collect();
        let mut widgets: Vec<Tile> = self.tiles().into_values().collect();
        settle(&mut widgets, &tabs);
        widgets.sort_by(|a, b| (a.position.y, a.position.x, &a.id).cmp(&(b.position.y, b.position.x, &b.id)));
        let filters = ordered(self.entries("filters"))
            .into_iter()
            .filter_map(|(id, mut v)| {
                v.as_object_mut()?.insert("id".into(), id.into());
                serde_json::from_value(v).ok()
            })
            .collect();
        Layout { kind, tabs, widgets, filters }
    }

    /// Checks that what it holds is a dashboard: used by the server after each foreign update.
    ///
    /// # Errors
    /// A tile that does not read as one, a place off the grid, or too many tiles.
    pub fn validate(&self) -> Result<()> {
        self.check_shape()?;
        let tiles = self.entries("tiles");
        if tiles.len() > MAX_TILES {
            return Err(Error::invalid(format!("A dashboard can have at most {MAX_TILES} tiles.")));
        }
        for (id, value) in tiles {
            let tile: Tile = serde_json::from_value(value)
                .map_err(|e| Error::invalid(format!("Tile {id} is not valid: {e}.")).field(format!("tiles/{id}")))?;
            if !tile.position.is_on_grid() {
                return Err(Error::invalid("A tile must lie within the grid.").field(format!("tiles/{id}/position")));
            }
        }
        for (id, mut value) in self.entries("filters") {
            if let Some(map) = value.as_object_mut() {
                map.insert("id".into(), id.clone().into());
            }
            serde_json::from_value::<FilterControl>(value)
                .map_err(|e| Error::invalid(format!("Filter {id} is not valid: {e}.")))?;
        }
        Ok(())
    }

    /// Checks that tiles are maps of plain values and texts, and all else plain values.
    fn check_shape(&self) -> Result<()> {
        let txn = self.doc.transact();
        for root in ROOTS {
            for (id, value) in txn.get_map(root).iter().flat_map(|map| map.iter(&txn)) {
                let is_plain = match &value {
                    Out::YMap(tile) => {
                        root == "tiles" && tile.iter(&txn).all(|(_, v)| matches!(v, Out::Any(_) | Out::YText(_)))
                    }
                    other => root != "tiles" && matches!(other, Out::Any(_)),
                };
                if !is_plain {
                    return Err(Error::invalid("The document cannot hold this.").field(format!("{root}/{id}")));
                }
                if let Out::YMap(tile) = &value {
                    for (key, part) in tile.iter(&txn).filter(|(key, _)| is_source_part(key)) {
                        check_part(&key.splitn(3, '/').collect::<Vec<_>>(), &part)?;
                    }
                } else if let Some((_, part)) = id.split_once('/').filter(|(_, part)| parts_of(root).contains(part)) {
                    check_part(&[part], &value)?;
                }
            }
        }
        Ok(())
    }

    /// The edit that makes an empty document into this dashboard.
    pub fn birth(name: &str, description: &str, theme: &str, layout: &Layout) -> Edit {
        let put = |path: String, new: Value| Change { path, old: None, new: Some(new) };
        let mut changes = vec![
            put("meta/name".into(), name.into()),
            put("meta/description".into(), description.into()),
            put("meta/theme".into(), theme.into()),
            put("meta/kind".into(), serde_json::to_value(layout.kind).unwrap_or_default()),
        ];
        for (i, tab) in layout.tabs.iter().enumerate() {
            changes
                .push(put(format!("tabs/{}", tab.id), serde_json::json!({"title": tab.title, "order": order_key(i)})));
        }
        for (i, control) in layout.filters.iter().enumerate() {
            changes.push(put(format!("filters/{}", control.id), filter_value(control, i)));
        }
        for tile in &layout.widgets {
            changes.push(put(format!("tiles/{}", tile.id), tile_value(tile)));
        }
        Edit { label: "Create dashboard".into(), changes }
    }
}

/// A filter control as the document keeps it, at place `index` of the bar.
pub fn filter_value(control: &FilterControl, index: usize) -> Value {
    let mut value = serde_json::to_value(control).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.remove("id");
        map.insert("order".into(), order_key(index).into());
    }
    value
}

/// A tile as the document keeps it.
pub fn tile_value(tile: &Tile) -> Value {
    let mut value = serde_json::to_value(tile).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.remove("id");
        map.entry("title").or_insert_with(|| "".into());
    }
    value
}

/// Sort key of the `index`th entry; leaves room between entries.
fn order_key(index: usize) -> f64 {
    (index as f64 + 1.0) * 1024.0
}

fn ordered(entries: BTreeMap<String, Value>) -> Vec<(String, Value)> {
    let mut entries: Vec<_> = entries.into_iter().collect();
    let key = |v: &Value| v.get("order").and_then(Value::as_f64).unwrap_or(f64::MAX);
    entries.sort_by(|a, b| key(&a.1).total_cmp(&key(&b.1)).then_with(|| a.0.cmp(&b.0)));
    entries
}

fn text_of(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
