//! Models on their way to another installation and from one: a file of plain data, which is checked as
//! what a stranger may have written.

use super::require_use;
use crate::access::{require_edit, require_role, require_scope};
use crate::{Services, clock, new_id, to_json};
use domain::learn::{Task, TrainReport};
use domain::people::Scope;
use domain::registry::{Model, ModelDef, ModelSource, ModelStatus, TrainingData, check_name};
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use intelligence::learn;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{LearnedRow, LearnedVersionRow};

/// What the file says it is.
const FORMAT: &str = "orrery-model-1";
/// The largest file that is taken.
pub(super) const MOST_BYTES: usize = learn::MOST_FILE_BYTES + (1 << 20);
/// What is said of a model is read whenever it is listed.
const MOST_REPORT_BYTES: usize = 1 << 20;

/// A version of a model, and what is said of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Portable {
    format: String,
    name: String,
    #[serde(default)]
    description: String,
    /// Features whose values are to be encrypted where it arrives, too.
    #[serde(default)]
    sensitive: Vec<String>,
    #[serde(default)]
    threshold: Option<f64>,
    trained_at: String,
    /// Of `model`.
    sha256: String,
    report: TrainReport,
    /// The model's file, as text.
    model: String,
}

impl Services {
    /// A version as a file to take elsewhere.
    ///
    /// # Errors
    /// The caller may not change the model, who could copy it otherwise; a damaged file.
    pub async fn export_model(&self, caller: &Caller, id: &str, version: u32) -> Result<Vec<u8>> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_use(access)?;
        require_edit(caller, access, "model")?;
        let found = self.store.learned_version(id, i64::from(version)).await?;
        let found = found.ok_or_else(|| Error::not_found("version"))?;
        if !self.sees_training(caller, &found).await? {
            return Err(Error::forbidden("Rules decide which rows you see of the data that this was trained on."));
        }
        let bytes = self.model_bytes(&found).await?;
        let saved = learn::load(&bytes, None).and_then(|model| learn::save(&model))?;
        let text = String::from_utf8(saved.bytes).map_err(|_| Error::internal())?;
        let portable = Portable {
            format: FORMAT.into(),
            name: row.name,
            description: row.description,
            sensitive: super::read_def(&found.def_json)?.sensitive,
            threshold: found.threshold,
            trained_at: clock::rfc3339(found.trained_at),
            sha256: saved.sha256,
            report: super::report_of(&found).ok_or_else(Error::internal)?,
            model: text,
        };
        self.record_with(caller, "export", "model", id, json!({"version": version})).await;
        serde_json::to_vec(&portable).map_err(|_| Error::internal())
    }

    /// Takes a model that came as a file; it learns nothing more.
    ///
    /// # Errors
    /// No right to make models, or a file that is none, or damaged.
    pub async fn import_model(&self, caller: &Caller, bytes: Vec<u8>) -> Result<Model> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Creator, "add a model")?;
        if bytes.len() > MOST_BYTES {
            return Err(Error::new(ErrorCode::TooLarge, "The file of a model is smaller than that."));
        }
        self.room_for_model(caller).await?;
        let task = tokio::task::spawn_blocking(move || read(&bytes));
        let (portable, model, saved) = task.await.map_err(|_| Error::internal())??;
        let def = ModelDef { sensitive: portable.sensitive, ..ModelDef::new(ModelSource::Nothing, model.spec.clone()) };
        let (now, id) = (clock::now_ms(), new_id());
        let row = LearnedRow {
            id: id.clone(),
            name: check_name(&portable.name)?,
            description: portable.description.chars().take(2_000).collect(),
            owner_id: caller.user_id.clone(),
            model_type: def.task().as_str().to_owned(),
            def_json: to_json(&def),
            dataset_id: None,
            metric_id: None,
            status: ModelStatus::Training.as_str().to_owned(),
            job_id: None,
            error: None,
            active_version: None,
            trial_version: None,
            trial_share: 0,
            is_public: false,
            last_prediction_at: None,
            prediction_count: 0,
            seen_json: "{}".into(),
            retrain_at: None,
            created_at: now,
            updated_at: now,
        };
        let written = self.write_model(&id, 1, saved, !def.sensitive.is_empty()).await?;
        let training = TrainingData {
            label: "A file".into(),
            rows: model.rows,
            total_rows: model.total_rows,
            is_sample: model.total_rows > model.rows,
            ..TrainingData::default()
        };
        let threshold = portable.threshold.filter(|_| def.task() == Task::Anomaly);
        let version = LearnedVersionRow {
            model_id: id.clone(),
            version: 1,
            def_json: to_json(&def),
            training_json: to_json(&training),
            report_json: to_json(&portable.report),
            threshold: threshold.filter(|t| (0.0..=1.0).contains(t)),
            sha256: written.sha256,
            bytes: written.bytes,
            is_sealed: written.is_sealed,
            trained_by: caller.user_id.clone(),
            trained_at: now,
            last_prediction_at: None,
            prediction_count: 0,
        };
        self.store.insert_learned(&row).await?;
        self.store.add_learned_version(&version, true, None).await?;
        self.record(caller, "import", "model", &id).await;
        self.get_learned(caller, &id).await
    }
}

fn read(bytes: &[u8]) -> Result<(Portable, learn::ModelFile, learn::Saved)> {
    let bad = |why: &str| Error::new(ErrorCode::UnusableFile, format!("This is no model: {why}."));
    let portable: Portable = serde_json::from_slice(bytes).map_err(|cause| bad(&cause.to_string()))?;
    if portable.format != FORMAT {
        return Err(bad("its form is another").hint(format!("The form `{FORMAT}` can be read here.")));
    }
    check_name(&portable.name)?;
    let model = learn::load(portable.model.as_bytes(), Some(&portable.sha256))?;
    let spec = &model.spec;
    let known = |name: &String| spec.features.contains(name) || spec.target.as_ref() == Some(name);
    if portable.sensitive.iter().any(|name| !known(name)) {
        return Err(bad("it marks a column as sensitive that it does not have"));
    }
    let report = &portable.report;
    let names: Vec<&String> = report.features.iter().map(|f| &f.name).collect();
    if report.kind != spec.kind || report.task != spec.kind.task() || !spec.features.iter().all(|f| names.contains(&f))
    {
        return Err(bad("its description is of another model"));
    }
    if to_json(report).len() > MOST_REPORT_BYTES {
        return Err(bad("its description is too long"));
    }
    let saved = learn::save(&model)?;
    Ok((portable, model, saved))
}
