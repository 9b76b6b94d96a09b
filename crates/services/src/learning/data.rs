//! What a model learns from and is asked about: rows of a dataset, the answer to a question, the past of
//! a metric; each read with somebody's eyes.

use super::rows::{frame_of_past, frame_of_table};
use crate::catalog::Loaded;
use crate::policies::Reader;
use crate::{Services, clock};
use domain::learn::Task;
use domain::people::Scope;
use domain::query::{MAX_LIMIT, Query};
use domain::registry::{ModelDef, ModelSource};
use domain::{Caller, DataType, Error, ErrorCode, Result, UserRole};
use intelligence::Frame;
use std::collections::HashSet;
use std::sync::Arc;
use store::{LearnedRow, LearnedVersionRow};

/// Columns of a row that are kept beside the features, so that people see what was found.
const MOST_COLUMNS: usize = 40;

/// Points of a metric: all of them are looked at with each new one.
const MOST_POINTS: u64 = 20_000;

/// Which rows of its dataset.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which<'a> {
    All,
    /// Those that came since: not in these segments, where that can be told.
    Since(&'a [String]),
}

/// Rows, and where they come from.
pub(super) struct Read {
    pub(super) frame: Frame,
    pub(super) label: String,
    pub(super) dataset_id: Option<String>,
    pub(super) data_version: u64,
    /// The segments of its dataset as it is now.
    pub(super) segments: Vec<String>,
    pub(super) is_narrowed: bool,
}

impl Services {
    /// Reads what a model learns from, with the rights of a caller; at most so many rows.
    pub(super) async fn read_source(
        &self,
        caller: &Caller,
        def: &ModelDef,
        which: Which<'_>,
        most: u64,
    ) -> Result<Read> {
        match &def.source {
            ModelSource::Dataset { name, filter } => {
                let (loaded, _) = self.dataset_for(caller, name).await?;
                let columns = columns_of(&loaded, def);
                let part = match which {
                    Which::All => loaded.clone(),
                    Which::Since(seen) => since(&loaded, seen),
                };
                let frame = self.frame(&part, &columns, filter.as_ref(), most).await?;
                Ok(read(&loaded, frame))
            }
            ModelSource::Query { query } => {
                let (loaded, _) = self.dataset_for(caller, &query.dataset).await?;
                let query = Query { limit: query.limit.or(Some(MAX_LIMIT)), ..(**query).clone() };
                let (answer, _) = self.run_query(caller, &query, false).await?;
                Ok(read(&loaded, frame_of_table(&answer.table)))
            }
            ModelSource::Metric { id } => {
                let (row, _) = self.metric_for(caller, id).await?;
                self.require_whole_metric(caller, &row).await?;
                let mut past = self.past(&row.id, "", 0, clock::now_ms()).await?;
                past.sort_by_key(|bucket| bucket.at);
                let mut points: Vec<(i64, f64)> =
                    past.into_iter().filter_map(|bucket| Some((bucket.at, bucket.last?))).collect();
                let most = usize::try_from(most.min(MOST_POINTS)).unwrap_or(usize::MAX);
                // What is older says least.
                points.drain(..points.len().saturating_sub(most));
                Ok(Read {
                    frame: frame_of_past(&points),
                    label: row.name,
                    dataset_id: None,
                    data_version: 0,
                    segments: Vec::new(),
                    is_narrowed: false,
                })
            }
            ModelSource::Nothing => Err(came_as_a_file()),
        }
    }

    /// Refuses a definition whose data the caller may not read, or whose columns are not there.
    pub(super) async fn check_learning(&self, caller: &Caller, def: &ModelDef) -> Result<()> {
        let spec = &def.spec;
        let wanted = spec.features.iter().chain(&spec.target).chain(&spec.time);
        match &def.source {
            ModelSource::Dataset { name, .. } => {
                crate::access::require_role(caller, UserRole::Explorer, "ask questions of your own")?;
                let (loaded, _) = self.dataset_for(caller, name).await?;
                let shown: Vec<&str> = loaded.shown().map(|c| c.name.as_str()).collect();
                check_columns(wanted, &shown)?;
                // The filter is tried on a single row.
                self.read_source(caller, def, Which::All, 1).await.map(drop)
            }
            ModelSource::Query { query } => {
                let query = Query { limit: Some(1), ..(**query).clone() };
                let (answer, _) = self.run_query(caller, &query, false).await?;
                let shown: Vec<&str> = answer.table.columns.iter().map(|c| c.name.as_str()).collect();
                check_columns(wanted, &shown)
            }
            ModelSource::Metric { id } => {
                let (row, _) = self.metric_for(caller, id).await?;
                self.require_whole_metric(caller, &row).await
            }
            ModelSource::Nothing => Err(came_as_a_file()),
        }
    }

    /// What a definition reads, by ids: its dataset and its metric.
    pub(super) async fn source_ids(&self, def: &ModelDef) -> Result<(Option<String>, Option<String>)> {
        let dataset = match &def.source {
            ModelSource::Dataset { name, .. } => name,
            ModelSource::Query { query } => &query.dataset,
            ModelSource::Metric { id } => return Ok((None, self.store.metric(id).await?.map(|row| row.id))),
            ModelSource::Nothing => return Ok((None, None)),
        };
        Ok((self.stored_dataset(dataset).await?.map(|stored| stored.row.id.clone()), None))
    }

    /// The datasets of a definition, as it names them.
    fn datasets_of(def: &ModelDef) -> Vec<&str> {
        match &def.source {
            ModelSource::Dataset { name, .. } => vec![name],
            ModelSource::Query { query } => {
                let joined = query.joins.iter().map(|join| join.dataset.as_str());
                std::iter::once(query.dataset.as_str()).chain(joined).collect()
            }
            ModelSource::Metric { .. } | ModelSource::Nothing => Vec::new(),
        }
    }

    /// Whether rules hide nothing of what a definition reads from the caller.
    pub(super) async fn sees_source(&self, caller: &Caller, def: &ModelDef) -> Result<bool> {
        if let ModelSource::Metric { id } = &def.source {
            return match self.store.metric(id).await? {
                Some(row) => Ok(self.require_whole_metric(caller, &row).await.is_ok()),
                None => Ok(false),
            };
        }
        let reader = Reader::of(caller);
        for name in Self::datasets_of(def) {
            // Of data that is gone nobody knows any more from whom rules hid something.
            if self.stored_dataset(name).await?.is_none() && caller.role < UserRole::Admin {
                return Ok(false);
            }
            if !self.sees_all(name, &reader).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether what training found may be shown to the caller: they trained it, or see all of its data.
    pub(super) async fn sees_training(&self, caller: &Caller, version: &LearnedVersionRow) -> Result<bool> {
        let is_own = version.trained_by == caller.user_id && caller.on_behalf.is_none() && caller.locked.is_empty();
        if is_own {
            return Ok(true);
        }
        // Another dataset may have taken the name since.
        if let Some(id) = super::training_of(version).dataset_id
            && self.stored_dataset(&id).await?.is_none()
            && caller.role < UserRole::Admin
        {
            return Ok(false);
        }
        self.sees_source(caller, &super::read_def(&version.def_json)?).await
    }

    /// The owner of a model, with whose eyes what recurs is done.
    pub(super) async fn learned_owner(&self, row: &LearnedRow) -> Result<Caller> {
        let owner = self.store.user(&row.owner_id).await?.filter(|user| user.is_active);
        let owner = owner.ok_or_else(|| {
            Error::new(ErrorCode::Conflict, "The owner of this model has left.").hint("Give it to somebody else.")
        })?;
        // What it does is decided here; it needs no more than to read.
        self.caller_of(&owner, Scope::Read, "").await
    }
}

/// What was read of a dataset.
fn read(loaded: &Loaded, frame: Frame) -> Read {
    Read {
        frame,
        label: loaded.row.label.clone(),
        dataset_id: Some(loaded.row.id.clone()),
        data_version: u64::try_from(loaded.row.version).unwrap_or_default(),
        segments: loaded.segments.iter().map(|segment| segment.id.clone()).collect(),
        is_narrowed: loaded.is_narrowed,
    }
}

/// The rows that came since these segments were all; everything, where that cannot be told.
fn since(loaded: &Arc<Loaded>, seen: &[String]) -> Arc<Loaded> {
    let seen: HashSet<&str> = seen.iter().map(String::as_str).collect();
    let here: HashSet<&str> = loaded.segments.iter().map(|s| s.id.as_str()).collect();
    // Where one was replaced, rows changed places.
    let has_grown = !seen.is_empty() && seen.is_subset(&here) && here.len() > seen.len();
    if !has_grown || loaded.statement.is_some() || loaded.place().is_some() {
        return loaded.clone();
    }
    loaded.with(|stored| stored.segments.retain(|segment| !seen.contains(segment.id.as_str())))
}

/// The columns that are read: those of the model and, for detectors, what else people want to see.
fn columns_of(loaded: &Loaded, def: &ModelDef) -> Vec<String> {
    let spec = &def.spec;
    let mut columns: Vec<String> = spec.features.iter().chain(&spec.target).chain(&spec.time).cloned().collect();
    if def.task() == Task::Anomaly {
        let fits = |ty: DataType| !matches!(ty, DataType::Other | DataType::Time);
        let more = loaded.stored().filter(|c| fits(c.ty) && !columns.contains(&c.name)).map(|c| c.name.clone());
        let room = MOST_COLUMNS.saturating_sub(columns.len());
        let more: Vec<String> = more.take(room).collect();
        columns.extend(more);
    }
    columns
}

fn check_columns<'a>(wanted: impl Iterator<Item = &'a String>, shown: &[&str]) -> Result<()> {
    for name in wanted {
        if !shown.contains(&name.as_str()) {
            let error = Error::new(ErrorCode::UnknownColumn, format!("There is no column `{name}` in this data."));
            let error = error.field("def.spec.features");
            return Err(match domain::names::nearest(name, shown.iter().copied()) {
                Some(near) => error.hint(format!("Did you mean `{near}`?")),
                None => error,
            });
        }
    }
    Ok(())
}

fn came_as_a_file() -> Error {
    let message = "This model came as a file: what it learned from is not known here.";
    Error::new(ErrorCode::NotSupported, message).hint("Train one anew on a dataset of yours.")
}
