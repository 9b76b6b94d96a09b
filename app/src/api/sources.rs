//! Sources, for administrators: described, tried, looked into, made into datasets.

use super::Result;
use domain::Dataset;
use domain::lineage::SourceUse;
use domain::source::{ChosenTable, NewSource, Source, SourceKind, SourcePatch, SourceTest, TableEntry, TableLook};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The kinds of source, with their forms.
#[server]
pub async fn source_kinds() -> Result<Vec<SourceKind>> {
    let (services, caller) = super::caller()?;
    Ok(services.source_kinds(&caller)?)
}

/// All sources by name.
#[server]
pub async fn list_sources() -> Result<Vec<Source>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_sources(&caller).await?)
}

/// One source.
#[server]
pub async fn get_source(id: String) -> Result<Source> {
    let (services, caller) = super::caller()?;
    Ok(services.get_source(&caller, &id).await?)
}

/// Keeps a source, then tries it: what came of that stands in its state.
#[server(input = Json)]
pub async fn create_source(new: NewSource) -> Result<Source> {
    let (services, caller) = super::caller()?;
    let source = services.create_source(&caller, new).await?;
    services.test_source(&caller, &source.id).await?;
    Ok(services.get_source(&caller, &source.id).await?)
}

/// Changes a source, then tries it.
#[server(input = Json)]
pub async fn update_source(id: String, patch: SourcePatch) -> Result<Source> {
    let (services, caller) = super::caller()?;
    services.update_source(&caller, &id, patch).await?;
    services.test_source(&caller, &id).await?;
    Ok(services.get_source(&caller, &id).await?)
}

/// Tries a source; gives it back with its new state.
#[server]
pub async fn test_source(id: String) -> Result<Source> {
    let (services, caller) = super::caller()?;
    services.test_source(&caller, &id).await?;
    Ok(services.get_source(&caller, &id).await?)
}

/// Whether a source that is not kept yet would answer.
#[server(input = Json)]
pub async fn try_source(new: NewSource) -> Result<SourceTest> {
    let (services, caller) = super::caller()?;
    Ok(services.try_source(&caller, new).await?)
}

/// Whether a source would answer after a change.
#[server(input = Json)]
pub async fn try_source_change(id: String, patch: SourcePatch) -> Result<SourceTest> {
    let (services, caller) = super::caller()?;
    Ok(services.try_source_change(&caller, &id, &patch).await?)
}

/// Deletes a source, with the datasets that read from it.
#[server]
pub async fn delete_source(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_source_with_datasets(&caller, &id).await?)
}

/// The datasets that read from a source, each with what uses it.
#[server]
pub async fn source_uses(id: String) -> Result<Vec<SourceUse>> {
    let (services, caller) = super::caller()?;
    Ok(services.source_uses(&caller, &id).await?)
}

/// The tables of a source, without their columns: there may be thousands.
#[server]
pub async fn source_tables(id: String) -> Result<Vec<TableEntry>> {
    let (services, caller) = super::caller()?;
    Ok(services.source_tables(&caller, &id).await?.into_iter().map(Into::into).collect())
}

/// The columns and first rows of a table.
#[server]
pub async fn look_into_table(id: String, table: String) -> Result<TableLook> {
    let (services, caller) = super::caller()?;
    Ok(services.look_into_table(&caller, &id, &table).await?)
}

/// Makes a dataset of a table.
#[server(input = Json)]
pub async fn make_source_dataset(id: String, table: ChosenTable) -> Result<Option<Dataset>> {
    let (services, caller) = super::caller()?;
    let made =
        services.make_source_datasets(&caller, &id, domain::source::SourceDatasets { tables: vec![table] }).await?;
    Ok(made.datasets.into_iter().next())
}
