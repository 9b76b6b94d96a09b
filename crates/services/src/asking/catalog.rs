//! What somebody may name in a question: datasets with their columns and values, metrics, charts and
//! taught words, as they see them. What is known of the values of a dataset is kept by what it is made
//! of: its version and the rules for its reader. Rights are looked at each time.

use super::{named, words};
use crate::Services;
use crate::catalog::Loaded;
use crate::clock;
use crate::secrets::fingerprint;
use crate::to_json;
use domain::api::ValuesRequest;
use domain::ask::AskContext;
use domain::model::Relationship;
use domain::{Access, Caller, Cell, Column, DataType, Query, Result, Role};
use intelligence::ask::{AskChart, AskColumn, AskDataset, AskMetric, Catalog};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, timeout_at};

/// The most datasets that can be asked about at once, those that come first by their labels.
const MOST_DATASETS: usize = 200;
/// Values of a column that are known by name.
const MOST_VALUES: u64 = 300;
/// Longer values are nothing that somebody types.
const LONGEST_VALUE: usize = 100;
/// Columns of a dataset whose values are known.
const MOST_COLUMNS: usize = 60;
/// Dashboards that are looked through, those changed last.
const MOST_DASHBOARDS: usize = 100;
/// How long values are waited for; a dataset that is not there by then is asked about by its names.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// How long values are believed: sources do not say when theirs change.
const FRESH_MS: i64 = 600_000;
/// How long a dataset that could not be read is left alone.
const AGAIN_MS: i64 = 30_000;
/// How long the list of charts is believed; each is looked at again before it is shown.
const CHARTS_FRESH_MS: i64 = 60_000;
/// Datasets whose values are read at the same time.
const READ_AT_ONCE: usize = 4;
/// Above so many rows a profile counts roughly.
const EXACT_ROWS: u64 = 1_000_000;

/// Things by a key, not too old and not too many.
struct Kept<T> {
    most: usize,
    fresh_ms: i64,
    all: Mutex<HashMap<String, (i64, T)>>,
}

impl<T: Clone> Kept<T> {
    fn new(most: usize, fresh_ms: i64) -> Self {
        Self { most, fresh_ms, all: Mutex::default() }
    }

    fn get(&self, key: &str, now: i64) -> Option<T> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(key).filter(|(at, _)| now - at < self.fresh_ms).map(|(_, value)| value.clone())
    }

    /// What is kept under the key, or else what is made now.
    fn or_make(&self, key: &str, now: i64, make: impl FnOnce() -> T) -> T {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, value)) = all.get(key).filter(|(at, _)| now - at < self.fresh_ms) {
            return value.clone();
        }
        let value = make();
        Self::insert(&mut all, self.most, key, now, value.clone());
        value
    }

    fn put(&self, key: &str, now: i64, value: T) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        Self::insert(&mut all, self.most, key, now, value);
    }

    fn insert(all: &mut HashMap<String, (i64, T)>, most: usize, key: &str, now: i64, value: T) {
        while all.len() >= most && !all.contains_key(key) {
            let oldest = all.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            all.remove(&oldest);
        }
        all.insert(key.to_owned(), (now, value));
    }
}

/// What is known of a dataset, once somebody has read it.
type Reading = Arc<OnceCell<Arc<AskDataset>>>;

/// What is kept of all this.
pub(super) struct Known {
    datasets: Kept<Reading>,
    /// Datasets that could not be read a moment ago: nobody waits for them again so soon.
    failed: Kept<()>,
    charts: Kept<Arc<Charts>>,
    whole: Kept<Arc<Askable>>,
    room: Arc<Semaphore>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            datasets: Kept::new(500, FRESH_MS),
            failed: Kept::new(500, AGAIN_MS),
            charts: Kept::new(500, CHARTS_FRESH_MS),
            whole: Kept::new(50, FRESH_MS),
            room: Arc::new(Semaphore::new(READ_AT_ONCE)),
        }
    }
}

/// Charts of the dashboards that somebody sees, and when they were listed.
struct Charts {
    at: i64,
    all: Vec<AskChart>,
}

/// A dataset that somebody may ask about.
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) access: Access,
    /// Rules hide something of it from them.
    pub(super) is_narrowed: bool,
}

/// All that somebody may ask about.
pub(super) struct Askable {
    pub(super) catalog: Catalog,
    pub(super) seen: Vec<Seen>,
}

impl Askable {
    /// A dataset by name or id.
    pub(super) fn dataset(&self, name_or_id: &str) -> Option<(&Seen, &AskDataset)> {
        let seen = self.seen.iter().find(|s| s.name == name_or_id || s.id == name_or_id)?;
        Some((seen, self.catalog.datasets.iter().find(|d| d.name == seen.name)?))
    }

    /// The context of a follow-up with its dataset's name.
    pub(super) fn by_name(&self, context: AskContext) -> AskContext {
        let name = self.dataset(&context.query.dataset).map(|(seen, _)| seen.name.clone());
        named(context, name.as_deref())
    }
}

impl Services {
    /// All that the caller may name in a question.
    pub(super) async fn what_may_be_asked(&self, caller: &Caller) -> Result<Arc<Askable>> {
        let (now, until) = (clock::now_ms(), Instant::now() + PATIENCE);
        let mut seen = Vec::new();
        let mut loaded = Vec::new();
        for dataset in self.list_datasets(caller).await?.into_iter().take(MOST_DATASETS) {
            // One that cannot be read now is not asked about.
            let Ok((own, access)) = self.dataset_for(caller, &dataset.id).await else { continue };
            let is_narrowed = own.is_narrowed || dataset.is_narrowed;
            seen.push(Seen { id: dataset.id, name: dataset.name, label: dataset.label, access, is_narrowed });
            loaded.push(own);
        }
        let charts = self.charts_of(caller, &seen, &loaded, now).await?;
        let metrics = self.askable_metrics(caller, &loaded).await?;
        let words = self.store.ask_words().await?;
        let mut relationships: BTreeMap<String, Vec<Relationship>> = BTreeMap::new();
        for own in &loaded {
            let model = own.without_hidden(self.model_for(caller, &own.model.model).await?);
            let fits = |r: &Relationship| {
                let there = loaded.iter().find(|l| l.row.name == r.dataset);
                there
                    .is_some_and(|there| r.on.iter().all(|(a, b)| own.column(a).is_some() && there.column(b).is_some()))
            };
            let fitting = model.relationships.into_iter().filter(fits).collect();
            relationships.insert(own.row.name.clone(), fitting);
        }
        let keys: Vec<String> = loaded.iter().map(|own| key_of(own)).collect();
        let metric_key: Vec<_> = metrics.iter().map(|m| (&m.id, &m.name, &m.dataset)).collect();
        let word_key: Vec<_> = words.iter().map(|w| (&w.id, w.is_accepted)).collect();
        let seen_key: Vec<_> = seen.iter().map(|s| (&s.id, s.access.as_str(), s.is_narrowed)).collect();
        let parts = (&caller.user_id, &caller.credential_id, &keys, &seen_key, metric_key, word_key, &relationships);
        let key = fingerprint(&format!("{}{}", to_json(&parts), charts.at));
        if let Some(kept) = self.asking.known.whole.get(&key, now) {
            return Ok(kept);
        }
        let read = loaded.iter().zip(&keys).map(|(own, key)| self.known_dataset(own.clone(), key, now, until));
        let mut is_whole = true;
        let mut datasets = Vec::with_capacity(loaded.len());
        for (known, own) in futures::future::join_all(read).await.into_iter().zip(&loaded) {
            is_whole &= known.is_some();
            let mut dataset = known.map_or_else(|| names_of(own), |known| (*known).clone());
            dataset.relationships = relationships.remove(&own.row.name).unwrap_or_default();
            datasets.push(dataset);
        }
        let catalog = Catalog { datasets, metrics, charts: charts.all.clone(), synonyms: Vec::new() };
        let mut whole = Askable { catalog, seen };
        whole.catalog.synonyms = words::known_to(caller, &words, &whole);
        let whole = Arc::new(whole);
        if is_whole {
            self.asking.known.whole.put(&key, now, whole.clone());
        }
        Ok(whole)
    }

    /// A dataset with its values, if they can be read in time. Reading goes on meanwhile, for the next
    /// question.
    async fn known_dataset(&self, loaded: Arc<Loaded>, key: &str, now: i64, until: Instant) -> Option<Arc<AskDataset>> {
        let reading = self.asking.known.datasets.or_make(key, now, Reading::default);
        if let Some(known) = reading.get() {
            return Some(known.clone());
        }
        if self.asking.known.failed.get(key, now).is_some() {
            return None;
        }
        let (services, room) = (self.clone(), self.asking.known.room.clone());
        let task = tokio::spawn(async move {
            let read = async || {
                let _turn = room.acquire().await.map_err(|_| domain::Error::internal())?;
                services.read_dataset(&loaded).await.map(Arc::new)
            };
            reading.get_or_try_init(read).await.cloned()
        });
        match timeout_at(until, task).await {
            Ok(Ok(Ok(known))) => Some(known),
            Ok(Ok(Err(error))) => {
                tracing::warn!(%error, "the values of a dataset are not known to questions in words");
                self.asking.known.failed.put(key, now, ());
                None
            }
            _ => None,
        }
    }

    /// What is known of the columns of a dataset, as its reader sees them.
    async fn read_dataset(&self, loaded: &Arc<Loaded>) -> Result<AskDataset> {
        let profile = self.profile_of(loaded).await?;
        let mut dataset = names_of(loaded);
        dataset.rows = Some(profile.row_count);
        let mut room = MOST_COLUMNS;
        for column in &mut dataset.columns {
            let Some(known) = profile.columns.iter().find(|c| c.name == column.column.name) else { continue };
            column.distinct = Some(known.distinct);
            column.is_unique = (1..=EXACT_ROWS).contains(&profile.row_count)
                && known.missing == 0
                && known.distinct == profile.row_count;
            if column.column.ty.is_time() {
                column.extent = known.min.as_str().zip(known.max.as_str()).map(|(a, b)| (a.into(), b.into()));
            }
            // Codes that stand for values mean nothing to anybody.
            let is_masked = loaded.policy.masked.contains_key(&column.column.name);
            if room == 0 || is_masked || !has_names(&column.column) {
                continue;
            }
            room -= 1;
            let request = ValuesRequest { search: String::new(), limit: Some(MOST_VALUES) };
            let values = self.values_of(loaded, &column.column.name, &request).await?;
            let is_name = |cell: &Cell| !cell.is_null() && cell.to_text().chars().count() <= LONGEST_VALUE;
            column.values = values.into_iter().map(|(cell, _)| cell).filter(is_name).collect();
        }
        Ok(dataset)
    }

    /// The metrics that the caller sees and that can be part of questions about what they see.
    async fn askable_metrics(&self, caller: &Caller, loaded: &[Arc<Loaded>]) -> Result<Vec<AskMetric>> {
        let mut found = Vec::new();
        for metric in self.list_metrics(caller).await? {
            let query = &metric.def.query;
            if metric.def.is_pushed() || !query.is_one_aggregate() {
                continue;
            }
            let of = loaded.iter().find(|l| l.row.name == query.dataset || l.row.id == query.dataset);
            let Some(of) = of.filter(|of| may_name(query, |name| of.column(name).is_some())) else { continue };
            let dataset = of.row.name.clone();
            found.push(AskMetric { id: metric.def.id, name: metric.def.name, dataset });
        }
        Ok(found)
    }

    /// The charts of the dashboards that the caller sees. Of one that reads what they do not see, only
    /// its title is known, which stands on the dashboard.
    async fn charts_of(&self, caller: &Caller, seen: &[Seen], loaded: &[Arc<Loaded>], now: i64) -> Result<Arc<Charts>> {
        let mut boards = self.list_dashboards(caller, "").await?;
        boards.truncate(MOST_DASHBOARDS);
        let changes: Vec<_> = boards.iter().map(|b| (&b.id, &b.updated_at, b.access.as_str())).collect();
        let data: Vec<String> = loaded.iter().map(|own| key_of(own)).collect();
        let key = fingerprint(&to_json(&(&caller.user_id, &caller.credential_id, changes, data)));
        if let Some(kept) = self.asking.known.charts.get(&key, now) {
            return Ok(kept);
        }
        let mut all = Vec::new();
        for summary in boards {
            let Ok((row, access)) = self.dashboard_for(caller, &summary.id).await else { continue };
            let Ok((layout, _)) = self.layout_for(&row, access).await else { continue };
            for tile in layout.widgets {
                let (Some(kind), Some(source)) = (tile.chart_kind(), tile.data_source) else { continue };
                let query = source.query.unwrap_or_default();
                let of = seen.iter().zip(loaded).find(|(s, _)| s.name == query.dataset || s.id == query.dataset);
                let plain = query.joins.is_empty();
                let query = match of.filter(|(_, own)| plain && may_name(&query, |name| own.column(name).is_some())) {
                    Some((s, _)) => Query { dataset: s.name.clone(), ..query },
                    None => Query::default(),
                };
                if !tile.title.trim().is_empty() || !query.dataset.is_empty() {
                    let id = format!("{}/{}", summary.id, tile.id);
                    all.push(AskChart { id, title: tile.title, query, kind });
                }
            }
        }
        let charts = Arc::new(Charts { at: now, all });
        self.asking.known.charts.put(&key, now, charts.clone());
        Ok(charts)
    }
}

/// Whether people name values of a column.
fn has_names(column: &Column) -> bool {
    matches!(column.ty, DataType::Text | DataType::Boolean)
        || (column.ty == DataType::Integer && column.role == Role::Dimension)
}

/// A dataset of which nothing but names is known.
fn names_of(loaded: &Loaded) -> AskDataset {
    let synonyms = &loaded.model.model.synonyms;
    let one = |column: &Column| AskColumn {
        synonyms: synonyms.get(&column.name).cloned().unwrap_or_default(),
        ..AskColumn::of(column.clone())
    };
    AskDataset {
        name: loaded.row.name.clone(),
        label: loaded.row.label.clone(),
        columns: loaded.shown().map(one).collect(),
        rows: None,
        relationships: Vec::new(),
    }
}

/// What the values of a dataset depend on, for one reader.
fn key_of(loaded: &Loaded) -> String {
    let row = &loaded.row;
    let segments: Vec<&str> = loaded.segments.iter().map(|s| s.id.as_str()).collect();
    let columns: Vec<&Column> = loaded.shown().collect();
    let own = (&row.id, &row.name, &row.label, row.version, loaded.model.version, segments, columns);
    // What rules leave of the datasets behind a SELECT is not in its own policy: everybody has their own.
    let behind = if loaded.statement.is_some() { format!("{:?}", loaded.reader) } else { String::new() };
    fingerprint(&format!("{}{:?}{}{behind}", to_json(&own), loaded.policy, loaded.is_narrowed))
}

/// Whether all columns that a question names are there.
fn may_name(query: &Query, is_there: impl Fn(&str) -> bool) -> bool {
    let measures = query.measures.iter().flat_map(|m| {
        let parts = [m.numerator.as_deref(), m.denominator.as_deref()];
        std::iter::once(m).chain(parts.into_iter().flatten())
    });
    let mut is_fine = true;
    for measure in measures {
        is_fine &= measure.column.as_deref().is_none_or(&is_there) && measure.by.as_deref().is_none_or(&is_there);
        if let Some(filter) = &measure.filter {
            filter.each(&mut |c| is_fine &= is_there(&c.column));
        }
    }
    if let Some(filter) = &query.filter {
        filter.each(&mut |c| is_fine &= is_there(&c.column));
    }
    is_fine && query.dimensions.iter().all(|d| is_there(&d.column)) && query.columns.iter().all(|c| is_there(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_kept_is_bounded_and_gets_old() {
        let kept = Kept::new(2, 10);
        for (at, key) in ["a", "b", "c"].into_iter().enumerate() {
            kept.put(key, at as i64, key);
        }
        assert_eq!((kept.get("a", 3), kept.get("c", 3), kept.get("c", 12)), (None, Some("c"), None));
        assert_eq!(kept.or_make("c", 3, || "new"), "c");
        assert_eq!(kept.or_make("c", 50, || "new"), "new");
        assert!(kept.all.lock().unwrap().len() <= 2);
    }

    #[test]
    fn a_question_that_names_what_is_hidden_is_noticed() {
        let of = |value| serde_json::from_value::<Query>(value).unwrap();
        let plain =
            of(json!({"dataset": "d", "dimensions": [{"column": "a"}], "measures": [{"agg": "sum", "column": "b"}]}));
        assert!(may_name(&plain, |_| true) && !may_name(&plain, |c| c != "b") && !may_name(&plain, |c| c != "a"));
        let tested = of(json!({"dataset": "d", "measures": [{"agg": "ratio", "numerator":
            {"agg": "count_if", "filter": {"column": "x", "op": "is_true"}}, "denominator": {"agg": "count"}}]}));
        assert!(!may_name(&tested, |c| c != "x"));
        let filtered =
            of(json!({"dataset": "d", "columns": ["a"], "filter": {"or": [{"column": "y", "op": "is_null"}]}}));
        assert!(!may_name(&filtered, |c| c != "y"));
    }
}
