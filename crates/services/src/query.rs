//! Asking questions.

use crate::Services;
use crate::access::require_role;
use crate::catalog::Loaded;
use domain::api::ValuesRequest;
use domain::table::Cell;
use domain::{Caller, Error, ErrorCode, Query, Result, UserRole};
use engine::{Answer, Segment};
use semantic::{Context, Dataset, Plan, Source};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Services {
    /// Answers a question about a dataset the caller may see. The flag says: from the cache.
    ///
    /// # Errors
    /// The question does not fit the dataset, takes too long or is too large.
    pub async fn run_query(&self, caller: &Caller, query: &Query, fresh: bool) -> Result<(Arc<Answer>, bool)> {
        require_role(caller, UserRole::Explorer, "ask questions of your own")?;
        let (loaded, _) = self.dataset_for(caller, &query.dataset).await?;
        self.answer(&loaded, query, fresh).await
    }

    /// Answers a question about a dataset, the right to which has been decided.
    pub(crate) async fn answer(&self, loaded: &Loaded, query: &Query, fresh: bool) -> Result<(Arc<Answer>, bool)> {
        let plan = self.plan(loaded, query).await?;
        // The SQL names the segments, so it changes with every version of the data; the columns
        // carry labels and formats, which people change without touching the data.
        let key = format!("{}|{}|{}", plan.timezone, crate::to_json(&plan.columns), plan.sql);
        self.engine.query(&plan, &loaded.segments, &key, fresh).await
    }

    /// Checks a question and turns it into SQL.
    pub(crate) async fn plan(&self, loaded: &Loaded, query: &Query) -> Result<Plan> {
        let parts: Vec<String> = loaded.segments.iter().map(Segment::catalog).collect();
        let dataset = Dataset::from(source(loaded, &parts));
        let now = jiff::Timestamp::now();
        let mut latest = BTreeMap::new();
        for (_, column) in semantic::latest_columns(query, &Context::of(dataset, now)) {
            if loaded.column(&column).is_some_and(|c| c.ty.is_time()) {
                let sql = semantic::latest_sql(&dataset, &column, now)?;
                if let Cell::Text(text) = self.engine.scalar(&sql, &loaded.segments).await? {
                    latest.insert(column, text);
                }
            }
        }
        semantic::plan(query, &Context::of(Dataset { latest: &latest, ..dataset }, now))
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
            let near = domain::names::nearest(column, loaded.columns.iter().map(|c| c.name.as_str()));
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
        let parts: Vec<String> = loaded.segments.iter().map(Segment::catalog).collect();
        let limit = request.limit.unwrap_or(100).clamp(1, 1_000);
        let dataset = Dataset::from(source(loaded, &parts));
        let sql = semantic::values_sql(&dataset, column, &request.search, limit, jiff::Timestamp::now())?;
        self.engine.values(&sql, &loaded.segments).await
    }
}

pub(crate) fn source<'a>(loaded: &'a Loaded, parts: &'a [String]) -> Source<'a> {
    Source { name: &loaded.row.name, columns: &loaded.columns, parts: parts.into() }
}
