//! Folders, and what lies in them.

use super::Result;
use super::sharing::Thing;
use domain::sharing::{Folder, FolderPatch, MoveEffect, NewFolder};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use std::collections::BTreeMap;

/// The folders that the caller sees.
#[server]
pub async fn list_folders() -> Result<Vec<Folder>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_folders(&caller).await?)
}

/// Which things of a kind lie in which folder: folder by thing.
#[server]
pub async fn folder_places(thing: Thing) -> Result<BTreeMap<String, String>> {
    let (services, caller) = super::caller()?;
    Ok(services.folder_places(&caller, thing.as_str()).await?)
}

/// Makes a folder.
#[server(input = Json)]
pub async fn create_folder(new: NewFolder) -> Result<Folder> {
    let (services, caller) = super::caller()?;
    Ok(services.create_folder(&caller, new).await?)
}

/// Changes a folder.
#[server(input = Json)]
pub async fn update_folder(id: String, patch: FolderPatch) -> Result<Folder> {
    let (services, caller) = super::caller()?;
    Ok(services.update_folder(&caller, &id, patch).await?)
}

/// Deletes a folder; what lies in it moves to where the folder lay.
#[server]
pub async fn delete_folder(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_folder(&caller, &id).await?)
}

/// Whose rights would change if a thing were put into a folder, or into none.
#[server]
pub async fn effect_of_move(thing: Thing, id: String, folder: Option<String>) -> Result<MoveEffect> {
    let (services, caller) = super::caller()?;
    Ok(services.move_effect(&caller, thing.as_str(), &id, folder.as_deref()).await?)
}

/// Puts a thing into a folder, or into none.
#[server]
pub async fn move_thing(thing: Thing, id: String, folder: Option<String>) -> Result<MoveEffect> {
    let (services, caller) = super::caller()?;
    Ok(services.move_thing(&caller, thing.as_str(), &id, folder.as_deref()).await?)
}
