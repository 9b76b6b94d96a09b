//! Long work.

use super::{Answer, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use domain::api::{Job, JobsRequest, MetricsClock};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read, cancel))
        .routes(routes!(retry))
        .routes(routes!(metrics_clock))
}

/// Everybody's jobs, newest first, for administrators.
#[utoipa::path(get, path = "/jobs", tag = "Jobs", params(JobsRequest, PageRequest),
    responses((status = 200, body = Page<Job>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(request): Params<JobsRequest>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Job>>> {
    Ok(Json(page.cut(app.services.list_jobs(&caller, &request).await?)?))
}

/// Let a job that failed be done again.
#[utoipa::path(post, path = "/jobs/{id}/retry", tag = "Jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), Errors))]
async fn retry(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Job>> {
    Ok(Json(app.services.retry_job(&caller, &id).await?))
}

/// How the refreshes of metrics keep their times, for administrators.
#[utoipa::path(get, path = "/metrics-clock", tag = "Jobs", responses((status = 200, body = MetricsClock), Errors))]
async fn metrics_clock(State(app): State<App>, Who(caller): Who) -> Answer<Json<MetricsClock>> {
    Ok(Json(app.services.metrics_clock(&caller)?))
}

/// The state of a job.
#[utoipa::path(get, path = "/jobs/{id}", tag = "Jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Job>> {
    Ok(Json(app.services.get_job(&caller, &id).await?))
}

/// Cancel a job.
#[utoipa::path(delete, path = "/jobs/{id}", tag = "Jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), Errors))]
async fn cancel(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Job>> {
    Ok(Json(app.services.cancel_job(&caller, &id).await?))
}
