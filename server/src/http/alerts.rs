//! Alerts: conditions that are watched, and who is told.

use super::uploads::location;
use super::{Answer, Body, Errors, Failure, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Error;
use domain::alert::{Alert, AlertEvent, AlertPatch, AlertTest, Backtest, Heartbeat, MetricAlertForm, NewAlert};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(heartbeat))
        .routes(routes!(backtest))
        .routes(routes!(read, replace, change, delete))
        .routes(routes!(events))
        .routes(routes!(snooze, wake))
        .routes(routes!(acknowledge))
        .routes(routes!(check))
        .routes(routes!(test))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Search {
    /// Part of the name or the description.
    search: String,
    /// Only those that watch this metric.
    metric: Option<String>,
    /// 1 to 1,000; default 100.
    limit: Option<usize>,
    /// `next` of the former page.
    cursor: Option<String>,
}

/// The alerts the caller may see, the most urgent first.
#[utoipa::path(get, path = "/alerts", tag = "Alerts", params(Search),
    responses((status = 200, body = Page<Alert>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(Search { search, metric, limit, cursor }): Params<Search>,
) -> Answer<Json<Page<Alert>>> {
    let mut alerts = app.services.list_alerts(&caller, &search).await?;
    alerts.retain(|a| metric.is_none() || a.def.subject.metric() == metric.as_deref());
    Ok(Json(PageRequest { limit, cursor }.cut(alerts)?))
}

/// An alert, or the simple form: a metric, a threshold and an address.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes the body")]
enum AlertBody {
    Alert(Box<NewAlert>),
    Form(MetricAlertForm),
}

/// Make an alert.
#[utoipa::path(post, path = "/alerts", tag = "Alerts", request_body = AlertBody,
    responses((status = 201, body = Alert), Errors))]
async fn create(State(app): State<App>, Who(caller): Who, Body(body): Body<Value>) -> Answer<Response> {
    let made = match body.get("metric_name") {
        Some(_) => app.services.create_metric_alert(&caller, read_value::<MetricAlertForm>(body)?).await?,
        None => app.services.create_alert(&caller, read_value::<NewAlert>(body)?).await?,
    };
    Ok((StatusCode::CREATED, location("alerts", &made.id), Json(made)).into_response())
}

/// Reads JSON that has been looked at; an error names the field.
fn read_value<T: DeserializeOwned>(value: Value) -> Answer<T> {
    serde_path_to_error::deserialize(value).map_err(|cause| {
        let path = cause.path().to_string();
        let error = Error::invalid(format!("The body cannot be read: {}.", cause.into_inner()));
        Failure(if path == "." { error } else { error.field(path) })
    })
}

/// An alert, and how it stands.
#[utoipa::path(get, path = "/alerts/{id}", tag = "Alerts", params(("id" = String, Path)),
    responses((status = 200, body = Alert), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Alert>> {
    Ok(Json(app.services.get_alert(&caller, &id).await?))
}

/// Change an alert as a whole; what is left out is as usual.
#[utoipa::path(put, path = "/alerts/{id}", tag = "Alerts", params(("id" = String, Path)), request_body = NewAlert,
    responses((status = 200, body = Alert), Errors))]
async fn replace(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(new): Body<NewAlert>,
) -> Answer<Json<Alert>> {
    Ok(Json(app.services.update_alert(&caller, &id, new.into()).await?))
}

/// Change parts of an alert.
#[utoipa::path(patch, path = "/alerts/{id}", tag = "Alerts", params(("id" = String, Path)), request_body = AlertPatch,
    responses((status = 200, body = Alert), Errors))]
async fn change(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<AlertPatch>,
) -> Answer<Json<Alert>> {
    Ok(Json(app.services.update_alert(&caller, &id, patch).await?))
}

/// Delete an alert with its history.
#[utoipa::path(delete, path = "/alerts/{id}", tag = "Alerts", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_alert(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What happened to an alert, newest first, with the value at the time.
#[utoipa::path(get, path = "/alerts/{id}/events", tag = "Alerts", params(("id" = String, Path), PageRequest),
    responses((status = 200, body = Page<AlertEvent>), Errors))]
async fn events(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<AlertEvent>>> {
    Ok(Json(page.cut(app.services.alert_events(&caller, &id).await?)?))
}

/// Until when nobody is told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Snooze {
    /// RFC 3339.
    until: String,
}

/// Tell nobody of an alert for a time. It is checked all the same.
#[utoipa::path(post, path = "/alerts/{id}/snooze", tag = "Alerts", params(("id" = String, Path)), request_body = Snooze,
    responses((status = 200, body = Alert), Errors))]
async fn snooze(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(snooze): Body<Snooze>,
) -> Answer<Json<Alert>> {
    Ok(Json(app.services.snooze_alert(&caller, &id, Some(&snooze.until)).await?))
}

/// End the snooze of an alert.
#[utoipa::path(delete, path = "/alerts/{id}/snooze", tag = "Alerts", params(("id" = String, Path)),
    responses((status = 200, body = Alert), Errors))]
async fn wake(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Alert>> {
    Ok(Json(app.services.snooze_alert(&caller, &id, None).await?))
}

/// Say that one knows that an alert fires: it is not told again until it has recovered.
#[utoipa::path(post, path = "/alerts/{id}/acknowledge", tag = "Alerts", params(("id" = String, Path)),
    responses((status = 200, body = Alert), Errors))]
async fn acknowledge(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Alert>> {
    Ok(Json(app.services.acknowledge_alert(&caller, &id).await?))
}

/// Check an alert now, as if it were due.
#[utoipa::path(post, path = "/alerts/{id}/check", tag = "Alerts", params(("id" = String, Path)),
    responses((status = 200, body = Alert), Errors))]
async fn check(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Alert>> {
    Ok(Json(app.services.check_alert_now(&caller, &id).await?))
}

/// Whom a test is sent to.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Test {
    /// `me` or `recipients`; nobody when absent.
    to: Option<String>,
}

/// What an alert would say now, and say so.
#[utoipa::path(post, path = "/alerts/{id}/test", tag = "Alerts", params(("id" = String, Path)), request_body = Test,
    responses((status = 200, body = AlertTest), Errors))]
async fn test(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(test): Body<Test>,
) -> Answer<Json<AlertTest>> {
    Ok(Json(app.services.test_alert(&caller, &id, test.to.as_deref()).await?))
}

/// When an alert that need not exist would have fired in the last 90 days.
#[utoipa::path(post, path = "/alerts/backtest", tag = "Alerts", request_body = NewAlert,
    responses((status = 200, body = Backtest), Errors))]
async fn backtest(State(app): State<App>, Who(caller): Who, Body(new): Body<NewAlert>) -> Answer<Json<Backtest>> {
    Ok(Json(app.services.backtest_alert(&caller, new).await?))
}

/// Whether alerts are being checked, for a monitor outside. Needs no sign-in, and says nothing else.
#[utoipa::path(get, path = "/alerts/heartbeat", tag = "Alerts", security(()),
    responses((status = 200, body = Heartbeat), (status = 503, body = Heartbeat, description = "Checking has stopped")))]
async fn heartbeat(State(app): State<App>) -> Response {
    match app.services.alert_heartbeat().await {
        Ok(beat) if beat.is_alive => Json(beat).into_response(),
        Ok(beat) => (StatusCode::SERVICE_UNAVAILABLE, Json(beat)).into_response(),
        Err(_) => {
            let beat = Heartbeat { is_alive: false, checked_at: None };
            (StatusCode::SERVICE_UNAVAILABLE, Json(beat)).into_response()
        }
    }
}
