//! Datasets.

use super::query::{negotiate, not_acceptable, write};
use super::{Answer, Body, Errors, Page, PageRequest, Params, extract};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use domain::api::{AppendResult, DatasetPatch, Misfit, RowsRequest, Usage, ValuesRequest};
use domain::dataset::{Frequency, Profile};
use domain::lineage::Lineage;
use domain::{Dataset, Error, ErrorCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read, change, delete))
        .routes(routes!(profile))
        .routes(routes!(rows, append))
        .routes(routes!(values))
        .routes(routes!(usages))
        .routes(routes!(misfits))
        .routes(routes!(lineage))
}

/// All datasets the caller may see.
#[utoipa::path(get, path = "/datasets", tag = "Datasets", params(PageRequest),
    responses((status = 200, body = Page<Dataset>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Dataset>>> {
    Ok(Json(page.cut(app.services.list_datasets(&caller).await?)?))
}

/// One dataset, by name or id.
#[utoipa::path(get, path = "/datasets/{id}", tag = "Datasets", params(("id" = String, Path, description = "Name or id")),
    responses((status = 200, body = Dataset), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Dataset>> {
    Ok(Json(app.services.get_dataset(&caller, &id).await?))
}

/// Change how a dataset is described and read.
#[utoipa::path(patch, path = "/datasets/{id}", tag = "Datasets", params(("id" = String, Path)), request_body = DatasetPatch,
    responses((status = 200, body = Dataset), Errors))]
async fn change(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<DatasetPatch>,
) -> Answer<Json<Dataset>> {
    Ok(Json(app.services.update_dataset(&caller, &id, patch).await?))
}

/// Delete a dataset with its rows.
#[utoipa::path(delete, path = "/datasets/{id}", tag = "Datasets", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_dataset(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is known about the values of each column.
#[utoipa::path(get, path = "/datasets/{id}/profile", tag = "Datasets", params(("id" = String, Path)),
    responses((status = 200, body = Profile), Errors))]
async fn profile(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Profile>> {
    Ok(Json(app.services.dataset_profile(&caller, &id).await?))
}

/// A page of raw rows; CSV or Arrow when `Accept` asks for it.
#[utoipa::path(get, path = "/datasets/{id}/rows", tag = "Datasets", params(("id" = String, Path), RowsRequest),
    responses((status = 200, body = super::query::QueryAnswer),
              (status = 406, description = "None of the accepted types can be written"), Errors))]
async fn rows(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(request): Params<RowsRequest>,
    headers: HeaderMap,
) -> Answer<Response> {
    let Some(kind) = negotiate(&headers) else { return Ok(not_acceptable()) };
    let (answer, cached) = app.services.dataset_rows(&caller, &id, &request).await?;
    write(&answer, cached, kind, app.services.shows_sql(&caller))
}

/// Append rows: a JSON array, NDJSON or CSV with a header. Durable when answered.
#[utoipa::path(post, path = "/datasets/{id}/rows", tag = "Datasets", params(("id" = String, Path)),
    request_body(content((Vec<Object> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"))),
    responses((status = 200, body = AppendResult), Errors))]
async fn append(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    request: Request,
) -> Answer<Json<AppendResult>> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = extract::body(request, &()).await?;
    let rows = match kind.split(';').next().unwrap_or_default().trim() {
        "application/json" => extract::from_json::<Vec<Map<String, Value>>>(&bytes)?,
        "application/x-ndjson" | "application/jsonl" => lines(&bytes)?,
        "text/csv" => {
            let dataset = app.services.get_dataset(&caller, &id).await?;
            app.services.rows_of_csv(&dataset, &bytes)?
        }
        _ => {
            return Err(Error::new(ErrorCode::UnsupportedMediaType, "Rows come as JSON, NDJSON or CSV.")
                .hint("Send Content-Type: application/json, application/x-ndjson or text/csv.")
                .into());
        }
    };
    Ok(Json(app.services.append_rows(&caller, &id, rows).await?))
}

fn lines(bytes: &[u8]) -> Answer<Vec<Map<String, Value>>> {
    let full = bytes.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    full.map(extract::from_json).collect()
}

/// The distinct values of a column, most frequent first.
#[utoipa::path(get, path = "/datasets/{id}/columns/{column}/values", tag = "Datasets",
    params(("id" = String, Path), ("column" = String, Path), ValuesRequest),
    responses((status = 200, body = Vec<Frequency>), Errors))]
async fn values(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, column)): Path<(String, String)>,
    Params(request): Params<ValuesRequest>,
) -> Answer<Json<Vec<Frequency>>> {
    let values = app.services.column_values(&caller, &id, &column, &request).await?;
    Ok(Json(values.into_iter().map(|(value, count)| Frequency { value, count }).collect()))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct OfColumn {
    /// Only what uses this column.
    column: Option<String>,
}

/// Where the rows of a dataset come from, and what uses it, of what the caller may see.
#[utoipa::path(get, path = "/datasets/{id}/lineage", tag = "Datasets", params(("id" = String, Path)),
    responses((status = 200, body = Lineage), Errors))]
async fn lineage(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Lineage>> {
    Ok(Json(app.services.lineage(&caller, &id).await?))
}

/// The tiles, filter controls, metrics, SELECTs and joins that use a dataset, of those the caller may see.
#[utoipa::path(get, path = "/datasets/{id}/usages", tag = "Datasets",
    params(("id" = String, Path), OfColumn, PageRequest),
    responses((status = 200, body = Page<Usage>), Errors))]
async fn usages(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(of): Params<OfColumn>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Usage>>> {
    Ok(Json(page.cut(app.services.column_usages(&caller, &id, of.column.as_deref()).await?)?))
}

/// What uses a dataset but does not fit it: columns that are gone, types that do not suit.
#[utoipa::path(get, path = "/datasets/{id}/misfits", tag = "Datasets", params(("id" = String, Path), PageRequest),
    responses((status = 200, body = Page<Misfit>), Errors))]
async fn misfits(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Misfit>>> {
    Ok(Json(page.cut(app.services.misfits(&caller, &id).await?)?))
}
