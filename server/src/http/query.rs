//! Questions.

use super::{Answer, Body, Errors, Params};
use crate::auth::Who;
use crate::router::App;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::{Error, Query};
use serde::Deserialize;
use services::Answer as Result_;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) const CSV: &str = "text/csv";
pub(crate) const ARROW: &str = "application/vnd.apache.arrow.stream";
const JSON: &str = "application/json";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Options {
    /// Passes the result cache by.
    fresh: bool,
}

/// The answer to a question, as it stands in JSON.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes what the engine writes")]
pub(crate) struct QueryAnswer {
    columns: Vec<domain::Field>,
    /// One array a row.
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    rows: Vec<Vec<u8>>,
    row_count: u64,
    /// More rows exist than were returned.
    truncated: bool,
    stats: QueryStats,
}

/// What asking cost, and what the question was read as.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes what the engine writes")]
pub(crate) struct QueryStats {
    elapsed_ms: f64,
    cached: bool,
    /// The time zone in which grains and relative dates were meant.
    timezone: String,
    /// For those who work with SQL.
    sql: Option<String>,
}

/// Ask a question.
#[utoipa::path(post, path = "/query", tag = "Questions", params(Options), request_body = Query,
    responses(
        (status = 200, description = "The answer; CSV or an Arrow stream when `Accept` asks for it",
         content((QueryAnswer = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))),
        (status = 406, description = "None of the accepted types can be written"),
        Errors))]
async fn ask(
    State(app): State<App>,
    Who(caller): Who,
    Params(options): Params<Options>,
    headers: HeaderMap,
    Body(query): Body<Query>,
) -> Answer<Response> {
    let Some(kind) = negotiate(&headers) else { return Ok(not_acceptable()) };
    let (answer, cached) = app.services.run_query(&caller, &query, options.fresh).await?;
    write(&answer, cached, kind, app.services.shows_sql(&caller))
}

/// Writes an answer in the type that was asked for; JSON with the SQL for those who work with it.
pub(super) fn write(answer: &Arc<Result_>, cached: bool, kind: &'static str, with_sql: bool) -> Answer<Response> {
    let body = match kind {
        CSV => answer.csv(),
        ARROW => answer.arrow()?,
        _ => answer.json(cached, with_sql),
    };
    let kind = if kind == CSV { "text/csv; charset=utf-8" } else { kind };
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// The first type of `Accept` that we can write; JSON when it does not care.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<&'static str> {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("*/*");
    accept.split(',').find_map(|part| match part.split(';').next().unwrap_or_default().trim() {
        "*/*" | "application/*" | JSON | "" => Some(JSON),
        CSV | "text/*" => Some(CSV),
        ARROW => Some(ARROW),
        _ => None,
    })
}

pub(super) fn not_acceptable() -> Response {
    let error = Error::invalid("None of the accepted types can be written.")
        .hint("Accept application/json, text/csv or application/vnd.apache.arrow.stream.");
    (axum::http::StatusCode::NOT_ACCEPTABLE, super::errors::json(&error)).into_response()
}
