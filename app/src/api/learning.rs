//! Models and detectors: trained, compared, asked.

use super::Result;
use domain::api::Job;
use domain::learn::DriftReport;
use domain::registry::{
    AnomalyItem, AnomalyStatus, Comparison, Flagged, Model, ModelPatch, ModelVersion, NewModel, PredictionAnswer,
    TimeMark,
};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde_json::{Map, Value};

/// The models the caller may see, latest change first.
#[server]
pub async fn list_learned() -> Result<Vec<Model>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_learned(&caller, "").await?)
}

/// One model with its versions, newest first.
#[server]
pub async fn get_learned(id: String) -> Result<(Model, Vec<ModelVersion>)> {
    let (services, caller) = super::caller()?;
    let model = services.get_learned(&caller, &id).await?;
    Ok((model, services.learned_versions(&caller, &id).await?))
}

/// Makes a model and begins to train it.
#[server(input = Json)]
pub async fn create_learned(new: NewModel) -> Result<Model> {
    let (services, caller) = super::caller()?;
    Ok(services.create_learned(&caller, new).await?)
}

/// Takes a model that came as a file.
#[server(input = Json)]
pub async fn import_learned(text: String) -> Result<Model> {
    let (services, caller) = super::caller()?;
    Ok(services.import_model(&caller, text.into_bytes()).await?)
}

/// Changes what is said of a model, and when it learns again.
#[server(input = Json)]
pub async fn update_learned(id: String, patch: ModelPatch) -> Result<Model> {
    let (services, caller) = super::caller()?;
    Ok(services.update_learned(&caller, &id, patch).await?)
}

/// Deletes a model with all its versions.
#[server]
pub async fn delete_learned(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.delete_learned(&caller, &id).await?)
}

/// Trains a model again.
#[server]
pub async fn train_learned(id: String) -> Result<Job> {
    let (services, caller) = super::caller()?;
    Ok(services.train_learned(&caller, &id).await?)
}

/// Lets another version answer.
#[server]
pub async fn activate_version(id: String, version: u32) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.activate_version(&caller, &id, version).await?)
}

/// Lets a version answer a share of what is asked.
#[server]
pub async fn try_version(id: String, version: u32, share: u32) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.try_version(&caller, &id, domain::registry::Trial { version, share }).await?)
}

/// Moves the threshold of a version of a detector.
#[server]
pub async fn move_threshold(id: String, version: u32, threshold: f64) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.move_threshold(&caller, &id, version, threshold).await?)
}

/// Two versions side by side on the rows of now.
#[server(input = Json)]
pub async fn compare_versions(id: String, versions: Vec<u32>) -> Result<Comparison> {
    let (services, caller) = super::caller()?;
    Ok(services.compare_versions(&caller, &id, &versions).await?)
}

/// How far the rows of now are from those of the training.
#[server]
pub async fn learned_drift(id: String) -> Result<DriftReport> {
    let (services, caller) = super::caller()?;
    Ok(services.learned_drift(&caller, &id).await?)
}

/// What is predicted for a row.
#[server(input = Json)]
pub async fn predict_row(id: String, row: Map<String, Value>) -> Result<PredictionAnswer> {
    let (services, caller) = super::caller()?;
    Ok(services.predict(&caller, &id, &domain::registry::RowsToPredict { rows: vec![row] }).await?)
}

/// Predicts the rows of a dataset into a dataset of their own.
#[server]
pub async fn predict_dataset(id: String, dataset: String, name: String) -> Result<Job> {
    let (services, caller) = super::caller()?;
    Ok(services.predict_dataset(&caller, &id, domain::registry::BatchRequest { dataset, name, filter: None }).await?)
}

/// What a detector found among the rows that the caller sees, newest first.
#[server]
pub async fn list_anomalies(id: String, status: Option<String>) -> Result<Vec<AnomalyItem>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_anomalies(&caller, &id, status.as_deref()).await?)
}

/// Says what the caller thinks of an anomaly.
#[server]
pub async fn judge_anomaly(id: String, anomaly: String, status: AnomalyStatus) -> Result<AnomalyItem> {
    let (services, caller) = super::caller()?;
    Ok(services.judge_anomaly(&caller, &id, &anomaly, domain::registry::Judgement { status }).await?)
}

/// What a threshold would flag among the rows of now.
#[server]
pub async fn flagged_rows(id: String, threshold: Option<f64>) -> Result<Flagged> {
    let (services, caller) = super::caller()?;
    Ok(services.flagged(&caller, &id, threshold).await?)
}

/// Lets a detector look at the rows that came since; answers how many unusual ones are new.
#[server]
pub async fn run_detector(id: String) -> Result<u64> {
    let (services, caller) = super::caller()?;
    Ok(services.run_detector(&caller, &id).await?)
}

/// The moments of a metric that detectors found unusual.
#[server]
pub async fn metric_marks(id: String) -> Result<Vec<TimeMark>> {
    let (services, caller) = super::caller()?;
    Ok(services.metric_marks(&caller, &id).await?)
}
