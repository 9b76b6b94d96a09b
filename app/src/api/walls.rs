//! Walls: their dashboards, and the links by which screens open them.

use super::Result;
use super::document::BoardPage;
use domain::wall::{NewWallLink, WallLink, WallLinkRequest};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What a wall starts from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WallPage {
    /// In the order they are shown.
    pub boards: Vec<BoardPage>,
}

/// Whoever looks at a wall: a screen by its link, everybody else by their sign-in.
///
/// # Errors
/// Nobody is signed in, or the link of the screen does not hold.
#[cfg(feature = "ssr")]
async fn caller(screen: bool) -> Result<(services::Services, domain::Caller)> {
    use domain::{Error, ErrorCode};
    if !screen {
        return super::caller();
    }
    let services = use_context::<services::Services>().ok_or_else(Error::internal)?;
    let secret = use_context::<crate::ScreenKey>().unwrap_or_default().0.unwrap_or_default();
    let found = services.caller_from_wall_link(&secret).await;
    let (caller, _) = found.ok_or_else(|| {
        Error::new(ErrorCode::Gone, "This wall link was revoked, or never was one.")
            .hint("Make a new one in the menu of the dashboard, and open it here.")
    })?;
    Ok((services, caller))
}

/// Opens the dashboards of a wall; on a screen those of its link.
#[server]
pub async fn open_wall(screen: bool, #[server(default)] boards: Vec<String>) -> Result<WallPage> {
    let (services, caller) = caller(screen).await?;
    let wanted = if screen { services.screen_dashboards(&caller).await? } else { boards };
    let mut page = WallPage { boards: Vec::new() };
    for id in wanted.into_iter().take(MOST_BOARDS) {
        match services.get_dashboard(&caller, &id).await {
            Ok(mut about) => {
                let opened = services.open_document(&caller, &about.id).await?;
                about.layout = domain::dashboard::Layout::default();
                page.boards.push(BoardPage { about, opened });
            }
            // One that is gone leaves the others on the wall.
            Err(error) if error.code == domain::ErrorCode::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    if page.boards.is_empty() {
        return Err(domain::Error::not_found("dashboard").into());
    }
    Ok(page)
}

/// More than anybody waits for to come round.
#[cfg(feature = "ssr")]
const MOST_BOARDS: usize = 20;

/// Which build the server runs, for a wall that is still welcome: when it is another, the wall loads
/// itself anew.
#[server]
pub async fn check_wall(screen: bool) -> Result<String> {
    caller(screen).await?;
    Ok(use_context::<crate::PageContext>().unwrap_or_default().assets.wasm)
}

/// The links that show a dashboard.
#[server]
pub async fn list_wall_links(dashboard: String) -> Result<Vec<WallLink>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_wall_links(&caller, &dashboard).await?)
}

/// Makes a link.
#[server(input = leptos::server_fn::codec::Json)]
pub async fn create_wall_link(request: WallLinkRequest) -> Result<NewWallLink> {
    let (services, caller) = super::caller()?;
    Ok(services.create_wall_link(&caller, &request).await?)
}

/// Revokes a link.
#[server]
pub async fn revoke_wall_link(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.revoke_wall_link(&caller, &id).await?)
}
