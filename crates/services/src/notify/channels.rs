//! Channels that administrators set up. Addresses and secrets are kept encrypted and leave the
//! process only towards the place they were given for.

use crate::access::{require_role, require_scope};
use crate::{Services, clock, new_id, to_json};
use domain::notify::{Channel, ChannelKind, ChannelPatch, MailState, NewChannel, Notice, SendTest, check_address};
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use engine::sources::Closed;
use live::channels::email::To;
use live::channels::{Channel as Way, Letter, SendError, Sent, Target, place_of};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use store::ChannelRow;

/// Fewer characters make no secret.
const SHORTEST_SECRET: usize = 8;

/// What of a channel is kept encrypted.
#[derive(Serialize, Deserialize)]
struct Kept {
    url: String,
    secret: Option<String>,
}

fn require_admin(caller: &Caller) -> Result<()> {
    require_scope(caller, Scope::Admin)?;
    require_role(caller, UserRole::Admin, "manage channels")
}

fn thing(id: &str) -> String {
    format!("channel:{id}")
}

fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Error::invalid("A channel's name has 1 to 100 characters.").field("name"));
    }
    Ok(name.to_owned())
}

/// A secret that is worth signing with; Slack has none.
fn check_secret(kind: ChannelKind, secret: Option<String>) -> Result<Option<String>> {
    let Some(secret) = secret.filter(|s| !s.is_empty()) else { return Ok(None) };
    let refuse = |why: &str| Err(Error::invalid(why).field("secret"));
    if kind == ChannelKind::Slack {
        return refuse("Slack's messages are not signed: leave the secret away.");
    }
    if !(SHORTEST_SECRET..=200).contains(&secret.chars().count()) || secret.chars().any(char::is_control) {
        return refuse("A secret has 8 to 200 characters.");
    }
    Ok(Some(secret))
}

impl Services {
    /// All channels by name. Who makes alerts may know their names, administrators their hosts.
    ///
    /// # Errors
    /// The caller makes nothing here.
    pub async fn list_channels(&self, caller: &Caller) -> Result<Vec<Channel>> {
        require_role(caller, UserRole::Creator, "see the list of channels")?;
        Ok(self.store.channels().await?.into_iter().map(|row| show(row, caller)).collect())
    }

    /// Sets a channel up.
    ///
    /// # Errors
    /// The caller is no administrator, the address may not be reached, or the name is taken.
    pub async fn create_channel(&self, caller: &Caller, new: NewChannel) -> Result<Channel> {
        require_admin(caller)?;
        let name = check_name(&new.name)?;
        let secret = check_secret(new.kind, new.secret)?;
        let host = self.reachable(&new.url).await?;
        let id = new_id();
        let kept = Kept { url: new.url, secret };
        let row = ChannelRow {
            name_key: name.to_lowercase(),
            name,
            kind: new.kind,
            host,
            has_secret: kept.secret.is_some(),
            sealed: self.vault.seal(&to_json(&kept), &thing(&id))?,
            created_at: clock::now_ms(),
            id,
        };
        self.store.insert_channel(&row).await.map_err(|e| e.field("name"))?;
        self.record(caller, "create_channel", "channel", &row.id).await;
        Ok(show(row, caller))
    }

    /// Changes a channel.
    ///
    /// # Errors
    /// As [`Services::create_channel`]; with another address the secret must be given anew.
    pub async fn update_channel(&self, caller: &Caller, id: &str, patch: ChannelPatch) -> Result<Channel> {
        require_admin(caller)?;
        let mut row = self.channel_row(id).await?;
        if let Some(name) = &patch.name {
            row.name = check_name(name)?;
            row.name_key = row.name.to_lowercase();
        }
        if patch.url.is_some() || patch.secret.is_some() {
            // Another address: nothing of the former is needed, which may be unreadable by now.
            let kept = match patch.url {
                Some(url) => {
                    row.host = self.reachable(&url).await?;
                    if row.has_secret && patch.secret.is_none() {
                        return Err(Error::invalid("With another address, the secret must be given again.")
                            .hint("It is never used for a place it was not given for; empty means none.")
                            .field("secret"));
                    }
                    Kept { url, secret: check_secret(row.kind, patch.secret)? }
                }
                None => Kept { url: self.kept(&row)?.url, secret: check_secret(row.kind, patch.secret)? },
            };
            row.has_secret = kept.secret.is_some();
            row.sealed = self.vault.seal(&to_json(&kept), &thing(id))?;
        }
        self.store.update_channel(&row).await.map_err(|e| e.field("name"))?;
        self.record(caller, "update_channel", "channel", id).await;
        Ok(show(row, caller))
    }

    /// Deletes a channel; what still waits for it is not delivered, and its owners are told.
    ///
    /// # Errors
    /// The caller is no administrator, or there is none.
    pub async fn delete_channel(&self, caller: &Caller, id: &str) -> Result<()> {
        require_admin(caller)?;
        self.store.delete_channel(id).await?;
        self.record(caller, "delete_channel", "channel", id).await;
        Ok(())
    }

    /// Sends a test message through a channel, now.
    ///
    /// # Errors
    /// The caller is no administrator, or there is none.
    pub async fn test_channel(&self, caller: &Caller, id: &str) -> Result<SendTest> {
        require_admin(caller)?;
        let row = self.channel_row(id).await?;
        let notice = test_notice();
        let sent = match self.target_of(&row).await {
            Ok(target) => {
                let way = Way::of(row.kind, &target, clock::now_ms() / 1_000);
                way.send(&self.test_letter(&new_id(), &notice)).await
            }
            Err(error) => Err(error),
        };
        self.record(caller, "test_channel", "channel", id).await;
        Ok(told(sent))
    }

    /// Whether this server sends mail, and through which host.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub fn mail_state(&self, caller: &Caller) -> Result<MailState> {
        require_admin(caller)?;
        let smtp = self.settings.notify.smtp.as_ref();
        Ok(MailState {
            host: smtp.map(|smtp| smtp.host().to_owned()),
            has_public_url: self.settings.notify.public_url.is_some(),
        })
    }

    /// Sends a test mail, now.
    ///
    /// # Errors
    /// The caller is no administrator, or the address is none.
    pub async fn test_mail(&self, caller: &Caller, address: &str) -> Result<SendTest> {
        require_admin(caller)?;
        check_address(address)?;
        let Some(smtp) = &self.settings.notify.smtp else {
            return Err(Error::new(ErrorCode::NotSupported, "This server sends no mail.")
                .hint("Whoever runs it can name a mail server in ORRERY_SMTP_URL."));
        };
        let notice = test_notice();
        let way = Way::Email { smtp, to: To { address, chart: None, unsubscribe: None } };
        let sent = way.send(&self.test_letter(&new_id(), &notice)).await;
        self.record(caller, "test_mail", "user", &caller.user_id).await;
        Ok(told(sent))
    }

    /// Whether the mail server answers, for the command line; nothing where there is none.
    pub async fn check_mail(&self) -> Option<Sent> {
        match &self.settings.notify.smtp {
            Some(smtp) => Some(smtp.test().await),
            None => None,
        }
    }

    fn test_letter<'a>(&'a self, id: &'a str, notice: &'a Notice) -> Letter<'a> {
        let base = self.settings.notify.public_url.as_deref().unwrap_or_default();
        Letter { id, event_key: "test", notice, base, at_ms: clock::now_ms() }
    }

    async fn channel_row(&self, id: &str) -> Result<ChannelRow> {
        self.store.channel(id).await?.ok_or_else(|| Error::not_found("channel"))
    }

    fn kept(&self, row: &ChannelRow) -> Result<Kept> {
        let lost = || {
            Error::new(ErrorCode::SourceUnavailable, "The address of this channel cannot be read any more.")
                .hint("Give it anew, or bring the former ORRERY_SECRET_KEY back.")
        };
        let text = self.vault.unseal(&row.sealed, &thing(&row.id)).map_err(|_| lost())?;
        serde_json::from_str(&text).map_err(|_| lost())
    }

    /// The host of an address that may be reached.
    async fn reachable(&self, url: &str) -> Result<String> {
        let (host, port) = place_of(url).map_err(|why| Error::invalid(why).field("url"))?;
        self.addresses_of(&host, port).await.map_err(|closed| explain(closed, &host).field("url"))?;
        Ok(host)
    }

    async fn addresses_of(&self, host: &str, port: u16) -> std::result::Result<Vec<SocketAddr>, Closed> {
        let found = self.settings.notify.hosts.addresses(host, port).await?;
        Ok(found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }

    /// Where a channel leads now: its name is looked up and checked each time.
    pub(super) async fn target_of(&self, row: &ChannelRow) -> std::result::Result<Target, SendError> {
        let Kept { url, secret } = self.kept(row).map_err(|error| SendError::fatal(error.to_string()))?;
        let (host, port) = place_of(&url).map_err(SendError::fatal)?;
        let addresses = self.addresses_of(&host, port).await.map_err(|closed| SendError {
            // Names are not known for a while now and then; a rule stays a rule.
            again: closed == Closed::Unknown,
            message: explain(closed, &host).to_string(),
        })?;
        Ok(Target { url, addresses, secret })
    }
}

fn explain(closed: Closed, host: &str) -> Error {
    match closed {
        Closed::NoHost => Error::invalid("The address has no host that could be looked up."),
        Closed::Unknown => Error::new(ErrorCode::RuleRefused, format!("The host `{host}` is not known."))
            .hint("Check how it is written, and that the server can look names up."),
        Closed::Inside => Error::new(
            ErrorCode::RuleRefused,
            format!("`{host}` lies inside the server's own network, which channels may not reach unasked."),
        )
        .hint("Whoever runs the server can list it in ORRERY_WEBHOOK_HOSTS."),
    }
}

fn test_notice() -> Notice {
    Notice {
        kind: "test".into(),
        subject: "A test from Orrery".into(),
        body: "If you can read this, messages arrive here.".into(),
        fields: Vec::new(),
        link: "/admin?tab=channels".into(),
        chart: None,
    }
}

fn told(sent: Sent) -> SendTest {
    match sent {
        Ok(message) => SendTest { ok: true, message },
        Err(error) => SendTest { ok: false, message: error.message },
    }
}

fn show(row: ChannelRow, caller: &Caller) -> Channel {
    Channel {
        id: row.id,
        name: row.name,
        kind: row.kind,
        host: (caller.role == UserRole::Admin).then_some(row.host),
        has_secret: row.has_secret,
        created_at: clock::rfc3339(row.created_at),
    }
}
