//! Who may see and change a thing.

use super::Result;
use domain::Access;
use domain::sharing::{Sharing, Trouble, Viewer};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What can be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    Dashboard,
    Dataset,
    Metric,
    Report,
    Forecast,
    Alert,
    Folder,
    Model,
}

impl Thing {
    /// Its word, for `services` and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Dataset => "dataset",
            Self::Metric => "metric",
            Self::Report => "report",
            Self::Forecast => "forecast",
            Self::Alert => "alert",
            Self::Folder => "folder",
            Self::Model => "model",
        }
    }
}

/// Who may do what with a thing.
#[server]
pub async fn read_sharing(thing: Thing, id: String) -> Result<Sharing> {
    let (services, caller) = super::caller()?;
    Ok(services.sharing(&caller, thing.as_str(), &id).await?)
}

/// Everybody who can see a thing, and why.
#[server]
pub async fn who_sees(thing: Thing, id: String) -> Result<Vec<Viewer>> {
    let (services, caller) = super::caller()?;
    Ok(services.who_sees(&caller, thing.as_str(), &id).await?)
}

/// Shares a thing with a group, by id; no access takes the right away.
#[server]
pub async fn set_group_grant(thing: Thing, id: String, group: String, access: Option<Access>) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.set_group_grant(&caller, thing.as_str(), &id, &group, access).await?)
}

/// The groups a thing can be shared with: id and name.
#[server]
pub async fn list_group_names() -> Result<Vec<(String, String)>> {
    let (services, caller) = super::caller()?;
    let groups = services.list_groups(&caller).await?;
    Ok(groups.into_iter().map(|group| (group.id, group.name)).collect())
}

/// What would not work any more if a thing were somebody else's.
#[server]
pub async fn transfer_troubles(thing: Thing, id: String, to: String) -> Result<Vec<Trouble>> {
    let (services, caller) = super::caller()?;
    Ok(services.transfer_troubles(&caller, thing.as_str(), &id, &to).await?)
}

/// Hands a thing on to another creator, by name.
#[server]
pub async fn transfer_thing(thing: Thing, id: String, to: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.transfer(&caller, thing.as_str(), &id, &to).await?)
}

/// Begins to look at a dashboard as somebody else sees it: a user by name, or a group by id. The browser
/// then loads the page anew.
#[server]
pub async fn begin_view_as(dashboard: String, name: String, is_group: bool) -> Result<()> {
    let (services, caller) = super::caller()?;
    let value = services.begin_view_as(&caller, &dashboard, &name, is_group).await?;
    set_place(&value, 3_600);
    Ok(())
}

/// Ends that.
#[server]
pub async fn end_view_as() -> Result<()> {
    set_place("", 0);
    Ok(())
}

/// Sets the cookie that says from whose place the browser looks, for so many seconds.
#[cfg(feature = "ssr")]
fn set_place(value: &str, max_age: u32) {
    use axum::http::{HeaderValue, header::SET_COOKIE};
    let name = services::VIEW_AS_COOKIE;
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}");
    if let (Some(response), Ok(cookie)) =
        (use_context::<leptos_axum::ResponseOptions>(), HeaderValue::from_str(&cookie))
    {
        response.append_header(SET_COOKIE, cookie);
    }
}

/// Shares a thing with a user, by name; no access takes the right away.
#[server]
pub async fn set_grant(thing: Thing, id: String, user: String, access: Option<Access>) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.set_grant(&caller, thing.as_str(), &id, &user, access).await?)
}

/// The names of everybody a thing can be shared with.
#[server]
pub async fn list_names() -> Result<Vec<String>> {
    let (services, caller) = super::caller()?;
    let users = services.list_users(&caller).await?;
    Ok(users.into_iter().filter(|u| u.is_active && u.id != caller.user_id).map(|u| u.name).collect())
}

/// Shows a thing to everybody who is signed in, or no longer.
#[server]
pub async fn set_public(thing: Thing, id: String, public: bool) -> Result<()> {
    use domain::api::{DashboardPatch, DatasetPatch};
    let (services, caller) = super::caller()?;
    match thing {
        Thing::Dashboard => {
            let patch = DashboardPatch { is_public: Some(public), ..DashboardPatch::default() };
            services.update_dashboard(&caller, &id, patch, None).await?;
        }
        Thing::Report => {
            let patch = domain::api::ReportPatch { is_public: Some(public), ..Default::default() };
            services.update_report(&caller, &id, patch).await?;
        }
        Thing::Metric => {
            let patch = domain::api::MetricPatch { is_public: Some(public), ..Default::default() };
            services.update_metric(&caller, &id, patch).await?;
        }
        Thing::Forecast => {
            let patch = domain::forecast::ForecastPatch { is_public: Some(public), ..Default::default() };
            services.update_forecast(&caller, &id, patch).await?;
        }
        Thing::Alert => {
            let patch = domain::alert::AlertPatch { is_public: Some(public), ..Default::default() };
            services.update_alert(&caller, &id, patch).await?;
        }
        Thing::Folder => {
            let patch = domain::sharing::FolderPatch { is_public: Some(public), ..Default::default() };
            services.update_folder(&caller, &id, patch).await?;
        }
        Thing::Model => {
            let patch = domain::registry::ModelPatch { is_public: Some(public), ..Default::default() };
            services.update_learned(&caller, &id, patch).await?;
        }
        Thing::Dataset => {
            let patch = DatasetPatch { is_public: Some(public), ..DatasetPatch::default() };
            services.update_dataset(&caller, &id, patch).await?;
        }
    }
    Ok(())
}
