//! What holds for a dataset that was just made: nothing, or that nobody but its owner sees its rows.

use crate::Services;
use domain::Result;
use domain::policy::{Audience, Policies, RowPolicy};
use domain::query::Filter;

impl Services {
    /// Closes a dataset that was just made, where the administrator wants that.
    pub(crate) async fn close_new(&self, dataset_id: &str, owner_id: &str) -> Result<()> {
        if !self.closes_new().await? {
            return Ok(());
        }
        let filter = Filter::And(Vec::new());
        let rule = RowPolicy { name: "Closed until its owner opens it".into(), audience: Audience::default(), filter };
        let policies = Policies { rows: vec![rule], columns: Vec::new() };
        self.save_policies(dataset_id, &policies, owner_id).await?;
        let name = self.store.dataset(dataset_id).await?.map(|row| row.name).unwrap_or_default();
        self.forget_dataset(dataset_id, &name);
        Ok(())
    }
}
