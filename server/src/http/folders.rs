//! Folders. What lies in them is put there by `/{kind}/{id}/folder`.

use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use domain::sharing::{Folder, FolderPatch, NewFolder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, delete))
}

/// The folders that the caller sees.
#[utoipa::path(get, path = "/folders", tag = "Folders", params(PageRequest),
    responses((status = 200, body = Page<Folder>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Folder>>> {
    Ok(Json(page.cut(app.services.list_folders(&caller).await?)?))
}

/// Make a folder.
#[utoipa::path(post, path = "/folders", tag = "Folders", request_body = NewFolder,
    responses((status = 201, body = Folder), Errors))]
async fn create(
    State(app): State<App>,
    Who(caller): Who,
    Body(new): Body<NewFolder>,
) -> Answer<(StatusCode, [(HeaderName, String); 1], Json<Folder>)> {
    let folder = app.services.create_folder(&caller, new).await?;
    let location = format!("/api/v1/folders/{}", folder.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(folder)))
}

/// One folder.
#[utoipa::path(get, path = "/folders/{id}", tag = "Folders", params(("id" = String, Path)),
    responses((status = 200, body = Folder), Errors))]
async fn get(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Folder>> {
    Ok(Json(app.services.get_folder(&caller, &id).await?))
}

/// Change the name of a folder, or whether everyone sees what lies in it.
#[utoipa::path(patch, path = "/folders/{id}", tag = "Folders", params(("id" = String, Path)),
    request_body = FolderPatch, responses((status = 200, body = Folder), Errors))]
async fn update(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<FolderPatch>,
) -> Answer<Json<Folder>> {
    Ok(Json(app.services.update_folder(&caller, &id, patch).await?))
}

/// Delete a folder. What lies in it moves to where the folder lay.
#[utoipa::path(delete, path = "/folders/{id}", tag = "Folders", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_folder(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
