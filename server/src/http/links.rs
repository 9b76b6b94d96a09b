//! Public and embedded links of dashboards.

use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::link::{LinkPatch, LinkRequest, NewLink, PublicLink};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(update, revoke)).routes(routes!(rotate))
}

/// The links by which people without a sign-in see a dashboard.
#[utoipa::path(get, path = "/dashboards/{id}/links", tag = "Links", params(("id" = String, Path), PageRequest),
    responses((status = 200, body = Page<PublicLink>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<PublicLink>>> {
    Ok(Json(page.cut(app.services.list_links(&caller, &id).await?)?))
}

/// Make a link. What opens it is shown once.
#[utoipa::path(post, path = "/dashboards/{id}/links", tag = "Links", params(("id" = String, Path)),
    request_body = LinkRequest, responses((status = 201, body = NewLink), Errors))]
async fn create(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(request): Body<LinkRequest>,
) -> Answer<(StatusCode, Json<NewLink>)> {
    Ok((StatusCode::CREATED, Json(app.services.create_link(&caller, &id, request).await?)))
}

/// Change a link; what is absent stays.
#[utoipa::path(patch, path = "/links/{id}", tag = "Links", params(("id" = String, Path)), request_body = LinkPatch,
    responses((status = 200, body = PublicLink), Errors))]
async fn update(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<LinkPatch>,
) -> Answer<Json<PublicLink>> {
    Ok(Json(app.services.update_link(&caller, &id, patch).await?))
}

/// Revoke a link; its pages go dark at once.
#[utoipa::path(delete, path = "/links/{id}", tag = "Links", params(("id" = String, Path)),
    responses((status = 204, description = "Revoked"), Errors))]
async fn revoke(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.revoke_link(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a link another secret; the old one opens nothing any more.
#[utoipa::path(post, path = "/links/{id}/rotate", tag = "Links", params(("id" = String, Path)),
    responses((status = 200, body = NewLink), Errors))]
async fn rotate(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<NewLink>> {
    Ok(Json(app.services.rotate_link(&caller, &id).await?))
}
