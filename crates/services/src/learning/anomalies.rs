//! What detectors found: listed for those who may see the rows, judged by people, marked on charts.

use super::data::Which;
use super::rows::{key_of_row, keys_of, like_these};
use super::watch::score_options;
use super::{def_of, read_def, version_number};
use crate::access::require_scope;
use crate::catalog::Loaded;
use crate::{Services, clock};
use domain::learn::{Anomaly, MOST_TRAINING_ROWS, Task};
use domain::people::Scope;
use domain::query::{Filter, Query};
use domain::registry::{
    AnomalyItem, AnomalyStatus, Flagged, Found, Judgement, ModelDef, ModelSource, ModelStatus, TimeMark,
};
use domain::{Access, Caller, Error, Result};
use intelligence::detect;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use store::{AnomalyRow, LearnedRow};

/// Anomalies that are listed.
const LISTED: i64 = 500;
/// Rows that are shown of those a threshold would flag.
const SHOWN: usize = 50;
/// Moments of one detector that are marked on a chart.
const MARKED: i64 = 100;
/// Anomalies that are looked for among somebody's rows in one question.
const AT_ONCE: usize = 100;

/// An anomaly with what is kept of it.
type Kept = (AnomalyRow, Found);

impl Services {
    /// What a detector found among the rows that the caller sees, newest first; with a status, only those.
    ///
    /// # Errors
    /// The detector is not visible, or there is no such status.
    pub async fn list_anomalies(&self, caller: &Caller, id: &str, status: Option<&str>) -> Result<Vec<AnomalyItem>> {
        let (row, _) = self.learned_for(caller, id).await?;
        if row.model_type != Task::Anomaly.as_str() {
            return Err(Error::not_found("detector"));
        }
        let status = match status.filter(|word| !word.is_empty()) {
            Some(word) => Some(AnomalyStatus::parse(word).ok_or_else(|| {
                let all: Vec<&str> = AnomalyStatus::ALL.iter().map(|s| s.as_str()).collect();
                Error::invalid(format!("An anomaly is never `{word}`.")).hint(all.join(", ")).field("status")
            })?),
            None => None,
        };
        let rows = self.store.anomalies(id, status.map(AnomalyStatus::as_str), LISTED).await?;
        let names = self.user_names().await?;
        let seen = self.seen_of(caller, &row, self.opened(rows), None).await?;
        let seen = self.told_of(caller, &row, seen).await?;
        Ok(seen.into_iter().map(|kept| show(kept, |id| names.get(id).cloned().unwrap_or_default())).collect())
    }

    /// Says what somebody thinks of an anomaly. One that is none is not found again, and the next training
    /// hears of it.
    ///
    /// # Errors
    /// The caller may not use the detector or see the row, or there is none.
    pub async fn judge_anomaly(
        &self,
        caller: &Caller,
        id: &str,
        anomaly: &str,
        judgement: Judgement,
    ) -> Result<AnomalyItem> {
        let (row, access) = self.learned_for(caller, id).await?;
        super::require_use(access)?;
        require_scope(caller, Scope::Write)?;
        let found = self.store.anomaly(id, anomaly).await?.ok_or_else(|| Error::not_found("anomaly"))?;
        let seen = self.seen_of(caller, &row, self.opened(vec![found]), None).await?;
        if seen.is_empty() {
            return Err(Error::not_found("anomaly"));
        }
        let status = judgement.status.as_str();
        self.store.judge_anomaly(id, anomaly, status, &caller.user_id, clock::now_ms()).await?;
        self.record_with(caller, "judge_anomaly", "model", id, json!({"anomaly": anomaly, "status": status})).await;
        let now = self.store.anomaly(id, anomaly).await?.ok_or_else(|| Error::not_found("anomaly"))?;
        let by = self.user_name(&caller.user_id).await?;
        let told = self.told_of(caller, &row, self.opened(vec![now])).await?;
        told.into_iter().next().map(|kept| show(kept, |_| by.clone())).ok_or_else(Error::internal)
    }

    /// What a threshold would flag among the rows that the caller sees now.
    ///
    /// # Errors
    /// The caller may not use the detector or read its data, or a threshold that is none.
    pub async fn flagged(&self, caller: &Caller, id: &str, threshold: Option<f64>) -> Result<Flagged> {
        let (row, access) = self.learned_for(caller, id).await?;
        super::require_use(access)?;
        if threshold.is_some_and(|t| !(0.0..=1.0).contains(&t)) {
            return Err(Error::invalid("A threshold is a number from 0 to 1.").field("threshold"));
        }
        self.not_too_often(caller, 1)?;
        let (version, model) = self.detector_of(&row).await?;
        let def = read_def(&version.def_json)?;
        let sees = self.sees_training(caller, &version).await?;
        // Rows take memory: whoever waits for a turn holds none.
        let turn = self.learning.work.clone().acquire_owned().await.map_err(|_| Error::internal())?;
        let frame = self.read_source(caller, &def, Which::All, MOST_TRAINING_ROWS as u64).await?.frame;
        let threshold = threshold.or(version.threshold);
        if frame.rows == 0 {
            return Ok(Flagged { threshold: threshold.unwrap_or_default(), ..Flagged::default() });
        }
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let options = detect::ScoreOptions { most: SHOWN, ..score_options(&frame, threshold) };
            let detection = detect::score(&model, &frame, &options)?;
            let at = detection.threshold;
            let told = detection.anomalies.into_iter().filter(|a| a.score >= at && a.index < frame.rows);
            let told = told.map(|anomaly| Anomaly { data: super::rows::row_of(&frame, anomaly.index), ..anomaly });
            let told = told.map(|anomaly| if sees { anomaly } else { super::predict::discreet(anomaly) });
            Ok(Flagged {
                threshold: at,
                flagged: detection.scores.iter().filter(|score| **score >= at).count() as u64,
                rows: frame.rows as u64,
                anomalies: told.collect(),
            })
        });
        task.await.map_err(|_| Error::internal())?
    }

    /// What is kept of anomalies; what cannot be decrypted is left out.
    fn opened(&self, rows: Vec<AnomalyRow>) -> Vec<Kept> {
        let open = |row: AnomalyRow| {
            let text = match row.is_sealed {
                true => self.vault.try_unseal(&row.body, &format!("anomaly:{}", row.id)),
                false => Some(row.body.clone()),
            };
            let Some(found) = text.and_then(|text| serde_json::from_str::<Found>(&text).ok()) else {
                tracing::error!(anomaly = row.id, "what was kept of an anomaly cannot be read");
                return None;
            };
            Some((row, found))
        };
        rows.into_iter().filter_map(open).collect()
    }

    /// Those of them whose rows the caller may see; with a filter, only those that pass it.
    async fn seen_of(
        &self,
        caller: &Caller,
        row: &LearnedRow,
        all: Vec<Kept>,
        filter: Option<&Filter>,
    ) -> Result<Vec<Kept>> {
        if all.is_empty() {
            return Ok(all);
        }
        let def = def_of(row)?;
        let name = match &def.source {
            ModelSource::Dataset { name, .. } => name,
            ModelSource::Query { query } => {
                // What is of many rows is shown to those who see them all.
                for name in std::iter::once(&query.dataset).chain(query.joins.iter().map(|join| &join.dataset)) {
                    if self.dataset_for(caller, name).await.is_err() {
                        return Ok(Vec::new());
                    }
                }
                if filter.is_some() && filter != query.filter.as_ref() {
                    return Ok(Vec::new());
                }
                if self.sees_source(caller, &def).await? {
                    return Ok(all);
                }
                let own = self.own_versions(caller, row).await?;
                return Ok(all.into_iter().filter(|(kept, _)| own.contains(&kept.version)).collect());
            }
            ModelSource::Metric { id } => {
                let sees = self.metric_for(caller, id).await.is_ok() && self.sees_source(caller, &def).await?;
                return Ok(if sees { all } else { Vec::new() });
            }
            ModelSource::Nothing => return Ok(if caller.user_id == row.owner_id { all } else { Vec::new() }),
        };
        let Ok((loaded, _)) = self.dataset_for(caller, name).await else { return Ok(Vec::new()) };
        if filter.is_none() && self.sees_source(caller, &def).await? {
            return Ok(all);
        }
        let mut seen = HashSet::new();
        for some in all.chunks(AT_ONCE) {
            seen.extend(self.keys_among(&loaded, &def, some, filter).await?);
        }
        Ok(all.into_iter().filter(|(_, found)| seen.contains(&key_of_row(&found.data))).collect())
    }

    /// The versions of which all was found with the caller's own eyes: looks are taken with those of the
    /// owner, and training finds with those of whoever trains.
    async fn own_versions(&self, caller: &Caller, row: &LearnedRow) -> Result<HashSet<i64>> {
        if caller.user_id != row.owner_id || caller.on_behalf.is_some() || !caller.locked.is_empty() {
            return Ok(HashSet::new());
        }
        let all = self.store.learned_versions(&row.id).await?;
        Ok(all.into_iter().filter(|v| v.trained_by == caller.user_id).map(|v| v.version).collect())
    }

    /// What is told of rows that the caller sees: what is usual, what was expected and where it is
    /// concentrated was worked out over all rows, and is for those who see them.
    async fn told_of(&self, caller: &Caller, row: &LearnedRow, seen: Vec<Kept>) -> Result<Vec<Kept>> {
        if seen.is_empty() || self.sees_source(caller, &def_of(row)?).await? {
            return Ok(seen);
        }
        let own = self.own_versions(caller, row).await?;
        let tell = |(kept, found): Kept| {
            if own.contains(&kept.version) {
                return (kept, found);
            }
            let because = found.because.into_iter().map(super::predict::discreet_part).collect();
            (kept, Found { index: 0, because, expected: None, carriers: Vec::new(), ..found })
        };
        Ok(seen.into_iter().map(tell).collect())
    }

    /// Which of these rows are among those that a reader sees, by their keys.
    async fn keys_among(
        &self,
        loaded: &Arc<Loaded>,
        def: &ModelDef,
        some: &[Kept],
        filter: Option<&Filter>,
    ) -> Result<Vec<String>> {
        let Some((_, first)) = some.first() else { return Ok(Vec::new()) };
        let columns: Vec<String> = first.data.keys().cloned().collect();
        // Rows whose columns are hidden or gone cannot be told from others.
        if !columns.iter().all(|name| loaded.column(name).is_some()) {
            return Ok(Vec::new());
        }
        let rows: Vec<_> = some.iter().map(|(_, found)| found.data.clone()).collect();
        let own = match &def.source {
            ModelSource::Dataset { filter, .. } => filter.clone(),
            _ => None,
        };
        let wanted = Filter::both(Filter::both(own, filter.cloned()), like_these(&rows));
        let frame = self.frame(loaded, &columns, wanted.as_ref(), crate::frames::MAX_ROWS).await?;
        Ok(keys_of(&frame))
    }

    /// The moments that detectors found unusual, for a chart of this question along time: those that the
    /// reader sees and that lie among the rows of the chart.
    pub(crate) async fn marks_on(&self, caller: &Caller, loaded: &Loaded, query: &Query) -> Result<Vec<TimeMark>> {
        let is_time = |name: &str| loaded.columns.iter().any(|c| c.name == name && c.ty.is_time());
        let Some(along) = query.dimensions.iter().map(|d| d.column.as_str()).find(|name| is_time(name)) else {
            return Ok(Vec::new());
        };
        let along = along.to_owned();
        let models = self.store.learned_from(&loaded.row.id).await?;
        let wanted = |found: &Found| found.time_column.as_deref() == Some(along.as_str());
        self.marks_of(caller, models, query.filter.as_ref(), wanted).await
    }

    /// The moments of a metric that detectors found unusual.
    ///
    /// # Errors
    /// The metric is not visible.
    pub async fn metric_marks(&self, caller: &Caller, id: &str) -> Result<Vec<TimeMark>> {
        let (row, _) = self.metric_for(caller, id).await?;
        self.marks_of(caller, self.store.learned_from(&row.id).await?, None, |_| true).await
    }

    async fn marks_of(
        &self,
        caller: &Caller,
        models: Vec<LearnedRow>,
        filter: Option<&Filter>,
        wanted: impl Fn(&Found) -> bool,
    ) -> Result<Vec<TimeMark>> {
        let mut marks = Vec::new();
        for row in models {
            if row.model_type != Task::Anomaly.as_str() || row.status != ModelStatus::Active.as_str() {
                continue;
            }
            let may: Option<Access> =
                self.access_of(caller, store::ThingKind::Model, &row.id, &row.owner_id, row.is_public).await?;
            if may.is_none() {
                continue;
            }
            let mut kept = self.opened(self.store.anomalies(&row.id, None, MARKED).await?);
            kept.retain(|(a, found)| a.status != AnomalyStatus::Dismissed.as_str() && wanted(found));
            for (_, found) in self.seen_of(caller, &row, kept, filter).await? {
                let Some(column) = found.time_column else { continue };
                let Some(at) = found.data.get(&column).and_then(domain::Cell::as_str) else { continue };
                let mark = TimeMark { model_id: row.id.clone(), name: row.name.clone(), at: at.to_owned(), column };
                if !marks.contains(&mark) {
                    marks.push(mark);
                }
            }
        }
        Ok(marks)
    }
}

fn show((row, found): Kept, name: impl Fn(&str) -> String) -> AnomalyItem {
    AnomalyItem {
        at: found.time_column.as_ref().and_then(|c| found.data.get(c)).and_then(|c| c.as_str().map(str::to_owned)),
        id: row.id,
        model_id: row.model_id,
        version: version_number(row.version),
        score: row.score,
        burst: row.burst,
        detected_at: clock::rfc3339(row.detected_at),
        status: AnomalyStatus::parse(&row.status).unwrap_or(AnomalyStatus::New),
        status_by: row.status_by.as_deref().map(name),
        status_at: row.status_at.map(clock::rfc3339),
        found,
    }
}
