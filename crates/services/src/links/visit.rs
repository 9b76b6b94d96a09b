//! What a browser keeps after it opened a link: the link, until when, and what its viewer is known by.
//! Encrypted by the server, so that it can be neither read nor made.

use crate::{Services, clock};
use domain::people::Scope;
use domain::{Access, Caller, Error, ErrorCode, Result, UserRole};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{DashboardRow, PublicLinkRow};

/// How long a visit lasts, in milliseconds; then the link is opened again.
pub(super) const VISIT_MS: i64 = 12 * 3_600_000;

#[derive(Serialize, Deserialize)]
pub(super) struct Visit {
    pub(super) link: String,
    /// That of the link when it was opened.
    pub(super) generation: i64,
    /// Milliseconds since 1970.
    pub(super) until: i64,
    pub(super) attributes: BTreeMap<String, Vec<String>>,
    /// Tells the visits of a link apart.
    pub(super) number: String,
}

/// What the viewers of a link are called where people have their ids.
pub(super) fn id_of(link: &str) -> String {
    domain::link::address_of(link)
}

impl Services {
    pub(super) fn seal_visit(&self, visit: &Visit) -> Result<String> {
        self.vault.seal(&crate::to_json(visit), &sealed_as(&visit.link))
    }

    /// The caller behind the visit of a link; `None` when it is over, or the link was revoked, changed
    /// or expired.
    pub async fn caller_from_visit(&self, link: &str, sealed: &str) -> Option<Caller> {
        let text = self.vault.try_unseal(sealed, &sealed_as(link))?;
        let visit: Visit = serde_json::from_str(&text).ok()?;
        let now = clock::now_ms();
        if visit.link != link || visit.until <= now {
            return None;
        }
        let row = self.open_to(link, now).await.ok()??;
        if row.generation != visit.generation {
            return None;
        }
        Some(Caller {
            user_id: format!("{}/{}", id_of(link), visit.number),
            name: row.label,
            role: UserRole::Viewer,
            scope: Scope::Screen,
            // Which visit it is and until when, for `link_stands`.
            credential_id: format!("{}#{}#{}", id_of(link), visit.generation, visit.until),
            groups: Vec::new(),
            attributes: visit.attributes,
            on_behalf: Some(row.owner_id),
            locked: crate::from_json(&row.filters_json),
        })
    }

    /// A link that has not expired.
    async fn open_to(&self, link: &str, now: i64) -> Result<Option<PublicLinkRow>> {
        if !self.allows_links().await? {
            return Ok(None);
        }
        let row = self.store.public_link(link).await?;
        Ok(row.filter(|row| row.expires_at.is_none_or(|at| at > now)))
    }

    /// Whether the link of a visitor still stands as they opened it; `None` for other callers.
    pub(crate) async fn link_stands(&self, caller: &Caller) -> Option<bool> {
        let (link, rest) = domain::link::link_in(&caller.credential_id)?.split_once('#')?;
        let (generation, until) = rest.split_once('#')?;
        let now = clock::now_ms();
        if until.parse::<i64>().map_or(true, |until| until <= now) {
            return Some(false);
        }
        let row = self.open_to(link, now).await.ok().flatten();
        Some(row.is_some_and(|row| row.generation.to_string() == generation && self.is_locked_as(caller, &row)))
    }

    /// Whether the conditions of a link are still those that the caller came with.
    fn is_locked_as(&self, caller: &Caller, row: &PublicLinkRow) -> bool {
        crate::from_json::<Vec<domain::query::Filter>>(&row.filters_json) == caller.locked
    }

    /// Whether a dashboard is what the link of a visitor shows; `None` for other callers.
    pub(crate) async fn on_link(&self, caller: &Caller, row: &DashboardRow) -> Result<Option<Option<Access>>> {
        let Some(link) = link_of(caller) else { return Ok(None) };
        let link = self.open_to(link, clock::now_ms()).await?;
        let shows = link.is_some_and(|l| l.dashboard_id == row.id && self.is_locked_as(caller, &l));
        Ok(Some(shows.then_some(Access::View)))
    }

    /// The dashboard that an address means: visitors know theirs by the link.
    pub(crate) async fn addressed(&self, caller: &Caller, slug_or_id: &str) -> Result<Option<String>> {
        let Some(named) = domain::link::link_in(slug_or_id) else { return Ok(None) };
        let own = link_of(caller).filter(|link| *link == named);
        let gone = || Error::new(ErrorCode::NotFound, "This link was revoked, or never was one.");
        let row = match own {
            Some(link) => self.open_to(link, clock::now_ms()).await?,
            None => None,
        };
        row.map(|row| Some(row.dashboard_id)).ok_or_else(gone)
    }
}

/// The link of a visitor.
fn link_of(caller: &Caller) -> Option<&str> {
    let named = domain::link::link_in(&caller.credential_id).filter(|_| caller.scope == Scope::Screen)?;
    named.split_once('#').map(|(link, _)| link)
}

fn sealed_as(link: &str) -> String {
    format!("visit:{link}")
}
