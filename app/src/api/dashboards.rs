//! The gallery of dashboards: lists, templates, new ones; and what the home page shows.

use super::Result;
use domain::api::{NewDashboard, Template};
use domain::dashboard::DashboardSummary;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the home page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HomeData {
    /// The slug of the dashboard that the caller chose as their home.
    pub home: Option<String>,
    pub dashboards: Vec<DashboardSummary>,
    pub datasets: Vec<DatasetLine>,
}

/// A dataset in a short list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetLine {
    pub name: String,
    pub label: String,
    pub rows: u64,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

/// Something with a name and a page of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    /// What its address ends with.
    pub key: String,
}

/// Everything the caller may open, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Findable {
    pub dashboards: Vec<Named>,
    pub datasets: Vec<Named>,
    pub metrics: Vec<Named>,
    pub reports: Vec<Named>,
}

/// The templates, and the labels of the datasets they name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TemplateChoices {
    pub templates: Vec<Template>,
    pub labels: BTreeMap<String, String>,
}

/// What the home page shows. Asked for while the page is drawn, it leads on to the caller's home.
#[server]
pub async fn home_view() -> Result<HomeData> {
    let (services, caller) = super::caller()?;
    if let Some(home) = services.home(&caller).await? {
        let parts = use_context::<axum::http::request::Parts>();
        if parts.is_some_and(|parts| parts.uri.path() == "/") {
            leptos_axum::redirect(&format!("/dashboards/{home}"));
        }
        return Ok(HomeData { home: Some(home), ..HomeData::default() });
    }
    let line =
        |d: domain::Dataset| DatasetLine { name: d.name, label: d.label, rows: d.row_count, updated_at: d.updated_at };
    let mut datasets: Vec<_> = services.list_datasets(&caller).await?.into_iter().map(line).collect();
    datasets.sort_by(|a, b| b.updated_at.cmp(&a.updated_at));
    datasets.truncate(6);
    Ok(HomeData { home: None, dashboards: services.list_dashboards(&caller, "").await?, datasets })
}

/// Every dashboard the caller may see, latest change first.
#[server]
pub async fn list_dashboards() -> Result<Vec<DashboardSummary>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_dashboards(&caller, "").await?)
}

/// Everything the caller may open, for the command palette.
#[server]
pub async fn find_everything() -> Result<Findable> {
    let (services, caller) = super::caller()?;
    let dashboards = services.list_dashboards(&caller, "").await?;
    let datasets = services.list_datasets(&caller).await?;
    let metrics = services.list_metrics(&caller).await?;
    let reports = services.list_reports(&caller, "").await?;
    Ok(Findable {
        reports: reports.into_iter().map(|r| Named { name: r.name, key: r.id }).collect(),
        dashboards: dashboards.into_iter().map(|d| Named { name: d.name, key: d.slug }).collect(),
        datasets: datasets.into_iter().map(|d| Named { name: d.label, key: d.name }).collect(),
        metrics: metrics.into_iter().map(|m| Named { name: m.def.name, key: m.def.id }).collect(),
    })
}

/// The caller's dashboards in the trash.
#[server]
pub async fn list_trash() -> Result<Vec<DashboardSummary>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_trash(&caller).await?)
}

/// Deletes a dashboard in the trash for good.
#[server]
pub async fn purge(dashboard: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.purge_dashboard(&caller, &dashboard).await?)
}

/// Makes a dashboard; returns its slug.
#[server(input = Json)]
pub async fn create_dashboard(new: NewDashboard) -> Result<String> {
    let (services, caller) = super::caller()?;
    Ok(services.create_dashboard(&caller, new).await?.slug)
}

/// The templates and which of the caller's datasets suit them.
#[server]
pub async fn list_templates() -> Result<TemplateChoices> {
    let (services, caller) = super::caller()?;
    let labels = services.list_datasets(&caller).await?.into_iter().map(|d| (d.name, d.label)).collect();
    Ok(TemplateChoices { templates: services.list_templates(&caller).await?, labels })
}

/// Makes a dashboard from a template; returns its slug.
#[server]
pub async fn create_from_template(template: String, dataset: String, name: String) -> Result<String> {
    let (services, caller) = super::caller()?;
    Ok(services.create_from_template(&caller, &template, &dataset, &name).await?.slug)
}
