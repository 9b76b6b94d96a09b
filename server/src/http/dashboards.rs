//! Dashboards.

use super::uploads::location;
use super::{Answer, Body, Errors, Page, PageRequest, Params, extract};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::api::{DashboardPatch, NewDashboard, Template, TileData};
use domain::connect::TileAsk;
use domain::dashboard::DashboardSummary;
use domain::{Caller, Dashboard, Error};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, replace, change, delete))
        .routes(routes!(trash))
        .routes(routes!(restore))
        .routes(routes!(purge))
        .routes(routes!(duplicate))
        .routes(routes!(star, unstar))
        .routes(routes!(tile_data))
        .routes(routes!(templates))
        .routes(routes!(from_template))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Search {
    /// Words of the name, description or owner.
    search: String,
}

/// The dashboards the caller may see, latest change first.
#[utoipa::path(get, path = "/dashboards", tag = "Dashboards", params(PageRequest, Search),
    responses((status = 200, body = Page<DashboardSummary>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
    Params(search): Params<Search>,
) -> Answer<Json<Page<DashboardSummary>>> {
    Ok(Json(page.cut(app.services.list_dashboards(&caller, &search.search).await?)?))
}

/// Make a dashboard.
#[utoipa::path(post, path = "/dashboards", tag = "Dashboards", request_body = NewDashboard,
    responses((status = 201, body = Dashboard), Errors))]
async fn create(State(app): State<App>, Who(caller): Who, Body(new): Body<NewDashboard>) -> Answer<Response> {
    let made = app.services.create_dashboard(&caller, new).await?;
    Ok((StatusCode::CREATED, location("dashboards", &made.id), etag(&made), Json(made)).into_response())
}

fn etag(dashboard: &Dashboard) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{}\"", dashboard.version))]
}

/// The version of an `If-Match`; `*` matches any.
pub(super) fn if_match(headers: &HeaderMap) -> Answer<Option<u64>> {
    match headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok()) {
        None | Some("*") => Ok(None),
        Some(text) => {
            let version = text.trim_start_matches("W/").trim_matches('"').parse();
            // A tag that is not one of ours matches nothing.
            Ok(Some(version.unwrap_or(u64::MAX)))
        }
    }
}

/// One dashboard, by slug or id.
#[utoipa::path(get, path = "/dashboards/{id}", tag = "Dashboards", params(("id" = String, Path, description = "Slug or id")),
    responses((status = 200, body = Dashboard), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Response> {
    let dashboard = app.services.get_dashboard(&caller, &id).await?;
    Ok((etag(&dashboard), Json(dashboard)).into_response())
}

/// Replace a dashboard.
#[utoipa::path(put, path = "/dashboards/{id}", tag = "Dashboards", params(("id" = String, Path)), request_body = NewDashboard,
    responses((status = 200, body = Dashboard), Errors))]
async fn replace(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new): Body<NewDashboard>,
) -> Answer<Response> {
    let patch = DashboardPatch {
        name: Some(new.name),
        description: Some(new.description),
        slug: new.slug,
        theme: Some(new.theme.unwrap_or_else(|| "default".into())),
        cache_duration: new.cache_duration,
        layout: Some(new.layout),
        settings: Some(new.settings),
        is_public: Some(new.is_public),
        is_default: Some(new.is_default),
    };
    update(&app, &caller, &id, patch, &headers).await
}

/// Change a dashboard.
#[utoipa::path(patch, path = "/dashboards/{id}", tag = "Dashboards", params(("id" = String, Path)), request_body = DashboardPatch,
    responses((status = 200, body = Dashboard), Errors))]
async fn change(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(patch): Body<DashboardPatch>,
) -> Answer<Response> {
    update(&app, &caller, &id, patch, &headers).await
}

async fn update(app: &App, caller: &Caller, id: &str, patch: DashboardPatch, headers: &HeaderMap) -> Answer<Response> {
    let dashboard = app.services.update_dashboard(caller, id, patch, if_match(headers)?).await?;
    Ok((etag(&dashboard), Json(dashboard)).into_response())
}

/// Move a dashboard to the trash.
#[utoipa::path(delete, path = "/dashboards/{id}", tag = "Dashboards", params(("id" = String, Path)),
    responses((status = 204, description = "In the trash"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_dashboard(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's dashboards in the trash.
#[utoipa::path(get, path = "/trash", tag = "Dashboards", params(PageRequest),
    responses((status = 200, body = Page<DashboardSummary>), Errors))]
async fn trash(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<DashboardSummary>>> {
    Ok(Json(page.cut(app.services.list_trash(&caller).await?)?))
}

/// Take a dashboard out of the trash.
#[utoipa::path(post, path = "/trash/{id}/restore", tag = "Dashboards", params(("id" = String, Path)),
    responses((status = 200, body = Dashboard), Errors))]
async fn restore(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Dashboard>> {
    Ok(Json(app.services.restore_dashboard(&caller, &id).await?))
}

/// Delete a dashboard in the trash for good.
#[utoipa::path(delete, path = "/trash/{id}", tag = "Dashboards", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn purge(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.purge_dashboard(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a copy that belongs to the caller.
#[utoipa::path(post, path = "/dashboards/{id}/duplicate", tag = "Dashboards", params(("id" = String, Path)),
    responses((status = 201, body = Dashboard), Errors))]
async fn duplicate(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Response> {
    let made = app.services.duplicate_dashboard(&caller, &id).await?;
    Ok((StatusCode::CREATED, location("dashboards", &made.id), Json(made)).into_response())
}

/// Star a dashboard.
#[utoipa::path(put, path = "/dashboards/{id}/star", tag = "Dashboards", params(("id" = String, Path)),
    responses((status = 204, description = "Starred"), Errors))]
async fn star(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.star_dashboard(&caller, &id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the star away.
#[utoipa::path(delete, path = "/dashboards/{id}/star", tag = "Dashboards", params(("id" = String, Path)),
    responses((status = 204, description = "Not starred"), Errors))]
async fn unstar(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.star_dashboard(&caller, &id, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub(super) struct TileParams {
    /// A JSON array of filters. One with a key `tile` means the columns of that tile wherever they
    /// appear; one without means columns by their name.
    f: Option<String>,
    /// A JSON array of steps into the detail.
    d: Option<String>,
}

impl TileParams {
    pub(super) fn read(&self) -> Answer<TileAsk> {
        fn list<T: serde::de::DeserializeOwned>(text: Option<&str>, field: &str) -> Answer<Vec<T>> {
            let Some(text) = text else { return Ok(Vec::new()) };
            Ok(extract::from_json(text.as_bytes()).map_err(|e| Error { field: Some(field.into()), ..e.0 })?)
        }
        Ok(TileAsk { filters: list(self.f.as_deref(), "f")?, drill: list(self.d.as_deref(), "d")? })
    }
}

/// What a tile shows, under filters and after steps into the detail.
#[utoipa::path(get, path = "/dashboards/{id}/tiles/{tile}/data", tag = "Dashboards",
    params(("id" = String, Path), ("tile" = String, Path), TileParams),
    responses((status = 200, body = TileData), Errors))]
async fn tile_data(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, tile)): Path<(String, String)>,
    Params(params): Params<TileParams>,
) -> Answer<Json<TileData>> {
    Ok(Json(app.services.tile_data(&caller, &id, &tile, &params.read()?).await?))
}

/// Dashboards that can be made of any suitable dataset.
#[utoipa::path(get, path = "/templates", tag = "Dashboards", responses((status = 200, body = Vec<Template>), Errors))]
async fn templates(State(app): State<App>, Who(caller): Who) -> Answer<Json<Vec<Template>>> {
    Ok(Json(app.services.list_templates(&caller).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FromTemplate {
    dataset: String,
    #[serde(default)]
    name: String,
}

/// Make a dashboard of a template.
#[utoipa::path(post, path = "/templates/{id}/dashboards", tag = "Dashboards", params(("id" = String, Path)),
    request_body = FromTemplate, responses((status = 201, body = Dashboard), Errors))]
async fn from_template(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(body): Body<FromTemplate>,
) -> Answer<Response> {
    let made = app.services.create_from_template(&caller, &id, &body.dataset, &body.name).await?;
    Ok((StatusCode::CREATED, location("dashboards", &made.id), Json(made)).into_response())
}
