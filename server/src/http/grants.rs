//! Sharing alerts, dashboards, datasets, folders, metrics and reports with users and groups, putting them
//! into folders and handing them on: the same for each.

use super::{Answer, Body, Errors, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::people::Grant;
use domain::sharing::{GroupGrant, MoveEffect, Placement, Transfer, Trouble, Viewer};
use domain::{Access, Error};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(grants))
        .routes(routes!(share, unshare))
        .routes(routes!(group_grants))
        .routes(routes!(share_with_group, unshare_with_group))
        .routes(routes!(who))
        .routes(routes!(place))
        .routes(routes!(effect))
        .routes(routes!(troubles, transfer))
}

/// What can be shared, for the description of the API.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "describes a part of the address")]
enum Shareable {
    Alerts,
    Dashboards,
    Datasets,
    Folders,
    Forecasts,
    Metrics,
    Reports,
}

/// The kind of thing that an address names.
fn thing(plural: &str) -> Answer<&str> {
    let singular = plural.strip_suffix('s').filter(|kind| {
        matches!(*kind, "alert" | "dashboard" | "dataset" | "folder" | "forecast" | "metric" | "report")
    });
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

/// With which groups a thing is shared.
#[utoipa::path(get, path = "/{kind}/{id}/group-grants", tag = "Sharing",
    params(("kind" = inline(Shareable), Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<GroupGrant>), Errors))]
async fn group_grants(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id)): Path<(String, String)>,
) -> Answer<Json<Vec<GroupGrant>>> {
    Ok(Json(app.services.list_group_grants(&caller, thing(&kind)?, &id).await?))
}

/// Share a thing with a group, by id or name.
#[utoipa::path(put, path = "/{kind}/{id}/group-grants/{group}", tag = "Sharing", request_body = Share,
    params(("kind" = inline(Shareable), Path), ("id" = String, Path), ("group" = String, Path)),
    responses((status = 204, description = "Shared"), Errors))]
async fn share_with_group(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id, group)): Path<(String, String, String)>,
    Body(share): Body<Share>,
) -> Answer<StatusCode> {
    app.services.set_group_grant(&caller, thing(&kind)?, &id, &group, Some(share.access)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a group's right on a thing away.
#[utoipa::path(delete, path = "/{kind}/{id}/group-grants/{group}", tag = "Sharing",
    params(("kind" = inline(Shareable), Path), ("id" = String, Path), ("group" = String, Path)),
    responses((status = 204, description = "Taken away"), Errors))]
async fn unshare_with_group(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id, group)): Path<(String, String, String)>,
) -> Answer<StatusCode> {
    app.services.set_group_grant(&caller, thing(&kind)?, &id, &group, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Everybody who can see a thing, and why, for its editors.
#[utoipa::path(get, path = "/{kind}/{id}/who", tag = "Sharing",
    params(("kind" = inline(Shareable), Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Viewer>), Errors))]
async fn who(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id)): Path<(String, String)>,
) -> Answer<Json<Vec<Viewer>>> {
    Ok(Json(app.services.who_sees(&caller, thing(&kind)?, &id).await?))
}

/// Put a thing into a folder, or into none. Answers whose rights changed by it.
#[utoipa::path(put, path = "/{kind}/{id}/folder", tag = "Folders", request_body = Placement,
    params(("kind" = inline(Shareable), Path), ("id" = String, Path)),
    responses((status = 200, body = MoveEffect), Errors))]
async fn place(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id)): Path<(String, String)>,
    Body(placement): Body<Placement>,
) -> Answer<Json<MoveEffect>> {
    let folder = placement.folder_id.as_deref();
    Ok(Json(app.services.move_thing(&caller, thing(&kind)?, &id, folder).await?))
}

/// A folder, in a query string.
#[derive(Deserialize, IntoParams)]
struct InFolder {
    /// Absent: in none.
    folder_id: Option<String>,
}

/// Whose rights would change if a thing were put into a folder, or into none.
#[utoipa::path(get, path = "/{kind}/{id}/folder/effect", tag = "Folders",
    params(("kind" = inline(Shareable), Path), ("id" = String, Path), InFolder),
    responses((status = 200, body = MoveEffect), Errors))]
async fn effect(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id)): Path<(String, String)>,
    Params(to): Params<InFolder>,
) -> Answer<Json<MoveEffect>> {
    Ok(Json(app.services.move_effect(&caller, thing(&kind)?, &id, to.folder_id.as_deref()).await?))
}

/// The next owner, in a query string.
#[derive(Deserialize, IntoParams)]
pub(super) struct Heir {
    /// The name of a user.
    pub(super) to: String,
}

/// What would not work any more if a thing were somebody else's.
#[utoipa::path(get, path = "/{kind}/{id}/transfer", tag = "Sharing",
    params(("kind" = inline(Shareable), Path), ("id" = String, Path), Heir),
    responses((status = 200, body = Vec<Trouble>), Errors))]
async fn troubles(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id)): Path<(String, String)>,
    Params(heir): Params<Heir>,
) -> Answer<Json<Vec<Trouble>>> {
    Ok(Json(app.services.transfer_troubles(&caller, thing(&kind)?, &id, &heir.to).await?))
}

/// Hand a thing on to another creator. Whoever owned it goes on editing it.
#[utoipa::path(post, path = "/{kind}/{id}/transfer", tag = "Sharing", request_body = Transfer,
    params(("kind" = inline(Shareable), Path), ("id" = String, Path)),
    responses((status = 204, description = "Handed on"), Errors))]
async fn transfer(
    State(app): State<App>,
    Who(caller): Who,
    Path((kind, id)): Path<(String, String)>,
    Body(transfer): Body<Transfer>,
) -> Answer<StatusCode> {
    app.services.transfer(&caller, thing(&kind)?, &id, &transfer.to).await?;
    Ok(StatusCode::NO_CONTENT)
}
