//! Forecasts, and what would be if.

use super::Result;
use domain::api::{Job, TileData};
use domain::forecast::{
    ForecastDef, ForecastPatch, ForecastProposal, ForecastResult, ForecastTrack, NewForecast, NewScenario,
    SavedForecast, Scenario, ScenarioOf, TileWhatIf, WhatIf,
};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// What a forecast says, and how it is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    pub result: ForecastResult,
    /// The total, or the one there is.
    pub chart: TileData,
    /// By group.
    pub groups: Vec<(String, TileData)>,
}

/// A scenario with the pictures of its forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DrawnWhatIf {
    pub what_if: WhatIf,
    pub baseline: TileData,
    pub scenario: TileData,
}

#[cfg(feature = "ssr")]
fn drawn(services: &services::Services, result: ForecastResult, def: &ForecastDef) -> Drawn {
    let chart = services.forecast_chart(&result.forecast, &result.format, def.grain);
    let groups = result.groups.iter();
    let groups =
        groups.map(|g| (g.name.clone(), services.forecast_chart(&g.forecast, &result.format, def.grain))).collect();
    Drawn { result, chart, groups }
}

/// The forecasts the caller may see, by name.
#[server]
pub async fn list_forecasts() -> Result<Vec<SavedForecast>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_forecasts(&caller, "").await?)
}

/// One forecast.
#[server]
pub async fn get_forecast(id: String) -> Result<SavedForecast> {
    let (services, caller) = super::caller()?;
    Ok(services.get_forecast(&caller, &id).await?)
}

/// What a forecast says, drawn.
#[server]
pub async fn draw_forecast(id: String) -> Result<Drawn> {
    let (services, caller) = super::caller()?;
    let saved = services.get_forecast(&caller, &id).await?;
    let result = services.forecast_result(&caller, &id).await?;
    Ok(drawn(&services, result, &saved.def))
}

/// A forecast that is not kept, drawn.
#[server(input = Json)]
pub async fn preview_forecast(def: ForecastDef) -> Result<Drawn> {
    let (services, caller) = super::caller()?;
    let result = services.preview_forecast(&caller, def.clone()).await?;
    Ok(drawn(&services, result, &def))
}

/// What suggests itself.
#[server(input = Json)]
pub async fn propose_forecast(def: ForecastDef) -> Result<ForecastProposal> {
    let (services, caller) = super::caller()?;
    Ok(services.propose_forecast(&caller, def).await?)
}

/// Tries all models on what is about to be forecast.
#[server(input = Json)]
pub async fn try_forecast(def: ForecastDef) -> Result<Job> {
    let (services, caller) = super::caller()?;
    Ok(services.try_forecast(&caller, def).await?)
}

/// Tries all models for a forecast that is kept.
#[server]
pub async fn back_test_forecast(id: String) -> Result<Job> {
    let (services, caller) = super::caller()?;
    Ok(services.back_test_forecast(&caller, &id).await?)
}

/// Keeps a forecast.
#[server(input = Json)]
pub async fn create_forecast(new: NewForecast) -> Result<SavedForecast> {
    let (services, caller) = super::caller()?;
    Ok(services.create_forecast(&caller, new).await?)
}

/// Changes a forecast.
#[server(input = Json)]
pub async fn update_forecast(id: String, patch: ForecastPatch) -> Result<SavedForecast> {
    let (services, caller) = super::caller()?;
    Ok(services.update_forecast(&caller, &id, patch).await?)
}

/// Deletes a forecast.
#[server]
pub async fn delete_forecast(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_forecast(&caller, &id).await?)
}

/// How a forecast did as actual values arrived.
#[server]
pub async fn track_forecast(id: String) -> Result<ForecastTrack> {
    let (services, caller) = super::caller()?;
    Ok(services.forecast_track(&caller, &id).await?)
}

/// The scenarios of a dashboard or a forecast.
#[server]
pub async fn list_scenarios(of: ScenarioOf, id: String) -> Result<Vec<Scenario>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_scenarios(&caller, of, &id).await?)
}

/// Keeps a scenario.
#[server(input = Json)]
pub async fn create_scenario(of: ScenarioOf, id: String, new: NewScenario) -> Result<Scenario> {
    let (services, caller) = super::caller()?;
    Ok(services.create_scenario(&caller, of, &id, new).await?)
}

/// Deletes a scenario.
#[server]
pub async fn delete_scenario(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_scenario(&caller, &id).await?)
}

/// A forecast in a scenario, beside the one without.
#[server]
pub async fn draw_what_if(scenario: String, grain: Option<domain::query::Grain>) -> Result<DrawnWhatIf> {
    let (services, caller) = super::caller()?;
    let what_if = services.forecast_what_if(&caller, &scenario).await?;
    let format = domain::format::Format::default();
    Ok(DrawnWhatIf {
        baseline: services.forecast_chart(&what_if.baseline, &format, grain),
        scenario: services.forecast_chart(&what_if.scenario, &format, grain),
        what_if,
    })
}

/// A dashboard whose tiles are looked at in scenarios.
#[server]
pub async fn board_to_vary(slug: String) -> Result<domain::Dashboard> {
    let (services, caller) = super::caller()?;
    Ok(services.get_dashboard(&caller, &slug).await?)
}

/// A tile in a scenario of its dashboard.
#[server]
pub async fn tile_in_scenario(scenario: String, tile: String) -> Result<TileWhatIf> {
    let (services, caller) = super::caller()?;
    Ok(services.tile_what_if(&caller, &scenario, &tile).await?)
}
