//! Alerts: seen, made, tried, changed.

use super::Result;
use domain::alert::{Alert, AlertEvent, AlertPatch, AlertTest, Backtest, NewAlert, Subject};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// Something with an id and what people call it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Named {
    pub id: String,
    pub name: String,
}

/// What an alert can be about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watchable {
    pub metrics: Vec<Named>,
    /// By slug.
    pub dashboards: Vec<Named>,
}

/// Whom an alert can tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct People {
    /// The caller.
    pub me: String,
    /// Recipients as text, with their names.
    pub known: Vec<Named>,
}

/// The alerts the caller may see.
#[server]
pub async fn list_alerts() -> Result<Vec<Alert>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_alerts(&caller, "").await?)
}

/// One alert with what happened to it, newest first.
#[server]
pub async fn get_alert(id: String) -> Result<(Alert, Vec<AlertEvent>)> {
    let (services, caller) = super::caller()?;
    let alert = services.get_alert(&caller, &id).await?;
    Ok((alert, services.alert_events(&caller, &id).await?))
}

/// What an alert can be about.
#[server]
pub async fn what_to_watch() -> Result<Watchable> {
    let (services, caller) = super::caller()?;
    let metrics = services.list_metrics(&caller).await?;
    let dashboards = services.list_dashboards(&caller, "").await?;
    Ok(Watchable {
        metrics: metrics.into_iter().map(|m| Named { id: m.def.id, name: m.def.name }).collect(),
        dashboards: dashboards.into_iter().map(|d| Named { id: d.slug, name: d.name }).collect(),
    })
}

/// The tiles of a dashboard that show data.
#[server]
pub async fn tiles_to_watch(dashboard: String) -> Result<Vec<Named>> {
    let (services, caller) = super::caller()?;
    let dashboard = services.get_dashboard(&caller, &dashboard).await?;
    let shows = |tile: &domain::Tile| tile.data_source.is_some();
    let tiles = dashboard.layout.widgets.into_iter().filter(shows);
    Ok(tiles
        .map(|t| Named { id: t.id, name: if t.title.is_empty() { "Without a title".into() } else { t.title } })
        .collect())
}

/// The columns for whose values an alert can be told apart: those of a metric's dataset, those that a tile
/// shows.
#[server(input = Json)]
pub async fn alert_dimensions(subject: Subject) -> Result<Vec<Named>> {
    let (services, caller) = super::caller()?;
    let (query, is_metric) = match subject {
        Subject::Metric { id } => (services.get_metric(&caller, &id).await?.def.query, true),
        Subject::Query { query } => (*query, false),
        // It is watched as a whole.
        Subject::Forecast { .. } => return Ok(Vec::new()),
        Subject::Tile { dashboard, tile, .. } => {
            let mut tiles = services.get_dashboard(&caller, &dashboard).await?.layout.widgets.into_iter();
            let source = tiles.find(|t| t.id == tile).and_then(|t| t.data_source);
            (source.and_then(|s| s.query).unwrap_or_default(), false)
        }
    };
    if query.dataset.is_empty() || (is_metric && !query.is_one_aggregate()) {
        return Ok(Vec::new());
    }
    if !is_metric {
        let columns = query.dimensions.into_iter().filter(|d| d.grain.is_none()).map(|d| d.column);
        return Ok(columns.map(|c| Named { name: domain::names::to_label(&c), id: c }).collect());
    }
    let columns = services.get_dataset(&caller, &query.dataset).await?.columns;
    let dimensions = columns.into_iter().filter(|c| c.role == domain::Role::Dimension);
    Ok(dimensions.map(|c| Named { id: c.name, name: c.label }).collect())
}

/// Whom an alert can tell.
#[server]
pub async fn alert_people() -> Result<People> {
    let (services, caller) = super::caller()?;
    let users = services.list_users(&caller).await?.into_iter().filter(|u| u.is_active);
    let users = users.map(|u| {
        let name = if u.id == caller.user_id { format!("{} (you)", u.name) } else { u.name };
        Named { id: domain::notify::Recipient::User { id: u.id }.to_string(), name }
    });
    let channels = services.list_channels(&caller).await?.into_iter();
    let channels =
        channels.map(|c| Named { id: domain::notify::Recipient::Channel { id: c.id }.to_string(), name: c.name });
    let known = users.chain(channels).collect();
    Ok(People { me: domain::notify::Recipient::User { id: caller.user_id }.to_string(), known })
}

/// When a rule would have fired.
#[server(input = Json)]
pub async fn backtest_alert(new: NewAlert) -> Result<Backtest> {
    let (services, caller) = super::caller()?;
    Ok(services.backtest_alert(&caller, new).await?)
}

/// Makes an alert.
#[server(input = Json)]
pub async fn create_alert(new: NewAlert) -> Result<Alert> {
    let (services, caller) = super::caller()?;
    Ok(services.create_alert(&caller, new).await?)
}

/// Changes an alert.
#[server(input = Json)]
pub async fn update_alert(id: String, patch: AlertPatch) -> Result<Alert> {
    let (services, caller) = super::caller()?;
    Ok(services.update_alert(&caller, &id, patch).await?)
}

/// Deletes an alert with its history.
#[server]
pub async fn delete_alert(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_alert(&caller, &id).await?)
}

/// Says that somebody knows.
#[server]
pub async fn acknowledge_alert(id: String) -> Result<Alert> {
    let (services, caller) = super::caller()?;
    Ok(services.acknowledge_alert(&caller, &id).await?)
}

/// Tells nobody until then (RFC 3339); at once again without a time.
#[server]
pub async fn snooze_alert(id: String, until: Option<String>) -> Result<Alert> {
    let (services, caller) = super::caller()?;
    Ok(services.snooze_alert(&caller, &id, until.as_deref()).await?)
}

/// Stops checking an alert, or begins again.
#[server]
pub async fn pause_alert(id: String, paused: bool) -> Result<Alert> {
    let (services, caller) = super::caller()?;
    Ok(services.pause_alert(&caller, &id, paused).await?)
}

/// Checks an alert now.
#[server]
pub async fn check_alert(id: String) -> Result<Alert> {
    let (services, caller) = super::caller()?;
    Ok(services.check_alert_now(&caller, &id).await?)
}

/// Sends a trial message to the caller.
#[server]
pub async fn test_alert(id: String) -> Result<AlertTest> {
    let (services, caller) = super::caller()?;
    Ok(services.test_alert(&caller, &id, Some("me")).await?)
}
