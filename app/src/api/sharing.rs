//! Who may see and change a thing.

use super::Result;
use domain::Access;
use domain::people::Grant;
use leptos::prelude::*;

/// With whom a dashboard is shared.
#[server]
pub async fn list_grants(dashboard: String) -> Result<Vec<Grant>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_grants(&caller, "dashboard", &dashboard).await?)
}

/// Shares a dashboard with a user, by name; no access takes the right away.
#[server]
pub async fn set_grant(dashboard: String, user: String, access: Option<Access>) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.set_grant(&caller, "dashboard", &dashboard, &user, access).await?)
}

/// The names of everybody a dashboard can be shared with.
#[server]
pub async fn list_names() -> Result<Vec<String>> {
    let (services, caller) = super::caller()?;
    let users = services.list_users(&caller).await?;
    Ok(users.into_iter().filter(|u| u.is_active && u.id != caller.user_id).map(|u| u.name).collect())
}

/// Shows a dashboard to everybody who is signed in, or no longer.
#[server]
pub async fn set_public(dashboard: String, public: bool) -> Result<()> {
    let (services, caller) = super::caller()?;
    let patch = domain::api::DashboardPatch { is_public: Some(public), ..Default::default() };
    services.update_dashboard(&caller, &dashboard, patch, None).await?;
    Ok(())
}
