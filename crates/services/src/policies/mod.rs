//! Policies: which rows and columns of a dataset somebody sees. They are part of every question:
//! whoever wants rows needs a [`Loaded`], and a `Loaded` is made for a [`Reader`] and no other way.

mod check;
mod deeds;
mod new_datasets;
mod resolve;
mod seen;
mod why;
mod yaml;

use crate::catalog::{Loaded, Stored};
use crate::view_as::Place;
use crate::{Inner, from_json};
use domain::policy::Policies;
use domain::query::Filter;
use domain::{Caller, Result, UserRole};
use resolve::Who;
use semantic::{Policy, Salt};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// With whose eyes data is read. Of several, each may hide something: what is left is seen by all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reader(Vec<Subject>);

/// Somebody whom rules may be for.
#[derive(Clone, Debug, PartialEq)]
struct Subject {
    user_id: String,
    /// What holds for those who have no account, such as whoever opens a link.
    groups: Vec<String>,
    attributes: BTreeMap<String, Vec<String>>,
    /// Conditions that hold besides, those of the link that they came by.
    locked: Vec<Filter>,
}

impl Subject {
    fn of(user_id: String) -> Self {
        Self { user_id, groups: Vec::new(), attributes: BTreeMap::new(), locked: Vec::new() }
    }
}

impl Reader {
    /// The installation itself, which keeps and counts rows and shows them to nobody.
    pub(crate) fn everything() -> Self {
        Self::default()
    }

    /// Somebody of whom nothing is known.
    pub(crate) fn nobody() -> Self {
        Self(vec![Subject::of(String::new())])
    }

    /// The caller, on the screen of a wall the owner of its link; who sees through something that another
    /// opened for them sees no more than that other.
    pub(crate) fn of(caller: &Caller) -> Self {
        let is_visit = domain::link::link_in(&caller.credential_id).is_some();
        let own = if is_visit { None } else { caller.on_behalf.as_ref() };
        let mut all = vec![Subject {
            user_id: own.unwrap_or(&caller.user_id).clone(),
            groups: caller.groups.clone(),
            attributes: caller.attributes.clone(),
            locked: caller.locked.clone(),
        }];
        // Nobody sees through a link what its maker does not see, whatever the token says of them,
        if is_visit {
            all.extend(caller.on_behalf.clone().map(Subject::of));
        }
        // nor from the place of somebody else what whoever looks does not see.
        if let Some(place) = Place::of(caller) {
            all.push(Subject::of(place.by.to_owned()));
        }
        Self(all)
    }

    /// A user, also one who cannot sign in any more.
    pub(crate) fn user(id: &str) -> Self {
        let mut reader = Self::nobody();
        reader.0.iter_mut().for_each(|subject| id.clone_into(&mut subject.user_id));
        reader
    }

    /// The same through something that another made: they read it with their own eyes first.
    pub(crate) fn through(&self, maker: &Caller) -> Self {
        let mut both = self.clone();
        for subject in Self::of(maker).0 {
            if !both.0.contains(&subject) {
                both.0.push(subject);
            }
        }
        both
    }
}

impl Inner {
    /// A stored dataset as somebody sees it; one that is a SELECT is bound to what that reads now.
    pub(crate) async fn seen(&self, stored: &Arc<Stored>, reader: &Reader) -> Result<Arc<Loaded>> {
        match stored.statement {
            Some(_) => self.bound(stored, reader, 0).await,
            None => Ok(Arc::new(Loaded::of(stored.clone(), self.policy_of(stored, reader).await?, reader))),
        }
    }

    /// What the policies of a dataset leave of it for somebody.
    pub(crate) async fn policy_of(&self, stored: &Stored, reader: &Reader) -> Result<Policy> {
        self.policy_under(stored, &stored.policies, reader).await
    }

    /// The same under other policies.
    async fn policy_under(&self, stored: &Stored, policies: &Policies, reader: &Reader) -> Result<Policy> {
        let mut policy = Policy::OPEN;
        policy.rows.extend(reader.0.iter().flat_map(|subject| subject.locked.iter().cloned()));
        if policies.is_empty() {
            return Ok(policy);
        }
        for subject in &reader.0 {
            let who = self.who(subject).await?;
            if who.is_admin || (who.id == stored.row.owner_id && !who.id.is_empty()) {
                continue;
            }
            policy = policy.and(resolve::policy(stored, policies, &who, &|| self.salt_of(&stored.row.id)));
        }
        Ok(policy)
    }

    /// What is true of somebody now. A caller may be older than the last change of their groups.
    async fn who(&self, subject: &Subject) -> Result<Who> {
        let user = match subject.user_id.as_str() {
            "" => None,
            id => self.store.user(id).await?,
        };
        let names: HashMap<String, String> = self.store.group_names().await?.into_iter().collect();
        let (groups, attributes) = match &user {
            Some(user) => (self.store.groups_of(&user.id).await?, from_json(&user.attributes_json)),
            None => (subject.groups.clone(), subject.attributes.clone()),
        };
        Ok(Who {
            id: subject.user_id.clone(),
            is_admin: user.as_ref().is_some_and(|u| u.role == UserRole::Admin && u.is_active),
            group_names: groups.iter().filter_map(|id| names.get(id).cloned()).collect(),
            groups,
            attributes,
            email: user.as_ref().and_then(|u| u.email.clone()),
            name: user.map(|u| u.name),
        })
    }

    /// The same of a user.
    async fn who_is(&self, user_id: &str) -> Result<Who> {
        self.who(&Subject::of(user_id.to_owned())).await
    }

    /// What stands before values of a dataset when they are hashed.
    fn salt_of(&self, dataset_id: &str) -> Salt {
        Salt(self.vault.derived(&format!("hashed columns of {dataset_id}")))
    }
}
