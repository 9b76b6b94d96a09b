//! The caller's own account, and the users that administrators look after.

use super::Result;
use domain::UserRole;
use domain::api::{NewToken, TokenRequest, UserPatch};
use domain::people::{Session, Token, User};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Changes the caller's password and ends their other sessions.
#[server]
pub async fn change_password(old: String, new: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.change_password(&caller, &old, &new).await?)
}

/// The caller's sessions.
#[server]
pub async fn list_sessions() -> Result<Vec<Session>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_sessions(&caller).await?)
}

/// Ends one of the caller's sessions.
#[server]
pub async fn revoke_session(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.revoke_session(&caller, &id).await?)
}

/// The caller's API tokens.
#[server]
pub async fn list_tokens() -> Result<Vec<Token>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_tokens(&caller).await?)
}

/// Makes an API token. Its secret is in this answer and nowhere else.
#[server(input = Json)]
pub async fn create_token(request: TokenRequest) -> Result<NewToken> {
    let (services, caller) = super::caller()?;
    Ok(services.create_token(&caller, &request).await?)
}

/// Ends an API token.
#[server]
pub async fn revoke_token(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.revoke_token(&caller, &id).await?)
}

/// Every user, for administrators.
#[server]
pub async fn list_users() -> Result<Vec<User>> {
    let (services, caller) = super::caller()?;
    if caller.role < UserRole::Admin {
        return Err(domain::Error::forbidden("Only administrators manage users.").into());
    }
    Ok(services.list_users(&caller).await?)
}

/// Adds a user.
#[server]
pub async fn create_user(name: String, role: UserRole, password: String) -> Result<User> {
    let (services, caller) = super::caller()?;
    Ok(services.create_user(&caller, &name, role, &password).await?)
}

/// Changes a user's role, state or password.
#[server(input = Json)]
pub async fn update_user(id: String, patch: UserPatch) -> Result<User> {
    let (services, caller) = super::caller()?;
    Ok(services.update_user(&caller, &id, patch).await?)
}
