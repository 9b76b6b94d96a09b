//! Which state of a dashboard somebody sees. Those who may change it see the draft; everybody else
//! sees what was published, where something is. Every surface that shows a document asks here.

use super::count;
use crate::{Services, clock, documents};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::dashboard::Layout;
use domain::document::{Document, Opened, Snapshot};
use domain::{Access, Error, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{DashboardRow, PublishedRow};

/// So many publications are kept in memory.
const KEPT: usize = 500;

/// What readers of a dashboard see.
pub(crate) struct Published {
    number: i64,
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) snapshot: Snapshot,
    /// As a browser opens it: a document of its own, which holds nothing that is not in the snapshot.
    state: String,
}

impl Published {
    pub(super) fn new(number: i64, seq: i64, at: i64, snapshot: Snapshot) -> Result<Self> {
        let shown = snapshot.clone().without_sql().unwrap_or_else(|| snapshot.clone());
        let state = BASE64.encode(shown.document(documents::replica())?.state());
        Ok(Self { number, seq, at, snapshot, state })
    }

    /// What a browser needs to watch it.
    pub(crate) fn opened(&self) -> Opened {
        Opened {
            state: self.state.clone(),
            version: count(self.seq),
            undo: Vec::new(),
            redo: Vec::new(),
            published: Some(count(self.number)),
        }
    }
}

/// The draft as readers open it. The SQL in it is not for them: where there is some, they get a document
/// of its own without it, as of a publication.
pub(crate) fn draft_for_readers(draft: &Document, version: i64) -> Result<Opened> {
    let version = count(version);
    let cleared = draft.snapshot().without_sql();
    let published = cleared.as_ref().map(|_| version);
    let state = match cleared {
        Some(snapshot) => snapshot.document(documents::replica())?.state(),
        None => draft.state(),
    };
    Ok(Opened { state: BASE64.encode(state), version, undo: Vec::new(), redo: Vec::new(), published })
}

/// Publications in memory, by dashboard. A number is only ever one publication, so none gets stale.
#[derive(Default)]
pub(crate) struct Shelf {
    kept: Mutex<HashMap<String, Arc<Published>>>,
    /// Whoever publishes: readers are told in the order of the numbers.
    pub(super) turn: tokio::sync::Mutex<()>,
}

impl Shelf {
    fn get(&self, id: &str, number: i64) -> Option<Arc<Published>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(id).filter(|published| published.number == number).cloned()
    }

    fn put(&self, id: &str, published: &Arc<Published>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(id.to_owned(), published.clone());
    }
}

impl Services {
    /// What somebody with this right sees in place of the draft; `None`: the draft itself.
    pub(crate) async fn published_for(&self, row: &DashboardRow, access: Access) -> Result<Option<Arc<Published>>> {
        match row.publication {
            Some(number) if access < Access::Edit => Ok(Some(self.published(&row.id, number).await?)),
            _ => Ok(None),
        }
    }

    /// The tiles, tabs and filters that somebody with this right sees, and of which version.
    pub(crate) async fn layout_for(&self, row: &DashboardRow, access: Access) -> Result<(Layout, i64)> {
        match self.published_for(row, access).await? {
            Some(published) => Ok((published.snapshot.layout.clone(), published.seq)),
            None => self.read_document(&row.id, |document, version| (document.layout(), version)).await,
        }
    }

    async fn published(&self, id: &str, number: i64) -> Result<Arc<Published>> {
        if let Some(published) = self.shelf.get(id, number) {
            return Ok(published);
        }
        // Readers get this publication or nothing, never the draft.
        let row = self.store.publication(id, number).await?.ok_or_else(Error::internal)?;
        let snapshot = serde_json::from_str(&row.snapshot_json).map_err(|cause| {
            tracing::error!(%cause, dashboard = id, number, "a publication cannot be read");
            Error::internal()
        })?;
        let published = Arc::new(Published::new(row.number, row.seq, row.created_at, snapshot)?);
        self.shelf.put(id, &published);
        Ok(published)
    }

    /// What lists repeat of the publications of these dashboards.
    pub(crate) async fn published_among(&self, rows: &[DashboardRow]) -> Result<HashMap<String, PublishedRow>> {
        if rows.iter().all(|row| row.publication.is_none()) {
            return Ok(HashMap::new());
        }
        self.store.published().await
    }
}

/// A dashboard as it stands in the lists of somebody with this right.
pub(crate) fn as_listed(
    row: DashboardRow,
    access: Access,
    published: &HashMap<String, PublishedRow>,
) -> Option<DashboardRow> {
    if access >= Access::Edit || row.publication.is_none() {
        return Some(row);
    }
    let shown = published.get(&row.id)?;
    Some(DashboardRow {
        name: shown.name.clone(),
        description: shown.description.clone(),
        sketch_json: shown.sketch_json.clone(),
        updated_at: shown.created_at,
        ..row
    })
}

/// The topic of those who may not change a document: its news, or what is published of it.
pub(crate) fn readers_topic(id: &str) -> String {
    format!("doc-readers:{id}")
}

/// When a publication was made, as it travels.
pub(crate) fn published_at(published: &Published) -> String {
    clock::rfc3339(published.at)
}
