//! Forecasts, and what would be if.

use super::query::{QueryAnswer, negotiate, not_acceptable, write};
use super::uploads::location;
use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::api::Job;
use domain::forecast::{
    ForecastDef, ForecastPatch, ForecastProposal, ForecastResult, ForecastTrack, NewForecast, NewScenario,
    SavedForecast, Scenario, ScenarioOf, TileWhatIf, WhatIf,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(propose))
        .routes(routes!(preview))
        .routes(routes!(try_models))
        .routes(routes!(read, change, delete))
        .routes(routes!(result))
        .routes(routes!(values))
        .routes(routes!(track))
        .routes(routes!(back_test))
        .routes(routes!(scenarios, add_scenario))
        .routes(routes!(board_scenarios, add_board_scenario))
        .routes(routes!(scenario, change_scenario, delete_scenario))
        .routes(routes!(what_if))
        .routes(routes!(tile_what_if))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Search {
    /// Part of the name or the description.
    search: String,
    /// 1 to 1,000; default 100.
    limit: Option<usize>,
    /// `next` of the former page.
    cursor: Option<String>,
}

/// The forecasts the caller may see.
#[utoipa::path(get, path = "/forecasts", tag = "Forecasts", params(Search),
    responses((status = 200, body = Page<SavedForecast>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(Search { search, limit, cursor }): Params<Search>,
) -> Answer<Json<Page<SavedForecast>>> {
    let all = app.services.list_forecasts(&caller, &search).await?;
    Ok(Json(PageRequest { limit, cursor }.cut(all)?))
}

/// Keep a forecast; it is made once before this answers.
#[utoipa::path(post, path = "/forecasts", tag = "Forecasts", request_body = NewForecast,
    responses((status = 201, body = SavedForecast), Errors))]
async fn create(State(app): State<App>, Who(caller): Who, Body(new): Body<NewForecast>) -> Answer<Response> {
    let made = app.services.create_forecast(&caller, new).await?;
    Ok((StatusCode::CREATED, location("forecasts", &made.id), Json(made)).into_response())
}

/// What grain, seasons and horizon suggest themselves.
#[utoipa::path(post, path = "/forecasts/proposal", tag = "Forecasts", request_body = ForecastDef,
    responses((status = 200, body = ForecastProposal), Errors))]
async fn propose(
    State(app): State<App>,
    Who(caller): Who,
    Body(def): Body<ForecastDef>,
) -> Answer<Json<ForecastProposal>> {
    Ok(Json(app.services.propose_forecast(&caller, def).await?))
}

/// A forecast that is not kept.
#[utoipa::path(post, path = "/forecasts/preview", tag = "Forecasts", request_body = ForecastDef,
    responses((status = 200, body = ForecastResult), Errors))]
async fn preview(
    State(app): State<App>,
    Who(caller): Who,
    Body(def): Body<ForecastDef>,
) -> Answer<Json<ForecastResult>> {
    Ok(Json(app.services.preview_forecast(&caller, def).await?))
}

/// Try all models on what is about to be forecast: a job, whose result has the back-test.
#[utoipa::path(post, path = "/forecasts/back-test", tag = "Forecasts", request_body = ForecastDef,
    responses((status = 202, body = Job), Errors))]
async fn try_models(State(app): State<App>, Who(caller): Who, Body(def): Body<ForecastDef>) -> Answer<Response> {
    let job = app.services.try_forecast(&caller, def).await?;
    Ok((StatusCode::ACCEPTED, location("jobs", &job.id), Json(job)).into_response())
}

/// A forecast, without what it says.
#[utoipa::path(get, path = "/forecasts/{id}", tag = "Forecasts", params(("id" = String, Path)),
    responses((status = 200, body = SavedForecast), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<SavedForecast>> {
    Ok(Json(app.services.get_forecast(&caller, &id).await?))
}

/// Change a forecast; `model` chooses another than the champion.
#[utoipa::path(patch, path = "/forecasts/{id}", tag = "Forecasts", params(("id" = String, Path)),
    request_body = ForecastPatch, responses((status = 200, body = SavedForecast), Errors))]
async fn change(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<ForecastPatch>,
) -> Answer<Json<SavedForecast>> {
    Ok(Json(app.services.update_forecast(&caller, &id, patch).await?))
}

/// Delete a forecast with all that it said.
#[utoipa::path(delete, path = "/forecasts/{id}", tag = "Forecasts", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_forecast(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a forecast says, of the rows that the caller sees.
#[utoipa::path(get, path = "/forecasts/{id}/result", tag = "Forecasts", params(("id" = String, Path)),
    responses((status = 200, body = ForecastResult), Errors))]
async fn result(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<ForecastResult>> {
    Ok(Json(app.services.forecast_result(&caller, &id).await?))
}

/// Past and future values as rows.
#[utoipa::path(get, path = "/forecasts/{id}/values", tag = "Forecasts", params(("id" = String, Path)),
    responses(
        (status = 200, description = "The rows; CSV or an Arrow stream when `Accept` asks for it",
         content((QueryAnswer = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))),
        (status = 406, description = "None of the accepted types can be written"),
        Errors))]
async fn values(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let Some(kind) = negotiate(&headers) else { return Ok(not_acceptable()) };
    let rows = app.services.forecast_values(&caller, &id).await?;
    write(&rows, true, kind, false)
}

/// How a forecast did as actual values arrived.
#[utoipa::path(get, path = "/forecasts/{id}/track", tag = "Forecasts", params(("id" = String, Path)),
    responses((status = 200, body = ForecastTrack), Errors))]
async fn track(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<ForecastTrack>> {
    Ok(Json(app.services.forecast_track(&caller, &id).await?))
}

/// Try all models again: a job, after which the best is the champion.
#[utoipa::path(post, path = "/forecasts/{id}/back-test", tag = "Forecasts", params(("id" = String, Path)),
    responses((status = 202, body = Job), Errors))]
async fn back_test(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Response> {
    let job = app.services.back_test_forecast(&caller, &id).await?;
    Ok((StatusCode::ACCEPTED, location("jobs", &job.id), Json(job)).into_response())
}

/// The scenarios of a forecast.
#[utoipa::path(get, path = "/forecasts/{id}/scenarios", tag = "Forecasts", params(("id" = String, Path), PageRequest),
    responses((status = 200, body = Page<Scenario>), Errors))]
async fn scenarios(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Scenario>>> {
    Ok(Json(page.cut(app.services.list_scenarios(&caller, ScenarioOf::Forecast, &id).await?)?))
}

/// Keep a scenario of a forecast.
#[utoipa::path(post, path = "/forecasts/{id}/scenarios", tag = "Forecasts", params(("id" = String, Path)),
    request_body = NewScenario, responses((status = 201, body = Scenario), Errors))]
async fn add_scenario(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(new): Body<NewScenario>,
) -> Answer<Response> {
    let made = app.services.create_scenario(&caller, ScenarioOf::Forecast, &id, new).await?;
    Ok((StatusCode::CREATED, location("scenarios", &made.id), Json(made)).into_response())
}

/// The scenarios of a dashboard.
#[utoipa::path(get, path = "/dashboards/{id}/scenarios", tag = "Forecasts", params(("id" = String, Path), PageRequest),
    responses((status = 200, body = Page<Scenario>), Errors))]
async fn board_scenarios(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Scenario>>> {
    Ok(Json(page.cut(app.services.list_scenarios(&caller, ScenarioOf::Dashboard, &id).await?)?))
}

/// Keep a scenario of a dashboard.
#[utoipa::path(post, path = "/dashboards/{id}/scenarios", tag = "Forecasts", params(("id" = String, Path)),
    request_body = NewScenario, responses((status = 201, body = Scenario), Errors))]
async fn add_board_scenario(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(new): Body<NewScenario>,
) -> Answer<Response> {
    let made = app.services.create_scenario(&caller, ScenarioOf::Dashboard, &id, new).await?;
    Ok((StatusCode::CREATED, location("scenarios", &made.id), Json(made)).into_response())
}

/// A scenario.
#[utoipa::path(get, path = "/scenarios/{id}", tag = "Forecasts", params(("id" = String, Path)),
    responses((status = 200, body = Scenario), Errors))]
async fn scenario(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Scenario>> {
    Ok(Json(app.services.get_scenario(&caller, &id).await?))
}

/// Change a scenario.
#[utoipa::path(put, path = "/scenarios/{id}", tag = "Forecasts", params(("id" = String, Path)),
    request_body = NewScenario, responses((status = 200, body = Scenario), Errors))]
async fn change_scenario(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(new): Body<NewScenario>,
) -> Answer<Json<Scenario>> {
    Ok(Json(app.services.update_scenario(&caller, &id, new).await?))
}

/// Delete a scenario.
#[utoipa::path(delete, path = "/scenarios/{id}", tag = "Forecasts", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete_scenario(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_scenario(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A forecast in a scenario, beside the one without.
#[utoipa::path(get, path = "/scenarios/{id}/forecast", tag = "Forecasts", params(("id" = String, Path)),
    responses((status = 200, body = WhatIf), Errors))]
async fn what_if(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<WhatIf>> {
    Ok(Json(app.services.forecast_what_if(&caller, &id).await?))
}

/// A tile in a scenario of its dashboard, beside itself, with the difference.
#[utoipa::path(get, path = "/scenarios/{id}/tiles/{tile}", tag = "Forecasts",
    params(("id" = String, Path), ("tile" = String, Path)),
    responses((status = 200, body = TileWhatIf), Errors))]
async fn tile_what_if(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, tile)): Path<(String, String)>,
) -> Answer<Json<TileWhatIf>> {
    Ok(Json(app.services.tile_what_if(&caller, &id, &tile).await?))
}
