//! Public and embedded links of a dashboard, and the dashboard as their viewers see it.

use super::Result;
use super::document::BoardPage;
use domain::link::{LinkPatch, LinkRequest, NewLink, PublicLink};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The dashboard of a link, for a browser that has opened it. It is called by the link from then on.
#[server]
pub async fn open_shared(link: String) -> Result<BoardPage> {
    let address = domain::link::address_of(&link);
    let (services, caller) = super::caller_at(&address).await?;
    let mut about = services.get_dashboard(&caller, &address).await?;
    let opened = services.open_document(&caller, &address).await?;
    about.layout = domain::dashboard::Layout::default();
    about.id = address;
    Ok(BoardPage { about, opened })
}

/// The links of a dashboard.
#[server]
pub async fn list_links(dashboard: String) -> Result<Vec<PublicLink>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_links(&caller, &dashboard).await?)
}

/// Makes a link. What opens it is in this answer and nowhere else.
#[server(input = Json)]
pub async fn create_link(dashboard: String, request: LinkRequest) -> Result<NewLink> {
    let (services, caller) = super::caller()?;
    Ok(services.create_link(&caller, &dashboard, request).await?)
}

/// Changes a link.
#[server(input = Json)]
pub async fn update_link(id: String, patch: LinkPatch) -> Result<PublicLink> {
    let (services, caller) = super::caller()?;
    Ok(services.update_link(&caller, &id, patch).await?)
}

/// Gives a link another secret.
#[server]
pub async fn rotate_link(id: String) -> Result<NewLink> {
    let (services, caller) = super::caller()?;
    Ok(services.rotate_link(&caller, &id).await?)
}

/// Revokes a link.
#[server]
pub async fn revoke_link(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.revoke_link(&caller, &id).await?)
}
