//! Kinds of chart that administrators add.

use super::Result;
use domain::api::PluginUse;
use domain::plugin::ChartPlugin;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The plug-in charts, by name.
#[server]
pub async fn list_chart_plugins() -> Result<Vec<ChartPlugin>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_chart_plugins(&caller).await?)
}

/// The template of one as it was written.
#[server]
pub async fn chart_plugin_text(id: String) -> Result<String> {
    let (services, caller) = super::caller()?;
    Ok(services.chart_plugin_text(&caller, &id).await?)
}

/// Adds a kind of chart; with an `id`, puts the template in the place of that one.
#[server(input = Json)]
pub async fn save_chart_plugin(id: Option<String>, template: String) -> Result<ChartPlugin> {
    let (services, caller) = super::caller()?;
    match id {
        Some(id) => Ok(services.update_chart_plugin(&caller, &id, &template).await?),
        None => Ok(services.create_chart_plugin(&caller, &template).await?),
    }
}

/// Removes a kind of chart.
#[server]
pub async fn delete_chart_plugin(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_chart_plugin(&caller, &id).await?)
}

/// The tiles that use it.
#[server]
pub async fn chart_plugin_uses(id: String) -> Result<Vec<PluginUse>> {
    let (services, caller) = super::caller()?;
    Ok(services.chart_plugin_uses(&caller, &id).await?)
}
