//! "View as": a dashboard as somebody else sees it.
//!
//! The caller that looks from another place has an id of its own, so that nothing of the person in whose
//! place it looks is its own: neither inbox nor tokens nor what they starred. It reads and never writes,
//! sees one dashboard, and of everything else what both the person and whoever looks may see
//! ([`crate::access`]). Policies read the attributes and groups that it carries.

use crate::Services;
use crate::access::require_scope;
use domain::people::{SEEN_AS, Scope};
use domain::{Access, Caller, Error, ErrorCode, Result, UserRole};
use std::collections::BTreeMap;

/// The cookie of a browser that looks from somebody else's place: dashboard, session and who.
pub const VIEW_AS_COOKIE: &str = "orrery_view_as";

/// Where a caller looks from, as it stands in its ids.
pub(crate) struct Place<'a> {
    is_group: bool,
    /// Of the person or group.
    id: &'a str,
    /// Of the dashboard.
    pub(crate) dashboard: &'a str,
    /// Of the user who looks, and of what signed them in.
    pub(crate) by: &'a str,
    pub(crate) credential: &'a str,
}

impl<'a> Place<'a> {
    /// The place of a caller, if it is not their own.
    pub(crate) fn of(caller: &'a Caller) -> Option<Self> {
        let who = caller.user_id.strip_prefix(SEEN_AS)?;
        // Damaged ids name nobody, and nobody may anything.
        let (kind, id) = who.split_once(':').unwrap_or_default();
        let mut parts = caller.credential_id.splitn(3, '/');
        let mut next = || parts.next().unwrap_or_default();
        Some(Self { is_group: kind == "group", id, dashboard: next(), by: next(), credential: next() })
    }

    /// Who is there, as themselves, with their group where they are one.
    pub(crate) fn seen(&self, caller: &Caller) -> (Caller, Option<&'a str>) {
        let user_id = if self.is_group { String::new() } else { self.id.to_owned() };
        (Caller { user_id, ..caller.clone() }, self.is_group.then_some(self.id))
    }
}

impl Services {
    /// A dashboard from somebody else's place: `who` is `user:` and an id, or `group:` and one.
    ///
    /// # Errors
    /// The caller does not own the dashboard, they would see more than they may, or nobody is there.
    pub async fn caller_as(&self, caller: &Caller, dashboard: &str, who: &str) -> Result<Caller> {
        // Not from yet another place, and not with a token: this is for looking at pages.
        require_scope(caller, Scope::Admin)?;
        let (row, access) = self.dashboard_for(caller, dashboard).await?;
        if access < Access::Owner {
            return Err(Error::forbidden("Only the owner of this dashboard sees it as others do."));
        }
        let nobody = || Error::not_found("user or group").field("who");
        let (name, role, groups, attributes, on_behalf) = match who.split_once(':') {
            Some(("user", id)) => {
                let user = self.store.user(id).await?.filter(|user| user.is_active).ok_or_else(nobody)?;
                let them = self.caller_of(&user, Scope::Read, "").await?;
                (them.name, them.role, them.groups, them.attributes, Some(them.user_id))
            }
            Some(("group", id)) => {
                let group = self.store.group(id).await?.ok_or_else(nobody)?;
                (group.name, UserRole::Viewer, vec![group.id], BTreeMap::new(), None)
            }
            _ => return Err(nobody()),
        };
        if caller.role < UserRole::Admin {
            if role > caller.role {
                return Err(Error::forbidden("They may do more here than you: only an administrator sees as they do."));
            }
            if !self.owns_data_of(caller, &row.id).await? {
                return Err(Error::forbidden(
                    "This dashboard shows data that is not yours, of which they may see other rows than you.",
                )
                .hint("Ask an administrator to look, or the owner of the data."));
            }
        }
        Ok(Caller {
            user_id: format!("{SEEN_AS}{who}"),
            name: format!("{name}, seen by {}", caller.name),
            role,
            scope: Scope::Read,
            credential_id: format!("{}/{}/{}", row.id, caller.user_id, caller.credential_id),
            groups,
            attributes,
            on_behalf,
            locked: Vec::new(),
        })
    }

    /// The caller from the place that a cookie names, if whoever looks still may, in the same session.
    pub async fn caller_from_place(&self, caller: &Caller, cookie: &str) -> Option<Caller> {
        let (dashboard, rest) = cookie.split_once(':')?;
        let (credential, who) = rest.split_once(':')?;
        if credential != caller.credential_id {
            return None;
        }
        self.caller_as(caller, dashboard, who).await.ok()
    }

    /// Begins to look at a dashboard as somebody else: by name, of a user or of a group. Answers the value
    /// of the cookie.
    ///
    /// # Errors
    /// As there; or they cannot see the dashboard.
    pub async fn begin_view_as(&self, caller: &Caller, dashboard: &str, name: &str, is_group: bool) -> Result<String> {
        let unknown = || {
            let what = if is_group { "group" } else { "user" };
            Error::new(ErrorCode::NotFound, format!("There is no {what} `{name}`.")).field("name")
        };
        let who = if is_group {
            let groups = self.store.groups().await?;
            let group = groups.into_iter().find(|g| g.id == name || g.name.eq_ignore_ascii_case(name));
            format!("group:{}", group.ok_or_else(unknown)?.id)
        } else {
            format!("user:{}", self.store.user_by_name(name).await?.ok_or_else(unknown)?.id)
        };
        let seen = self.caller_as(caller, dashboard, &who).await?;
        let (row, _) = self.dashboard_for(&seen, dashboard_of(&seen)).await.map_err(|_| {
            Error::new(ErrorCode::RuleRefused, format!("{name} cannot see this dashboard.")).hint("Share it with them.")
        })?;
        self.record(caller, "view_as", "dashboard", &format!("{}:{who}", row.id)).await;
        Ok(format!("{}:{}:{who}", row.id, caller.credential_id))
    }

    /// Whether somebody may go on looking from a place: whoever looks is signed in, and may look.
    pub(crate) async fn place_stands(&self, place: &Place<'_>, caller: &Caller) -> bool {
        let Ok(Some(user)) = self.store.user(place.by).await else { return false };
        let Ok(own) = self.caller_of(&user, Scope::Admin, place.credential).await else { return false };
        let who = caller.user_id.strip_prefix(SEEN_AS).unwrap_or_default();
        user.is_active
            && self.credential_stands(&own).await.unwrap_or(false)
            && self.caller_as(&own, place.dashboard, who).await.is_ok_and(|now| now.role == caller.role)
    }

    /// Whether the caller owns all datasets that a dashboard reads: of those they see every row.
    async fn owns_data_of(&self, caller: &Caller, dashboard: &str) -> Result<bool> {
        let layout = self.read_document(dashboard, |document, _| document.layout()).await?;
        for id in self.datasets_read(&layout).await?.keys() {
            if !matches!(self.dataset_for(caller, id).await, Ok((_, Access::Owner))) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn dashboard_of(seen: &Caller) -> &str {
    Place::of(seen).map(|place| place.dashboard).unwrap_or_default()
}
