//! What a tile shows. The browser names the tile, filter values and steps into its detail; the
//! question itself stays on the server, so that who may look at a dashboard cannot ask anything else.

mod cubes;
mod names;
mod provenance;
mod question;
mod rows;
mod steps;
mod why;

use crate::access::may_see_sql;
use crate::catalog::Loaded;
use crate::policies::Reader;
use crate::{Services, clock};
use domain::api::TileData;
use domain::chart::ChartSpec;
use domain::connect::TileAsk;
use domain::dashboard::{DataSource, Layout, Tile};
use domain::query::Grain;
use domain::table::{Cell, Table};
use domain::{Access, Caller, ChartKind, DataType, Error, ErrorCode, Result};
pub(crate) use names::columns_of;
use question::Question;
use std::sync::Arc;
use store::DashboardRow;

/// A dashboard with one of its tiles.
pub(crate) struct Place {
    pub(crate) layout: Layout,
    pub(crate) tile: Tile,
}

impl Place {
    pub(crate) fn in_layout(layout: Layout, tile: &str) -> Result<Self> {
        let found = layout.widgets.iter().find(|t| t.id == tile).cloned().ok_or_else(|| Error::not_found("tile"))?;
        Ok(Self { layout, tile: found })
    }
}

impl Services {
    /// The data of a tile, under what the page asks of it.
    ///
    /// # Errors
    /// The dashboard or the tile is not visible, its question does not work any more, or the page
    /// asks about a column that the dashboard does not show.
    pub async fn tile_data(&self, caller: &Caller, dashboard: &str, tile: &str, ask: &TileAsk) -> Result<TileData> {
        let (row, access) = self.dashboard_for(caller, dashboard).await?;
        let place = self.place_of(&row, access, tile).await?;
        self.store.touch_generated(&row.id, clock::now_ms()).await?;
        self.data_at(caller, &row, place, ask).await
    }

    /// The data of a tile whose right has been decided.
    pub(crate) async fn data_at(
        &self,
        caller: &Caller,
        row: &DashboardRow,
        place: Place,
        ask: &TileAsk,
    ) -> Result<TileData> {
        let source = place.tile.data_source.clone().unwrap_or_default();
        if let Some(metric) = &source.metric {
            let names = ask.filters.iter().flat_map(|f| names::columns_of(&f.filter)).map(str::to_owned);
            let ignored_filters = names.collect();
            return Ok(TileData { ignored_filters, ..self.metric_tile(caller, &place.tile, metric, &source).await? });
        }
        if let Some(forecast) = &source.forecast {
            let names = ask.filters.iter().flat_map(|f| names::columns_of(&f.filter)).map(str::to_owned);
            let ignored_filters = names.collect();
            return Ok(TileData {
                ignored_filters,
                ..self.forecast_tile(caller, &place.tile, forecast, &source).await?
            });
        }
        let mut asked = self.question_of(caller, &place.layout, &place.tile, ask).await?;
        asked.prepare();
        let (table, elapsed_ms, cached) = match self.answer_by_cube(caller, &asked).await {
            Ok(Some((table, elapsed_ms))) => (table, elapsed_ms, true),
            // A cube that cannot be made, or is too large, is no reason not to answer.
            _ => {
                // How old an answer may be where its source cannot tell is the dashboard's to say.
                let loaded = asked.loaded.aged(row.cache_duration);
                let (answer, cached) = self.answer_in_turn(caller, &loaded, &asked.query).await?;
                (answer.table.clone(), answer.elapsed.as_secs_f64() * 1_000.0, cached)
            }
        };
        let Question { loaded, mut query, spec, ignored, .. } = asked;
        let marks = self.marks_on(caller, &loaded, &query).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the marks of detectors could not be found");
            Vec::new()
        });
        query.dataset.clone_from(&loaded.row.name);
        // They belong to how the tile shows it, not to what it asks.
        query.subtotals.clear();
        Ok(TileData {
            spec,
            query: Some(query),
            table,
            reading: None,
            elapsed_ms,
            cached,
            version: u64::try_from(loaded.row.version).unwrap_or_default(),
            ignored_filters: ignored,
            sql: None,
            marks,
        })
    }

    /// A tile of a dashboard whose right has been decided.
    pub(crate) async fn place_of(&self, row: &DashboardRow, access: Access, tile: &str) -> Result<Place> {
        Place::in_layout(self.layout_for(row, access).await?.0, tile)
    }

    /// The question of a tile for those parts of the page that look behind it.
    pub(crate) async fn question_at(
        &self,
        caller: &Caller,
        dashboard: &str,
        tile: &str,
        ask: &TileAsk,
    ) -> Result<Question> {
        let (row, access) = self.dashboard_for(caller, dashboard).await?;
        let place = self.place_of(&row, access, tile).await?;
        if place.tile.data_source.as_ref().is_some_and(|s| s.metric.is_some()) {
            return Err(Error::new(ErrorCode::NotSupported, "A metric is one number, with nothing behind it here.")
                .hint("Open the metric to see its question and its history."));
        }
        if place.tile.data_source.as_ref().is_some_and(|s| s.forecast.is_some()) {
            return Err(Error::new(
                ErrorCode::NotSupported,
                "A forecast is made of sums over time, with no rows behind it here.",
            )
            .hint("Open the forecast to see what it is made of."));
        }
        self.question_of(caller, &place.layout, &place.tile, ask).await
    }

    async fn metric_tile(&self, caller: &Caller, tile: &Tile, metric: &str, source: &DataSource) -> Result<TileData> {
        let reading = self.reading_of(caller, metric).await?;
        let kind = tile.chart_kind().unwrap_or(ChartKind::Number);
        Ok(TileData {
            spec: ChartSpec::new(kind, source.encodings.clone(), source.options.clone()),
            query: None,
            table: Table::default(),
            reading: Some(reading),
            elapsed_ms: 0.0,
            cached: true,
            version: 0,
            ignored_filters: Vec::new(),
            sql: None,
            marks: Vec::new(),
        })
    }

    /// The answer to a question that a tile in the making would ask, for the live preview.
    ///
    /// # Errors
    /// As [`Services::run_query`].
    pub async fn preview_tile(&self, caller: &Caller, tile: &Tile) -> Result<TileData> {
        let source = tile.data_source.clone().unwrap_or_default();
        if let Some(metric) = &source.metric {
            self.metric_for(caller, metric).await?;
            return self.metric_tile(caller, tile, metric, &source).await;
        }
        if let Some(forecast) = &source.forecast {
            self.forecast_for(caller, forecast).await?;
            return self.forecast_tile(caller, tile, forecast, &source).await;
        }
        if let Some(sql) = &source.sql {
            let loaded = self.statement_for(caller, sql).await?;
            let (query, kind) = Self::question_over_sql(tile, &source, &loaded)?;
            let (answer, cached) = self.answer(&loaded, &query, false).await?;
            return Ok(TileData {
                spec: self.chart_of(kind, source).await,
                query: Some(query),
                table: answer.table.clone(),
                reading: None,
                elapsed_ms: answer.elapsed.as_secs_f64() * 1_000.0,
                cached,
                version: 0,
                ignored_filters: Vec::new(),
                sql: answer.shown_sql(may_see_sql(caller)),
                marks: Vec::new(),
            });
        }
        let query = source.query.clone().ok_or_else(|| Error::invalid("Pick a dataset and a field first."))?;
        let spec = self.chart_of(tile.chart_kind().unwrap_or(ChartKind::Table), source).await;
        let loaded = self.load_dataset(&query.dataset, &Reader::of(caller)).await?;
        let column = |name: &str| loaded.as_ref().and_then(|l| l.column(name));
        let asked = charts::prepare(&spec, &query, &|name| column(name).is_some_and(|c| c.ty.is_number()));
        let (answer, cached) = self.run_query(caller, &asked, false).await?;
        Ok(TileData {
            spec,
            query: Some(query),
            table: answer.table.clone(),
            reading: None,
            elapsed_ms: answer.elapsed.as_secs_f64() * 1_000.0,
            cached,
            version: 0,
            ignored_filters: Vec::new(),
            sql: answer.shown_sql(self.shows_sql(caller)),
            marks: Vec::new(),
        })
    }

    /// The grain that gives a chart of this column between about 10 and 100 points.
    pub(crate) async fn grain_for(&self, loaded: &Arc<Loaded>, column: &str) -> Grain {
        let Ok(profile) = self.profile_of(loaded).await else { return Grain::Month };
        let Some(known) = profile.columns.iter().find(|c| c.name == column) else { return Grain::Month };
        let has_hours = loaded.column(column).is_some_and(|c| c.ty != DataType::Date);
        match (day_number(&known.min), day_number(&known.max)) {
            (Some(first), Some(last)) => grain_of_days(last - first, has_hours),
            _ => Grain::Month,
        }
    }
}

/// The grain for a span of so many days; dates without a time of day have no hours.
fn grain_of_days(days: i64, has_hours: bool) -> Grain {
    match days {
        0..=2 if has_hours => Grain::Hour,
        0..=92 => Grain::Day,
        93..=400 => Grain::Week,
        401..=3_660 => Grain::Month,
        _ => Grain::Year,
    }
}

fn day_number(cell: &Cell) -> Option<i64> {
    let date: jiff::civil::Date = cell.as_str()?.get(..10)?.parse().ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(i64::from(epoch.until(date).ok()?.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_no_hours() {
        assert_eq!(grain_of_days(1, true), Grain::Hour);
        assert_eq!(grain_of_days(1, false), Grain::Day);
        assert_eq!(grain_of_days(92, true), Grain::Day);
        assert_eq!(grain_of_days(93, false), Grain::Week);
        assert_eq!(grain_of_days(3_661, false), Grain::Year);
    }
}
