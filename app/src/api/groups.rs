//! Groups, attributes of users, and what somebody owns who leaves: for administrators.

use super::Result;
use domain::sharing::{Attributes, Group, Owned, Trouble};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// All groups with their members.
#[server]
pub async fn list_groups() -> Result<Vec<Group>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_groups(&caller).await?)
}

/// Makes a group.
#[server]
pub async fn create_group(name: String) -> Result<Group> {
    let (services, caller) = super::caller()?;
    Ok(services.create_group(&caller, &name).await?)
}

/// Gives a group another name.
#[server]
pub async fn rename_group(id: String, name: String) -> Result<Group> {
    let (services, caller) = super::caller()?;
    Ok(services.rename_group(&caller, &id, &name).await?)
}

/// Deletes a group.
#[server]
pub async fn delete_group(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_group(&caller, &id).await?)
}

/// Puts a user, by name, into a group, or takes them out.
#[server]
pub async fn set_member(id: String, user: String, is_member: bool) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.set_member(&caller, &id, &user, is_member).await?)
}

/// What policies may ask of a user.
#[server]
pub async fn user_attributes(id: String) -> Result<Attributes> {
    let (services, caller) = super::caller()?;
    Ok(services.user_attributes(&caller, &id).await?)
}

/// Changes that, all of it at once.
#[server(input = Json)]
pub async fn set_user_attributes(id: String, attributes: Attributes) -> Result<Attributes> {
    let (services, caller) = super::caller()?;
    Ok(services.set_user_attributes(&caller, &id, attributes).await?)
}

/// All that a user owns.
#[server]
pub async fn owned_by(id: String) -> Result<Owned> {
    let (services, caller) = super::caller()?;
    Ok(services.owned_by(&caller, &id).await?)
}

/// What would not work any more if all of it were somebody else's.
#[server]
pub async fn leaving_troubles(id: String, to: String) -> Result<Vec<Trouble>> {
    let (services, caller) = super::caller()?;
    Ok(services.transfer_all_troubles(&caller, &id, &to).await?)
}

/// Hands all of it on.
#[server]
pub async fn transfer_all(id: String, to: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.transfer_all(&caller, &id, &to).await?)
}
