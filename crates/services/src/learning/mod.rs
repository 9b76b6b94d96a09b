//! The registry of what was learned: models and detectors are made, seen, changed and deleted here.
//! The mathematics is in `intelligence::{learn, detect}`, which knows no store and no clock.
//!
//! Whoever trains reads with their own eyes, and the version says who that was; what recurs reads with
//! those of the owner. Who uses a model needs the right to explore it, and brings rows that they see.
//! What is made of all rows (figures, histograms) is shown to those who see them all.

mod anomalies;
mod batch;
mod data;
mod files;
mod portable;
mod predict;
mod rows;
mod train;
mod versions;
mod watch;

pub(crate) use files::{is_model_file, model_files};

use crate::access::{require_edit, require_owner, require_role, require_scope, visible};
use crate::{Buckets, Services, clock, from_json, new_id, to_json};
use domain::learn::{MOST_FEATURES, Task, TrainReport, check_parameters};
use domain::people::Scope;
use domain::registry::{
    MOST_MODELS, Model, ModelDef, ModelPatch, ModelSource, ModelStatus, NewModel, TrainingData, Trial, check_name,
};
use domain::{Access, Caller, Error, ErrorCode, Result, UserRole};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{LearnedRow, LearnedVersionRow, ThingKind};
use tokio::sync::Semaphore;

/// Models that are trained at the same time.
const AT_ONCE: usize = 2;
/// Jobs that somebody may have begun and not ended.
const MOST_OPEN: i64 = 50;
/// The longest stretch in which findings belong together: a week.
const MOST_QUIET: u32 = 7 * 24 * 60;
/// Requests for predictions of one person: so many at once, and one more after each pause.
const ASKS: (u64, Duration) = (120, Duration::from_millis(500));

/// What the registry needs to remember between deeds.
pub(crate) struct Room {
    shelf: files::Shelf,
    /// Training and scoring take a core each.
    work: Arc<Semaphore>,
    asks: Buckets,
    /// Models that are looked after right now; true: again, once that is done.
    watched: Mutex<HashMap<String, bool>>,
}

impl Room {
    /// One whose models take so many bytes of memory.
    pub(crate) fn of(budget: u64) -> Self {
        Self {
            shelf: files::Shelf::of(budget),
            work: Arc::new(Semaphore::new(AT_ONCE)),
            asks: Buckets::new(ASKS.0, ASKS.1),
            watched: Mutex::default(),
        }
    }
}

pub(crate) fn def_of(row: &LearnedRow) -> Result<ModelDef> {
    read_def(&row.def_json)
}

fn read_def(json: &str) -> Result<ModelDef> {
    serde_json::from_str(json).map_err(|cause| {
        tracing::error!(%cause, "reading the definition of a model");
        Error::internal()
    })
}

/// A number as it stands in the store.
fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A number of a version.
fn version_number(version: i64) -> u32 {
    u32::try_from(version).unwrap_or_default()
}

/// Refuses predictions to those who may only look.
fn require_use(access: Access) -> Result<()> {
    if access >= Access::Explore {
        return Ok(());
    }
    Err(Error::forbidden("You may look at this model, but not use it.").hint("Ask its owner for the right to use it."))
}

impl Services {
    /// A model the caller may see.
    pub(crate) async fn learned_for(&self, caller: &Caller, id: &str) -> Result<(LearnedRow, Access)> {
        let row = self.store.learned(id).await?.ok_or_else(|| Error::not_found("model"))?;
        let may = self.access_of(caller, ThingKind::Model, &row.id, &row.owner_id, row.is_public).await?;
        let access = visible(may, "model")?;
        Ok((row, access))
    }

    /// The models the caller may see, latest change first; with `search`, those whose name or description
    /// has it.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_learned(&self, caller: &Caller, search: &str) -> Result<Vec<Model>> {
        let rights = self.rights(caller, ThingKind::Model).await?;
        let names = self.user_names().await?;
        let wanted = search.trim().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let mut models = Vec::new();
        for row in self.store.all_learned().await? {
            let may = rights.of(&row.id, &row.owner_id, row.is_public);
            if let Some(access) = may.filter(|_| has(&row.name) || has(&row.description)) {
                models.push(self.show_learned(caller, row, access, &names).await?);
            }
        }
        Ok(models)
    }

    /// One model.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn get_learned(&self, caller: &Caller, id: &str) -> Result<Model> {
        let (row, access) = self.learned_for(caller, id).await?;
        self.show_learned(caller, row, access, &self.user_names().await?).await
    }

    /// The same, if it is a detector.
    ///
    /// # Errors
    /// It is none, not there or not visible.
    pub async fn get_detector(&self, caller: &Caller, id: &str) -> Result<Model> {
        let model = self.get_learned(caller, id).await?;
        if model.model_type == Task::Anomaly { Ok(model) } else { Err(Error::not_found("detector")) }
    }

    /// Makes a model and begins to train it; [`Model::job`] says by which job.
    ///
    /// # Errors
    /// No right, columns that are not there, what cannot be learned.
    pub async fn create_learned(&self, caller: &Caller, new: NewModel) -> Result<Model> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Creator, "train a model")?;
        let name = check_name(&new.name)?;
        check_description(&new.description)?;
        let def = self.checked_def(caller, new.def).await?;
        self.room_for_model(caller).await?;
        self.room_for_job(caller).await?;
        let (dataset_id, metric_id) = self.source_ids(&def).await?;
        let now = clock::now_ms();
        let row = LearnedRow {
            id: new_id(),
            name,
            description: new.description,
            owner_id: caller.user_id.clone(),
            model_type: def.task().as_str().to_owned(),
            def_json: to_json(&def),
            dataset_id,
            metric_id,
            status: ModelStatus::Training.as_str().to_owned(),
            job_id: None,
            error: None,
            active_version: None,
            trial_version: None,
            trial_share: 0,
            is_public: new.is_public,
            last_prediction_at: None,
            prediction_count: 0,
            seen_json: "{}".into(),
            retrain_at: None,
            created_at: now,
            updated_at: now,
        };
        self.store.insert_learned(&row).await?;
        self.record(caller, "create", "model", &row.id).await;
        self.begin_training(caller, &row, train::Why::Asked).await?;
        self.get_learned(caller, &row.id).await
    }

    /// Refuses a model more than one person looks after.
    pub(super) async fn room_for_model(&self, caller: &Caller) -> Result<()> {
        let own = self.store.all_learned().await?.iter().filter(|m| m.owner_id == caller.user_id).count();
        if own < MOST_MODELS {
            return Ok(());
        }
        Err(Error::new(ErrorCode::RuleRefused, "You have 1,000 models: more than anybody looks after.")
            .hint("Delete those that are out of use."))
    }

    /// Refuses to begin more where somebody has begun much that has not ended.
    pub(super) async fn room_for_job(&self, caller: &Caller) -> Result<()> {
        if self.store.count_open_jobs(&caller.user_id).await? < MOST_OPEN {
            return Ok(());
        }
        Err(Error::new(ErrorCode::TooManyRequests, "You have begun many jobs that have not ended yet.")
            .hint("Wait for one of them, or cancel it."))
    }

    /// Changes what is said of a model and when it learns; what it learns stays.
    ///
    /// # Errors
    /// No right, or what cannot be meant.
    pub async fn update_learned(&self, caller: &Caller, id: &str, patch: ModelPatch) -> Result<Model> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_edit(caller, access, "model")?;
        let mut def = def_of(&row)?;
        if let Some(retrain) = patch.retrain {
            def.retrain = retrain;
        }
        if let Some(notify) = patch.notify {
            crate::notify::check_recipients(&notify)?;
            def.notify = notify;
        }
        def.quiet_minutes = patch.quiet_minutes.unwrap_or(def.quiet_minutes);
        check_quiet(&def)?;
        let name = check_name(patch.name.as_deref().unwrap_or(&row.name))?;
        let description = patch.description.unwrap_or_else(|| row.description.clone());
        check_description(&description)?;
        let is_public = patch.is_public.unwrap_or(row.is_public);
        if is_public != row.is_public {
            require_owner(caller, access, "model")?;
        }
        let status = match (patch.is_deprecated, row.active_version) {
            (Some(true), _) => ModelStatus::Deprecated.as_str().to_owned(),
            (Some(false), Some(_)) => ModelStatus::Active.as_str().to_owned(),
            (Some(false), None) => ModelStatus::Training.as_str().to_owned(),
            (None, _) => row.status.clone(),
        };
        let now = clock::now_ms();
        // A new rhythm counts from now.
        let before = def_of(&row)?.retrain.every;
        let retrain_at =
            if def.retrain.every == before { row.retrain_at } else { def.retrain.every.map(|every| now + every.ms()) };
        let row = LearnedRow {
            name,
            description,
            def_json: to_json(&def),
            is_public,
            status,
            retrain_at,
            updated_at: now,
            ..row
        };
        self.store.update_learned(&row).await?;
        self.record(caller, "update", "model", id).await;
        self.get_learned(caller, id).await
    }

    /// Deletes a model with all its versions and what it found.
    ///
    /// # Errors
    /// The caller does not own it.
    pub async fn delete_learned(&self, caller: &Caller, id: &str) -> Result<()> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_owner(caller, access, "model")?;
        if let Some(job) = row.job_id.as_deref() {
            self.ask_to_cancel(job);
            self.cancel_here(job);
        }
        self.store.delete_learned(id).await?;
        self.remove_model(id);
        self.record(caller, "delete", "model", id).await;
        Ok(())
    }

    /// Checks a definition, with the rights of whoever wants it.
    async fn checked_def(&self, caller: &Caller, mut def: ModelDef) -> Result<ModelDef> {
        let spec = &mut def.spec;
        let info = spec.kind.info();
        let at = |field: &str, message: String| Error::invalid(message).field(format!("def.spec.{field}"));
        if let ModelSource::Metric { .. } = def.source {
            if !info.is_series {
                return Err(at("kind", "The past of a metric is a series: choose a detector for series.".into()));
            }
            spec.features = vec!["value".into()];
            spec.time = Some("time".into());
        }
        if def.source == ModelSource::Nothing {
            return Err(Error::invalid("Say what to learn from.").field("def.source"));
        }
        if spec.features.is_empty() || spec.features.len() > MOST_FEATURES {
            return Err(at("features", format!("A model has 1 to {MOST_FEATURES} features.")));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = spec.features.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(at("features", format!("The feature `{twice}` is there twice.")));
        }
        let wants_target = matches!(info.task, Task::Classification | Task::Regression);
        match &spec.target {
            None if wants_target => return Err(at("target", "Say which column is to be predicted.".into())),
            Some(_) if !wants_target => {
                return Err(at("target", "Only classification and regression predict a column.".into()));
            }
            Some(target) if spec.features.contains(target) => {
                return Err(at(
                    "target",
                    format!("`{target}` cannot be predicted from itself: take it out of the features."),
                ));
            }
            _ => {}
        }
        match (&spec.time, info.is_series) {
            (None, true) => return Err(at("time", "A detector for series needs a column of times.".into())),
            (Some(_), false) => return Err(at("time", "Only detectors for series have a column of times.".into())),
            _ => {}
        }
        if info.is_series && spec.features.len() != 1 {
            return Err(at("features", "A detector for series reads one column of values.".into()));
        }
        spec.parameters = check_parameters(spec.kind, &spec.parameters).map_err(|error| match error.field.clone() {
            Some(field) => error.field(format!("def.spec.{field}")),
            None => error,
        })?;
        let known = |name: &String| def.spec.features.contains(name) || def.spec.target.as_ref() == Some(name);
        if let Some(other) = def.sensitive.iter().find(|name| !known(name)) {
            let message = format!("`{other}` is marked as sensitive, but is no feature.");
            return Err(Error::invalid(message).field("def.sensitive"));
        }
        crate::notify::check_recipients(&def.notify)?;
        check_quiet(&def)?;
        self.check_learning(caller, &def).await?;
        Ok(def)
    }

    async fn show_learned(
        &self,
        caller: &Caller,
        row: LearnedRow,
        access: Access,
        names: &HashMap<String, String>,
    ) -> Result<Model> {
        let def = def_of(&row)?;
        let active = match row.active_version {
            Some(version) => self.store.learned_version(&row.id, version).await?,
            None => None,
        };
        let is_narrowed = match &active {
            Some(active) => !self.sees_training(caller, active).await?,
            None => false,
        };
        let report = active.as_ref().filter(|_| !is_narrowed).and_then(report_of);
        let mut def = def;
        if access < Access::Edit {
            // Addresses are nobody's business who cannot change them.
            def.notify.clear();
        }
        let trial = row.trial_version.map(|version| Trial {
            version: version_number(version),
            share: u32::try_from(row.trial_share).unwrap_or_default(),
        });
        let seen: watch::Seen = from_json(&row.seen_json);
        // It was measured with the eyes of the owner, whoever trained.
        let sees_drift = seen.drift.is_some()
            && !is_narrowed
            && (row.owner_id == caller.user_id || self.sees_source(caller, &def).await?);
        let drift = seen.drift.filter(|_| sees_drift);
        let job = match &row.job_id {
            Some(job) => self.store.job(job).await?.filter(|job| !job.status.is_final()).map(|job| job.id),
            None => None,
        };
        // A server that was killed left its job behind.
        let error = row.error.clone().or_else(|| {
            let lost = row.job_id.is_some() && job.is_none() && row.active_version.is_none();
            lost.then(|| "The training did not end. Start it again.".to_owned())
        });
        // Why can be about values that only those see who may train.
        let error =
            error.map(|why| if access >= Access::Edit { why } else { "The last training came to nothing.".to_owned() });
        let time = clock::rfc3339;
        Ok(Model {
            model_path: active.as_ref().map(|v| format!("models/{}/{}.model", row.id, v.version)),
            training_data: active.as_ref().map(|version| training_seen(version, !is_narrowed)),
            owner_name: names.get(&row.owner_id).cloned().unwrap_or_default(),
            model_type: def.task(),
            kind: def.spec.kind,
            features: def.spec.features.clone(),
            target: def.spec.target.clone(),
            hyperparameters: def.spec.parameters.clone(),
            status: ModelStatus::parse(&row.status).unwrap_or(ModelStatus::Training),
            version: row.active_version.map(version_number),
            metrics: report.map(|r| r.metrics).unwrap_or_default(),
            last_prediction: row.last_prediction_at.map(time),
            prediction_count: u64::try_from(row.prediction_count).unwrap_or_default(),
            retrain_at: row.retrain_at.map(time),
            drift,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
            id: row.id,
            name: row.name,
            description: row.description,
            owner_id: row.owner_id,
            is_public: row.is_public,
            access,
            def,
            trial,
            job,
            error,
            is_narrowed,
        })
    }
}

/// What training found; none where it was written by another version of Orrery.
fn report_of(version: &LearnedVersionRow) -> Option<TrainReport> {
    serde_json::from_str(&version.report_json)
        .inspect_err(|cause| tracing::error!(%cause, "reading the report of a model"))
        .ok()
}

fn training_of(version: &LearnedVersionRow) -> TrainingData {
    from_json(&version.training_json)
}

/// The same for who may not be told how many rows there are.
fn training_seen(version: &LearnedVersionRow, sees: bool) -> TrainingData {
    let all = training_of(version);
    if sees { all } else { TrainingData { rows: 0, total_rows: 0, is_sample: false, ..all } }
}

fn check_description(text: &str) -> Result<()> {
    match text.chars().count() {
        0..=2_000 => Ok(()),
        _ => Err(Error::invalid("A description has at most 2,000 characters.").field("description")),
    }
}

fn check_quiet(def: &ModelDef) -> Result<()> {
    if def.quiet_minutes <= MOST_QUIET {
        return Ok(());
    }
    Err(Error::invalid("What belongs together lies at most a week apart.").field("quiet_minutes"))
}
