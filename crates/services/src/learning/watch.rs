//! Detectors look at rows as they come, and every model at whether they are still like those it was
//! trained on. What is found close together is one burst, and one notice.

use super::data::{Read, Which};
use super::rows::{key_of_row, row_of};
use super::train::Why;
use super::{def_of, read_def};
use crate::{Services, clock, from_json, new_id, to_json};
use domain::frame::{Frame, Values};
use domain::learn::{Detection, DriftLevel, DriftReport, MOST_TRAINING_ROWS, Task, TrainSpec};
use domain::notify::{Notice, Recipient};
use domain::registry::{AnomalyStatus, Found, ModelDef, ModelStatus, TrainingData};
use domain::{Caller, Cell, Error, ErrorCode, Result, Role};
use intelligence::detect::{self, ScoreOptions};
use intelligence::learn;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use store::{AnomalyRow, LearnedRow, LearnedVersionRow};

/// Anomalies that one look keeps.
const MOST_FOUND: usize = 500;
/// Notices of one look; more bursts are told as one.
const MOST_TOLD: usize = 5;
/// Columns with more members say nothing about where it is.
const MOST_MEMBERS: usize = 50;
/// Rows that drift is measured on.
const DRIFT_ROWS: u64 = 20_000;
/// How often drift is measured.
const DRIFT_PAUSE_MS: i64 = 600_000;

/// What of its data a model has looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Seen {
    pub(super) data_version: u64,
    pub(super) segments: Vec<String>,
    /// The burst that the last finding belongs to.
    pub(super) burst: Option<String>,
    pub(super) found_at: i64,
    pub(super) drift: Option<DriftReport>,
    pub(super) drift_at: i64,
}

/// A row that was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) key: String,
    pub(super) score: f64,
    pub(super) at: Option<String>,
    /// Of series: when its burst began.
    pub(super) burst: Option<String>,
    pub(super) found: Found,
}

/// What is wanted of a detector besides scores: explanations, and in which members it is.
pub(super) fn score_options(frame: &Frame, threshold: Option<f64>) -> ScoreOptions {
    let is_dimension = |values: &Values| values.members().is_some_and(|(_, m)| (2..=MOST_MEMBERS).contains(&m.len()));
    let dimensions = frame.columns.iter().filter(|c| is_dimension(&c.values)).map(|c| c.name.clone()).collect();
    ScoreOptions { threshold, most: MOST_FOUND, dimensions }
}

/// What a detection says, as it is kept.
pub(super) fn findings(frame: &Frame, spec: &TrainSpec, detection: &Detection) -> Vec<Finding> {
    let is_series = spec.kind.info().is_series;
    let by_role = || frame.columns.iter().find(|c| c.role == Role::Time && c.values.times().is_some());
    let time = match &spec.time {
        Some(name) => Some(name.clone()),
        None => by_role().map(|c| c.name.clone()),
    };
    let told = detection.anomalies.iter().filter(|a| a.score >= detection.threshold && a.index < frame.rows);
    let finding = |anomaly: &domain::learn::Anomaly| {
        let data = row_of(frame, anomaly.index);
        let burst = detection.bursts.iter().find(|b| (b.first..=b.last).contains(&anomaly.index));
        let at = time.as_ref().and_then(|name| data.get(name)).and_then(Cell::as_str).map(str::to_owned);
        Finding {
            key: key_of_row(&data),
            score: anomaly.score,
            burst: burst.filter(|_| is_series).and_then(|b| {
                let first = row_of(frame, b.first.min(frame.rows.saturating_sub(1)));
                time.as_ref().and_then(|name| first.get(name)).map(Cell::to_text)
            }),
            found: Found {
                index: anomaly.index,
                data,
                because: anomaly.because.clone(),
                expected: anomaly.expected,
                carriers: burst.map(|b| b.carriers.iter().map(|c| c.sentence.clone()).collect()).unwrap_or_default(),
                time_column: at.is_some().then(|| time.clone()).flatten(),
            },
            at,
        }
    };
    told.map(finding).collect()
}

impl Services {
    /// Rows of a dataset changed, or a metric has another value: what learned from it looks at them. What
    /// fails is logged; the next change catches up.
    pub(crate) fn look_at_learned(&self, source: &str) {
        {
            let mut watched = self.learning.watched.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(again) = watched.get_mut(source) {
                *again = true;
                return;
            }
            watched.insert(source.to_owned(), false);
        }
        let (services, source) = (self.clone(), source.to_owned());
        tokio::spawn(async move {
            loop {
                if let Err(error) = services.look_once(&source).await {
                    tracing::error!(%error, source, "the models of this data could not look at its new rows");
                }
                let mut watched = services.learning.watched.lock().unwrap_or_else(PoisonError::into_inner);
                match watched.get_mut(&source) {
                    Some(again) if *again => *again = false,
                    _ => {
                        watched.remove(&source);
                        break;
                    }
                }
            }
        });
    }

    async fn look_once(&self, source: &str) -> Result<()> {
        let now = clock::now_ms();
        for row in self.store.learned_from(source).await? {
            if row.status != ModelStatus::Active.as_str() {
                continue;
            }
            let looked = match row.model_type.as_str() {
                "anomaly" => self.find_anomalies(&row.id, now, true).await.map(drop),
                _ => Ok(()),
            };
            for result in [looked, self.measure_drift(&row.id, now).await.map(drop)] {
                if let Err(error) = result {
                    tracing::warn!(%error, model = row.id, "this model could not look at new rows");
                }
            }
        }
        Ok(())
    }

    /// Lets a detector look at the rows that came, now.
    ///
    /// # Errors
    /// The caller may not use it, or its data cannot be read with the eyes of its owner.
    pub async fn run_detector(&self, caller: &Caller, id: &str) -> Result<u64> {
        let (row, access) = self.learned_for(caller, id).await?;
        super::require_use(access)?;
        self.get_detector(caller, id).await?;
        self.answering(&row).await?;
        crate::access::require_scope(caller, domain::people::Scope::Write)?;
        self.not_too_often(caller, 1)?;
        let now = clock::now_ms();
        let found = self.find_anomalies(id, now, true).await?;
        self.record(caller, "detect", "model", id).await;
        if self.sees_source(caller, &def_of(&row)?).await? {
            return Ok(found);
        }
        // It looks with the eyes of its owner: others are told of the rows that they see.
        let at = clock::rfc3339(now);
        let theirs = self.list_anomalies(caller, id, Some("new")).await?;
        Ok(theirs.iter().filter(|anomaly| anomaly.detected_at == at).count() as u64)
    }

    /// Looks at the rows that came since; answers how many unusual ones are new. With `tell`, those whom
    /// it concerns are told of each burst once.
    pub(crate) async fn find_anomalies(&self, id: &str, now: i64, tell: bool) -> Result<u64> {
        let Some(row) = self.store.learned(id).await? else { return Ok(0) };
        let Some(version) = self.active_of(&row).await? else { return Ok(0) };
        let def = read_def(&version.def_json)?;
        let seen: Seen = from_json(&row.seen_json);
        let owner = self.learned_owner(&row).await?;
        // A series is replayed: what is unusual depends on what was before.
        let which = if def.spec.kind.info().is_series { Which::All } else { Which::Since(&seen.segments) };
        let Read { frame, label, dataset_id, data_version, segments, is_narrowed } =
            self.read_source(&owner, &def, which, MOST_TRAINING_ROWS as u64).await?;
        let training = TrainingData {
            label,
            dataset_id,
            data_version,
            rows: frame.rows as u64,
            total_rows: frame.total_rows,
            is_sample: frame.is_sample(),
            is_narrowed,
        };
        let found = if frame.rows == 0 { Vec::new() } else { self.score(&version, &def, frame).await? };
        let burst = match seen.burst.clone().filter(|_| now - seen.found_at <= i64::from(def.quiet_minutes) * 60_000) {
            Some(going_on) => going_on,
            None => new_id(),
        };
        let fresh = self.keep_findings(&def, &version, &training, found, &burst, now).await?;
        let rows: u64 = fresh.values().sum();
        // The rest may have been changed meanwhile, by another look or by whoever measured drift.
        let Some(kept) = self.store.learned(id).await? else { return Ok(rows) };
        let mut kept: Seen = from_json(&kept.seen_json);
        (kept.data_version, kept.segments) = (data_version, segments);
        if rows > 0 {
            (kept.burst, kept.found_at) = (Some(burst), now);
        }
        self.store.save_seen(id, &to_json(&kept)).await?;
        if tell {
            self.tell_bursts(&row, &def, &training.label, &fresh).await?;
        }
        Ok(rows)
    }

    async fn score(&self, version: &LearnedVersionRow, def: &ModelDef, frame: Frame) -> Result<Vec<Finding>> {
        let model = self.model_of(version).await?;
        let turn = self.learning.work.clone().acquire_owned().await.map_err(|_| Error::internal())?;
        let (spec, threshold) = (def.spec.clone(), version.threshold);
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let detection = detect::score(&model, &frame, &score_options(&frame, threshold))?;
            Ok(findings(&frame, &spec, &detection))
        });
        task.await.map_err(|_| Error::internal())?
    }

    /// Keeps what was found and is not known yet: how many, by burst.
    pub(super) async fn keep_findings(
        &self,
        def: &ModelDef,
        version: &LearnedVersionRow,
        training: &TrainingData,
        found: Vec<Finding>,
        burst: &str,
        now: i64,
    ) -> Result<BTreeMap<String, u64>> {
        let is_sealed = !def.sensitive.is_empty();
        let mut rows = Vec::with_capacity(found.len());
        for finding in found.into_iter().take(MOST_FOUND) {
            let id = new_id();
            let body = to_json(&finding.found);
            rows.push(AnomalyRow {
                body: if is_sealed { self.vault.seal(&body, &format!("anomaly:{id}"))? } else { body },
                id,
                model_id: version.model_id.clone(),
                version: version.version,
                row_key: finding.key,
                burst: finding.burst.unwrap_or_else(|| burst.to_owned()),
                at: finding.at.filter(|_| !is_sealed),
                score: finding.score,
                is_sealed,
                status: AnomalyStatus::New.as_str().to_owned(),
                status_by: None,
                status_at: None,
                data_version: super::int(training.data_version),
                detected_at: now,
            });
        }
        let mut fresh: BTreeMap<String, u64> = BTreeMap::new();
        if rows.is_empty() {
            return Ok(fresh);
        }
        let new = self.store.add_anomalies(&rows).await?;
        for row in rows.into_iter().filter(|row| new.contains(&row.id)) {
            *fresh.entry(row.burst).or_default() += 1;
        }
        Ok(fresh)
    }

    /// One notice for each burst: how many rows, and none of their values.
    async fn tell_bursts(
        &self,
        row: &LearnedRow,
        def: &ModelDef,
        label: &str,
        fresh: &BTreeMap<String, u64>,
    ) -> Result<()> {
        let owner = vec![Recipient::User { id: row.owner_id.clone() }];
        let recipients = if def.notify.is_empty() { &owner } else { &def.notify };
        // Of many at once the latest are told.
        for (burst, rows) in fresh.iter().rev().take(MOST_TOLD) {
            let what = if *rows == 1 { "1 unusual row".to_owned() } else { format!("{rows} unusual rows") };
            let notice = Notice {
                kind: "alert".into(),
                subject: format!("{}: {what}", row.name),
                body: "A detector found something unusual. Open it to see the rows and why.\n".into(),
                fields: vec![
                    ("Detector".into(), row.name.clone()),
                    ("Data".into(), label.to_owned()),
                    ("Unusual rows".into(), rows.to_string()),
                ],
                link: format!("/models/{}?tab=anomalies", row.id),
                chart: None,
            };
            self.notify(&format!("anomaly:{}:{burst}", row.id), &row.owner_id, recipients, &notice).await?;
        }
        Ok(())
    }

    /// Measures how far the rows of now are from those of the training, at most once in a while, and
    /// trains again where that is wanted.
    async fn measure_drift(&self, id: &str, now: i64) -> Result<()> {
        let Some(row) = self.store.learned(id).await? else { return Ok(()) };
        let def = def_of(&row)?;
        let seen: Seen = from_json(&row.seen_json);
        if now - seen.drift_at < DRIFT_PAUSE_MS {
            return Ok(());
        }
        let owner = self.learned_owner(&row).await?;
        let Some(drift) = self.drift_seen_by(&owner, &row).await? else { return Ok(()) };
        let is_shifted = drift.level == DriftLevel::Shifted && !drift.is_thin;
        let Some(row) = self.store.learned(id).await? else { return Ok(()) };
        let kept: Seen = from_json(&row.seen_json);
        self.store.save_seen(id, &to_json(&Seen { drift: Some(drift), drift_at: now, ..kept })).await?;
        if is_shifted && def.retrain.on_drift {
            match self.begin_training(&owner, &row, Why::Drift).await {
                Err(error) if error.code != ErrorCode::Conflict => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// How far the rows that somebody sees now are from those of the training.
    async fn drift_seen_by(&self, caller: &Caller, row: &LearnedRow) -> Result<Option<DriftReport>> {
        let Some(version) = self.active_of(row).await? else { return Ok(None) };
        let def = read_def(&version.def_json)?;
        let frame = self.read_source(caller, &def, Which::All, DRIFT_ROWS).await?.frame;
        if frame.rows == 0 {
            return Ok(None);
        }
        let model = self.model_of(&version).await?;
        let task = tokio::task::spawn_blocking(move || learn::drift(&model, &frame));
        task.await.map_err(|_| Error::internal())?.map(Some)
    }

    /// How far the rows that the caller sees now are from those that a model was trained on.
    ///
    /// # Errors
    /// The model or its data is not theirs to see, or it has no version.
    pub async fn learned_drift(&self, caller: &Caller, id: &str) -> Result<DriftReport> {
        let (row, access) = self.learned_for(caller, id).await?;
        super::require_use(access)?;
        self.not_too_often(caller, 1)?;
        self.drift_seen_by(caller, &row).await?.ok_or_else(super::versions::no_version)
    }

    /// The version of a model that answers.
    pub(super) async fn active_of(&self, row: &LearnedRow) -> Result<Option<LearnedVersionRow>> {
        match row.active_version {
            Some(version) => self.store.learned_version(&row.id, version).await,
            None => Ok(None),
        }
    }

    /// The model of the active version of a detector, for its threshold.
    pub(super) async fn detector_of(&self, row: &LearnedRow) -> Result<(LearnedVersionRow, Arc<learn::ModelFile>)> {
        if row.model_type != Task::Anomaly.as_str() {
            return Err(Error::not_found("detector"));
        }
        let version = self.active_of(row).await?.ok_or_else(super::versions::no_version)?;
        let model = self.model_of(&version).await?;
        Ok((version, model))
    }
}
