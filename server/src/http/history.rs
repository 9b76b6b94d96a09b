//! The history of dashboards: who did what, any moment, named versions, publishing.

use super::{Answer, Body, Errors, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::Error;
use domain::api::TileData;
use domain::history::{
    Author, Moment, MomentDifference, NamedVersion, NewVersion, Publication, PublishRequest, Publishing, Timeline,
    TimelineRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(timeline))
        .routes(routes!(authors))
        .routes(routes!(moment))
        .routes(routes!(moment_tile))
        .routes(routes!(restore))
        .routes(routes!(difference))
        .routes(routes!(versions, name))
        .routes(routes!(rename, forget))
        .routes(routes!(publishing, publish, stop))
}

/// The number of a step. What is no number names none.
fn step(text: &str) -> Answer<u64> {
    Ok(text.parse().map_err(|_| Error::not_found("moment"))?)
}

/// Who did what on a dashboard, newest first, in words. For those who may change it.
#[utoipa::path(get, path = "/dashboards/{id}/history", tag = "History",
    params(("id" = String, Path, description = "Slug or id"), TimelineRequest),
    responses((status = 200, body = Timeline), Errors))]
async fn timeline(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(request): Params<TimelineRequest>,
) -> Answer<Json<Timeline>> {
    Ok(Json(app.services.timeline(&caller, &id, &request).await?))
}

/// Everybody who ever changed a dashboard.
#[utoipa::path(get, path = "/dashboards/{id}/history/authors", tag = "History", params(("id" = String, Path)),
    responses((status = 200, body = Vec<Author>), Errors))]
async fn authors(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Vec<Author>>> {
    Ok(Json(app.services.history_authors(&caller, &id).await?))
}

/// A dashboard as it was after a step of its history.
#[utoipa::path(get, path = "/dashboards/{id}/history/{seq}", tag = "History",
    params(("id" = String, Path), ("seq" = u64, Path, description = "The number of the step")),
    responses((status = 200, body = Moment), Errors))]
async fn moment(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, seq)): Path<(String, String)>,
) -> Answer<Json<Moment>> {
    Ok(Json(app.services.moment(&caller, &id, step(&seq)?).await?))
}

/// What a tile of an earlier moment shows with the data of today, under the caller's own rights.
#[utoipa::path(get, path = "/dashboards/{id}/history/{seq}/tiles/{tile}/data", tag = "History",
    params(("id" = String, Path), ("seq" = u64, Path), ("tile" = String, Path)),
    responses((status = 200, body = TileData), Errors))]
async fn moment_tile(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, seq, tile)): Path<(String, String, String)>,
) -> Answer<Json<TileData>> {
    Ok(Json(app.services.moment_tile(&caller, &id, step(&seq)?, &tile).await?))
}

/// What a restore made.
#[derive(Serialize, ToSchema)]
struct Restored {
    /// The version that the dashboard has now.
    version: u64,
}

/// Make a dashboard what it was after a step. That is one edit of the caller, which can be undone.
#[utoipa::path(post, path = "/dashboards/{id}/history/{seq}/restore", tag = "History",
    params(("id" = String, Path), ("seq" = u64, Path)), responses((status = 200, body = Restored), Errors))]
async fn restore(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, seq)): Path<(String, String)>,
) -> Answer<Json<Restored>> {
    let version = app.services.restore_moment(&caller, &id, step(&seq)?).await?;
    Ok(Json(Restored { version }))
}

#[derive(Debug, Deserialize, IntoParams)]
struct Between {
    /// The number of the earlier step.
    from: u64,
    /// The number of the later step.
    to: u64,
}

/// What differs from one moment of a dashboard to another.
#[utoipa::path(get, path = "/dashboards/{id}/difference", tag = "History", params(("id" = String, Path), Between),
    responses((status = 200, body = MomentDifference), Errors))]
async fn difference(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(between): Params<Between>,
) -> Answer<Json<MomentDifference>> {
    Ok(Json(app.services.moment_difference(&caller, &id, between.from, between.to).await?))
}

/// The moments of a dashboard that have a name.
#[utoipa::path(get, path = "/dashboards/{id}/versions", tag = "History", params(("id" = String, Path)),
    responses((status = 200, body = Vec<NamedVersion>), Errors))]
async fn versions(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Vec<NamedVersion>>> {
    Ok(Json(app.services.list_versions(&caller, &id).await?))
}

/// Name a moment; without a number, the present one.
#[utoipa::path(post, path = "/dashboards/{id}/versions", tag = "History", params(("id" = String, Path)),
    request_body = NewVersion, responses((status = 201, body = NamedVersion), Errors))]
async fn name(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(new): Body<NewVersion>,
) -> Answer<(StatusCode, Json<NamedVersion>)> {
    Ok((StatusCode::CREATED, Json(app.services.name_version(&caller, &id, &new).await?)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewName {
    name: String,
}

/// Give a named moment another name.
#[utoipa::path(patch, path = "/dashboards/{id}/versions/{version}", tag = "History",
    params(("id" = String, Path), ("version" = String, Path)), request_body = NewName,
    responses((status = 200, body = NamedVersion), Errors))]
async fn rename(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, version)): Path<(String, String)>,
    Body(new): Body<NewName>,
) -> Answer<Json<NamedVersion>> {
    Ok(Json(app.services.rename_version(&caller, &id, &version, &new.name).await?))
}

/// Take the name of a moment away. The moment stays in the history.
#[utoipa::path(delete, path = "/dashboards/{id}/versions/{version}", tag = "History",
    params(("id" = String, Path), ("version" = String, Path)),
    responses((status = 204, description = "The name is gone"), Errors))]
async fn forget(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, version)): Path<(String, String)>,
) -> Answer<StatusCode> {
    app.services.forget_version(&caller, &id, &version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What readers of a dashboard see, what its draft is, and what publishing would change.
#[utoipa::path(get, path = "/dashboards/{id}/publish", tag = "History", params(("id" = String, Path)),
    responses((status = 200, body = Publishing), Errors))]
async fn publishing(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Publishing>> {
    Ok(Json(app.services.publishing(&caller, &id).await?))
}

/// Publish the draft. From the first time on, readers see what was published and no later change.
#[utoipa::path(post, path = "/dashboards/{id}/publish", tag = "History", params(("id" = String, Path)),
    request_body = PublishRequest, responses((status = 201, body = Publication), Errors))]
async fn publish(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(request): Body<PublishRequest>,
) -> Answer<(StatusCode, Json<Publication>)> {
    Ok((StatusCode::CREATED, Json(app.services.publish_dashboard(&caller, &id, &request).await?)))
}

/// Stop publishing: readers see every change at once again.
#[utoipa::path(delete, path = "/dashboards/{id}/publish", tag = "History", params(("id" = String, Path)),
    responses((status = 204, description = "Readers see the draft"), Errors))]
async fn stop(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.stop_publishing(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
