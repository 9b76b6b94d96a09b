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
use domain::api::{HistoryRequest, MetricHistory, MetricPatch, NewMetric, PushedValue, Usage};
use domain::metric::{Breakdown, Metric, Trends};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change, delete))
        .routes(routes!(push))
        .routes(routes!(history))
        .routes(routes!(trends))
        .routes(routes!(breakdown))
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

/// One value, or several.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Pushed {
    One(PushedValue),
    Many(Vec<PushedValue>),
}

impl<'de> Deserialize<'de> for Pushed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        // Not by trying both: what is wrong with the one that was meant would be lost.
        let read = match value {
            serde_json::Value::Array(_) => serde_json::from_value(value).map(Self::Many),
            one => serde_json::from_value(one).map(Self::One),
        };
        read.map_err(D::Error::custom)
    }
}

/// Push values that were calculated elsewhere, in any order: one, or a list of up to 1,000.
#[utoipa::path(post, path = "/metrics/{id}/values", tag = "Metrics", params(("id" = String, Path)), request_body = Pushed,
    responses((status = 202, description = "Taken"), Errors))]
async fn push(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(pushed): Body<Pushed>,
) -> Answer<StatusCode> {
    let values = match pushed {
        Pushed::One(value) => vec![value],
        Pushed::Many(values) => values,
    };
    app.services.push_values(&caller, &id, values).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The past of a metric, with at most so many points.
#[utoipa::path(get, path = "/metrics/{id}/history", tag = "Metrics", params(("id" = String, Path), HistoryRequest),
    responses((status = 200, body = MetricHistory), Errors))]
async fn history(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(request): Params<HistoryRequest>,
) -> Answer<Json<MetricHistory>> {
    Ok(Json(app.services.metric_history(&caller, &id, &request).await?))
}

/// Where the value stands beside those of before and its target.
#[utoipa::path(get, path = "/metrics/{id}/trends", tag = "Metrics", params(("id" = String, Path)),
    responses((status = 200, body = Trends), Errors))]
async fn trends(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Trends>> {
    Ok(Json(app.services.metric_trends(&caller, &id).await?))
}

/// The values by the members of its breakdown.
#[utoipa::path(get, path = "/metrics/{id}/breakdown", tag = "Metrics", params(("id" = String, Path)),
    responses((status = 200, body = Breakdown), Errors))]
async fn breakdown(
    State(app): State<App>,
    Who(caller): Who,
    Language(locale): Language,
    Path(id): Path<String>,
) -> Answer<Json<Breakdown>> {
    Ok(Json(app.services.metric_breakdown(&caller, &id, locale).await?))
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
