//! The link by which whoever reads a mail says that they want no more of its kind, without signing
//! in. It is signed, so that nobody can write one for somebody else.

use crate::{Services, secrets};
use domain::notify::Recipient;
use domain::{Error, ErrorCode, Result};
use live::channels::hmac_sha256;

/// Where the key of these links is kept.
const KEY: &str = "unsubscribe_key";

/// A link to follow, or to send to in one click.
#[derive(Clone, Debug)]
pub(super) struct Unsubscribe(String);

impl Unsubscribe {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text as part of an address.
fn quote(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

impl Services {
    async fn sign_out_of(&self, who: &str, kind: &str) -> Result<String> {
        let key = self.store.setting_or_insert(KEY, &secrets::random_secret()).await?;
        Ok(hmac_sha256(key.as_bytes(), format!("{kind}\n{who}").as_bytes()))
    }

    /// The link for a recipient of mails, where it is known how Orrery is reached.
    pub(super) async fn unsubscribe_link(&self, recipient: &Recipient, kind: &str) -> Result<Option<Unsubscribe>> {
        let Some(base) = &self.settings.notify.public_url else { return Ok(None) };
        let who = recipient.to_string();
        let code = self.sign_out_of(&who, kind).await?;
        let link = format!("{base}/unsubscribe?who={}&kind={}&code={code}", quote(&who), quote(kind));
        Ok(Some(Unsubscribe(link)))
    }

    /// Whether a link is one of ours.
    ///
    /// # Errors
    /// It is not.
    pub async fn check_unsubscribe(&self, who: &str, kind: &str, code: &str) -> Result<()> {
        let right = self.sign_out_of(who, kind).await?;
        // As long for a wrong code as for a right one.
        let same = right.len() == code.len() && right.bytes().zip(code.bytes()).fold(0, |d, (a, b)| d | (a ^ b)) == 0;
        if same { Ok(()) } else { Err(Error::new(ErrorCode::NotFound, "This link is not whole.")) }
    }

    /// Sends whoever has this link no more mails of its kind.
    ///
    /// # Errors
    /// The link is not one of ours.
    pub async fn unsubscribe(&self, who: &str, kind: &str, code: &str) -> Result<()> {
        self.check_unsubscribe(who, kind, code).await?;
        self.store.mute_mail(who, kind).await?;
        self.record_as(None, "unsubscribe", "recipient", who, "done").await;
        Ok(())
    }
}
