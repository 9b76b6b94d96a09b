//! What is set about the sign-in provider.

use domain::UserRole;

/// A sign-in provider and what follows from what it says.
#[derive(Clone)]
pub struct OidcSettings {
    /// Its address, exactly as it names itself.
    pub issuer: String,
    pub client_id: String,
    /// Without one this is a public client, which PKCE alone protects.
    pub client_secret: Option<String>,
    /// With blanks between them; `openid` is among them.
    pub scopes: String,
    /// The claim that lists groups; empty: groups do not come from the provider.
    pub groups_claim: String,
    /// Group and the role that it gives; the highest counts. Empty: roles are given here.
    pub role_map: Vec<(String, UserRole)>,
    /// The role of those whom no group gives one; `None`: they do not come in.
    pub default_role: Option<UserRole>,
    /// Whoever the provider vouches for gets an account.
    pub auto_create: bool,
    /// What stands on the button.
    pub name: String,
    /// Hosts beside the issuer's own that tokens, keys and user information may come from.
    pub hosts: Vec<String>,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcSettings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl OidcSettings {
    /// Reads `bi-admins=admin,analysts=creator`.
    ///
    /// # Errors
    /// The entry that is no group and role.
    pub fn parse_role_map(text: &str) -> Result<Vec<(String, UserRole)>, String> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries
            .map(|entry| {
                let (group, role) = entry.rsplit_once('=').ok_or_else(|| entry.to_owned())?;
                let role = UserRole::parse(role.trim()).ok_or_else(|| entry.to_owned())?;
                let group = group.trim();
                if group.is_empty() { Err(entry.to_owned()) } else { Ok((group.to_owned(), role)) }
            })
            .collect()
    }

    /// The role that groups give: the highest of them, else the default one.
    pub(super) fn role_of(&self, groups: &[String]) -> Option<UserRole> {
        let given = self.role_map.iter().filter(|(group, _)| groups.contains(group)).map(|(_, role)| *role).max();
        given.or(self.default_role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_groups_are_read() {
        let map = OidcSettings::parse_role_map("bi-admins=admin, cn=x,ou=y=creator").unwrap_err();
        assert_eq!(map, "cn=x");
        let map = OidcSettings::parse_role_map("bi-admins=admin, ou=y=creator,").unwrap();
        assert_eq!(map, [("bi-admins".to_owned(), UserRole::Admin), ("ou=y".to_owned(), UserRole::Creator)]);
        for bad in ["admins", "admins=king", "=admin"] {
            assert_eq!(OidcSettings::parse_role_map(bad).unwrap_err(), bad);
        }
    }
}
