//! Metrics.

use super::extract::Language;
use super::uploads::location;
use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::api::{MetricPatch, NewMetric, Usage};
use domain::metric::Metric;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change, delete))
        .routes(routes!(push))
        .routes(routes!(refresh))
        .routes(routes!(usages))
}

/// The metrics the caller may see.
#[utoipa::path(get, path = "/metrics", tag = "Metrics", params(PageRequest),
    responses((status = 200, body = Page<Metric>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Language(locale): Language,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Metric>>> {
    let metrics = app.services.list_metrics(&caller).await?.into_iter();
    Ok(Json(page.cut(metrics.map(|metric| written(metric, locale)).collect())?))
}

/// Register a metric.
#[utoipa::path(post, path = "/metrics", tag = "Metrics", request_body = NewMetric,
    responses((status = 201, body = Metric), Errors))]
async fn create(State(app): State<App>, Who(caller): Who, Body(new): Body<NewMetric>) -> Answer<Response> {
    let made = app.services.create_metric(&caller, new).await?;
    Ok((StatusCode::CREATED, location("metrics", &made.def.id), Json(made)).into_response())
}

/// A metric with its latest value, its trend and its recent history.
#[utoipa::path(get, path = "/metrics/{id}", tag = "Metrics", params(("id" = String, Path)),
    responses((status = 200, body = Metric), Errors))]
async fn read(
    State(app): State<App>,
    Who(caller): Who,
    Language(locale): Language,
    Path(id): Path<String>,
) -> Answer<Json<Metric>> {
    Ok(Json(written(app.services.get_metric(&caller, &id).await?, locale)))
}

/// The metric with its value as a reader of the locale writes it.
fn written(mut metric: Metric, locale: &str) -> Metric {
    if let Some(value) = metric.reading.value {
        metric.reading.formatted_value = domain::format::number(value, &metric.def.format, true, locale);
    }
    metric
}

/// Change a metric.
#[utoipa::path(patch, path = "/metrics/{id}", tag = "Metrics", params(("id" = String, Path)), request_body = MetricPatch,
    responses((status = 200, body = Metric), Errors))]
async fn change(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<MetricPatch>,
) -> Answer<Json<Metric>> {
    Ok(Json(app.services.update_metric(&caller, &id, patch).await?))
}

/// Delete a metric with its history.
#[utoipa::path(delete, path = "/metrics/{id}", tag = "Metrics", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_metric(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A value from outside.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Pushed {
    value: f64,
    /// RFC 3339; now when absent.
    #[serde(default)]
    at: Option<String>,
    /// Comes back in the pushed message.
    #[serde(default)]
    ts: Option<f64>,
}

/// Push a value that was calculated elsewhere.
#[utoipa::path(post, path = "/metrics/{id}/values", tag = "Metrics", params(("id" = String, Path)), request_body = Pushed,
    responses((status = 202, description = "Taken"), Errors))]
async fn push(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(pushed): Body<Pushed>,
) -> Answer<StatusCode> {
    app.services.push_value(&caller, &id, pushed.value, pushed.at.as_deref(), pushed.ts).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Refresh a metric now.
#[utoipa::path(post, path = "/metrics/{id}/refresh", tag = "Metrics", params(("id" = String, Path)),
    responses((status = 200, body = Metric), Errors))]
async fn refresh(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Metric>> {
    Ok(Json(app.services.refresh_metric(&caller, &id).await?))
}

/// The tiles and metrics that use a metric, of those the caller may see.
#[utoipa::path(get, path = "/metrics/{id}/usages", tag = "Metrics", params(("id" = String, Path), PageRequest),
    responses((status = 200, body = Page<Usage>), Errors))]
async fn usages(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Usage>>> {
    Ok(Json(page.cut(app.services.metric_usages(&caller, &id).await?)?))
}
