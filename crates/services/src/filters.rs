//! What the controls of a filter bar offer. A control of a dashboard shows its values to everyone
//! who may see the dashboard, with or without a right to the dataset: whoever placed it had one.

use crate::Services;
use crate::catalog::Loaded;
use domain::api::ValuesRequest;
use domain::query::Grain;
use domain::table::Cell;
use domain::{Caller, Column, Error, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Services {
    /// The distinct values of a column that a filter of `dashboard` offers. Without a dashboard, or
    /// for a control that is not stored yet, the caller's own right to the dataset decides.
    ///
    /// # Errors
    /// Neither the dashboard nor the caller's rights show the column.
    pub async fn filter_values(
        &self,
        caller: &Caller,
        dashboard: &str,
        dataset: &str,
        column: &str,
        request: &ValuesRequest,
    ) -> Result<Vec<(Cell, u64)>> {
        if let Some(loaded) = self.filter_source(caller, dashboard, dataset, column).await? {
            return self.values_of(&loaded, column, request).await;
        }
        self.column_values(caller, dataset, column, request).await
    }

    /// The columns that controls are about, in their order; nothing for those that are gone or not
    /// to be seen.
    ///
    /// # Errors
    /// The dashboard is not visible.
    pub async fn filter_columns(
        &self,
        caller: &Caller,
        dashboard: &str,
        wanted: &[(String, String)],
    ) -> Result<Vec<Option<Column>>> {
        let mut found = Vec::with_capacity(wanted.len());
        for (dataset, column) in wanted.iter().take(100) {
            let loaded = match self.filter_source(caller, dashboard, dataset, column).await? {
                Some(loaded) => Some(loaded),
                None => self.dataset_for(caller, dataset).await.ok().map(|(loaded, _)| loaded),
            };
            found.push(loaded.and_then(|loaded| loaded.column(column).cloned()));
        }
        Ok(found)
    }

    /// The grain that suits each time column of a dataset: between about 10 and 100 points.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn time_grains(&self, caller: &Caller, dataset: &str) -> Result<BTreeMap<String, Grain>> {
        let (loaded, _) = self.dataset_for(caller, dataset).await?;
        let mut grains = BTreeMap::new();
        for column in loaded.shown().filter(|c| c.ty.is_time()) {
            grains.insert(column.name.clone(), self.grain_for(&loaded, &column.name).await);
        }
        Ok(grains)
    }

    /// The dataset of a control that stands on the dashboard.
    async fn filter_source(
        &self,
        caller: &Caller,
        dashboard: &str,
        dataset: &str,
        column: &str,
    ) -> Result<Option<Arc<Loaded>>> {
        if dashboard.is_empty() {
            return Ok(None);
        }
        let (row, access) = self.dashboard_for(caller, dashboard).await?;
        let controls = self.layout_for(&row, access).await?.0.filters;
        if !controls.iter().any(|c| c.dataset == dataset && c.column == column) {
            return Ok(None);
        }
        match self.load_dataset(dataset).await? {
            Some(loaded) => Ok(Some(loaded)),
            None => {
                Err(Error::not_found("dataset").hint("Its dataset is gone: edit the dashboard and remove the filter."))
            }
        }
    }
}
