//! E-mail over SMTP: plain where the mail server runs on the same machine, else through TLS.

use super::text::{CHART, html_of, text_of};
use super::{Letter, SendError, Sent};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{Error as SmtpError, response::Response};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;

/// The longest that one step of the conversation may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the conversation is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encryption {
    None,
    /// STARTTLS where the server offers it.
    Opportunistic,
    /// STARTTLS, or nothing is sent.
    Required,
    /// TLS from the first byte.
    Wrapped,
}

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<(String, String)>,
    /// Certificates of an authority of one's own, as PEM.
    authority: Option<Vec<u8>>,
    from: Mailbox,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("encryption", &self.encryption)
            .finish_non_exhaustive()
    }
}

/// To whom a mail goes, and what goes with it.
#[derive(Clone, Copy, Debug)]
pub struct To<'a> {
    pub address: &'a str,
    /// The chart as PNG.
    pub chart: Option<&'a [u8]>,
    /// Where its reader says that they want no more of these, with one click and without signing in.
    pub unsubscribe: Option<&'a str>,
}

impl Smtp {
    /// Reads `smtp://user:password@host:port?tls=required|opportunistic|none` or `smtps://…`, and the
    /// sender's address. Without a word about TLS it is required, except on the same machine.
    ///
    /// # Errors
    /// A sentence that says what is wrong, without the password in it.
    pub fn parse(url: &str, from: &str) -> Result<Self, String> {
        let parsed = reqwest::Url::parse(url)
            .map_err(|_| "The address of the mail server is written smtp://host:port or smtps://host:port.")?;
        let host = parsed.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err("The address of the mail server has no host.".into());
        }
        let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let (mut tls, mut authority) = (None, None);
        for (name, value) in parsed.query_pairs() {
            match name.as_ref() {
                "tls" => tls = Some(value.into_owned()),
                "ca" => {
                    let read = std::fs::read(value.as_ref());
                    authority =
                        Some(read.map_err(|cause| format!("The certificates in {value} cannot be read: {cause}."))?);
                }
                _ => return Err(format!("The address of the mail server has `{name}`: there are tls and ca.")),
            }
        }
        let encryption = match (parsed.scheme(), tls.as_deref()) {
            ("smtps", None) => Encryption::Wrapped,
            ("smtp", None) if here => Encryption::None,
            ("smtp", None | Some("required")) => Encryption::Required,
            ("smtp", Some("opportunistic")) => Encryption::Opportunistic,
            ("smtp", Some("none")) => Encryption::None,
            ("smtp" | "smtps", _) => {
                return Err("With smtp://, tls is required, opportunistic or none; smtps:// takes no tls.".into());
            }
            _ => return Err("The address of the mail server begins with smtp:// or smtps://.".into()),
        };
        let credentials = (!parsed.username().is_empty())
            .then(|| (unquote(parsed.username()), unquote(parsed.password().unwrap_or_default())));
        if credentials.is_some() && encryption == Encryption::None && !here {
            return Err("A password is not sent over a connection without TLS: leave tls=none away.".into());
        }
        let port = parsed.port().unwrap_or(match encryption {
            Encryption::Wrapped => 465,
            Encryption::None => 25,
            _ => 587,
        });
        let from = from.trim();
        if from.chars().any(char::is_control) {
            return Err("The sender's address is one line.".into());
        }
        let from: Mailbox = from
            .parse()
            .map_err(|_| "The sender's address is written orrery@example.com or Orrery <orrery@example.com>.")?;
        Ok(Self { host, port, encryption, credentials, authority, from })
    }

    /// The host that receives what is sent, for those who look after it.
    pub fn host(&self) -> &str {
        &self.host
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, SmtpError> {
        let tls = match self.encryption {
            Encryption::None => Tls::None,
            Encryption::Opportunistic => Tls::Opportunistic(self.tls()?),
            Encryption::Required => Tls::Required(self.tls()?),
            Encryption::Wrapped => Tls::Wrapper(self.tls()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &self.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(builder.build())
    }

    fn tls(&self) -> Result<TlsParameters, SmtpError> {
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.authority {
            builder = builder.add_root_certificate(Certificate::from_pem(pem)?);
        }
        builder.build()
    }

    /// Whether the mail server can be spoken to: connection, encryption, sign-in.
    ///
    /// # Errors
    /// Why not.
    pub async fn test(&self) -> Sent {
        let transport = self.transport().map_err(|cause| explain(&cause))?;
        match transport.test_connection().await {
            Ok(true) => Ok(format!("{} answers.", self.host)),
            Ok(false) => Err(SendError::again(format!("{} does not answer as a mail server does.", self.host))),
            Err(cause) => Err(explain(&cause)),
        }
    }
}

/// Text of an address with its `%xx` read.
fn unquote(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let code = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten();
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Headers of a fixed name, whose values were checked to be one line.
macro_rules! line_header {
    ($($name:ident, $header:literal;)*) => {$(
        #[derive(Clone)]
        struct $name(String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($header)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    )*};
}

line_header! {
    AutoSubmitted, "Auto-Submitted";
    ListUnsubscribe, "List-Unsubscribe";
    ListUnsubscribePost, "List-Unsubscribe-Post";
}

pub(super) async fn send(smtp: &Smtp, to: &To<'_>, letter: &Letter<'_>) -> Sent {
    let message = message(smtp, to, letter).map_err(SendError::fatal)?;
    let transport = smtp.transport().map_err(|cause| explain(&cause))?;
    transport.send(message).await.map(|answer| receipt(&answer)).map_err(|cause| explain(&cause))
}

/// The mail. Lettre encodes headers; what could begin another one is refused here all the same.
pub(super) fn message(smtp: &Smtp, to: &To<'_>, letter: &Letter<'_>) -> Result<Message, String> {
    let notice = letter.notice;
    domain::notify::check_address(to.address).map_err(|error| error.message)?;
    domain::notify::check_subject(&notice.subject).map_err(|error| error.message)?;
    let address: Address = to.address.parse().map_err(|_| "This is no e-mail address.".to_owned())?;
    let at = u64::try_from(letter.at_ms).unwrap_or_default();
    let mut builder = Message::builder()
        .from(smtp.from.clone())
        .to(Mailbox::new(None, address))
        .subject(notice.subject.clone())
        .date(std::time::UNIX_EPOCH + Duration::from_millis(at))
        // The same however often it is tried: whoever gets it twice can tell.
        .message_id(Some(format!("<{}@{}>", letter.id, smtp.from.email.domain())))
        .header(AutoSubmitted("auto-generated".into()));
    if let Some(link) = to.unsubscribe.filter(|link| link.bytes().all(|b| b.is_ascii_graphic() && b != b'>')) {
        builder = builder.header(ListUnsubscribe(format!("<{link}>")));
        builder = builder.header(ListUnsubscribePost("List-Unsubscribe=One-Click".into()));
    }
    let html = SinglePart::html(html_of(letter, to.chart.is_some(), to.unsubscribe));
    let text = SinglePart::plain(text_of(letter, to.unsubscribe));
    let body = match to.chart {
        Some(png) => {
            let png_type: ContentType = "image/png".parse().map_err(|_| "The picture has no type.".to_owned())?;
            let picture = Attachment::new_inline(CHART.to_owned()).body(png.to_vec(), png_type);
            let related = MultiPart::related().singlepart(html).singlepart(picture);
            MultiPart::alternative().singlepart(text).multipart(related)
        }
        None => MultiPart::alternative().singlepart(text).singlepart(html),
    };
    builder.multipart(body).map_err(|cause| format!("The mail cannot be written: {cause}."))
}

fn receipt(answer: &Response) -> String {
    let text: Vec<&str> = answer.message().collect();
    one_line(&format!("{} {}", answer.code(), text.join(" ")))
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect::<String>().trim().to_owned()
}

/// What a mail server said no with. 5yz is for good, unless it is about how we signed in, which
/// whoever runs the server can mend; 4yz and everything about the connection passes.
fn explain(cause: &SmtpError) -> SendError {
    let mut root: &dyn std::error::Error = cause;
    while let Some(deeper) = root.source() {
        root = deeper;
    }
    let message = match cause.status() {
        Some(code) => one_line(&format!("The mail server answered {code}: {root}")),
        None if cause.is_timeout() => "The mail server did not answer in time.".to_owned(),
        None => one_line(&format!("The mail server cannot be reached: {root}")),
    };
    let about_us = cause.status().is_some_and(|c| matches!(u16::from(c), 530 | 534 | 535 | 538));
    if cause.is_permanent() && !about_us { SendError::fatal(message) } else { SendError::again(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Orrery <orrery@example.com>";

    #[test]
    fn encryption_is_the_rule() {
        for (url, host, port, encryption) in [
            ("smtp://mail.example.com", "mail.example.com", 587, Encryption::Required),
            ("smtp://mail.example.com:25?tls=opportunistic", "mail.example.com", 25, Encryption::Opportunistic),
            ("smtp://mail.example.com?tls=none", "mail.example.com", 25, Encryption::None),
            ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, Encryption::None),
            ("smtp://[::1]:1025", "::1", 1025, Encryption::None),
            ("smtp://localhost?tls=required", "localhost", 587, Encryption::Required),
            ("smtps://u:p%40ss@mail.example.com", "mail.example.com", 465, Encryption::Wrapped),
        ] {
            let smtp = Smtp::parse(url, FROM).unwrap();
            assert_eq!((smtp.host.as_str(), smtp.port, smtp.encryption), (host, port, encryption), "{url}");
        }
        let smtp = Smtp::parse("smtps://ada%40x.org:p%40ss%25@mail.example.com", FROM).unwrap();
        assert_eq!(smtp.credentials, Some(("ada@x.org".into(), "p@ss%".into())));
        assert!(!format!("{smtp:?}").contains("ss%"));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (url, from) in [
            ("mail.example.com", FROM),
            ("http://mail.example.com", FROM),
            ("smtp://", FROM),
            ("smtp://u:hunter2@mail.example.com?tls=none", FROM),
            ("smtps://u:hunter2@mail.example.com?tls=none", FROM),
            ("smtp://u:hunter2@mail.example.com?tls=maybe", FROM),
            ("smtp://u:hunter2@mail.example.com?starttls=1", FROM),
            ("smtp://u:hunter2@mail.example.com?ca=/nowhere", FROM),
            ("smtp://u:hunter2@mail.example.com", "nobody"),
            ("smtp://u:hunter2@mail.example.com", "a@b.c\r\nBcc: x@y.z"),
        ] {
            let error = Smtp::parse(url, from).unwrap_err();
            assert!(error.ends_with('.') && !error.contains("hunter2"), "{url}: {error}");
        }
    }
}
