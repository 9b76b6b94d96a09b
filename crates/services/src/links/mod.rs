//! Public and embedded links: anybody who opens one sees its dashboard, and nothing else.
//!
//! Whoever opens a link gets a visit ([`visit`]): the caller of a visit has the scope
//! [`Scope::Screen`], so that no right of a person is theirs; [`Services::on_link`] gives them the
//! dashboard of the link. Data is read with nobody's eyes and those of the link's maker: row policies hold
//! with the attributes that the embedding page signed, and the conditions of the link hold besides.

mod check;
mod open;
mod visit;

pub use open::Opening;
pub(crate) use open::guesses;

use crate::access::{require_owner, require_role, require_scope};
use crate::{Services, clock, from_json, new_id, secrets, to_json};
use domain::link::{LinkKind, LinkPatch, LinkRequest, NewLink, PublicLink};
use domain::people::Scope;
use domain::{Caller, Error, Result, UserRole};
use serde_json::Value;
use store::PublicLinkRow;

/// The most links of one dashboard.
const MOST_LINKS: usize = 100;

impl Services {
    /// The links of a dashboard, latest first. Its editors may know who sees it.
    ///
    /// # Errors
    /// The dashboard is not visible, or the caller may not change it.
    pub async fn list_links(&self, caller: &Caller, dashboard: &str) -> Result<Vec<PublicLink>> {
        let (row, access) = self.dashboard_for(caller, dashboard).await?;
        crate::access::require_edit(caller, access, "dashboard")?;
        let names = self.user_names().await?;
        let show = |link: PublicLinkRow| {
            let owner = names.get(&link.owner_id).cloned().unwrap_or_default();
            show(link, owner)
        };
        Ok(self.store.public_links_of(&row.id).await?.into_iter().map(show).collect())
    }

    /// Makes a link. What opens it is in the answer and kept nowhere in clear.
    ///
    /// # Errors
    /// The caller does not own the dashboard, or the request does not fit.
    pub async fn create_link(&self, caller: &Caller, dashboard: &str, request: LinkRequest) -> Result<NewLink> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Creator, "make a public link")?;
        self.require_links().await?;
        let (row, access) = self.dashboard_for(caller, dashboard).await?;
        require_owner(caller, access, "dashboard")?;
        if self.store.public_links_of(&row.id).await?.len() >= MOST_LINKS {
            return Err(Error::invalid(format!("A dashboard has at most {MOST_LINKS} links."))
                .hint("Revoke those that nobody uses."));
        }
        let now = clock::now_ms();
        self.check_locked(caller, &row.id, &request.filters).await?;
        let is_embed = request.kind == LinkKind::Embed;
        if !is_embed && request.public_key.is_some() {
            return Err(Error::invalid("Only an embedded link has a key.").field("public_key"));
        }
        if is_embed && request.password.is_some() {
            return Err(Error::invalid("An embedded link is opened by a token, not by a password.").field("password"));
        }
        let mut link = PublicLinkRow {
            id: new_id(),
            dashboard_id: row.id,
            owner_id: caller.user_id.clone(),
            kind: request.kind,
            label: check::label(&request.label)?,
            secret_hash: None,
            key_sealed: None,
            public_key: request.public_key.as_deref().map(check::public_key).transpose()?,
            password_hash: match request.password.as_deref() {
                Some(password) => Some(secrets::hash_password(password).await?),
                None => None,
            },
            expires_at: request.expires_at.as_deref().map(|text| check::expiry(text, now)).transpose()?,
            filters_json: to_json(&request.filters),
            origins_json: to_json(&check::origins(&request.origins)?),
            generation: 1,
            opened: 0,
            last_opened_at: None,
            created_at: now,
        };
        let made = self.arm(&mut link)?;
        self.store.insert_public_link(&link).await?;
        self.record(caller, "create", "public_link", &link.id).await;
        Ok(NewLink { link: show(link, caller.name.clone()), ..made })
    }

    /// Changes a link. A new password closes what was opened with the old one.
    ///
    /// # Errors
    /// The caller does not own the dashboard, or the change does not fit.
    pub async fn update_link(&self, caller: &Caller, id: &str, patch: LinkPatch) -> Result<PublicLink> {
        let mut link = self.link_for(caller, id).await?;
        if let Some(label) = &patch.label {
            link.label = check::label(label)?;
        }
        match patch.password.as_deref() {
            Some(_) if link.kind == LinkKind::Embed => {
                return Err(
                    Error::invalid("An embedded link is opened by a token, not by a password.").field("password")
                );
            }
            Some("") => link.password_hash = None,
            Some(password) => {
                link.password_hash = Some(secrets::hash_password(password).await?);
                link.generation += 1;
            }
            None => {}
        }
        match patch.expires_at.as_deref() {
            Some("") => link.expires_at = None,
            Some(text) => link.expires_at = Some(check::expiry(text, clock::now_ms())?),
            None => {}
        }
        if let Some(filters) = &patch.filters {
            self.check_locked(caller, &link.dashboard_id, filters).await?;
            link.filters_json = to_json(filters);
        }
        if let Some(origins) = &patch.origins {
            link.origins_json = to_json(&check::origins(origins)?);
        }
        self.store.update_public_link(&link).await?;
        self.record(caller, "update", "public_link", id).await;
        self.tell_visitors(id);
        let owner = self.user_name(&link.owner_id).await?;
        Ok(show(link, owner))
    }

    /// Gives a link another secret: what was opened with the old one is closed at once.
    ///
    /// # Errors
    /// The caller does not own the dashboard; or the link is opened by tokens of a key of theirs.
    pub async fn rotate_link(&self, caller: &Caller, id: &str) -> Result<NewLink> {
        let mut link = self.link_for(caller, id).await?;
        if link.public_key.is_some() {
            return Err(Error::new(domain::ErrorCode::RuleRefused, "The key of this link is yours.")
                .hint("Make a link with another public key, and revoke this one."));
        }
        link.generation += 1;
        let made = self.arm(&mut link)?;
        self.store.update_public_link(&link).await?;
        self.record(caller, "rotate", "public_link", id).await;
        self.tell_visitors(id);
        let owner = self.user_name(&link.owner_id).await?;
        Ok(NewLink { link: show(link, owner), ..made })
    }

    /// Revokes a link; what was opened by it is closed at once.
    ///
    /// # Errors
    /// The caller does not own the dashboard.
    pub async fn revoke_link(&self, caller: &Caller, id: &str) -> Result<()> {
        self.link_for(caller, id).await?;
        self.store.delete_public_link(id).await?;
        self.record(caller, "revoke", "public_link", id).await;
        self.tell_visitors(id);
        Ok(())
    }

    /// A link of a dashboard that the caller owns.
    async fn link_for(&self, caller: &Caller, id: &str) -> Result<PublicLinkRow> {
        require_scope(caller, Scope::Write)?;
        let unknown = || Error::not_found("link");
        let link = self.store.public_link(id).await?.ok_or_else(unknown)?;
        let (_, access) = self.dashboard_for(caller, &link.dashboard_id).await.map_err(|_| unknown())?;
        require_owner(caller, access, "dashboard")?;
        Ok(link)
    }

    /// Gives a link what opens it: a secret in its path, or the key that tokens are signed with.
    fn arm(&self, link: &mut PublicLinkRow) -> Result<NewLink> {
        let secret = secrets::random_secret();
        let (path, key) = match link.kind {
            LinkKind::Public => {
                link.secret_hash = Some(secrets::fingerprint(&secret));
                (format!("/public/{secret}"), None)
            }
            LinkKind::Embed if link.public_key.is_some() => (format!("/embed/{}", link.id), None),
            LinkKind::Embed => {
                link.key_sealed = Some(self.vault.seal(&secret, &sealed_as(&link.id))?);
                (format!("/embed/{}", link.id), Some(secret))
            }
        };
        Ok(NewLink { link: show(link.clone(), String::new()), path, key })
    }

    /// Open pages of a link ask for their right again.
    fn tell_visitors(&self, id: &str) {
        self.hub.publish(&crate::rights_topic(&visit::id_of(id)), Value::Null, false);
    }

    /// How many links show a dashboard to anybody.
    pub(crate) async fn public_links_of(&self, dashboard: &str) -> Result<u64> {
        let now = clock::now_ms();
        let links = self.store.public_links_of(dashboard).await?;
        Ok(links.iter().filter(|l| l.expires_at.is_none_or(|at| at > now)).count() as u64)
    }
}

/// What the key of an embedded link is sealed as.
fn sealed_as(id: &str) -> String {
    format!("public-link:{id}")
}

fn show(row: PublicLinkRow, owner_name: String) -> PublicLink {
    PublicLink {
        is_expired: row.expires_at.is_some_and(|at| at <= clock::now_ms()),
        has_password: row.password_hash.is_some(),
        expires_at: row.expires_at.map(clock::rfc3339),
        filters: from_json(&row.filters_json),
        origins: from_json(&row.origins_json),
        opened: u64::try_from(row.opened).unwrap_or_default(),
        last_opened_at: row.last_opened_at.map(clock::rfc3339),
        created_at: clock::rfc3339(row.created_at),
        id: row.id,
        dashboard_id: row.dashboard_id,
        kind: row.kind,
        label: row.label,
        owner_name,
    }
}
