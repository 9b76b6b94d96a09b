//! The caller's own sessions, tokens and home.

use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::api::{NewToken, TokenRequest};
use domain::people::{Session, Token};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(sessions))
        .routes(routes!(end_session))
        .routes(routes!(tokens, create_token))
        .routes(routes!(end_token))
        .routes(routes!(change_password))
}

/// Who is asking.
#[derive(Serialize, ToSchema)]
struct Me {
    id: String,
    name: String,
    role: domain::UserRole,
    scope: domain::people::Scope,
}

/// Who is asking.
#[utoipa::path(get, path = "/me", tag = "Me", responses((status = 200, body = Me), Errors))]
async fn me(Who(caller): Who) -> Json<Me> {
    Json(Me { id: caller.user_id, name: caller.name, role: caller.role, scope: caller.scope })
}

/// The caller's sessions.
#[utoipa::path(get, path = "/me/sessions", tag = "Me", params(PageRequest),
    responses((status = 200, body = Page<Session>), Errors))]
async fn sessions(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Session>>> {
    Ok(Json(page.cut(app.services.list_sessions(&caller).await?)?))
}

/// End a session.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "Me", params(("id" = String, Path)),
    responses((status = 204, description = "Ended"), Errors))]
async fn end_session(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.revoke_session(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's API tokens.
#[utoipa::path(get, path = "/me/tokens", tag = "Me", params(PageRequest),
    responses((status = 200, body = Page<Token>), Errors))]
async fn tokens(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Token>>> {
    Ok(Json(page.cut(app.services.list_tokens(&caller).await?)?))
}

/// Make an API token. Its secret is shown this once.
#[utoipa::path(post, path = "/me/tokens", tag = "Me", request_body = TokenRequest,
    responses((status = 201, body = NewToken), Errors))]
async fn create_token(
    State(app): State<App>,
    Who(caller): Who,
    Body(request): Body<TokenRequest>,
) -> Answer<(StatusCode, Json<NewToken>)> {
    Ok((StatusCode::CREATED, Json(app.services.create_token(&caller, &request).await?)))
}

/// Revoke an API token.
#[utoipa::path(delete, path = "/me/tokens/{id}", tag = "Me", params(("id" = String, Path)),
    responses((status = 204, description = "Revoked"), Errors))]
async fn end_token(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.revoke_token(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    old: String,
    new: String,
}

/// Change one's own password; other sessions end.
#[utoipa::path(put, path = "/me/password", tag = "Me", request_body = PasswordChange,
    responses((status = 204, description = "Changed"), Errors))]
async fn change_password(
    State(app): State<App>,
    Who(caller): Who,
    Body(change): Body<PasswordChange>,
) -> Answer<StatusCode> {
    app.services.change_password(&caller, &change.old, &change.new).await?;
    Ok(StatusCode::NO_CONTENT)
}
