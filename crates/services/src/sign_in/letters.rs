//! Mails about an account. They do not pass through the outbox, which would keep their links, and
//! nobody can turn them off.

use crate::{Services, clock, new_id};
use domain::notify::Notice;
use live::channels::email::To;
use live::channels::{Channel, Letter, SendError, Sent};
use std::time::Duration;

/// How long to wait before the next attempt, where it may help.
const WAITS: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(60)];
/// The longest that somebody waits for a mail to be taken.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail about an account.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub(super) address: String,
    pub(super) subject: String,
    /// Markdown; names of people are in code spans, where nothing of them is markup.
    pub(super) body: String,
    /// The path that its link leads to.
    pub(super) link: String,
}

impl Services {
    /// Whether a link can be mailed: there is a mail server, and it is known how Orrery is reached. The
    /// address that a request names is never believed, because whoever sends one chooses it.
    pub(crate) fn can_mail(&self) -> bool {
        self.settings.notify.smtp.is_some() && self.settings.notify.public_url.is_some()
    }

    /// Sends a mail, once.
    pub(super) async fn post(&self, mail: &Mail) -> Sent {
        let (Some(smtp), Some(base)) = (&self.settings.notify.smtp, &self.settings.notify.public_url) else {
            return Err(SendError::fatal(
                "This server sends no mail: ORRERY_SMTP_URL or ORRERY_PUBLIC_URL is not set.",
            ));
        };
        let notice = Notice {
            kind: "account".into(),
            subject: mail.subject.clone(),
            body: mail.body.clone(),
            fields: Vec::new(),
            link: mail.link.clone(),
            chart: None,
        };
        let id = new_id();
        let letter = Letter { id: &id, event_key: &id, notice: &notice, base, at_ms: clock::now_ms() };
        let to = To { address: &mail.address, chart: None, unsubscribe: None };
        let channel = Channel::Email { smtp, to };
        match tokio::time::timeout(PATIENCE, channel.send(&letter)).await {
            Ok(sent) => sent,
            Err(_) => Err(SendError::again("The mail server did not answer in time.")),
        }
    }

    /// Sends a mail while nobody waits for it, and tries again where that may help.
    pub(super) fn post_later(&self, mail: Mail) {
        let services = self.clone();
        tokio::spawn(async move {
            for wait in WAITS.into_iter().map(Some).chain([None]) {
                let Err(error) = services.post(&mail).await else { return };
                tracing::warn!(error = error.message, subject = mail.subject, "a mail about an account was not sent");
                match wait.filter(|_| error.again) {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => return,
                }
            }
        });
    }

    /// Tells somebody what happened to their account, where their address is known.
    pub(super) fn tell_owner(&self, user_id: &str, subject: &str, sentence: &str) {
        if !self.can_mail() {
            return;
        }
        let (services, user_id) = (self.clone(), user_id.to_owned());
        let (subject, sentence) = (subject.to_owned(), sentence.to_owned());
        tokio::spawn(async move {
            if let Ok(Some(user)) = services.store.user(&user_id).await
                && let Ok(Some(address)) = services.verified_email(&user).await
            {
                services.post_later(warning(&user.name, address, subject, &sentence));
            }
        });
    }
}

/// A mail for somebody who should know, in case it was not they who did it.
pub(super) fn warning(name: &str, address: String, subject: String, sentence: &str) -> Mail {
    let body = format!(
        "{sentence} This is about the account `{name}`.\n\nIf it was not you, change your password and end the \
         sessions that you do not know, or tell an administrator."
    );
    Mail { address, subject, body, link: "/account".into() }
}
