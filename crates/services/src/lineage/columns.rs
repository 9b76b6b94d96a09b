//! Which columns of a dataset a question uses.

use super::is;
use crate::Services;
use crate::catalog::Loaded;
use crate::query::metrics_in;
use domain::metric::MetricDef;
use domain::query::{Filter, Measure};
use domain::{ErrorCode, Query, Result};
use semantic::expression;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

impl Services {
    /// The columns of the dataset that a question uses, sorted, those that calculated columns are made
    /// of among them; nothing if it is not about that dataset at all.
    pub(super) async fn columns_used(
        &self,
        loaded: &Arc<Loaded>,
        query: &Query,
        metrics: &HashMap<String, MetricDef>,
    ) -> Result<Option<Vec<String>>> {
        let is_main = is(loaded, &query.dataset);
        if !is_main && !query.joins.iter().any(|j| is(loaded, &j.dataset)) {
            return Ok(None);
        }
        // The datasets of the question in their order; one that is gone has no columns.
        let mut datasets: Vec<(&str, Option<Arc<Loaded>>)> = Vec::with_capacity(query.joins.len() + 1);
        let names = query.joins.iter().map(|j| (j.qualifier(), &j.dataset));
        for (qualifier, name) in std::iter::once((query.dataset.as_str(), &query.dataset)).chain(names) {
            let found =
                if is(loaded, name) { Some(loaded.clone()) } else { self.load_dataset(name, &loaded.reader).await? };
            datasets.push((qualifier, found));
        }
        let is_it = |at: usize| datasets[at].1.as_ref().is_some_and(|d| d.row.id == loaded.row.id);
        let mut used = BTreeSet::new();
        let mut take = |name: &str| {
            let (at, column) = place(&datasets, name);
            if is_it(at) {
                used.insert(column.to_owned());
            }
        };
        names_in(query).into_iter().for_each(&mut take);
        for join in &query.joins {
            join.on.iter().for_each(|(here, _)| take(here));
        }
        for (i, join) in query.joins.iter().enumerate().filter(|(i, _)| is_it(i + 1)) {
            let prefix = format!("{}.", datasets[i + 1].0);
            used.extend(join.on.iter().map(|(_, there)| there.strip_prefix(&prefix).unwrap_or(there).to_owned()));
        }
        for def in metrics_in(query).into_iter().filter_map(|id| metrics.get(id)) {
            if is(loaded, &def.query.dataset) {
                used.extend(names_in(&def.query).into_iter().map(str::to_owned));
            }
        }
        Ok(Some(expanded(loaded, used)))
    }

    /// The columns of the dataset that a SELECT may read, sorted; nothing if it does not read it.
    pub(super) async fn columns_in_sql(&self, loaded: &Loaded, sql: &str) -> Result<Option<Vec<String>>> {
        let select = match self.engine.read_select(sql).await {
            Ok(select) => select,
            Err(error) if error.code == ErrorCode::Internal => return Err(error),
            // What was allowed once and is no more uses nothing.
            Err(_) => return Ok(None),
        };
        if !select.tables().any(|table| is(loaded, table)) {
            return Ok(None);
        }
        let used = loaded.shown().map(|c| c.name.clone()).filter(|name| select.may_read(name)).collect();
        Ok(Some(expanded(loaded, used)))
    }
}

/// The dataset that a name is of, and its name there. One that none has is taken for one of the
/// question's own dataset.
fn place<'n>(datasets: &[(&str, Option<Arc<Loaded>>)], name: &'n str) -> (usize, &'n str) {
    let has = |at: usize, column: &str| datasets[at].1.as_ref().is_some_and(|d| d.column(column).is_some());
    if let Some(at) = (0..datasets.len()).find(|at| has(*at, name)) {
        return (at, name);
    }
    for (at, (qualifier, dataset)) in datasets.iter().enumerate() {
        let own = dataset.as_ref().map(|d| d.row.name.as_str());
        for prefix in [Some(*qualifier), own].into_iter().flatten() {
            if let Some(column) = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.')) {
                return (at, column);
            }
        }
    }
    (0, name)
}

/// The columns with those that the calculated ones among them are made of.
pub(super) fn expanded(loaded: &Loaded, mut used: BTreeSet<String>) -> Vec<String> {
    let mut open: Vec<String> = used.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let Some(calculated) = loaded.model.model.calculated.iter().find(|c| c.name == name) else { continue };
        for column in expression::columns(&calculated.expression).unwrap_or_default() {
            if used.insert(column.clone()) {
                open.push(column);
            }
        }
    }
    used.into_iter().collect()
}

/// Every column that a question names. What `having`, `order` and `top_n` name are its outputs,
/// which come of these.
fn names_in(query: &Query) -> Vec<&str> {
    let mut names: Vec<&str> = query.dimensions.iter().map(|d| d.column.as_str()).collect();
    names.extend(query.columns.iter().map(String::as_str));
    names.extend(query.compare.as_ref().and_then(|c| c.column.as_deref()));
    let mut filters: Vec<&Filter> = query.filter.iter().collect();
    let mut measures: Vec<&Measure> = query.measures.iter().collect();
    while let Some(measure) = measures.pop() {
        names.extend(measure.column.as_deref());
        names.extend(measure.by.as_deref());
        filters.extend(&measure.filter);
        measures.extend(measure.numerator.as_deref());
        measures.extend(measure.denominator.as_deref());
    }
    for filter in filters {
        filter.each(&mut |condition| names.push(&condition.column));
    }
    names
}
