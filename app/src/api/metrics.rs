//! Metrics.

use super::Result;
use domain::api::{MetricHistory, MetricPatch, NewMetric, Usage};
use domain::column::Column;
use domain::metric::{Breakdown, Metric, Trends};
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

/// The past of a metric, the last so many seconds of it.
#[server]
pub async fn metric_past(id: String, seconds: u32) -> Result<MetricHistory> {
    let (services, caller) = super::caller()?;
    let from = services::clock::now_ms() - i64::from(seconds) * 1_000;
    let request = domain::api::HistoryRequest {
        from: Some(services::clock::rfc3339(from)),
        points: Some(400),
        ..domain::api::HistoryRequest::default()
    };
    Ok(services.metric_history(&caller, &id, &request).await?)
}

/// Where the value of a metric stands beside those of before.
#[server]
pub async fn metric_trends(id: String) -> Result<Trends> {
    let (services, caller) = super::caller()?;
    Ok(services.metric_trends(&caller, &id).await?)
}

/// The values of the members of a metric's breakdown.
#[server]
pub async fn metric_breakdown(id: String) -> Result<Breakdown> {
    let (services, caller) = super::caller()?;
    Ok(services.metric_breakdown(&caller, &id, "en-US").await?)
}
