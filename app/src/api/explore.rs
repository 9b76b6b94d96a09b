//! What Explore asks for besides answers.

use super::Result;
use domain::Tile;
use domain::model::JoinSuggestion;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The datasets that suit a dataset, and how they are joined, best first.
#[server]
pub async fn join_suggestions(dataset: String) -> Result<Vec<JoinSuggestion>> {
    let (services, caller) = super::caller()?;
    Ok(services.join_suggestions(&caller, &dataset).await?)
}

/// Puts a chart on a dashboard, or on a new one called `name` where `dashboard` is empty; returns
/// the dashboard's slug.
#[server(input = Json)]
pub async fn add_to_dashboard(dashboard: String, name: String, tile: Tile) -> Result<String> {
    let (services, caller) = super::caller()?;
    if dashboard.is_empty() {
        return Ok(services.create_dashboard_of(&caller, &name, tile).await?.slug);
    }
    Ok(services.add_tile(&caller, &dashboard, tile).await?.slug)
}
