//! The language model that an administrator may set up: any address that speaks the chat interface of
//! OpenAI. Off unless somebody turned it on; its key is kept encrypted and sent to no address it was not
//! given for; its address is held against the same list as those of webhooks, each time it is asked.

use crate::access::{require_role, require_scope};
use crate::{Services, clock, to_json};
use domain::asking::{AskModel, AskModelPatch, AskPrompt, ModelSends};
use domain::notify::SendTest;
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use engine::sources::Closed;
use live::channels::place_of;
use reqwest::{Client, redirect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The setting, and what its key is sealed for.
const SETTING: &str = "ask_model";
/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// More bytes are no answer to a question.
const MOST_BYTES: usize = 256 * 1024;
/// Conversations that are listed.
const LISTED: i64 = 200;
const LONGEST_NAME: usize = 200;
const LONGEST_KEY: usize = 500;

/// The model as it is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Stored {
    url: String,
    pub(super) model: String,
    /// The key, encrypted.
    sealed: Option<String>,
    is_on: bool,
    pub(super) sends: ModelSends,
}

impl Stored {
    fn show(&self) -> AskModel {
        AskModel {
            url: self.url.clone(),
            model: self.model.clone(),
            has_key: self.sealed.is_some(),
            is_on: self.is_on,
            sends: self.sends,
        }
    }
}

/// One message of a conversation.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Message {
    pub(super) role: &'static str,
    pub(super) content: String,
}

fn require_right(caller: &Caller) -> Result<()> {
    require_scope(caller, Scope::Admin)?;
    require_role(caller, UserRole::Admin, "set up the language model")
}

impl Services {
    /// The language model, without its key.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub async fn ask_model(&self, caller: &Caller) -> Result<AskModel> {
        require_right(caller)?;
        Ok(self.stored_model().await?.show())
    }

    /// Sets the language model up.
    ///
    /// # Errors
    /// The caller is no administrator, the address may not be reached, or something is missing.
    pub async fn set_ask_model(&self, caller: &Caller, patch: AskModelPatch) -> Result<AskModel> {
        require_right(caller)?;
        let mut stored = self.stored_model().await?;
        if let Some(url) = patch.url.map(|url| url.trim().trim_end_matches('/').to_owned())
            && url != stored.url
        {
            if !url.is_empty() {
                self.places_of(&url).await.map_err(|e| e.field("url"))?;
            }
            if stored.sealed.is_some() && patch.key.is_none() && !url.is_empty() {
                return Err(Error::invalid("With another address, the key must be given again.")
                    .hint("It is never sent to a place it was not given for; empty means none.")
                    .field("key"));
            }
            stored.sealed = None;
            stored.url = url;
        }
        if let Some(model) = patch.model {
            stored.model = plain(&model, LONGEST_NAME, "model")?;
        }
        if let Some(key) = patch.key {
            let key = plain(&key, LONGEST_KEY, "key")?;
            stored.sealed = if key.is_empty() { None } else { Some(self.vault.seal(&key, SETTING)?) };
        }
        stored.sends = patch.sends.unwrap_or(stored.sends);
        stored.is_on = patch.is_on.unwrap_or(stored.is_on);
        if stored.is_on {
            for (missing, field, what) in
                [(stored.url.is_empty(), "url", "address"), (stored.model.is_empty(), "model", "name")]
            {
                if missing {
                    return Err(Error::invalid(format!("A language model that is on needs its {what}.")).field(field));
                }
            }
        }
        self.store.set_setting(SETTING, &to_json(&stored)).await?;
        self.record(caller, "set_ask_model", "setting", SETTING).await;
        Ok(stored.show())
    }

    /// Asks the language model something that has an answer, now.
    ///
    /// # Errors
    /// The caller is no administrator, or no model has been set up.
    pub async fn test_ask_model(&self, caller: &Caller) -> Result<SendTest> {
        require_right(caller)?;
        let stored = self.stored_model().await?;
        if stored.url.is_empty() || stored.model.is_empty() {
            return Err(Error::invalid("There is no language model to test.").hint("Save its address and name first."));
        }
        let message =
            Message { role: "user", content: "Answer with this JSON and nothing else: {\"ok\": true}".into() };
        let answer = self.chat(&stored, &[message]).await;
        self.record(caller, "test_ask_model", "setting", SETTING).await;
        Ok(match answer {
            Ok(text) => {
                let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(100).collect();
                SendTest { ok: true, message: format!("The model answers: {text}") }
            }
            Err(why) => SendTest { ok: false, message: why },
        })
    }

    /// What was asked of the language model, newest first.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub async fn list_ask_prompts(&self, caller: &Caller) -> Result<Vec<AskPrompt>> {
        require_right(caller)?;
        let names = self.user_names().await?;
        let show = |row: store::AskPromptRow| AskPrompt {
            id: row.id,
            at: clock::rfc3339(row.at),
            user: names.get(&row.user_id).cloned().unwrap_or_default(),
            question: row.question,
            model: row.model,
            prompt: row.prompt,
            answer: row.answer,
            outcome: row.outcome,
            elapsed_ms: u64::try_from(row.elapsed_ms).unwrap_or_default(),
        };
        Ok(self.store.ask_prompts(LISTED).await?.into_iter().map(show).collect())
    }

    /// Whether a language model may be asked.
    pub(super) async fn model_is_on(&self) -> Result<bool> {
        Ok(self.stored_model().await?.is_on)
    }

    /// The model that may be asked.
    pub(super) async fn model_in_use(&self) -> Result<Stored> {
        let stored = self.stored_model().await?;
        if stored.is_on {
            return Ok(stored);
        }
        Err(Error::new(ErrorCode::NotSupported, "No language model is set up here.")
            .hint("Orrery reads questions without one; an administrator can add one."))
    }

    async fn stored_model(&self) -> Result<Stored> {
        Ok(self.store.setting(SETTING).await?.map(|text| crate::from_json(&text)).unwrap_or_default())
    }

    /// The addresses that a model may be reached at.
    async fn places_of(&self, url: &str) -> Result<(String, Vec<SocketAddr>)> {
        let (host, port) = place_of(url).map_err(Error::invalid)?;
        let found = self.settings.notify.hosts.addresses(&host, port).await.map_err(|closed| match closed {
            Closed::NoHost => Error::invalid("The address has no host that could be looked up."),
            Closed::Unknown => Error::new(ErrorCode::RuleRefused, format!("The host `{host}` is not known."))
                .hint("Check how it is written, and that the server can look names up."),
            Closed::Inside => Error::new(
                ErrorCode::RuleRefused,
                format!("`{host}` lies inside the server's own network, which may not be reached unasked."),
            )
            .hint("Whoever runs the server can list it in ORRERY_WEBHOOK_HOSTS."),
        })?;
        // A host that is written as an address is not looked up: it is the one that was checked.
        if host.parse::<IpAddr>().is_ok_and(|written| !found.contains(&written)) {
            return Err(Error::new(ErrorCode::RuleRefused, "This address may not be reached."));
        }
        Ok((host, found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect()))
    }

    /// What the model answers, or a sentence that says why it does not.
    pub(super) async fn chat(&self, stored: &Stored, messages: &[Message]) -> std::result::Result<String, String> {
        let (host, addresses) = self.places_of(&stored.url).await.map_err(|error| error.to_string())?;
        let key = match &stored.sealed {
            Some(sealed) => Some(
                self.vault
                    .try_unseal(sealed, SETTING)
                    .ok_or("The key of the language model cannot be read any more.")?,
            ),
            None => None,
        };
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .resolve_to_addrs(&host, &addresses)
            .build()
            .map_err(|cause| {
                tracing::error!(%cause, "making an HTTP client");
                "The server could not prepare the question.".to_owned()
            })?;
        let body = json!({
            "model": stored.model, "messages": messages, "temperature": 0, "max_tokens": 1_000, "stream": false,
            "response_format": {"type": "json_object"},
        });
        let mut request = client.post(format!("{}/chat/completions", stored.url)).json(&body);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        let silent = |cause: reqwest::Error| {
            let what = if cause.is_timeout() { "does not answer in time" } else { "cannot be reached" };
            tracing::warn!(cause = %cause.without_url(), "asking the language model");
            format!("The language model {what}.")
        };
        let mut answer = request.send().await.map_err(silent)?;
        let status = answer.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(silent)? {
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err("The answer of the language model is too long.".into());
            }
            bytes.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            return Err(format!("The language model answered HTTP {}.", status.as_u16()));
        }
        let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = value.pointer("/choices/0/message/content").and_then(Value::as_str);
        text.map(str::to_owned).ok_or_else(|| "The answer of the language model has no text.".to_owned())
    }
}

/// A line of text that is not too long.
fn plain(text: &str, most: usize, field: &'static str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(Error::invalid(format!("This is one line of at most {most} characters.")).field(field));
    }
    Ok(text.to_owned())
}
