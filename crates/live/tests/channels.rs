//! The channels against real servers.

#![allow(clippy::unwrap_used)]

mod sink;

use domain::notify::Notice;
use live::channels::email::To;
use live::channels::{Channel, Letter, SendError, Smtp, Target, hmac_sha256};
use serde_json::Value;
use sink::{MailSink, Request, WebSink, free_port};
use std::process::Command;

const FROM: &str = "Orrery <orrery@example.com>";
const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 1, 2, 3];

fn notice() -> Notice {
    Notice {
        kind: "alert".into(),
        subject: "Umsätze below 10".into(),
        body: "It is **low**: <script>alert(1)</script> [more](/metrics/m) [bad](javascript:x)".into(),
        fields: vec![("Value".into(), "7 < 10".into())],
        link: "/metrics/m?x=1".into(),
        chart: None,
    }
}

fn letter(notice: &Notice) -> Letter<'_> {
    Letter { id: "d1", event_key: "alert:a:1", notice, base: "https://bi.example.com", at_ms: 1_700_000_000_000 }
}

fn to(address: &str) -> To<'_> {
    To { address, chart: None, unsubscribe: None }
}

async fn mail(smtp: &Smtp, to: To<'_>, notice: &Notice) -> Result<String, SendError> {
    Channel::Email { smtp, to }.send(&letter(notice)).await
}

fn plain(port: u16) -> Smtp {
    Smtp::parse(&format!("smtp://127.0.0.1:{port}"), FROM).unwrap()
}

/// A mail with its folded headers on one line each.
fn unfolded(mail: &Value) -> String {
    mail["data"].as_str().unwrap().replace("\r\n ", " ").replace("=\r\n", "")
}

#[tokio::test]
async fn a_mail_has_both_texts_the_chart_and_the_way_out() {
    let sink = MailSink::start(&[]);
    let unsubscribe = "https://bi.example.com/unsubscribe?who=user%3Au&kind=alert&sig=00";
    let to = To { address: "ada@example.com", chart: Some(PNG), unsubscribe: Some(unsubscribe) };
    let receipt = mail(&plain(sink.port), to, &notice()).await.unwrap();
    assert!(receipt.contains("250") && receipt.contains("taken by the sink"), "{receipt}");
    let mails = sink.wait_for(1).await;
    assert_eq!((&mails[0]["from"], &mails[0]["to"][0]), (&"orrery@example.com".into(), &"ada@example.com".into()));
    let text = unfolded(&mails[0]);
    for expected in [
        "From: Orrery <orrery@example.com>",
        "To: ada@example.com",
        "Subject: =?utf-8?",
        "Message-ID: <d1@example.com>",
        "Auto-Submitted: auto-generated",
        "List-Unsubscribe: <https://bi.example.com/unsubscribe?",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "multipart/alternative",
        "multipart/related",
        "text/plain; charset=utf-8",
        "Content-ID: <chart>",
        "Content-Type: image/png",
        "iVBORwECAw",
        "&lt;script&gt;",
        "https://bi.example.com/metrics/m",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    let html = &text[text.find("text/html").unwrap()..];
    assert!(html.contains("cid:chart") && html.contains("<strong>low</strong>") && !html.contains("<script"), "{html}");
    assert!(!html.contains("javascript:"), "{html}");
}

#[tokio::test]
async fn a_refusal_is_for_good_and_a_bad_moment_is_not() {
    let sink = MailSink::start(&[]);
    let smtp = plain(sink.port);
    let refused = mail(&smtp, to("refuse@example.com"), &notice()).await.unwrap_err();
    assert!(
        !refused.again && refused.message.contains("550") && refused.message.contains("no such mailbox"),
        "{refused:?}"
    );
    let later = mail(&smtp, to("later@example.com"), &notice()).await.unwrap_err();
    assert!(later.again && later.message.contains("451"), "{later:?}");
    let down = mail(&plain(free_port().await), to("ada@example.com"), &notice()).await.unwrap_err();
    assert!(down.again && down.message.contains("cannot be reached"), "{down:?}");
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn a_header_cannot_be_injected() {
    let sink = MailSink::start(&[]);
    let smtp = plain(sink.port);
    let bad = mail(&smtp, to("ada@example.com\r\nBcc: all@example.com"), &notice()).await.unwrap_err();
    assert!(!bad.again && bad.message.contains("line breaks"), "{bad:?}");
    let split = Notice { subject: "Low\r\nBcc: all@example.com".into(), ..notice() };
    let bad = mail(&smtp, to("ada@example.com"), &split).await.unwrap_err();
    assert!(!bad.again && bad.message.contains("one line"), "{bad:?}");
    assert!(sink.mails().is_empty());
}

/// A certificate of its own for `localhost`, and its key.
fn certificate(dir: &std::path::Path) -> (String, String) {
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (cert.display().to_string(), key.display().to_string())
}

#[tokio::test]
async fn tls_is_spoken_and_checked() {
    let dir = std::env::temp_dir().join(format!("orrery-tls-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let (cert, key) = certificate(&dir);
    let starttls = MailSink::start(&["--cert", &cert, "--key", &key]);
    let wrapped = MailSink::start(&["--cert", &cert, "--key", &key, "--wrapped"]);
    for (sink, url) in [
        (&starttls, format!("smtp://localhost:{}?tls=required&ca={cert}", starttls.port)),
        (&starttls, format!("smtp://localhost:{}?tls=opportunistic&ca={cert}", starttls.port)),
        (&wrapped, format!("smtps://localhost:{}?ca={cert}", wrapped.port)),
    ] {
        let before = sink.mails().len();
        mail(&Smtp::parse(&url, FROM).unwrap(), to("ada@example.com"), &notice()).await.unwrap();
        assert_eq!(sink.wait_for(before + 1).await[before]["tls"], true, "{url}");
    }
    // Whom nobody vouches for is not told anything, and a server without TLS neither where it is required.
    let bare = MailSink::start(&[]);
    for url in [
        format!("smtp://localhost:{}?tls=required", starttls.port),
        format!("smtps://localhost:{}", wrapped.port),
        format!("smtp://localhost:{}?tls=required&ca={cert}", bare.port),
    ] {
        let error = mail(&Smtp::parse(&url, FROM).unwrap(), to("ada@example.com"), &notice()).await.unwrap_err();
        assert!(error.again, "{error:?}");
    }
    assert_eq!((starttls.mails().len(), wrapped.mails().len(), bare.mails().len()), (2, 1, 0));
    std::fs::remove_dir_all(&dir).unwrap();
}

#[tokio::test]
async fn a_mail_server_may_ask_who_we_are() {
    let sink = MailSink::start(&["--user", "orrery:p@ss word"]);
    let smtp =
        |password: &str| Smtp::parse(&format!("smtp://orrery:{password}@127.0.0.1:{}", sink.port), FROM).unwrap();
    let wrong = mail(&smtp("wrong"), to("ada@example.com"), &notice()).await.unwrap_err();
    assert!(wrong.again, "whoever runs the server can mend it: {wrong:?}");
    mail(&smtp("p%40ss%20word"), to("ada@example.com"), &notice()).await.unwrap();
    assert_eq!(sink.wait_for(1).await.len(), 1);
    assert!(smtp("p%40ss%20word").test().await.unwrap().contains("answers"));
}

fn target(sink: &WebSink, secret: Option<&str>) -> Target {
    Target { url: sink.url(), addresses: vec![([127, 0, 0, 1], sink.port).into()], secret: secret.map(str::to_owned) }
}

async fn hook(target: &Target) -> Result<String, SendError> {
    Channel::Webhook { target, now_s: 1_700_000_001 }.send(&letter(&notice())).await
}

fn signed(request: &Request, secret: &str) -> bool {
    let header = request.header("orrery-signature").unwrap();
    let code = hmac_sha256(secret.as_bytes(), format!("1700000001.{}", request.body).as_bytes());
    header == format!("t=1700000001,v1={code}")
}

#[tokio::test]
async fn a_webhook_is_signed_json() {
    let sink = WebSink::start(&["200 OK\r\n\r\nthank\tyou\n"]).await;
    assert_eq!(hook(&target(&sink, Some("s3cret"))).await.unwrap(), "HTTP 200: thank you");
    hook(&target(&sink, None)).await.unwrap();
    let requests = sink.requests();
    assert!(requests[0].line.starts_with("POST /hook HTTP/1.1"), "{:?}", requests[0]);
    assert!(signed(&requests[0], "s3cret") && !signed(&requests[0], "other"));
    assert_eq!((requests[0].header("orrery-delivery"), requests[1].header("orrery-signature")), (Some("d1"), None));
    let body: Value = serde_json::from_str(&requests[0].body).unwrap();
    assert_eq!(
        (&body["id"], &body["event"], &body["link"], &body["fields"]["Value"], &body["at"]),
        (
            &"d1".into(),
            &"alert:a:1".into(),
            &"https://bi.example.com/metrics/m?x=1".into(),
            &"7 < 10".into(),
            &"2023-11-14T22:13:20.000Z".into()
        )
    );
}

#[tokio::test]
async fn an_answer_says_whether_to_try_again() {
    for (answer, again) in [
        ("500 Oops\r\n\r\n", Some(true)),
        ("429 Slow down\r\n\r\n", Some(true)),
        ("404 Gone\r\n\r\nno such hook", Some(false)),
        ("302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", Some(false)),
        ("204 No Content\r\n\r\n", None),
    ] {
        let sink = WebSink::start(&[answer]).await;
        let outcome = hook(&target(&sink, None)).await;
        assert_eq!(outcome.as_ref().err().map(|e| e.again), again, "{answer}: {outcome:?}");
        assert_eq!(sink.requests().len(), 1, "a redirect is not followed");
    }
    let endless = WebSink::start(&[&format!("200 OK\r\n\r\n{}", "x".repeat(1 << 20))]).await;
    assert!(hook(&target(&endless, None)).await.unwrap().len() < 300);
}

#[tokio::test]
async fn only_the_address_that_was_checked_is_connected_to() {
    let (right, wrong) = (WebSink::start(&["200 OK\r\n\r\n"]).await, WebSink::start(&["200 OK\r\n\r\n"]).await);
    // The name means something else by now: nobody asks again.
    let by_name = Target {
        url: format!("http://hook.invalid:{}/hook?key=s3cret", right.port),
        addresses: vec![([127, 0, 0, 1], right.port).into()],
        secret: None,
    };
    hook(&by_name).await.unwrap();
    assert_eq!(right.requests()[0].header("host"), Some(format!("hook.invalid:{}", right.port).as_str()));
    let other = Target { addresses: vec![([127, 0, 0, 2], wrong.port).into()], ..target(&wrong, None) };
    assert!(!hook(&other).await.unwrap_err().again);
    assert!(wrong.requests().is_empty());
    let down = Target {
        url: format!("http://hook.invalid:{}/hook?key=s3cret", free_port().await),
        addresses: vec![([127, 0, 0, 1], free_port().await).into()],
        secret: None,
    };
    let error = hook(&down).await.unwrap_err();
    assert!(error.again && !error.message.contains("s3cret"), "{error:?}");
    assert!(!format!("{down:?}").contains("s3cret"));
}

#[tokio::test]
async fn slack_is_told_in_its_own_marks() {
    let sink = WebSink::start(&["200 OK\r\n\r\nok"]).await;
    let loud = Notice { body: "**Low** <!channel> & more".into(), ..notice() };
    Channel::Slack { target: &target(&sink, None) }.send(&letter(&loud)).await.unwrap();
    let body: Value = serde_json::from_str(&sink.requests()[0].body).unwrap();
    assert_eq!(
        body["text"],
        "*Umsätze below 10*\n*Low* &lt;!channel&gt; &amp; more\nValue: 7 &lt; 10\n<https://bi.example.com/metrics/m?x=1|Open in Orrery>"
    );
}
