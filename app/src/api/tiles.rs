//! What the editor of a tile and the filter bar ask for.

use super::Result;
use domain::api::TileData;
use domain::plugin::ChartPlugin;
use domain::query::Grain;
use domain::{Cell, ChartKind, Column, Dataset, Tile};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A metric that a number tile can show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricChoice {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// The dataset whose questions it can be part of: it is a single aggregate.
    #[serde(default)]
    pub dataset: Option<String>,
}

/// What a tile can show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sources {
    pub datasets: Vec<Dataset>,
    pub metrics: Vec<MetricChoice>,
    /// Kinds of chart that administrators added.
    pub plugins: Vec<ChartPlugin>,
    /// Other words for columns, by dataset and column.
    #[serde(default)]
    pub synonyms: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Sources {
    /// The plug-in that a kind of chart is.
    pub fn plugin(&self, kind: ChartKind) -> Option<&ChartPlugin> {
        self.plugins.iter().find(|p| p.kind() == Some(kind))
    }
}

/// The datasets and metrics the caller may see.
#[server]
pub async fn tile_sources() -> Result<Sources> {
    let (services, caller) = super::caller()?;
    let datasets = services.list_datasets(&caller).await?;
    let metrics = services.list_metrics(&caller).await?;
    let choice = |m: domain::metric::Metric| MetricChoice {
        dataset: m.def.query.is_one_aggregate().then(|| m.def.query.dataset.clone()),
        id: m.def.id,
        name: m.def.name,
        description: m.def.description,
    };
    let metrics = metrics.into_iter().map(choice).collect();
    let plugins = services.list_chart_plugins(&caller).await?;
    let synonyms = services.synonyms_of(&datasets).await?;
    Ok(Sources { datasets, metrics, plugins, synonyms })
}

/// The grain that suits each time column of a dataset.
#[server]
pub async fn time_grains(dataset: String) -> Result<BTreeMap<String, Grain>> {
    let (services, caller) = super::caller()?;
    Ok(services.time_grains(&caller, &dataset).await?)
}

/// What a tile in the making would show.
#[server(input = Json)]
pub async fn preview_tile(tile: Tile) -> Result<TileData> {
    let (services, caller) = super::caller()?;
    Ok(services.preview_tile(&caller, &tile).await?)
}

/// Values of a column with their counts, most frequent first; those of a filter of `dashboard` for
/// everyone who may see it.
#[server]
pub async fn filter_values(
    dashboard: String,
    dataset: String,
    column: String,
    search: String,
) -> Result<Vec<(Cell, u64)>> {
    let (services, caller) = super::caller_at(&dashboard).await?;
    let request = domain::api::ValuesRequest { search, limit: Some(100) };
    Ok(services.filter_values(&caller, &dashboard, &dataset, &column, &request).await?)
}

/// The columns that filters are about, in their order: pairs of dataset and column.
#[server(input = Json)]
pub async fn filter_columns(dashboard: String, wanted: Vec<(String, String)>) -> Result<Vec<Option<Column>>> {
    let (services, caller) = super::caller_at(&dashboard).await?;
    Ok(services.filter_columns(&caller, &dashboard, &wanted).await?)
}
