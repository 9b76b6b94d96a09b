//! What lies behind a tile of a dashboard: its rows, what it can be drilled by, why it changed,
//! where it comes from.

use super::Result;
use domain::api::RowsRequest;
use domain::connect::{DrillChoices, Provenance, TileAsk, TileRows, Why, WhyRequest};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What the caller can drill a tile by.
#[server(input = Json)]
pub async fn read_drill_choices(dashboard: String, tile: String, ask: TileAsk) -> Result<DrillChoices> {
    let (services, caller) = super::caller_at(&dashboard).await?;
    Ok(services.drill_choices(&caller, &dashboard, &tile, &ask).await?)
}

/// A page of the rows behind a tile.
#[server(input = Json)]
pub async fn read_tile_rows(dashboard: String, tile: String, ask: TileAsk, request: RowsRequest) -> Result<TileRows> {
    let (services, caller) = super::caller()?;
    Ok(services.tile_rows(&caller, &dashboard, &tile, &ask, &request).await?)
}

/// Where a tile's rows come from.
#[server(input = Json)]
pub async fn tile_provenance(dashboard: String, tile: String, ask: TileAsk) -> Result<Provenance> {
    let (services, caller) = super::caller()?;
    Ok(services.tile_provenance(&caller, &dashboard, &tile, &ask).await?)
}

/// Why a tile's number is not what it was the period before.
#[server(input = Json)]
pub async fn explain_change(dashboard: String, tile: String, ask: TileAsk, request: WhyRequest) -> Result<Why> {
    let (services, caller) = super::caller()?;
    Ok(services.why(&caller, &dashboard, &tile, &ask, &request).await?)
}
