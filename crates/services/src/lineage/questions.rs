//! Every question that the caller may see: of tiles, filter controls, metrics, reports and alerts, and the SELECTs.

use super::{is, short_form, usage};
use crate::catalog::Loaded;
use crate::history::as_listed;
use crate::query::metrics_in;
use crate::sql::SQL_ORIGIN;
use crate::{Services, metrics};
use domain::api::{DashboardLink, Usage, UsageKind};
use domain::dashboard::{Layout, Tile};
use domain::metric::MetricDef;
use domain::query::{Dimension, Grain, Measure};
use domain::{Access, Caller, Query, Result};
use std::collections::HashMap;
use std::sync::Arc;
use store::{DashboardRow, ThingKind};

/// A question with who asks it. The columns of `usage` are those of the dataset in question.
pub(super) struct Asked {
    pub(super) usage: Usage,
    pub(super) query: Query,
    /// The SELECT over which it is asked.
    pub(super) sql: Option<String>,
}

impl Services {
    /// Every question about the dataset that the caller may see.
    pub(super) async fn asked_of(&self, caller: &Caller, loaded: &Arc<Loaded>) -> Result<Vec<Asked>> {
        let rows = self.store.metrics().await?;
        let defs = rows.iter().filter_map(|row| Some((row.id.clone(), metrics::def_of(row).ok()?)));
        let metrics: HashMap<String, MetricDef> = defs.collect();
        let mut found = Vec::new();
        for (link, layout) in self.layouts(caller).await? {
            found.extend(of_layout(loaded, &layout, &metrics, &link));
        }
        for metric in self.list_metrics(caller).await? {
            let usage = usage(UsageKind::Metric, &metric.def.id, &metric.def.name, None);
            found.push(Asked { usage, query: metric.def.query, sql: None });
        }
        for report in self.list_reports(caller, "").await? {
            let usage = usage(UsageKind::Report, &report.id, &report.name, None);
            found.push(Asked { usage, query: report.def.widest(), sql: None });
        }
        for forecast in self.list_forecasts(caller, "").await? {
            let usage = usage(UsageKind::Forecast, &forecast.id, &forecast.name, None);
            let def = forecast.def;
            let measure =
                def.measure.or_else(|| def.metric.map(|id| Measure { metric: Some(id), ..Measure::default() }));
            let dimension = |column: String| Dimension { column, ..Dimension::default() };
            let query = Query {
                dataset: def.dataset,
                dimensions: std::iter::once(def.time).chain(def.group).map(dimension).collect(),
                measures: measure.into_iter().chain(def.drivers.into_iter().map(|d| d.measure)).collect(),
                filter: def.filter,
                ..Query::default()
            };
            found.push(Asked { usage, query, sql: None });
        }
        for alert in self.list_alerts(caller, "").await? {
            let query = match alert.def.subject.metric() {
                Some(metric) => metrics.get(metric).map(|def| watched(&def.query, alert.def.for_each.as_ref())),
                None => alert.def.subject.query().cloned(),
            };
            let usage = usage(UsageKind::Alert, &alert.id, &alert.name, None);
            found.extend(query.map(|query| Asked { usage, query, sql: None }));
        }
        found.extend(self.select_datasets(caller, loaded).await?);
        let mut asked = Vec::new();
        for Asked { usage, query, sql } in found {
            let sql = match sql {
                Some(sql) => Some(sql),
                None => self.inline_sql(&query.dataset).await?,
            };
            let columns = match &sql {
                Some(sql) => self.columns_in_sql(loaded, sql).await?,
                None => self.columns_used(loaded, &query, &metrics).await?,
            };
            if let Some(columns) = columns {
                asked.push(Asked { usage: Usage { columns, ..usage }, query, sql });
            }
        }
        Ok(asked)
    }

    /// The dashboards that the caller may see, by name.
    async fn layouts(&self, caller: &Caller) -> Result<Vec<(DashboardLink, Layout)>> {
        let rights = self.rights(caller, ThingKind::Dashboard).await?;
        let rows = self.store.dashboards().await?;
        let published = self.published_among(&rows).await?;
        let seen = |row: DashboardRow| {
            let access = rights.of(&row.id, &row.owner_id, row.is_public)?;
            Some((as_listed(row, access, &published)?, access))
        };
        let mut rows: Vec<(DashboardRow, Access)> = rows.into_iter().filter_map(seen).collect();
        rows.sort_by(|(a, _), (b, _)| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let mut layouts = Vec::with_capacity(rows.len());
        for (row, access) in rows {
            let (layout, _) = self.layout_for(&row, access).await?;
            layouts.push((DashboardLink { id: row.id, slug: row.slug, name: row.name }, layout));
        }
        Ok(layouts)
    }

    /// The other datasets that are a SELECT.
    async fn select_datasets(&self, caller: &Caller, loaded: &Loaded) -> Result<Vec<Asked>> {
        let mut selects = Vec::new();
        for dataset in self.list_datasets(caller).await? {
            if dataset.origin != SQL_ORIGIN || dataset.id == loaded.row.id {
                continue;
            }
            let Some(stored) = self.stored_dataset(&dataset.id).await? else { continue };
            let Some(statement) = &stored.statement else { continue };
            let usage = usage(UsageKind::Dataset, &dataset.name, &dataset.label, None);
            selects.push(Asked { usage, query: Query::default(), sql: Some(statement.sql.clone()) });
        }
        Ok(selects)
    }

    /// The text of a SELECT without a name.
    async fn inline_sql(&self, dataset: &str) -> Result<Option<String>> {
        Ok(self.inline_row(dataset).await?.map(|(_, statement)| statement.sql))
    }

    /// The tiles that show a metric or ask with it, the metrics made of it, and the alerts that watch it.
    pub(super) async fn uses_of_metric(&self, caller: &Caller, id: &str) -> Result<Vec<Usage>> {
        let asks = |query: &Query| metrics_in(query).contains(id);
        let mut found = Vec::new();
        for (link, layout) in self.layouts(caller).await? {
            let shows = |tile: &&Tile| {
                tile.data_source.as_ref().is_some_and(|source| {
                    source.metric.as_deref() == Some(id) || source.query.as_ref().is_some_and(asks)
                })
            };
            let tiles = layout.widgets.iter().filter(shows);
            found.extend(tiles.map(|tile| usage(UsageKind::Tile, &tile.id, &tile.title, Some(&link))));
        }
        for metric in self.list_metrics(caller).await? {
            if metric.def.id != id && asks(&metric.def.query) {
                found.push(usage(UsageKind::Metric, &metric.def.id, &metric.def.name, None));
            }
        }
        for forecast in self.list_forecasts(caller, "").await? {
            if forecast.def.metric.as_deref() == Some(id) {
                found.push(usage(UsageKind::Forecast, &forecast.id, &forecast.name, None));
            }
        }
        for alert in self.list_alerts(caller, "").await? {
            if alert.def.subject.metric() == Some(id) || alert.def.subject.query().is_some_and(asks) {
                found.push(usage(UsageKind::Alert, &alert.id, &alert.name, None));
            }
        }
        Ok(found)
    }
}

/// What an alert asks that watches a metric for each value of a column.
fn watched(query: &Query, for_each: Option<&String>) -> Query {
    let mut query = query.clone();
    let dimension = |column: &String| Dimension { column: column.clone(), ..Dimension::default() };
    query.dimensions.extend(for_each.map(dimension));
    query
}

/// The questions of a dashboard, whatever they are about.
fn of_layout(
    loaded: &Loaded,
    layout: &Layout,
    metrics: &HashMap<String, MetricDef>,
    link: &DashboardLink,
) -> Vec<Asked> {
    let tile = |tile: &Tile| {
        let (query, sql) = question_of(loaded, tile, metrics)?;
        Some(Asked { usage: usage(UsageKind::Tile, &tile.id, &tile.title, Some(link)), query, sql })
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
        Asked { usage: usage(UsageKind::Filter, &control.id, title, Some(link)), query, sql: None }
    });
    tiles.chain(controls).collect()
}

/// The question of a tile, if it is about data, and the SELECT over which it is asked.
fn question_of(loaded: &Loaded, tile: &Tile, metrics: &HashMap<String, MetricDef>) -> Option<(Query, Option<String>)> {
    let kind = tile.chart_kind()?;
    let source = tile.data_source.as_ref()?;
    if let Some(metric) = &source.metric {
        return metrics.get(metric).map(|def| (def.query.clone(), None));
    }
    if let Some(sql) = &source.sql {
        return Some((source.query.clone().unwrap_or_default(), Some(sql.clone())));
    }
    if let Some(query) = &source.query {
        return Some((query.clone(), None));
    }
    let dataset = source.table.as_ref().filter(|table| is(loaded, table))?;
    Some((Query { dataset: dataset.clone(), ..short_form(loaded, kind, source, Grain::Month) }, None))
}
