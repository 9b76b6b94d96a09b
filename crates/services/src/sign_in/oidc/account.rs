//! Which account somebody has whom the provider vouches for. It is found by issuer and subject; by a
//! mail address only where the provider has verified it and an administrator has named it.

use super::refused;
use super::settings::OidcSettings;
use super::token::Claims;
use crate::{Services, new_id};
use domain::notify::check_address;
use domain::{Error, ErrorCode, Result, UserRole};
use serde_json::Value;
use store::UserRow;

const MOST_GROUPS: usize = 200;
const LONGEST_GROUP: usize = 100;

impl Services {
    /// The user whom these claims are about, with the role, groups and names they say.
    pub(super) async fn user_of_claims(&self, settings: &OidcSettings, claims: &Claims, now: i64) -> Result<UserRow> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
        let subject = text("sub").ok_or_else(|| refused("The provider names nobody."))?;
        let is_verified = claims.get("email_verified").is_some_and(|v| *v == true || *v == "true");
        let email = text("email").filter(|address| check_address(address).is_ok());
        let vouched = email.filter(|_| is_verified);
        let groups = groups_of(settings, claims);
        let role = settings.role_of(&groups);
        let mut known = self.store.user_of_identity(&settings.issuer, subject).await?;
        if let (None, Some(address)) = (&known, vouched) {
            known = self.link_by_address(settings, subject, address, now).await?;
        }
        let id = match known {
            Some(id) => id,
            None if settings.auto_create => {
                self.create_from_claims(settings, claims, subject, role.ok_or_else(no_role)?, now).await?
            }
            None => {
                return Err(refused("There is no account for you here.").hint("Ask an administrator to invite you."));
            }
        };
        let user = self.store.user(&id).await?.ok_or_else(Error::internal)?;
        if !user.is_active {
            return Err(refused("Your account was deactivated.").hint("Ask an administrator."));
        }
        self.store.touch_identity(&settings.issuer, subject, now).await?;
        if !settings.role_map.is_empty() {
            self.follow_role(&user, role.ok_or_else(no_role)?).await?;
        }
        if !settings.groups_claim.is_empty() {
            self.store.set_external_groups(&id, &groups, now).await?;
        }
        if let Some(address) = vouched
            && user.email.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(address))
        {
            self.store.set_email(&id, Some(address), true).await?;
        }
        if let Some(name) = text("name")
            && self.store.profile(&id).await?.full_name.is_empty()
        {
            let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
            self.store.set_full_name(&id, &name).await?;
        }
        self.forget_callers();
        self.hub.publish(&crate::rights_topic(&id), Value::Null, false);
        self.store.user(&id).await?.ok_or_else(Error::internal)
    }

    /// Links an account to which an administrator has given this address, once.
    async fn link_by_address(
        &self,
        settings: &OidcSettings,
        subject: &str,
        address: &str,
        now: i64,
    ) -> Result<Option<String>> {
        let mut meant = self.store.users_of_link_email(address).await?;
        // Of two with one address nobody can say who is meant.
        let Some(id) = meant.pop().filter(|_| meant.is_empty()) else { return Ok(None) };
        if !self.store.insert_identity(&settings.issuer, subject, &id, now).await? {
            return self.store.user_of_identity(&settings.issuer, subject).await;
        }
        self.store.set_link_email(&id, None).await?;
        self.store.delete_invitation(&id).await?;
        self.record_as(Some(&id), "link_identity", "user", &id, "done").await;
        Ok(Some(id))
    }

    async fn create_from_claims(
        &self,
        settings: &OidcSettings,
        claims: &Claims,
        subject: &str,
        role: UserRole,
        now: i64,
    ) -> Result<String> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let wishes = [text("preferred_username"), text("email").split('@').next().unwrap_or_default(), text("email")];
        let mut name = None;
        for wish in wishes {
            if name.is_none() {
                name = self.fit_name(wish).await?;
            }
        }
        let row = UserRow {
            id: new_id(),
            name: name.unwrap_or_else(|| format!("user-{}", new_id())),
            role,
            password_hash: None,
            is_active: true,
            created_at: now,
            last_seen_at: None,
            default_dashboard_id: None,
            email: None,
            attributes_json: "{}".into(),
        };
        self.store.insert_user(&row).await?;
        if !self.store.insert_identity(&settings.issuer, subject, &row.id, now).await? {
            // The same person, twice at the same moment: the first one stands.
            self.store.update_user_active(&row.id, false).await?;
            return self.store.user_of_identity(&settings.issuer, subject).await?.ok_or_else(Error::internal);
        }
        self.record_as(Some(&row.id), "create_user", "user", &row.id, "done").await;
        Ok(row.id)
    }

    /// Gives the role that groups give, unless that would leave nobody who manages people.
    async fn follow_role(&self, user: &UserRow, role: UserRole) -> Result<()> {
        if role == user.role {
            return Ok(());
        }
        if user.role == UserRole::Admin && self.active_admins().await? <= 1 {
            tracing::warn!(user = user.name, "the provider gives the last administrator another role; it is not taken");
            return Ok(());
        }
        self.store.update_user_role(&user.id, role).await?;
        self.record_as(Some(&user.id), "role_from_provider", "user", &user.id, "done").await;
        Ok(())
    }

    /// Lets the account at the provider that has verified this address be a user's, at its next
    /// sign-in; `None` takes that back. As an administrator.
    ///
    /// # Errors
    /// There is no such user, no provider, or it is no address.
    pub async fn link_user(&self, caller: &domain::Caller, user_id: &str, address: Option<&str>) -> Result<()> {
        crate::access::require_admin(caller)?;
        self.provider()?;
        let user = self.store.user(user_id).await?.ok_or_else(|| Error::not_found("user"))?;
        let address = address.map(str::trim).filter(|address| !address.is_empty());
        if let Some(address) = address {
            check_address(address).map_err(|error| error.field("email"))?;
            let others = self.store.users_of_link_email(address).await?;
            if others.iter().any(|id| *id != user.id) {
                return Err(
                    Error::new(ErrorCode::Conflict, "This address is named for another user already.").field("email")
                );
            }
        }
        self.store.set_link_email(&user.id, address).await?;
        self.record(caller, "link_user", "user", &user.id).await;
        Ok(())
    }
}

fn no_role() -> Error {
    refused("None of your groups may use this.").hint("Ask an administrator.")
}

/// The groups of the claim: a list of names, or one name.
fn groups_of(settings: &OidcSettings, claims: &Claims) -> Vec<String> {
    let mut groups: Vec<String> = match claims.get(&settings.groups_claim) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(|g| g.trim().to_owned()).collect(),
        Some(Value::String(one)) => vec![one.trim().to_owned()],
        _ => Vec::new(),
    };
    groups.retain(|g| !g.is_empty() && g.chars().count() <= LONGEST_GROUP && !g.chars().any(char::is_control));
    groups.truncate(MOST_GROUPS);
    groups
}
