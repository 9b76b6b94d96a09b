//! Who is told, and how often.

use super::*;
use crate::{QuestionDefaults, Settings};
use domain::notify::NotifyPreferences;
use domain::{Caller, UserRole};
use std::time::Duration;
use tempfile::TempDir;

pub(super) fn settings(dir: &TempDir) -> Settings {
    Settings {
        data_dir: dir.path().to_owned(),
        database: None,
        fixtures_dir: None,
        paper_dir: None,
        query_timeout: Duration::from_secs(10),
        memory_limit_bytes: 64 << 20,
        threads: 1,
        max_upload_bytes: 1 << 20,
        questions: QuestionDefaults::default(),
        sources: crate::SourceSettings::default(),
        notify: crate::NotifySettings::default(),
        sign_in: crate::SignInSettings::default(),
    }
}

pub(super) async fn caller(services: &Services, name: &str, role: UserRole) -> Caller {
    services.add_user(name, role, None).await.unwrap();
    services.local_caller(Some(name)).await.unwrap()
}

pub(super) fn notice(subject: &str) -> Notice {
    Notice {
        kind: "alert".into(),
        subject: subject.into(),
        body: "It is **low**.".into(),
        fields: vec![("Value".into(), "7".into())],
        link: "/metrics/m".into(),
        chart: None,
    }
}

fn user(caller: &Caller) -> Recipient {
    Recipient::User { id: caller.user_id.clone() }
}

#[tokio::test]
async fn an_event_is_in_an_inbox_once_and_the_page_hears_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(settings(&dir)).await.unwrap();
    let ada = caller(&services, "ada", UserRole::Creator).await;
    let mailbox = crate::Mailbox::new();
    services.hub.subscribe(&services.inbox_topic(&ada, &ada.user_id).unwrap(), &mailbox);
    for _ in 0..3 {
        services.notify("e1", &ada.user_id, &[user(&ada), user(&ada)], &notice("Low")).await.unwrap();
    }
    services.notify("e2", &ada.user_id, &[user(&ada)], &notice("Lower")).await.unwrap();
    let (first, second) = (mailbox.next().await, mailbox.next().await);
    assert!(first.as_str().contains("\"unread\":1") && first.as_str().contains("Low"), "{}", first.as_str());
    assert!(second.as_str().contains("\"unread\":2") && second.as_str().contains("Lower"), "{}", second.as_str());
    let inbox = services.list_notifications(&ada).await.unwrap();
    assert_eq!(inbox.iter().map(|n| n.subject.as_str()).collect::<Vec<_>>(), ["Lower", "Low"]);
    assert_eq!(services.read_notification(&ada, &inbox[0].id).await.unwrap(), 1);
    assert_eq!(services.read_all_notifications(&ada).await.unwrap(), 0);
    assert!(services.list_notifications(&ada).await.unwrap().iter().all(|n| n.read_at.is_some()));
}

#[tokio::test]
async fn the_inbox_of_somebody_else_does_not_exist() {
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(settings(&dir)).await.unwrap();
    let ada = caller(&services, "ada", UserRole::Creator).await;
    let admin = caller(&services, "admin", UserRole::Admin).await;
    services.notify("e1", &ada.user_id, &[user(&ada)], &notice("Low")).await.unwrap();
    let id = services.list_notifications(&ada).await.unwrap()[0].id.clone();
    assert!(services.list_notifications(&admin).await.unwrap().is_empty());
    for error in [
        services.read_notification(&admin, &id).await.unwrap_err(),
        services.inbox_topic(&admin, &ada.user_id).unwrap_err(),
    ] {
        assert_eq!(error.code, domain::ErrorCode::NotFound);
    }
    services.read_all_notifications(&admin).await.unwrap();
    assert_eq!(services.unread_notifications(&ada).await.unwrap(), 1);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is() {
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(settings(&dir)).await.unwrap();
    let ada = caller(&services, "ada", UserRole::Creator).await;
    let bad = Recipient::Email { address: "a@b.c\r\nBcc: x@y.z".into() };
    let refused = services.notify("e", &ada.user_id, &[user(&ada), bad], &notice("Low")).await.unwrap_err();
    assert!(refused.message.contains("line breaks"), "{refused}");
    let many: Vec<Recipient> = (0..=MOST_RECIPIENTS).map(|i| Recipient::User { id: format!("u{i}") }).collect();
    assert!(services.notify("e", &ada.user_id, &many, &notice("Low")).await.is_err());
    assert!(services.notify("e", &ada.user_id, &[user(&ada)], &notice("Low\nBcc: x@y.z")).await.is_err());
    assert!(services.list_notifications(&ada).await.unwrap().is_empty());
}

#[tokio::test]
async fn people_say_where_mails_go_and_which_they_want() {
    let dir = tempfile::tempdir().unwrap();
    let services = Services::open(settings(&dir)).await.unwrap();
    let ada = caller(&services, "ada", UserRole::Viewer).await;
    let wanted = |email: &str, muted: &[&str]| NotifyPreferences {
        email: Some(email.into()),
        muted: muted.iter().map(|k| (*k).to_owned()).collect(),
    };
    assert!(services.set_notify_preferences(&ada, wanted("a@b\nc", &[])).await.is_err());
    assert!(services.set_notify_preferences(&ada, wanted("a@b.c", &["gossip"])).await.is_err());
    let kept = services.set_notify_preferences(&ada, wanted(" ada@example.com ", &["report"])).await.unwrap();
    assert_eq!(kept, wanted("ada@example.com", &["report"]));
    assert!(services.address_for(&ada.user_id, "report").await.unwrap().is_none());
    assert_eq!(services.address_for(&ada.user_id, "alert").await.unwrap().as_deref(), Some("ada@example.com"));
    let none = services.set_notify_preferences(&ada, NotifyPreferences::default()).await.unwrap();
    assert_eq!(none, NotifyPreferences::default());
}
