//! Comments on a dashboard.

use super::uploads::location;
use super::{Answer, Body, Errors, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Error;
use domain::comment::{CommentText, NewThread, Person, Reaction, Thread, ThreadPage, ThreadPatch, ThreadsRequest};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, begin))
        .routes(routes!(people))
        .routes(routes!(read_all))
        .routes(routes!(get, resolve))
        .routes(routes!(read))
        .routes(routes!(reply))
        .routes(routes!(edit, delete))
        .routes(routes!(react, unreact))
}

/// The threads of a dashboard with what was said in them, the latest change first.
#[utoipa::path(get, path = "/dashboards/{id}/comments", tag = "Comments", params(("id" = String, Path), ThreadsRequest),
    responses((status = 200, body = ThreadPage), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(request): Params<ThreadsRequest>,
) -> Answer<Json<ThreadPage>> {
    Ok(Json(app.services.list_threads(&caller, &id, &request).await?))
}

/// Begin a thread: on the dashboard, on a tile, or on a place of the tile's axis. Who is named in it
/// as `@name` and may see the dashboard is told.
#[utoipa::path(post, path = "/dashboards/{id}/comments", tag = "Comments", params(("id" = String, Path)),
    request_body = NewThread, responses((status = 201, body = Thread), Errors))]
async fn begin(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(new): Body<NewThread>,
) -> Answer<Response> {
    let made = app.services.begin_thread(&caller, &id, new).await?;
    let kind = format!("dashboards/{id}/comments");
    Ok((StatusCode::CREATED, location(&kind, &made.id), Json(made)).into_response())
}

/// Whom a comment is to name.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Named {
    /// A part of their name.
    search: String,
}

/// People who may see the dashboard, for who names them in a comment.
#[utoipa::path(get, path = "/dashboards/{id}/comments/people", tag = "Comments", params(("id" = String, Path), Named),
    responses((status = 200, body = Vec<Person>), Errors))]
async fn people(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(named): Params<Named>,
) -> Answer<Json<Vec<Person>>> {
    Ok(Json(app.services.people_to_name(&caller, &id, &named.search).await?))
}

/// Mark all threads of a dashboard as read.
#[utoipa::path(post, path = "/dashboards/{id}/comments/read", tag = "Comments", params(("id" = String, Path)),
    responses((status = 204, description = "Read"), Errors))]
async fn read_all(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.read_comments(&caller, &id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One thread.
#[utoipa::path(get, path = "/dashboards/{id}/comments/{thread}", tag = "Comments",
    params(("id" = String, Path), ("thread" = String, Path)), responses((status = 200, body = Thread), Errors))]
async fn get(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, thread)): Path<(String, String)>,
) -> Answer<Json<Thread>> {
    Ok(Json(app.services.get_thread(&caller, &id, &thread).await?))
}

/// Resolve a thread, or open it again.
#[utoipa::path(patch, path = "/dashboards/{id}/comments/{thread}", tag = "Comments", request_body = ThreadPatch,
    params(("id" = String, Path), ("thread" = String, Path)), responses((status = 200, body = Thread), Errors))]
async fn resolve(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, thread)): Path<(String, String)>,
    Body(patch): Body<ThreadPatch>,
) -> Answer<Json<Thread>> {
    Ok(Json(app.services.resolve_thread(&caller, &id, &thread, patch.resolved).await?))
}

/// Mark a thread as read.
#[utoipa::path(post, path = "/dashboards/{id}/comments/{thread}/read", tag = "Comments",
    params(("id" = String, Path), ("thread" = String, Path)), responses((status = 204, description = "Read"), Errors))]
async fn read(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, thread)): Path<(String, String)>,
) -> Answer<StatusCode> {
    app.services.read_comments(&caller, &id, Some(&thread)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answer in a thread; one that was resolved is open again by that.
#[utoipa::path(post, path = "/dashboards/{id}/comments/{thread}/replies", tag = "Comments", request_body = CommentText,
    params(("id" = String, Path), ("thread" = String, Path)), responses((status = 201, body = Thread), Errors))]
async fn reply(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, thread)): Path<(String, String)>,
    Body(text): Body<CommentText>,
) -> Answer<(StatusCode, Json<Thread>)> {
    Ok((StatusCode::CREATED, Json(app.services.reply(&caller, &id, &thread, text).await?)))
}

/// Give a comment of one's own other words; the first of a thread too.
#[utoipa::path(patch, path = "/dashboards/{id}/comments/{thread}/replies/{comment}", tag = "Comments",
    request_body = CommentText, params(("id" = String, Path), ("thread" = String, Path), ("comment" = String, Path)),
    responses((status = 200, body = Thread), Errors))]
async fn edit(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, thread, comment)): Path<(String, String, String)>,
    Body(text): Body<CommentText>,
) -> Answer<Json<Thread>> {
    Ok(Json(app.services.edit_comment(&caller, &id, (&thread, &comment), text).await?))
}

/// Delete a comment of one's own; the owner of the dashboard deletes anybody's.
#[utoipa::path(delete, path = "/dashboards/{id}/comments/{thread}/replies/{comment}", tag = "Comments",
    params(("id" = String, Path), ("thread" = String, Path), ("comment" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, thread, comment)): Path<(String, String, String)>,
) -> Answer<StatusCode> {
    app.services.delete_comment(&caller, &id, (&thread, &comment)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A reaction by its word.
fn known(word: &str) -> Result<Reaction, Error> {
    Reaction::parse(word).ok_or_else(|| {
        let all: Vec<&str> = Reaction::ALL.into_iter().map(Reaction::as_str).collect();
        Error::invalid("There is no such reaction.").hint(format!("There are {}.", all.join(", "))).field("reaction")
    })
}

/// React to a comment.
#[utoipa::path(put, path = "/dashboards/{id}/comments/{thread}/replies/{comment}/reactions/{reaction}", tag = "Comments",
    params(("id" = String, Path), ("thread" = String, Path), ("comment" = String, Path), ("reaction" = String, Path)),
    responses((status = 200, body = Thread), Errors))]
async fn react(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, thread, comment, reaction)): Path<(String, String, String, String)>,
) -> Answer<Json<Thread>> {
    let reaction = known(&reaction)?;
    Ok(Json(app.services.react(&caller, &id, (&thread, &comment), reaction, true).await?))
}

/// Take a reaction back.
#[utoipa::path(delete, path = "/dashboards/{id}/comments/{thread}/replies/{comment}/reactions/{reaction}",
    tag = "Comments",
    params(("id" = String, Path), ("thread" = String, Path), ("comment" = String, Path), ("reaction" = String, Path)),
    responses((status = 200, body = Thread), Errors))]
async fn unreact(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, thread, comment, reaction)): Path<(String, String, String, String)>,
) -> Answer<Json<Thread>> {
    let reaction = known(&reaction)?;
    Ok(Json(app.services.react(&caller, &id, (&thread, &comment), reaction, false).await?))
}
