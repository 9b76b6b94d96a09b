//! What holds for a dataset that was just made: nothing, or that nobody but its owner sees its rows.

use crate::access::require_admin;
use crate::{Inner, Services};
use domain::policy::{Audience, Policies, RowPolicy};
use domain::query::Filter;
use domain::{Caller, Error, Result};

/// The key of the setting.
const KEY: &str = "new_datasets";
const CLOSED: &str = "closed";
const OPEN: &str = "open";

impl Services {
    /// Whether new datasets are closed.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub async fn new_datasets(&self, caller: &Caller) -> Result<String> {
        require_admin(caller)?;
        Ok(if self.closes_new().await? { CLOSED } else { OPEN }.to_owned())
    }

    /// Decides what holds for datasets that are made from now on: `open`, as they are shared, or `closed`,
    /// a rule that shows their rows to nobody but the owner, who can change it.
    ///
    /// # Errors
    /// The caller is no administrator, or it is another word.
    pub async fn set_new_datasets(&self, caller: &Caller, word: &str) -> Result<String> {
        require_admin(caller)?;
        if ![OPEN, CLOSED].contains(&word) {
            return Err(Error::invalid("New datasets are `open` or `closed`.").field("new_datasets"));
        }
        self.store.set_setting(KEY, word).await?;
        self.record(caller, "set_new_datasets", "setting", word).await;
        self.new_datasets(caller).await
    }

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

impl Inner {
    async fn closes_new(&self) -> Result<bool> {
        Ok(self.store.setting(KEY).await?.as_deref() == Some(CLOSED))
    }
}
