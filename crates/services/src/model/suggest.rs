//! Which datasets could be joined, and how: relationships of the model first, then columns whose
//! names say so, then columns whose values are found in the key of another dataset. What is said of
//! values was measured, within a few seconds in all.

use super::likeness::by_names;
use crate::Services;
use crate::catalog::Loaded;
use domain::model::JoinSuggestion;
use domain::query::JoinKind;
use domain::{Caller, Column, DataType, Result, Role};
use semantic::Parts;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The time that all measurements together may take ...
const BUDGET: Duration = Duration::from_secs(4);
/// ... and each of them.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Datasets that are looked at.
const MAX_DATASETS: usize = 100;
/// Pairs of columns that are measured.
const MAX_MEASURED: usize = 80;
/// Suggestions made of measurements.
const MAX_SUGGESTIONS: usize = 20;
/// Datasets with more rows are not searched for keys.
const MAX_KEYED: i64 = 1_000_000;
/// Text columns of a dataset that are looked at ...
const MAX_WORDS: usize = 10;
/// ... and how many keys are looked for among them.
const MAX_KEYS: usize = 2;

/// A pair of columns that may belong together.
pub(super) struct Candidate {
    pub(super) there: Arc<Loaded>,
    pub(super) on: Vec<(String, String)>,
    /// What the names say, 0 to 1.
    pub(super) by_name: f64,
    pub(super) why: &'static str,
}

impl Services {
    /// How the dataset could be joined with others that the caller may see, the best first.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn join_suggestions(&self, caller: &Caller, name_or_id: &str) -> Result<Vec<JoinSuggestion>> {
        let (here, _) = self.dataset_for(caller, name_or_id).await?;
        let deadline = Instant::now() + BUDGET;
        let mut suggestions = self.stored_joins(caller, &here, deadline).await?;
        let mut others = Vec::new();
        for dataset in self.list_datasets(caller).await?.into_iter().take(MAX_DATASETS) {
            if dataset.id != here.row.id
                && let Some(loaded) = self.load_dataset(&dataset.id, &here.reader).await?
            {
                others.push(loaded);
            }
        }
        suggestions.extend(self.joins_back(&here, &others, deadline).await);
        let mut candidates: Vec<Candidate> = others.iter().flat_map(|there| by_names(&here, there)).collect();
        candidates.extend(self.by_values(&here, &others, deadline).await);
        candidates.sort_by(|a, b| b.by_name.total_cmp(&a.by_name));
        let mut found: Vec<JoinSuggestion> = Vec::new();
        for candidate in candidates.into_iter().take(MAX_MEASURED) {
            let is_known = |s: &JoinSuggestion| {
                let is_same = s.on.len() == candidate.on.len() && s.on.iter().all(|pair| candidate.on.contains(pair));
                s.dataset == candidate.there.row.name && is_same
            };
            if suggestions.iter().any(is_known) || found.iter().any(is_known) {
                continue;
            }
            found.extend(self.measure(&here, candidate, deadline).await?);
        }
        // Where people said how, or rows there can be told apart, a pair that cannot do it is no help.
        let told: HashSet<String> = found.iter().filter(|s| s.is_unique).chain(&suggestions).map(name_of).collect();
        found.retain(|s| s.is_unique || !told.contains(&s.dataset));
        // Of two keys, one of which holds the other, the short one says it all.
        let keys: Vec<(String, Vec<(String, String)>)> =
            suggestions.iter().chain(&found).map(|s| (s.dataset.clone(), s.on.clone())).collect();
        found.retain(|s| {
            let holds = |(dataset, on): &(String, Vec<(String, String)>)| {
                *dataset == s.dataset && on.len() < s.on.len() && on.iter().all(|pair| s.on.contains(pair))
            };
            !s.is_unique || !keys.iter().any(holds)
        });
        found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.dataset.cmp(&b.dataset)));
        found.truncate(MAX_SUGGESTIONS);
        suggestions.extend(found);
        name_repeats(&mut suggestions);
        Ok(suggestions)
    }

    /// The relationships of the model that still fit.
    async fn stored_joins(&self, caller: &Caller, here: &Loaded, deadline: Instant) -> Result<Vec<JoinSuggestion>> {
        let mut suggestions = Vec::new();
        for relationship in self.model_for(caller, &here.model.model).await?.relationships {
            let Some(there) = self.load_dataset(&relationship.dataset, &here.reader).await? else { continue };
            if super::relationships::misfit_of(here, 0, &relationship, Some(&there)).is_some() {
                continue;
            }
            let columns: Vec<&str> = relationship.on.iter().map(|(_, column)| column.as_str()).collect();
            let reason = match relationship.description.as_str() {
                "" => "It is a relationship of this dataset.".to_owned(),
                said => said.to_owned(),
            };
            suggestions.push(JoinSuggestion {
                dataset: there.row.name.clone(),
                label: there.row.label.clone(),
                kind: relationship.kind,
                alias: relationship.alias,
                confidence: 1.0,
                reason,
                overlap: None,
                is_unique: self.is_unique_soon(&there, &columns, deadline).await,
                is_stored: true,
                on: relationship.on,
            });
        }
        Ok(suggestions)
    }

    /// The relationships of other datasets that lead here, from this side.
    async fn joins_back(&self, here: &Loaded, others: &[Arc<Loaded>], deadline: Instant) -> Vec<JoinSuggestion> {
        let mut suggestions = Vec::new();
        for there in others {
            for relationship in there.model.model.relationships.iter().filter(|r| r.dataset == here.row.name) {
                if super::relationships::misfit_of(there, 0, relationship, Some(here)).is_some() {
                    continue;
                }
                let columns: Vec<&str> = relationship.on.iter().map(|(column, _)| column.as_str()).collect();
                suggestions.push(JoinSuggestion {
                    dataset: there.row.name.clone(),
                    label: there.row.label.clone(),
                    on: relationship.on.iter().map(|(left, right)| (right.clone(), left.clone())).collect(),
                    kind: JoinKind::Left,
                    alias: None,
                    confidence: 0.95,
                    reason: format!("It is a relationship of {}.", there.row.label),
                    overlap: None,
                    is_unique: self.is_unique_soon(there, &columns, deadline).await,
                    is_stored: false,
                });
            }
        }
        suggestions
    }

    /// What the values say about a candidate: nothing if it is no join at all.
    async fn measure(&self, here: &Loaded, of: Candidate, deadline: Instant) -> Result<Option<JoinSuggestion>> {
        let there = &of.there;
        let mut overlap: Option<f64> = None;
        for (left, right) in &of.on {
            if let Some(share) = self.overlap(here, left, there, right, deadline).await {
                overlap = Some(overlap.map_or(share, |o| o.min(share)));
            }
        }
        let enough = match overlap {
            Some(share) if of.by_name >= 0.8 => share >= 0.05,
            Some(share) => share >= 0.5,
            None => of.by_name >= 0.8,
        };
        if !enough {
            return Ok(None);
        }
        let columns: Vec<&str> = of.on.iter().map(|(_, column)| column.as_str()).collect();
        let is_unique = self.is_unique_soon(there, &columns, deadline).await;
        let here_columns: Vec<&str> = of.on.iter().map(|(column, _)| column.as_str()).collect();
        let is_told = is_unique || self.is_unique_soon(here, &here_columns, deadline).await;
        if !is_told && of.by_name < 0.8 {
            return Ok(None);
        }
        let mut why = vec![of.why.to_owned()];
        why.extend(overlap.map(|share| format!("{} % of the values are found there", (share * 100.0).floor())));
        why.push(if is_unique { "each once".to_owned() } else { "some of them more than once".to_owned() });
        let key = match (is_unique, is_told) {
            (true, _) => 0.19,
            (false, true) => 0.1,
            (false, false) => -0.25,
        };
        let confidence = 0.4 * of.by_name + 0.4 * overlap.unwrap_or(0.5) + key;
        Ok(Some(JoinSuggestion {
            dataset: there.row.name.clone(),
            label: there.row.label.clone(),
            on: of.on,
            kind: JoinKind::Left,
            alias: None,
            confidence: (confidence * 100.0).round() / 100.0,
            reason: format!("{}.", why.join(", ")),
            overlap: overlap.map(|share| (share * 1_000.0).round() / 1_000.0),
            is_unique,
            is_stored: false,
        }))
    }

    /// Which part of the values of a column is found in another, if that can be told soon.
    async fn overlap(&self, here: &Loaded, left: &str, there: &Loaded, right: &str, deadline: Instant) -> Option<f64> {
        // It is asked of all rows: that is only for who sees them all.
        if here.is_narrowed || there.is_narrowed {
            return None;
        }
        let column = |of: &Loaded, name: &str| of.columns.iter().find(|c| c.name == name).cloned();
        let (left, right) = (column(here, left)?, column(there, right)?);
        let (from, to) = (here.parts(), there.parts());
        let (from, to) = (here.source(&from), there.source(&to));
        if !are_segments(from.parts) || !are_segments(to.parts) {
            return None;
        }
        let sql = semantic::overlap_sql((&from, &left), (&to, &right));
        let segments = [here.segments.as_slice(), there.segments.as_slice()].concat();
        let cell = soon(deadline, self.engine.scalar(&sql, &segments)).await?;
        cell.ok()?.as_f64()
    }

    /// Whether a row is known by these columns; "no" when that takes too long to find out.
    async fn is_unique_soon(&self, loaded: &Loaded, columns: &[&str], deadline: Instant) -> bool {
        soon(deadline, self.is_unique(loaded, columns)).await.unwrap_or(false)
    }

    /// Pairs whose names say nothing: text columns here, with the text columns that tell the rows of
    /// another dataset apart. Numbers are left out: those of any two datasets have values in common.
    async fn by_values(&self, here: &Loaded, others: &[Arc<Loaded>], deadline: Instant) -> Vec<Candidate> {
        let mut found = Vec::new();
        for there in others {
            if there.is_narrowed || !(2..=MAX_KEYED).contains(&there.row.row_count) {
                continue;
            }
            let mut keys = 0;
            for right in words(there) {
                if keys == MAX_KEYS || !self.is_unique_soon(there, &[right], deadline).await {
                    continue;
                }
                keys += 1;
                found.extend(words(here).into_iter().map(|left| Candidate {
                    there: there.clone(),
                    on: vec![(left.to_owned(), right.to_owned())],
                    by_name: 0.3,
                    why: "The values are alike",
                }));
            }
        }
        found
    }
}

/// The first text columns of a dataset.
fn words(loaded: &Loaded) -> Vec<&str> {
    let is_word = |c: &&Column| c.ty == DataType::Text && c.role == Role::Dimension;
    loaded.stored().filter(is_word).map(|c| c.name.as_str()).take(MAX_WORDS).collect()
}

/// Waits for a piece of work as long as the budget allows.
async fn soon<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    let left = deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
    tokio::time::timeout(left, work).await.ok()
}

fn are_segments(parts: Parts<'_>) -> bool {
    matches!(parts, Parts::Segments(_))
}

/// A dataset that can be joined in two ways gets a name for each.
fn name_repeats(suggestions: &mut [JoinSuggestion]) {
    let mut times: HashMap<String, usize> = HashMap::new();
    for suggestion in suggestions.iter() {
        *times.entry(suggestion.dataset.clone()).or_default() += 1;
    }
    let mut taken: HashSet<String> = suggestions.iter().filter_map(|s| s.alias.clone()).collect();
    for suggestion in suggestions.iter_mut().filter(|s| s.alias.is_none() && !s.is_stored) {
        if times.get(&suggestion.dataset).is_none_or(|n| *n < 2) {
            continue;
        }
        let columns = suggestion.on.iter().flat_map(|(left, right)| [left, right]);
        let mut names = columns.map(|column| format!("{column}_{}", suggestion.dataset));
        suggestion.alias = names.find(|name| taken.insert(name.clone()));
    }
}

fn name_of(suggestion: &JoinSuggestion) -> String {
    suggestion.dataset.clone()
}
