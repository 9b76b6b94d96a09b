//! Sharing alerts, dashboards, datasets, metrics and reports with named users: the same for each.

use super::{Answer, Body, Errors};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::people::Grant;
use domain::{Access, Error};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(grants)).routes(routes!(share, unshare))
}

/// What can be shared, for the description of the API.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "describes a part of the address")]
enum Shareable {
    Alerts,
    Dashboards,
    Datasets,
    Metrics,
    Reports,
}

/// The kind of thing that an address names.
fn thing(plural: &str) -> Answer<&str> {
    let singular = plural
        .strip_suffix('s')
        .filter(|kind| matches!(*kind, "alert" | "dashboard" | "dataset" | "metric" | "report"));
    Ok(singular.ok_or_else(|| Error::not_found("thing"))?)
}

/// With whom a thing is shared.
#[utoipa::path(get, path = "/{kind}/{id}/grants", tag = "Sharing",
    params(("kind" = inline(Shareable), Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Grant>), Errors))]
async fn grants(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id)): Path<(String, String)>,
) -> Answer<Json<Vec<Grant>>> {
    Ok(Json(app.services.list_grants(&caller, thing(&kind)?, &id).await?))
}

/// The right to give.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Share {
    access: Access,
}

/// Share a thing with a user, by name.
#[utoipa::path(put, path = "/{kind}/{id}/grants/{user}", tag = "Sharing", request_body = Share,
    params(("kind" = inline(Shareable), Path), ("id" = String, Path), ("user" = String, Path)),
    responses((status = 204, description = "Shared"), Errors))]
async fn share(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id, user)): Path<(String, String, String)>,
    Body(share): Body<Share>,
) -> Answer<StatusCode> {
    app.services.set_grant(&caller, thing(&kind)?, &id, &user, Some(share.access)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a user's right on a thing away.
#[utoipa::path(delete, path = "/{kind}/{id}/grants/{user}", tag = "Sharing",
    params(("kind" = inline(Shareable), Path), ("id" = String, Path), ("user" = String, Path)),
    responses((status = 204, description = "Taken away"), Errors))]
async fn unshare(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id, user)): Path<(String, String, String)>,
) -> Answer<StatusCode> {
    app.services.set_grant(&caller, thing(&kind)?, &id, &user, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
