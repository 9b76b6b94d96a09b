//! Training: a job with progress and cancel, on a blocking thread; at its end there is another version.

use super::data::Which;
use super::rows::keys_of;
use super::watch::{Finding, Seen, findings, score_options};
use super::{def_of, report_of};
use crate::access::require_edit;
use crate::{Services, clock, to_json};
use domain::api::Job;
use domain::learn::{Detection, MOST_TRAINING_ROWS, MetricValue, Task, TrainReport, TrainSpec};
use domain::notify::{Notice, Recipient};
use domain::registry::{ModelDef, TrainingData};
use domain::{Caller, Error, ErrorCode, Result};
use engine::Progress;
use intelligence::learn::{Saved, Trained};
use intelligence::{Frame, detect, learn};
use serde_json::{Value, json};
use std::collections::HashSet;
use store::{LearnedRow, LearnedVersionRow};

/// Rows that somebody said are nothing odd, of which training hears.
const MOST_DISMISSED: i64 = 10_000;
/// Parts of the work that are told.
const STEPS: f64 = 1_000.0;
/// A figure without an interval counts as worse from this part of it on.
const MARGIN: f64 = 0.02;

/// Why a model is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Asked,
    Schedule,
    Drift,
}

impl Why {
    fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Schedule => "schedule",
            Self::Drift => "drift",
        }
    }
}

/// What training made.
struct Made {
    saved: Saved,
    report: TrainReport,
    threshold: Option<f64>,
    found: Vec<Finding>,
}

impl Services {
    /// Trains a model again, with the eyes of the caller.
    ///
    /// # Errors
    /// No right, or it is being trained already.
    pub async fn train_learned(&self, caller: &Caller, id: &str) -> Result<Job> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_edit(caller, access, "model")?;
        self.check_learning(caller, &def_of(&row)?).await?;
        self.room_for_job(caller).await?;
        self.begin_training(caller, &row, Why::Asked).await
    }

    /// Begins a training.
    pub(super) async fn begin_training(&self, caller: &Caller, row: &LearnedRow, why: Why) -> Result<Job> {
        let busy =
            || Error::new(ErrorCode::Conflict, "This model is being trained already.").hint("Wait, or cancel that.");
        let (say, heard) = tokio::sync::oneshot::channel::<bool>();
        let (id, who) = (row.id.clone(), caller.clone());
        let job = self
            .start_job(caller, "train_model", move |services, progress| async move {
                if heard.await != Ok(true) {
                    return Err(busy());
                }
                let trained = services.train(&who, &id, why, &progress).await;
                if let Err(error) = &trained {
                    services.training_failed(&id, why, error, progress.is_cancelled()).await;
                }
                trained
            })
            .await?;
        let begun = self.store.begin_training(&row.id, &job.id, clock::now_ms()).await;
        _ = say.send(matches!(begun, Ok(true)));
        if begun? { Ok(job) } else { Err(busy()) }
    }

    async fn train(&self, caller: &Caller, id: &str, why: Why, progress: &Progress) -> Result<Value> {
        let row = self.store.learned(id).await?.ok_or_else(|| Error::not_found("model"))?;
        let def = def_of(&row)?;
        progress.set_total(STEPS as u64);
        // Rows take memory: whoever waits for a turn holds none.
        let turn = self.learning.work.clone().acquire_owned().await.map_err(|_| Error::internal())?;
        let read = self.read_source(caller, &def, Which::All, MOST_TRAINING_ROWS as u64).await?;
        progress.set_done(100);
        let dismissed: HashSet<String> =
            self.store.anomalies(id, Some("dismissed"), MOST_DISMISSED).await?.into_iter().map(|a| a.row_key).collect();
        let training = TrainingData {
            label: read.label,
            dataset_id: read.dataset_id,
            data_version: read.data_version,
            rows: read.frame.rows as u64,
            total_rows: read.frame.total_rows,
            is_sample: read.frame.is_sample(),
            is_narrowed: read.is_narrowed,
        };
        let (spec, frame, told) = (def.spec.clone(), read.frame, progress.clone());
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            fit(&frame, &spec, &dismissed, &told)
        });
        let made = task.await.map_err(|cause| {
            tracing::error!(%cause, model = id, "training ended without an answer");
            Error::internal()
        })??;
        if progress.is_cancelled() {
            return Err(cancelled());
        }
        progress.set_done(950);
        let report = without_values(made.report, &def.sensitive);
        let (number, now) = (self.store.next_learned_version(id).await?, clock::now_ms());
        let written = self.write_model(id, number, made.saved, !def.sensitive.is_empty()).await?;
        let before = match row.active_version {
            Some(active) => self.store.learned_version(id, active).await?,
            None => None,
        };
        let is_less = before.as_ref().and_then(report_of).is_some_and(|old| is_worse(&report, &old));
        // What somebody asked for answers from now on; what came by itself has to be as good.
        let activate = why == Why::Asked || !is_less;
        let version = LearnedVersionRow {
            model_id: id.to_owned(),
            version: number,
            def_json: to_json(&def),
            training_json: to_json(&training),
            report_json: to_json(&report),
            threshold: made.threshold,
            sha256: written.sha256,
            bytes: written.bytes,
            is_sealed: written.is_sealed,
            trained_by: caller.user_id.clone(),
            trained_at: now,
            last_prediction_at: None,
            prediction_count: 0,
        };
        let retrain_at = def.retrain.every.map(|every| now + every.ms());
        self.store.add_learned_version(&version, activate, retrain_at).await?;
        let detail = json!({"version": number, "rows": training.rows, "data": training.dataset_id,
            "data_version": training.data_version, "why": why.as_str(), "active": activate});
        self.record_with(caller, "train", "model", id, detail).await;
        if activate {
            let old: Seen = crate::from_json(&row.seen_json);
            let seen =
                Seen { data_version: training.data_version, segments: read.segments, drift: None, drift_at: 0, ..old };
            self.store.save_seen(id, &to_json(&seen)).await?;
            self.store.forget_anomalies(id).await?;
            self.keep_findings(&def, &version, &training, made.found, "training", now).await?;
        } else {
            let words =
                "It was trained again by itself, and the new version is not as good as the active one, which stays.";
            self.tell_learned_owner(&row, &format!("trained:{id}:{number}"), words).await;
        }
        Ok(json!({"model": id, "version": number, "active": activate}))
    }

    /// Writes down why a training came to nothing; who did not ask for it is told.
    async fn training_failed(&self, id: &str, why: Why, error: &Error, is_cancelled: bool) {
        let now = clock::now_ms();
        let Ok(Some(row)) = self.store.learned(id).await else { return };
        let said = if is_cancelled { "The training was cancelled.".to_owned() } else { error.to_string() };
        let every = def_of(&row).ok().and_then(|def| def.retrain.every);
        let retrain_at = every.map(|every| now + every.ms());
        if let Err(cause) = self.store.end_training(id, Some(&said), retrain_at, now).await {
            tracing::error!(%cause, model = id, "the end of a training could not be written");
        }
        if why != Why::Asked {
            let words = format!("It could not be trained again: {said}");
            self.tell_learned_owner(&row, &format!("training:{id}:{now}"), &words).await;
        }
    }

    /// Tells the owner of a model what it did by itself.
    async fn tell_learned_owner(&self, row: &LearnedRow, key: &str, words: &str) {
        let notice = Notice {
            kind: "problem".into(),
            subject: format!("The model {}", row.name),
            body: words.to_owned(),
            fields: Vec::new(),
            link: format!("/models/{}", row.id),
            chart: None,
        };
        let owner = [Recipient::User { id: row.owner_id.clone() }];
        if let Err(error) = self.notify(key, &row.owner_id, &owner, &notice).await {
            tracing::error!(%error, model = row.id, "the owner of a model could not be told");
        }
    }

    /// Trains what is due, once a while.
    pub(crate) async fn retrain_due(&self, now: i64) -> Result<u64> {
        let mut begun = 0;
        for row in self.store.learned_due(now).await? {
            let started = match self.learned_owner(&row).await {
                Ok(owner) => self.begin_training(&owner, &row, Why::Schedule).await.map(drop),
                Err(error) => Err(error),
            };
            match started {
                Ok(()) => begun += 1,
                // It is being trained: that counts.
                Err(error) if error.code == ErrorCode::Conflict => {}
                Err(error) => self.training_failed(&row.id, Why::Schedule, &error, false).await,
            }
        }
        Ok(begun)
    }
}

fn cancelled() -> Error {
    Error::new(ErrorCode::Cancelled, "The training was cancelled.")
}

fn fit(frame: &Frame, spec: &TrainSpec, dismissed: &HashSet<String>, progress: &Progress) -> Result<Made> {
    let mut tell = |part: f64| {
        progress.set_done((100.0 + part.clamp(0.0, 1.0) * (STEPS - 200.0)) as u64);
        !progress.is_cancelled()
    };
    let Trained { mut model, mut report, .. } = learn::train(frame, spec, &mut tell)?;
    let mut detection = None;
    if spec.kind.task() == Task::Anomaly {
        let options = score_options(frame, None);
        if !dismissed.is_empty() {
            let keys = keys_of(frame);
            let rows: Vec<usize> = (0..frame.rows).filter(|row| dismissed.contains(&keys[*row])).collect();
            if !rows.is_empty() {
                model = detect::not_odd(&model, frame, &rows)?;
                report.notes.push(format!("{} rows that people said are nothing odd were heeded.", rows.len()));
            }
        }
        let again: Detection = detect::score(&model, frame, &options)?;
        report.histogram = Some(again.histogram.clone());
        detection = Some(again);
    }
    let saved = learn::save(&model)?;
    let found = detection.as_ref().map(|detection| findings(frame, spec, detection)).unwrap_or_default();
    Ok(Made { saved, report, threshold: detection.map(|d| d.threshold), found })
}

/// The report without values of sensitive features: it is kept as it is, the file is encrypted.
fn without_values(mut report: TrainReport, sensitive: &[String]) -> TrainReport {
    if sensitive.is_empty() {
        return report;
    }
    for feature in report.features.iter_mut().filter(|f| sensitive.contains(&f.name)) {
        (feature.min, feature.median, feature.max) = (None, None, None);
    }
    // Its words are values of any column.
    report.confusion = None;
    if let Some(clusters) = &mut report.clusters {
        clusters.groups.iter_mut().for_each(|group| group.traits.clear());
    }
    report.notes.clear();
    report
}

/// Whether the figure that counts most is worse than before by more than chance explains.
fn is_worse(new: &TrainReport, old: &TrainReport) -> bool {
    let Some(before) = old.metrics.first() else { return false };
    let Some(now) = new.metrics.iter().find(|m| m.name == before.name) else { return false };
    let half = |m: &MetricValue| Some((m.high? - m.low?).abs() / 2.0);
    let margin = half(before).unwrap_or(before.value.abs() * MARGIN);
    let loss = if before.more_is_better { before.value - now.value } else { now.value - before.value };
    loss > margin
}

/// Which columns of a definition its version was trained on, with the column of times.
pub(super) fn inputs(def: &ModelDef, report: &TrainReport) -> Vec<(String, domain::learn::FeatureKind)> {
    let mut all: Vec<_> = report.features.iter().map(|f| (f.name.clone(), f.kind)).collect();
    if let Some(time) = &def.spec.time
        && !all.iter().any(|(name, _)| name == time)
    {
        all.push((time.clone(), domain::learn::FeatureKind::Time));
    }
    all
}
