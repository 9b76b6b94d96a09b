//! The conversation with the provider: what it says of itself, its keys, codes for tokens. Requests go
//! to the issuer's own origin, or to hosts that are listed; none is led elsewhere.

use super::settings::OidcSettings;
use super::token::{Claims, Distrust, Expected, verify};
use domain::{Error, ErrorCode, Result};
use jsonwebtoken::jwk::Jwk;
use reqwest::{Client, RequestBuilder, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// More bytes are no answer of a provider.
const MOST_BYTES: usize = 1 << 20;
/// How long it is believed what the provider says of itself.
const DISCOVERY_MS: i64 = 3_600_000;
const KEYS_MS: i64 = 3_600_000;
/// For a key that is not known the keys are fetched again, but no more often than this.
const KEYS_AGAIN_MS: i64 = 10_000;

/// What the provider says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// What a code was exchanged for.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) id_token: String,
    #[serde(default)]
    pub(super) access_token: Option<String>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

struct Kept<T> {
    value: Arc<T>,
    at: i64,
}

/// A sign-in provider.
pub(crate) struct Provider {
    pub(super) settings: OidcSettings,
    issuer: Url,
    http: Client,
    discovery: Mutex<Option<Kept<Discovery>>>,
    keys: Mutex<Option<Kept<Vec<Jwk>>>>,
}

impl Provider {
    /// The provider of the settings. Nothing is asked of it yet.
    pub(crate) fn open(settings: OidcSettings) -> Result<Self> {
        let bad = || Error::invalid("ORRERY_OIDC_ISSUER is an address such as https://id.example.com.");
        let issuer = Url::parse(&settings.issuer).map_err(|_| bad())?;
        let is_here = matches!(issuer.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if issuer.scheme() != "https" && !(issuer.scheme() == "http" && is_here) {
            return Err(Error::invalid("ORRERY_OIDC_ISSUER must begin with https://."));
        }
        if !issuer.username().is_empty() || issuer.query().is_some() || issuer.fragment().is_some() {
            return Err(bad());
        }
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().timeout(PATIENCE).build();
        let http = client.map_err(|cause| {
            tracing::error!(%cause, "making an HTTP client");
            Error::internal()
        })?;
        Ok(Self { settings, issuer, http, discovery: Mutex::default(), keys: Mutex::default() })
    }

    /// What the provider says of itself.
    pub(super) async fn discovery(&self, now: i64) -> Result<Arc<Discovery>> {
        let mut kept = self.discovery.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| now - kept.at < DISCOVERY_MS) {
            return Ok(kept.value.clone());
        }
        let address = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let found: Discovery = self.ask(self.http.get(self.own(&address)?)).await?;
        if found.issuer != self.settings.issuer {
            return Err(unusable("it says that it is another issuer than ORRERY_OIDC_ISSUER"));
        }
        for endpoint in [&found.token_endpoint, &found.jwks_uri].into_iter().chain(&found.userinfo_endpoint) {
            self.own(endpoint)?;
        }
        let value = Arc::new(found);
        *kept = Some(Kept { value: value.clone(), at: now });
        Ok(value)
    }

    /// Where the browser goes.
    pub(super) fn authorization(&self, found: &Discovery, more: &[(&str, &str)]) -> Result<String> {
        let mut address = Url::parse(&found.authorization_endpoint).map_err(|_| unusable("its address is none"))?;
        if address.scheme() != "https" && address.scheme() != self.issuer.scheme() {
            return Err(unusable("its page for signing in is not behind https"));
        }
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("scope", &self.settings.scopes)
            .extend_pairs(more);
        Ok(address.into())
    }

    /// Exchanges a code for tokens.
    pub(super) async fn exchange(&self, code: &str, back: &str, verifier: &str, now: i64) -> Result<Tokens> {
        let found = self.discovery(now).await?;
        let request = self.http.post(self.own(&found.token_endpoint)?);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", verifier),
        ];
        let settings = &self.settings;
        let methods = found.token_endpoint_auth_methods_supported.as_deref();
        let by_form = methods.is_some_and(|all| all.iter().all(|m| m != "client_secret_basic"));
        let request = match &settings.client_secret {
            Some(secret) if !by_form => request.basic_auth(quote(&settings.client_id), Some(quote(secret))),
            secret => {
                form.push(("client_id", settings.client_id.as_str()));
                form.extend(secret.as_deref().map(|secret| ("client_secret", secret)));
                request
            }
        };
        self.ask(request.form(&form)).await
    }

    /// The claims of an ID token, if it may be believed. The keys are fetched again for one that is not
    /// known: providers change them.
    pub(super) async fn verify(&self, token: &str, expected: &Expected<'_>, now: i64) -> Result<Claims> {
        let keys = self.keys(now, KEYS_MS).await?;
        let first = verify(token, &keys, expected);
        let result = match first {
            Err(Distrust::UnknownKey) => verify(token, &self.keys(now, KEYS_AGAIN_MS).await?, expected),
            other => other,
        };
        result.map_err(|why| {
            tracing::warn!(?why, "an ID token is not believed");
            super::refused("What the provider says about you cannot be believed.")
        })
    }

    /// The provider's keys, not older than this. Keys of kinds that we do not know are left out.
    async fn keys(&self, now: i64, oldest: i64) -> Result<Arc<Vec<Jwk>>> {
        let found = self.discovery(now).await?;
        let mut kept = self.keys.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| now - kept.at < oldest) {
            return Ok(kept.value.clone());
        }
        let set: KeySet = self.ask(self.http.get(self.own(&found.jwks_uri)?)).await?;
        let keys: Vec<Jwk> = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        let value = Arc::new(keys);
        *kept = Some(Kept { value: value.clone(), at: now });
        Ok(value)
    }

    /// The claims with what the provider tells about the same person on request. The signed ones stand.
    pub(super) async fn with_user_info(&self, claims: Claims, access: Option<&str>, now: i64) -> Result<Claims> {
        let found = self.discovery(now).await?;
        let (Some(endpoint), Some(access)) = (&found.userinfo_endpoint, access) else { return Ok(claims) };
        let mut told: Claims = self.ask(self.http.get(self.own(endpoint)?).bearer_auth(access)).await?;
        if told.get("sub") != claims.get("sub") {
            return Err(super::refused("What the provider says about you is about somebody else."));
        }
        told.extend(claims);
        Ok(told)
    }

    /// An address of the issuer itself, or of a host that is listed.
    fn own(&self, address: &str) -> Result<Url> {
        let url = Url::parse(address).map_err(|_| unusable("one of its addresses is none"))?;
        let is_listed = url.scheme() == "https"
            && url.host_str().is_some_and(|host| self.settings.hosts.iter().any(|h| h.eq_ignore_ascii_case(host)));
        if url.origin() == self.issuer.origin() || is_listed {
            return Ok(url);
        }
        tracing::error!(host = url.host_str(), "the sign-in provider names a host that is not in ORRERY_OIDC_HOSTS");
        Err(unusable("it names another host, which is not listed"))
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let silent = |cause: reqwest::Error| {
            tracing::error!(cause = %cause.without_url(), "the sign-in provider does not answer");
            unusable("it does not answer")
        };
        let mut answer = request.header("accept", "application/json").send().await.map_err(silent)?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(silent)? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(unusable("its answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            let said: String = String::from_utf8_lossy(&body).chars().filter(|c| !c.is_control()).take(300).collect();
            tracing::error!(%status, said, "the sign-in provider refuses");
            return Err(unusable("it refuses the request"));
        }
        serde_json::from_slice(&body).map_err(|cause| {
            tracing::error!(%cause, "the answer of the sign-in provider cannot be read");
            unusable("its answer cannot be read")
        })
    }
}

fn unusable(why: &str) -> Error {
    Error::new(ErrorCode::SourceUnavailable, format!("The sign-in provider cannot be used: {why}."))
        .hint("Try again; if it happens again, tell an administrator: the server log has more.")
}

/// Text as part of a form, as basic authentication wants it here (RFC 6749 2.3.1).
fn quote(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}
