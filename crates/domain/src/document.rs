//! The living form of a dashboard: a CRDT document (yrs) that any number of people edit at once.
//!
//! Shape: root maps `meta`, `tiles`, `tabs`, `filters`. A tile is a map of its fields, so that two
//! people may change the title and the place of one tile at the same time; its place is one value.
//! Titles are text and merge letter by letter.
//!
//! Every edit is an [`Edit`]: a list of changes that know their old and new value. That makes the
//! log readable, and undo the inverse of one's own last edit, applied only where nobody has
//! changed the value since.

mod guard;

use crate::dashboard::{FilterControl, Layout, Tab, Tile};
use crate::error::{Error, ErrorCode, Result};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map as JsonMap, Value};
use std::collections::BTreeMap;
use yrs::updates::decoder::Decode;
use yrs::{
    Any, ClientID, Doc, GetString, Map, MapPrelim, MapRef, Number, OffsetKind, Options, Out, ReadTxn, StateVector,
    Text, TextPrelim, Transact, TransactionMut, Update, WriteTxn,
};

/// The root maps of the document.
const ROOTS: [&str; 4] = ["meta", "tiles", "tabs", "filters"];
/// The fields of a tile that are text and merge letter by letter.
const TEXT_FIELDS: [&str; 2] = ["title", "text"];
/// The most tiles a dashboard may have.
pub const MAX_TILES: usize = 200;

/// One value of the document that became another. A path has two or three steps:
/// `meta/name`, `tabs/{id}`, `filters/{id}`, `tiles/{id}`, `tiles/{id}/position`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub path: String,
    /// Absent: there was nothing.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// Absent: it is removed.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// Reads a value that is there, be it null, which serde alone takes for absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// What one person did in one go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// In words, for the history: "Move tile".
    pub label: String,
    pub changes: Vec<Change>,
}

impl Edit {
    /// The edit that takes this one back.
    pub fn inverse(&self) -> Self {
        let changes = self
            .changes
            .iter()
            .rev()
            .map(|c| Change { path: c.path.clone(), old: c.new.clone(), new: c.old.clone() })
            .collect();
        Self { label: self.label.clone(), changes }
    }
}

/// Why an operation was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    #[default]
    Edit,
    Undo,
    Redo,
}

/// An edit on its way to the log: the CRDT update with the edit that made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Chosen by the browser; sending the same operation twice is harmless.
    pub id: String,
    /// yrs update (encoding v1), base64.
    pub update: String,
    pub edit: Edit,
    #[serde(default)]
    pub intent: Intent,
    /// With undo and redo: the id of the operation that is taken back or made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// What a browser gets when it opens a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Encoded state (yrs update, encoding v1), base64.
    pub state: String,
    pub version: u64,
    /// The caller's own edits that can be undone, latest last.
    pub undo: Vec<Step>,
    /// The caller's own edits that can be made again, next one last.
    pub redo: Vec<Step>,
}

/// One's own edit, for undo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Id of the operation.
    pub id: String,
    pub edit: Edit,
}

/// What the topic of a document carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broadcast {
    /// Id of the operation, so that its author can tell it is the own one.
    pub id: String,
    /// yrs update (encoding v1), base64.
    pub update: String,
    pub user_id: String,
    pub user_name: String,
    pub version: u64,
}

/// A dashboard document.
pub struct Document {
    doc: Doc,
}

impl Document {
    /// An empty document of a replica. Two replicas that edit at once need different `client_id`s.
    pub fn new(client_id: u64) -> Self {
        // yrs keeps client ids within 53 bits, as Yjs does.
        let mut options = Options::with_client_id(ClientID::new(client_id & ((1 << 53) - 1)));
        // As it counts clocks: in bytes, a foreign update that cuts a character in two upsets its sums.
        options.offset_kind = OffsetKind::Utf16;
        let doc = Doc::with_options(options);
        for root in ROOTS {
            doc.get_or_insert_map(root);
        }
        Self { doc }
    }

    /// A document from its encoded state.
    ///
    /// # Errors
    /// The state is not a yrs update.
    pub fn load(client_id: u64, state: &[u8]) -> Result<Self> {
        let document = Self::new(client_id);
        document.merge(state)?;
        Ok(document)
    }

    /// The whole state, for [`Document::load`].
    pub fn state(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    /// What this document has seen, for [`Document::missing`].
    pub fn seen(&self) -> Vec<u8> {
        use yrs::updates::encoder::Encode;
        self.doc.transact().state_vector().encode_v1()
    }

    /// What a document that has seen `seen` lacks.
    ///
    /// # Errors
    /// `seen` is not a state vector.
    pub fn missing(&self, seen: &[u8]) -> Result<Vec<u8>> {
        let broken = || Error::invalid("This is not a state vector.");
        if !guard::is_sound_vector(seen) {
            return Err(broken());
        }
        let seen = StateVector::decode_v1(seen).map_err(|_| broken())?;
        Ok(self.doc.transact().encode_state_as_update_v1(&seen))
    }

    /// Takes in somebody else's update. Taking one in twice changes nothing.
    ///
    /// # Errors
    /// The bytes are not an update of a dashboard's document; or, with [`ErrorCode::Conflict`], it
    /// builds on one that has not arrived: [`Document::missing`] of its author helps. Nothing changes.
    pub fn merge(&self, update: &[u8]) -> Result<()> {
        let broken = || Error::invalid("This is not an update of the document.");
        let state = self.state();
        let mut index = guard::Index::default();
        let known = guard::outline(&state).and_then(|known| index.add(&known));
        if known != Some(true) {
            return Err(Error::internal());
        }
        match index.add(&guard::outline(update).ok_or_else(broken)?) {
            Some(true) => {}
            Some(false) => return Err(broken()),
            None => {
                return Err(Error::new(ErrorCode::Conflict, "This change builds on one that has not arrived.")
                    .hint("Reload the page."));
            }
        }
        let update = Update::decode_v1(update).map_err(|_| broken())?;
        self.doc
            .transact_mut()
            .apply_update(update)
            .map_err(|_| Error::invalid("This update does not fit the document."))
    }

    /// Makes an edit and returns the update for the others.
    ///
    /// # Errors
    /// A path that the document does not have, or a tile that is not an object; then nothing changes.
    pub fn apply(&self, edit: &Edit) -> Result<Vec<u8>> {
        // All of it before the first write: a transaction cannot be taken back.
        for change in &edit.changes {
            let (root, _, field) = parse_path(&change.path)?;
            if root == "tiles" && field.is_none() && change.new.as_ref().is_some_and(|new| !new.is_object()) {
                return Err(Error::invalid("A tile is an object.").field(&change.path));
            }
        }
        let mut txn = self.doc.transact_mut();
        for change in &edit.changes {
            write(&mut txn, &change.path, change.new.as_ref())?;
        }
        let update = txn.encode_update_v1();
        drop(txn);
        Ok(update)
    }

    /// The part of `edit` that still stands: values that are what the edit made them. Undoing is
    /// applying the inverse of this, so that nobody else's later change is lost.
    pub fn still_standing(&self, edit: &Edit) -> Edit {
        let left = left_by(edit);
        let stands = |c: &&Change| left.get(c.path.as_str()) == Some(&self.get(&c.path));
        Edit { label: edit.label.clone(), changes: edit.changes.iter().filter(stands).cloned().collect() }
    }

    /// The value at a path.
    pub fn get(&self, path: &str) -> Option<Value> {
        let (root, id, field) = parse_path(path).ok()?;
        let txn = self.doc.transact();
        let map = txn.get_map(root)?;
        let value = map.get(&txn, id)?;
        match (field, value) {
            (None, value) => Some(out_to_json(&txn, &value)),
            (Some(field), Out::YMap(tile)) => tile.get(&txn, field).map(|v| leaf_to_json(&txn, &v)),
            (Some(_), _) => None,
        }
    }

    /// A change of one value, with its old value read from the document.
    pub fn change(&self, path: impl Into<String>, new: Option<Value>) -> Change {
        let path = path.into();
        Change { old: self.get(&path), path, new }
    }

    /// Everything under one root, by id.
    fn entries(&self, root: &str) -> BTreeMap<String, Value> {
        let txn = self.doc.transact();
        let Some(map) = txn.get_map(root) else { return BTreeMap::new() };
        map.iter(&txn).map(|(key, value)| (key.to_owned(), out_to_json(&txn, &value))).collect()
    }

    /// Every value by path: `meta/..`, `tabs/..`, `filters/..` whole, `tiles/{id}` by its fields.
    fn values(&self) -> BTreeMap<String, Value> {
        ROOTS
            .iter()
            .flat_map(|root| self.entries(root).into_iter().map(move |(k, v)| (format!("{root}/{k}"), v)))
            .collect()
    }

    /// The changes that lead from `before` to this document: what really happened, whoever says so.
    pub fn changes_since(&self, before: &Self) -> Vec<Change> {
        differences(&before.values(), &self.values())
    }

    /// The edit that makes this document into the given dashboard.
    pub fn edit_towards(&self, label: &str, name: &str, description: &str, theme: &str, layout: &Layout) -> Edit {
        let birth = Self::birth(name, description, theme, layout);
        let wanted = birth.changes.into_iter().filter_map(|c| Some((c.path, as_kept(&c.new?)))).collect();
        Edit { label: label.to_owned(), changes: differences(&self.values(), &wanted) }
    }

    /// The entries of `meta`: name, description, theme, kind.
    pub fn meta(&self) -> BTreeMap<String, Value> {
        self.entries("meta")
    }

    /// The tiles by id. One that does not read as a tile is left out.
    pub fn tiles(&self) -> BTreeMap<String, Tile> {
        let read = |(id, value): (String, Value)| {
            let mut tile: Tile = serde_json::from_value(value).ok()?;
            tile.id.clone_from(&id);
            Some((id, tile))
        };
        self.entries("tiles").into_iter().filter_map(read).collect()
    }

    /// The layout as the API shows it: tiles from top to bottom, tabs and filters in their order.
    pub fn layout(&self) -> Layout {
        let meta = self.meta();
        let kind = meta.get("kind").and_then(|k| serde_json::from_value(k.clone()).ok()).unwrap_or_default();
        let mut widgets: Vec<Tile> = self.tiles().into_values().collect();
        widgets.sort_by(|a, b| (a.position.y, a.position.x, &a.id).cmp(&(b.position.y, b.position.x, &b.id)));
        let tabs =
            ordered(self.entries("tabs")).into_iter().map(|(id, v)| Tab { id, title: text_of(&v, "title") }).collect();
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
                let is_plain = match value {
                    Out::YMap(tile) => {
                        root == "tiles" && tile.iter(&txn).all(|(_, v)| matches!(v, Out::Any(_) | Out::YText(_)))
                    }
                    other => root != "tiles" && matches!(other, Out::Any(_)),
                };
                if !is_plain {
                    return Err(Error::invalid("The document cannot hold this.").field(format!("{root}/{id}")));
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

/// What an edit left at each of its paths: a later change of the same value counts, and so does a
/// change of a field for its tile and of a tile for its fields.
fn left_by(edit: &Edit) -> BTreeMap<&str, Option<Value>> {
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
fn as_kept(value: &Value) -> Value {
    any_to_json(&json_to_any(value))
}

/// Changes from one set of values to another, tiles field by field where both have the tile.
fn differences(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> Vec<Change> {
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

fn ordered(entries: BTreeMap<String, Value>) -> Vec<(String, Value)> {
    let mut entries: Vec<_> = entries.into_iter().collect();
    let key = |v: &Value| v.get("order").and_then(Value::as_f64).unwrap_or(f64::MAX);
    entries.sort_by(|a, b| key(&a.1).total_cmp(&key(&b.1)).then_with(|| a.0.cmp(&b.0)));
    entries
}

fn text_of(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Splits and checks a path.
fn parse_path(path: &str) -> Result<(&str, &str, Option<&str>)> {
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

fn write(txn: &mut TransactionMut<'_>, path: &str, value: Option<&Value>) -> Result<()> {
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

fn json_to_any(value: &Value) -> Any {
    match value {
        Value::Null => Any::Null,
        Value::Bool(b) => Any::Bool(*b),
        Value::Number(n) => Any::Number(match n.as_i64() {
            Some(int) => Number::Int(int),
            None => Number::Float(n.as_f64().unwrap_or_default()),
        }),
        Value::String(s) => Any::String(s.as_str().into()),
        Value::Array(a) => Any::Array(a.iter().map(json_to_any).collect::<Vec<_>>().into()),
        Value::Object(o) => {
            Any::from(o.iter().map(|(k, v)| (k.clone(), json_to_any(v))).collect::<std::collections::HashMap<_, _>>())
        }
    }
}

const BEYOND_I32: f64 = 2_147_483_648.0;
const BEYOND_I64: f64 = 9_223_372_036_854_775_808.0;

fn any_to_json(any: &Any) -> Value {
    match any {
        Any::Null | Any::Undefined | Any::Buffer(_) => Value::Null,
        Any::Bool(b) => Value::Bool(*b),
        Any::Number(Number::Int(i)) => Value::from(*i),
        // yrs writes an integer of more than 31 bits as a float where that is exact.
        Any::Number(Number::Float(f)) if f.fract() == 0.0 && (BEYOND_I32..=BEYOND_I64).contains(&f.abs()) => {
            Value::from(*f as i64)
        }
        Any::Number(Number::Float(f)) => Value::from(*f),
        Any::String(s) => Value::String(s.to_string()),
        Any::Array(a) => Value::Array(a.iter().map(any_to_json).collect()),
        Any::Map(m) => {
            let sorted: BTreeMap<_, _> = m.iter().collect();
            Value::Object(sorted.into_iter().map(|(k, v)| (k.to_string(), any_to_json(v))).collect())
        }
    }
}

/// A field, or an entry that has none. Nothing in a dashboard lies deeper than the fields of a tile.
fn leaf_to_json<T: ReadTxn>(txn: &T, out: &Out) -> Value {
    match out {
        Out::Any(any) => any_to_json(any),
        Out::YText(text) => Value::String(text.get_string(txn)),
        _ => Value::Null,
    }
}

fn out_to_json<T: ReadTxn>(txn: &T, out: &Out) -> Value {
    let Out::YMap(map) = out else { return leaf_to_json(txn, out) };
    let sorted: BTreeMap<String, Value> = map.iter(txn).map(|(k, v)| (k.to_owned(), leaf_to_json(txn, &v))).collect();
    Value::Object(sorted.into_iter().collect::<JsonMap<_, _>>())
}
