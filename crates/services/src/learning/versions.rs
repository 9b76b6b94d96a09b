//! The versions of a model: side by side, tried on a share of what is asked, taken back to.

use super::data::Which;
use super::rows::take;
use super::{def_of, read_def, report_of, training_seen, version_number};
use crate::access::require_edit;
use crate::{Services, clock};
use domain::learn::{MetricValue, Prediction, Task};
use domain::registry::{Comparison, LiveFigures, ModelVersion, Trial};
use domain::{Caller, Cell, Error, ErrorCode, Result};
use intelligence::{Frame, learn};
use serde_json::json;
use store::{LearnedRow, LearnedVersionRow};

/// Rows that versions are compared on.
const COMPARED_ROWS: u64 = 20_000;

pub(super) fn no_version() -> Error {
    Error::new(ErrorCode::Conflict, "This model has no version yet.").hint("Wait until it is trained.")
}

impl Services {
    /// The versions of a model, newest first.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn learned_versions(&self, caller: &Caller, id: &str) -> Result<Vec<ModelVersion>> {
        let (row, _) = self.learned_for(caller, id).await?;
        let names = self.user_names().await?;
        let mut versions = Vec::new();
        for version in self.store.learned_versions(id).await? {
            let sees = self.sees_training(caller, &version).await?;
            let trained_by = names.get(&version.trained_by).cloned().unwrap_or_default();
            versions.push(show(&row, version, trained_by, sees));
        }
        Ok(versions)
    }

    async fn version_of(&self, row: &LearnedRow, version: u32) -> Result<LearnedVersionRow> {
        let found = self.store.learned_version(&row.id, i64::from(version)).await?;
        found.ok_or_else(|| Error::not_found("version"))
    }

    /// Lets another version answer: the way back, in one step. Its file is checked before.
    ///
    /// # Errors
    /// No right, no such version, or a file that is not the one that was trained.
    pub async fn activate_version(&self, caller: &Caller, id: &str, version: u32) -> Result<()> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_edit(caller, access, "model")?;
        let wanted = self.version_of(&row, version).await?;
        // What is kept in memory would hide that the file is damaged.
        self.learning.shelf.forget(id);
        self.model_of(&wanted).await?;
        self.store.activate_learned(id, i64::from(version), clock::now_ms()).await?;
        let detail = json!({"version": version, "before": row.active_version});
        self.record_with(caller, "activate", "model", id, detail).await;
        if row.model_type == Task::Anomaly.as_str() && row.active_version != Some(i64::from(version)) {
            self.look_anew(id).await?;
        }
        Ok(())
    }

    /// Lets a version answer a share of what is asked, beside the active one.
    ///
    /// # Errors
    /// No right, no such version, a share that is none.
    pub async fn try_version(&self, caller: &Caller, id: &str, trial: Trial) -> Result<()> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_edit(caller, access, "model")?;
        let wanted = (i64::from(trial.version), i64::from(trial.share));
        let kept = match trial.share {
            0 => None,
            1..=99 => {
                if row.model_type == Task::Anomaly.as_str() {
                    return Err(Error::new(ErrorCode::NotSupported, "Detectors are not tried on a share of the rows.")
                        .hint("Compare what both would flag, then activate one."));
                }
                let version = self.version_of(&row, trial.version).await?;
                if row.active_version == Some(version.version) {
                    return Err(
                        Error::invalid("This version is the active one: try another beside it.").field("version")
                    );
                }
                self.model_of(&version).await?;
                Some(wanted)
            }
            _ => return Err(Error::invalid("The share is 0 to 99 percent.").field("share")),
        };
        self.store.try_learned(id, kept, clock::now_ms()).await?;
        let detail = json!({"version": trial.version, "share": trial.share});
        self.record_with(caller, "try", "model", id, detail).await;
        Ok(())
    }

    /// Moves the threshold of a version of a detector, which then looks at everything anew.
    ///
    /// # Errors
    /// No right, no such version, no detector, no number from 0 to 1.
    pub async fn move_threshold(&self, caller: &Caller, id: &str, version: u32, threshold: f64) -> Result<()> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_edit(caller, access, "model")?;
        if row.model_type != Task::Anomaly.as_str() {
            return Err(Error::not_found("detector"));
        }
        if !(0.0..=1.0).contains(&threshold) {
            return Err(Error::invalid("A threshold is a number from 0 to 1.").field("threshold"));
        }
        self.version_of(&row, version).await?;
        self.store.move_threshold(id, i64::from(version), threshold).await?;
        let detail = json!({"version": version, "threshold": threshold});
        self.record_with(caller, "move_threshold", "model", id, detail).await;
        if row.active_version == Some(i64::from(version)) {
            self.look_anew(id).await?;
        }
        Ok(())
    }

    /// Another version decides, or another threshold: what nobody has judged yet is found again, and
    /// nobody is told of it.
    async fn look_anew(&self, id: &str) -> Result<()> {
        self.store.forget_anomalies(id).await?;
        let Some(row) = self.store.learned(id).await? else { return Ok(()) };
        let seen: super::watch::Seen = crate::from_json(&row.seen_json);
        let seen = super::watch::Seen { segments: Vec::new(), ..seen };
        self.store.save_seen(id, &crate::to_json(&seen)).await?;
        self.find_anomalies(id, clock::now_ms(), false).await.map(drop)
    }

    /// Two versions side by side on the rows that the caller sees now.
    ///
    /// # Errors
    /// No right to use it, other than two versions, data that is not theirs to see.
    pub async fn compare_versions(&self, caller: &Caller, id: &str, versions: &[u32]) -> Result<Comparison> {
        let (row, access) = self.learned_for(caller, id).await?;
        super::require_use(access)?;
        let [one, other] = versions else {
            return Err(Error::invalid("Two versions are compared.").field("versions"));
        };
        self.not_too_often(caller, 2)?;
        let both = [self.version_of(&row, *one).await?, self.version_of(&row, *other).await?];
        let def = def_of(&row)?;
        let frame = self.read_source(caller, &def, Which::All, COMPARED_ROWS).await?.frame;
        if row.model_type == Task::Anomaly.as_str() {
            return self.compare_detectors(&both, frame).await;
        }
        let mut figures = Vec::new();
        let mut said: Vec<Vec<Prediction>> = Vec::new();
        for version in &both {
            let (model, part) = (self.model_of(version).await?, frame.clone());
            let turn = self.learning.work.clone().acquire_owned().await.map_err(|_| Error::internal())?;
            let task = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                learn::predict(&model, &part)
            });
            let predictions = task.await.map_err(|_| Error::internal())??.rows;
            let target = read_def(&version.def_json)?.spec.target;
            let metrics = target.map(|target| judge(&frame, &target, &predictions)).unwrap_or_default();
            let report = report_of(version);
            let sees = self.sees_training(caller, version).await?;
            figures.push(LiveFigures {
                version: version_number(version.version),
                metrics,
                importance: report.filter(|_| sees).map(|r| r.importance).unwrap_or_default(),
                prediction_count: u64::try_from(version.prediction_count).unwrap_or_default(),
            });
            said.push(predictions);
        }
        let agreement = match said.as_slice() {
            [a, b] if frame.rows > 0 => {
                let same = a.iter().zip(b).filter(|(a, b)| agrees(&a.value, &b.value)).count();
                Some(same as f64 / frame.rows as f64)
            }
            _ => None,
        };
        Ok(Comparison { versions: figures, rows: frame.rows as u64, agreement })
    }

    async fn compare_detectors(&self, both: &[LearnedVersionRow; 2], frame: Frame) -> Result<Comparison> {
        let mut figures = Vec::new();
        let mut flags: Vec<Vec<bool>> = Vec::new();
        for version in both {
            let (model, part) = (self.model_of(version).await?, frame.clone());
            let options =
                intelligence::detect::ScoreOptions { threshold: version.threshold, most: 0, dimensions: Vec::new() };
            let turn = self.learning.work.clone().acquire_owned().await.map_err(|_| Error::internal())?;
            let task = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                intelligence::detect::score(&model, &part, &options)
            });
            let detection = task.await.map_err(|_| Error::internal())??;
            let flagged: Vec<bool> = detection.scores.iter().map(|score| *score >= detection.threshold).collect();
            let count = flagged.iter().filter(|f| **f).count();
            figures.push(LiveFigures {
                version: version_number(version.version),
                metrics: vec![figure("flagged", "Unusual rows", count as f64, false)],
                importance: Vec::new(),
                prediction_count: u64::try_from(version.prediction_count).unwrap_or_default(),
            });
            flags.push(flagged);
        }
        let agreement = match flags.as_slice() {
            [a, b] if frame.rows > 0 => {
                Some(a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / frame.rows as f64)
            }
            _ => None,
        };
        Ok(Comparison { versions: figures, rows: frame.rows as u64, agreement })
    }
}

fn figure(name: &str, label: &str, value: f64, more_is_better: bool) -> MetricValue {
    MetricValue { name: name.into(), label: label.into(), value, low: None, high: None, more_is_better }
}

/// Numbers within a hundredth of each other, and the same class.
fn agrees(a: &Cell, b: &Cell) -> bool {
    match (a, b) {
        (Cell::Text(_), _) | (_, Cell::Text(_)) => a == b,
        _ => match (a.as_f64(), b.as_f64()) {
            (Some(x), Some(y)) => (x - y).abs() <= 0.01 * x.abs().max(y.abs()).max(f64::MIN_POSITIVE),
            (x, y) => x == y,
        },
    }
}

/// How well predictions fit what is known by now.
fn judge(frame: &Frame, target: &str, predictions: &[Prediction]) -> Vec<MetricValue> {
    let Some(column) = frame.column(target) else { return Vec::new() };
    let known: Vec<usize> =
        (0..frame.rows.min(predictions.len())).filter(|row| !column.values.is_missing(*row)).collect();
    if known.is_empty() {
        return Vec::new();
    }
    let part = take(frame, &known);
    let Some(actual) = part.column(target) else { return Vec::new() };
    let count = known.len() as f64;
    let is_class = known.iter().any(|row| matches!(predictions[*row].value, Cell::Text(_) | Cell::Bool(_)));
    if is_class || actual.values.numbers().is_none() {
        let right = known
            .iter()
            .enumerate()
            .filter(|(i, row)| super::rows::cell(actual, *i).to_text() == predictions[**row].value.to_text());
        return vec![figure("accuracy", "Accuracy", right.count() as f64 / count, true)];
    }
    let pairs: Vec<(f64, f64)> = known
        .iter()
        .enumerate()
        .filter_map(|(i, row)| Some((super::rows::cell(actual, i).as_f64()?, predictions[*row].value.as_f64()?)))
        .collect();
    if pairs.is_empty() {
        return Vec::new();
    }
    let count = pairs.len() as f64;
    let mean = pairs.iter().map(|(a, _)| a).sum::<f64>() / count;
    let off: f64 = pairs.iter().map(|(a, p)| (a - p).powi(2)).sum();
    let spread: f64 = pairs.iter().map(|(a, _)| (a - mean).powi(2)).sum();
    let mut figures = Vec::new();
    if spread > 0.0 {
        figures.push(figure("r2", "R²", 1.0 - off / spread, true));
    }
    figures.push(figure(
        "mae",
        "Mean absolute error",
        pairs.iter().map(|(a, p)| (a - p).abs()).sum::<f64>() / count,
        false,
    ));
    figures.push(figure("rmse", "Root mean squared error", (off / count).sqrt(), false));
    figures
}

fn show(row: &LearnedRow, version: LearnedVersionRow, trained_by: String, sees: bool) -> ModelVersion {
    ModelVersion {
        version: version_number(version.version),
        is_active: row.active_version == Some(version.version),
        is_trial: row.trial_version == Some(version.version),
        report: report_of(&version).filter(|_| sees),
        training: training_seen(&version, sees),
        threshold: version.threshold,
        bytes: u64::try_from(version.bytes).unwrap_or_default(),
        is_sealed: version.is_sealed,
        prediction_count: u64::try_from(version.prediction_count).unwrap_or_default(),
        last_prediction: version.last_prediction_at.map(clock::rfc3339),
        trained_by,
        trained_at: clock::rfc3339(version.trained_at),
        sha256: version.sha256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_agree_on_classes_and_near_numbers() {
        assert!(agrees(&"a".into(), &"a".into()) && !agrees(&"a".into(), &"b".into()));
        assert!(agrees(&Cell::Float(100.0), &Cell::Float(100.5)) && !agrees(&Cell::Float(100.0), &Cell::Float(120.0)));
        assert!(agrees(&Cell::Null, &Cell::Null) && !agrees(&Cell::Null, &Cell::Int(1)));
    }
}
