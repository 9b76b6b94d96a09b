//! Datasets as questions need them, kept in memory: columns, segments, version.

use crate::model::{self, Saved};
use crate::sql::{SQL_ORIGIN, Statement};
use crate::{Inner, Services, clock, from_json};
use domain::names::nearest;
use domain::{Access, Caller, Column, Dataset, Error, ErrorCode, Result};
use engine::Segment;
use semantic::{Calculated, Parts, Source};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::{DatasetRow, ModelRow};

/// A dataset with the places of its rows.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) row: DatasetRow,
    /// Those that are stored; [`Loaded::shown`] has all.
    pub(crate) columns: Vec<Column>,
    pub(crate) segments: Vec<Segment>,
    /// What people said about its meaning.
    pub(crate) model: Saved,
    /// The calculated columns that work, each after those it uses.
    pub(crate) calculated: Vec<Calculated>,
    /// The SELECT that it is; its rows lie in the datasets that this reads.
    pub(crate) statement: Option<Statement>,
}

impl Loaded {
    pub(crate) fn new(row: DatasetRow, model: Option<ModelRow>) -> Self {
        let columns: Vec<Column> = from_json(&row.columns_json);
        let segments = from_json(&row.segments_json);
        let model = model.map(Saved::read).unwrap_or_default();
        let calculated = model::resolve(&columns, &model.model).0;
        Self { row, columns, segments, model, calculated, statement: None }
    }

    /// All columns that questions may name: the stored ones, then the calculated ones.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Column> + Clone {
        self.columns.iter().chain(self.calculated.iter().map(|c| &c.column))
    }

    /// The column of that name, stored or calculated.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.shown().find(|c| c.name == name)
    }

    /// The names under which its segments are attached.
    pub(crate) fn parts(&self) -> Vec<String> {
        self.segments.iter().map(Segment::catalog).collect()
    }

    /// Its stored rows, as questions read them.
    pub(crate) fn source<'a>(&'a self, parts: &'a [String]) -> Source<'a> {
        let parts = self.place().map_or(Parts::Segments(parts), |place| Parts::Table(&place.table));
        Source { name: &self.row.name, columns: &self.columns, parts }
    }

    /// The same with its calculated columns.
    pub(crate) fn dataset<'a>(&'a self, parts: &'a [String]) -> semantic::Dataset<'a> {
        semantic::Dataset { calculated: &self.calculated, ..semantic::Dataset::from(self.source(parts)) }
    }

    /// What the caller sees of it.
    pub(crate) fn show(&self, owner_name: String, access: Access) -> Dataset {
        let row = &self.row;
        Dataset {
            id: row.id.clone(),
            name: row.name.clone(),
            label: row.label.clone(),
            description: row.description.clone(),
            owner_id: row.owner_id.clone(),
            owner_name,
            columns: self.shown().cloned().collect(),
            row_count: u64::try_from(row.row_count).unwrap_or_default(),
            bytes: u64::try_from(row.bytes).unwrap_or_default(),
            version: u64::try_from(row.version).unwrap_or_default(),
            origin: row.origin.clone(),
            created_at: clock::rfc3339(row.created_at),
            updated_at: clock::rfc3339(row.updated_at),
            access,
            is_public: row.is_public,
        }
    }
}

/// The cache: by id and by name.
#[derive(Default)]
pub(crate) struct Catalog {
    known: RwLock<HashMap<String, Arc<Loaded>>>,
    /// How often something was forgotten: what was read from the store before that may be old.
    forgotten: AtomicU64,
    /// Datasets whose segments are being merged.
    merging: Mutex<HashSet<String>>,
}

impl Catalog {
    fn get(&self, key: &str) -> Option<Arc<Loaded>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Keeps what was read from the store when so much had been forgotten.
    fn put(&self, loaded: &Arc<Loaded>, forgotten: u64) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // A slower reader must not put an older version back.
        if self.forgotten.load(Ordering::Acquire) != forgotten {
            return;
        }
        known.insert(loaded.row.id.clone(), loaded.clone());
        known.insert(loaded.row.name.clone(), loaded.clone());
    }

    /// Forgets a dataset that changed.
    pub(crate) fn forget_named(&self, id: &str, name: &str) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        self.forgotten.fetch_add(1, Ordering::Release);
        known.remove(id);
        known.remove(name);
    }

    /// Forgets all: nobody knows what changed.
    pub(crate) fn forget_all(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        self.forgotten.fetch_add(1, Ordering::Release);
        known.clear();
    }

    /// Whether the caller is the one to merge the segments of a dataset now.
    pub(crate) fn begin_merge(&self, id: &str) -> bool {
        self.merging.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned())
    }

    pub(crate) fn end_merge(&self, id: &str) {
        self.merging.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

impl Inner {
    /// A dataset by name or id, whoever asks. One that is a SELECT reads what that reads now.
    pub(crate) async fn load_dataset(&self, name_or_id: &str) -> Result<Option<Arc<Loaded>>> {
        match self.stored_dataset(name_or_id).await? {
            Some(stored) if stored.statement.is_some() => Ok(Some(self.bound(&stored, 0).await?)),
            stored => Ok(stored),
        }
    }

    /// A dataset as it is stored: one that is a SELECT has no rows yet.
    pub(crate) async fn stored_dataset(&self, name_or_id: &str) -> Result<Option<Arc<Loaded>>> {
        // While the other servers cannot tell what they change, only the store knows.
        let deaf = self.hub.is_shared() && !self.hub.state().ok;
        if let Some(known) = self.catalog.get(name_or_id).filter(|_| !deaf) {
            return Ok(Some(known));
        }
        let forgotten = self.catalog.forgotten.load(Ordering::Acquire);
        let (row, mut statement) = match self.store.dataset(name_or_id).await? {
            Some(row) => (row, None),
            None => match self.inline_row(name_or_id).await? {
                Some((row, statement)) => (row, Some(statement)),
                None => return Ok(None),
            },
        };
        if row.origin == SQL_ORIGIN && statement.is_none() {
            statement = self.store.statement(&row.id).await?.map(Statement::from);
        }
        let model = self.store.model(&row.id).await?;
        let place = self.segment_of_source(&row).await?;
        let mut loaded = Loaded::new(row, model);
        loaded.segments.extend(place);
        loaded.statement = statement;
        let loaded = Arc::new(loaded);
        self.catalog.put(&loaded, forgotten);
        Ok(Some(loaded))
    }
}

impl Services {
    /// A dataset the caller may see, with what they may do with it.
    pub(crate) async fn dataset_for(&self, caller: &Caller, name_or_id: &str) -> Result<(Arc<Loaded>, Access)> {
        let Some(loaded) = self.load_dataset(name_or_id).await? else {
            return Err(self.unknown_dataset(caller, name_or_id).await);
        };
        if loaded.is_inline() {
            return match self.may_read_inline(caller, &loaded).await? {
                Some(access) => Ok((loaded, access)),
                None => Err(self.unknown_dataset(caller, name_or_id).await),
            };
        }
        let row = &loaded.row;
        match self.access_of(caller, store::ThingKind::Dataset, &row.id, &row.owner_id, row.is_public).await? {
            Some(access) => Ok((loaded, access)),
            None => Err(self.unknown_dataset(caller, name_or_id).await),
        }
    }

    /// The same words for a dataset that is hidden as for one that is not there.
    async fn unknown_dataset(&self, caller: &Caller, name: &str) -> Error {
        let sentence = format!("There is no dataset `{name}`, or it is not shared with you.");
        let error = Error::new(ErrorCode::UnknownDataset, sentence).field("dataset");
        let seen = self.list_datasets(caller).await.unwrap_or_default();
        match nearest(name, seen.iter().map(|d| d.name.as_str())) {
            Some(near) => error.hint(format!("Did you mean `{near}`?")),
            None => error,
        }
    }
}
