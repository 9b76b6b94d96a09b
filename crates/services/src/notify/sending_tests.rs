//! The outbox against a real mail server and a real web server.

use super::sink::{MailSink, WebSink, free_port};
use super::tests::{caller, notice, settings};
use super::*;
use crate::Settings;
use domain::UserRole;
use domain::notify::{ChannelKind, Delivery, NewChannel, NotifyPreferences};
use tempfile::TempDir;

const MINUTE: i64 = 60_000;

fn posted(dir: &TempDir, port: u16) -> Settings {
    let mut settings = settings(dir);
    settings.notify = NotifySettings {
        smtp: Some(Smtp::parse(&format!("smtp://127.0.0.1:{port}"), "orrery@example.com").unwrap()),
        public_url: Some("https://bi.example.com".into()),
        hosts: Hosts::parse("127.0.0.1").unwrap(),
    };
    settings
}

fn email(address: &str) -> Recipient {
    Recipient::Email { address: address.into() }
}

async fn only(services: &Services, caller: &Caller, event: &str) -> Delivery {
    let mut all = services.list_deliveries(caller, Some(event), None).await.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_waits_for_its_server_and_comes_once() {
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port().await);
    let services = Services::open(posted(&dir, port)).await.unwrap();
    let ada = caller(&services, "ada", UserRole::Creator).await;
    services.notify("e", &ada.user_id, &[email("bob@example.com")], &notice("Low")).await.unwrap();
    let mut now = clock::now_ms();
    for attempts in 1..=3 {
        assert_eq!(services.send_due(now).await.unwrap(), 1);
        let waiting = only(&services, &ada, "e").await;
        assert_eq!((waiting.status, waiting.attempts), (DeliveryStatus::Failed, attempts));
        assert!(waiting.last_error.unwrap().contains("cannot be reached"));
        assert_eq!(services.send_due(now + 5_000).await.unwrap(), 0, "not before its time");
        now += 40 * MINUTE;
    }
    let sink = MailSink::start(&["--port", &port.to_string()]);
    assert_eq!(services.send_due(now).await.unwrap(), 1);
    assert_eq!(services.send_due(now + 1_000 * MINUTE).await.unwrap(), 0);
    let sent = only(&services, &ada, "e").await;
    assert_eq!((sent.status, sent.attempts, sent.next_at), (DeliveryStatus::Sent, 4, None));
    assert!(sent.receipt.unwrap().contains("taken by the sink"));
    let mails = sink.wait_for(1).await;
    assert!(mails[0]["data"].as_str().unwrap().contains(&format!("Message-ID: <{}@example.com>", sent.id)));
    assert_eq!(mails.len(), 1);
    assert!(services.list_notifications(&ada).await.unwrap().is_empty(), "nothing went wrong in the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_dead_at_once_and_its_owner_is_told_once() {
    let sink = MailSink::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(posted(&dir, sink.port)).await.unwrap();
    let ada = caller(&services, "ada", UserRole::Creator).await;
    let eve = caller(&services, "eve", UserRole::Creator).await;
    let root = caller(&services, "root", UserRole::Admin).await;
    services.notify("e", &ada.user_id, &[email("refuse@example.com")], &notice("Low")).await.unwrap();
    let now = clock::now_ms();
    assert_eq!(services.send_due(now).await.unwrap(), 1);
    let dead = only(&services, &ada, "e").await;
    assert_eq!((dead.status, dead.attempts), (DeliveryStatus::Dead, 1));
    assert!(dead.last_error.as_ref().unwrap().contains("550"));
    assert!(services.list_deliveries(&eve, Some("e"), None).await.unwrap().is_empty());
    let stranger = services.resend_delivery(&eve, &dead.id).await.unwrap_err();
    assert_eq!(stranger.code, domain::ErrorCode::NotFound);
    let letters = services.list_deliveries(&root, None, Some(DeliveryStatus::Dead)).await.unwrap();
    assert_eq!((letters.len(), letters[0].to.as_str()), (1, "refuse@example.com"));
    // Sent again, refused again: told once.
    let again = services.resend_delivery(&ada, &dead.id).await.unwrap();
    assert_eq!((again.status, again.attempts), (DeliveryStatus::Queued, 0));
    assert_eq!(services.send_due(clock::now_ms()).await.unwrap(), 1);
    let told = services.list_notifications(&ada).await.unwrap();
    assert_eq!((told.len(), told[0].subject.as_str(), told[0].kind.as_str()), (1, "Not delivered: Low", "problem"));
    assert!(told[0].body.contains("refuse@example.com was not told") && told[0].body.contains("550"));
    assert!(services.list_notifications(&root).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_six_attempts_it_is_given_up() {
    let sink = MailSink::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(posted(&dir, sink.port)).await.unwrap();
    let root = caller(&services, "root", UserRole::Admin).await;
    services.notify("e", "nobody", &[email("later@example.com")], &notice("Low")).await.unwrap();
    let mut now = clock::now_ms();
    let mut attempts = 0;
    while only(&services, &root, "e").await.status != DeliveryStatus::Dead {
        attempts += services.send_due(now).await.unwrap();
        now += 180 * MINUTE;
    }
    assert_eq!(attempts, 6);
    assert_eq!(
        services.list_notifications(&root).await.unwrap().len(),
        1,
        "its owner is gone: administrators hear of it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_with_an_account_has_it_in_the_inbox_and_by_mail_where_they_want_it() {
    let sink = MailSink::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(posted(&dir, sink.port)).await.unwrap();
    let ada = caller(&services, "ada", UserRole::Creator).await;
    let to_ada = [Recipient::User { id: ada.user_id.clone() }];
    services.notify("e1", &ada.user_id, &to_ada, &notice("First")).await.unwrap();
    assert_eq!(services.send_due(clock::now_ms()).await.unwrap(), 0, "no address, no mail");
    let wanted = NotifyPreferences { email: Some("ada@example.com".into()), muted: Vec::new() };
    services.set_notify_preferences(&ada, wanted).await.unwrap();
    services.notify("e2", &ada.user_id, &to_ada, &notice("Second")).await.unwrap();
    assert_eq!(services.send_due(clock::now_ms()).await.unwrap(), 1);
    let mail = sink.wait_for(1).await.remove(0);
    // The way out needs no account; a link that was changed opens nothing.
    let text = mail["data"].as_str().unwrap().replace("\r\n ", "");
    let link = text.split("List-Unsubscribe:").nth(1).unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
    let part = |name: &str| link.split(&format!("{name}=")).nth(1).unwrap().split('&').next().unwrap().to_owned();
    let (who, code) = (part("who").replace("%3A", ":"), part("code"));
    assert!(services.unsubscribe(&who, "report", &code).await.is_err());
    assert!(services.unsubscribe("user:other", "alert", &code).await.is_err());
    services.unsubscribe(&who, "alert", &code).await.unwrap();
    services.notify("e3", &ada.user_id, &to_ada, &notice("Third")).await.unwrap();
    assert_eq!(services.send_due(clock::now_ms()).await.unwrap(), 0);
    assert_eq!((sink.mails().len(), services.unread_notifications(&ada).await.unwrap()), (1, 3));
    assert_eq!(services.notify_preferences(&ada).await.unwrap().muted, ["alert"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_held_that_died_is_sent_by_the_next() {
    let sink = MailSink::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let first = Services::open(posted(&dir, sink.port)).await.unwrap();
    let ada = caller(&first, "ada", UserRole::Creator).await;
    first.notify("e", &ada.user_id, &[email("bob@example.com")], &notice("Low")).await.unwrap();
    let now = clock::now_ms();
    // Claimed, and then the power went.
    assert_eq!(first.store.claim_deliveries(now, "dead server", MINUTE, 9).await.unwrap().len(), 1);
    drop(first);
    let second = Services::open(posted(&dir, sink.port)).await.unwrap();
    assert_eq!(second.send_due(now).await.unwrap(), 0, "the lease lasts");
    assert_eq!(second.send_due(now + 2 * MINUTE).await.unwrap(), 1);
    assert_eq!(sink.wait_for(1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_data_directory_send_once() {
    let sink = MailSink::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (
        Services::open(posted(&dir, sink.port)).await.unwrap(),
        Services::open(posted(&dir, sink.port)).await.unwrap(),
    );
    let ada = caller(&one, "ada", UserRole::Creator).await;
    for event in 0..10 {
        let event = format!("e{event}");
        let to = [email("bob@example.com"), email("eve@example.com")];
        let (a, b) = (notice("Low"), notice("Low"));
        let both = tokio::join!(one.notify(&event, &ada.user_id, &to, &a), two.notify(&event, &ada.user_id, &to, &b));
        both.0.unwrap();
        both.1.unwrap();
    }
    let now = clock::now_ms();
    let (a, b) = tokio::join!(one.send_due(now), two.send_due(now));
    assert_eq!(a.unwrap() + b.unwrap(), 20);
    assert_eq!(sink.wait_for(20).await.len(), 20);
    let deliveries = one.list_deliveries(&ada, None, None).await.unwrap();
    assert!(deliveries.len() == 20 && deliveries.iter().all(|d| d.status == DeliveryStatus::Sent && d.attempts == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_outbox_leaves_by_itself() {
    let sink = MailSink::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(posted(&dir, sink.port)).await.unwrap();
    let ada = caller(&services, "ada", UserRole::Creator).await;
    services.start_outbox();
    services.notify("e", &ada.user_id, &[email("bob@example.com")], &notice("Low")).await.unwrap();
    sink.wait_for(1).await;
}

fn channel(name: &str, kind: ChannelKind, url: &str, secret: Option<&str>) -> NewChannel {
    NewChannel { name: name.into(), kind, url: url.into(), secret: secret.map(str::to_owned) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_keeps_its_secrets_and_tries_again() {
    let web = WebSink::start(&["503 Busy\r\n\r\n", "200 OK\r\n\r\nok"]).await;
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(posted(&dir, 1)).await.unwrap();
    let ada = caller(&services, "ada", UserRole::Creator).await;
    let root = caller(&services, "root", UserRole::Admin).await;
    let new = channel("Ops", ChannelKind::Webhook, &web.url(), Some("long s3cret"));
    assert!(services.create_channel(&ada, new.clone()).await.is_err());
    let made = services.create_channel(&root, new.clone()).await.unwrap();
    assert_eq!((made.host.as_deref(), made.has_secret), (Some("127.0.0.1"), true));
    assert_eq!(services.create_channel(&root, new).await.unwrap_err().code, domain::ErrorCode::NameTaken);
    let seen = services.list_channels(&ada).await.unwrap();
    assert!(seen[0].name == "Ops" && seen[0].host.is_none(), "its name, not where it leads");
    let stored = services.store.channel(&made.id).await.unwrap().unwrap();
    assert!(!stored.sealed.contains("s3cret") && !stored.sealed.contains("hook"));
    services.notify("e", &ada.user_id, &[Recipient::Channel { id: made.id.clone() }], &notice("Low")).await.unwrap();
    let now = clock::now_ms();
    assert_eq!(services.send_due(now).await.unwrap(), 1);
    assert_eq!(only(&services, &ada, "e").await.status, DeliveryStatus::Failed);
    assert_eq!(services.send_due(now + MINUTE).await.unwrap(), 1);
    let sent = only(&services, &ada, "e").await;
    assert_eq!((sent.status, sent.to.as_str()), (DeliveryStatus::Sent, "Ops"));
    let requests = web.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].header("orrery-delivery"), requests[1].header("orrery-delivery"));
    // Another address needs the secret again.
    let patch = domain::notify::ChannelPatch { url: Some(web.url()), ..Default::default() };
    assert_eq!(services.update_channel(&root, &made.id, patch).await.unwrap_err().field.as_deref(), Some("secret"));
    assert!(services.test_channel(&root, &made.id).await.unwrap().ok);
    services.delete_channel(&root, &made.id).await.unwrap();
    services.notify("f", &ada.user_id, &[Recipient::Channel { id: made.id }], &notice("Low")).await.unwrap();
    services.send_due(clock::now_ms()).await.unwrap();
    assert!(only(&services, &ada, "f").await.last_error.unwrap().contains("deleted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_does_not_look_around_inside() {
    let web = WebSink::start(&["200 OK\r\n\r\n"]).await;
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(settings(&dir)).await.unwrap();
    let root = caller(&services, "root", UserRole::Admin).await;
    for url in
        [web.url(), format!("http://localhost:{}/", web.port), "http://169.254.169.254/".into(), "http://[::1]/".into()]
    {
        let new = channel("Ops", ChannelKind::Webhook, &url, None);
        let error = services.create_channel(&root, new).await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (domain::ErrorCode::RuleRefused, Some("url")), "{url}");
        assert!(error.hint.unwrap().contains("ORRERY_WEBHOOK_HOSTS"));
    }
    for bad in ["ftp://example.com", "example.com", "https://u:p@example.com/", "https://example.com/\n", "https://"] {
        let new = channel("Ops", ChannelKind::Webhook, bad, None);
        assert_eq!(
            services.create_channel(&root, new).await.unwrap_err().code,
            domain::ErrorCode::InvalidRequest,
            "{bad}"
        );
    }
    // One that was allowed and is not any more.
    let allowed = Services::open(posted(&dir, 1)).await.unwrap();
    let made = allowed.create_channel(&root, channel("Ops", ChannelKind::Slack, &web.url(), None)).await.unwrap();
    let refused = services.test_channel(&root, &made.id).await.unwrap();
    assert!(!refused.ok && refused.message.contains("inside"), "{refused:?}");
    assert!(web.requests().is_empty());
}
