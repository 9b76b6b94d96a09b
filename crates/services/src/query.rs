//! Asking questions: finding what a question reads, planning it, answering it.

use crate::Services;
use crate::access::{may_see_sql, require_role};
use crate::catalog::Loaded;
use crate::keys;
use domain::api::ValuesRequest;
use domain::metric::MetricDef;
use domain::query::Measure;
use domain::table::Cell;
use domain::{Caller, Error, ErrorCode, Query, Result, UserRole};
use engine::{Answer, Segment};
use semantic::{Context, Dataset, Plan};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::ThingKind;

/// What a question reads: its dataset, those of its joins in their order, and the metrics it
/// refers to.
pub(crate) struct Bound {
    pub(crate) datasets: Vec<Arc<Loaded>>,
    metrics: Vec<MetricDef>,
}

impl Bound {
    /// The segments of all its datasets.
    pub(crate) fn segments(&self) -> Vec<Segment> {
        let mut seen = BTreeSet::new();
        let all = self.datasets.iter().flat_map(|d| &d.segments);
        all.filter(|s| seen.insert(s.id.as_str())).cloned().collect()
    }
}

impl Services {
    /// Answers a question about datasets the caller may see. The flag says: from the cache.
    ///
    /// # Errors
    /// The question does not fit the data, takes too long or is too large.
    pub async fn run_query(&self, caller: &Caller, query: &Query, fresh: bool) -> Result<(Arc<Answer>, bool)> {
        require_role(caller, UserRole::Explorer, "ask questions of your own")?;
        let (loaded, _) = self.dataset_for(caller, &query.dataset).await?;
        let bound = self.bind(&loaded, query, Some(caller)).await?;
        self.answer_bound(&bound, query, fresh).await
    }

    /// Whether answers tell the caller the SQL that was run.
    pub fn shows_sql(&self, caller: &Caller) -> bool {
        may_see_sql(caller)
    }

    /// Answers a question the right to which has been decided, joins and metrics included.
    pub(crate) async fn answer(&self, loaded: &Arc<Loaded>, query: &Query, fresh: bool) -> Result<(Arc<Answer>, bool)> {
        let bound = self.bind(loaded, query, None).await?;
        self.answer_bound(&bound, query, fresh).await
    }

    pub(crate) async fn answer_bound(&self, bound: &Bound, query: &Query, fresh: bool) -> Result<(Arc<Answer>, bool)> {
        let plan = self.plan_bound(bound, query).await?;
        self.engine.query(&plan, &bound.segments(), &key_of(&plan), fresh).await
    }

    /// Checks a question, the right to which has been decided, and turns it into SQL.
    pub(crate) async fn plan(&self, loaded: &Arc<Loaded>, query: &Query) -> Result<Plan> {
        let bound = self.bind(loaded, query, None).await?;
        self.plan_bound(&bound, query).await
    }

    /// Finds what a question of a dataset reads beside it, with the same eyes. With a caller, only what
    /// they have a right to is there.
    pub(crate) async fn bind(&self, loaded: &Arc<Loaded>, query: &Query, reader: Option<&Caller>) -> Result<Bound> {
        let mut datasets = vec![loaded.clone()];
        // More joins than these are refused when the question is planned.
        for (i, join) in query.joins.iter().enumerate().take(32) {
            let found = match reader {
                Some(caller) => self.dataset_for(caller, &join.dataset).await.map(|(found, _)| found),
                None => self.load_dataset(&join.dataset, &loaded.reader).await?.ok_or_else(|| gone(&join.dataset)),
            };
            datasets.push(found.map_err(|e| e.field(format!("joins[{i}].dataset")))?);
        }
        let mut metrics = Vec::new();
        for id in metrics_in(query) {
            // One that is not there, or hidden, is named when the question is planned.
            metrics.extend(self.metric_of(id, reader).await?);
        }
        Ok(Bound { datasets, metrics })
    }

    /// The definition of a metric, its dataset called by its name.
    async fn metric_of(&self, id: &str, reader: Option<&Caller>) -> Result<Option<MetricDef>> {
        let Some(row) = self.store.metric(id).await? else { return Ok(None) };
        if let Some(caller) = reader {
            let may = self.access_of(caller, ThingKind::Metric, &row.id, &row.owner_id, row.is_public).await?;
            if may.is_none() {
                return Ok(None);
            }
        }
        let mut def = crate::metrics::def_of(&row)?;
        if !def.is_pushed()
            && let Some(dataset) = self.stored_dataset(&def.query.dataset).await?
        {
            def.query.dataset.clone_from(&dataset.row.name);
        }
        Ok(Some(def))
    }

    /// Plans a question: finds out what the plan depends on, the latest values of columns and the
    /// keys of joined datasets, and writes the SQL.
    pub(crate) async fn plan_bound(&self, bound: &Bound, query: &Query) -> Result<Plan> {
        self.plan_by(bound, query, semantic::plan).await
    }

    /// The same for raw rows to be counted with, of every `every` one.
    pub(crate) async fn plan_sample(&self, bound: &Bound, query: &Query, every: u64, most: u64) -> Result<Plan> {
        self.plan_by(bound, query, |query, ctx| semantic::sample(query, ctx, every, most)).await
    }

    async fn plan_by(
        &self,
        bound: &Bound,
        query: &Query,
        plan: impl FnOnce(&Query, &Context<'_>) -> Result<Plan>,
    ) -> Result<Plan> {
        let query = &self.settings.questions.fill(query);
        let now = jiff::Timestamp::now();
        let parts: Vec<Vec<String>> = bound.datasets.iter().map(|d| d.parts()).collect();
        let plain: Vec<Dataset<'_>> = bound.datasets.iter().zip(&parts).map(|(d, parts)| d.dataset(parts)).collect();
        let [base, joins @ ..] = plain.as_slice() else { return Err(Error::internal()) };
        let ctx = Context { base: *base, joins, metrics: &bound.metrics, now };
        let mut unique: Vec<Vec<Vec<String>>> = vec![Vec::new(); plain.len()];
        if !joins.is_empty() {
            for (at, columns) in semantic::join_keys(query, &ctx) {
                let names: Vec<&str> = columns.iter().map(String::as_str).collect();
                if self.is_unique(&bound.datasets[at], &names).await {
                    unique[at].push(columns);
                }
            }
        }
        let mut latest: Vec<BTreeMap<String, String>> = vec![BTreeMap::new(); plain.len()];
        for (at, column) in semantic::latest_columns(query, &ctx) {
            let of = &bound.datasets[at];
            if of.column(&column).is_some_and(|c| c.ty.is_time()) {
                let sql = semantic::latest_sql(&plain[at], &column, now)?;
                if let Cell::Text(text) = self.engine.scalar(&sql, &of.segments).await? {
                    latest[at].insert(column, text);
                }
            }
        }
        let mut full = plain.clone();
        for (i, dataset) in full.iter_mut().enumerate() {
            (dataset.unique, dataset.latest) = (&unique[i], &latest[i]);
        }
        let [base, joins @ ..] = full.as_slice() else { return Err(Error::internal()) };
        let ctx = Context { base: *base, joins, metrics: &bound.metrics, now };
        plan(query, &ctx).map_err(|error| keys::explain_synonym(error, &bound.datasets))
    }

    /// The distinct values of a column with their counts, most frequent first.
    ///
    /// # Errors
    /// The caller may not see the dataset, or it has no such column.
    pub async fn column_values(
        &self,
        caller: &Caller,
        dataset: &str,
        column: &str,
        request: &ValuesRequest,
    ) -> Result<Vec<(Cell, u64)>> {
        let (loaded, _) = self.dataset_for(caller, dataset).await?;
        self.values_of(&loaded, column, request).await
    }

    pub(crate) async fn values_of(
        &self,
        loaded: &Loaded,
        column: &str,
        request: &ValuesRequest,
    ) -> Result<Vec<(Cell, u64)>> {
        if loaded.column(column).is_none() {
            let near = domain::names::nearest(column, loaded.shown().map(|c| c.name.as_str()));
            let error =
                Error::new(ErrorCode::UnknownColumn, format!("This dataset has no column `{column}`.")).field("column");
            return Err(match near {
                Some(near) => error.hint(format!("Did you mean `{near}`?")),
                None => error,
            });
        }
        if request.search.chars().count() > 200 {
            return Err(Error::invalid("A search can have at most 200 characters.").field("search"));
        }
        let parts = loaded.parts();
        let limit = request.limit.unwrap_or(100).clamp(1, 1_000);
        let sql =
            semantic::values_sql(&loaded.dataset(&parts), column, &request.search, limit, jiff::Timestamp::now())?;
        self.engine.values(&sql, &loaded.segments).await
    }
}

fn gone(name: &str) -> Error {
    Error::new(ErrorCode::UnknownDataset, format!("The dataset `{name}`, which this question joins, is gone."))
        .hint("Edit the question and take the join out.")
}

/// The metrics that a question refers to, each once.
pub(crate) fn metrics_in(query: &Query) -> BTreeSet<&str> {
    let mut open: Vec<&Measure> = query.measures.iter().collect();
    let mut found = BTreeSet::new();
    while let Some(measure) = open.pop() {
        found.extend(measure.metric.as_deref());
        open.extend(measure.numerator.as_deref());
        open.extend(measure.denominator.as_deref());
    }
    found
}

/// What tells an answer from others. The SQL names the segments of every dataset, so it changes with
/// every version of the data; the columns carry labels and formats, which people change without
/// touching the data.
pub(crate) fn key_of(plan: &Plan) -> String {
    format!("{}|{}|{}", plan.timezone, crate::to_json(&plan.columns), plan.sql)
}
