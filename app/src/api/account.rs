//! The caller's own account, and how administrators let people in.

use super::Result;
use domain::account::{Invitation, InvitationRequest, NewInvitation, Profile, ProfilePatch, RecoveryCodes, TotpSetup};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The caller's own account.
#[server]
pub async fn my_profile() -> Result<Profile> {
    let (services, caller) = super::caller()?;
    Ok(services.my_profile(&caller).await?)
}

/// Changes the caller's full name or address.
#[server(input = Json)]
pub async fn change_profile(patch: ProfilePatch) -> Result<Profile> {
    let (services, caller) = super::caller()?;
    Ok(services.change_profile(&caller, patch).await?)
}

/// Begins two-step sign-in.
#[server]
pub async fn set_up_totp(password: String) -> Result<TotpSetup> {
    let (services, caller) = super::caller()?;
    Ok(services.set_up_totp(&caller, &password).await?)
}

/// Turns two-step sign-in on with a code.
#[server]
pub async fn turn_totp_on(code: String) -> Result<RecoveryCodes> {
    let (services, caller) = super::caller()?;
    Ok(services.turn_totp_on(&caller, &code).await?)
}

/// Turns two-step sign-in off.
#[server]
pub async fn turn_totp_off(password: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.turn_totp_off(&caller, &password).await?)
}

/// Makes fresh recovery codes.
#[server]
pub async fn renew_recovery_codes(password: String) -> Result<RecoveryCodes> {
    let (services, caller) = super::caller()?;
    Ok(services.renew_recovery_codes(&caller, &password).await?)
}

/// Ends all sessions of the caller but this one.
#[server]
pub async fn sign_out_elsewhere() -> Result<u64> {
    let (services, caller) = super::caller()?;
    Ok(services.sign_out_elsewhere(&caller).await?)
}

/// Invitations that wait.
#[server]
pub async fn list_invitations() -> Result<Vec<Invitation>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_invitations(&caller).await?)
}

/// Invites somebody.
#[server(input = Json)]
pub async fn invite_user(request: InvitationRequest) -> Result<NewInvitation> {
    let (services, caller) = super::caller()?;
    Ok(services.invite(&caller, &request).await?)
}

/// Sends an invitation again.
#[server]
pub async fn resend_invitation(id: String) -> Result<NewInvitation> {
    let (services, caller) = super::caller()?;
    Ok(services.resend_invitation(&caller, &id).await?)
}

/// Takes an invitation back.
#[server]
pub async fn revoke_invitation(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.revoke_invitation(&caller, &id).await?)
}

/// Ends all sessions of a user.
#[server]
pub async fn sign_out_user(id: String) -> Result<u64> {
    let (services, caller) = super::caller()?;
    Ok(services.sign_out_user(&caller, &id).await?)
}

/// Takes a user's two-step sign-in away.
#[server]
pub async fn reset_totp(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.reset_totp(&caller, &id).await?)
}

/// Names the address by which the sign-in provider's account becomes a user's; empty takes it back.
#[server]
pub async fn link_user(id: String, address: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.link_user(&caller, &id, Some(&address)).await?)
}

/// The name of the sign-in provider, if there is one.
#[server]
pub async fn sign_in_provider() -> Result<Option<String>> {
    let (services, _) = super::caller()?;
    Ok(services.sign_in_ways().provider)
}
