//! SQL, for those with the right.

use super::query::{QueryAnswer, negotiate, not_acceptable, write};
use super::uploads::location;
use super::{Answer, Body, Errors};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::Dataset;
use domain::sql::{NewSqlDataset, SqlDefinition, SqlPlan, SqlRequest, SqlSchema};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(run))
        .routes(routes!(explain))
        .routes(routes!(schema))
        .routes(routes!(create))
        .routes(routes!(definition, redefine))
}

/// Run a SELECT over datasets. It reads and changes nothing.
#[utoipa::path(post, path = "/sql", tag = "SQL", request_body = SqlRequest,
    responses(
        (status = 200, description = "The rows; CSV or an Arrow stream when `Accept` asks for it",
         content((QueryAnswer = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))),
        (status = 406, description = "None of the accepted types can be written"),
        Errors))]
async fn run(
    State(app): State<App>,
    Who(caller): Who,
    headers: HeaderMap,
    Body(request): Body<SqlRequest>,
) -> Answer<Response> {
    let Some(kind) = negotiate(&headers) else { return Ok(not_acceptable()) };
    let answer = app.services.run_sql(&caller, &request).await?;
    write(&Arc::new(answer), false, kind, false)
}

/// How the database would answer a SELECT.
#[utoipa::path(post, path = "/sql/explain", tag = "SQL", request_body = SqlRequest,
    responses((status = 200, body = SqlPlan), Errors))]
async fn explain(State(app): State<App>, Who(caller): Who, Body(request): Body<SqlRequest>) -> Answer<Json<SqlPlan>> {
    Ok(Json(app.services.explain_sql(&caller, &request).await?))
}

/// The datasets and functions that SQL can use.
#[utoipa::path(get, path = "/sql/schema", tag = "SQL", responses((status = 200, body = SqlSchema), Errors))]
async fn schema(State(app): State<App>, Who(caller): Who) -> Answer<Json<SqlSchema>> {
    Ok(Json(app.services.sql_schema(&caller).await?))
}

/// Make a dataset of a SELECT. It reads with the rights of its owner, whenever it is asked.
#[utoipa::path(post, path = "/sql/datasets", tag = "SQL", request_body = NewSqlDataset,
    responses((status = 201, body = Dataset), Errors))]
async fn create(State(app): State<App>, Who(caller): Who, Body(new): Body<NewSqlDataset>) -> Answer<Response> {
    let made = app.services.create_sql_dataset(&caller, new).await?;
    Ok((StatusCode::CREATED, location("datasets", &made.id), Json(made)).into_response())
}

/// The SELECT of a dataset.
#[utoipa::path(get, path = "/datasets/{id}/sql", tag = "SQL", params(("id" = String, Path)),
    responses((status = 200, body = SqlDefinition), Errors))]
async fn definition(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<SqlDefinition>> {
    Ok(Json(app.services.sql_definition(&caller, &id).await?))
}

/// Put another SELECT in its place.
#[utoipa::path(put, path = "/datasets/{id}/sql", tag = "SQL", params(("id" = String, Path)),
    request_body = SqlDefinition, responses((status = 200, body = Dataset), Errors))]
async fn redefine(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(new): Body<SqlDefinition>,
) -> Answer<Json<Dataset>> {
    Ok(Json(app.services.update_sql_dataset(&caller, &id, new).await?))
}
