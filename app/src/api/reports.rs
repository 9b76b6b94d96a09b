//! Reports: questions with parameters.

use super::Result;
use domain::Cell;
use domain::api::{NewReport, ReportPatch, TileData};
use domain::report::Report;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde_json::{Map, Value};

/// The reports the caller may see, latest change first.
#[server]
pub async fn list_reports() -> Result<Vec<Report>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_reports(&caller, "").await?)
}

/// One report.
#[server]
pub async fn get_report(id: String) -> Result<Report> {
    let (services, caller) = super::caller()?;
    Ok(services.get_report(&caller, &id).await?)
}

/// Keeps a question as a report.
#[server(input = Json)]
pub async fn create_report(new: NewReport) -> Result<Report> {
    let (services, caller) = super::caller()?;
    Ok(services.create_report(&caller, new).await?)
}

/// Changes a report.
#[server(input = Json)]
pub async fn update_report(id: String, patch: ReportPatch) -> Result<Report> {
    let (services, caller) = super::caller()?;
    Ok(services.update_report(&caller, &id, patch).await?)
}

/// Deletes a report.
#[server]
pub async fn delete_report(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_report(&caller, &id).await?)
}

/// What a report answers; `whole`: with as many rows as a file may have.
#[server(input = Json)]
pub async fn run_report(id: String, values: Map<String, Value>, whole: bool) -> Result<TileData> {
    let (services, caller) = super::caller()?;
    Ok(services.report_data(&caller, &id, &values, whole).await?)
}

/// The values that a parameter can take, most frequent first.
#[server]
pub async fn report_values(id: String, parameter: String) -> Result<Vec<(Cell, u64)>> {
    let (services, caller) = super::caller()?;
    let request = domain::api::ValuesRequest { search: String::new(), limit: Some(200) };
    Ok(services.report_values(&caller, &id, &parameter, &request).await?)
}
