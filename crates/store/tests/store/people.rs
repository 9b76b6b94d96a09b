//! Users, sessions, tokens, one-time links.

use crate::{fresh, user};
use domain::ErrorCode;
use domain::people::{Scope, UserRole};
use store::{ProfileRow, SessionRow, TokenRow, UserRow};
use tokio::task::JoinSet;

fn session(id: &str, user_id: &str) -> SessionRow {
    SessionRow {
        id: id.into(),
        user_id: user_id.into(),
        secret_hash: format!("hash of {id}"),
        agent: "Firefox".into(),
        address: "192.0.2.1".into(),
        last_address: "192.0.2.1".into(),
        created_at: 1,
        last_seen_at: 1,
        expires_at: 1_000_000,
    }
}

#[tokio::test]
async fn a_name_is_taken_in_whatever_case() {
    let (store, _dir) = fresh().await;
    store.insert_user(&user("u1", "Änne")).await.unwrap();
    let refused = store.insert_user(&user("u2", "äNNE")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NameTaken);
    assert_eq!(refused.message, "There is already a user named äNNE.");
    assert_eq!(store.user_by_name(" ÄNNE ").await.unwrap().unwrap().id, "u1");
    assert_eq!(store.count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn a_user_changes_and_stays_the_same_otherwise() {
    let (store, _dir) = fresh().await;
    let mut ada = user("u1", "Ada");
    store.insert_user(&ada).await.unwrap();
    assert_eq!(store.user("u1").await.unwrap().as_ref(), Some(&ada));
    store.update_user_role("u1", UserRole::Viewer).await.unwrap();
    store.update_user_active("u1", false).await.unwrap();
    store.update_user_password("u1", None).await.unwrap();
    store.update_user_default_dashboard("u1", Some("d1")).await.unwrap();
    store.touch_user("u1", 100_000).await.unwrap();
    store.touch_user("u1", 100_001).await.unwrap();
    ada.role = UserRole::Viewer;
    ada.is_active = false;
    ada.password_hash = None;
    ada.default_dashboard_id = Some("d1".into());
    ada.last_seen_at = Some(100_000);
    assert_eq!(store.users().await.unwrap(), [ada]);
    let missing = store.update_user_role("u9", UserRole::Viewer).await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_set_up_at_once_one_is_first() {
    let (store, _dir) = fresh().await;
    let mut tasks = JoinSet::new();
    for i in 0..10 {
        let store = store.clone();
        tasks.spawn(
            async move { store.insert_first_user(&user(&format!("u{i}"), &format!("name {i}"))).await.unwrap() },
        );
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|first| *first).count(), 1);
    assert_eq!(store.count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn a_session_is_found_with_its_user_until_it_ends() {
    let (store, _dir) = fresh().await;
    let ada = user("u1", "Ada");
    store.insert_user(&ada).await.unwrap();
    for id in ["s1", "s2", "s3"] {
        store.insert_session(&session(id, "u1")).await.unwrap();
    }
    let found = store.session_by_hash("hash of s1").await.unwrap();
    assert_eq!(found, Some((session("s1", "u1"), ada)));
    store.touch_session("s1", 500_000, 2_000_000).await.unwrap();
    store.place_session("s1", "192.0.2.9").await.unwrap();
    let seen = store.sessions_of("u1").await.unwrap().remove(0);
    assert_eq!((seen.expires_at, seen.last_address.as_str()), (2_000_000, "192.0.2.9"));
    assert!(!store.delete_session("u2", "s3").await.unwrap(), "somebody else's");
    assert!(store.delete_session("u1", "s3").await.unwrap());
    assert_eq!(store.delete_sessions_of("u1", Some("s1")).await.unwrap(), 1);
    assert_eq!(store.delete_expired_sessions(1_999_999).await.unwrap(), 0);
    assert_eq!(store.delete_expired_sessions(2_000_000).await.unwrap(), 1);
    assert_eq!(store.session_by_hash("hash of s1").await.unwrap(), None);
}

#[tokio::test]
async fn a_session_of_nobody_is_refused() {
    let (store, _dir) = fresh().await;
    assert_eq!(store.insert_session(&session("s1", "u9")).await.unwrap_err().code, ErrorCode::Conflict);
}

#[tokio::test]
async fn a_token_is_found_with_its_user_until_it_is_revoked() {
    let (store, _dir) = fresh().await;
    let ada = user("u1", "Ada");
    store.insert_user(&ada).await.unwrap();
    let token = TokenRow {
        id: "t1".into(),
        user_id: "u1".into(),
        label: "import".into(),
        secret_hash: "hash".into(),
        scope: Scope::Write,
        created_at: 1,
        expires_at: None,
        last_used_at: None,
    };
    store.insert_token(&token).await.unwrap();
    assert_eq!(store.token_by_hash("hash").await.unwrap(), Some((token, ada)));
    store.touch_token("t1", 7).await.unwrap();
    assert_eq!(store.tokens_of("u1").await.unwrap()[0].last_used_at, Some(7));
    assert!(!store.delete_token("u2", "t1").await.unwrap(), "somebody else's");
    assert!(store.delete_token("u1", "t1").await.unwrap());
    assert_eq!(store.token_by_hash("hash").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once_for_one_of_many() {
    let (store, _dir) = fresh().await;
    store.insert_user(&user("u1", "Ada")).await.unwrap();
    store.insert_link("h", "invite", Some("u1"), 100).await.unwrap();
    assert_eq!(store.take_link("h", "setup", 50).await.unwrap(), None, "for another purpose");
    assert_eq!(store.take_link("h", "invite", 100).await.unwrap(), None, "run out");
    assert!(store.link("h", "invite").await.unwrap().is_some(), "looking does not use it up");
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let store = store.clone();
        tasks.spawn(async move { store.take_link("h", "invite", 50).await.unwrap() });
    }
    let taken: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].user_id.as_deref(), Some("u1"));
}

#[tokio::test]
async fn older_links_can_be_taken_back() {
    let (store, _dir) = fresh().await;
    store.insert_user(&user("u1", "Ada")).await.unwrap();
    store.insert_link("a", "setup", None, 100).await.unwrap();
    store.insert_link("b", "setup", Some("u1"), 100).await.unwrap();
    assert_eq!(store.delete_links("setup", None).await.unwrap(), 1);
    assert_eq!(store.take_link("a", "setup", 1).await.unwrap(), None);
    assert_eq!(store.delete_links("setup", Some("u1")).await.unwrap(), 1);
    store.insert_link("c", "setup", None, 100).await.unwrap();
    assert_eq!(store.delete_expired_links(100).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_used_once_and_no_older_one_after_it() {
    let (store, _dir) = fresh().await;
    store.insert_user(&user("u1", "Ada")).await.unwrap();
    store.put_totp("u1", "sealed").await.unwrap();
    store.put_totp("u1", "sealed again").await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let store = store.clone();
        tasks.spawn(async move { store.take_totp_step("u1", 7).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|taken| *taken).count(), 1);
    assert!(!store.take_totp_step("u1", 6).await.unwrap());
    store.confirm_totp("u1", 99).await.unwrap();
    store.put_totp("u1", "another").await.unwrap();
    let kept = store.totp("u1").await.unwrap().unwrap();
    assert_eq!((kept.sealed.as_str(), kept.confirmed_at, kept.last_step), ("sealed again", Some(99), 7));
    store.replace_recovery_codes("u1", &["a".into(), "b".into()]).await.unwrap();
    assert!(!store.take_recovery_code("u2", "a").await.unwrap(), "somebody else's");
    assert!(store.take_recovery_code("u1", "a").await.unwrap());
    assert!(!store.take_recovery_code("u1", "a").await.unwrap());
    assert_eq!(store.count_recovery_codes("u1").await.unwrap(), 1);
    assert!(store.delete_totp("u1").await.unwrap());
    assert_eq!((store.totp("u1").await.unwrap(), store.count_recovery_codes("u1").await.unwrap()), (None, 0));
}

#[tokio::test]
async fn an_address_is_verified_while_it_is_the_one_that_was_confirmed() {
    let (store, _dir) = fresh().await;
    store.insert_user(&user("u1", "Ada")).await.unwrap();
    assert_eq!(store.profile("u1").await.unwrap(), ProfileRow::default());
    store.set_pending_email("u1", Some("Ada@Example.com")).await.unwrap();
    store.set_full_name("u1", "Ada Lovelace").await.unwrap();
    assert!(store.users_of_verified_email("ada@example.com").await.unwrap().is_empty());
    store.set_email("u1", Some("Ada@Example.com"), true).await.unwrap();
    let profile = store.profile("u1").await.unwrap();
    assert_eq!((profile.full_name.as_str(), profile.pending_email), ("Ada Lovelace", None));
    assert_eq!(store.users_of_verified_email("ada@EXAMPLE.com").await.unwrap(), ["u1"]);
    store.set_email("u1", Some("ada@example.org"), false).await.unwrap();
    assert!(store.users_of_verified_email("ada@example.org").await.unwrap().is_empty());
    store.set_link_email("u1", Some("ada@example.net")).await.unwrap();
    assert_eq!(store.users_of_link_email("ADA@example.net").await.unwrap(), ["u1"]);
}

#[tokio::test]
async fn groups_of_the_provider_follow_it_and_others_are_left_alone() {
    let (store, _dir) = fresh().await;
    store.insert_user(&user("u1", "Ada")).await.unwrap();
    store.set_external_groups("u1", &["Sales".into(), "Ops".into()], 1).await.unwrap();
    let (sales, external) = store.group_named("sales").await.unwrap().unwrap();
    assert!(external);
    assert_eq!(store.groups_of("u1").await.unwrap().len(), 2);
    store.set_external_groups("u1", &["SALES".into()], 2).await.unwrap();
    assert_eq!(store.groups_of("u1").await.unwrap(), std::slice::from_ref(&sales));
    store.join_groups("u1", std::slice::from_ref(&sales)).await.unwrap();
    assert!(store.insert_identity("https://id", "s", "u1", 1).await.unwrap());
    assert!(!store.insert_identity("https://id", "s", "u1", 2).await.unwrap());
    assert_eq!(store.user_of_identity("https://id", "s").await.unwrap().as_deref(), Some("u1"));
    assert_eq!(store.user_of_identity("https://other", "s").await.unwrap(), None);
    assert_eq!(store.issuers_of("u1").await.unwrap(), ["https://id"]);
}

#[tokio::test]
async fn an_invitation_takes_its_user_with_it_until_it_is_taken_up() {
    let (store, _dir) = fresh().await;
    let invited = |id: &str, name: &str| UserRow { password_hash: None, ..user(id, name) };
    for (id, name) in [("u1", "Ada"), ("u2", "Ben"), ("u3", "Cem")] {
        store.insert_user(&invited(id, name)).await.unwrap();
    }
    store.put_invitation("u1", "u3", 1, 100).await.unwrap();
    store.put_invitation("u2", "u3", 2, 100).await.unwrap();
    store.mark_invitation_mailed("u1").await.unwrap();
    let all = store.invitations().await.unwrap();
    assert_eq!(
        all.iter().map(|i| (i.name.as_str(), i.was_mailed)).collect::<Vec<_>>(),
        [("Ben", false), ("Ada", true)]
    );
    store.update_user_password("u2", Some("hash")).await.unwrap();
    assert!(!store.revoke_invitation("u2").await.unwrap(), "it was taken up");
    assert!(!store.revoke_invitation("u3").await.unwrap(), "nobody invited them");
    assert!(store.revoke_invitation("u1").await.unwrap());
    assert_eq!((store.user("u1").await.unwrap(), store.invitation("u1").await.unwrap()), (None, None));
    assert!(store.delete_invitation("u2").await.unwrap());
}
