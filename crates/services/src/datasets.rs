//! Datasets: what there is, what is known of it, appending rows.

use crate::access::{require_edit, require_owner, require_scope};
use crate::catalog::{Loaded, Stored};
use crate::policies::Reader;
use crate::sources::refuse_source;
use crate::sql::require_rows;
use crate::{Services, clock, from_json, to_json};
use domain::api::{AppendResult, DatasetPatch, RowsRequest};
use domain::dataset::Profile;
use domain::people::Scope;
use domain::query::{Dir, Measure, Order};
use domain::{Access, Caller, Cell, Column, Dataset, Error, ErrorCode, Query, Result};
use engine::Answer;
use semantic::Policy;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;
use store::DatasetMeta;

/// More small segments than this are merged into one.
const MAX_SEGMENTS: usize = 24;
/// The most rows of one append.
const MAX_APPEND: usize = 100_000;

impl Services {
    /// The datasets the caller may see, by label.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_datasets(&self, caller: &Caller) -> Result<Vec<Dataset>> {
        let rights = self.rights(caller, store::ThingKind::Dataset).await?;
        let owners = self.user_names().await?;
        let models = self.store.models().await?.into_iter();
        let mut models: HashMap<String, store::ModelRow> = models.map(|m| (m.dataset_id.clone(), m)).collect();
        let policies = self.store.all_policies().await?.into_iter();
        let mut policies: HashMap<String, store::PolicyRow> = policies.map(|p| (p.dataset_id.clone(), p)).collect();
        let has_policies = !policies.is_empty();
        let show = |row: store::DatasetRow| {
            let row_id = row.id.clone();
            let access = rights.of(&row.id, &row.owner_id, row.is_public)?;
            let owner = owners.get(&row.owner_id).cloned().unwrap_or_default();
            let model = models.remove(&row.id);
            Some((Stored::new(row, model, policies.remove(&row_id)), owner, access))
        };
        let reader = Reader::of(caller);
        let mut datasets = Vec::new();
        for (stored, owner, access) in self.store.datasets().await?.into_iter().filter_map(show) {
            let mut loaded = Loaded::of(Arc::new(stored), Policy::OPEN, &reader);
            if has_policies {
                loaded.policy = self.policy_of(&loaded, &reader).await?;
                loaded.is_narrowed = !self.sees_all(&loaded.row.id, &reader).await?;
            }
            datasets.push(loaded.show(owner, access));
        }
        datasets.sort_by_cached_key(|d| d.label.to_lowercase());
        Ok(datasets)
    }

    /// Names of all users by id.
    pub(crate) async fn user_names(&self) -> Result<HashMap<String, String>> {
        Ok(self.store.users().await?.into_iter().map(|u| (u.id, u.name)).collect())
    }

    pub(crate) async fn user_name(&self, id: &str) -> Result<String> {
        Ok(self.store.user(id).await?.map(|u| u.name).unwrap_or_default())
    }

    /// One dataset, by name or id.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn get_dataset(&self, caller: &Caller, name_or_id: &str) -> Result<Dataset> {
        let (loaded, access) = self.dataset_for(caller, name_or_id).await?;
        let mut shown = loaded.show(self.user_name(&loaded.row.owner_id).await?, access);
        if loaded.is_narrowed {
            shown.row_count = self.rows_seen(&loaded).await.unwrap_or_default();
        }
        Ok(shown)
    }

    /// Changes how a dataset is described and read.
    ///
    /// # Errors
    /// The caller may not edit it, or a column does not exist.
    pub async fn update_dataset(&self, caller: &Caller, name_or_id: &str, patch: DatasetPatch) -> Result<Dataset> {
        let (loaded, access) = self.dataset_for(caller, name_or_id).await?;
        require_edit(caller, access, "dataset")?;
        let mut columns = loaded.columns.clone();
        let mut calculated = Vec::new();
        for (i, wanted) in patch.columns.into_iter().flatten().enumerate() {
            let Some(known) = loaded.column(&wanted.name) else {
                return Err(Error::new(
                    ErrorCode::UnknownColumn,
                    format!("This dataset has no column `{}`.", wanted.name),
                )
                .field(format!("columns[{i}].name")));
            };
            if wanted.label.trim().is_empty() || wanted.label.chars().count() > 200 {
                return Err(Error::invalid("A label has 1 to 200 characters.").field(format!("columns[{i}].label")));
            }
            let wanted = Column { ty: known.ty, is_calculated: known.is_calculated, ..wanted };
            match columns.iter_mut().find(|c| c.name == wanted.name) {
                Some(column) => *column = wanted,
                None => calculated.push(wanted),
            }
        }
        let label = patch.label.unwrap_or_else(|| loaded.row.label.clone());
        if label.trim().is_empty() || label.chars().count() > 200 {
            return Err(Error::invalid("A label has 1 to 200 characters.").field("label"));
        }
        let description = patch.description.unwrap_or_else(|| loaded.row.description.clone());
        let public = patch.is_public.unwrap_or(loaded.row.is_public);
        if public != loaded.row.is_public {
            require_owner(caller, access, "dataset")?;
        }
        if let Some(seconds) = patch.cache_duration {
            self.set_cache_duration(&loaded, seconds).await?;
        }
        let id = &loaded.row.id;
        let meta = DatasetMeta {
            label: label.trim().to_owned(),
            description,
            columns_json: to_json(&columns),
            is_public: public,
            updated_at: clock::now_ms(),
        };
        self.store.update_dataset_meta(id, &meta).await?;
        self.forget_dataset(&loaded.row.id, &loaded.row.name);
        if !calculated.is_empty() {
            self.describe_calculated(caller, &loaded, calculated).await?;
        }
        self.record(caller, "update_dataset", "dataset", id).await;
        self.get_dataset(caller, id).await
    }

    /// Deletes a dataset with its rows.
    ///
    /// # Errors
    /// The caller does not own it.
    pub async fn delete_dataset(&self, caller: &Caller, name_or_id: &str) -> Result<()> {
        let (loaded, access) = self.dataset_for(caller, name_or_id).await?;
        require_owner(caller, access, "dataset")?;
        self.store.delete_dataset(&loaded.row.id).await?;
        self.store.delete_statement(&loaded.row.id).await?;
        self.forget_dataset(&loaded.row.id, &loaded.row.name);
        self.hub.forget(&topic(&loaded.row.id));
        loaded.segments.iter().for_each(|segment| self.engine.remove(segment));
        self.record(caller, "delete_dataset", "dataset", &loaded.row.id).await;
        Ok(())
    }

    /// What is known about the values of each column; computed once per version.
    ///
    /// # Errors
    /// The dataset is not visible, or the engine cannot answer.
    pub async fn dataset_profile(&self, caller: &Caller, name_or_id: &str) -> Result<Profile> {
        let (loaded, _) = self.dataset_for(caller, name_or_id).await?;
        self.profile_of(&loaded).await
    }

    pub(crate) async fn profile_of(&self, loaded: &Arc<Loaded>) -> Result<Profile> {
        let row = &loaded.row;
        if loaded.is_narrowed {
            return self.profile_seen(loaded).await;
        }
        let kept = self.kept_profile(loaded).await?;
        let is_new = kept.is_none();
        let mut profile = match kept {
            Some(profile) => profile,
            None => {
                let version = u64::try_from(row.version).unwrap_or_default();
                self.engine.profile(&loaded.columns, &loaded.segments, version).await?
            }
        };
        let is_known = |column: &Column| profile.columns.iter().any(|c| c.name == column.name);
        let calculated: Vec<Column> = loaded.calculated.iter().map(|c| c.column.clone()).collect();
        let unknown: Vec<Column> = calculated.into_iter().filter(|c| !is_known(c)).collect();
        for column in &unknown {
            match self.profile_calculated(loaded, column).await {
                Ok(found) => profile.columns.push(found),
                // An expression may fail on some value: the other columns are known all the same.
                Err(error) => tracing::warn!(%error, column = column.name, "a calculated column has no profile"),
            }
        }
        if is_new || !unknown.is_empty() {
            self.store.save_profile(&row.id, row.version, &to_json(&profile)).await?;
        }
        Ok(profile)
    }

    /// The profile of this version of the data, if it was made before.
    async fn kept_profile(&self, loaded: &Stored) -> Result<Option<Profile>> {
        // The cached row may be older than the profile: ask the store.
        let row = self.store.dataset(&loaded.row.id).await?;
        let row = row.filter(|r| r.profile_version == loaded.row.version);
        Ok(row.and_then(|r| r.profile_json).map(|json| from_json(&json)))
    }

    /// Expressions may have changed: what was known of calculated columns is found out again.
    pub(crate) async fn forget_calculated_profiles(&self, loaded: &Stored) -> Result<()> {
        let Some(mut profile) = self.kept_profile(loaded).await? else { return Ok(()) };
        profile.columns.retain(|known| loaded.columns.iter().any(|c| c.name == known.name));
        self.store.save_profile(&loaded.row.id, loaded.row.version, &to_json(&profile)).await?;
        Ok(())
    }

    /// A page of raw rows.
    ///
    /// # Errors
    /// The dataset is not visible or has no such column.
    pub async fn dataset_rows(
        &self,
        caller: &Caller,
        name_or_id: &str,
        request: &RowsRequest,
    ) -> Result<(Arc<Answer>, bool)> {
        let (loaded, _) = self.dataset_for(caller, name_or_id).await?;
        let dir = if request.descending { Dir::Desc } else { Dir::Asc };
        let query = Query {
            dataset: loaded.row.id.clone(),
            columns: loaded.shown().map(|c| c.name.clone()).collect(),
            order: request.sort.iter().map(|by| Order { by: by.clone(), dir }).collect(),
            limit: Some(request.limit.unwrap_or(100).clamp(1, 10_000)),
            offset: request.offset,
            ..Query::default()
        };
        self.answer(&loaded, &query, false).await
    }

    /// How many rows a dataset has now. Those that lie elsewhere are counted there.
    ///
    /// # Errors
    /// The dataset is not visible, or its source does not answer.
    pub async fn count_rows(&self, caller: &Caller, name_or_id: &str) -> Result<u64> {
        let (loaded, _) = self.dataset_for(caller, name_or_id).await?;
        self.rows_seen(&loaded).await
    }

    /// The same of a dataset as its reader sees it.
    pub(crate) async fn rows_seen(&self, loaded: &Arc<Loaded>) -> Result<u64> {
        if loaded.place().is_none() && !loaded.is_narrowed {
            return Ok(u64::try_from(loaded.row.row_count).unwrap_or_default());
        }
        let query = Query { dataset: loaded.row.id.clone(), measures: vec![Measure::count()], ..Query::default() };
        let (answer, _) = self.answer(loaded, &query, false).await?;
        match answer.table.data.first().and_then(|column| column.first()) {
            Some(Cell::Int(rows)) => Ok(u64::try_from(*rows).unwrap_or_default()),
            _ => Ok(0),
        }
    }

    /// Reads appended rows from CSV with a header; empty fields are NULL.
    ///
    /// # Errors
    /// A row that is not CSV, or a value that does not fit its column.
    pub fn rows_of_csv(&self, dataset: &Dataset, bytes: &[u8]) -> Result<Vec<Map<String, Value>>> {
        let bad = |cause: csv::Error| Error::new(ErrorCode::UnusableFile, format!("The rows are not CSV: {cause}."));
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().map_err(bad)?.clone();
        let mut rows = Vec::new();
        for (i, record) in reader.records().enumerate() {
            let record = record.map_err(bad)?;
            let mut row = Map::new();
            for (name, text) in header.iter().zip(&record).filter(|(_, text)| !text.is_empty()) {
                row.insert(name.to_owned(), typed(dataset.column(name), text, i + 1)?);
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// Appends rows; they are durable when this returns, and everyone who watches is told.
    ///
    /// # Errors
    /// A row does not fit the columns: nothing is appended.
    pub async fn append_rows(
        &self,
        caller: &Caller,
        name_or_id: &str,
        rows: Vec<Map<String, Value>>,
    ) -> Result<AppendResult> {
        require_scope(caller, Scope::Write)?;
        let (loaded, access) = self.dataset_for(caller, name_or_id).await?;
        require_edit(caller, access, "dataset")?;
        refuse_source(&loaded)?;
        require_rows(&loaded)?;
        if rows.is_empty() {
            return Err(Error::invalid("There are no rows to append."));
        }
        if rows.len() > MAX_APPEND {
            return Err(Error::new(ErrorCode::TooLarge, format!("One append takes at most {MAX_APPEND} rows."))
                .hint("Send them in several appends, or upload a file with mode=append."));
        }
        let appended = rows.len() as u64;
        let segment = self.engine.append_rows(&loaded.columns, rows).await?;
        let version = self.add_segment(&loaded, segment).await?;
        Ok(AppendResult { appended, version })
    }

    /// Adds a segment to a dataset and tells everyone who watches.
    pub(crate) async fn add_segment(&self, loaded: &Stored, segment: engine::Segment) -> Result<u64> {
        let (rows, bytes) = (int(segment.rows), int(segment.bytes));
        let columns = to_json(&loaded.columns);
        let added =
            self.store.append_segment(&loaded.row.id, &columns, &to_json(&segment), rows, bytes, clock::now_ms()).await;
        let version = match added {
            Ok(version) => version,
            Err(error) => {
                self.engine.remove(&segment);
                return Err(error);
            }
        };
        self.announce(loaded, version);
        self.compact_when_many(&loaded.row.id);
        Ok(u64::try_from(version).unwrap_or_default())
    }

    /// Tells everyone who watches that a dataset has a new version.
    pub(crate) fn announce(&self, loaded: &Stored, version: i64) {
        self.forget_dataset(&loaded.row.id, &loaded.row.name);
        self.hub.publish(&topic(&loaded.row.id), serde_json::json!({"version": version}), true);
        self.refresh_metrics_of(&loaded.row.id, &loaded.row.name);
        self.discover_later(&loaded.row.id);
        self.announce_dependents(loaded);
    }

    /// Merges the small segments in the background when there are many.
    fn compact_when_many(&self, id: &str) {
        let (services, id) = (self.clone(), id.to_owned());
        tokio::spawn(async move {
            if let Err(error) = services.compact(&id).await {
                tracing::warn!(%error, dataset = id, "compaction will be tried again at the next append");
            }
        });
    }

    async fn compact(&self, id: &str) -> Result<()> {
        let Some(loaded) = self.stored_dataset(id).await? else { return Ok(()) };
        if loaded.segments.len() <= MAX_SEGMENTS || !self.catalog.begin_merge(id) {
            return Ok(());
        }
        let result = self.merge_small(&loaded, id).await;
        self.catalog.end_merge(id);
        result
    }

    async fn merge_small(&self, loaded: &Stored, id: &str) -> Result<()> {
        // The largest segment stays; the small ones, which came with appends, become one.
        let largest = loaded.segments.iter().max_by_key(|s| s.rows).map(|s| s.id.clone()).unwrap_or_default();
        let small: Vec<_> = loaded.segments.iter().filter(|s| s.id != largest).cloned().collect();
        let merged = self.engine.compact(&small).await?;
        let old: Vec<String> = small.iter().map(|s| s.id.clone()).collect();
        let (json, bytes) = (to_json(&merged), int(merged.bytes));
        if let Err(error) = self.store.compact_segments(id, &old, &json, bytes, clock::now_ms()).await {
            // Replaced meanwhile: nothing is lost, the merged copy is not needed.
            self.engine.remove(&merged);
            return if error.code == ErrorCode::Conflict { Ok(()) } else { Err(error) };
        }
        // The rows are the same: nobody needs to be told.
        self.forget_dataset(&loaded.row.id, &loaded.row.name);
        small.iter().for_each(|s| self.engine.remove(s));
        Ok(())
    }

    /// Whether a dataset of the caller may be read by them; used before a tile is stored.
    pub(crate) async fn may_read(&self, caller: &Caller, name_or_id: &str) -> Result<Access> {
        Ok(self.stored_for(caller, name_or_id).await?.1)
    }
}

/// The topic that tells of new versions of a dataset.
pub(crate) fn topic(id: &str) -> String {
    format!("dataset:{id}")
}

/// Counts as the store keeps them.
pub(crate) fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A field of CSV as the JSON value that its column takes.
fn typed(column: Option<&Column>, text: &str, row: usize) -> Result<Value> {
    let Some(column) = column else { return Ok(text.into()) };
    let bad = |want: &str| {
        Error::new(ErrorCode::UnusableFile, format!("Row {row}: `{}` must be {want}.", column.name))
            .field(column.name.clone())
    };
    match column.ty {
        domain::DataType::Integer => text.parse::<i64>().map(Value::from).map_err(|_| bad("a whole number")),
        domain::DataType::Float | domain::DataType::Decimal => {
            text.parse::<serde_json::Number>().map(Value::from).map_err(|_| bad("a number"))
        }
        domain::DataType::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "1" => Ok(true.into()),
            "false" | "f" | "no" | "0" => Ok(false.into()),
            _ => Err(bad("true or false")),
        },
        _ => Ok(text.into()),
    }
}
