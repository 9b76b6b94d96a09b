//! Long work.

use super::{Answer, Errors};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use domain::api::Job;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read, cancel))
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
