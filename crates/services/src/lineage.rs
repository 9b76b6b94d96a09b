//! Lineage: where the rows of a dataset come from, which tiles, filter controls, metrics, SELECTs and
//! parts of models use its columns, and which of them do not fit it (any more).

mod columns;
mod origin;
mod parts;
mod questions;

use crate::catalog::Loaded;
use crate::policies::Reader;
use crate::{Services, model};
use domain::api::{DashboardLink, Misfit, Usage, UsageKind};
use domain::dashboard::DataSource;
use domain::lineage::{DatasetLink, Lineage};
use domain::query::{Filter, Grain, Measure};
use domain::{Caller, ChartKind, Column, Error, ErrorCode, Query, Result};
use questions::Asked;
use std::collections::HashSet;
use std::sync::Arc;

/// SELECTs over SELECTs are followed so far.
const MAX_DEPTH: usize = 8;

impl Services {
    /// Where the rows of a dataset come from, and what the caller may see of what uses it.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn lineage(&self, caller: &Caller, name_or_id: &str) -> Result<Lineage> {
        let (loaded, seen) = self.whole_for(caller, name_or_id).await?;
        let origin = self.origin_of(caller, &loaded).await?;
        let mut usages = self.usages_of(caller, &loaded).await?;
        usages.iter_mut().for_each(|usage| usage.columns.retain(|c| !seen.policy.hides(c)));
        Ok(Lineage { origin, usages })
    }

    /// What the caller may see of the tiles, filter controls, metrics, SELECTs and parts of models that
    /// use a dataset, or one column of it; also of those that use it through a SELECT.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn column_usages(&self, caller: &Caller, name_or_id: &str, column: Option<&str>) -> Result<Vec<Usage>> {
        let (loaded, seen) = self.whole_for(caller, name_or_id).await?;
        let mut usages = self.usages_of(caller, &loaded).await?;
        usages.iter_mut().for_each(|usage| usage.columns.retain(|c| !seen.policy.hides(c)));
        usages.retain(|u| column.is_none_or(|c| u.columns.iter().any(|used| used == c)));
        Ok(usages)
    }

    /// A dataset with all of its columns, to find out what uses them, and as the caller sees it: names
    /// of columns that are hidden from them leave no answer.
    async fn whole_for(&self, caller: &Caller, name_or_id: &str) -> Result<(Arc<Loaded>, Arc<Loaded>)> {
        let (stored, _) = self.stored_for(caller, name_or_id).await?;
        let seen = self.seen(&stored, &Reader::of(caller)).await?;
        let whole = if seen.is_narrowed { self.seen(&stored, &Reader::everything()).await? } else { seen.clone() };
        Ok((whole, seen))
    }

    async fn usages_of(&self, caller: &Caller, loaded: &Arc<Loaded>) -> Result<Vec<Usage>> {
        let mut found: Vec<Usage> = self.asked_of(caller, loaded).await?.into_iter().map(|a| a.usage).collect();
        found.extend(self.parts_of(caller, loaded).await?);
        let mut seen: HashSet<_> = found.iter().map(identity).collect();
        let mut open: Vec<(Usage, usize)> = selects(&found).map(|u| (u.clone(), 1)).collect();
        while let Some((select, depth)) = open.pop() {
            let Some(there) = self.load_dataset(&select.id, &loaded.reader).await? else { continue };
            let link =
                DatasetLink { id: there.row.id.clone(), name: there.row.name.clone(), label: there.row.label.clone() };
            for asked in self.asked_of(caller, &there).await? {
                // It changes with whatever the SELECT reads.
                let usage = Usage { columns: select.columns.clone(), through: Some(link.clone()), ..asked.usage };
                if seen.insert(identity(&usage)) {
                    if usage.kind == UsageKind::Dataset && depth < MAX_DEPTH {
                        open.push((usage.clone(), depth + 1));
                    }
                    found.push(usage);
                }
            }
        }
        Ok(found)
    }

    /// What the caller may see of the tiles and metrics that use a metric.
    ///
    /// # Errors
    /// The metric is not visible.
    pub async fn metric_usages(&self, caller: &Caller, id: &str) -> Result<Vec<Usage>> {
        self.metric_for(caller, id).await?;
        self.uses_of_metric(caller, id).await
    }

    /// What the caller may see of the tiles, filter controls, metrics, SELECTs and parts of its model that
    /// ask for columns the dataset does not have, or for something that a column's type does not allow.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn misfits(&self, caller: &Caller, name_or_id: &str) -> Result<Vec<Misfit>> {
        let (loaded, seen) = self.whole_for(caller, name_or_id).await?;
        let misfits = self.misfits_in(caller, &loaded, &loaded).await?;
        Ok(without_hidden(misfits, &seen))
    }

    /// The same, if the dataset had these columns: what replacing its rows would break.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn misfits_with(&self, caller: &Caller, name_or_id: &str, columns: Vec<Column>) -> Result<Vec<Misfit>> {
        let (loaded, seen) = self.whole_for(caller, name_or_id).await?;
        let calculated = model::resolve(&columns, &loaded.model.model).0;
        let would_be = loaded.with(|stored| (stored.columns, stored.calculated) = (columns, calculated));
        let before = self.misfits_in(caller, &loaded, &loaded).await?;
        let mut after = self.misfits_in(caller, &loaded, &would_be).await?;
        // What does not work now is not broken by it.
        after.retain(|m| !before.iter().any(|b| identity(&b.usage) == identity(&m.usage)));
        Ok(without_hidden(after, &seen))
    }

    /// What uses `loaded` and would not fit it as `would_be`.
    async fn misfits_in(&self, caller: &Caller, loaded: &Arc<Loaded>, would_be: &Arc<Loaded>) -> Result<Vec<Misfit>> {
        let mut misfits = Vec::new();
        for asked in self.asked_of(caller, loaded).await? {
            misfits.extend(self.misfit(loaded, would_be, asked).await?);
        }
        misfits.extend(self.misfit_parts(caller, would_be).await?);
        Ok(misfits)
    }

    async fn misfit(&self, loaded: &Arc<Loaded>, would_be: &Arc<Loaded>, asked: Asked) -> Result<Option<Misfit>> {
        let usage = asked.usage;
        let missing: Vec<String> = usage.columns.iter().filter(|c| would_be.column(c).is_none()).cloned().collect();
        if !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|c| format!("`{c}`")).collect();
            let message = match names.as_slice() {
                [one] => format!("It asks for the column {one}, which is not there."),
                several => format!("It asks for the columns {}, which are not there.", several.join(", ")),
            };
            let hint = Some("Choose other columns, or load a file that has them.".to_owned());
            return Ok(Some(Misfit { usage, missing, message, hint }));
        }
        let is_present = Arc::ptr_eq(loaded, would_be);
        let worked = match &asked.sql {
            // A SELECT can only be tried on columns that are there.
            Some(_) if !is_present => return Ok(None),
            Some(sql) => self.try_select(&usage, sql, &loaded.reader).await,
            // A question of another dataset that joins this one is checked against that one.
            None if is(loaded, &asked.query.dataset) => self.plan(would_be, &asked.query).await.map(|_| ()),
            None => match self.load_dataset(&asked.query.dataset, &loaded.reader).await? {
                Some(main) => self.plan(&main, &asked.query).await.map(|_| ()),
                None => return Ok(None),
            },
        };
        match worked {
            Ok(()) => Ok(None),
            // Columns that are not there yet cannot always be asked.
            Err(error) if error.code == ErrorCode::Internal && !is_present => Ok(None),
            Err(error) if error.code == ErrorCode::Internal => Err(error),
            Err(Error { message, hint, .. }) => Ok(Some(Misfit { usage, missing, message, hint })),
        }
    }

    /// Whether a SELECT works on the columns that its tables have now.
    async fn try_select(&self, usage: &Usage, sql: &str, reader: &Reader) -> Result<()> {
        let select = match usage.kind {
            UsageKind::Dataset => self.load_dataset(&usage.id, reader).await?,
            _ => Some(self.inline_dataset(sql, reader).await?),
        };
        for segment in select.iter().flat_map(|s| &s.segments) {
            self.engine.describe_select(segment).await?;
        }
        Ok(())
    }
}

/// Those that are about no column that is hidden from a reader.
fn without_hidden(mut misfits: Vec<Misfit>, seen: &Loaded) -> Vec<Misfit> {
    misfits.retain(|m| !m.usage.columns.iter().chain(&m.missing).any(|c| seen.policy.hides(c)));
    misfits
}

/// What tells one usage from another.
fn identity(usage: &Usage) -> (UsageKind, String, Option<String>, Option<String>) {
    let place = usage.dashboard.as_ref().map(|d| d.id.clone());
    (usage.kind, usage.id.clone(), place, usage.dataset.clone())
}

fn selects(usages: &[Usage]) -> impl Iterator<Item = &Usage> {
    usages.iter().filter(|u| u.kind == UsageKind::Dataset)
}

fn usage(kind: UsageKind, id: &str, title: &str, dashboard: Option<&DashboardLink>) -> Usage {
    Usage {
        kind,
        id: id.to_owned(),
        title: title.to_owned(),
        dashboard: dashboard.cloned(),
        dataset: None,
        columns: Vec::new(),
        through: None,
    }
}

/// The specification's short form: the first time column by a grain, the numbers summed, other
/// columns as groups; in a table the raw rows.
pub(crate) fn short_form(loaded: &Loaded, kind: ChartKind, source: &DataSource, grain: Grain) -> Query {
    use domain::query::{Agg, Dimension};
    let filter = (!source.filters.is_empty()).then(|| Filter::And(source.filters.clone()));
    let mut query = Query { filter, ..Query::default() };
    if kind == ChartKind::Table {
        query.columns.clone_from(&source.columns);
        return query;
    }
    let time = first_time(loaded, source);
    for name in &source.columns {
        let dimension = Dimension { column: name.clone(), ..Dimension::default() };
        match loaded.column(name) {
            Some(_) if time == Some(name) && query.dimensions.iter().all(|d| d.grain.is_none()) => {
                query.dimensions.insert(0, Dimension { grain: Some(grain), ..dimension });
            }
            Some(column) if column.ty.is_number() => query.measures.push(Measure::of(Agg::Sum, name)),
            // An unknown column stays in, so that the plan names it in its error.
            _ => query.dimensions.push(dimension),
        }
    }
    query
}

/// The column of a short form that is the course of time.
pub(crate) fn first_time<'a>(loaded: &Loaded, source: &'a DataSource) -> Option<&'a String> {
    source.columns.iter().find(|name| loaded.column(name).is_some_and(|c| c.ty.is_time()))
}

fn is(loaded: &Loaded, dataset: &str) -> bool {
    dataset == loaded.row.id || dataset == loaded.row.name
}
