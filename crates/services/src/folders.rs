//! Folders: what is granted on one holds for everything in it.

use crate::access::{require_edit, require_owner, require_role, require_scope, visible};
use crate::sharing::Thing;
use crate::{Services, clock, new_id};
use domain::people::Scope;
use domain::sharing::{Folder, FolderPatch, MoveEffect, NewFolder, Viewer};
use domain::{Access, Caller, Error, Result, UserRole};
use std::collections::{BTreeMap, HashMap};
use store::{FolderRow, ThingKind};

impl Services {
    /// A folder the caller may see.
    pub(crate) async fn folder_for(&self, caller: &Caller, id: &str) -> Result<(FolderRow, Access)> {
        let row = self.store.folder(id).await?.ok_or_else(|| Error::not_found("folder"))?;
        let may = self.access_of(caller, ThingKind::Folder, &row.id, &row.owner_id, row.is_public).await?;
        let access = visible(may, "folder")?;
        Ok((row, access))
    }

    /// The folders the caller may see, by name.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_folders(&self, caller: &Caller) -> Result<Vec<Folder>> {
        let rights = self.rights(caller, ThingKind::Folder).await?;
        let names = self.user_names().await?;
        let show = |row: FolderRow| {
            let access = rights.of(&row.id, &row.owner_id, row.is_public)?;
            let owner_name = names.get(&row.owner_id).cloned().unwrap_or_default();
            Some(folder(row, access, owner_name))
        };
        let mut folders: Vec<Folder> = self.store.folders().await?.into_iter().filter_map(show).collect();
        let seen: Vec<String> = folders.iter().map(|folder| folder.id.clone()).collect();
        for folder in &mut folders {
            // One that lies in a hidden one is at the top, for whoever does not see that.
            folder.parent_id = folder.parent_id.take().filter(|parent| seen.contains(parent));
        }
        folders.sort_by_cached_key(|folder| folder.name.to_lowercase());
        Ok(folders)
    }

    /// One folder.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn get_folder(&self, caller: &Caller, id: &str) -> Result<Folder> {
        let (mut row, access) = self.folder_for(caller, id).await?;
        if let Some(parent) = &row.parent_id
            && self.folder_for(caller, parent).await.is_err()
        {
            row.parent_id = None;
        }
        let owner_name = self.user_name(&row.owner_id).await?;
        Ok(folder(row, access, owner_name))
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// No right, a name that is not fit, a place that is too deep.
    pub async fn create_folder(&self, caller: &Caller, new: NewFolder) -> Result<Folder> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Creator, "make a folder")?;
        if let Some(parent) = &new.parent_id {
            self.target_folder(caller, parent).await?;
        }
        let now = clock::now_ms();
        let row = FolderRow {
            id: new_id(),
            name: checked_name(&new.name)?,
            parent_id: new.parent_id,
            owner_id: caller.user_id.clone(),
            is_public: false,
            created_at: now,
            updated_at: now,
        };
        self.store.insert_folder(&row).await?;
        self.record(caller, "create", "folder", &row.id).await;
        self.get_folder(caller, &row.id).await
    }

    /// Changes the name of a folder, or whether everybody sees what lies in it.
    ///
    /// # Errors
    /// No right, or a name that is not fit.
    pub async fn update_folder(&self, caller: &Caller, id: &str, patch: FolderPatch) -> Result<Folder> {
        let (row, access) = self.folder_for(caller, id).await?;
        require_edit(caller, access, "folder")?;
        let name = match &patch.name {
            Some(name) => checked_name(name)?,
            None => row.name,
        };
        let is_public = patch.is_public.unwrap_or(row.is_public);
        if is_public != row.is_public {
            require_owner(caller, access, "folder")?;
        }
        self.store.update_folder(id, &name, is_public, clock::now_ms()).await?;
        self.record(caller, "update", "folder", id).await;
        if is_public != row.is_public {
            self.rights_changed_for_all().await?;
        }
        self.get_folder(caller, id).await
    }

    /// Deletes a folder. What lies in it moves to where the folder lay.
    ///
    /// # Errors
    /// The caller does not own it.
    pub async fn delete_folder(&self, caller: &Caller, id: &str) -> Result<()> {
        let (row, access) = self.folder_for(caller, id).await?;
        require_owner(caller, access, "folder")?;
        self.store.delete_folder(&row.id).await?;
        self.record(caller, "delete", "folder", id).await;
        self.rights_changed_for_all().await
    }

    /// Which things of a kind lie in which folder, where the caller sees both: folder by thing.
    ///
    /// # Errors
    /// There is no such kind.
    pub async fn folder_places(&self, caller: &Caller, kind: &str) -> Result<BTreeMap<String, String>> {
        let kind = ThingKind::parse(kind).ok_or_else(|| Error::not_found("thing"))?;
        let folders: Vec<String> = self.list_folders(caller).await?.into_iter().map(|folder| folder.id).collect();
        let seen = self.seen_of_kind(caller, kind).await?;
        let places = self.store.folders_of(kind).await?.into_iter();
        Ok(places.filter(|(thing, folder)| seen.contains(thing) && folders.contains(folder)).collect())
    }

    /// Ids of all things of a kind that the caller sees.
    async fn seen_of_kind(&self, caller: &Caller, kind: ThingKind) -> Result<Vec<String>> {
        Ok(match kind {
            ThingKind::Dashboard => self.list_dashboards(caller, "").await?.into_iter().map(|thing| thing.id).collect(),
            ThingKind::Dataset => self.list_datasets(caller).await?.into_iter().map(|thing| thing.id).collect(),
            ThingKind::Metric => self.list_metrics(caller).await?.into_iter().map(|thing| thing.def.id).collect(),
            ThingKind::Report => self.list_reports(caller, "").await?.into_iter().map(|thing| thing.id).collect(),
            ThingKind::Forecast => self.list_forecasts(caller, "").await?.into_iter().map(|thing| thing.id).collect(),
            ThingKind::Alert => self.list_alerts(caller, "").await?.into_iter().map(|thing| thing.id).collect(),
            ThingKind::Model => self.list_learned(caller, "").await?.into_iter().map(|thing| thing.id).collect(),
            ThingKind::Folder => Vec::new(),
        })
    }

    /// Who would gain or lose when a thing is put into a folder, or into none.
    ///
    /// # Errors
    /// The caller may not edit both.
    pub async fn move_effect(
        &self,
        caller: &Caller,
        kind: &str,
        id: &str,
        folder_id: Option<&str>,
    ) -> Result<MoveEffect> {
        let thing = self.thing(caller, kind, id).await?;
        require_edit(caller, thing.access, kind)?;
        if let Some(folder) = folder_id {
            self.target_folder(caller, folder).await?;
        }
        self.effect(&thing, folder_id).await
    }

    async fn effect(&self, thing: &Thing, folder_id: Option<&str>) -> Result<MoveEffect> {
        let before = self.audience(thing, &self.folders_above(thing.kind, &thing.id).await?).await?;
        let after = self.audience(thing, &self.folder_and_above(folder_id).await?).await?;
        let rights = |viewers: &[Viewer]| -> HashMap<String, Access> {
            viewers.iter().map(|viewer| (viewer.user_id.clone(), viewer.access)).collect()
        };
        let (had, has) = (rights(&before), rights(&after));
        let more = |viewers: Vec<Viewer>, than: &HashMap<String, Access>| -> Vec<String> {
            let grew = |viewer: &Viewer| than.get(&viewer.user_id).copied() < Some(viewer.access);
            viewers.into_iter().filter(grew).map(|viewer| viewer.user_name).collect()
        };
        Ok(MoveEffect { gain: more(after, &had), lose: more(before, &has) })
    }

    /// Puts a thing into a folder, or into none. Whose move changes what others may owns the thing, or
    /// takes it out of a folder of theirs.
    ///
    /// # Errors
    /// The caller may not edit both, or decides what only the owner decides.
    pub async fn move_thing(
        &self,
        caller: &Caller,
        kind: &str,
        id: &str,
        folder_id: Option<&str>,
    ) -> Result<MoveEffect> {
        let thing = self.thing(caller, kind, id).await?;
        require_edit(caller, thing.access, kind)?;
        if let Some(folder) = folder_id {
            self.target_folder(caller, folder).await?;
        }
        let effect = self.effect(&thing, folder_id).await?;
        if !effect.is_empty() && thing.access < Access::Owner {
            let from = self.store.folder_of(thing.kind, &thing.id).await?;
            let owns_folder = match &from {
                Some(from) => self.folder_for(caller, from).await.is_ok_and(|(_, access)| access == Access::Owner),
                None => false,
            };
            if !owns_folder || !effect.gain.is_empty() {
                return Err(Error::forbidden(format!(
                    "This move changes who can see the {kind}: only its owner may do that."
                )));
            }
        }
        match thing.kind {
            ThingKind::Folder => self.store.move_folder(&thing.id, folder_id, clock::now_ms()).await?,
            kind => self.store.place_thing(kind, &thing.id, folder_id).await?,
        }
        self.record(caller, "move", kind, &thing.id).await;
        if !effect.is_empty() {
            self.rights_changed_for_all().await?;
        }
        Ok(effect)
    }

    /// A folder that the caller may put things into.
    async fn target_folder(&self, caller: &Caller, id: &str) -> Result<FolderRow> {
        let field = |error: Error| error.field("folder_id");
        let (row, access) = self.folder_for(caller, id).await.map_err(field)?;
        require_edit(caller, access, "folder").map_err(field)?;
        Ok(row)
    }
}

fn folder(row: FolderRow, access: Access, owner_name: String) -> Folder {
    Folder { id: row.id, name: row.name, parent_id: row.parent_id, owner_name, access, is_public: row.is_public }
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid("A folder has a name of 1 to 100 characters.").field("name"))
}
