//! Datasets, files on their way in, and the jobs that load them.

use super::Result;
use domain::api::{DatasetPatch, Job, LoadRequest, LoadResult, Misfit, RowsRequest, Staged, Template};
use domain::dataset::{LoadOptions, Preview, Profile};
use domain::lineage::Lineage;
use domain::{Cell, Column, Dataset};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The datasets the caller may see, by label.
#[server]
pub async fn list_datasets() -> Result<Vec<Dataset>> {
    let (services, caller) = super::caller()?;
    services.list_datasets(&caller).await.map_err(Into::into)
}

/// One dataset, by name or id.
#[server]
pub async fn get_dataset(name: String) -> Result<Dataset> {
    let (services, caller) = super::caller()?;
    services.get_dataset(&caller, &name).await.map_err(Into::into)
}

/// Changes how a dataset is described and read.
#[server(input = Json)]
pub async fn update_dataset(name: String, patch: DatasetPatch) -> Result<Dataset> {
    let (services, caller) = super::caller()?;
    services.update_dataset(&caller, &name, patch).await.map_err(Into::into)
}

/// Deletes a dataset with its rows.
#[server]
pub async fn delete_dataset(name: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    services.delete_dataset(&caller, &name).await.map_err(Into::into)
}

/// What no longer fits the columns of a dataset, of what the caller may see.
#[server]
pub async fn dataset_misfits(name: String) -> Result<Vec<Misfit>> {
    let (services, caller) = super::caller()?;
    services.misfits(&caller, &name).await.map_err(Into::into)
}

/// What would no longer fit if the dataset had these columns.
#[server(input = Json)]
pub async fn misfits_with(name: String, columns: Vec<Column>) -> Result<Vec<Misfit>> {
    let (services, caller) = super::caller()?;
    services.misfits_with(&caller, &name, columns).await.map_err(Into::into)
}

/// Where a dataset comes from, and what uses it.
#[server]
pub async fn dataset_lineage(name: String) -> Result<Lineage> {
    let (services, caller) = super::caller()?;
    services.lineage(&caller, &name).await.map_err(Into::into)
}

/// Asks the source of a dataset anew: its columns, and every answer.
#[server]
pub async fn refresh_dataset(name: String) -> Result<LoadResult> {
    let (services, caller) = super::caller()?;
    services.refresh_dataset(&caller, &name).await.map_err(Into::into)
}

/// How many rows a dataset has now; those of a source are counted there.
#[server]
pub async fn count_rows(name: String) -> Result<u64> {
    let (services, caller) = super::caller()?;
    services.count_rows(&caller, &name).await.map_err(Into::into)
}

/// What is known about the values of each column.
#[server]
pub async fn dataset_profile(name: String) -> Result<Profile> {
    let (services, caller) = super::caller()?;
    services.dataset_profile(&caller, &name).await.map_err(Into::into)
}

/// A window of raw rows: `rows[r][c]`, in the order of the dataset's columns.
#[server(input = Json)]
pub async fn dataset_rows(name: String, request: RowsRequest) -> Result<Vec<Vec<Cell>>> {
    let (services, caller) = super::caller()?;
    let (answer, _) = services.dataset_rows(&caller, &name, &request).await?;
    let table = &answer.table;
    Ok((0..table.row_count()).map(|r| table.row(r).cloned().collect()).collect())
}

/// What would be loaded from a staged file.
#[server(input = Json)]
pub async fn preview_upload(staged: Staged, options: LoadOptions) -> Result<Preview> {
    let (services, caller) = super::caller()?;
    services.preview_upload(&caller, &staged, &options).await.map_err(Into::into)
}

/// Begins to load a staged file.
#[server(input = Json)]
pub async fn load_upload(staged: Staged, request: LoadRequest) -> Result<Job> {
    let (services, caller) = super::caller()?;
    services.load_upload(&caller, &staged, request, true).await.map_err(Into::into)
}

/// Forgets a staged file.
#[server]
pub async fn discard_upload(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    services.discard_upload(&caller, &id).await.map_err(Into::into)
}

/// Cancels a job of the caller.
#[server]
pub async fn cancel_job(id: String) -> Result<Job> {
    let (services, caller) = super::caller()?;
    services.cancel_job(&caller, &id).await.map_err(Into::into)
}

/// The templates that suit a dataset.
#[server]
pub async fn templates_for(dataset: String) -> Result<Vec<Template>> {
    let (services, caller) = super::caller()?;
    let mut templates = services.list_templates(&caller).await?;
    templates.retain(|template| template.suits.contains(&dataset));
    Ok(templates)
}

/// Makes a dashboard of a template and a dataset; gives its slug.
#[server]
pub async fn dashboard_from_template(template: String, dataset: String) -> Result<String> {
    let (services, caller) = super::caller()?;
    let dashboard = services.create_from_template(&caller, &template, &dataset, "").await?;
    Ok(dashboard.slug)
}
