//! Datasets as questions need them, kept in memory: columns, segments, version.

use crate::model::{self, Saved};
use crate::policies::Reader;
use crate::sql::{SQL_ORIGIN, Statement};
use crate::{Inner, Services, clock, from_json};
use domain::names::nearest;
use domain::policy::Policies;
use domain::{Access, Caller, Column, Dataset, Error, ErrorCode, Result};
use engine::Segment;
use semantic::{Calculated, Parts, Policy, Source};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::{DatasetRow, ModelRow, PolicyRow};

/// A dataset as it is kept, whoever asks. Its rows cannot be read: that takes a [`Loaded`].
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) row: DatasetRow,
    /// Those that are stored, hidden ones too; [`Loaded::shown`] has what a reader sees.
    pub(crate) columns: Vec<Column>,
    pub(crate) segments: Vec<Segment>,
    /// What people said about its meaning.
    pub(crate) model: Saved,
    /// The calculated columns that work, each after those it uses.
    pub(crate) calculated: Vec<Calculated>,
    /// The SELECT that it is; its rows lie in the datasets that this reads.
    pub(crate) statement: Option<Statement>,
    /// Who sees what of it, by ids.
    pub(crate) policies: Policies,
}

impl Stored {
    pub(crate) fn new(row: DatasetRow, model: Option<ModelRow>, policies: Option<PolicyRow>) -> Self {
        let policies = policies.map(|p| from_json(&p.policies_json)).unwrap_or_default();
        let columns: Vec<Column> = from_json(&row.columns_json);
        let segments = from_json(&row.segments_json);
        let model = model.map(Saved::read).unwrap_or_default();
        let calculated = model::resolve(&columns, &model.model).0;
        Self { row, columns, segments, model, calculated, statement: None, policies }
    }

    #[cfg(test)]
    pub(crate) fn for_test(columns_json: &str, model_json: &str) -> Self {
        let mut row = crate::sql::blank_row("d1");
        columns_json.clone_into(&mut row.columns_json);
        let model = ModelRow {
            dataset_id: "d1".into(),
            version: 1,
            model_json: model_json.into(),
            saved_by: String::new(),
            saved_at: 0,
        };
        Self::new(row, Some(model), None)
    }
}

/// A dataset as one reader sees it: the only way to its rows. It is made by [`Inner::seen`].
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    stored: Arc<Stored>,
    /// What its reader may not see of it.
    pub(crate) policy: Policy,
    /// With whose eyes it is read, and what is joined to it.
    pub(crate) reader: Reader,
    /// Whether rules hide something of it, or of what it reads.
    pub(crate) is_narrowed: bool,
    /// What a scenario multiplies, by column.
    pub(crate) scaled: BTreeMap<String, f64>,
}

impl Deref for Loaded {
    type Target = Stored;

    fn deref(&self) -> &Stored {
        &self.stored
    }
}

impl DerefMut for Loaded {
    fn deref_mut(&mut self) -> &mut Stored {
        Arc::make_mut(&mut self.stored)
    }
}

impl Loaded {
    pub(crate) fn of(stored: Arc<Stored>, policy: Policy, reader: &Reader) -> Self {
        let is_narrowed = !policy.is_open();
        Self { stored, policy, reader: reader.clone(), is_narrowed, scaled: BTreeMap::new() }
    }

    /// The same with something changed: columns that are tried, other segments.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Stored)) -> Arc<Self> {
        let mut other = self.clone();
        change(&mut other);
        Arc::new(other)
    }

    /// The stored columns that its reader may name.
    pub(crate) fn stored(&self) -> impl Iterator<Item = &Column> + Clone {
        self.columns.iter().filter(|c| !self.policy.hides(&c.name))
    }

    /// All columns that its reader may name: the stored ones, then the calculated ones.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Column> + Clone {
        let all = self.columns.iter().chain(self.calculated.iter().map(|c| &c.column));
        all.filter(|c| !self.policy.hides(&c.name))
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

    /// The same with its calculated columns, as its reader may see them.
    pub(crate) fn dataset<'a>(&'a self, parts: &'a [String]) -> semantic::Dataset<'a> {
        let source = semantic::Dataset::from(self.source(parts));
        semantic::Dataset { calculated: &self.calculated, policy: &self.policy, scaled: &self.scaled, ..source }
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
            // How much there is would tell of rows that they do not see.
            row_count: if self.is_narrowed { 0 } else { u64::try_from(row.row_count).unwrap_or_default() },
            bytes: if self.is_narrowed { 0 } else { u64::try_from(row.bytes).unwrap_or_default() },
            version: u64::try_from(row.version).unwrap_or_default(),
            origin: row.origin.clone(),
            created_at: clock::rfc3339(row.created_at),
            updated_at: clock::rfc3339(row.updated_at),
            access,
            is_public: row.is_public,
            is_narrowed: self.is_narrowed,
        }
    }
}

/// The cache: by id and by name.
#[derive(Default)]
pub(crate) struct Catalog {
    known: RwLock<HashMap<String, Arc<Stored>>>,
    /// How often something was forgotten: what was read from the store before that may be old.
    forgotten: AtomicU64,
    /// Datasets whose segments are being merged.
    merging: Mutex<HashSet<String>>,
}

impl Catalog {
    fn get(&self, key: &str) -> Option<Arc<Stored>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Keeps what was read from the store when so much had been forgotten.
    fn put(&self, loaded: &Arc<Stored>, forgotten: u64) {
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
    /// A dataset by name or id as a reader sees it, whatever their right to it: that was decided.
    pub(crate) async fn load_dataset(&self, name_or_id: &str, reader: &Reader) -> Result<Option<Arc<Loaded>>> {
        match self.stored_dataset(name_or_id).await? {
            Some(stored) => Ok(Some(self.seen(&stored, reader).await?)),
            None => Ok(None),
        }
    }

    /// A dataset as it is stored: one that is a SELECT has no rows yet.
    pub(crate) async fn stored_dataset(&self, name_or_id: &str) -> Result<Option<Arc<Stored>>> {
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
        let policies = self.store.policies(&row.id).await?;
        let mut loaded = Stored::new(row, model, policies);
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
        let (stored, access) = self.stored_for(caller, name_or_id).await?;
        Ok((self.seen(&stored, &Reader::of(caller)).await?, access))
    }

    /// The same as it is kept.
    pub(crate) async fn stored_for(&self, caller: &Caller, name_or_id: &str) -> Result<(Arc<Stored>, Access)> {
        let Some(stored) = self.stored_dataset(name_or_id).await? else {
            return Err(self.unknown_dataset(caller, name_or_id).await);
        };
        let row = &stored.row;
        let access = match stored.is_inline() {
            true => self.may_read_inline(caller, &stored).await?,
            false => self.access_of(caller, store::ThingKind::Dataset, &row.id, &row.owner_id, row.is_public).await?,
        };
        match access {
            Some(access) => Ok((stored, access)),
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
