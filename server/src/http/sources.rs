//! Sources, for administrators.

use super::uploads::location;
use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::api::LoadResult;
use domain::lineage::SourceUse;
use domain::source::{
    MadeDatasets, NewSource, Source, SourceDatasets, SourceKind, SourcePatch, SourceTable, SourceTest, TableLook,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(kinds))
        .routes(routes!(attempt))
        .routes(routes!(list, create))
        .routes(routes!(read, change, delete))
        .routes(routes!(test))
        .routes(routes!(tables))
        .routes(routes!(look))
        .routes(routes!(uses))
        .routes(routes!(make))
        .routes(routes!(refresh))
}

/// The kinds of source, with the form that each asks for.
#[utoipa::path(get, path = "/source-kinds", tag = "Sources", params(PageRequest),
    responses((status = 200, body = Page<SourceKind>), Errors))]
async fn kinds(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<SourceKind>>> {
    Ok(Json(page.cut(app.services.source_kinds(&caller)?)?))
}

/// All sources by name.
#[utoipa::path(get, path = "/sources", tag = "Sources", params(PageRequest),
    responses((status = 200, body = Page<Source>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Source>>> {
    Ok(Json(page.cut(app.services.list_sources(&caller).await?)?))
}

/// Keep a source. Its password is encrypted and never shown again.
#[utoipa::path(post, path = "/sources", tag = "Sources", request_body = NewSource,
    responses((status = 201, body = Source), Errors))]
async fn create(State(app): State<App>, Who(caller): Who, Body(new): Body<NewSource>) -> Answer<Response> {
    let made = app.services.create_source(&caller, new).await?;
    Ok((StatusCode::CREATED, location("sources", &made.id), Json(made)).into_response())
}

/// Whether a source that is not kept yet would answer.
#[utoipa::path(post, path = "/source-tests", tag = "Sources", request_body = NewSource,
    responses((status = 200, body = SourceTest), Errors))]
async fn attempt(State(app): State<App>, Who(caller): Who, Body(new): Body<NewSource>) -> Answer<Json<SourceTest>> {
    Ok(Json(app.services.try_source(&caller, new).await?))
}

/// One source.
#[utoipa::path(get, path = "/sources/{id}", tag = "Sources", params(("id" = String, Path)),
    responses((status = 200, body = Source), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Source>> {
    Ok(Json(app.services.get_source(&caller, &id).await?))
}

/// Change a source. A password that is left out stays, unless where it goes changes.
#[utoipa::path(patch, path = "/sources/{id}", tag = "Sources", params(("id" = String, Path)), request_body = SourcePatch,
    responses((status = 200, body = Source), Errors))]
async fn change(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<SourcePatch>,
) -> Answer<Json<Source>> {
    Ok(Json(app.services.update_source(&caller, &id, patch).await?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Deletion {
    /// Delete the datasets that read from it too. Without it, a source that is read from stays.
    with_datasets: bool,
}

/// Delete a source.
#[utoipa::path(delete, path = "/sources/{id}", tag = "Sources", params(("id" = String, Path), Deletion),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(deletion): Params<Deletion>,
) -> Answer<StatusCode> {
    match deletion.with_datasets {
        true => app.services.delete_source_with_datasets(&caller, &id).await?,
        false => app.services.delete_source(&caller, &id).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a source answers. That it does not is no error: `ok` is false, and `message` says why.
#[utoipa::path(post, path = "/sources/{id}/test", tag = "Sources", params(("id" = String, Path)),
    responses((status = 200, body = SourceTest), Errors))]
async fn test(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<SourceTest>> {
    Ok(Json(app.services.test_source(&caller, &id).await?))
}

/// The tables of a source, with their columns.
#[utoipa::path(get, path = "/sources/{id}/tables", tag = "Sources", params(("id" = String, Path), PageRequest),
    responses((status = 200, body = Page<SourceTable>), Errors))]
async fn tables(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<SourceTable>>> {
    Ok(Json(page.cut(app.services.source_tables(&caller, &id).await?)?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct OfTable {
    /// Its name in the list of tables.
    table: String,
}

/// The columns and the first rows of a table of a source.
#[utoipa::path(get, path = "/sources/{id}/look", tag = "Sources", params(("id" = String, Path), OfTable),
    responses((status = 200, body = TableLook), Errors))]
async fn look(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(of): Params<OfTable>,
) -> Answer<Json<TableLook>> {
    Ok(Json(app.services.look_into_table(&caller, &id, &of.table).await?))
}

/// The datasets that read from a source, each with what uses it.
#[utoipa::path(get, path = "/sources/{id}/uses", tag = "Sources", params(("id" = String, Path), PageRequest),
    responses((status = 200, body = Page<SourceUse>), Errors))]
async fn uses(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<SourceUse>>> {
    Ok(Json(page.cut(app.services.source_uses(&caller, &id).await?)?))
}

/// Make datasets of tables of a source: all that are named, or none.
#[utoipa::path(post, path = "/sources/{id}/datasets", tag = "Sources", params(("id" = String, Path)),
    request_body = SourceDatasets, responses((status = 201, body = MadeDatasets), Errors))]
async fn make(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(wanted): Body<SourceDatasets>,
) -> Answer<Response> {
    let made = app.services.make_source_datasets(&caller, &id, wanted).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Ask the source which columns the table of a dataset has now, and forget the answers that are kept.
#[utoipa::path(post, path = "/datasets/{id}/refresh", tag = "Sources", params(("id" = String, Path)),
    responses((status = 200, body = LoadResult), Errors))]
async fn refresh(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<LoadResult>> {
    Ok(Json(app.services.refresh_dataset(&caller, &id).await?))
}
