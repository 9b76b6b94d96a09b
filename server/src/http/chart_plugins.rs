//! Kinds of chart that administrators add.

use super::uploads::location;
use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::api::PluginUse;
use domain::plugin::{ChartPlugin, Takes};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, replace, delete)).routes(routes!(uses))
}

/// A template, as it is sent; docs/plugin-charts.md says what it may have.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what `charts::plugin` reads")]
struct NewTemplate {
    name: String,
    about: Option<String>,
    encodings: Vec<NewEncoding>,
    /// An ECharts option with placeholders.
    #[schema(value_type = Object)]
    option: Value,
}

/// A part that a column of the answer plays.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what `charts::plugin` reads")]
struct NewEncoding {
    name: String,
    label: Option<String>,
    takes: Option<Takes>,
    required: Option<bool>,
}

/// The kinds of chart that were added.
#[utoipa::path(get, path = "/chart-plugins", tag = "Charts", params(PageRequest),
    responses((status = 200, body = Page<ChartPlugin>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<ChartPlugin>>> {
    Ok(Json(page.cut(app.services.list_chart_plugins(&caller).await?)?))
}

/// Add a kind of chart.
#[utoipa::path(post, path = "/chart-plugins", tag = "Charts", request_body = NewTemplate,
    responses((status = 201, body = ChartPlugin), Errors))]
async fn create(State(app): State<App>, Who(caller): Who, Body(template): Body<Value>) -> Answer<Response> {
    let made = app.services.create_chart_plugin(&caller, &template.to_string()).await?;
    Ok((StatusCode::CREATED, location("chart-plugins", &made.id), Json(made)).into_response())
}

/// One of them.
#[utoipa::path(get, path = "/chart-plugins/{id}", tag = "Charts", params(("id" = String, Path)),
    responses((status = 200, body = ChartPlugin), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<ChartPlugin>> {
    Ok(Json(app.services.get_chart_plugin(&caller, &id).await?))
}

/// Put another template in its place.
#[utoipa::path(put, path = "/chart-plugins/{id}", tag = "Charts", params(("id" = String, Path)),
    request_body = NewTemplate, responses((status = 200, body = ChartPlugin), Errors))]
async fn replace(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(template): Body<Value>,
) -> Answer<Json<ChartPlugin>> {
    Ok(Json(app.services.update_chart_plugin(&caller, &id, &template.to_string()).await?))
}

/// Remove a kind of chart; tiles that use it say that it is gone.
#[utoipa::path(delete, path = "/chart-plugins/{id}", tag = "Charts", params(("id" = String, Path)),
    responses((status = 204, description = "Removed"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_chart_plugin(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The tiles that use it.
#[utoipa::path(get, path = "/chart-plugins/{id}/uses", tag = "Charts", params(("id" = String, Path)),
    responses((status = 200, body = Vec<PluginUse>), Errors))]
async fn uses(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Vec<PluginUse>>> {
    Ok(Json(app.services.chart_plugin_uses(&caller, &id).await?))
}
