//! The audit log, for administrators.

use super::{Answer, Errors, Page, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::audit::{AuditPage, AuditRecord, AuditRequest};
use serde::Deserialize;
use services::AuditFormat;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(export))
}

/// Which deeds. What is left out asks nothing.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Which {
    /// Name or id of a user.
    user: Option<String>,
    /// Such as `sign_in`.
    action: Option<String>,
    /// Kind of thing, such as `dashboard`.
    kind: Option<String>,
    /// Id of a thing.
    thing: Option<String>,
    /// `done`, `refused` or `cancelled`.
    outcome: Option<String>,
    /// From then on: a day or RFC 3339.
    since: Option<String>,
    /// Until then: a day, which is included, or RFC 3339.
    until: Option<String>,
    /// Words to be found anywhere.
    text: Option<String>,
    /// For a page, 1 to 1,000; default 100.
    limit: Option<usize>,
    /// For a page: `next` of the former one.
    cursor: Option<String>,
    /// For a file: `csv`, or `ndjson`.
    format: Option<String>,
}

impl Which {
    fn request(self) -> AuditRequest {
        AuditRequest {
            user: self.user.unwrap_or_default(),
            action: self.action.unwrap_or_default(),
            kind: self.kind.unwrap_or_default(),
            thing: self.thing.unwrap_or_default(),
            outcome: self.outcome.unwrap_or_default(),
            since: self.since.unwrap_or_default(),
            until: self.until.unwrap_or_default(),
            text: self.text.unwrap_or_default(),
            cursor: self.cursor.unwrap_or_default(),
            limit: self.limit,
        }
    }
}

/// Who did what, newest first. `total` is counted no further than 10,000.
#[utoipa::path(get, path = "/audit", tag = "Audit", params(Which),
    responses((status = 200, body = Page<AuditRecord>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(which): Params<Which>,
) -> Answer<Json<Page<AuditRecord>>> {
    let AuditPage { items, total, next } = app.services.list_audit(&caller, &which.request()).await?;
    Ok(Json(Page { items, total, next }))
}

/// The audit log as a file. Taking it out is recorded in it.
#[utoipa::path(get, path = "/audit/export", tag = "Audit", params(Which),
    responses(
        (status = 200, description = "The deeds, newest first",
         content((String = "text/csv"), (String = "application/x-ndjson"))),
        Errors))]
async fn export(State(app): State<App>, Who(caller): Who, Params(which): Params<Which>) -> Answer<Response> {
    let format = AuditFormat::parse(which.format.as_deref().unwrap_or_default())?;
    let rows = app.services.export_audit(&caller, &which.request(), format).await?;
    let name = format!("attachment; filename=\"audit-{}.{}\"", services::clock::today(), format.extension());
    let headers = [(header::CONTENT_TYPE, format.content_type().to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(rows)).into_response())
}
