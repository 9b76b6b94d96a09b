//! Who may see and change a thing.

use super::Result;
use domain::Access;
use domain::people::Grant;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What can be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    Dashboard,
    Dataset,
    Report,
}

impl Thing {
    /// Its word, for `services` and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Dataset => "dataset",
            Self::Report => "report",
        }
    }
}

/// With whom a thing is shared.
#[server]
pub async fn list_grants(thing: Thing, id: String) -> Result<Vec<Grant>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_grants(&caller, thing.as_str(), &id).await?)
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
        Thing::Dataset => {
            let patch = DatasetPatch { is_public: Some(public), ..DatasetPatch::default() };
            services.update_dataset(&caller, &id, patch).await?;
        }
    }
    Ok(())
}
