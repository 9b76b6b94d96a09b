//! What a tile shows. The browser names the tile and filter values; the question itself stays on
//! the server, so that who may look at a dashboard cannot ask anything else.

use crate::catalog::Loaded;
use crate::lineage::{first_time, short_form};
use crate::{Services, clock};
use domain::api::TileData;
use domain::chart::ChartSpec;
use domain::dashboard::{DataSource, Layout, Tile};
use domain::query::{Filter, Grain};
use domain::table::{Cell, Table};
use domain::{Caller, ChartKind, Column, Error, ErrorCode, Result, UserRole};
use std::collections::HashSet;
use std::sync::Arc;

/// Rows a table tile gets at once.
const TABLE_ROWS: u64 = 1_000;

impl Services {
    /// The data of a tile, under the filters of the page.
    ///
    /// # Errors
    /// The dashboard or the tile is not visible, its question does not work any more, or a filter
    /// asks about a column that the dashboard does not show.
    pub async fn tile_data(
        &self,
        caller: &Caller,
        dashboard: &str,
        tile: &str,
        filters: &[Filter],
    ) -> Result<TileData> {
        let (row, _) = self.dashboard_for(caller, dashboard).await?;
        let layout = self.read_document(&row.id, |document, _| document.layout()).await?;
        let found = layout.widgets.iter().find(|t| t.id == tile).ok_or_else(|| Error::not_found("tile"))?;
        self.store.touch_generated(&row.id, clock::now_ms()).await?;
        let source = found.data_source.clone().unwrap_or_default();
        if let Some(metric) = &source.metric {
            let ignored_filters = columns_of(filters).into_iter().map(str::to_owned).collect();
            return Ok(TileData { ignored_filters, ..self.metric_tile(found, metric, &source).await? });
        }
        let dataset = source.query.as_ref().map(|q| q.dataset.clone()).or_else(|| source.table.clone());
        let Some(dataset) = dataset.filter(|d| !d.is_empty()) else {
            return Err(Error::invalid("This tile has no data yet.").hint("Edit it and pick a dataset."));
        };
        let gone = || {
            Error::new(ErrorCode::NotFound, "The dataset of this tile is gone.")
                .hint("Edit the tile and pick another dataset, or remove the tile.")
        };
        let loaded = self.load_dataset(&dataset).await?.ok_or_else(gone)?;
        let kind = found.chart_kind().ok_or_else(|| Error::invalid("This tile shows no data."))?;
        let mut query = match source.query.clone() {
            Some(query) => query,
            None => {
                let grain = match first_time(&loaded, &source).filter(|_| kind != ChartKind::Table) {
                    Some(time) => self.grain_for(&loaded, time).await,
                    None => Grain::Month,
                };
                short_form(&loaded, kind, &source, grain)
            }
        };
        query.dataset.clone_from(&loaded.row.id);
        if kind == ChartKind::Table && query.limit.is_none() {
            query.limit = Some(TABLE_ROWS);
        }
        let shown = shown_columns(&layout);
        let (fitting, ignored) = split_filters(filters, &loaded.columns);
        for column in columns_of(&fitting) {
            // Filtering by a column that is not on the page would answer questions about it.
            if !shown.contains(column) && caller.role < UserRole::Explorer {
                return Err(Error::forbidden(format!("This dashboard has no filter for `{column}`.")).field("f"));
            }
            if !shown.contains(column) {
                self.dataset_for(caller, &loaded.row.id).await?;
            }
        }
        for filter in fitting {
            query.filter = Filter::both(query.filter.take(), Some(filter));
        }
        let (answer, cached) = self.answer(&loaded, &query, false).await?;
        query.dataset.clone_from(&loaded.row.name);
        Ok(TileData {
            spec: ChartSpec { kind, encodings: source.encodings, options: source.options },
            query: Some(query),
            table: answer.table.clone(),
            reading: None,
            elapsed_ms: answer.elapsed.as_secs_f64() * 1_000.0,
            cached,
            version: u64::try_from(loaded.row.version).unwrap_or_default(),
            ignored_filters: ignored,
            sql: None,
        })
    }

    async fn metric_tile(&self, tile: &Tile, metric: &str, source: &DataSource) -> Result<TileData> {
        let reading = self.reading_of(metric).await?;
        Ok(TileData {
            spec: ChartSpec {
                kind: tile.chart_kind().unwrap_or(ChartKind::Number),
                encodings: source.encodings.clone(),
                options: source.options.clone(),
            },
            query: None,
            table: Table::default(),
            reading: Some(reading),
            elapsed_ms: 0.0,
            cached: true,
            version: 0,
            ignored_filters: Vec::new(),
            sql: None,
        })
    }

    /// The dataset whose versions a tile follows, or the metric.
    ///
    /// # Errors
    /// The dashboard or the tile is not visible.
    pub async fn tile_topic(&self, caller: &Caller, dashboard: &str, tile: &str) -> Result<Option<String>> {
        let (row, _) = self.dashboard_for(caller, dashboard).await?;
        let tiles = self.read_document(&row.id, |document, _| document.tiles()).await?;
        let source = tiles.get(tile).ok_or_else(|| Error::not_found("tile"))?.data_source.clone().unwrap_or_default();
        if let Some(metric) = source.metric {
            return Ok(Some(crate::metrics::topic(&metric)));
        }
        let Some(dataset) = source.query.map(|q| q.dataset).or(source.table) else { return Ok(None) };
        Ok(self.load_dataset(&dataset).await?.map(|loaded| crate::datasets::topic(&loaded.row.id)))
    }

    /// The answer to a question that a tile in the making would ask, for the live preview.
    ///
    /// # Errors
    /// As [`Services::run_query`].
    pub async fn preview_tile(&self, caller: &Caller, tile: &Tile) -> Result<TileData> {
        let source = tile.data_source.clone().unwrap_or_default();
        if let Some(metric) = &source.metric {
            self.metric_for(caller, metric).await?;
            return self.metric_tile(tile, metric, &source).await;
        }
        let query = source.query.clone().ok_or_else(|| Error::invalid("Pick a dataset and a field first."))?;
        let (answer, cached) = self.run_query(caller, &query, false).await?;
        Ok(TileData {
            spec: ChartSpec {
                kind: tile.chart_kind().unwrap_or(ChartKind::Table),
                encodings: source.encodings,
                options: source.options,
            },
            query: Some(query),
            table: answer.table.clone(),
            reading: None,
            elapsed_ms: answer.elapsed.as_secs_f64() * 1_000.0,
            cached,
            version: 0,
            ignored_filters: Vec::new(),
            sql: self.shows_sql(caller).then(|| answer.sql.clone()),
        })
    }

    /// The grain that gives a chart of this column between about 10 and 100 points.
    pub(crate) async fn grain_for(&self, loaded: &Arc<Loaded>, column: &str) -> Grain {
        let Ok(profile) = self.profile_of(loaded).await else { return Grain::Month };
        let Some(column) = profile.columns.iter().find(|c| c.name == column) else { return Grain::Month };
        match (day_number(&column.min), day_number(&column.max)) {
            (Some(first), Some(last)) => match last - first {
                0..=2 => Grain::Hour,
                3..=92 => Grain::Day,
                93..=400 => Grain::Week,
                401..=3_660 => Grain::Month,
                _ => Grain::Year,
            },
            _ => Grain::Month,
        }
    }
}

fn day_number(cell: &Cell) -> Option<i64> {
    let date: jiff::civil::Date = cell.as_str()?.get(..10)?.parse().ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(i64::from(epoch.until(date).ok()?.get_days()))
}

/// Columns that the dashboard shows or filters by already.
fn shown_columns(layout: &Layout) -> HashSet<String> {
    let mut shown: HashSet<String> = layout.filters.iter().map(|f| f.column.clone()).collect();
    for source in layout.widgets.iter().filter_map(|t| t.data_source.as_ref()) {
        shown.extend(source.columns.iter().cloned());
        if let Some(query) = &source.query {
            shown.extend(query.dimensions.iter().map(|d| d.column.clone()));
            shown.extend(query.columns.iter().cloned());
        }
    }
    shown
}

/// Filters that the dataset has the columns for, and the columns of the others.
fn split_filters(filters: &[Filter], columns: &[Column]) -> (Vec<Filter>, Vec<String>) {
    let (mut fitting, mut ignored) = (Vec::new(), Vec::new());
    for filter in filters {
        let names = columns_of(std::slice::from_ref(filter));
        match names.iter().find(|name| !columns.iter().any(|c| c.name == **name)) {
            Some(missing) => ignored.push((*missing).to_owned()),
            None => fitting.push(filter.clone()),
        }
    }
    (fitting, ignored)
}

fn columns_of(filters: &[Filter]) -> Vec<&str> {
    let mut names = Vec::new();
    for filter in filters {
        filter.each(&mut |condition| names.push(condition.column.as_str()));
    }
    names
}
