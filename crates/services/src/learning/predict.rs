//! Predictions: for rows that programs send, within a rate for each of them. Whoever may only use a
//! model gets rounded figures, and so many of them that copying it takes long.

use super::rows::{frame_of_rows, take};
use super::train::inputs;
use super::{read_def, report_of, require_use, version_number};
use crate::access::require_role;
use crate::secrets::fingerprint;
use crate::{Services, clock, to_json};
use domain::learn::{Anomaly, Contribution, OutsideRow, Prediction, Predictions, Task};
use domain::registry::{MOST_ROWS, ModelStatus, Predicted, PredictionAnswer, RowsToPredict};
use domain::{Access, Caller, Cell, Error, ErrorCode, Result, UserRole};
use intelligence::detect::{self, ScoreOptions};
use intelligence::{Frame, learn};
use serde_json::json;
use std::collections::BTreeMap;
use store::{LearnedRow, LearnedVersionRow};

/// Rows that count as one request.
const ROWS_A_REQUEST: usize = 100;
/// Digits of a number that is predicted for who may only use a model.
const DIGITS: i32 = 4;
/// Rows far outside the training data that are told.
const MOST_OUTSIDE: usize = 1_000;

/// What of such a row is told to who does not see what the model was trained on.
const FAR: &str = "A value is far from what the model was trained on";

/// What versions say about rows.
pub(super) struct Said {
    pub(super) rows: Vec<(u32, Prediction)>,
    pub(super) classes: Vec<String>,
    pub(super) outside: Vec<OutsideRow>,
    pub(super) outside_rows: u64,
    pub(super) notes: Vec<String>,
    /// How many rows each version answered.
    pub(super) counts: BTreeMap<i64, i64>,
}

impl Services {
    /// Counts requests for predictions.
    ///
    /// # Errors
    /// There were too many of late.
    pub(super) fn not_too_often(&self, caller: &Caller, requests: usize) -> Result<()> {
        let moment = u64::try_from(clock::now_ms()).unwrap_or_default().saturating_mul(1_000);
        for taken in 0..requests {
            if let Err(wait) = self.learning.asks.take(&caller.user_id, moment) {
                (0..taken).for_each(|_| self.learning.asks.give_back(&caller.user_id));
                let seconds = wait.as_secs() + 1;
                return Err(Error::new(ErrorCode::TooManyRequests, "That is more than models answer at once.")
                    .hint(format!("Try again in {seconds} s, or predict a whole dataset in one go.")));
            }
        }
        Ok(())
    }

    /// What a model predicts for rows.
    ///
    /// # Errors
    /// The caller may not use it, it does not answer, rows that do not fit, or too many of late.
    pub async fn predict(&self, caller: &Caller, id: &str, asked: &RowsToPredict) -> Result<PredictionAnswer> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_use(access)?;
        if row.model_type == Task::Anomaly.as_str() {
            return Err(Error::new(
                ErrorCode::NotSupported,
                "A detector predicts nothing: it says which rows are odd.",
            )
            .hint(format!("Ask /api/v1/detectors/{id}/detect.")));
        }
        let active = self.answering(&row).await?;
        check_rows(asked)?;
        self.not_too_often(caller, asked.rows.len().div_ceil(ROWS_A_REQUEST))?;
        let report = report_of(&active).ok_or_else(Error::internal)?;
        let frame = frame_of_rows(&inputs(&read_def(&active.def_json)?, &report), &asked.rows)?;
        let keys: Vec<String> = asked.rows.iter().map(|row| fingerprint(&to_json(row))).collect();
        let said = self.say(&row, &active, frame, &keys).await?;
        self.count(caller, &row, "predict", &said.counts, said.outside_rows).await?;
        let knows = access >= Access::Edit;
        let mut outside = said.outside;
        if !self.sees_training(caller, &active).await? {
            outside.iter_mut().for_each(|far| far.because = vec![FAR.to_owned()]);
        }
        let predictions = said.rows.into_iter().map(|(version, prediction)| Predicted {
            version,
            prediction: if knows { prediction } else { rounded(prediction) },
        });
        Ok(PredictionAnswer {
            predictions: predictions.collect(),
            classes: if knows { said.classes } else { Vec::new() },
            outside,
            notes: said.notes,
        })
    }

    /// The active version of a model that is in use.
    pub(super) async fn answering(&self, row: &LearnedRow) -> Result<LearnedVersionRow> {
        if row.status == ModelStatus::Deprecated.as_str() {
            return Err(Error::new(ErrorCode::Conflict, "This model is out of use.")
                .hint("Ask its owner for the one that took its place."));
        }
        self.active_of(row).await?.ok_or_else(super::versions::no_version)
    }

    /// Lets the versions answer: the one on trial those rows that fall to its share, always the same ones.
    pub(super) async fn say(
        &self,
        row: &LearnedRow,
        active: &LearnedVersionRow,
        frame: Frame,
        keys: &[String],
    ) -> Result<Said> {
        let trial = match row.trial_version {
            Some(version) if row.trial_share > 0 => self.store.learned_version(&row.id, version).await?,
            _ => None,
        };
        let tried = |at: usize| trial.is_some() && i64::from(place_of(&keys[at])) < row.trial_share;
        let mut said = Said {
            rows: vec![(version_number(active.version), nothing()); frame.rows],
            classes: Vec::new(),
            outside: Vec::new(),
            outside_rows: 0,
            notes: Vec::new(),
            counts: BTreeMap::new(),
        };
        for (version, is_trial) in [(Some(active), false), (trial.as_ref(), true)] {
            let Some(version) = version else { continue };
            let rows: Vec<usize> = (0..frame.rows).filter(|at| tried(*at) == is_trial).collect();
            if rows.is_empty() {
                continue;
            }
            let (model, part) = (self.model_of(version).await?, take(&frame, &rows));
            let turn = self.learning.work.clone().acquire_owned().await.map_err(|_| Error::internal())?;
            let task = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                learn::predict(&model, &part)
            });
            let Predictions { rows: answers, classes, outside, outside_rows, notes } =
                task.await.map_err(|_| Error::internal())??;
            let number = version_number(version.version);
            for (at, prediction) in rows.iter().zip(answers) {
                said.rows[*at] = (number, prediction);
            }
            let moved = |far: OutsideRow| Some(OutsideRow { index: *rows.get(far.index)?, ..far });
            said.outside.extend(outside.into_iter().filter_map(moved));
            said.outside_rows += outside_rows;
            said.counts.insert(version.version, super::int(rows.len() as u64));
            let new: Vec<String> = notes.into_iter().filter(|note| !said.notes.contains(note)).collect();
            said.notes.extend(new);
            if said.classes.is_empty() {
                said.classes = classes;
            }
        }
        said.outside.sort_by_key(|far| far.index);
        said.outside.truncate(MOST_OUTSIDE);
        Ok(said)
    }

    /// Counts predictions and writes them down.
    pub(super) async fn count(
        &self,
        caller: &Caller,
        row: &LearnedRow,
        deed: &str,
        counts: &BTreeMap<i64, i64>,
        outside: u64,
    ) -> Result<()> {
        let now = clock::now_ms();
        for (version, rows) in counts {
            self.store.count_predictions(&row.id, *version, *rows, now).await?;
        }
        let by_version: BTreeMap<String, i64> = counts.iter().map(|(v, n)| (v.to_string(), *n)).collect();
        let detail = json!({"rows": counts.values().sum::<i64>(), "versions": by_version, "outside": outside});
        self.record_with(caller, deed, "model", &row.id, detail).await;
        Ok(())
    }

    /// Which of these rows a detector finds unusual.
    ///
    /// # Errors
    /// As [`Services::predict`].
    pub async fn detect_rows(&self, caller: &Caller, id: &str, asked: &RowsToPredict) -> Result<Vec<Anomaly>> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_use(access)?;
        if row.model_type != Task::Anomaly.as_str() {
            return Err(Error::not_found("detector"));
        }
        let active = self.answering(&row).await?;
        check_rows(asked)?;
        self.not_too_often(caller, asked.rows.len().div_ceil(ROWS_A_REQUEST))?;
        let report = report_of(&active).ok_or_else(Error::internal)?;
        let frame = frame_of_rows(&inputs(&read_def(&active.def_json)?, &report), &asked.rows)?;
        let (_, model) = self.detector_of(&row).await?;
        let options = ScoreOptions { threshold: active.threshold, most: MOST_ROWS, dimensions: Vec::new() };
        let sees = self.sees_training(caller, &active).await?;
        let turn = self.learning.work.clone().acquire_owned().await.map_err(|_| Error::internal())?;
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut detection = detect::score(&model, &frame, &options)?;
            for anomaly in detection.anomalies.iter_mut().filter(|a| a.index < frame.rows) {
                anomaly.data = super::rows::row_of(&frame, anomaly.index);
            }
            Ok::<_, Error>(detection)
        });
        let detection = task.await.map_err(|_| Error::internal())??;
        let counts = BTreeMap::from([(active.version, super::int(asked.rows.len() as u64))]);
        self.count(caller, &row, "detect", &counts, 0).await?;
        let now = clock::rfc3339(clock::now_ms());
        let knows = access >= Access::Edit;
        let told = detection.anomalies.into_iter().filter(|a| a.score >= detection.threshold);
        let told = told.map(|anomaly| if sees { anomaly } else { discreet(anomaly) });
        let told = told.map(|anomaly| Anomaly {
            score: if knows { anomaly.score } else { hundredths(anomaly.score) },
            detected_at: Some(now.clone()),
            ..anomaly
        });
        let mut told: Vec<Anomaly> = told.collect();
        told.sort_by_key(|anomaly| anomaly.index);
        Ok(told)
    }

    /// Refuses batches to those who may not make datasets.
    pub(super) fn may_batch(caller: &Caller) -> Result<()> {
        crate::access::require_scope(caller, domain::people::Scope::Write)?;
        require_role(caller, UserRole::Creator, "make a dataset of predictions")
    }
}

/// An anomaly without what is usual in the data that its detector was trained on.
pub(super) fn discreet(anomaly: Anomaly) -> Anomaly {
    let because = anomaly.because.into_iter().map(discreet_part).collect();
    Anomaly { expected: None, because, ..anomaly }
}

/// The same of one feature.
pub(super) fn discreet_part(part: Contribution) -> Contribution {
    let sentence = format!("{} {} is unusual", domain::names::to_label(&part.feature), part.value.to_text());
    Contribution { usual: String::new(), sentence, ..part }
}

/// A row that nothing was said about.
fn nothing() -> Prediction {
    Prediction {
        value: Cell::Null,
        probability: None,
        low: None,
        high: None,
        distance: None,
        probabilities: Vec::new(),
    }
}

fn check_rows(asked: &RowsToPredict) -> Result<()> {
    if (1..=MOST_ROWS).contains(&asked.rows.len()) {
        return Ok(());
    }
    let code = if asked.rows.is_empty() { ErrorCode::InvalidRequest } else { ErrorCode::TooLarge };
    Err(Error::new(code, format!("A request has 1 to {MOST_ROWS} rows."))
        .hint("Predict a whole dataset for more.")
        .field("rows"))
}

/// Where a row lies between 0 and 99, by its values: the same row always in the same place.
fn place_of(key: &str) -> u32 {
    u32::from_str_radix(key.get(..6).unwrap_or_default(), 16).unwrap_or_default() % 100
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// A number to so many digits.
fn to_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10_f64.powi(DIGITS - 1 - value.abs().log10().floor() as i32);
    if scale.is_finite() && scale > 0.0 { (value * scale).round() / scale } else { value }
}

/// What those learn of a prediction who may only use the model.
pub(super) fn rounded(prediction: Prediction) -> Prediction {
    Prediction {
        value: match prediction.value {
            Cell::Float(value) => Cell::Float(to_digits(value)),
            other => other,
        },
        probability: prediction.probability.map(hundredths),
        low: prediction.low.map(to_digits),
        high: prediction.high.map(to_digits),
        distance: prediction.distance.map(hundredths),
        probabilities: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rounded_for_those_who_may_only_use_a_model() {
        assert_eq!([1_234.567, -0.012_345, 0.0, 9_999.96].map(to_digits), [1_235.0, -0.012_35, 0.0, 10_000.0]);
        let exact = Prediction { probability: Some(0.987_654), probabilities: vec![0.98, 0.02], ..nothing() };
        let told = rounded(exact);
        assert_eq!((told.probability, told.probabilities.len()), (Some(0.99), 0));
    }

    #[test]
    fn a_row_always_falls_to_the_same_share() {
        let places: Vec<u32> = (0..1_000).map(|i| place_of(&fingerprint(&i.to_string()))).collect();
        assert!(places.iter().all(|place| *place < 100));
        let share = places.iter().filter(|place| **place < 20).count();
        assert!((150..250).contains(&share), "{share}");
        assert_eq!(place_of("zz"), 0);
    }
}
