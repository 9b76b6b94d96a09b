//! Reports: questions with parameters.

use super::query::{QueryAnswer, negotiate, not_acceptable, write};
use super::uploads::location;
use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::api::{NewReport, ReportPatch, ValuesRequest};
use domain::dataset::Frequency;
use domain::report::Report;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change, delete))
        .routes(routes!(run))
        .routes(routes!(values))
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

/// The reports the caller may see, latest change first.
#[utoipa::path(get, path = "/reports", tag = "Reports", params(Search),
    responses((status = 200, body = Page<Report>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(Search { search, limit, cursor }): Params<Search>,
) -> Answer<Json<Page<Report>>> {
    let reports = app.services.list_reports(&caller, &search).await?;
    Ok(Json(PageRequest { limit, cursor }.cut(reports)?))
}

/// Keep a question as a report.
#[utoipa::path(post, path = "/reports", tag = "Reports", request_body = NewReport,
    responses((status = 201, body = Report), Errors))]
async fn create(State(app): State<App>, Who(caller): Who, Body(new): Body<NewReport>) -> Answer<Response> {
    let made = app.services.create_report(&caller, new).await?;
    Ok((StatusCode::CREATED, location("reports", &made.id), Json(made)).into_response())
}

/// A report with its parameters.
#[utoipa::path(get, path = "/reports/{id}", tag = "Reports", params(("id" = String, Path)),
    responses((status = 200, body = Report), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Report>> {
    Ok(Json(app.services.get_report(&caller, &id).await?))
}

/// Change a report.
#[utoipa::path(patch, path = "/reports/{id}", tag = "Reports", params(("id" = String, Path)), request_body = ReportPatch,
    responses((status = 200, body = Report), Errors))]
async fn change(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<ReportPatch>,
) -> Answer<Json<Report>> {
    Ok(Json(app.services.update_report(&caller, &id, patch).await?))
}

/// Delete a report.
#[utoipa::path(delete, path = "/reports/{id}", tag = "Reports", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_report(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Values for the parameters of a report.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Filled {
    /// By the names of the parameters; one that is left out takes its default, null is all rows.
    #[schema(value_type = Object)]
    parameters: Map<String, Value>,
}

/// Run a report.
#[utoipa::path(post, path = "/reports/{id}/run", tag = "Reports", params(("id" = String, Path)), request_body = Filled,
    responses(
        (status = 200, description = "The answer; CSV or an Arrow stream when `Accept` asks for it",
         content((QueryAnswer = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))),
        (status = 406, description = "None of the accepted types can be written"),
        Errors))]
async fn run(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(filled): Body<Filled>,
) -> Answer<Response> {
    let Some(kind) = negotiate(&headers) else { return Ok(not_acceptable()) };
    let run = app.services.run_report(&caller, &id, &filled.parameters).await?;
    write(&run.answer, run.cached, kind, app.services.shows_sql(&caller))
}

/// The values that a parameter can take, most frequent first.
#[utoipa::path(get, path = "/reports/{id}/parameters/{name}/values", tag = "Reports",
    params(("id" = String, Path), ("name" = String, Path), ValuesRequest),
    responses((status = 200, body = Vec<Frequency>), Errors))]
async fn values(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, name)): Path<(String, String)>,
    Params(request): Params<ValuesRequest>,
) -> Answer<Json<Vec<Frequency>>> {
    let found = app.services.report_values(&caller, &id, &name, &request).await?;
    Ok(Json(found.into_iter().map(|(value, count)| Frequency { value, count }).collect()))
}
