//! Wall links: a screen that nobody signs in at shows dashboards, and can do nothing else.
//!
//! The caller of a link has the scope [`Scope::Screen`] and an id of its own, so that no right of a
//! person is theirs. What they see is decided in one place: [`Services::on_screen`].

use crate::access::{require_owner, require_scope};
use crate::{Services, clock, new_id, secrets};
use domain::people::Scope;
use domain::wall::{NewWallLink, WallLink, WallLinkRequest, WallOptions};
use domain::{Access, Caller, Error, Result, UserRole};
use serde_json::Value;
use store::{DashboardRow, ThingKind, WallLinkRow};

/// The most dashboards of one link.
const MOST_DASHBOARDS: usize = 20;

impl Services {
    /// Makes a link. Its secret is in the answer and kept nowhere.
    ///
    /// # Errors
    /// The caller does not own the dashboards, or the request does not fit.
    pub async fn create_wall_link(&self, caller: &Caller, request: &WallLinkRequest) -> Result<NewWallLink> {
        require_scope(caller, Scope::Write)?;
        let label = request.label.trim();
        if label.is_empty() || label.chars().count() > 100 {
            return Err(Error::invalid("Say where the screen is, in 1 to 100 characters.").field("label"));
        }
        if request.dashboards.is_empty() || request.dashboards.len() > MOST_DASHBOARDS {
            return Err(Error::invalid("A wall shows 1 to 20 dashboards.").field("dashboards"));
        }
        let every = request.every.map(|seconds| seconds.to_string());
        let options = WallOptions::read(every.as_deref(), request.dim.as_deref());
        if request.every.is_some_and(|seconds| seconds != options.every) {
            return Err(Error::invalid("A dashboard stays for 3 to 86,400 seconds; 0 stays for ever.").field("every"));
        }
        if request.dim.is_some() && options.dim.is_none() {
            return Err(Error::invalid("The dark hours are two different hours, such as 22-6.").field("dim"));
        }
        let mut dashboards: Vec<String> = Vec::new();
        for (i, name) in request.dashboards.iter().enumerate() {
            let field = |error: Error| error.field(format!("dashboards[{i}]"));
            let (row, access) = self.dashboard_for(caller, name).await.map_err(field)?;
            require_owner(caller, access, "dashboard").map_err(field)?;
            if !dashboards.contains(&row.id) {
                dashboards.push(row.id);
            }
        }
        let secret = secrets::random_secret();
        let row = WallLinkRow {
            id: new_id(),
            owner_id: caller.user_id.clone(),
            label: label.to_owned(),
            secret_hash: secrets::fingerprint(&secret),
            options: options.query(),
            created_at: clock::now_ms(),
            last_seen_at: None,
        };
        self.store.insert_wall_link(&row, &dashboards).await?;
        self.record(caller, "create", "wall_link", &row.id).await;
        let link = show(row, dashboards, caller.name.clone());
        Ok(NewWallLink { link, path: format!("/screen/{secret}") })
    }

    /// The links that show a dashboard, for its owner.
    ///
    /// # Errors
    /// The dashboard is not visible, or not the caller's.
    pub async fn list_wall_links(&self, caller: &Caller, dashboard: &str) -> Result<Vec<WallLink>> {
        let (row, access) = self.dashboard_for(caller, dashboard).await?;
        require_owner(caller, access, "dashboard")?;
        let names = self.user_names().await?;
        let mut links = Vec::new();
        for link in self.store.wall_links_of(&row.id).await? {
            let dashboards = self.store.wall_link_dashboards(&link.id).await?;
            let owner = names.get(&link.owner_id).cloned().unwrap_or_default();
            links.push(show(link, dashboards, owner));
        }
        Ok(links)
    }

    /// Revokes a link; its screens go dark at once.
    ///
    /// # Errors
    /// There is none, or the caller owns neither it nor one of its dashboards.
    pub async fn revoke_wall_link(&self, caller: &Caller, id: &str) -> Result<()> {
        require_scope(caller, Scope::Write)?;
        let unknown = || Error::not_found("wall link");
        let link = self.store.wall_link(id).await?.ok_or_else(unknown)?;
        let mut may = link.owner_id == caller.user_id || caller.role == UserRole::Admin;
        for dashboard in self.store.wall_link_dashboards(id).await? {
            may |= matches!(self.dashboard_for(caller, &dashboard).await, Ok((_, Access::Owner)));
        }
        if !may {
            return Err(unknown());
        }
        self.store.delete_wall_link(id).await?;
        self.record(caller, "revoke", "wall_link", id).await;
        self.hub.publish(&crate::rights_topic(&screen_id(id)), Value::Null, false);
        Ok(())
    }

    /// The caller behind the secret of a link, with how it shows its dashboards; `None` when it was
    /// revoked or its owner may not sign in any more.
    pub async fn caller_from_wall_link(&self, secret: &str) -> Option<(Caller, String)> {
        let link = self.store.wall_link_by_hash(&secrets::fingerprint(secret)).await.ok()??;
        let owner = self.wall_owner(&link).await.ok()??;
        // A failed touch only makes the screen look longer gone than it is.
        let _ = self.store.touch_wall_link(&link.id, clock::now_ms()).await;
        let caller = Caller {
            user_id: screen_id(&link.id),
            name: link.label,
            role: UserRole::Viewer,
            scope: Scope::Screen,
            credential_id: link.id,
            groups: owner.groups,
            attributes: owner.attributes,
            on_behalf: Some(owner.user_id),
            locked: Vec::new(),
        };
        Some((caller, link.options))
    }

    /// Ids of the dashboards that a screen shows: those that its link names and its owner sees.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn screen_dashboards(&self, caller: &Caller) -> Result<Vec<String>> {
        let mut shown = Vec::new();
        for id in self.store.wall_link_dashboards(&caller.credential_id).await? {
            if self.dashboard_for(caller, &id).await.is_ok() {
                shown.push(id);
            }
        }
        Ok(shown)
    }

    /// Whether a link still stands, and writes down that its screen was seen.
    pub(crate) async fn screen_stands(&self, caller: &Caller) -> bool {
        let Ok(Some(link)) = self.store.wall_link(&caller.credential_id).await else { return false };
        let _ = self.store.touch_wall_link(&link.id, clock::now_ms()).await;
        matches!(self.wall_owner(&link).await, Ok(Some(_)))
    }

    /// Whether a dashboard is on the screen of the caller: its link names it, and the owner of the
    /// link may see it today.
    pub(crate) async fn on_screen(&self, caller: &Caller, row: &DashboardRow) -> Result<Option<Access>> {
        if let Some(access) = self.on_link(caller, row).await? {
            return Ok(access);
        }
        let Some(link) = self.store.wall_link(&caller.credential_id).await? else { return Ok(None) };
        if !self.store.wall_link_dashboards(&link.id).await?.contains(&row.id) {
            return Ok(None);
        }
        let Some(owner) = self.wall_owner(&link).await? else { return Ok(None) };
        let may = self.access_of(&owner, ThingKind::Dashboard, &row.id, &row.owner_id, row.is_public).await?;
        Ok(may.map(|_| Access::View))
    }

    async fn wall_owner(&self, link: &WallLinkRow) -> Result<Option<Caller>> {
        let user = self.store.user(&link.owner_id).await?.filter(|user| user.is_active);
        match user {
            Some(user) => Ok(Some(self.caller_of(&user, Scope::Read, &link.id).await?)),
            None => Ok(None),
        }
    }
}

/// What a screen is called where people have their ids.
fn screen_id(link: &str) -> String {
    format!("screen:{link}")
}

fn show(row: WallLinkRow, dashboards: Vec<String>, owner_name: String) -> WallLink {
    WallLink {
        id: row.id,
        label: row.label,
        dashboards,
        options: row.options,
        owner_name,
        created_at: clock::rfc3339(row.created_at),
        last_seen_at: row.last_seen_at.map(clock::rfc3339),
    }
}
