//! A dashboard at one moment, as plain data, and the way from the log to it.

use super::{Change, Document};
use crate::dashboard::Layout;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use yrs::updates::decoder::Decode;
use yrs::{Transact, Update};

/// What people see of a dashboard's document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    pub name: String,
    pub description: String,
    pub theme: String,
    pub layout: Layout,
}

impl Snapshot {
    /// The changes that lead from this moment to another.
    pub fn changes_to(&self, after: &Self) -> Vec<Change> {
        super::compare::differences_by_field(&self.values(), &after.values())
    }

    /// A document of its own: it shows the same and knows nothing of what was before.
    ///
    /// # Errors
    /// A tile or tab has an id that the document cannot hold.
    pub fn document(&self, client_id: u64) -> Result<Document> {
        let document = Document::new(client_id);
        document.apply(&Document::birth(&self.name, &self.description, &self.theme, &self.layout))?;
        Ok(document)
    }

    /// The same with the SQL of its tiles cleared; `None` where there is none.
    pub fn without_sql(mut self) -> Option<Self> {
        self.layout.clear_sql().then_some(self)
    }

    fn values(&self) -> BTreeMap<String, serde_json::Value> {
        let birth = Document::birth(&self.name, &self.description, &self.theme, &self.layout);
        birth.changes.into_iter().filter_map(|c| Some((c.path, super::compare::as_kept(&c.new?)))).collect()
    }
}

impl Document {
    /// What people see of it now.
    pub fn snapshot(&self) -> Snapshot {
        let meta = self.meta();
        let text = |key: &str| meta.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        Snapshot { name: text("name"), description: text("description"), theme: text("theme"), layout: self.layout() }
    }

    /// Takes in a stretch of the log, in its order. Each operation of it was looked at by
    /// [`Document::merge`] before it was written down, so none is looked at again: a thousand of them
    /// take as long as a few that are.
    ///
    /// # Errors
    /// The log is damaged.
    pub fn replay<'a>(&self, updates: impl IntoIterator<Item = &'a [u8]>) -> Result<()> {
        let mut txn = self.doc.transact_mut();
        for update in updates {
            let update = Update::decode_v1(update).map_err(|_| Error::internal())?;
            txn.apply_update(update).map_err(|_| Error::internal())?;
        }
        Ok(())
    }
}
