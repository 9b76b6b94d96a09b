//! The history of a dashboard: its timeline, any moment, named versions, publishing.

use super::Result;
use domain::api::TileData;
use domain::history::{Author, Moment, MomentDifference, NamedVersion, Publication, Publishing, Timeline};
#[cfg(feature = "ssr")]
use domain::history::{NewVersion, PublishRequest, TimelineRequest};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the page of a history starts from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryStart {
    pub id: String,
    pub slug: String,
    pub name: String,
    /// The number of the last step.
    pub last: u64,
    pub authors: Vec<Author>,
    pub versions: Vec<NamedVersion>,
    pub timeline: Timeline,
    /// The moment that readers see, where something is published.
    pub published: Option<u64>,
}

/// The beginning of a history.
#[server]
pub async fn open_history(dashboard: String) -> Result<HistoryStart> {
    let (services, caller) = super::caller()?;
    let about = services.get_dashboard(&caller, &dashboard).await?;
    let timeline = services.timeline(&caller, &about.id, &TimelineRequest::default()).await?;
    let publishing = services.publishing(&caller, &about.id).await?;
    Ok(HistoryStart {
        authors: services.history_authors(&caller, &about.id).await?,
        versions: services.list_versions(&caller, &about.id).await?,
        published: publishing.current.map(|publication| publication.seq),
        timeline,
        last: about.version,
        id: about.id,
        slug: about.slug,
        name: about.name,
    })
}

/// What was done before a step, by everybody or one person.
#[server]
pub async fn read_timeline(dashboard: String, before: Option<u64>, user: Option<String>) -> Result<Timeline> {
    let (services, caller) = super::caller()?;
    Ok(services.timeline(&caller, &dashboard, &TimelineRequest { before, user }).await?)
}

/// The dashboard after a step.
#[server]
pub async fn read_moment(dashboard: String, seq: u64) -> Result<Moment> {
    let (services, caller) = super::caller()?;
    Ok(services.moment(&caller, &dashboard, seq).await?)
}

/// What a tile of a moment shows with the data of today.
#[server]
pub async fn read_moment_tile(dashboard: String, seq: u64, tile: String) -> Result<TileData> {
    let (services, caller) = super::caller()?;
    Ok(services.moment_tile(&caller, &dashboard, seq, &tile).await?)
}

/// What bringing a moment back would change.
#[server]
pub async fn restore_difference(dashboard: String, seq: u64) -> Result<MomentDifference> {
    let (services, caller) = super::caller()?;
    let now = services.get_dashboard(&caller, &dashboard).await?.version;
    Ok(services.moment_difference(&caller, &dashboard, now, seq).await?)
}

/// Brings a moment back.
#[server]
pub async fn restore_moment(dashboard: String, seq: u64) -> Result<u64> {
    let (services, caller) = super::caller()?;
    Ok(services.restore_moment(&caller, &dashboard, seq).await?)
}

/// Names a moment.
#[server]
pub async fn name_version(dashboard: String, seq: u64, name: String) -> Result<NamedVersion> {
    let (services, caller) = super::caller()?;
    Ok(services.name_version(&caller, &dashboard, &NewVersion { name, seq: Some(seq) }).await?)
}

/// Gives a named moment another name.
#[server]
pub async fn rename_version(dashboard: String, version: String, name: String) -> Result<NamedVersion> {
    let (services, caller) = super::caller()?;
    Ok(services.rename_version(&caller, &dashboard, &version, &name).await?)
}

/// Takes the name of a moment away.
#[server]
pub async fn forget_version(dashboard: String, version: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.forget_version(&caller, &dashboard, &version).await?)
}

/// What readers see, and what publishing would change.
#[server]
pub async fn read_publishing(dashboard: String) -> Result<Publishing> {
    let (services, caller) = super::caller()?;
    Ok(services.publishing(&caller, &dashboard).await?)
}

/// Publishes the draft that was looked at.
#[server]
pub async fn publish_draft(dashboard: String, note: String, seq: u64) -> Result<Publication> {
    let (services, caller) = super::caller()?;
    Ok(services.publish_dashboard(&caller, &dashboard, &PublishRequest { note, seq: Some(seq) }).await?)
}

/// Readers see every change at once again.
#[server]
pub async fn stop_publishing(dashboard: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.stop_publishing(&caller, &dashboard).await?)
}
