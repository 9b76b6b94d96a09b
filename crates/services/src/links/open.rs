//! Opening a link: by its secret, perhaps with a password, or by a token that another page's server
//! signed (RFC 7519).

use super::sealed_as;
use super::visit::{VISIT_MS, Visit};
use crate::{Buckets, Services, clock, secrets};
use domain::link::LinkKind;
use domain::{Error, ErrorCode, Result};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use store::PublicLinkRow;

/// Wrong passwords for one link: so many at once, and one more after each pause.
const GUESSES: (u64, Duration) = (20, Duration::from_secs(3));
/// A token is for now, not for tomorrow: seconds that it may last.
const TOKEN_S: i64 = 24 * 3_600;
/// The most attributes of a viewer, and values of one.
const MOST_ATTRIBUTES: usize = 50;
const MOST_VALUES: usize = 1_000;

/// What came of opening a link.
#[derive(Debug)]
pub enum Opening {
    /// What the browser keeps, for how many seconds, and the link's id.
    Visit { link: String, sealed: String, max_age: i64, framed: bool },
    /// A password is asked for.
    Password { wrong: bool },
}

/// Room for wrong passwords, by link.
pub(crate) fn guesses() -> Buckets {
    Buckets::new(GUESSES.0, GUESSES.1)
}

/// What a token says.
#[derive(Deserialize)]
struct Claims {
    exp: i64,
    /// The id of the link that it is for.
    link: String,
    /// Who looks, for the record.
    #[serde(default)]
    sub: Option<String>,
    /// What row policies compare with.
    #[serde(default)]
    attributes: BTreeMap<String, Values>,
}

/// One value, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

impl Services {
    /// Opens a public link.
    ///
    /// # Errors
    /// There is no such link, it has expired, or too many wrong passwords were tried.
    pub async fn open_link(&self, secret: &str, password: Option<&str>) -> Result<Opening> {
        let now = clock::now_ms();
        let link = self.store.public_link_by_hash(&secrets::fingerprint(secret)).await?.ok_or_else(unknown)?;
        self.still_open(&link, now).await?;
        if let Some(hash) = &link.password_hash {
            let Some(password) = password else { return Ok(Opening::Password { wrong: false }) };
            // Taken before it is tried: many at once are not each the first.
            let moment = u64::try_from(now).unwrap_or_default().saturating_mul(1_000);
            if self.link_guesses.take(&link.id, moment).is_err() {
                return Err(Error::new(ErrorCode::TooManyRequests, "Too many wrong passwords for this link.")
                    .hint("Wait a minute and try again."));
            }
            if secrets::verify_password(password, Some(hash)).await? {
                self.link_guesses.give_back(&link.id);
            } else {
                self.record_as(None, "open", "public_link", &link.id, "refused").await;
                return Ok(Opening::Password { wrong: true });
            }
        }
        self.visit(link, now, VISIT_MS, BTreeMap::new(), None).await
    }

    /// Opens an embedded link with a token of the page around it.
    ///
    /// # Errors
    /// There is no such link, it has expired, or the token does not hold.
    pub async fn open_embedded(&self, id: &str, token: &str) -> Result<Opening> {
        let now = clock::now_ms();
        let link = self.store.public_link(id).await?.filter(|l| l.kind == LinkKind::Embed).ok_or_else(unknown)?;
        self.still_open(&link, now).await?;
        let claims = match self.claims(&link, token) {
            Ok(claims) => claims,
            Err(error) => {
                self.record_as(None, "open", "public_link", &link.id, "refused").await;
                return Err(error);
            }
        };
        let lasts = claims.exp.saturating_mul(1_000).saturating_sub(now);
        if lasts <= 0 || lasts > TOKEN_S * 1_000 {
            return Err(Error::new(
                ErrorCode::SignInRequired,
                "The token of this page lasts more than a day, or is over.",
            )
            .hint("Sign one for each viewer when the page is opened."));
        }
        let attributes = attributes(claims.attributes)?;
        self.visit(link, now, lasts.min(VISIT_MS), attributes, claims.sub).await
    }

    /// Sites that may show a link in a frame.
    pub async fn link_origins(&self, id: &str) -> Vec<String> {
        let row = self.store.public_link(id).await.ok().flatten();
        row.map(|row| crate::from_json(&row.origins_json)).unwrap_or_default()
    }

    /// The claims of a token that the key of the link signed; with no other method than that of its key.
    fn claims(&self, link: &PublicLinkRow, token: &str) -> Result<Claims> {
        let refused = |cause: &jsonwebtoken::errors::Error| {
            tracing::info!(%cause, link = link.id, "the token of an embedded link was refused");
            Error::new(ErrorCode::SignInRequired, "The token of this page does not hold.")
                .hint("Sign it with the key of the link, with `exp`, and `link` as its id.")
        };
        if token.len() > 16 * 1024 {
            return Err(Error::invalid("A token has at most 16 kB.").field("token"));
        }
        let (key, algorithm) = match (&link.public_key, &link.key_sealed) {
            (Some(pem), _) => (DecodingKey::from_ed_pem(pem.as_bytes()).map_err(|e| refused(&e))?, Algorithm::EdDSA),
            (None, Some(sealed)) => {
                let key = self.vault.unseal(sealed, &sealed_as(&link.id))?;
                (DecodingKey::from_secret(key.as_bytes()), Algorithm::HS256)
            }
            (None, None) => return Err(unknown()),
        };
        let mut wanted = Validation::new(algorithm);
        wanted.set_required_spec_claims(&["exp"]);
        wanted.validate_aud = false;
        wanted.validate_nbf = true;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &wanted).map_err(|e| refused(&e))?.claims;
        if claims.link != link.id {
            return Err(Error::new(ErrorCode::SignInRequired, "The token of this page is for another link."));
        }
        Ok(claims)
    }

    async fn still_open(&self, link: &PublicLinkRow, now: i64) -> Result<()> {
        if !self.allows_links().await? {
            return Err(Error::new(ErrorCode::Gone, "This link opens nothing any more.")
                .hint("Ask whoever sent it for another way to see the dashboard."));
        }
        match link.expires_at {
            Some(at) if at <= now => {
                Err(Error::new(ErrorCode::Gone, "This link has expired.").hint("Ask whoever sent it for another one."))
            }
            _ => Ok(()),
        }
    }

    async fn visit(
        &self,
        link: PublicLinkRow,
        now: i64,
        lasts: i64,
        attributes: BTreeMap<String, Vec<String>>,
        viewer: Option<String>,
    ) -> Result<Opening> {
        if self.store.dashboard(&link.dashboard_id, false).await?.is_none() {
            return Err(unknown());
        }
        self.store.note_public_link_opened(&link.id, now).await?;
        if let Some(viewer) = viewer {
            let viewer: String = viewer.chars().take(100).collect();
            tracing::info!(link = link.id, viewer, "an embedded link was opened");
        }
        self.record_as(None, "open", "public_link", &link.id, "done").await;
        let until = link.expires_at.unwrap_or(i64::MAX).min(now + lasts);
        let number = crate::new_id();
        let visit = Visit { link: link.id.clone(), generation: link.generation, until, attributes, number };
        let sealed = self.seal_visit(&visit)?;
        Ok(Opening::Visit {
            sealed,
            max_age: (until - now) / 1_000,
            framed: link.kind == LinkKind::Embed,
            link: link.id,
        })
    }
}

fn unknown() -> Error {
    Error::new(ErrorCode::Gone, "This link was revoked, or never was one.").hint("Ask whoever sent it for another one.")
}

fn attributes(of: BTreeMap<String, Values>) -> Result<BTreeMap<String, Vec<String>>> {
    let list: BTreeMap<String, Vec<String>> = of
        .into_iter()
        .map(|(name, values)| match values {
            Values::One(one) => (name, vec![one]),
            Values::Many(many) => (name, many),
        })
        .collect();
    if list.len() > MOST_ATTRIBUTES || list.values().any(|values| values.len() > MOST_VALUES) {
        return Err(Error::invalid(format!(
            "A token has at most {MOST_ATTRIBUTES} attributes of {MOST_VALUES} values."
        ))
        .field("token"));
    }
    Ok(list)
}
