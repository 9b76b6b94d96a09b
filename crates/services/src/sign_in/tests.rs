//! Signing in, and what can go wrong about it. Time is passed in.

use super::*;
use crate::notify::sink::MailSink;
use crate::{NotifySettings, QuestionDefaults, Settings, Smtp};
use domain::account::{InvitationRequest, ProfilePatch};
use domain::api::{TokenRequest, UserPatch};
use domain::people::Scope;
use domain::{Caller, UserRole};
use std::time::Duration;
use tempfile::TempDir;
use totp_rs::{Algorithm, Secret, TOTP};

const PASSWORD: &str = "analytical engine";
const MINUTE: i64 = 60_000;

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
        notify: NotifySettings::default(),
        sign_in: SignInSettings::default(),
    }
}

async fn house(change: impl FnOnce(&mut Settings)) -> (Services, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = settings(&dir);
    change(&mut settings);
    (Services::open(settings).await.unwrap(), dir)
}

async fn person(services: &Services, name: &str, role: UserRole) -> Caller {
    services.add_user(name, role, Some(PASSWORD)).await.unwrap();
    services.local_caller(Some(name)).await.unwrap()
}

fn from(address: &str) -> SignInFrom {
    SignInFrom { agent: "Firefox".into(), address: address.into(), device: None }
}

fn session(done: SignedIn) -> NewSession {
    match done {
        SignedIn::Session(session) => session,
        SignedIn::Code { .. } => panic!("a code is wanted"),
        SignedIn::SetUp { .. } => panic!("a second factor is to be set up"),
    }
}

fn ticket(done: SignedIn) -> String {
    match done {
        SignedIn::Code { ticket } => ticket,
        _ => panic!("no code is wanted"),
    }
}

/// The code that an app shows at a time.
fn code(secret: &str, now: i64) -> String {
    let secret = Secret::Encoded(secret.to_owned()).to_bytes().unwrap();
    TOTP::new_unchecked(Algorithm::SHA1, 6, 1, 30, secret, None, String::new())
        .generate(u64::try_from(now / 1_000).unwrap())
}

fn refusal<T>(result: Result<T>) -> ErrorCode {
    match result {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error.code,
    }
}

#[tokio::test]
async fn an_attacker_elsewhere_locks_nobody_out() {
    let (services, _dir) = house(|_| ()).await;
    person(&services, "ada", UserRole::Creator).await;
    person(&services, "eve", UserRole::Creator).await;
    let (evil, home) = (from("192.0.2.66"), from("192.0.2.1"));
    let attempt = |from: SignInFrom, password: &'static str, now: i64| {
        let services = services.clone();
        async move { services.sign_in_at("ada", password, &from, now).await }
    };
    // Ada has been here before, on the address that she shares with the attacker.
    let before = session(attempt(evil.clone(), PASSWORD, 0).await.unwrap());
    for _ in 0..6 {
        assert_eq!(refusal(attempt(evil.clone(), "a wrong guess", 0).await), ErrorCode::SignInRequired);
    }
    let waits = attempt(evil.clone(), "a wrong guess", 0).await.err().unwrap();
    assert_eq!(waits.code, ErrorCode::TooManyRequests);
    assert!(waits.hint.unwrap().contains("2 seconds"));
    assert_eq!(refusal(attempt(evil.clone(), PASSWORD, 0).await), ErrorCode::TooManyRequests, "not told apart");
    assert!(attempt(home.clone(), PASSWORD, 0).await.is_ok(), "elsewhere nothing has happened");
    let known = SignInFrom { device: Some(before.device), ..evil.clone() };
    assert!(attempt(known.clone(), PASSWORD, 0).await.is_ok(), "her own browser has a budget of its own");
    assert!(attempt(evil.clone(), PASSWORD, 2_000).await.is_ok(), "the wait ends");

    // The attacker's own device buys no guesses at others.
    let own = session(services.sign_in_at("eve", PASSWORD, &from("192.0.2.77"), 0).await.unwrap());
    let hers = SignInFrom { device: Some(own.device), ..from("192.0.2.77") };
    for _ in 0..6 {
        _ = attempt(hers.clone(), "a wrong guess", 0).await;
    }
    assert_eq!(refusal(attempt(hers, "a wrong guess", 0).await), ErrorCode::TooManyRequests);
    // Nor does a cookie that nobody sealed.
    let forged = SignInFrom { device: Some("00000000.AAAA".into()), ..evil };
    assert!(attempt(forged, PASSWORD, MINUTE).await.is_ok());
    // A device that guesses has to wait as well.
    for _ in 0..11 {
        _ = attempt(known.clone(), "a wrong guess", 0).await;
    }
    assert_eq!(refusal(attempt(known, PASSWORD, 0).await), ErrorCode::TooManyRequests);
}

#[tokio::test]
async fn many_names_from_one_address_have_to_wait_too() {
    let (services, _dir) = house(|_| ()).await;
    person(&services, "ada", UserRole::Creator).await;
    for i in 0..51 {
        let refused = services.sign_in_at(&format!("nobody{i}"), "a wrong guess", &from("192.0.2.66"), 0).await;
        assert_eq!(refusal(refused), ErrorCode::SignInRequired);
    }
    let refused = services.sign_in_at("ada", PASSWORD, &from("192.0.2.66"), 0).await;
    assert_eq!(refusal(refused), ErrorCode::TooManyRequests);
    assert!(services.sign_in_at("ada", PASSWORD, &from("192.0.2.1"), 0).await.is_ok());
}

#[tokio::test]
async fn a_code_is_needed_and_works_once() {
    let (services, _dir) = house(|_| ()).await;
    let ada = person(&services, "ada", UserRole::Creator).await;
    assert_eq!(refusal(services.set_up_totp(&ada, "a wrong guess").await), ErrorCode::RuleRefused);
    let setup = services.set_up_totp(&ada, PASSWORD).await.unwrap();
    let home = from("192.0.2.1");
    assert!(matches!(services.sign_in_at("ada", PASSWORD, &home, 0).await.unwrap(), SignedIn::Session(_)), "not yet");
    assert_eq!(refusal(services.turn_totp_on(&ada, "000000x").await), ErrorCode::RuleRefused);
    let now = clock::now_ms();
    let codes = services.turn_totp_on(&ada, &code(&setup.secret, now)).await.unwrap().codes;
    assert_eq!(codes.len(), 10);
    assert!(services.my_profile(&ada).await.unwrap().totp.is_on);
    assert_eq!(refusal(services.set_up_totp(&ada, PASSWORD).await), ErrorCode::Conflict);

    // Later, so that the code of the set-up is an old one.
    let later = now + 10 * MINUTE;
    let half = ticket(services.sign_in_at("ada", PASSWORD, &home, later).await.unwrap());
    let typed = code(&setup.secret, later);
    assert!(services.sign_in_with_code_at(&half, &typed, &home, later).await.unwrap().recovery_codes.is_empty());
    let again = ticket(services.sign_in_at("ada", PASSWORD, &home, later).await.unwrap());
    for used in [typed.as_str(), &code(&setup.secret, later - 30_000), "", "123", "999999999999"] {
        let refused = services.sign_in_with_code_at(&again, used, &home, later).await;
        assert_eq!(refusal(refused), ErrorCode::SignInRequired, "{used}");
    }
    let next = code(&setup.secret, later + 30_000);
    assert!(services.sign_in_with_code_at(&again, &next, &home, later).await.is_ok());

    // A recovery code, however it is written, once.
    let spoken = codes[0].to_uppercase().replace('-', " ");
    assert!(services.sign_in_with_code_at(&again, &spoken, &home, later).await.is_ok());
    assert_eq!(
        refusal(services.sign_in_with_code_at(&again, &codes[0], &home, later).await),
        ErrorCode::SignInRequired
    );
    assert_eq!(services.my_profile(&ada).await.unwrap().totp.recovery_codes_left, 9);
    let fresh = services.renew_recovery_codes(&ada, PASSWORD).await.unwrap().codes;
    let far = later + 20 * MINUTE;
    let half = ticket(services.sign_in_at("ada", PASSWORD, &home, far).await.unwrap());
    assert_eq!(refusal(services.sign_in_with_code_at(&half, &codes[1], &home, far).await), ErrorCode::SignInRequired);
    assert!(services.sign_in_with_code_at(&half, &fresh[1], &home, far).await.is_ok());
}

#[tokio::test]
async fn half_a_sign_in_ends_with_time_password_and_guesses() {
    let (services, _dir) = house(|_| ()).await;
    let ada = person(&services, "ada", UserRole::Creator).await;
    let setup = services.set_up_totp(&ada, PASSWORD).await.unwrap();
    let now = clock::now_ms();
    services.turn_totp_on(&ada, &code(&setup.secret, now)).await.unwrap();
    let (home, later) = (from("192.0.2.1"), now + 10 * MINUTE);
    let half = ticket(services.sign_in_at("ada", PASSWORD, &home, later).await.unwrap());
    let right = |at: i64| code(&setup.secret, at);
    let too_late = later + 11 * MINUTE;
    assert_eq!(
        refusal(services.sign_in_with_code_at(&half, &right(too_late), &home, too_late).await),
        ErrorCode::SignInRequired
    );
    for forged in ["", "x", "00000000.AAAA"] {
        assert_eq!(
            refusal(services.sign_in_with_code_at(forged, &right(later), &home, later).await),
            ErrorCode::SignInRequired
        );
    }
    for _ in 0..6 {
        _ = services.sign_in_with_code_at(&half, "000000", &from("192.0.2.66"), later).await;
    }
    let from_anywhere = services.sign_in_with_code_at(&half, &right(later), &from("192.0.2.67"), later).await;
    assert_eq!(refusal(from_anywhere), ErrorCode::TooManyRequests, "guesses at a code count wherever they are made");
    services.set_password("ada", "another password").await.unwrap();
    let waited = later + 5 * MINUTE;
    assert_eq!(
        refusal(services.sign_in_with_code_at(&half, &right(waited), &home, waited).await),
        ErrorCode::SignInRequired
    );
}

#[tokio::test]
async fn administrators_set_a_second_factor_up_where_it_is_required() {
    let (services, _dir) = house(|s| s.sign_in.totp = TotpRule::Admins).await;
    let root = person(&services, "root", UserRole::Admin).await;
    person(&services, "ada", UserRole::Creator).await;
    let (home, now) = (from("192.0.2.1"), clock::now_ms());
    assert!(matches!(services.sign_in_at("ada", PASSWORD, &home, now).await.unwrap(), SignedIn::Session(_)));
    let SignedIn::SetUp { ticket, setup } = services.sign_in_at("root", PASSWORD, &home, now).await.unwrap() else {
        panic!("an administrator without a second factor came in");
    };
    assert!(setup.qr.contains("<svg") && setup.address.contains(&setup.secret));
    assert_eq!(refusal(services.sign_in_with_code_at(&ticket, "000000x", &home, now).await), ErrorCode::SignInRequired);
    assert_eq!(services.setup_of_ticket(&ticket).await.unwrap().unwrap().secret, setup.secret);
    let done = services.sign_in_with_code_at(&ticket, &code(&setup.secret, now), &home, now).await.unwrap();
    assert_eq!(done.recovery_codes.len(), 10);
    assert_eq!(refusal(services.turn_totp_off(&root, PASSWORD).await), ErrorCode::RuleRefused);
    let ada = services.local_caller(Some("ada")).await.unwrap();
    assert_eq!(refusal(services.reset_totp(&ada, &root.user_id).await), ErrorCode::Forbidden);
    services.reset_totp(&root, &root.user_id).await.unwrap();
    assert!(matches!(services.sign_in_at("root", PASSWORD, &home, now).await.unwrap(), SignedIn::SetUp { .. }));
}

/// Where the links of mails lead, without anything being sent.
fn mailing(settings: &mut Settings) {
    settings.notify.smtp = Some(Smtp::parse("smtp://127.0.0.1:9", "orrery@example.com").unwrap());
    settings.notify.public_url = Some("https://bi.example.com".into());
}

fn token(link: &str) -> String {
    link.split_once("token=").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_forgotten_password_tells_nobody_who_is_known() {
    let (services, _dir) = house(mailing).await;
    let ada = person(&services, "ada", UserRole::Creator).await;
    let ben = person(&services, "ben", UserRole::Creator).await;
    let root = person(&services, "root", UserRole::Admin).await;
    services.store.set_email(&ada.user_id, Some("Ada@example.com"), true).await.unwrap();
    services.store.set_email(&ben.user_id, Some("ben@example.com"), false).await.unwrap();
    let now = clock::now_ms() + 24 * 60 * MINUTE;
    let at = |who: &'static str, now: i64| {
        let services = services.clone();
        async move { services.reset_mails(who, now).await.unwrap() }
    };
    assert!(at("ben", now).await.is_empty(), "nobody has confirmed that address");
    assert!(at("ben@example.com", now).await.is_empty() && at("nobody", now).await.is_empty());
    let mails = [at("ada", now).await, at("ada@EXAMPLE.com", now).await].concat();
    assert_eq!(mails.iter().map(|m| m.address.as_str()).collect::<Vec<_>>(), ["Ada@example.com"; 2]);
    let one = token(&mails[0].link);
    assert_ne!(one, token(&mails[1].link));
    assert!(services.store.link(&one, "reset").await.unwrap().is_none(), "only its hash is kept");

    // Nobody's mailbox is filled, and nobody asks without end.
    let more: usize = futures::future::join_all((0..20).map(|_| at("ada", now))).await.iter().map(Vec::len).sum();
    assert!(more <= 2, "{more}");
    for who in ["ada", "ADA", "ada@example.com", "ben", "nobody", "", "ada@example.com'--", &"x".repeat(10_000)] {
        services.ask_for_reset(who, &from("192.0.2.1")).await.unwrap();
    }
    let elsewhere = from("192.0.2.9");
    let limited = (0..20).map(|_| services.ask_for_reset("nobody", &elsewhere));
    let limited = futures::future::join_all(limited).await;
    assert!(limited.iter().any(|r| r.as_ref().is_err_and(|e| e.code == ErrorCode::TooManyRequests)));

    let patch = UserPatch { is_active: Some(false), ..UserPatch::default() };
    services.update_user(&root, &ada.user_id, patch).await.unwrap();
    assert!(at("ada", now + 24 * 60 * MINUTE).await.is_empty());
}

#[tokio::test]
async fn a_link_for_a_password_works_once_and_not_for_ever() {
    let (services, _dir) = house(mailing).await;
    let ada = person(&services, "ada", UserRole::Creator).await;
    services.store.set_email(&ada.user_id, Some("ada@example.com"), true).await.unwrap();
    let (home, now) = (from("192.0.2.1"), clock::now_ms());
    let open = session(services.sign_in("ada", PASSWORD, &home).await.unwrap());
    let mut links = Vec::new();
    for _ in 0..3 {
        let mails = services.reset_mails("ada", now).await.unwrap();
        links.push(token(&mails[0].link));
    }
    let late = services.reset_password_at(&links[0], "a new password", now + 60 * MINUTE).await;
    assert_eq!(refusal(late), ErrorCode::Gone);
    assert_eq!(refusal(services.reset_password_at(&links[1], "short", now).await), ErrorCode::InvalidRequest);
    assert_eq!(refusal(services.confirm_email_at(&links[1], now).await), ErrorCode::Gone, "for another purpose");
    assert_eq!(refusal(services.accept_invitation_at(&links[1], PASSWORD, &home, now).await), ErrorCode::Gone);
    services.check_reset(&links[1]).await.unwrap();
    services.reset_password_at(&links[1], "a new password", now).await.unwrap();
    for spent in [&links[1], &links[2], &"x".to_owned()] {
        let refused = services.reset_password_at(spent, "another password", now).await;
        assert_eq!(refusal(refused), ErrorCode::Gone);
        assert_eq!(refusal(services.check_reset(spent).await), ErrorCode::Gone);
    }
    assert!(services.caller_from_session(&open.secret, &home.address).await.is_none(), "all sessions have ended");
    assert!(services.sign_in("ada", PASSWORD, &home).await.is_err());
    assert!(services.sign_in("ada", "a new password", &home).await.is_ok());
}

fn request(email: &str) -> InvitationRequest {
    InvitationRequest { email: email.into(), name: None, role: UserRole::Explorer, groups: Vec::new() }
}

#[tokio::test]
async fn an_invitation_becomes_an_account_once() {
    let (services, _dir) = house(|_| ()).await;
    let root = person(&services, "root", UserRole::Admin).await;
    let ada = person(&services, "ada", UserRole::Creator).await;
    let (home, now) = (from("192.0.2.1"), clock::now_ms());
    assert_eq!(refusal(services.invite(&ada, &request("cem@example.com")).await), ErrorCode::Forbidden);
    for (bad, field) in [
        (request("cem"), "email"),
        (InvitationRequest { name: Some("a b".into()), ..request("cem@example.com") }, "name"),
        (InvitationRequest { name: Some("ADA".into()), ..request("cem@example.com") }, "name"),
        (InvitationRequest { groups: vec!["nowhere".into()], ..request("cem@example.com") }, "groups[0]"),
    ] {
        let error = services.invite_at(&root, &bad, now).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{error}");
    }
    let made = services.invite_at(&root, &request("ada@example.com"), now).await.unwrap();
    assert_eq!(made.invitation.name, "ada@example.com", "ada is somebody else");
    let twice = services.invite_at(&root, &request("ADA@example.com"), now).await.unwrap_err();
    assert_eq!(twice.code, ErrorCode::Conflict);
    let first = token(&made.link.unwrap());
    assert!(made.reason.unwrap().contains("ORRERY_SMTP_URL"), "no mail is sent here: the link is shown");
    assert!(services.sign_in("ada@example.com", "", &home).await.is_err(), "nobody without a password comes in");

    let again = services.resend_invitation(&root, &made.invitation.id).await.unwrap();
    let second = token(&again.link.unwrap());
    assert_eq!(refusal(services.accept_invitation_at(&first, PASSWORD, &home, now).await), ErrorCode::Gone);
    let week = now + 8 * 24 * 60 * MINUTE;
    assert_eq!(refusal(services.accept_invitation_at(&second, PASSWORD, &home, week).await), ErrorCode::Gone);
    assert_eq!(services.check_invitation(&second).await.unwrap(), "ada@example.com");
    let open = session(services.accept_invitation_at(&second, PASSWORD, &home, now).await.unwrap());
    assert_eq!(open.caller.role, UserRole::Explorer);
    assert_eq!(refusal(services.accept_invitation_at(&second, PASSWORD, &home, now).await), ErrorCode::Gone);
    assert!(services.list_invitations(&root).await.unwrap().is_empty());
    // The link was shown, so nobody knows who reads that address.
    assert!(!services.is_email_verified(&open.caller.user_id, "ada@example.com").await.unwrap());

    let doomed = services.invite_at(&root, &request("dan@example.com"), now).await.unwrap();
    let link = token(&doomed.link.unwrap());
    services.revoke_invitation(&root, &doomed.invitation.id).await.unwrap();
    assert_eq!(refusal(services.accept_invitation_at(&link, PASSWORD, &home, now).await), ErrorCode::Gone);
    assert_eq!(refusal(services.revoke_invitation(&root, &ada.user_id).await), ErrorCode::NotFound);
    assert!(services.store.user(&doomed.invitation.id).await.unwrap().is_none());
}

/// The secret of the link in a mail.
fn mailed(mail: &serde_json::Value) -> String {
    let text = mail["data"].as_str().unwrap().replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
    let after = text.split_once("token=").unwrap().1;
    after.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_carry_links_whatever_their_readers_muted() {
    let sink = MailSink::start(&[]);
    let (services, _dir) = house(|settings| {
        let smtp = Smtp::parse(&format!("smtp://127.0.0.1:{}", sink.port), "orrery@example.com");
        settings.notify.smtp = Some(smtp.unwrap());
        settings.notify.public_url = Some("https://bi.example.com".into());
    })
    .await;
    let root = person(&services, "root", UserRole::Admin).await;
    let (home, now) = (from("192.0.2.1"), clock::now_ms());
    let made = services.invite(&root, &request("cem@example.com")).await.unwrap();
    assert_eq!((made.link, made.reason), (None, None), "the link is for its reader only");
    let mails = sink.wait_for(1).await;
    assert_eq!(mails[0]["to"][0], "cem@example.com");
    let cem = session(services.accept_invitation_at(&mailed(&mails[0]), PASSWORD, &home, now).await.unwrap()).caller;
    assert!(services.is_email_verified(&cem.user_id, "CEM@example.com").await.unwrap());
    let refused = services.invite(&root, &request("refuse@example.com")).await.unwrap();
    assert!(refused.link.is_some() && refused.reason.unwrap().contains("550"));

    // Another address: with the password, by a link, and the former address hears of it.
    let patch = |password: &str| ProfilePatch {
        email: Some("cem@example.org".into()),
        full_name: Some("Cem Yılmaz".into()),
        password: Some(password.into()),
    };
    assert_eq!(refusal(services.change_profile(&cem, patch("a wrong guess")).await), ErrorCode::RuleRefused);
    let profile = services.change_profile(&cem, patch(PASSWORD)).await.unwrap();
    assert_eq!(profile.pending_email.as_deref(), Some("cem@example.org"));
    assert_eq!((profile.email.as_deref(), profile.is_email_verified), (Some("cem@example.com"), true));
    let mails = sink.wait_for(2).await;
    assert_eq!(mails[1]["to"][0], "cem@example.org");
    let secret = mailed(&mails[1]);
    assert_eq!(refusal(services.confirm_email_at(&secret, now + 25 * 60 * MINUTE).await), ErrorCode::Gone);
    assert_eq!(services.confirm_email(&secret).await.unwrap(), "cem@example.org");
    assert_eq!(refusal(services.confirm_email(&secret).await), ErrorCode::Gone);
    assert!(services.is_email_verified(&cem.user_id, "cem@example.org").await.unwrap());
    let mails = sink.wait_for(3).await;
    assert_eq!(mails[2]["to"][0], "cem@example.com");

    services.ask_for_reset("cem", &home).await.unwrap();
    let mails = sink.wait_for(4).await;
    assert_eq!(mails[3]["to"][0], "cem@example.org");
    assert!(!mails[3]["data"].as_str().unwrap().contains("List-Unsubscribe"));
    services.reset_password(&mailed(&mails[3]), "a new password").await.unwrap();
    sink.wait_for(5).await;
}

#[tokio::test]
async fn a_token_does_nothing_that_its_scope_forbids() {
    let (services, _dir) = house(mailing).await;
    let root = person(&services, "root", UserRole::Admin).await;
    let ada = person(&services, "ada", UserRole::Creator).await;
    for scope in [Scope::Read, Scope::Write] {
        let request = TokenRequest { label: "t".into(), scope, expires_in_days: None };
        let made = services.create_token(&root, &request).await.unwrap();
        let token = services.caller_from_token(&made.secret).await.unwrap();
        let s = &services;
        assert!(s.my_profile(&token).await.is_ok());
        let patch = ProfilePatch { full_name: Some("x".into()), ..ProfilePatch::default() };
        let refused = [
            s.change_profile(&token, patch).await.err(),
            s.set_up_totp(&token, PASSWORD).await.err(),
            s.turn_totp_on(&token, "000000").await.err(),
            s.turn_totp_off(&token, PASSWORD).await.err(),
            s.renew_recovery_codes(&token, PASSWORD).await.err(),
            s.sign_out_elsewhere(&token).await.err(),
            s.sign_out_user(&token, &ada.user_id).await.err(),
            s.reset_totp(&token, &ada.user_id).await.err(),
            s.link_user(&token, &ada.user_id, Some("a@example.com")).await.err(),
            s.invite(&token, &self::request("x@example.com")).await.err(),
            s.list_invitations(&token).await.err(),
            s.resend_invitation(&token, &ada.user_id).await.err(),
            s.revoke_invitation(&token, &ada.user_id).await.err(),
        ];
        for (i, error) in refused.into_iter().enumerate() {
            assert_eq!(error.map(|e| e.code), Some(ErrorCode::Forbidden), "{i} with {}", scope.as_str());
        }
    }
}

#[tokio::test]
async fn sessions_say_where_and_end_when_somebody_says_so() {
    let (services, _dir) = house(|_| ()).await;
    let root = person(&services, "root", UserRole::Admin).await;
    person(&services, "ada", UserRole::Creator).await;
    let here = session(services.sign_in("ada", PASSWORD, &from("192.0.2.1")).await.unwrap());
    let there = session(services.sign_in("ada", PASSWORD, &from("192.0.2.2")).await.unwrap());
    let ada = services.caller_from_session(&here.secret, "192.0.2.9").await.unwrap();
    let own = services.list_sessions(&ada).await.unwrap().into_iter().find(|s| s.is_current).unwrap();
    assert_eq!((own.address.as_str(), own.last_address.as_str()), ("192.0.2.1", "192.0.2.9"));
    assert_eq!(services.sign_out_elsewhere(&ada).await.unwrap(), 1);
    assert!(services.caller_from_session(&there.secret, "").await.is_none());
    assert!(services.caller_from_session(&here.secret, "").await.is_some());
    let mailbox = crate::Mailbox::new();
    services.hub.subscribe(&crate::rights_topic(&ada.user_id), &mailbox);
    assert_eq!(services.sign_out_user(&root, &ada.user_id).await.unwrap(), 1);
    assert!(mailbox.take().is_some(), "open sockets hear of it");
    assert!(!services.still_signed_in(&ada).await);
    assert_eq!(refusal(services.sign_out_user(&ada, &root.user_id).await), ErrorCode::Forbidden);
}

#[tokio::test]
async fn where_passwords_are_off_one_administrator_still_has_one() {
    let (services, _dir) = house(|s| s.sign_in.password = false).await;
    person(&services, "ada", UserRole::Creator).await;
    person(&services, "root", UserRole::Admin).await;
    person(&services, "other", UserRole::Admin).await;
    let home = from("192.0.2.1");
    for name in ["ada", "root", "other"] {
        assert_eq!(refusal(services.sign_in(name, PASSWORD, &home).await), ErrorCode::SignInRequired);
    }
    assert_eq!(refusal(services.set_break_glass(Some("ada")).await), ErrorCode::RuleRefused);
    services.set_break_glass(Some("root")).await.unwrap();
    assert!(services.sign_in("root", PASSWORD, &home).await.is_ok());
    services.set_break_glass(Some("other")).await.unwrap();
    assert_eq!(refusal(services.sign_in("root", PASSWORD, &home).await), ErrorCode::SignInRequired, "one and no more");
    services.set_break_glass(None).await.unwrap();
    assert_eq!(refusal(services.sign_in("other", PASSWORD, &home).await), ErrorCode::SignInRequired);
    assert!(services.ask_for_reset("root", &home).await.is_err());
}
