//! Groups, what policies may ask of a user, and what somebody owns who leaves.

use super::grants::Heir;
use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use domain::sharing::{Group, NewGroup, Owned, Transfer, Trouble};
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, rename, delete))
        .routes(routes!(add_member, remove_member))
        .routes(routes!(attributes, set_attributes))
        .routes(routes!(owned))
        .routes(routes!(troubles, transfer))
}

/// All groups with their members.
#[utoipa::path(get, path = "/groups", tag = "People", params(PageRequest),
    responses((status = 200, body = Page<Group>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Group>>> {
    Ok(Json(page.cut(app.services.list_groups(&caller).await?)?))
}

/// Make a group.
#[utoipa::path(post, path = "/groups", tag = "People", request_body = NewGroup,
    responses((status = 201, body = Group), Errors))]
async fn create(
    State(app): State<App>,
    Who(caller): Who,
    Body(new): Body<NewGroup>,
) -> Answer<(StatusCode, [(HeaderName, String); 1], Json<Group>)> {
    let group = app.services.create_group(&caller, &new.name).await?;
    let location = format!("/api/v1/groups/{}", group.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(group)))
}

/// One group.
#[utoipa::path(get, path = "/groups/{id}", tag = "People", params(("id" = String, Path)),
    responses((status = 200, body = Group), Errors))]
async fn get(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Group>> {
    Ok(Json(app.services.get_group(&caller, &id).await?))
}

/// Give a group another name.
#[utoipa::path(patch, path = "/groups/{id}", tag = "People", params(("id" = String, Path)), request_body = NewGroup,
    responses((status = 200, body = Group), Errors))]
async fn rename(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(new): Body<NewGroup>,
) -> Answer<Json<Group>> {
    Ok(Json(app.services.rename_group(&caller, &id, &new.name).await?))
}

/// Delete a group with what was shared with it.
#[utoipa::path(delete, path = "/groups/{id}", tag = "People", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_group(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put a user, by name, into a group.
#[utoipa::path(put, path = "/groups/{id}/members/{user}", tag = "People",
    params(("id" = String, Path), ("user" = String, Path)),
    responses((status = 204, description = "Is a member"), Errors))]
async fn add_member(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, user)): Path<(String, String)>,
) -> Answer<StatusCode> {
    app.services.set_member(&caller, &id, &user, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a user, by name, out of a group.
#[utoipa::path(delete, path = "/groups/{id}/members/{user}", tag = "People",
    params(("id" = String, Path), ("user" = String, Path)),
    responses((status = 204, description = "Is no member"), Errors))]
async fn remove_member(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, user)): Path<(String, String)>,
) -> Answer<StatusCode> {
    app.services.set_member(&caller, &id, &user, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What policies may ask of a user: name to values.
#[utoipa::path(get, path = "/users/{id}/attributes", tag = "People", params(("id" = String, Path)),
    responses((status = 200, body = BTreeMap<String, Vec<String>>), Errors))]
async fn attributes(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
) -> Answer<Json<BTreeMap<String, Vec<String>>>> {
    Ok(Json(app.services.user_attributes(&caller, &id).await?))
}

/// Change what policies may ask of a user, all of it at once.
#[utoipa::path(put, path = "/users/{id}/attributes", tag = "People", params(("id" = String, Path)),
    request_body = BTreeMap<String, Vec<String>>, responses((status = 200, body = BTreeMap<String, Vec<String>>), Errors))]
async fn set_attributes(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(attributes): Body<BTreeMap<String, Vec<String>>>,
) -> Answer<Json<BTreeMap<String, Vec<String>>>> {
    Ok(Json(app.services.set_user_attributes(&caller, &id, attributes).await?))
}

/// All that a user owns.
#[utoipa::path(get, path = "/users/{id}/owned", tag = "People", params(("id" = String, Path)),
    responses((status = 200, body = Owned), Errors))]
async fn owned(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Owned>> {
    Ok(Json(app.services.owned_by(&caller, &id).await?))
}

/// What would not work any more if all that a user owns were somebody else's.
#[utoipa::path(get, path = "/users/{id}/transfer", tag = "People", params(("id" = String, Path), Heir),
    responses((status = 200, body = Vec<Trouble>), Errors))]
async fn troubles(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(heir): Params<Heir>,
) -> Answer<Json<Vec<Trouble>>> {
    Ok(Json(app.services.transfer_all_troubles(&caller, &id, &heir.to).await?))
}

/// Hand on all that a user owns, who leaves.
#[utoipa::path(post, path = "/users/{id}/transfer", tag = "People", params(("id" = String, Path)),
    request_body = Transfer, responses((status = 204, description = "Handed on"), Errors))]
async fn transfer(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(transfer): Body<Transfer>,
) -> Answer<StatusCode> {
    app.services.transfer_all(&caller, &id, &transfer.to).await?;
    Ok(StatusCode::NO_CONTENT)
}
