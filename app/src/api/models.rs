//! The semantic models of datasets.

use super::Result;
use domain::Table;
use domain::api::Usage;
use domain::model::{
    DatasetModel, ExpressionCheck, ExpressionFunction, ExpressionRequest, ModelDraft, ModelVersion, SemanticModel,
};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The model of a dataset.
#[server]
pub async fn read_model(name: String) -> Result<DatasetModel> {
    let (services, caller) = super::caller()?;
    Ok(services.dataset_model(&caller, &name).await?)
}

/// Saves a model that was made from a version.
#[server(input = Json)]
pub async fn save_model(name: String, model: SemanticModel, version: u64) -> Result<DatasetModel> {
    let (services, caller) = super::caller()?;
    Ok(services.put_dataset_model(&caller, &name, model, Some(version)).await?)
}

/// The versions of a model, newest first; those before `before`, if given.
#[server]
pub async fn model_versions(name: String, before: Option<u64>) -> Result<Vec<ModelVersion>> {
    let (services, caller) = super::caller()?;
    Ok(services.model_versions(&caller, &name, before).await?)
}

/// The functions that expressions may call.
#[server]
pub async fn expression_functions() -> Result<Vec<ExpressionFunction>> {
    let (services, _) = super::caller()?;
    Ok(services.expression_functions())
}

/// The type of an expression, or what is wrong with it.
#[server(input = Json)]
pub async fn check_expression(name: String, request: ExpressionRequest) -> Result<ExpressionCheck> {
    let (services, caller) = super::caller()?;
    Ok(services.check_expression(&caller, &name, &request).await?)
}

/// The first rows of an expression, beside what it is made of.
#[server(input = Json)]
pub async fn try_expression(name: String, request: ExpressionRequest) -> Result<Table> {
    let (services, caller) = super::caller()?;
    Ok(services.try_expression(&caller, &name, &request).await?)
}

/// What uses a column of a dataset.
#[server]
pub async fn column_usages(name: String, column: String) -> Result<Vec<Usage>> {
    let (services, caller) = super::caller()?;
    Ok(services.column_usages(&caller, &name, Some(&column)).await?)
}

/// The model of a dataset as YAML.
#[server]
pub async fn model_yaml(name: String) -> Result<String> {
    let (services, caller) = super::caller()?;
    let found = services.dataset_model(&caller, &name).await?;
    Ok(services.model_to_yaml(&found.model)?)
}

/// Reads a model from YAML, with everything that keeps it from being saved.
#[server(input = Json)]
pub async fn draft_of_yaml(name: String, text: String) -> Result<ModelDraft> {
    let (services, caller) = super::caller()?;
    Ok(services.draft_of_yaml(&caller, &name, &text).await?)
}
