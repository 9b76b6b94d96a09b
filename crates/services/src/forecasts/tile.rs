//! A forecast as a table: for tiles, exports and the page.

use super::def_of;
use crate::Services;
use crate::policies::Reader;
use domain::api::TileData;
use domain::chart::ChartSpec;
use domain::dashboard::DataSource;
use domain::forecast::{Forecast, ForecastResult};
use domain::format::Format;
use domain::query::Grain;
use domain::{Caller, Cell, ChartKind, DataType, Error, ErrorCode, Field, Result, Role, Table, Tile};
use engine::Answer;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::ForecastRow;

impl Services {
    /// What a tile of a forecast shows, of the rows that its reader sees.
    pub(crate) async fn forecast_tile(
        &self,
        caller: &Caller,
        tile: &Tile,
        id: &str,
        source: &DataSource,
    ) -> Result<TileData> {
        self.forecast_data(&Reader::of(caller), tile, id, source).await
    }

    /// The same with anybody's eyes, for pictures of whole dashboards too.
    pub(crate) async fn forecast_data(
        &self,
        reader: &Reader,
        tile: &Tile,
        id: &str,
        source: &DataSource,
    ) -> Result<TileData> {
        let row = self.forecast_of_tile(id).await?;
        let began = std::time::Instant::now();
        let result = self.result_for(&row, reader).await?;
        let kind = tile.chart_kind().unwrap_or(ChartKind::Line);
        let dataset = self.stored_dataset(&row.dataset_id).await?;
        let table = table_of(&result.forecast, &result.format, def_of(&row)?.grain);
        Ok(TileData {
            spec: ChartSpec::new(kind, source.encodings.clone(), source.options.clone()),
            query: None,
            table,
            reading: None,
            elapsed_ms: began.elapsed().as_secs_f64() * 1_000.0,
            cached: true,
            version: dataset.and_then(|d| u64::try_from(d.row.version).ok()).unwrap_or_default(),
            ignored_filters: Vec::new(),
            sql: None,
            marks: Vec::new(),
        })
    }

    /// A forecast as it is drawn.
    pub fn forecast_chart(&self, forecast: &Forecast, format: &Format, grain: Option<Grain>) -> TileData {
        TileData {
            spec: ChartSpec::new(ChartKind::Line, Default::default(), Default::default()),
            query: None,
            table: table_of(forecast, format, grain),
            reading: None,
            elapsed_ms: 0.0,
            cached: true,
            version: 0,
            ignored_filters: Vec::new(),
            sql: None,
            marks: Vec::new(),
        }
    }

    /// The forecast of a tile; whether somebody sees the tile was decided by its dashboard.
    async fn forecast_of_tile(&self, id: &str) -> Result<ForecastRow> {
        let gone = || {
            Error::new(ErrorCode::NotFound, "The forecast of this tile is gone.")
                .hint("Edit the tile and pick another.")
        };
        self.store.forecast(id).await?.ok_or_else(gone)
    }

    /// The topic after whose news a tile of a forecast of pushed values asks again.
    pub(crate) async fn topics_of_forecast(&self, id: &str) -> Result<Vec<String>> {
        let row = self.forecast_of_tile(id).await?;
        Ok(def_of(&row)?.metric.iter().map(|metric| crate::metrics::topic(metric)).collect())
    }

    /// The dataset that a tile of a forecast reads, by id; empty for one that reads none.
    pub(crate) async fn dataset_of_forecast(&self, id: &str) -> Result<String> {
        Ok(self.store.forecast(id).await?.map(|row| row.dataset_id).unwrap_or_default())
    }

    /// What stands for the rows of a forecast in the digest of a picture.
    pub(crate) async fn forecast_tag(&self, id: &str) -> Result<String> {
        let Some(row) = self.store.forecast(id).await? else { return Ok(String::new()) };
        let version = self.stored_dataset(&row.dataset_id).await?.map(|d| d.row.version).unwrap_or_default();
        Ok(format!("{id}:{}:{version}:{}", row.updated_at, row.champion))
    }

    /// The values of a forecast as rows: past and future, with those of its groups.
    ///
    /// # Errors
    /// It is not visible, or cannot be made.
    pub async fn forecast_values(&self, caller: &Caller, id: &str) -> Result<Arc<Answer>> {
        let (row, _) = self.forecast_for(caller, id).await?;
        let result = self.result_for(&row, &Reader::of(caller)).await?;
        Ok(Arc::new(Answer::plain(values_of(&result, def_of(&row)?.grain))))
    }
}

/// The total, or the one forecast there is, as a chart draws it.
pub(super) fn table_of(forecast: &Forecast, format: &Format, grain: Option<Grain>) -> Table {
    let odd: BTreeMap<&str, f64> = forecast.anomalies.iter().map(|a| (a.ds.as_str(), a.y)).collect();
    let is_date = forecast.forecast.first().is_none_or(|p| p.ds.len() == 10);
    let ty = if is_date { DataType::Date } else { DataType::Timestamp };
    let ds = Field { name: "ds".into(), label: "Date".into(), ty, role: Role::Time, format: None, grain };
    let number = |name: &str, label: &str| Field {
        name: name.into(),
        label: label.into(),
        ty: DataType::Float,
        role: Role::Measure,
        format: Some(format.clone()),
        grain: None,
    };
    let mut table = Table {
        columns: vec![
            ds,
            number("y", "Actual"),
            number("fitted", "Fitted"),
            number("yhat", "Forecast"),
            number("lo80", "80 % from"),
            number("hi80", "80 % to"),
            number("lo95", "95 % from"),
            number("hi95", "95 % to"),
            number("anomaly", "Anomaly"),
        ],
        data: vec![Vec::new(); 9],
        truncated: false,
    };
    let cell = |value: Option<f64>| value.filter(|v| v.is_finite()).map_or(Cell::Null, Cell::Float);
    let mut push = |ds: &str, values: [Option<f64>; 8]| {
        let cells = std::iter::once(Cell::Text(ds.to_owned())).chain(values.map(cell));
        table.data.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
    };
    for past in &forecast.history {
        push(&past.ds, [past.y, past.fitted, None, None, None, None, None, odd.get(past.ds.as_str()).copied()]);
    }
    for p in &forecast.forecast {
        let bands = [p.yhat, p.lo80, p.hi80, p.lo95, p.hi95].map(Some);
        push(&p.ds, [None, None, bands[0], bands[1], bands[2], bands[3], bands[4], None]);
    }
    table
}

/// With a column for the group, where there are groups; the total has none.
fn values_of(result: &ForecastResult, grain: Option<Grain>) -> Table {
    let mut table = table_of(&result.forecast, &result.format, grain);
    if result.groups.is_empty() {
        return table;
    }
    let mut names = vec![Cell::Null; table.row_count()];
    for group in &result.groups {
        let own = table_of(&group.forecast, &result.format, grain);
        names.extend(std::iter::repeat_n(Cell::Text(group.name.clone()), own.row_count()));
        table.data.iter_mut().zip(own.data).for_each(|(all, own)| all.extend(own));
    }
    let group = Field {
        name: "group".into(),
        label: "Group".into(),
        ty: DataType::Text,
        role: Role::Dimension,
        format: None,
        grain: None,
    };
    table.columns.insert(1, group);
    table.data.insert(1, names);
    table
}
