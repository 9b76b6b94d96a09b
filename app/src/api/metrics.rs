//! Metrics.

use super::Result;
use domain::api::{MetricPatch, NewMetric, Usage};
use domain::column::Column;
use domain::metric::Metric;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// A dataset that a metric can be made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    pub label: String,
    pub columns: Vec<Column>,
}

/// The metrics the caller may see, by name.
#[server]
pub async fn list_metrics() -> Result<Vec<Metric>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_metrics(&caller).await?)
}

/// One metric.
#[server]
pub async fn get_metric(id: String) -> Result<Metric> {
    let (services, caller) = super::caller()?;
    Ok(services.get_metric(&caller, &id).await?)
}

/// The datasets a metric can be made of.
#[server]
pub async fn metric_sources() -> Result<Vec<Source>> {
    let (services, caller) = super::caller()?;
    let datasets = services.list_datasets(&caller).await?;
    Ok(datasets.into_iter().map(|d| Source { name: d.name, label: d.label, columns: d.columns }).collect())
}

/// Makes a metric.
#[server(input = Json)]
pub async fn create_metric(new: NewMetric) -> Result<Metric> {
    let (services, caller) = super::caller()?;
    Ok(services.create_metric(&caller, new).await?)
}

/// Changes a metric.
#[server(input = Json)]
pub async fn update_metric(id: String, patch: MetricPatch) -> Result<Metric> {
    let (services, caller) = super::caller()?;
    Ok(services.update_metric(&caller, &id, patch).await?)
}

/// The tiles and metrics that use a metric.
#[server]
pub async fn metric_usages(id: String) -> Result<Vec<Usage>> {
    let (services, caller) = super::caller()?;
    Ok(services.metric_usages(&caller, &id).await?)
}

/// Deletes a metric with its history.
#[server]
pub async fn delete_metric(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_metric(&caller, &id).await?)
}

/// Calculates a metric now.
#[server]
pub async fn refresh_metric(id: String) -> Result<Metric> {
    let (services, caller) = super::caller()?;
    Ok(services.refresh_metric(&caller, &id).await?)
}
