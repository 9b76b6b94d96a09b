//! Links for the screens of walls, and how the server is.

use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::wall::{NewWallLink, WallLink, WallLinkRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(health))
}

#[derive(Debug, Deserialize, IntoParams)]
struct OfDashboard {
    /// Slug or id of a dashboard of the caller.
    dashboard: String,
    /// 1 to 1,000; default 100.
    limit: Option<usize>,
    /// `next` of the former page.
    cursor: Option<String>,
}

/// The wall links that show a dashboard.
#[utoipa::path(get, path = "/wall-links", tag = "Walls", params(OfDashboard),
    responses((status = 200, body = Page<WallLink>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(of): Params<OfDashboard>,
) -> Answer<Json<Page<WallLink>>> {
    let links = app.services.list_wall_links(&caller, &of.dashboard).await?;
    Ok(Json(PageRequest { limit: of.limit, cursor: of.cursor }.cut(links)?))
}

/// Make a link by which a screen shows dashboards without a sign-in. Its path is shown once.
#[utoipa::path(post, path = "/wall-links", tag = "Walls", request_body = WallLinkRequest,
    responses((status = 201, body = NewWallLink), Errors))]
async fn create(
    State(app): State<App>,
    Who(caller): Who,
    Body(request): Body<WallLinkRequest>,
) -> Answer<(StatusCode, Json<NewWallLink>)> {
    Ok((StatusCode::CREATED, Json(app.services.create_wall_link(&caller, &request).await?)))
}

/// Revoke a wall link; its screens go dark at once.
#[utoipa::path(delete, path = "/wall-links/{id}", tag = "Walls", params(("id" = String, Path)),
    responses((status = 204), Errors))]
async fn revoke(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.revoke_wall_link(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How the server is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`, or `degraded`: it works, but not with the others.
    status: &'static str,
    version: &'static str,
    bus: Bus,
}

/// How news reaches the other servers.
#[derive(Serialize, ToSchema)]
struct Bus {
    /// `memory` for one server alone, `redis` for several.
    kind: &'static str,
    ok: bool,
    /// While it is not ok: what is wrong.
    problem: Option<String>,
}

/// Whether the server is well, for monitoring. Nobody needs to be signed in.
#[utoipa::path(get, path = "/health", tag = "Health", security(()), responses((status = 200, body = Health)))]
async fn health(State(app): State<App>) -> Json<Health> {
    let bus = app.services.hub().state();
    let status = if bus.ok { "ok" } else { "degraded" };
    let bus = Bus { kind: bus.kind, ok: bus.ok, problem: bus.problem };
    Json(Health { status, version: env!("CARGO_PKG_VERSION"), bus })
}
