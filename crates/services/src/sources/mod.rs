//! Sources: administrators say where data lies outside and make datasets of its tables; questions of
//! those are then answered there.

mod browse;
mod datasets;
mod vault;

pub(crate) use datasets::refuse_source;
pub(crate) use vault::Vault;

use crate::access::{require_role, require_scope};
use crate::{Inner, Services, clock, from_json, new_id, to_json};
use domain::people::Scope;
use domain::source::{NewSource, Source, SourceInput, SourceKind, SourcePatch};
use domain::{Caller, Error, Result, UserRole};
use engine::Engine;
use engine::sources::{Rules, Spec};
use serde_json::{Map, Value};
use store::SourceRow;

/// The setting of every kind that is kept apart.
const PASSWORD: &str = "password";
/// A stored password goes only where it was meant to go: who changes one of these gives it anew.
const BINDING: [&str; 5] = ["host", "port", "user", "tls", "ca_certificate"];

/// What sources may reach, and the key under which their passwords are kept.
#[derive(Clone, Default)]
pub struct SourceSettings {
    pub rules: Rules,
    pub secret_key: Option<String>,
}

impl std::fmt::Debug for SourceSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceSettings").field("rules", &self.rules).finish_non_exhaustive()
    }
}

fn require_admin(caller: &Caller) -> Result<()> {
    require_scope(caller, Scope::Admin)?;
    require_role(caller, UserRole::Admin, "manage sources")
}

/// A form with the password taken out.
fn split(kind: &str, given: &Map<String, Value>) -> Result<(Map<String, Value>, Option<String>)> {
    let mut settings = Engine::check_source(kind, given)?;
    let password = settings.remove(PASSWORD).and_then(|p| p.as_str().map(str::to_owned));
    Ok((settings, password))
}

fn thing(id: &str) -> String {
    format!("source:{id}")
}

fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Error::invalid("A source's name has 1 to 100 characters.").field("name"));
    }
    Ok(name.to_owned())
}

impl Inner {
    /// A source with its password readable.
    fn spec(&self, row: &SourceRow) -> Result<Spec> {
        let password = row.secret.as_ref().map(|sealed| self.vault.unseal(sealed, &thing(&row.id))).transpose()?;
        Ok(Spec {
            id: row.id.clone(),
            revision: row.revision,
            kind: row.kind.clone(),
            settings: from_json(&row.settings_json),
            password,
        })
    }

    /// A source as a change would make it.
    fn changed(&self, mut row: SourceRow, patch: &SourcePatch) -> Result<SourceRow> {
        if let Some(name) = &patch.name {
            row.name = check_name(name)?;
            row.name_key = row.name.to_lowercase();
        }
        let Some(given) = &patch.settings else { return Ok(row) };
        let (settings, password) = split(&row.kind, given)?;
        let before: Map<String, Value> = from_json(&row.settings_json);
        match password {
            Some(password) => row.secret = Some(self.vault.seal(&password, &thing(&row.id))?),
            None if row.secret.is_some() && BINDING.iter().any(|k| before.get(*k) != settings.get(*k)) => {
                return Err(Error::invalid(
                    "The password must be given again when host, port, user or encryption change.",
                )
                .hint("It is never sent to a place it was not given for.")
                .field("settings.password"));
            }
            None => {}
        }
        row.settings_json = to_json(&settings);
        Ok(row)
    }

    async fn source_row(&self, id: &str) -> Result<SourceRow> {
        self.store.source(id).await?.ok_or_else(|| Error::not_found("source"))
    }
}

impl Services {
    /// The kinds of source, with their forms.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub fn source_kinds(&self, caller: &Caller) -> Result<Vec<SourceKind>> {
        require_admin(caller)?;
        Ok(Engine::source_kinds())
    }

    /// All sources by name.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub async fn list_sources(&self, caller: &Caller) -> Result<Vec<Source>> {
        require_admin(caller)?;
        let tables = self.store.source_tables().await?;
        let count = |id: &str| tables.iter().filter(|t| t.source_id == id).count() as u64;
        Ok(self.store.sources().await?.into_iter().map(|row| show(&row, count(&row.id))).collect())
    }

    /// One source. Its password is not shown.
    ///
    /// # Errors
    /// The caller is no administrator, or there is none.
    pub async fn get_source(&self, caller: &Caller, id: &str) -> Result<Source> {
        require_admin(caller)?;
        let row = self.source_row(id).await?;
        let used = self.store.source_tables().await?.iter().filter(|t| t.source_id == id).count();
        Ok(show(&row, used as u64))
    }

    /// Keeps a source. Whether it answers is not asked ([`Services::try_source`]).
    ///
    /// # Errors
    /// The caller is no administrator, the form is not right, or the name is taken.
    pub async fn create_source(&self, caller: &Caller, new: NewSource) -> Result<Source> {
        require_admin(caller)?;
        let name = check_name(&new.name)?;
        let (settings, password) = split(&new.kind, &new.settings)?;
        let (id, now) = (new_id(), clock::now_ms());
        let row = SourceRow {
            name_key: name.to_lowercase(),
            name,
            kind: new.kind,
            settings_json: to_json(&settings),
            secret: password.map(|p| self.vault.seal(&p, &thing(&id))).transpose()?,
            state_json: None,
            revision: 1,
            created_at: now,
            updated_at: now,
            id,
        };
        self.store.insert_source(&row).await.map_err(|e| e.field("name"))?;
        self.record(caller, "create_source", "source", &row.id).await;
        Ok(show(&row, 0))
    }

    /// Changes a source; its datasets read from the new place at once.
    ///
    /// # Errors
    /// The caller is no administrator, the form is not right, or the password must be given anew.
    pub async fn update_source(&self, caller: &Caller, id: &str, patch: SourcePatch) -> Result<Source> {
        require_admin(caller)?;
        let mut row = self.changed(self.source_row(id).await?, &patch)?;
        row.updated_at = clock::now_ms();
        self.store.update_source(&row).await.map_err(|e| e.field("name"))?;
        self.forget_source(id).await?;
        self.record(caller, "update_source", "source", id).await;
        self.get_source(caller, id).await
    }

    /// Deletes a source that no dataset reads from.
    ///
    /// # Errors
    /// The caller is no administrator, or a dataset reads from it.
    pub async fn delete_source(&self, caller: &Caller, id: &str) -> Result<()> {
        require_admin(caller)?;
        self.store.delete_source(id).await?;
        self.engine.forget_source(id);
        self.record(caller, "delete_source", "source", id).await;
        Ok(())
    }

    /// Each source by name with what it answers, for the command line.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn test_all_sources(&self) -> Result<Vec<(String, Result<String>)>> {
        let mut checked = Vec::new();
        for row in self.store.sources().await? {
            let outcome = match self.spec(&row) {
                Ok(spec) => self.engine.test_source(&spec).await,
                Err(error) => Err(error),
            };
            checked.push((row.name, outcome));
        }
        Ok(checked)
    }

    /// Deletes a source with the datasets that read from it.
    ///
    /// # Errors
    /// The caller is no administrator, or there is none.
    pub async fn delete_source_with_datasets(&self, caller: &Caller, id: &str) -> Result<()> {
        require_admin(caller)?;
        self.source_row(id).await?;
        for table in self.store.source_tables().await?.into_iter().filter(|t| t.source_id == id) {
            self.delete_dataset(caller, &table.dataset_id).await?;
        }
        self.delete_source(caller, id).await
    }

    /// Lets go of what is known of a source that changed.
    async fn forget_source(&self, id: &str) -> Result<()> {
        self.engine.forget_source(id);
        for table in self.store.source_tables().await?.into_iter().filter(|t| t.source_id == id) {
            if let Some(row) = self.store.dataset(&table.dataset_id).await? {
                self.forget_dataset(&row.id, &row.name);
            }
        }
        Ok(())
    }
}

fn show(row: &SourceRow, datasets: u64) -> Source {
    let mut settings: Map<String, Value> = from_json(&row.settings_json);
    let kind = Engine::source_kinds().into_iter().find(|k| k.kind == row.kind);
    let secret =
        |name: &str| kind.iter().flat_map(|k| &k.fields).any(|f| f.name == name && f.input == SourceInput::Secret);
    settings.retain(|name, _| !secret(name));
    Source {
        id: row.id.clone(),
        name: row.name.clone(),
        kind: row.kind.clone(),
        settings,
        has_password: row.secret.is_some(),
        tells_changes: kind.as_ref().is_some_and(|k| k.tells_changes),
        datasets,
        state: row.state_json.as_deref().and_then(|json| serde_json::from_str(json).ok()),
        created_at: clock::rfc3339(row.created_at),
        updated_at: clock::rfc3339(row.updated_at),
    }
}
