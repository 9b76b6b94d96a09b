//! The semantic models of datasets: calculated columns, hierarchies, relationships, synonyms.

use super::dashboards::if_match;
use super::{Answer, Body, Errors, Failure, Params, extract};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::model::{
    DatasetModel, ExpressionCheck, ExpressionFunction, ExpressionRequest, JoinSuggestion, ModelVersion, SemanticModel,
};
use domain::{Error, ErrorCode};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const YAML: &str = "application/yaml";
/// Other names that programs send and ask for YAML by.
const YAML_NAMES: [&str; 4] = [YAML, "application/x-yaml", "text/yaml", "text/x-yaml"];

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read, save))
        .routes(routes!(versions))
        .routes(routes!(suggestions))
        .routes(routes!(check))
        .routes(routes!(functions))
}

/// The semantic model of a dataset; YAML when `Accept` asks for it.
///
/// The header `ETag` has its version, which `PUT` takes as `If-Match`.
#[utoipa::path(get, path = "/datasets/{id}/model", tag = "Semantic models", params(("id" = String, Path)),
    responses(
        (status = 200, description = "The model",
         content((SemanticModel = "application/json"), (SemanticModel = "application/yaml"))),
        (status = 406, description = "None of the accepted types can be written"),
        Errors))]
async fn read(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let Some(as_yaml) = wants_yaml(&headers) else { return Ok(not_acceptable()) };
    let found = app.services.dataset_model(&caller, &id).await?;
    write(&app, &found, as_yaml)
}

/// Save a semantic model: JSON or YAML. It takes the place of the one before, which stays in the
/// history.
#[utoipa::path(put, path = "/datasets/{id}/model", tag = "Semantic models",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The version it was made from")),
    request_body(content((SemanticModel = "application/json"), (SemanticModel = "application/yaml"))),
    responses(
        (status = 200, description = "The model as it was saved",
         content((SemanticModel = "application/json"), (SemanticModel = "application/yaml"))),
        (status = 406, description = "None of the accepted types can be written"),
        Errors))]
async fn save(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer<Response> {
    let Some(as_yaml) = wants_yaml(&headers) else { return Ok(not_acceptable()) };
    let if_version = if_match(&headers)?;
    let kind = content_type(&headers);
    let bytes = extract::body(request, &()).await?;
    let model = if kind == "application/json" {
        extract::from_json::<SemanticModel>(&bytes)?
    } else if YAML_NAMES.contains(&kind.as_str()) {
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::invalid("The YAML is not UTF-8."))?;
        app.services.model_of_yaml(text)?
    } else {
        return Err(Failure(
            Error::new(ErrorCode::UnsupportedMediaType, "A model comes as JSON or YAML.")
                .hint("Send Content-Type: application/json or application/yaml."),
        ));
    };
    let saved = app.services.put_dataset_model(&caller, &id, model, if_version).await?;
    write(&app, &saved, as_yaml)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Before {
    /// Only versions before this one.
    before: Option<u64>,
}

/// The versions of a semantic model, newest first, 100 at a time.
#[utoipa::path(get, path = "/datasets/{id}/model/versions", tag = "Semantic models",
    params(("id" = String, Path), Before), responses((status = 200, body = Vec<ModelVersion>), Errors))]
async fn versions(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(page): Params<Before>,
) -> Answer<Json<Vec<ModelVersion>>> {
    Ok(Json(app.services.model_versions(&caller, &id, page.before).await?))
}

/// How a dataset could be joined with others, the best first.
#[utoipa::path(get, path = "/datasets/{id}/join-suggestions", tag = "Semantic models", params(("id" = String, Path)),
    responses((status = 200, body = Vec<JoinSuggestion>), Errors))]
async fn suggestions(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
) -> Answer<Json<Vec<JoinSuggestion>>> {
    Ok(Json(app.services.join_suggestions(&caller, &id).await?))
}

/// Check an expression: its type, or what is wrong with it and where.
#[utoipa::path(post, path = "/datasets/{id}/expressions/check", tag = "Semantic models",
    params(("id" = String, Path)), request_body = ExpressionRequest,
    responses((status = 200, body = ExpressionCheck), Errors))]
async fn check(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(request): Body<ExpressionRequest>,
) -> Answer<Json<ExpressionCheck>> {
    Ok(Json(app.services.check_expression(&caller, &id, &request).await?))
}

/// The functions that expressions may call.
#[utoipa::path(get, path = "/expressions/functions", tag = "Semantic models",
    responses((status = 200, body = Vec<ExpressionFunction>), Errors))]
async fn functions(State(app): State<App>, _: Who) -> Json<Vec<ExpressionFunction>> {
    Json(app.services.expression_functions())
}

fn write(app: &App, found: &DatasetModel, as_yaml: bool) -> Answer<Response> {
    let tag = [(header::ETAG, format!("\"{}\"", found.version))];
    Ok(if as_yaml {
        let body = app.services.model_to_yaml(&found.model)?;
        (tag, [(header::CONTENT_TYPE, YAML)], body).into_response()
    } else {
        (tag, Json(&found.model)).into_response()
    })
}

fn content_type(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the first type of `Accept` that we can write is YAML; nothing when there is none.
fn wants_yaml(headers: &HeaderMap) -> Option<bool> {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("*/*");
    accept.split(',').find_map(|part| match part.split(';').next().unwrap_or_default().trim() {
        "*/*" | "application/*" | "application/json" | "" => Some(false),
        "text/*" => Some(true),
        other => YAML_NAMES.contains(&other).then_some(true),
    })
}

fn not_acceptable() -> Response {
    let error = Error::invalid("None of the accepted types can be written.")
        .hint("Accept application/json or application/yaml.");
    (StatusCode::NOT_ACCEPTABLE, super::errors::json(&error)).into_response()
}
