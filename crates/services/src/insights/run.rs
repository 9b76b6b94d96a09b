//! Looking at a dataset: which rows and columns, how many at once, and what is kept of it.
//!
//! What was found is kept for each way of seeing a dataset (`eyes`): whoever the policies leave the same
//! rows and columns gets the same findings, and nobody else does.

use crate::catalog::Loaded;
use crate::secrets::fingerprint;
use crate::{Services, clock, to_json};
use domain::insight::Insights;
use domain::{Column, DataType, Error, ErrorCode, Result};
use engine::Segment;
use intelligence::insights::Subject;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};
use store::InsightRunRow;
use tokio::sync::Mutex;

/// Columns that are looked at; what more there are is counted.
const MOST_COLUMNS: usize = 40;
/// Values that are read of a dataset at most: rows times columns.
const MOST_VALUES: u64 = 12_000_000;
/// How long it is waited for a turn.
const PATIENCE: Duration = Duration::from_secs(60);
/// Nobody says when rows that lie elsewhere change: they are looked at again after so long.
const ELSEWHERE_MS: i64 = 10 * 60_000;

/// Who looks at what right now.
pub(super) type Lookers = HashMap<String, Weak<Mutex<()>>>;

/// What was found.
pub(super) struct Run {
    pub(super) version: i64,
    pub(super) found_at: i64,
    pub(super) insights: Insights,
    /// In which version each finding was there first.
    firsts: HashMap<String, i64>,
}

impl Run {
    /// Whether a finding was in no former version.
    pub(super) fn is_new(&self, finding: &str) -> bool {
        self.firsts.get(finding).is_none_or(|first| *first >= self.version)
    }
}

/// What a reader sees of a dataset, as a fingerprint; the same for all who see everything.
pub(super) fn eyes_of(loaded: &Loaded) -> String {
    if loaded.policy.is_open() && !loaded.is_narrowed {
        return "all".to_owned();
    }
    // What rules leave of the datasets behind a SELECT is not in its own policy: everybody has their own.
    let behind = if loaded.statement.is_some() { format!("{:?}", loaded.reader) } else { String::new() };
    fingerprint(&format!("{:?}\n{behind}", loaded.policy))
}

/// What there is to look at, as a fingerprint.
fn state_of(loaded: &Loaded) -> String {
    let columns: Vec<&Column> = loaded.shown().collect();
    // The view of a SELECT has another name for every version of what it reads.
    let behind: Vec<&Segment> = loaded.segments.iter().filter(|_| loaded.statement.is_some()).collect();
    let all = (loaded.row.version, &loaded.row.name, &loaded.row.label, columns, &loaded.calculated.len());
    fingerprint(&format!("{}\n{}\n{}", to_json(&all), to_json(&behind), to_json(&loaded.model.model.calculated)))
}

fn can_be_read(column: &Column) -> bool {
    !matches!(column.ty, DataType::Other | DataType::Time)
}

/// The columns that are looked at.
fn columns_of(loaded: &Loaded) -> Vec<String> {
    loaded.shown().filter(|c| can_be_read(c)).take(MOST_COLUMNS).map(|c| c.name.clone()).collect()
}

/// Columns that there is no room for.
pub(super) fn left_out(loaded: &Loaded) -> u64 {
    loaded.shown().filter(|c| can_be_read(c)).count().saturating_sub(MOST_COLUMNS) as u64
}

/// Rows that are read where there are so many columns.
pub(super) fn rows_for(columns: usize) -> u64 {
    (MOST_VALUES / columns.max(1) as u64).min(crate::frames::MAX_ROWS)
}

impl Services {
    /// What is kept for those who see the same of a dataset, if it may be told.
    async fn stored_run(&self, loaded: &Loaded, may: impl Fn(&InsightRunRow, bool) -> bool) -> Result<Option<Run>> {
        let eyes = eyes_of(loaded);
        let Some(row) = self.store.insight_run(&loaded.row.id, &eyes).await? else { return Ok(None) };
        let is_same = row.state == state_of(loaded);
        if !may(&row, is_same) {
            return Ok(None);
        }
        let firsts = self.store.insights_seen(&loaded.row.id, &eyes).await?;
        let insights = crate::from_json(&row.insights_json);
        Ok(Some(Run { version: row.version, found_at: row.found_at, insights, firsts }))
    }

    /// What was found last, also in a former version of the data. Of a SELECT, and of columns that changed
    /// since, only what is true now.
    pub(super) async fn kept_run(&self, loaded: &Loaded) -> Result<Option<Run>> {
        let is_select = loaded.statement.is_some();
        self.stored_run(loaded, |row, is_same| is_same || (!is_select && row.version != loaded.row.version)).await
    }

    /// What was found where nothing changed since.
    async fn fresh_run(&self, loaded: &Loaded) -> Result<Option<Run>> {
        let oldest = if loaded.place().is_some() { clock::now_ms() - ELSEWHERE_MS } else { i64::MIN };
        self.stored_run(loaded, |row, is_same| is_same && row.found_at >= oldest).await
    }

    /// What a dataset says to its reader: what is kept, or a look at it now.
    pub(super) async fn insight_run(&self, loaded: &Arc<Loaded>) -> Result<Run> {
        if let Some(run) = self.fresh_run(loaded).await? {
            return Ok(run);
        }
        let looker = self.looker_at(&format!("{}|{}", loaded.row.id, eyes_of(loaded)));
        let _mine = looker.lock().await;
        // Somebody else may have looked meanwhile.
        if let Some(run) = self.fresh_run(loaded).await? {
            return Ok(run);
        }
        self.look_at(loaded).await
    }

    fn looker_at(&self, key: &str) -> Arc<Mutex<()>> {
        let mut all = self.insights.at_it.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(key).and_then(Weak::upgrade) {
            return known;
        }
        all.retain(|_, looker| looker.strong_count() > 0);
        let looker = Arc::new(Mutex::new(()));
        all.insert(key.to_owned(), Arc::downgrade(&looker));
        looker
    }

    async fn look_at(&self, loaded: &Arc<Loaded>) -> Result<Run> {
        let columns = columns_of(loaded);
        let most = rows_for(columns.len());
        let label = loaded.row.label.clone();
        let subject = Subject { dataset: loaded.row.name.clone(), label, ..Subject::default() };
        let (insights, elapsed) = self
            .counted(async { self.frame(loaded, &columns, None, most).await }, move |frame| {
                Ok(intelligence::insights::discover(&frame, &subject))
            })
            .await?;
        let row = InsightRunRow {
            dataset_id: loaded.row.id.clone(),
            eyes: eyes_of(loaded),
            state: state_of(loaded),
            version: loaded.row.version,
            found_at: clock::now_ms(),
            elapsed_ms: i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX),
            insights_json: to_json(&insights),
        };
        let ids: Vec<&str> = insights.findings.iter().map(|f| f.id.as_str()).collect();
        self.store.save_insight_run(&row, &ids).await?;
        let firsts = self.store.insights_seen(&row.dataset_id, &row.eyes).await?;
        Ok(Run { version: row.version, found_at: row.found_at, insights, firsts })
    }

    /// Reads rows and counts with them when it is one's turn, off the threads that serve; answers how long
    /// that took, too. The turn ends with the counting, also where nobody waits for it any more.
    pub(super) async fn counted<F, T>(
        &self,
        rows: impl Future<Output = Result<F>>,
        count: impl FnOnce(F) -> Result<T> + Send + 'static,
    ) -> Result<(T, Duration)>
    where
        F: Send + 'static,
        T: Send + 'static,
    {
        let turn = tokio::time::timeout(PATIENCE, self.insights.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            let error = Error::new(ErrorCode::Overloaded, "Others are looking for insights right now.");
            return Err(error.hint("Try again in a minute."));
        };
        let began = Instant::now();
        let rows = rows.await?;
        let work = move || {
            let _turn = turn;
            count(rows)
        };
        let counted = tokio::task::spawn_blocking(work).await.map_err(|cause| {
            tracing::error!(%cause, "looking for insights failed");
            Error::internal()
        })?;
        Ok((counted?, began.elapsed()))
    }
}
