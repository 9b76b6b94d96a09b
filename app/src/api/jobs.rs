//! The queue of long and recurring work, for administrators.

use super::Result;
use domain::api::{Job, MetricsClock};
use leptos::prelude::*;

/// Everybody's jobs, newest first; with a status, only those.
#[server]
pub async fn list_jobs(status: Option<String>) -> Result<Vec<Job>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_jobs(&caller, &domain::api::JobsRequest { status }).await?)
}

/// Cancels a job.
#[server]
pub async fn cancel_job(id: String) -> Result<Job> {
    let (services, caller) = super::caller()?;
    Ok(services.cancel_job(&caller, &id).await?)
}

/// Lets a job that failed be done again.
#[server]
pub async fn retry_job(id: String) -> Result<Job> {
    let (services, caller) = super::caller()?;
    Ok(services.retry_job(&caller, &id).await?)
}

/// How the refreshes of metrics keep their times.
#[server]
pub async fn clock_of_metrics() -> Result<MetricsClock> {
    let (services, caller) = super::caller()?;
    Ok(services.metrics_clock(&caller)?)
}
