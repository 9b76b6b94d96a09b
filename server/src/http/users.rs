//! People, for administrators.

use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::UserRole;
use domain::api::UserPatch;
use domain::people::User;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(update))
}

/// A user to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    name: String,
    role: UserRole,
    password: String,
}

/// All users.
#[utoipa::path(get, path = "/users", tag = "People", params(PageRequest),
    responses((status = 200, body = Page<User>), Errors))]
async fn list(State(app): State<App>, Who(caller): Who, Params(page): Params<PageRequest>) -> Answer<Json<Page<User>>> {
    Ok(Json(page.cut(app.services.list_users(&caller).await?)?))
}

/// Make a user.
#[utoipa::path(post, path = "/users", tag = "People", request_body = NewUser,
    responses((status = 201, body = User), Errors))]
async fn create(
    State(app): State<App>,
    Who(caller): Who,
    Body(new): Body<NewUser>,
) -> Answer<(StatusCode, Json<User>)> {
    let user = app.services.create_user(&caller, &new.name, new.role, &new.password).await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// Change a user's role, state or password.
#[utoipa::path(patch, path = "/users/{id}", tag = "People", params(("id" = String, Path)), request_body = UserPatch,
    responses((status = 200, body = User), Errors))]
async fn update(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<UserPatch>,
) -> Answer<Json<User>> {
    Ok(Json(app.services.update_user(&caller, &id, patch).await?))
}
