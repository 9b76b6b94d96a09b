//! The caller's inbox, channels, and what became of deliveries.

use super::uploads::location;
use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::notify::{
    Channel, ChannelPatch, Delivery, DeliveryStatus, InboxNews, NewChannel, Notification, NotifyPreferences, SendTest,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(notifications))
        .routes(routes!(read_all))
        .routes(routes!(read))
        .routes(routes!(preferences, set_preferences))
        .routes(routes!(channels, create_channel))
        .routes(routes!(update_channel, delete_channel))
        .routes(routes!(test_channel))
        .routes(routes!(test_mail))
        .routes(routes!(deliveries))
        .routes(routes!(resend))
}

/// The caller's inbox, newest first.
#[utoipa::path(get, path = "/notifications", tag = "Notifications", params(PageRequest),
    responses((status = 200, body = Page<Notification>), Errors))]
async fn notifications(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Notification>>> {
    Ok(Json(page.cut(app.services.list_notifications(&caller).await?)?))
}

/// Mark the whole inbox as read.
#[utoipa::path(post, path = "/notifications/read", tag = "Notifications",
    responses((status = 200, body = InboxNews), Errors))]
async fn read_all(State(app): State<App>, Who(caller): Who) -> Answer<Json<InboxNews>> {
    let unread = app.services.read_all_notifications(&caller).await?;
    Ok(Json(InboxNews { unread, notification: None }))
}

/// Mark a notification as read.
#[utoipa::path(post, path = "/notifications/{id}/read", tag = "Notifications", params(("id" = String, Path)),
    responses((status = 200, body = InboxNews), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<InboxNews>> {
    let unread = app.services.read_notification(&caller, &id).await?;
    Ok(Json(InboxNews { unread, notification: None }))
}

/// How the caller wants to be told.
#[utoipa::path(get, path = "/me/notification-preferences", tag = "Notifications",
    responses((status = 200, body = NotifyPreferences), Errors))]
async fn preferences(State(app): State<App>, Who(caller): Who) -> Answer<Json<NotifyPreferences>> {
    Ok(Json(app.services.notify_preferences(&caller).await?))
}

/// Change how the caller wants to be told.
#[utoipa::path(put, path = "/me/notification-preferences", tag = "Notifications", request_body = NotifyPreferences,
    responses((status = 200, body = NotifyPreferences), Errors))]
async fn set_preferences(
    State(app): State<App>,
    Who(caller): Who,
    Body(wanted): Body<NotifyPreferences>,
) -> Answer<Json<NotifyPreferences>> {
    Ok(Json(app.services.set_notify_preferences(&caller, wanted).await?))
}

/// The channels that messages can go to.
#[utoipa::path(get, path = "/channels", tag = "Notifications", params(PageRequest),
    responses((status = 200, body = Page<Channel>), Errors))]
async fn channels(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<Channel>>> {
    Ok(Json(page.cut(app.services.list_channels(&caller).await?)?))
}

/// Set a channel up. Its address and its secret are encrypted and never shown again.
#[utoipa::path(post, path = "/channels", tag = "Notifications", request_body = NewChannel,
    responses((status = 201, body = Channel), Errors))]
async fn create_channel(State(app): State<App>, Who(caller): Who, Body(new): Body<NewChannel>) -> Answer<Response> {
    let made = app.services.create_channel(&caller, new).await?;
    Ok((StatusCode::CREATED, location("channels", &made.id), Json(made)).into_response())
}

/// Change a channel. With another address, the secret must be given again.
#[utoipa::path(patch, path = "/channels/{id}", tag = "Notifications", params(("id" = String, Path)),
    request_body = ChannelPatch, responses((status = 200, body = Channel), Errors))]
async fn update_channel(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<ChannelPatch>,
) -> Answer<Json<Channel>> {
    Ok(Json(app.services.update_channel(&caller, &id, patch).await?))
}

/// Delete a channel.
#[utoipa::path(delete, path = "/channels/{id}", tag = "Notifications", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete_channel(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_channel(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a test message through a channel. That it does not arrive is no error: `ok` is false, and
/// `message` says why.
#[utoipa::path(post, path = "/channels/{id}/test", tag = "Notifications", params(("id" = String, Path)),
    responses((status = 200, body = SendTest), Errors))]
async fn test_channel(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<SendTest>> {
    Ok(Json(app.services.test_channel(&caller, &id).await?))
}

/// Where a test mail goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MailTest {
    address: String,
}

/// Send a test mail. That it does not arrive is no error: `ok` is false, and `message` says why.
#[utoipa::path(post, path = "/mail-tests", tag = "Notifications", request_body = MailTest,
    responses((status = 200, body = SendTest), Errors))]
async fn test_mail(State(app): State<App>, Who(caller): Who, Body(test): Body<MailTest>) -> Answer<Json<SendTest>> {
    Ok(Json(app.services.test_mail(&caller, &test.address).await?))
}

/// Which deliveries to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Which {
    /// Only those of this event.
    event: Option<String>,
    /// Only those that stand there.
    status: Option<DeliveryStatus>,
    /// 1 to 1,000; default 100.
    limit: Option<usize>,
    /// `next` of the former page.
    cursor: Option<String>,
}

/// What became of the messages of events that the caller owns; an administrator sees everybody's.
#[utoipa::path(get, path = "/deliveries", tag = "Notifications", params(Which),
    responses((status = 200, body = Page<Delivery>), Errors))]
async fn deliveries(
    State(app): State<App>,
    Who(caller): Who,
    Params(which): Params<Which>,
) -> Answer<Json<Page<Delivery>>> {
    let all = app.services.list_deliveries(&caller, which.event.as_deref(), which.status).await?;
    Ok(Json(PageRequest { limit: which.limit, cursor: which.cursor }.cut(all)?))
}

/// Send again what was not delivered.
#[utoipa::path(post, path = "/deliveries/{id}/resend", tag = "Notifications", params(("id" = String, Path)),
    responses((status = 202, body = Delivery), Errors))]
async fn resend(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
) -> Answer<(StatusCode, Json<Delivery>)> {
    Ok((StatusCode::ACCEPTED, Json(app.services.resend_delivery(&caller, &id).await?)))
}
