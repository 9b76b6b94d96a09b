//! The caller's own account: profile, second factor, all their sessions.

use super::{Answer, Body, Errors};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::account::{Profile, ProfilePatch, RecoveryCodes, TotpSetup};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(profile, change_profile))
        .routes(routes!(set_up_totp, turn_totp_on))
        .routes(routes!(turn_totp_off))
        .routes(routes!(renew_recovery_codes))
        .routes(routes!(sign_out_elsewhere))
}

/// The present password, asked for once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OwnPassword {
    password: String,
}

/// A code of the app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TotpCode {
    code: String,
}

/// The caller's own account.
#[utoipa::path(get, path = "/me/profile", tag = "Me", responses((status = 200, body = Profile), Errors))]
async fn profile(State(app): State<App>, Who(caller): Who) -> Answer<Json<Profile>> {
    Ok(Json(app.services.my_profile(&caller).await?))
}

/// Change one's full name or e-mail address. A link goes to another address, which counts once it was followed.
#[utoipa::path(patch, path = "/me/profile", tag = "Me", request_body = ProfilePatch,
    responses((status = 200, body = Profile), Errors))]
async fn change_profile(
    State(app): State<App>,
    Who(caller): Who,
    Body(patch): Body<ProfilePatch>,
) -> Answer<Json<Profile>> {
    Ok(Json(app.services.change_profile(&caller, patch).await?))
}

/// Begin two-step sign-in. It is asked for once a code of it was right.
#[utoipa::path(post, path = "/me/totp", tag = "Me", request_body = OwnPassword,
    responses((status = 200, body = TotpSetup), Errors))]
async fn set_up_totp(
    State(app): State<App>,
    Who(caller): Who,
    Body(own): Body<OwnPassword>,
) -> Answer<Json<TotpSetup>> {
    Ok(Json(app.services.set_up_totp(&caller, &own.password).await?))
}

/// Turn two-step sign-in on with a code. The recovery codes are shown this once.
#[utoipa::path(put, path = "/me/totp", tag = "Me", request_body = TotpCode,
    responses((status = 200, body = RecoveryCodes), Errors))]
async fn turn_totp_on(
    State(app): State<App>,
    Who(caller): Who,
    Body(given): Body<TotpCode>,
) -> Answer<Json<RecoveryCodes>> {
    Ok(Json(app.services.turn_totp_on(&caller, &given.code).await?))
}

/// Turn two-step sign-in off.
#[utoipa::path(post, path = "/me/totp/off", tag = "Me", request_body = OwnPassword,
    responses((status = 204, description = "Off"), Errors))]
async fn turn_totp_off(State(app): State<App>, Who(caller): Who, Body(own): Body<OwnPassword>) -> Answer<StatusCode> {
    app.services.turn_totp_off(&caller, &own.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make fresh recovery codes; the former ones work no longer.
#[utoipa::path(post, path = "/me/totp/recovery-codes", tag = "Me", request_body = OwnPassword,
    responses((status = 200, body = RecoveryCodes), Errors))]
async fn renew_recovery_codes(
    State(app): State<App>,
    Who(caller): Who,
    Body(own): Body<OwnPassword>,
) -> Answer<Json<RecoveryCodes>> {
    Ok(Json(app.services.renew_recovery_codes(&caller, &own.password).await?))
}

/// End all sessions of the caller but the one that asks.
#[utoipa::path(post, path = "/me/sessions/end-others", tag = "Me",
    responses((status = 204, description = "Ended"), Errors))]
async fn sign_out_elsewhere(State(app): State<App>, Who(caller): Who) -> Answer<StatusCode> {
    app.services.sign_out_elsewhere(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
