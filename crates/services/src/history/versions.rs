//! Moments with a name.

use super::count;
use crate::access::require_edit;
use crate::{Services, clock, new_id};
use domain::history::{LONGEST_NAME, NamedVersion, NewVersion};
use domain::{Caller, Error, ErrorCode, Result};
use store::VersionRow;

/// The most names of one dashboard.
const MOST_VERSIONS: usize = 500;

impl Services {
    /// The moments that have a name, the latest first.
    ///
    /// # Errors
    /// The dashboard is not visible, or not the caller's to change.
    pub async fn list_versions(&self, caller: &Caller, slug_or_id: &str) -> Result<Vec<NamedVersion>> {
        let (row, _) = self.history_of(caller, slug_or_id).await?;
        let people = self.user_names().await?;
        let show = |v: VersionRow| show(v.clone(), people.get(&v.user_id).cloned().unwrap_or_default());
        Ok(self.store.versions(&row.id).await?.into_iter().map(show).collect())
    }

    /// Names a moment; without a number, the present one.
    ///
    /// # Errors
    /// No right to edit, no such step, a name that is empty or too long, or too many of them.
    pub async fn name_version(&self, caller: &Caller, slug_or_id: &str, new: &NewVersion) -> Result<NamedVersion> {
        let (row, access) = self.history_of(caller, slug_or_id).await?;
        require_edit(caller, access, "dashboard")?;
        let name = checked(&new.name)?;
        let seq = match new.seq {
            Some(seq) => seq,
            None => self.last_step(&row.id).await?,
        };
        let step = self.operation_at(&row.id, seq).await.map_err(|error| error.field("seq"))?;
        if self.store.versions(&row.id).await?.len() >= MOST_VERSIONS {
            return Err(Error::new(ErrorCode::Conflict, format!("A dashboard has at most {MOST_VERSIONS} versions."))
                .hint("Take the name of one away that nobody needs."));
        }
        let version = VersionRow {
            id: new_id(),
            dashboard_id: row.id.clone(),
            seq: step.seq,
            name,
            user_id: caller.user_id.clone(),
            created_at: clock::now_ms(),
        };
        self.store.insert_version(&version).await?;
        self.record(caller, "name_version", "dashboard", &row.id).await;
        Ok(show(version, caller.name.clone()))
    }

    /// Gives a named moment another name.
    ///
    /// # Errors
    /// No right to edit, no such version, or a name that is empty or too long.
    pub async fn rename_version(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        id: &str,
        name: &str,
    ) -> Result<NamedVersion> {
        let (row, access) = self.history_of(caller, slug_or_id).await?;
        require_edit(caller, access, "dashboard")?;
        self.store.rename_version(&row.id, id, &checked(name)?).await?;
        self.record(caller, "rename_version", "dashboard", &row.id).await;
        let versions = self.list_versions(caller, &row.id).await?;
        versions.into_iter().find(|v| v.id == id).ok_or_else(|| Error::not_found("version"))
    }

    /// Takes the name of a moment away; the moment stays in the history.
    ///
    /// # Errors
    /// No right to edit, or no such version.
    pub async fn forget_version(&self, caller: &Caller, slug_or_id: &str, id: &str) -> Result<()> {
        let (row, access) = self.history_of(caller, slug_or_id).await?;
        require_edit(caller, access, "dashboard")?;
        self.store.delete_version(&row.id, id).await?;
        self.record(caller, "forget_version", "dashboard", &row.id).await;
        Ok(())
    }
}

fn checked(name: &str) -> Result<String> {
    let name = name.trim();
    if (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid(format!("A version needs a name of 1 to {LONGEST_NAME} characters.")).field("name"))
}

fn show(row: VersionRow, user_name: String) -> NamedVersion {
    NamedVersion {
        id: row.id,
        name: row.name,
        seq: count(row.seq),
        user_name,
        created_at: clock::rfc3339(row.created_at),
    }
}
