//! Signing in through an OpenID Connect provider: authorization code flow with PKCE.
//!
//! The server speaks to the issuer and to nobody else. Between the two halves of a sign-in its state
//! is in a sealed cookie of the browser, so that no other browser can finish it.

mod account;
mod issuer;
mod settings;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use issuer::Provider;
pub use settings::OidcSettings;

use super::SignInFrom;
use crate::{NewSession, Services, clock, secrets};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use token::Expected;

/// Where the provider sends people back to.
const CALLBACK: &str = "/login/oidc/callback";
const STATE: &str = "oidc";
/// How long somebody may take at the provider.
const LASTS_MS: i64 = 15 * 60_000;

/// What the provider sends back through the browser.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct OidcAnswer {
    pub code: String,
    pub state: String,
    pub error: String,
    /// Who says that it is the issuer (RFC 9207).
    pub iss: Option<String>,
}

/// Half a sign-in.
#[derive(Serialize, Deserialize)]
struct State {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    until: i64,
}

impl Services {
    /// Begins a sign-in: the address at the provider to go to, and a cookie to keep meanwhile.
    ///
    /// # Errors
    /// There is no provider, or it does not answer.
    pub async fn oidc_begin(&self, next: &str) -> Result<(String, String)> {
        self.oidc_begin_at(next, clock::now_ms()).await
    }

    pub(crate) async fn oidc_begin_at(&self, next: &str, now: i64) -> Result<(String, String)> {
        let provider = self.provider()?;
        let found = provider.discovery(now).await?;
        let state = State {
            state: secrets::random_secret(),
            nonce: secrets::random_secret(),
            verifier: secrets::random_secret(),
            next: next.chars().take(2_000).collect(),
            until: now + LASTS_MS,
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(state.verifier.as_bytes()));
        let back = self.callback()?;
        let address = provider.authorization(
            &found,
            &[
                ("redirect_uri", back.as_str()),
                ("state", state.state.as_str()),
                ("nonce", state.nonce.as_str()),
                ("code_challenge", challenge.as_str()),
                ("code_challenge_method", "S256"),
            ],
        )?;
        Ok((address, self.seal_for_browser(STATE, &state)?))
    }

    /// Finishes a sign-in. Answers the session, and where to go on.
    ///
    /// # Errors
    /// The answer does not belong to what this browser began, the provider vouches for nobody, or there is
    /// no account for them.
    pub async fn oidc_complete(
        &self,
        cookie: Option<&str>,
        answer: &OidcAnswer,
        from: &SignInFrom,
    ) -> Result<(NewSession, String)> {
        self.oidc_complete_at(cookie, answer, from, clock::now_ms()).await
    }

    pub(crate) async fn oidc_complete_at(
        &self,
        cookie: Option<&str>,
        answer: &OidcAnswer,
        from: &SignInFrom,
        now: i64,
    ) -> Result<(NewSession, String)> {
        let result = self.oidc_finish(cookie, answer, from, now).await;
        if let Err(error) = &result {
            tracing::warn!(%error, address = from.address, "a sign-in through the provider was refused");
            self.record_as(None, "sign_in_oidc", "user", "", "refused").await;
        }
        result
    }

    async fn oidc_finish(
        &self,
        cookie: Option<&str>,
        answer: &OidcAnswer,
        from: &SignInFrom,
        now: i64,
    ) -> Result<(NewSession, String)> {
        let provider = self.provider()?;
        let begun: State = cookie
            .and_then(|cookie| self.unseal_from_browser(STATE, cookie))
            .ok_or_else(|| refused("This sign-in was not begun in this browser."))?;
        if begun.state != answer.state {
            return Err(refused("This answer belongs to another sign-in."));
        }
        if begun.until <= now {
            return Err(refused("This took too long."));
        }
        if answer.iss.as_ref().is_some_and(|iss| *iss != provider.settings.issuer) {
            return Err(refused("This answer comes from another provider."));
        }
        if !answer.error.is_empty() || answer.code.is_empty() {
            // What the provider says travels through the browser: anybody can write it.
            return Err(refused("The provider did not let you in."));
        }
        let tokens = provider.exchange(&answer.code, &self.callback()?, &begun.verifier, now).await?;
        let expected = Expected {
            issuer: &provider.settings.issuer,
            client_id: &provider.settings.client_id,
            nonce: &begun.nonce,
            now_s: now.div_euclid(1_000),
        };
        let claims = provider.verify(&tokens.id_token, &expected, now).await?;
        let claims = provider.with_user_info(claims, tokens.access_token.as_deref(), now).await?;
        let user = self.user_of_claims(&provider.settings, &claims, now).await?;
        Ok((self.open_session(&user, from).await?, begun.next))
    }

    fn provider(&self) -> Result<&Provider> {
        self.provider.as_ref().ok_or_else(|| Error::new(ErrorCode::NotSupported, "There is no sign-in provider here."))
    }

    fn callback(&self) -> Result<String> {
        let base = self.settings.notify.public_url.as_deref();
        let base = base.ok_or_else(|| Error::invalid("Signing in through a provider needs ORRERY_PUBLIC_URL."))?;
        Ok(format!("{base}{CALLBACK}"))
    }
}

/// A sign-in that came to nothing.
fn refused(why: &str) -> Error {
    Error::new(ErrorCode::Forbidden, why).hint("Begin signing in again.")
}
