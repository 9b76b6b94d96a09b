//! One dashboard: its document, its tiles' data, and what its header offers.

use super::Result;
use domain::Dashboard;
use domain::api::TileData;
use domain::connect::TileAsk;
use domain::document::Opened;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the page of a dashboard starts from. The layout is in the document, not in `about`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardPage {
    pub about: Dashboard,
    /// Without the steps to undo: they come over the socket.
    pub opened: Opened,
}

/// A dashboard by slug or id, with its document.
#[server]
pub async fn open_document(id: String) -> Result<BoardPage> {
    let (services, caller) = super::caller()?;
    let mut about = services.get_dashboard(&caller, &id).await?;
    let opened = services.open_document(&caller, &about.id).await?;
    about.layout = domain::dashboard::Layout::default();
    Ok(BoardPage { about, opened: Opened { undo: Vec::new(), redo: Vec::new(), ..opened } })
}

/// What a tile shows under these filters and steps, once.
#[server(input = leptos::server_fn::codec::Json)]
pub async fn read_tile(dashboard: String, tile: String, ask: TileAsk) -> Result<TileData> {
    let (services, caller) = super::caller()?;
    Ok(services.tile_data(&caller, &dashboard, &tile, &ask).await?)
}

/// Sets or takes away the caller's star.
#[server]
pub async fn set_star(dashboard: String, star: bool) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.star_dashboard(&caller, &dashboard, star).await?)
}

/// Makes a dashboard the caller's home, or no longer.
#[server]
pub async fn set_home(dashboard: String, home: bool) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.set_home(&caller, home.then_some(dashboard.as_str())).await?)
}

/// Makes a copy that belongs to the caller; returns its slug.
#[server]
pub async fn duplicate(dashboard: String) -> Result<String> {
    let (services, caller) = super::caller()?;
    Ok(services.duplicate_dashboard(&caller, &dashboard).await?.slug)
}

/// Moves a dashboard to the trash.
#[server]
pub async fn move_to_trash(dashboard: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_dashboard(&caller, &dashboard).await?)
}

/// Takes a dashboard out of the trash; returns its slug.
#[server]
pub async fn restore(dashboard: String) -> Result<String> {
    let (services, caller) = super::caller()?;
    Ok(services.restore_dashboard(&caller, &dashboard).await?.slug)
}
