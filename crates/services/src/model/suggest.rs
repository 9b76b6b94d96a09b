//! Which datasets could be joined, and how: relationships of the model first, then columns whose
//! names say so, then columns whose values are found in the key of another dataset. What is said of
//! values was measured, within a few seconds in all.

use super::relationships::joinable;
use crate::Services;
use crate::catalog::Loaded;
use domain::dataset::{ColumnProfile, Profile};
use domain::model::JoinSuggestion;
use domain::query::JoinKind;
use domain::table::Cell;
use domain::{Caller, Column, DataType, Result, Role};
use semantic::Parts;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The time that all measurements together may take ...
const BUDGET: Duration = Duration::from_secs(4);
/// ... and each of them.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Datasets that are looked at.
const MAX_DATASETS: usize = 100;
/// Pairs of columns that are measured.
const MAX_MEASURED: usize = 40;
/// Suggestions made of measurements.
const MAX_SUGGESTIONS: usize = 20;
/// Profiles of larger datasets are used when they are there, but not made for this.
const MAX_PROFILED: u64 = 1_000_000;
/// Columns that say little by their name: every dataset has them.
const COMMON: [&str; 16] = [
    "id", "name", "date", "day", "month", "year", "hour", "minute", "time", "value", "count", "label", "type",
    "status", "description", "title",
];
/// Last words of a column that points at another dataset.
const KEYS: [&str; 6] = ["id", "code", "key", "no", "number", "nr"];

/// A pair of columns that may belong together.
struct Candidate {
    there: Arc<Loaded>,
    on: Vec<(String, String)>,
    /// What the names say, 0 to 1.
    by_name: f64,
    why: &'static str,
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
                && let Some(loaded) = self.load_dataset(&dataset.id).await?
            {
                others.push(loaded);
            }
        }
        let mut candidates: Vec<Candidate> = others.iter().flat_map(|there| by_names(&here, there)).collect();
        candidates.extend(self.by_values(&here, &others, deadline).await);
        candidates.sort_by(|a, b| b.by_name.total_cmp(&a.by_name));
        let mut found: Vec<JoinSuggestion> = Vec::new();
        for candidate in candidates.into_iter().take(MAX_MEASURED) {
            let is_known = |s: &JoinSuggestion| s.dataset == candidate.there.row.name && s.on == candidate.on;
            if suggestions.iter().any(is_known) || found.iter().any(is_known) {
                continue;
            }
            found.extend(self.measure(&here, candidate, deadline).await?);
        }
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
            let Some(there) = self.load_dataset(&relationship.dataset).await? else { continue };
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
        let mut why = vec![of.why.to_owned()];
        why.extend(overlap.map(|share| format!("{} % of the values are found there", (share * 100.0).floor())));
        why.push(if is_unique { "each once".to_owned() } else { "some of them more than once".to_owned() });
        let confidence = 0.4 * of.by_name + 0.4 * overlap.unwrap_or(0.5) + if is_unique { 0.19 } else { 0.0 };
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

    /// Pairs whose names say nothing: text columns whose frequent values lie where those of the key
    /// of another dataset lie.
    async fn by_values(&self, here: &Arc<Loaded>, others: &[Arc<Loaded>], deadline: Instant) -> Vec<Candidate> {
        let mut found = Vec::new();
        let Some(profile) = self.known_profile(here, deadline).await else { return found };
        for there in others {
            let Some(other) = self.known_profile(there, deadline).await else { continue };
            for right in &other.columns {
                let is_key = other.row_count > 1 && right.missing == 0 && right.distinct == other.row_count;
                if !is_key || !is_word(there, &right.name) {
                    continue;
                }
                for left in profile.columns.iter().filter(|left| is_word(here, &left.name) && left.distinct > 1) {
                    if lies_within(left, right, other.row_count) {
                        found.push(Candidate {
                            there: there.clone(),
                            on: vec![(left.name.clone(), right.name.clone())],
                            by_name: 0.3,
                            why: "The values look alike",
                        });
                    }
                }
            }
        }
        found
    }

    async fn known_profile(&self, loaded: &Arc<Loaded>, deadline: Instant) -> Option<Profile> {
        let rows = u64::try_from(loaded.row.row_count).unwrap_or_default();
        if rows > MAX_PROFILED {
            let row = self.store.dataset(&loaded.row.id).await.ok()??;
            return serde_json::from_str(&row.profile_json?).ok();
        }
        soon(deadline, self.profile_of(loaded)).await?.ok()
    }
}

/// Waits for a piece of work as long as the budget allows.
async fn soon<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    let left = deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
    tokio::time::timeout(left, work).await.ok()
}

fn are_segments(parts: Parts<'_>) -> bool {
    matches!(parts, Parts::Segments(_))
}

fn is_word(loaded: &Loaded, name: &str) -> bool {
    loaded.columns.iter().any(|c| c.name == name && c.ty == DataType::Text)
}

/// Whether the frequent values of a column could be values of a key.
fn lies_within(left: &ColumnProfile, right: &ColumnProfile, rows: u64) -> bool {
    let text = |cell: &Cell| cell.as_str().map(str::to_owned);
    let (Some(lo), Some(hi)) = (text(&right.min), text(&right.max)) else { return false };
    let values: Vec<String> = left.top.iter().filter_map(|f| text(&f.value)).collect();
    let all: Option<Vec<String>> =
        (right.top.len() as u64 >= rows).then(|| right.top.iter().filter_map(|f| text(&f.value)).collect());
    let within = |value: &&String| match &all {
        Some(all) => all.contains(value),
        None => **value >= lo && **value <= hi,
    };
    !values.is_empty() && values.iter().filter(within).count() * 2 > values.len()
}

/// Pairs whose names say that they belong together.
fn by_names(here: &Loaded, there: &Arc<Loaded>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut shared: Vec<&Column> = Vec::new();
    for left in here.columns.iter().filter(|c| is_keylike(c)) {
        for right in there.columns.iter().filter(|c| is_keylike(c) && joinable(left.ty, c.ty)) {
            let Some((by_name, why)) = likeness(here, &left.name, there, &right.name) else { continue };
            if left.name.eq_ignore_ascii_case(&right.name) {
                shared.push(left);
            }
            found.push(Candidate { there: there.clone(), on: vec![(left.name.clone(), right.name.clone())], by_name, why });
        }
    }
    // Several shared columns may be a key together: a time with a place, or all of them.
    if (2..=6).contains(&shared.len()) {
        let pair = |columns: Vec<&Column>| Candidate {
            there: there.clone(),
            on: columns.iter().map(|c| (c.name.clone(), other_name(there, &c.name))).collect(),
            by_name: 0.85,
            why: "The columns have the same names",
        };
        let (times, rest): (Vec<&Column>, Vec<&Column>) = shared.iter().partition(|c| c.ty.is_time());
        let telling: Vec<&Column> = rest.iter().copied().filter(|c| !is_common(&c.name)).collect();
        if let ([time], true) = (times.as_slice(), !telling.is_empty()) {
            found.push(pair([&[*time], telling.as_slice()].concat()));
        } else {
            found.push(pair(shared));
        }
    }
    found
}

fn other_name(there: &Loaded, name: &str) -> String {
    let same = there.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name));
    same.map_or_else(|| name.to_owned(), |c| c.name.clone())
}

/// Whether a column can tell rows apart: measures and true-or-false do not.
fn is_keylike(column: &Column) -> bool {
    match column.ty {
        DataType::Text | DataType::Date | DataType::Timestamp => true,
        DataType::Integer | DataType::Decimal => column.role != Role::Measure || ends_in_key(&column.name).is_some(),
        _ => false,
    }
}

fn is_common(name: &str) -> bool {
    COMMON.contains(&name.to_lowercase().as_str())
}

/// `customer_id` is the `id` of a `customer`.
fn ends_in_key(name: &str) -> Option<(String, String)> {
    let name = name.to_lowercase();
    let (what, key) = name.rsplit_once(['_', ' ', '-'])?;
    KEYS.contains(&key).then(|| (what.to_owned(), key.to_owned()))
}

/// What two names say about each other, and the words for it.
fn likeness(here: &Loaded, left: &str, there: &Loaded, right: &str) -> Option<(f64, &'static str)> {
    if left.eq_ignore_ascii_case(right) {
        return Some(if is_common(left) { (0.3, "The columns have the same name") } else { (1.0, "The columns have the same name") });
    }
    let points_at = |name: &str, dataset: &Loaded, column: &str| {
        let what = ends_in_key(name).map(|(what, _)| what).unwrap_or_else(|| name.to_lowercase());
        let column = column.to_lowercase();
        let is_key = KEYS.contains(&column.as_str()) || column == what;
        is_key && is_called(dataset, &what)
    };
    if points_at(left, there, right) || points_at(right, here, left) {
        return Some((0.9, "The name of the column says so"));
    }
    let says = |loaded: &Loaded, column: &str, word: &str| {
        let words = loaded.model.model.synonyms.get(column);
        words.is_some_and(|words| words.iter().any(|w| w.eq_ignore_ascii_case(word)))
    };
    if says(here, left, right) || says(there, right, left) {
        return Some((0.9, "A synonym of the column says so"));
    }
    let last = |name: &str| name.to_lowercase().rsplit(['_', ' ', '-']).next().unwrap_or_default().to_owned();
    let (a, b) = (last(left), last(right));
    (a == b && a.len() > 3 && !is_common(&a)).then_some((0.6, "The names of the columns are alike"))
}

/// Whether a dataset is named after a thing: `customers` holds each `customer`.
fn is_called(dataset: &Loaded, thing: &str) -> bool {
    let name = dataset.row.name.to_lowercase();
    let mut plurals = vec![thing.to_owned(), format!("{thing}s"), format!("{thing}es")];
    plurals.extend(thing.strip_suffix('y').map(|stem| format!("{stem}ies")));
    plurals.contains(&name)
}

/// A dataset that can be joined in two ways gets a name for each.
fn name_repeats(suggestions: &mut [JoinSuggestion]) {
    let mut times: HashMap<String, usize> = HashMap::new();
    for suggestion in suggestions.iter() {
        *times.entry(suggestion.dataset.clone()).or_default() += 1;
    }
    for suggestion in suggestions.iter_mut().filter(|s| s.alias.is_none() && !s.is_stored) {
        if times.get(&suggestion.dataset).is_some_and(|n| *n > 1)
            && let Some((left, _)) = suggestion.on.first()
        {
            suggestion.alias = Some(format!("{left}_{}", suggestion.dataset));
        }
    }
}
