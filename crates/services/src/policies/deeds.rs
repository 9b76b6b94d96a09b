//! Policies read, tried and saved by the owner of their dataset.

use super::{Reader, check};
use crate::access::{require_owner, require_scope};
use crate::catalog::{Loaded, Stored};
use crate::{Services, clock, to_json};
use domain::people::Scope;
use domain::policy::{ColumnRule, MaskedColumn, Policies, PolicyTest, PolicyTrial};
use domain::query::Query;
use domain::{Access, Caller, Error, Result, Table, UserRole};
use semantic::{Mask, Policy};
use std::collections::HashMap;
use std::sync::Arc;
use store::PolicyRow;

/// Rows of a sample.
const SAMPLE: u64 = 10;

impl Services {
    /// The policies of a dataset, with the names of users and groups.
    ///
    /// # Errors
    /// The dataset is not visible, or not the caller's.
    pub async fn dataset_policies(&self, caller: &Caller, name_or_id: &str) -> Result<Policies> {
        let stored = self.ruled(caller, name_or_id, Scope::Read).await?;
        self.named(stored.policies.clone()).await
    }

    /// Puts policies in the place of those before. They hold for the next question.
    ///
    /// # Errors
    /// The dataset is not the caller's; a rule that does not fit it, or names somebody who is not there.
    pub async fn put_dataset_policies(
        &self,
        caller: &Caller,
        name_or_id: &str,
        policies: Policies,
    ) -> Result<Policies> {
        let stored = self.ruled(caller, name_or_id, Scope::Write).await?;
        check::check(&stored, &policies)?;
        let policies = self.with_ids(policies).await?;
        self.save_policies(&stored.row.id, &policies, &caller.user_id).await?;
        self.announce_policies(&stored).await?;
        self.record(caller, "update_policies", "dataset", &stored.row.id).await;
        self.dataset_policies(caller, &stored.row.id).await
    }

    /// Writes policies down.
    pub(super) async fn save_policies(&self, dataset_id: &str, policies: &Policies, saved_by: &str) -> Result<()> {
        let row = PolicyRow {
            dataset_id: dataset_id.to_owned(),
            policies_json: to_json(policies),
            saved_by: saved_by.to_owned(),
            saved_at: clock::now_ms(),
        };
        self.store.put_policies(&row).await
    }

    /// From here on everything asks anew: questions, metrics, and all that is on screens.
    async fn announce_policies(&self, stored: &Arc<Stored>) -> Result<()> {
        self.forget_dataset(&stored.row.id, &stored.row.name);
        for user in self.store.users().await? {
            self.hub.publish(&crate::rights_topic(&user.id), serde_json::Value::Null, false);
        }
        self.announce(stored, stored.row.version);
        Ok(())
    }

    /// What a user would see of a dataset under policies that are not saved.
    ///
    /// # Errors
    /// The dataset is not the caller's, the policies do not fit it, there is no such user.
    pub async fn test_policies(&self, caller: &Caller, name_or_id: &str, trial: PolicyTrial) -> Result<PolicyTest> {
        let stored = self.ruled(caller, name_or_id, Scope::Read).await?;
        check::check(&stored, &trial.policies)?;
        let unknown = || Error::invalid(format!("There is no user `{}`.", trial.user)).field("user");
        let user = self.store.user_by_name(&trial.user).await?.ok_or_else(unknown)?;
        let policies = self.with_ids(trial.policies).await?;
        let who = self.who_is(&user.id).await?;
        let is_exempt = who.is_admin || who.id == stored.row.owner_id;
        let is_for = |audience: &domain::policy::Audience| !is_exempt && audience.includes(&who.id, &who.groups);
        let rows = policies.rows.iter().filter(|p| is_for(&p.audience)).map(|p| p.name.clone());
        let rules = rows.chain(policies.columns.iter().filter(|p| is_for(&p.audience)).map(|p| p.name.clone()));
        let mut test =
            PolicyTest { user: user.name.clone(), is_exempt, rules: rules.collect(), ..PolicyTest::default() };
        // The caller is its owner or an administrator: they see everything there is.
        let whole = self.seen(&stored, &Reader::of(caller)).await?;
        test.total = self.rows_seen(&whole).await?;
        test.plain = self.first_rows(&whole).await?;
        let mut trial = Stored::clone(&stored);
        trial.policies = policies;
        let seen = self.seen(&Arc::new(trial), &Reader::user(&user.id)).await?;
        test.hidden.clone_from(&seen.policy.hidden);
        test.masked = masked(&seen.policy);
        let asked = async { Ok::<_, Error>((self.rows_seen(&seen).await?, self.first_rows(&seen).await?)) };
        match asked.await {
            Ok((rows, sample)) => (test.rows, test.sample) = (rows, sample),
            Err(error) => test.error = Some(error.to_string()),
        }
        Ok(test)
    }

    async fn first_rows(&self, loaded: &Arc<Loaded>) -> Result<Table> {
        let columns: Vec<String> = loaded.shown().take(100).map(|c| c.name.clone()).collect();
        if columns.is_empty() {
            return Ok(Table::default());
        }
        let query = Query { dataset: loaded.row.id.clone(), columns, limit: Some(SAMPLE), ..Query::default() };
        Ok(self.answer(loaded, &query, false).await?.0.table.clone())
    }

    /// A dataset whose policies the caller decides.
    pub(super) async fn ruled(&self, caller: &Caller, name_or_id: &str, scope: Scope) -> Result<Arc<Stored>> {
        let (stored, access) = self.stored_for(caller, name_or_id).await?;
        require_scope(caller, scope)?;
        match scope {
            Scope::Read if access >= Access::Owner => {}
            Scope::Read => {
                return Err(Error::forbidden("Only the owner of this dataset may see its rules.")
                    .hint("Ask them, or an administrator."));
            }
            _ => require_owner(caller, access, "dataset")?,
        }
        if stored.is_inline() {
            return Err(Error::not_found("dataset"));
        }
        Ok(stored)
    }

    /// The same with ids for names.
    pub(super) async fn with_ids(&self, policies: Policies) -> Result<Policies> {
        let fold = |name: &str| name.trim().to_lowercase();
        let users = self.store.users().await?.into_iter();
        let users: HashMap<String, String> = users.map(|u| (fold(&u.name), u.id)).collect();
        let groups = self.store.group_names().await?.into_iter();
        let groups: HashMap<String, String> = groups.map(|(id, name)| (fold(&name), id)).collect();
        let find = |is_group: bool, name: &str| {
            let of = if is_group { &groups } else { &users };
            of.get(&fold(name)).cloned()
        };
        policies.renamed(&find, true)
    }

    /// The same with names for ids.
    async fn named(&self, policies: Policies) -> Result<Policies> {
        let users = self.user_names().await?;
        let groups: HashMap<String, String> = self.store.group_names().await?.into_iter().collect();
        let find = |is_group: bool, id: &str| {
            let of = if is_group { &groups } else { &users };
            of.get(id).cloned()
        };
        policies.renamed(&find, false)
    }

    /// The names that policies can be for: users, then groups.
    ///
    /// # Errors
    /// The dataset is not the caller's.
    pub async fn policy_names(&self, caller: &Caller, name_or_id: &str) -> Result<(Vec<String>, Vec<String>)> {
        self.ruled(caller, name_or_id, Scope::Read).await?;
        let mut users: Vec<String> = self.store.users().await?.into_iter().map(|u| u.name).collect();
        users.sort_by_key(|name| name.to_lowercase());
        Ok((users, self.store.group_names().await?.into_iter().map(|(_, name)| name).collect()))
    }

    /// What rules leave of a dataset for a user, in sentences.
    pub(super) async fn policy_sentences(&self, stored: &Arc<Stored>, user: &store::UserRow) -> Result<Vec<String>> {
        let who = self.who_is(&user.id).await?;
        if stored.policies.is_empty() {
            return Ok(vec!["This dataset has no rules: who may see it sees all of it.".into()]);
        }
        if who.id == stored.row.owner_id {
            return Ok(vec![format!("{} owns the dataset: no rule holds for them.", user.name)]);
        }
        if user.role == UserRole::Admin {
            return Ok(vec![format!("{} is an administrator: no rule holds for them.", user.name)]);
        }
        let mut said = Vec::new();
        let rows = &stored.policies.rows;
        let own: Vec<_> = rows.iter().filter(|p| p.audience.includes(&who.id, &who.groups)).collect();
        for policy in &own {
            said.push(format!("The rule “{}” lets {} see rows.", policy.name, user.name));
            let mut missing = Vec::new();
            policy.filter.each(&mut |condition| {
                if let Some(name) = domain::policy::user_value(&condition.value)
                    && who.values(name).is_empty()
                    && !missing.contains(&name)
                {
                    missing.push(name);
                }
            });
            for name in missing {
                said.push(format!(
                    "It asks for “{name}” of the person, and {} has none: that part shows nothing.",
                    user.name
                ));
            }
        }
        match (rows.is_empty(), own.is_empty()) {
            (true, _) => said.push("No rule is about rows: all of them are seen.".into()),
            (false, true) => said.push(format!("None of the rules on rows is for {}: they see no rows.", user.name)),
            _ => {}
        }
        for policy in stored.policies.columns.iter().filter(|p| p.audience.includes(&who.id, &who.groups)) {
            let columns = policy.columns.join(", ");
            said.push(format!(
                "The rule “{}” is about {columns}: {}.",
                policy.name,
                policy.rule.words().to_lowercase()
            ));
        }
        Ok(said)
    }
}

/// The masks of a policy as people wrote them.
fn masked(policy: &Policy) -> Vec<MaskedColumn> {
    let rule = |mask: &Mask| match mask {
        Mask::Redact => ColumnRule::Redact,
        Mask::Hash(_) => ColumnRule::Hash,
        Mask::Last4 => ColumnRule::Last4,
        Mask::Bucket(width) => ColumnRule::Bucket(*width),
    };
    policy.masked.iter().map(|(column, mask)| MaskedColumn { column: column.clone(), rule: rule(mask) }).collect()
}
