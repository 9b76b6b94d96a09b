//! What is set about signing in, read and checked.

use domain::UserRole;
use services::{OidcSettings, SignInSettings, TotpRule};

/// Reads the settings; `get` answers the text of one.
///
/// # Errors
/// A sentence that names the setting and what is wrong with it.
pub(crate) fn read(get: impl Fn(&str) -> String, public_url: Option<&str>) -> Result<SignInSettings, String> {
    let bad = |name: &str, want: &str| format!("{name} is `{}`, but must be {want}.", get(name));
    let switch = |name: &str| match get(name).to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(bad(name, "true or false")),
    };
    let totp = match get("ORRERY_REQUIRE_TOTP").as_str() {
        "" => TotpRule::Own,
        "admins" => TotpRule::Admins,
        "everyone" => TotpRule::Everyone,
        _ => return Err(bad("ORRERY_REQUIRE_TOTP", "admins or everyone, or empty")),
    };
    let password = switch("ORRERY_PASSWORD_SIGN_IN")?;
    let auto_create = switch("ORRERY_OIDC_AUTO_CREATE")?;
    let default_role = match get("ORRERY_OIDC_DEFAULT_ROLE").as_str() {
        "" | "none" => None,
        role => Some(
            UserRole::parse(role)
                .ok_or_else(|| bad("ORRERY_OIDC_DEFAULT_ROLE", "viewer, explorer, creator, admin or none"))?,
        ),
    };
    let role_map = OidcSettings::parse_role_map(&get("ORRERY_OIDC_ROLE_MAP"))
        .map_err(|entry| format!("ORRERY_OIDC_ROLE_MAP has `{entry}`, which is no group=role."))?;
    let oidc = match get("ORRERY_OIDC_ISSUER") {
        issuer if issuer.is_empty() => None,
        issuer => {
            if public_url.is_none() {
                return Err("ORRERY_OIDC_ISSUER needs ORRERY_PUBLIC_URL: the provider leads people back to it.".into());
            }
            let client_id = get("ORRERY_OIDC_CLIENT_ID");
            if client_id.is_empty() {
                return Err("ORRERY_OIDC_ISSUER needs ORRERY_OIDC_CLIENT_ID.".into());
            }
            let scopes = get("ORRERY_OIDC_SCOPES");
            if !scopes.split_whitespace().any(|scope| scope == "openid") {
                return Err(bad("ORRERY_OIDC_SCOPES", "scopes with blanks between them, openid among them"));
            }
            let list = |name: &str| -> Vec<String> {
                get(name).split(',').map(|e| e.trim().to_owned()).filter(|e| !e.is_empty()).collect()
            };
            Some(OidcSettings {
                issuer,
                client_id,
                client_secret: Some(get("ORRERY_OIDC_CLIENT_SECRET")).filter(|secret| !secret.is_empty()),
                scopes,
                groups_claim: get("ORRERY_OIDC_GROUPS_CLAIM"),
                role_map,
                default_role,
                auto_create,
                name: get("ORRERY_OIDC_NAME"),
                hosts: list("ORRERY_OIDC_HOSTS"),
            })
        }
    };
    if !password && oidc.is_none() {
        return Err("ORRERY_PASSWORD_SIGN_IN=false needs ORRERY_OIDC_ISSUER: nobody could sign in.".into());
    }
    Ok(SignInSettings { password, totp, oidc })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SETTINGS;

    fn with(pairs: &[(&str, &str)]) -> Result<SignInSettings, String> {
        let get = |name: &str| {
            let set = pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            set.unwrap_or_else(|| SETTINGS.iter().find(|s| s.name == name).unwrap().default.to_owned())
        };
        read(get, Some("https://bi.example.com"))
    }

    #[test]
    fn what_is_wrong_is_named() {
        let issuer = ("ORRERY_OIDC_ISSUER", "https://id.example.com");
        let client = ("ORRERY_OIDC_CLIENT_ID", "orrery");
        for (pairs, word) in [
            (vec![("ORRERY_PASSWORD_SIGN_IN", "false")], "ORRERY_OIDC_ISSUER"),
            (vec![("ORRERY_PASSWORD_SIGN_IN", "maybe")], "ORRERY_PASSWORD_SIGN_IN"),
            (vec![("ORRERY_REQUIRE_TOTP", "cats")], "ORRERY_REQUIRE_TOTP"),
            (vec![issuer], "ORRERY_OIDC_CLIENT_ID"),
            (vec![issuer, client, ("ORRERY_OIDC_SCOPES", "profile")], "ORRERY_OIDC_SCOPES"),
            (vec![issuer, client, ("ORRERY_OIDC_ROLE_MAP", "a=king")], "`a=king`"),
            (vec![issuer, client, ("ORRERY_OIDC_DEFAULT_ROLE", "king")], "ORRERY_OIDC_DEFAULT_ROLE"),
        ] {
            let error = with(&pairs).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
        let get = |name: &str| if name == issuer.0 { issuer.1.to_owned() } else { String::new() };
        assert!(
            read(|n| if n.contains("AUTO") || n.contains("PASSWORD") { "true".into() } else { get(n) }, None)
                .unwrap_err()
                .contains("ORRERY_PUBLIC_URL")
        );
    }

    #[test]
    fn a_provider_lets_nobody_in_by_itself() {
        let settings = with(&[
            ("ORRERY_OIDC_ISSUER", "https://id.example.com"),
            ("ORRERY_OIDC_CLIENT_ID", "orrery"),
            ("ORRERY_OIDC_CLIENT_SECRET", "hunter2"),
        ])
        .unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
        let oidc = settings.oidc.unwrap();
        assert!(!oidc.auto_create && settings.password);
        assert_eq!(oidc.default_role, Some(UserRole::Viewer));
    }
}
