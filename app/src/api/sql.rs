//! SQL of those who may write it: run, explained, completed, kept as a dataset.

use super::Result;
use domain::Dataset;
use domain::api::Usage;
use domain::sql::{NewSqlDataset, SqlAnswer, SqlDefinition, SqlPlan, SqlRequest, SqlSchema};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// A dataset that is a SELECT, with that SELECT.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenedSql {
    pub dataset: Dataset,
    pub definition: SqlDefinition,
}

/// The ways to call a function that completion shows; some have dozens.
#[cfg(feature = "ssr")]
const WAYS: usize = 6;

/// Runs a SELECT. Dropping the future stops it.
#[server(input = Json)]
pub async fn run_sql(request: SqlRequest) -> Result<SqlAnswer> {
    let (services, caller) = super::caller()?;
    let answer = services.run_sql(&caller, &request).await?;
    Ok(SqlAnswer { table: answer.table.clone(), elapsed_ms: answer.elapsed.as_secs_f64() * 1_000.0 })
}

/// The steps in which the database would answer a SELECT.
#[server(input = Json)]
pub async fn explain_sql(request: SqlRequest) -> Result<SqlPlan> {
    let (services, caller) = super::caller()?;
    Ok(services.explain_sql(&caller, &request).await?)
}

/// What the caller can write in SQL.
#[server]
pub async fn read_sql_schema() -> Result<SqlSchema> {
    let (services, caller) = super::caller()?;
    let mut schema = services.sql_schema(&caller).await?;
    let mut ways = std::collections::HashMap::<String, usize>::new();
    schema.functions.retain_mut(|function| {
        let known = ways.entry(function.name.clone()).or_default();
        *known += 1;
        if *known > 1 {
            function.description.clear();
        }
        // One more than the list shows: it then says that there are others.
        *known <= WAYS + 1
    });
    Ok(schema)
}

/// A dataset that is a SELECT, to be edited.
#[server]
pub async fn open_sql(name: String) -> Result<OpenedSql> {
    let (services, caller) = super::caller()?;
    let definition = services.sql_definition(&caller, &name).await?;
    Ok(OpenedSql { dataset: services.get_dataset(&caller, &name).await?, definition })
}

/// Makes a dataset of a SELECT.
#[server(input = Json)]
pub async fn create_sql_dataset(new: NewSqlDataset) -> Result<Dataset> {
    let (services, caller) = super::caller()?;
    Ok(services.create_sql_dataset(&caller, new).await?)
}

/// Puts another SELECT in the place of a dataset's.
#[server(input = Json)]
pub async fn update_sql_dataset(name: String, new: SqlDefinition) -> Result<Dataset> {
    let (services, caller) = super::caller()?;
    Ok(services.update_sql_dataset(&caller, &name, new).await?)
}

/// The SELECT of a tile as a dataset that questions can be asked of, for who edits the tile.
#[server]
pub async fn dataset_of_sql(sql: String) -> Result<Dataset> {
    let (services, caller) = super::caller()?;
    Ok(services.dataset_of_sql(&caller, &sql).await?)
}

/// What of the things that the caller may see uses a dataset.
#[server]
pub async fn dataset_usages(name: String) -> Result<Vec<Usage>> {
    let (services, caller) = super::caller()?;
    Ok(services.column_usages(&caller, &name, None).await?)
}
