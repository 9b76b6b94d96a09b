//! The caller's inbox, how they want to be told, and the channels that administrators set up.

use super::Result;
use domain::notify::{Channel, Delivery, MailState, NewChannel, Notification, NotifyPreferences, SendTest};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The newest notices of the inbox.
#[server]
pub async fn newest_notifications(limit: u32) -> Result<Vec<Notification>> {
    let (services, caller) = super::caller()?;
    Ok(services.newest_notifications(&caller, limit).await?)
}

/// Marks a notice as read. Answers how many are left.
#[server]
pub async fn read_notification(id: String) -> Result<u64> {
    let (services, caller) = super::caller()?;
    Ok(services.read_notification(&caller, &id).await?)
}

/// Marks the whole inbox as read.
#[server]
pub async fn read_all_notifications() -> Result<u64> {
    let (services, caller) = super::caller()?;
    Ok(services.read_all_notifications(&caller).await?)
}

/// How the caller wants to be told.
#[server]
pub async fn my_preferences() -> Result<NotifyPreferences> {
    let (services, caller) = super::caller()?;
    Ok(services.notify_preferences(&caller).await?)
}

/// Changes how the caller wants to be told.
#[server(input = Json)]
pub async fn set_notify_preferences(wanted: NotifyPreferences) -> Result<NotifyPreferences> {
    let (services, caller) = super::caller()?;
    Ok(services.set_notify_preferences(&caller, wanted).await?)
}

/// Sends the caller a notice, to see where it arrives.
#[server]
pub async fn try_notice() -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.try_notice(&caller).await?)
}

/// The channels that messages can go to.
#[server]
pub async fn list_channels() -> Result<Vec<Channel>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_channels(&caller).await?)
}

/// Sets a channel up.
#[server(input = Json)]
pub async fn create_channel(new: NewChannel) -> Result<Channel> {
    let (services, caller) = super::caller()?;
    Ok(services.create_channel(&caller, new).await?)
}

/// Deletes a channel.
#[server]
pub async fn delete_channel(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_channel(&caller, &id).await?)
}

/// Sends a test message through a channel.
#[server]
pub async fn test_channel(id: String) -> Result<SendTest> {
    let (services, caller) = super::caller()?;
    Ok(services.test_channel(&caller, &id).await?)
}

/// Whether this server sends mail.
#[server]
pub async fn mail_status() -> Result<MailState> {
    let (services, caller) = super::caller()?;
    Ok(services.mail_state(&caller)?)
}

/// Sends a test mail.
#[server]
pub async fn test_mail(address: String) -> Result<SendTest> {
    let (services, caller) = super::caller()?;
    Ok(services.test_mail(&caller, &address).await?)
}

/// What was not delivered.
#[server]
pub async fn dead_letters() -> Result<Vec<Delivery>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_deliveries(&caller, None, Some(domain::notify::DeliveryStatus::Dead)).await?)
}

/// Sends again what was not delivered.
#[server]
pub async fn resend_delivery(id: String) -> Result<Delivery> {
    let (services, caller) = super::caller()?;
    Ok(services.resend_delivery(&caller, &id).await?)
}
