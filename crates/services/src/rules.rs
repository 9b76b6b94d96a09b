//! Rules of the whole installation, which administrators make.

use crate::access::require_admin;
use crate::{Inner, Services};
use domain::rules::{HouseRules, NewDatasets};
use domain::{Caller, Error, ErrorCode, Result};

/// The keys of the settings, with the word of each that is not what holds by itself.
const NEW_DATASETS: (&str, &str) = ("new_datasets", "closed");
const PUBLIC_LINKS: (&str, &str) = ("public_links", "off");

impl Services {
    /// The rules that hold.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub async fn house_rules(&self, caller: &Caller) -> Result<HouseRules> {
        require_admin(caller)?;
        Ok(HouseRules {
            new_datasets: if self.closes_new().await? { NewDatasets::Closed } else { NewDatasets::Open },
            public_links: self.allows_links().await?,
        })
    }

    /// Makes other rules. They hold at once, for links that are open too.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub async fn set_house_rules(&self, caller: &Caller, rules: &HouseRules) -> Result<HouseRules> {
        let before = self.house_rules(caller).await?;
        self.set_rule(NEW_DATASETS, "open", rules.new_datasets == NewDatasets::Closed).await?;
        self.set_rule(PUBLIC_LINKS, "on", !rules.public_links).await?;
        self.record(caller, "set_rules", "setting", &crate::to_json(rules)).await;
        if before.public_links != rules.public_links {
            self.rights_changed_for_all().await?;
        }
        self.house_rules(caller).await
    }

    async fn set_rule(&self, (key, other): (&str, &str), usual: &str, is_other: bool) -> Result<()> {
        self.store.set_setting(key, if is_other { other } else { usual }).await
    }

    /// Refuses where people without an account see nothing here.
    pub(crate) async fn require_links(&self) -> Result<()> {
        if self.allows_links().await? {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Forbidden, "Public links are switched off here.")
            .hint("An administrator can allow them under Administration, Rules."))
    }
}

impl Inner {
    async fn has_rule(&self, (key, word): (&str, &str)) -> Result<bool> {
        Ok(self.store.setting(key).await?.as_deref() == Some(word))
    }

    /// Whether new datasets begin closed.
    pub(crate) async fn closes_new(&self) -> Result<bool> {
        self.has_rule(NEW_DATASETS).await
    }

    /// Whether links for people without an account open anything.
    pub(crate) async fn allows_links(&self) -> Result<bool> {
        Ok(!self.has_rule(PUBLIC_LINKS).await?)
    }
}
