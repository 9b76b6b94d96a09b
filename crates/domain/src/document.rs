//! The living form of a dashboard: a CRDT document (yrs) that any number of people edit at once.
//!
//! Shape: root maps `meta`, `tiles`, `tabs`, `filters`. A tile is a map of its fields, so that two
//! people may change the title and the place of one tile at the same time; its place is one value.
//! Titles are text and merge letter by letter.
//!
//! Every edit is an [`Edit`]: a list of changes that know their old and new value. That makes the
//! log readable, and undo the inverse of one's own last edit, applied only where nobody has
//! changed the value since.

mod compare;
mod diff;
mod edit;
mod facts;
mod guard;
mod shape;
mod snapshot;
mod values;
mod words;
mod write;

pub use diff::{Difference, TileDifference, TileFate, diff};
pub use edit::{Broadcast, Change, Edit, Intent, Opened, Operation, Step};
pub use facts::{Fact, Names, facts, net};
pub use shape::{filter_value, tile_value};
pub use snapshot::Snapshot;
pub use words::sentence;

use crate::dashboard::Layout;
use crate::error::{Error, ErrorCode, Result};
use compare::{as_kept, differences, left_by};
use serde_json::Value;
use std::collections::BTreeMap;
use values::{leaf_to_json, out_to_json};
use write::{parse_path, write};
use yrs::updates::decoder::Decode;
use yrs::{ClientID, Doc, Map, OffsetKind, Options, Out, ReadTxn, StateVector, Transact, Update};

/// The root maps of the document.
const ROOTS: [&str; 4] = ["meta", "tiles", "tabs", "filters"];
/// The fields of a tile that are text and merge letter by letter.
const TEXT_FIELDS: [&str; 2] = ["title", "text"];
/// The most tiles a dashboard may have.
pub const MAX_TILES: usize = 200;

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
}
