//! Sharing a thing with users and groups, and who sees it.

use crate::access::{at_most, require_edit, require_owner};
use crate::{Inner, Services};
use domain::people::Grant;
use domain::sharing::{GivenBy, GroupGrant, Inherited, Reason, Sharing, Viewer};
use domain::{Access, Caller, Error, Result, UserRole};
use std::collections::HashMap;
use store::{FolderRow, ThingKind, UserRow};

/// A thing that the caller may see, whatever kind it is.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) kind: ThingKind,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) owner_id: String,
    pub(crate) is_public: bool,
    /// What the caller may do with it.
    pub(crate) access: Access,
}

impl Services {
    /// With whom a thing is shared. Its editors may know.
    ///
    /// # Errors
    /// The thing is not visible.
    pub async fn list_grants(&self, caller: &Caller, kind: &str, id: &str) -> Result<Vec<Grant>> {
        let thing = self.thing(caller, kind, id).await?;
        require_edit(caller, thing.access, kind)?;
        let rows = self.store.grants_of_thing(thing.kind, &thing.id).await?;
        let grant = |g: store::GrantRow| Grant { user_id: g.user_id, user_name: g.user_name, access: g.access };
        Ok(rows.into_iter().map(grant).collect())
    }

    /// The same for groups.
    ///
    /// # Errors
    /// The thing is not visible.
    pub async fn list_group_grants(&self, caller: &Caller, kind: &str, id: &str) -> Result<Vec<GroupGrant>> {
        let thing = self.thing(caller, kind, id).await?;
        require_edit(caller, thing.access, kind)?;
        let rows = self.store.group_grants_of_thing(thing.kind, &thing.id).await?;
        let grant =
            |g: store::GroupGrantRow| GroupGrant { group_id: g.group_id, group_name: g.group_name, access: g.access };
        Ok(rows.into_iter().map(grant).collect())
    }

    /// Shares a thing with a user, by name; `None` takes the right away.
    ///
    /// # Errors
    /// The caller does not own the thing, or there is no such user.
    pub async fn set_grant(
        &self,
        caller: &Caller,
        kind: &str,
        id: &str,
        user: &str,
        access: Option<Access>,
    ) -> Result<()> {
        let thing = self.thing(caller, kind, id).await?;
        require_owner(caller, thing.access, kind)?;
        let row = self.user_named(user).await?;
        match access {
            Some(Access::Owner) => return Err(one_owner()),
            Some(access) => self.store.upsert_grant(thing.kind, &thing.id, &row.id, access).await?,
            None => {
                self.store.delete_grant(thing.kind, &thing.id, &row.id).await?;
            }
        }
        self.record(caller, "share", kind, &thing.id).await;
        self.rights_changed(&[row.id]);
        Ok(())
    }

    /// Shares a thing with a group, by id or name; `None` takes the right away.
    ///
    /// # Errors
    /// The caller does not own the thing, or there is no such group.
    pub async fn set_group_grant(
        &self,
        caller: &Caller,
        kind: &str,
        id: &str,
        group: &str,
        access: Option<Access>,
    ) -> Result<()> {
        let thing = self.thing(caller, kind, id).await?;
        require_owner(caller, thing.access, kind)?;
        let key = group.to_lowercase();
        let known = self.store.groups().await?.into_iter().find(|g| g.id == group || g.name.to_lowercase() == key);
        let known = known.ok_or_else(|| Error::invalid(format!("There is no group `{group}`.")).field("group"))?;
        match access {
            Some(Access::Owner) => return Err(one_owner()),
            Some(access) => self.store.upsert_group_grant(thing.kind, &thing.id, &known.id, access).await?,
            None => {
                self.store.delete_group_grant(thing.kind, &thing.id, &known.id).await?;
            }
        }
        self.record(caller, "share", kind, &thing.id).await;
        self.rights_changed(&self.store.members_of(&known.id).await?);
        Ok(())
    }

    /// All that is said about who may do what with a thing. Its editors may know.
    ///
    /// # Errors
    /// The thing is not visible.
    pub async fn sharing(&self, caller: &Caller, kind: &str, id: &str) -> Result<Sharing> {
        let thing = self.thing(caller, kind, id).await?;
        require_edit(caller, thing.access, kind)?;
        let owner = self.store.user(&thing.owner_id).await?;
        let mut inherited = Vec::new();
        for folder in self.folders_above(thing.kind, &thing.id).await? {
            let of = |name: Option<String>, is_group, access| Inherited {
                folder_id: folder.id.clone(),
                folder_name: folder.name.clone(),
                name,
                is_group,
                access,
            };
            if folder.is_public {
                inherited.push(of(None, false, Access::View));
            }
            if folder.owner_id != thing.owner_id {
                inherited.push(of(Some(self.user_name(&folder.owner_id).await?), false, Access::Edit));
            }
            for grant in self.store.group_grants_of_thing(ThingKind::Folder, &folder.id).await? {
                inherited.push(of(Some(grant.group_name), true, grant.access));
            }
            for grant in self.store.grants_of_thing(ThingKind::Folder, &folder.id).await? {
                inherited.push(of(Some(grant.user_name), false, grant.access));
            }
        }
        Ok(Sharing {
            owner_left: owner.as_ref().is_none_or(|owner| !owner.is_active),
            owner_name: owner.map(|owner| owner.name).unwrap_or_default(),
            grants: self.list_grants(caller, kind, id).await?,
            groups: self.list_group_grants(caller, kind, id).await?,
            inherited,
        })
    }

    /// Everybody who may see a thing, and why. Its editors may know.
    ///
    /// # Errors
    /// The thing is not visible.
    pub async fn who_sees(&self, caller: &Caller, kind: &str, id: &str) -> Result<Vec<Viewer>> {
        let thing = self.thing(caller, kind, id).await?;
        require_edit(caller, thing.access, kind)?;
        self.audience(&thing, &self.folders_above(thing.kind, &thing.id).await?).await
    }

    /// Everybody who could see a thing that lies in these folders, by name.
    pub(crate) async fn audience(&self, thing: &Thing, folders: &[FolderRow]) -> Result<Vec<Viewer>> {
        let users = self.store.users().await?;
        let mut groups: HashMap<String, Vec<String>> = HashMap::new();
        for member in self.store.members().await? {
            groups.entry(member.group_id).or_default().push(member.user_id);
        }
        let nobody = Vec::new();
        // Whom each reason is for; `None`: everybody.
        let mut given: Vec<(Option<Vec<String>>, GivenBy)> = Vec::new();
        let mut give = |to: Option<Vec<String>>, reason: Reason, access: Access| {
            given.push((to, GivenBy { reason, access }));
        };
        for grant in self.store.grants_of_thing(thing.kind, &thing.id).await? {
            give(Some(vec![grant.user_id]), Reason::Grant, grant.access);
        }
        for grant in self.store.group_grants_of_thing(thing.kind, &thing.id).await? {
            let members = groups.get(&grant.group_id).unwrap_or(&nobody).clone();
            give(Some(members), Reason::Group { name: grant.group_name }, grant.access);
        }
        for folder in folders {
            let name = || folder.name.clone();
            give(Some(vec![folder.owner_id.clone()]), Reason::FolderOwner { folder: name() }, Access::Edit);
            for grant in self.store.grants_of_thing(ThingKind::Folder, &folder.id).await? {
                give(Some(vec![grant.user_id]), Reason::Folder { folder: name() }, grant.access);
            }
            for grant in self.store.group_grants_of_thing(ThingKind::Folder, &folder.id).await? {
                let members = groups.get(&grant.group_id).unwrap_or(&nobody).clone();
                give(Some(members), Reason::FolderGroup { folder: name(), name: grant.group_name }, grant.access);
            }
            if folder.is_public {
                give(None, Reason::PublicFolder { folder: name() }, Access::View);
            }
        }
        if thing.is_public {
            give(None, Reason::Public, Access::View);
        }
        let viewer = |user: UserRow| {
            let mut reasons = Vec::new();
            if user.id == thing.owner_id {
                reasons.push(GivenBy { reason: Reason::Owner, access: Access::Owner });
            }
            if user.role == UserRole::Admin {
                reasons.push(GivenBy { reason: Reason::Administrator, access: Access::Owner });
            }
            let owns = !reasons.is_empty();
            let own = given.iter().filter(|(to, _)| to.as_ref().is_none_or(|to| to.contains(&user.id)));
            reasons.extend(own.map(|(_, by)| by.clone()));
            let most = reasons.iter().map(|by| by.access).max()?;
            let access = if owns { most } else { at_most(user.role, most) };
            Some(Viewer { user_id: user.id, user_name: user.name, role: user.role, access, reasons })
        };
        Ok(users.into_iter().filter(|user| user.is_active).filter_map(viewer).collect())
    }

    /// A thing that the caller may see, by its kind and id or name.
    pub(crate) async fn thing(&self, caller: &Caller, kind: &str, id: &str) -> Result<Thing> {
        let kind = ThingKind::parse(kind).ok_or_else(|| Error::not_found("thing"))?;
        let (id, name, owner_id, is_public, access) = match kind {
            ThingKind::Dashboard => {
                let (row, access) = self.dashboard_for(caller, id).await?;
                (row.id, row.name, row.owner_id, row.is_public, access)
            }
            ThingKind::Dataset => {
                let (loaded, access) = self.stored_for(caller, id).await?;
                if loaded.is_inline() {
                    return Err(Error::not_found("dataset"));
                }
                let row = loaded.row.clone();
                (row.id, row.label, row.owner_id, row.is_public, access)
            }
            ThingKind::Metric => {
                let (row, access) = self.metric_for(caller, id).await?;
                (row.id, row.name, row.owner_id, row.is_public, access)
            }
            ThingKind::Alert => {
                let (row, access) = self.alert_for(caller, id).await?;
                (row.id, row.name, row.owner_id, row.is_public, access)
            }
            ThingKind::Report => {
                let (row, access) = self.report_for(caller, id).await?;
                (row.id, row.name, row.owner_id, row.is_public, access)
            }
            ThingKind::Forecast => {
                let (row, access) = self.forecast_for(caller, id).await?;
                (row.id, row.name, row.owner_id, row.is_public, access)
            }
            ThingKind::Model => {
                let (row, access) = self.learned_for(caller, id).await?;
                (row.id, row.name, row.owner_id, row.is_public, access)
            }
            ThingKind::Folder => {
                let (row, access) = self.folder_for(caller, id).await?;
                (row.id, row.name, row.owner_id, row.is_public, access)
            }
        };
        Ok(Thing { kind, id, name, owner_id, is_public, access })
    }
}

impl Inner {
    /// The folders that a thing lies in, the nearest first.
    pub(crate) async fn folders_above(&self, kind: ThingKind, id: &str) -> Result<Vec<FolderRow>> {
        let first = self.store.folder_of(kind, id).await?;
        self.folder_and_above(first.as_deref()).await
    }

    /// A folder and those it lies in, the nearest first.
    pub(crate) async fn folder_and_above(&self, folder: Option<&str>) -> Result<Vec<FolderRow>> {
        let mut next = folder.map(str::to_owned);
        let mut found: Vec<FolderRow> = Vec::new();
        while let Some(id) = next.filter(|_| found.len() < store::MOST_LEVELS) {
            let Some(row) = self.store.folder(&id).await? else { break };
            next = row.parent_id.clone();
            found.push(row);
        }
        Ok(found)
    }
}

fn one_owner() -> Error {
    Error::invalid("A thing has one owner; share it for viewing or editing.").hint("To give it away, transfer it.")
}

/// The topic that tells a user's open pages that what they may see changed.
pub fn rights_topic(user_id: &str) -> String {
    // All visits of a link hear the same.
    let whose = user_id.split_once('/').map_or(user_id, |(link, _)| link);
    format!("rights:{whose}")
}
