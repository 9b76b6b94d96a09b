//! Handing things on: one of them by its owner, or all of somebody who leaves.
//!
//! Alerts, datasets that are a SELECT and wall links read data with the rights of their owner. Nobody but
//! an administrator gives those to somebody else: it would lend that one's rights to whoever wrote them.

use crate::access::{require_admin, require_owner};
use crate::alerts::def_of;
use crate::sql::SQL_ORIGIN;
use crate::{Services, to_json};
use domain::alert::Subject;
use domain::notify::Recipient;
use domain::people::Scope;
use domain::sharing::{Owned, OwnedThing, Trouble};
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use store::{Handover, ThingKind, UserRow};

/// What is handed on together.
#[derive(Debug, Default)]
struct Load {
    things: Vec<(ThingKind, String, String)>,
    wall_links: Vec<(String, String)>,
}

impl Load {
    fn has(&self, kind: ThingKind, id: &str) -> bool {
        self.things.iter().any(|(k, i, _)| *k == kind && i == id)
    }

    fn keys(&self) -> Vec<(ThingKind, String)> {
        self.things.iter().map(|(kind, id, _)| (*kind, id.clone())).collect()
    }
}

impl Services {
    /// All that a user owns, for administrators.
    ///
    /// # Errors
    /// The caller is no administrator, or there is no such user.
    pub async fn owned_by(&self, caller: &Caller, user: &str) -> Result<Owned> {
        require_admin(caller)?;
        let user = self.store.user(user).await?.ok_or_else(|| Error::not_found("user"))?;
        let load = self.load_of(&user).await?;
        let thing = |(kind, id, name): (ThingKind, String, String)| OwnedThing { kind: kind.as_str().into(), id, name };
        let link = |(id, name): (String, String)| OwnedThing { kind: "wall_link".into(), id, name };
        let mut things: Vec<OwnedThing> = load.things.into_iter().map(thing).collect();
        things.extend(load.wall_links.into_iter().map(link));
        let tokens = self.store.tokens_of(&user.id).await?.into_iter().map(|token| token.label).collect();
        Ok(Owned { things, tokens })
    }

    /// What would not work any more if a thing, or all of somebody's, were another's.
    ///
    /// # Errors
    /// The caller may not hand it on, or the other may not own it.
    pub async fn transfer_troubles(&self, caller: &Caller, kind: &str, id: &str, to: &str) -> Result<Vec<Trouble>> {
        let load = self.load(caller, kind, id).await?;
        let heir = self.heir(to).await?;
        self.troubles(&load, &self.caller_of(&heir, Scope::Read, "").await?).await
    }

    /// Hands a thing on to another creator, by name; whoever owned it goes on editing it.
    ///
    /// # Errors
    /// The caller may not hand it on, or the other may not own it.
    pub async fn transfer(&self, caller: &Caller, kind: &str, id: &str, to: &str) -> Result<()> {
        let load = self.load(caller, kind, id).await?;
        let heir = self.heir(to).await?;
        let before = self.thing(caller, kind, id).await?.owner_id;
        let things = load.keys();
        let was = self.store.user(&before).await?;
        let keeps = was.is_some_and(|user| user.is_active);
        let handover = Handover { to: &heir.id, things: &things, wall_links: &[], alert_defs: &[], keeps };
        self.store.hand_over(handover).await?;
        self.handed_over(caller, &things, &[before, heir.id]).await
    }

    /// The same for all that a user owns, told beforehand.
    ///
    /// # Errors
    /// The caller is no administrator, or one of the two is not there.
    pub async fn transfer_all_troubles(&self, caller: &Caller, user: &str, to: &str) -> Result<Vec<Trouble>> {
        require_admin(caller)?;
        let user = self.store.user(user).await?.ok_or_else(|| Error::not_found("user"))?;
        let heir = self.heir(to).await?;
        self.troubles(&self.load_of(&user).await?, &self.caller_of(&heir, Scope::Read, "").await?).await
    }

    /// Hands on all that a user owns, who leaves. Alerts that told them tell the other.
    ///
    /// # Errors
    /// The caller is no administrator, or one of the two is not there.
    pub async fn transfer_all(&self, caller: &Caller, user: &str, to: &str) -> Result<()> {
        require_admin(caller)?;
        let user = self.store.user(user).await?.ok_or_else(|| Error::not_found("user"))?;
        let heir = self.heir(to).await?;
        if heir.id == user.id {
            return Err(Error::invalid("They own it already.").field("to"));
        }
        let load = self.load_of(&user).await?;
        let mut alert_defs = Vec::new();
        for (_, id, _) in load.things.iter().filter(|(kind, ..)| *kind == ThingKind::Alert) {
            let Some(row) = self.store.alert(id).await? else { continue };
            let mut def = def_of(&row)?;
            let told = Recipient::User { id: user.id.clone() };
            if def.recipients.contains(&told) {
                let other = Recipient::User { id: heir.id.clone() };
                def.recipients.retain(|recipient| *recipient != told && *recipient != other);
                def.recipients.push(other);
                alert_defs.push((id.clone(), to_json(&def)));
            }
        }
        let things = load.keys();
        let wall_links: Vec<String> = load.wall_links.into_iter().map(|(id, _)| id).collect();
        let handover =
            Handover { to: &heir.id, things: &things, wall_links: &wall_links, alert_defs: &alert_defs, keeps: false };
        self.store.hand_over(handover).await?;
        self.record(caller, "transfer_all", "user", &user.id).await;
        self.handed_over(caller, &things, &[user.id, heir.id]).await
    }

    async fn handed_over(&self, caller: &Caller, things: &[(ThingKind, String)], users: &[String]) -> Result<()> {
        for (kind, id) in things {
            self.record(caller, "transfer", kind.as_str(), id).await;
            if *kind == ThingKind::Dataset
                && let Some(loaded) = self.stored_dataset(id).await?
            {
                // What is kept of it in memory names its owner.
                self.forget_dataset(&loaded.row.id, &loaded.row.name);
            }
        }
        self.rights_changed(users);
        Ok(())
    }

    /// Who may own things.
    async fn heir(&self, name: &str) -> Result<UserRow> {
        let unknown = || Error::invalid(format!("There is no user `{name}`.")).field("to");
        let user = self.store.user_by_name(name).await?.filter(|user| user.is_active).ok_or_else(unknown)?;
        if user.role < UserRole::Creator {
            let sentence = format!("{} needs the role creator to own this.", user.name);
            return Err(Error::new(ErrorCode::RuleRefused, sentence).field("to"));
        }
        Ok(user)
    }

    /// A thing that the caller may give away.
    async fn load(&self, caller: &Caller, kind: &str, id: &str) -> Result<Load> {
        let thing = self.thing(caller, kind, id).await?;
        require_owner(caller, thing.access, kind)?;
        let reads_as_owner = match thing.kind {
            ThingKind::Alert | ThingKind::Model => true,
            ThingKind::Dataset => {
                self.store.dataset(&thing.id).await?.is_some_and(|dataset| dataset.origin == SQL_ORIGIN)
            }
            _ => false,
        };
        if reads_as_owner && caller.role < UserRole::Admin {
            return Err(Error::forbidden(format!(
                "This {kind} reads data with the rights of its owner: only an administrator gives it to somebody else."
            )));
        }
        Ok(Load { things: vec![(thing.kind, thing.id, thing.name)], wall_links: Vec::new() })
    }

    async fn load_of(&self, user: &UserRow) -> Result<Load> {
        let mut load = Load::default();
        for kind in ThingKind::ALL {
            let owned = self.store.owned(*kind, &user.id).await?;
            load.things.extend(owned.into_iter().map(|row| (*kind, row.id, row.name)));
        }
        let links = self.store.wall_links_by(&user.id).await?;
        load.wall_links = links.into_iter().map(|row| (row.id, row.name)).collect();
        Ok(load)
    }

    async fn troubles(&self, load: &Load, heir: &Caller) -> Result<Vec<Trouble>> {
        let mut found = Vec::new();
        for (kind, id, name) in &load.things {
            let reason = match kind {
                ThingKind::Alert => self.trouble_of_alert(load, heir, id).await?,
                ThingKind::Dataset => self.trouble_of_dataset(load, heir, id).await?,
                ThingKind::Dashboard => self.trouble_of_dashboard(load, heir, id).await?,
                ThingKind::Metric | ThingKind::Report | ThingKind::Forecast | ThingKind::Folder | ThingKind::Model => {
                    None
                }
            };
            let kind = kind.as_str().to_owned();
            found.extend(reason.map(|reason| Trouble { kind, name: name.clone(), reason }));
        }
        for (id, name) in &load.wall_links {
            for dashboard in self.store.wall_link_dashboards(id).await? {
                if load.has(ThingKind::Dashboard, &dashboard) || self.dashboard_for(heir, &dashboard).await.is_ok() {
                    continue;
                }
                let shown = self.store.dashboard(&dashboard, true).await?.map(|row| row.name).unwrap_or_default();
                let reason = format!("Its screens would not show {shown} any more: {} cannot see it.", heir.name);
                found.push(Trouble { kind: "wall_link".into(), name: name.clone(), reason });
            }
        }
        Ok(found)
    }

    async fn trouble_of_alert(&self, load: &Load, heir: &Caller, id: &str) -> Result<Option<String>> {
        let Some(row) = self.store.alert(id).await? else { return Ok(None) };
        let def = def_of(&row)?;
        if let Some(metric) = def.subject.metric() {
            let seen = load.has(ThingKind::Metric, metric) || self.metric_for(heir, metric).await.is_ok();
            return Ok((!seen).then(|| stops(heir, "the metric", &def.label)));
        }
        if let Subject::Forecast { id } = &def.subject {
            let seen = load.has(ThingKind::Forecast, id) || self.forecast_for(heir, id).await.is_ok();
            return Ok((!seen).then(|| stops(heir, "the forecast", &def.label)));
        }
        if let Subject::Tile { dashboard, .. } = &def.subject
            && (load.has(ThingKind::Dashboard, dashboard) || self.dashboard_for(heir, dashboard).await.is_ok())
        {
            return Ok(None);
        }
        let Some(dataset) = def.subject.query().map(|query| query.dataset.clone()) else { return Ok(None) };
        let unread = self.unread(load, heir, &dataset).await?;
        Ok(unread.map(|label| stops(heir, "the dataset", &label)))
    }

    async fn trouble_of_dataset(&self, load: &Load, heir: &Caller, id: &str) -> Result<Option<String>> {
        let Some(statement) = self.stored_dataset(id).await?.and_then(|loaded| loaded.statement.clone()) else {
            return Ok(None);
        };
        for name in &statement.reads {
            if let Some(label) = self.unread(load, heir, name).await? {
                return Ok(Some(stops(heir, "the dataset", &label)));
            }
        }
        Ok(None)
    }

    async fn trouble_of_dashboard(&self, load: &Load, heir: &Caller, id: &str) -> Result<Option<String>> {
        let layout = self.read_document(id, |document, _| document.layout()).await?;
        // One whose SELECT cannot be read does not work now either.
        let read = self.datasets_read(&layout).await.unwrap_or_default();
        let mut hidden = Vec::new();
        for dataset in read.keys() {
            hidden.extend(self.unread(load, heir, dataset).await?);
        }
        let say = |hidden: Vec<String>| {
            format!("It goes on working, but {} cannot change its charts of {}.", heir.name, hidden.join(", "))
        };
        Ok((!hidden.is_empty()).then(|| say(hidden)))
    }

    /// The label of a dataset, where whoever would own things cannot read it.
    async fn unread(&self, load: &Load, heir: &Caller, name: &str) -> Result<Option<String>> {
        let Some(dataset) = self.stored_dataset(name).await? else { return Ok(None) };
        let row = &dataset.row;
        let seen = load.has(ThingKind::Dataset, &row.id) || self.dataset_for(heir, &row.id).await.is_ok();
        Ok((!seen).then(|| row.label.clone()))
    }
}

fn stops(heir: &Caller, what: &str, name: &str) -> String {
    format!("It would stop working: {} cannot see {what} {name}.", heir.name)
}
