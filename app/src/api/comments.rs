//! Comments on a dashboard.

use super::Result;
use domain::comment::{CommentText, NewThread, Person, Reaction, Thread, ThreadPage, ThreadsRequest};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A page of the threads of a dashboard.
#[server(input = Json)]
pub async fn list_threads(dashboard: String, request: ThreadsRequest) -> Result<ThreadPage> {
    let (services, caller) = super::caller()?;
    Ok(services.list_threads(&caller, &dashboard, &request).await?)
}

/// One thread.
#[server]
pub async fn read_thread(dashboard: String, thread: String) -> Result<Thread> {
    let (services, caller) = super::caller()?;
    Ok(services.get_thread(&caller, &dashboard, &thread).await?)
}

/// Begins a thread.
#[server(input = Json)]
pub async fn begin_thread(dashboard: String, new: NewThread) -> Result<Thread> {
    let (services, caller) = super::caller()?;
    Ok(services.begin_thread(&caller, &dashboard, new).await?)
}

/// Answers in a thread.
#[server(input = Json)]
pub async fn reply_in_thread(dashboard: String, thread: String, text: CommentText) -> Result<Thread> {
    let (services, caller) = super::caller()?;
    Ok(services.reply(&caller, &dashboard, &thread, text).await?)
}

/// Gives a comment other words.
#[server(input = Json)]
pub async fn edit_comment(dashboard: String, thread: String, comment: String, text: CommentText) -> Result<Thread> {
    let (services, caller) = super::caller()?;
    Ok(services.edit_comment(&caller, &dashboard, (&thread, &comment), text).await?)
}

/// Deletes a comment.
#[server]
pub async fn delete_comment(dashboard: String, thread: String, comment: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_comment(&caller, &dashboard, (&thread, &comment)).await?)
}

/// Resolves a thread, or opens it again.
#[server]
pub async fn resolve_thread(dashboard: String, thread: String, resolved: bool) -> Result<Thread> {
    let (services, caller) = super::caller()?;
    Ok(services.resolve_thread(&caller, &dashboard, &thread, resolved).await?)
}

/// Reacts to a comment, or takes that back.
#[server(input = Json)]
pub async fn react_to_comment(
    dashboard: String,
    thread: String,
    comment: String,
    reaction: Reaction,
    on: bool,
) -> Result<Thread> {
    let (services, caller) = super::caller()?;
    Ok(services.react(&caller, &dashboard, (&thread, &comment), reaction, on).await?)
}

/// Marks a thread as read, or all of them.
#[server(input = Json)]
pub async fn read_comments(dashboard: String, thread: Option<String>) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.read_comments(&caller, &dashboard, thread.as_deref()).await?)
}

/// People who may see the dashboard, for who names them.
#[server]
pub async fn people_to_name(dashboard: String, search: String) -> Result<Vec<Person>> {
    let (services, caller) = super::caller()?;
    Ok(services.people_to_name(&caller, &dashboard, &search).await?)
}
