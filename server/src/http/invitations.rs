//! Invitations, and what administrators do about how others sign in.

use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::account::{Invitation, InvitationRequest, NewInvitation};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(revoke))
        .routes(routes!(resend))
        .routes(routes!(sign_out))
        .routes(routes!(reset_totp))
        .routes(routes!(link))
}

/// Invitations that were not taken up yet.
#[utoipa::path(get, path = "/users/invitations", tag = "People", params(PageRequest),
    responses((status = 200, body = Page<Invitation>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Invitation>>> {
    Ok(Json(page.cut(app.services.list_invitations(&caller).await?)?))
}

/// Invite somebody. Where no mail can be sent, the path of the link is in the answer, this once.
#[utoipa::path(post, path = "/users/invitations", tag = "People", request_body = InvitationRequest,
    responses((status = 201, body = NewInvitation), Errors))]
async fn invite(
    State(app): State<App>,
    Who(caller): Who,
    Body(request): Body<InvitationRequest>,
) -> Answer<(StatusCode, Json<NewInvitation>)> {
    Ok((StatusCode::CREATED, Json(app.services.invite(&caller, &request).await?)))
}

/// Take an invitation back.
#[utoipa::path(delete, path = "/users/invitations/{id}", tag = "People", params(("id" = String, Path)),
    responses((status = 204, description = "Taken back"), Errors))]
async fn revoke(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.revoke_invitation(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send an invitation again, with a fresh link.
#[utoipa::path(post, path = "/users/invitations/{id}/resend", tag = "People", params(("id" = String, Path)),
    responses((status = 200, body = NewInvitation), Errors))]
async fn resend(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<NewInvitation>> {
    Ok(Json(app.services.resend_invitation(&caller, &id).await?))
}

/// End all sessions of a user. Their tokens stay.
#[utoipa::path(post, path = "/users/{id}/sign-out", tag = "People", params(("id" = String, Path)),
    responses((status = 204, description = "Ended"), Errors))]
async fn sign_out(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.sign_out_user(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a user's two-step sign-in away: they have lost their phone.
#[utoipa::path(delete, path = "/users/{id}/totp", tag = "People", params(("id" = String, Path)),
    responses((status = 204, description = "Taken away"), Errors))]
async fn reset_totp(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.reset_totp(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who a user is at the sign-in provider: whoever it says has this address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Link {
    /// Null takes it back.
    email: Option<String>,
}

/// Let the provider's account with this verified address be a user's, from its next sign-in on.
#[utoipa::path(put, path = "/users/{id}/provider-link", tag = "People", params(("id" = String, Path)),
    request_body = Link, responses((status = 204, description = "Named"), Errors))]
async fn link(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(link): Body<Link>,
) -> Answer<StatusCode> {
    app.services.link_user(&caller, &id, link.email.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
