//! Lineage: which tiles, filter controls, metrics and parts of models use the columns of a dataset,
//! and which of them do not fit it (any more).

mod columns;
mod parts;

use crate::Services;
use crate::access::access;
use crate::catalog::Loaded;
use domain::api::{DashboardLink, Misfit, Usage, UsageKind};
use domain::dashboard::{DataSource, Layout, Tile};
use domain::metric::MetricDef;
use domain::query::{Filter, Grain, Measure};
use domain::{Caller, ChartKind, Error, ErrorCode, Query, Result};
use std::collections::HashMap;
use std::sync::Arc;
use store::ThingKind;

/// A question with who asks it. The columns of `usage` are those of the dataset in question.
struct Asked {
    usage: Usage,
    query: Query,
}

impl Services {
    /// What the caller may see of the tiles, filter controls, metrics and parts of models that use a
    /// dataset, or one column of it.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn column_usages(&self, caller: &Caller, name_or_id: &str, column: Option<&str>) -> Result<Vec<Usage>> {
        let (loaded, _) = self.dataset_for(caller, name_or_id).await?;
        let asked = self.asked_of(caller, &loaded).await?;
        let parts = self.parts_of(caller, &loaded).await?;
        let usages = asked.into_iter().map(|a| a.usage).chain(parts);
        Ok(usages.filter(|u| column.is_none_or(|c| u.columns.iter().any(|used| used == c))).collect())
    }

    /// What the caller may see of the tiles, filter controls, metrics and parts of its model that ask
    /// for columns the dataset does not have, or for something that a column's type does not allow.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn misfits(&self, caller: &Caller, name_or_id: &str) -> Result<Vec<Misfit>> {
        let (loaded, _) = self.dataset_for(caller, name_or_id).await?;
        let mut misfits = Vec::new();
        for asked in self.asked_of(caller, &loaded).await? {
            misfits.extend(self.misfit(&loaded, asked).await?);
        }
        misfits.extend(self.misfit_parts(caller, &loaded).await?);
        Ok(misfits)
    }

    async fn misfit(&self, loaded: &Loaded, asked: Asked) -> Result<Option<Misfit>> {
        let usage = asked.usage;
        let missing: Vec<String> = usage.columns.iter().filter(|c| loaded.column(c).is_none()).cloned().collect();
        if !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|c| format!("`{c}`")).collect();
            let message = match names.as_slice() {
                [one] => format!("It asks for the column {one}, which is not there."),
                several => format!("It asks for the columns {}, which are not there.", several.join(", ")),
            };
            let hint = Some("Choose other columns, or load a file that has them.".to_owned());
            return Ok(Some(Misfit { usage, missing, message, hint }));
        }
        // A question of another dataset that joins this one is checked against that one.
        let Some(main) = self.load_dataset(&asked.query.dataset).await? else { return Ok(None) };
        match self.plan(&main, &asked.query).await {
            Ok(_) => Ok(None),
            Err(error) if error.code == ErrorCode::Internal => Err(error),
            Err(Error { message, hint, .. }) => Ok(Some(Misfit { usage, missing, message, hint })),
        }
    }

    /// Every question about the dataset that the caller may see.
    async fn asked_of(&self, caller: &Caller, loaded: &Arc<Loaded>) -> Result<Vec<Asked>> {
        let metrics: HashMap<String, MetricDef> = self
            .store
            .metrics()
            .await?
            .iter()
            .filter_map(|row| Some((row.id.clone(), serde_json::from_str(&row.def_json).ok()?)))
            .collect();
        let mut found = Vec::new();
        let granted = self.store.grants_of_user(&caller.user_id, ThingKind::Dashboard).await?;
        let mut rows = self.store.dashboards().await?;
        rows.retain(|r| access(caller, &r.owner_id, granted.get(&r.id).copied(), r.is_public).is_some());
        rows.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        for row in rows {
            let layout = self.read_document(&row.id, |document, _| document.layout()).await?;
            let link = DashboardLink { id: row.id, slug: row.slug, name: row.name };
            found.extend(of_layout(loaded, &layout, &metrics, &link));
        }
        for metric in self.list_metrics(caller).await? {
            let usage = usage(UsageKind::Metric, &metric.def.id, &metric.def.name, None);
            found.push(Asked { usage, query: metric.def.query });
        }
        let mut asked = Vec::new();
        for Asked { usage, query } in found {
            if let Some(columns) = self.columns_used(loaded, &query, &metrics).await? {
                asked.push(Asked { usage: Usage { columns, ..usage }, query });
            }
        }
        Ok(asked)
    }
}

fn usage(kind: UsageKind, id: &str, title: &str, dashboard: Option<&DashboardLink>) -> Usage {
    Usage {
        kind,
        id: id.to_owned(),
        title: title.to_owned(),
        dashboard: dashboard.cloned(),
        dataset: None,
        columns: Vec::new(),
    }
}

/// The questions of a dashboard, whatever they are about.
fn of_layout(
    loaded: &Loaded,
    layout: &Layout,
    metrics: &HashMap<String, MetricDef>,
    link: &DashboardLink,
) -> Vec<Asked> {
    let tile = |tile: &Tile| {
        let query = question_of(loaded, tile, metrics)?;
        Some(Asked { usage: usage(UsageKind::Tile, &tile.id, &tile.title, Some(link)), query })
    };
    let tiles = layout.widgets.iter().filter_map(tile);
    let controls = layout.filters.iter().map(|control| {
        let query = Query {
            dataset: control.dataset.clone(),
            columns: vec![control.column.clone()],
            filter: control.default.clone(),
            ..Query::default()
        };
        let title = if control.label.is_empty() { &control.column } else { &control.label };
        Asked { usage: usage(UsageKind::Filter, &control.id, title, Some(link)), query }
    });
    tiles.chain(controls).collect()
}

/// The question of a tile, if it is about data.
fn question_of(loaded: &Loaded, tile: &Tile, metrics: &HashMap<String, MetricDef>) -> Option<Query> {
    let kind = tile.chart_kind()?;
    let source = tile.data_source.as_ref()?;
    if let Some(metric) = &source.metric {
        return metrics.get(metric).map(|def| def.query.clone());
    }
    if let Some(query) = &source.query {
        return Some(query.clone());
    }
    let dataset = source.table.as_ref().filter(|table| is(loaded, table))?;
    Some(Query { dataset: dataset.clone(), ..short_form(loaded, kind, source, Grain::Month) })
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
