//! Sign-ins against a provider that this test runs, and that lies where it is told to.

use super::*;
use crate::NewSession;
use crate::sign_in::tests::settings as house;
use domain::{Caller, UserRole};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ONE: &str = include_str!("test_keys/one.pem");
const TWO: &str = include_str!("test_keys/two.pem");
const NOW: i64 = 1_800_000_000_000;
const NOW_S: i64 = NOW / 1_000;

/// What the provider answers, by path, and what it was asked.
#[derive(Default)]
struct Script {
    answers: HashMap<String, Value>,
    asked: Vec<(String, String)>,
}

struct Fake {
    issuer: String,
    script: Arc<Mutex<Script>>,
}

impl Fake {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let script = Arc::<Mutex<Script>>::default();
        let kept = script.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = Vec::new();
                let (path, request) = loop {
                    let mut part = [0_u8; 4_096];
                    let count = stream.read(&mut part).await.unwrap_or(0);
                    bytes.extend_from_slice(&part[..count]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                        let length = head
                            .lines()
                            .find_map(|l| l.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
                        body.len() >= length.and_then(|n| n.parse().ok()).unwrap_or(0)
                    });
                    if whole || count == 0 {
                        break (text.split(' ').nth(1).unwrap_or_default().to_owned(), text);
                    }
                };
                let answer = {
                    let mut script = kept.lock().unwrap();
                    script.asked.push((path.clone(), request));
                    script.answers.get(&path).cloned()
                };
                let (status, body) =
                    answer.map_or(("404 Not Found", String::new()), |body| ("200 OK", body.to_string()));
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
                _ = stream.shutdown().await;
            }
        });
        let fake = Self { issuer, script };
        fake.answer("/.well-known/openid-configuration", fake.discovery());
        fake.publish(&[("one", ONE)]);
        fake
    }

    fn discovery(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({"issuer": self.issuer, "authorization_endpoint": at("/auth"), "token_endpoint": at("/token"),
            "jwks_uri": at("/jwks"), "userinfo_endpoint": at("/me")})
    }

    fn answer(&self, path: &str, body: Value) {
        self.script.lock().unwrap().answers.insert(path.to_owned(), body);
    }

    fn publish(&self, keys: &[(&str, &str)]) {
        let mut all = vec![json!({"kty": "OKP", "crv": "X448", "x": "AA"})];
        all.extend(keys.iter().map(|(kid, pem)| public(kid, pem)));
        self.answer("/jwks", json!({"keys": all}));
    }

    fn asked(&self, path: &str) -> Vec<String> {
        let script = self.script.lock().unwrap();
        script.asked.iter().filter(|(p, _)| p == path).map(|(_, request)| request.clone()).collect()
    }

    fn claims(&self, nonce: &str) -> Value {
        json!({"iss": self.issuer, "aud": "orrery", "sub": "s-1", "nonce": nonce, "iat": NOW_S, "exp": NOW_S + 300})
    }
}

fn public(kid: &str, pem: &str) -> Value {
    let key = EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap()).unwrap();
    jwk["kid"] = json!(kid);
    jwk
}

fn sign(kid: Option<&str>, pem: &str, claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::ES256) };
    encode(&header, claims, &EncodingKey::from_ec_pem(pem.as_bytes()).unwrap()).unwrap()
}

fn settings(fake: &Fake) -> OidcSettings {
    OidcSettings {
        issuer: fake.issuer.clone(),
        client_id: "orrery".into(),
        client_secret: Some("hunter 2".into()),
        scopes: "openid email".into(),
        groups_claim: "groups".into(),
        role_map: Vec::new(),
        default_role: Some(UserRole::Viewer),
        auto_create: true,
        name: "Example".into(),
        hosts: Vec::new(),
    }
}

async fn open(settings: OidcSettings) -> (Services, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let mut house = house(&dir);
    house.sign_in.oidc = Some(settings);
    house.notify.public_url = Some("https://bi.example.com".into());
    (Services::open(house).await.unwrap(), dir)
}

/// Half a sign-in, as the browser has it.
struct Begun {
    cookie: String,
    state: String,
    nonce: String,
    challenge: String,
}

async fn begin(services: &Services) -> Begun {
    let (address, cookie) = services.oidc_begin_at("/data?a=1", NOW).await.unwrap();
    let url = reqwest::Url::parse(&address).unwrap();
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!((query["response_type"].as_str(), query["code_challenge_method"].as_str()), ("code", "S256"));
    assert_eq!(query["redirect_uri"], "https://bi.example.com/login/oidc/callback");
    let take = |name: &str| query[name].clone();
    Begun { cookie, state: take("state"), nonce: take("nonce"), challenge: take("code_challenge") }
}

async fn finish(services: &Services, begun: &Begun) -> Result<(NewSession, String)> {
    let answer = OidcAnswer { code: "the code".into(), state: begun.state.clone(), ..OidcAnswer::default() };
    services.oidc_complete_at(Some(&begun.cookie), &answer, &SignInFrom::default(), NOW).await
}

/// A whole sign-in of somebody of whom the provider says this.
async fn come(services: &Services, fake: &Fake, more: Value) -> Result<Caller> {
    let begun = begin(services).await;
    let mut claims = fake.claims(&begun.nonce);
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fake.answer("/token", json!({"id_token": sign(Some("one"), ONE, &claims)}));
    finish(services, &begun).await.map(|(session, _)| session.caller)
}

#[tokio::test]
async fn somebody_comes_in_and_is_the_same_the_next_time() {
    let fake = Fake::start().await;
    let (services, _dir) = open(settings(&fake)).await;
    let begun = begin(&services).await;
    fake.answer("/token", json!({"id_token": sign(Some("one"), ONE, &fake.claims(&begun.nonce)), "access_token": "t"}));
    fake.answer(
        "/me",
        json!({"sub": "s-1", "email": "ada@example.com", "email_verified": true, "iss": "a liar",
        "preferred_username": "ada", "name": "Ada Lovelace", "groups": ["Sales", "Ops"]}),
    );
    let (session, next) = finish(&services, &begun).await.unwrap();
    assert_eq!(
        (session.caller.name.as_str(), session.caller.role, next.as_str()),
        ("ada", UserRole::Viewer, "/data?a=1")
    );
    assert_eq!(session.caller.groups.len(), 2);
    let profile = services.my_profile(&session.caller).await.unwrap();
    assert_eq!((profile.full_name.as_str(), profile.is_email_verified), ("Ada Lovelace", true));
    assert_eq!((profile.has_password, profile.providers), (false, vec!["Example".to_owned()]));
    // The request had the verifier of the challenge, and the secret where it belongs.
    let request = fake.asked("/token").remove(0);
    let verifier = request.split("code_verifier=").nth(1).unwrap().split('&').next().unwrap();
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())), begun.challenge);
    let basic = base64::engine::general_purpose::STANDARD.encode("orrery:hunter%202");
    assert!(request.contains(&format!("Basic {basic}")) && !request.contains("client_secret="), "{request}");

    let again = come(&services, &fake, json!({"groups": ["ops"], "name": "Somebody Else"})).await.unwrap();
    assert_eq!((again.user_id, again.groups.len()), (session.caller.user_id, 1));
    assert_eq!(fake.asked("/jwks").len(), 1, "keys are kept");
}

#[tokio::test]
async fn tokens_that_lie_are_refused() {
    let fake = Fake::start().await;
    let (services, _dir) = open(settings(&fake)).await;
    let good = |nonce: &str| fake.claims(nonce);
    let with = |nonce: &str, more: Value| {
        let mut claims = good(nonce);
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let hs = |claims: &Value, secret: &[u8]| {
        let header = Header { kid: Some("one".into()), ..Header::new(Algorithm::HS256) };
        encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    let begun = begin(&services).await;
    let n = begun.nonce.as_str();
    let signed = |more: Value| sign(Some("one"), ONE, &with(n, more));
    let honest = sign(Some("one"), ONE, &good(n));
    let (head, rest) = honest.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let without = |claim: &str| {
        let mut claims = good(n);
        claims.as_object_mut().unwrap().remove(claim);
        sign(Some("one"), ONE, &claims)
    };
    let lies = [
        ("another key under the same name", sign(Some("one"), TWO, &good(n))),
        ("another key without a name", sign(None, TWO, &good(n))),
        ("a name that nobody has", sign(Some("three"), ONE, &good(n))),
        ("alg none", format!("{}.{payload}.", encoded(&json!({"alg": "none", "typ": "JWT"})))),
        ("alg none, with a signature", format!("{}.{payload}.{signature}", encoded(&json!({"alg": "none"})))),
        ("the public key as a secret", hs(&good(n), public("one", ONE).to_string().as_bytes())),
        ("the client's secret as a key", hs(&good(n), b"hunter 2")),
        ("a changed payload", format!("{head}.{}.{signature}", encoded(&with(n, json!({"sub": "root"}))))),
        ("no signature", format!("{head}.{payload}.")),
        ("nothing", String::new()),
        ("another issuer", signed(json!({"iss": "https://evil.example"}))),
        ("for somebody else", signed(json!({"aud": "other"}))),
        ("for several, given to nobody", signed(json!({"aud": ["orrery", "other"]}))),
        ("given to somebody else", signed(json!({"aud": ["orrery", "other"], "azp": "other"}))),
        ("expired", signed(json!({"exp": NOW_S - 61}))),
        ("from the future", signed(json!({"iat": NOW_S + 3_600}))),
        ("not valid yet", signed(json!({"nbf": NOW_S + 3_600}))),
        ("the answer to another question", signed(json!({"nonce": "x"}))),
        ("nobody", signed(json!({"sub": ""}))),
        ("without an end", without("exp")),
        ("without a nonce", without("nonce")),
        ("without an audience", without("aud")),
    ];
    for (what, token) in lies {
        fake.answer("/token", json!({"id_token": token}));
        let refused = finish(&services, &begun).await.err().unwrap_or_else(|| panic!("{what} was believed"));
        assert_eq!(refused.code, ErrorCode::Forbidden, "{what}: {refused}");
    }
    fake.answer("/token", json!({"id_token": honest}));
    assert!(finish(&services, &begun).await.is_ok(), "the honest one is believed");
    let audience = with(n, json!({"aud": ["other", "orrery"], "azp": "orrery"}));
    fake.answer("/token", json!({"id_token": sign(None, ONE, &audience)}));
    assert!(finish(&services, &begun).await.is_ok());
    // What it tells on request is about the same person, or it is not believed.
    fake.answer("/token", json!({"id_token": honest, "access_token": "t"}));
    fake.answer("/me", json!({"sub": "root"}));
    assert_eq!(finish(&services, &begun).await.err().unwrap().code, ErrorCode::Forbidden);
}

#[tokio::test]
async fn an_answer_belongs_to_the_browser_that_asked() {
    let fake = Fake::start().await;
    let (services, _dir) = open(settings(&fake)).await;
    let (mine, other) = (begin(&services).await, begin(&services).await);
    fake.answer("/token", json!({"id_token": sign(Some("one"), ONE, &fake.claims(&mine.nonce))}));
    let answer = |state: &str| OidcAnswer { code: "c".into(), state: state.into(), ..OidcAnswer::default() };
    let from = SignInFrom::default();
    for (what, cookie, answer, now) in [
        ("no cookie", None, answer(&mine.state), NOW),
        ("a forged cookie", Some("00000000.AAAA"), answer(&mine.state), NOW),
        ("another sign-in", Some(other.cookie.as_str()), answer(&mine.state), NOW),
        ("no state", Some(mine.cookie.as_str()), answer(""), NOW),
        ("too late", Some(mine.cookie.as_str()), answer(&mine.state), NOW + LASTS_MS),
        (
            "another provider",
            Some(mine.cookie.as_str()),
            OidcAnswer { iss: Some("x".into()), ..answer(&mine.state) },
            NOW,
        ),
        ("an error", Some(mine.cookie.as_str()), OidcAnswer { error: "denied".into(), ..answer(&mine.state) }, NOW),
        ("no code", Some(mine.cookie.as_str()), OidcAnswer { code: String::new(), ..answer(&mine.state) }, NOW),
    ] {
        let refused = services.oidc_complete_at(cookie, &answer, &from, now).await;
        assert_eq!(refused.err().map(|e| e.code), Some(ErrorCode::Forbidden), "{what}");
    }
    assert!(fake.asked("/token").is_empty(), "no code was spent on any of them");
    // The code of one sign-in is worth nothing in another one: its nonce differs.
    assert_eq!(finish(&services, &other).await.err().unwrap().code, ErrorCode::Forbidden);
    assert!(finish(&services, &mine).await.is_ok());
}

#[tokio::test]
async fn keys_change_and_other_hosts_are_not_asked() {
    let fake = Fake::start().await;
    let (services, _dir) = open(settings(&fake)).await;
    come(&services, &fake, json!({})).await.unwrap();
    // The next key is published, and used at once.
    fake.publish(&[("one", ONE), ("two", TWO)]);
    let begun = begin(&services).await;
    fake.answer("/token", json!({"id_token": sign(Some("two"), TWO, &fake.claims(&begun.nonce))}));
    let answer = OidcAnswer { code: "c".into(), state: begun.state.clone(), ..OidcAnswer::default() };
    let later = NOW + 11_000;
    let done = services.oidc_complete_at(Some(&begun.cookie), &answer, &SignInFrom::default(), later).await;
    assert!(done.is_ok(), "{:?}", done.err());
    assert_eq!(fake.asked("/jwks").len(), 2);
    // A key that nobody has is not asked for again and again.
    fake.answer("/token", json!({"id_token": sign(Some("three"), TWO, &fake.claims(&begun.nonce))}));
    for _ in 0..5 {
        _ = services.oidc_complete_at(Some(&begun.cookie), &answer, &SignInFrom::default(), later).await;
    }
    assert_eq!(fake.asked("/jwks").len(), 2);

    for (name, value) in [
        ("token_endpoint", "http://127.0.0.1:1/token"),
        ("jwks_uri", "http://169.254.169.254/latest"),
        ("userinfo_endpoint", "https://evil.example/me"),
        ("issuer", "http://127.0.0.1:1"),
    ] {
        let mut lying = fake.discovery();
        lying[name] = json!(value);
        fake.answer("/.well-known/openid-configuration", lying);
        let (services, _dir) = open(settings(&fake)).await;
        let refused = services.oidc_begin_at("/", NOW).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::SourceUnavailable, "{name}");
    }
    let plain = OidcSettings { issuer: "http://id.example.com".into(), ..settings(&fake) };
    assert!(Provider::open(plain).is_err(), "only this machine is reached without https");
}

#[tokio::test]
async fn an_address_alone_is_nobodys_account() {
    let fake = Fake::start().await;
    let (services, _dir) = open(OidcSettings { auto_create: false, ..settings(&fake) }).await;
    services.add_user("root", UserRole::Admin, Some("a long password")).await.unwrap();
    let root = services.local_caller(Some("root")).await.unwrap();
    services.store.set_email(&root.user_id, Some("root@example.com"), true).await.unwrap();
    let verified = json!({"email": "root@example.com", "email_verified": true});
    assert_eq!(
        come(&services, &fake, verified.clone()).await.unwrap_err().code,
        ErrorCode::Forbidden,
        "nobody linked it"
    );
    services.link_user(&root, &root.user_id, Some("root@example.com")).await.unwrap();
    for unverified in
        [json!({"email": "root@example.com"}), json!({"email": "root@example.com", "email_verified": false})]
    {
        assert_eq!(come(&services, &fake, unverified).await.unwrap_err().code, ErrorCode::Forbidden);
    }
    assert_eq!(come(&services, &fake, verified.clone()).await.unwrap().user_id, root.user_id);
    // It was for once: a second account at the provider does not take it over.
    let other = json!({"sub": "s-2", "email": "root@example.com", "email_verified": true});
    assert_eq!(come(&services, &fake, other).await.unwrap_err().code, ErrorCode::Forbidden);

    // An invitation is such a word of an administrator.
    let request = domain::account::InvitationRequest {
        email: "cem@example.com".into(),
        name: Some("cem".into()),
        role: UserRole::Creator,
        groups: Vec::new(),
    };
    let invited = services.invite(&root, &request).await.unwrap().invitation;
    let cem = json!({"sub": "s-3", "email": "CEM@example.com", "email_verified": true});
    let came = come(&services, &fake, cem.clone()).await.unwrap();
    assert_eq!((came.user_id, came.role), (invited.id.clone(), UserRole::Creator));
    assert!(services.list_invitations(&root).await.unwrap().is_empty());
    let patch = domain::api::UserPatch { is_active: Some(false), ..domain::api::UserPatch::default() };
    services.update_user(&root, &invited.id, patch).await.unwrap();
    assert_eq!(come(&services, &fake, cem).await.unwrap_err().code, ErrorCode::Forbidden);
}

#[tokio::test]
async fn roles_and_groups_follow_the_provider() {
    let fake = Fake::start().await;
    let role_map = OidcSettings::parse_role_map("bi-admins=admin,analysts=creator").unwrap();
    let (services, _dir) = open(OidcSettings { role_map, default_role: None, ..settings(&fake) }).await;
    let with = |groups: Value| json!({"groups": groups, "preferred_username": "ada lovelace"});
    assert_eq!(come(&services, &fake, with(json!(["guests"]))).await.unwrap_err().code, ErrorCode::Forbidden);
    let ada = come(&services, &fake, with(json!(["analysts", "guests"]))).await.unwrap();
    assert_eq!((ada.role, ada.name.as_str()), (UserRole::Creator, "adalovelace"));
    let ada = come(&services, &fake, with(json!(["analysts", "bi-admins", "", 7, "x\ny"]))).await.unwrap();
    assert_eq!((ada.role, ada.groups.len()), (UserRole::Admin, 2));
    // The last administrator stays one, whatever the provider says.
    let ada = come(&services, &fake, with(json!(["analysts"]))).await.unwrap();
    assert_eq!(ada.role, UserRole::Admin);
    services.add_user("root", UserRole::Admin, None).await.unwrap();
    let ada = come(&services, &fake, with(json!("analysts"))).await.unwrap();
    assert_eq!((ada.role, ada.groups.len()), (UserRole::Creator, 1));
    assert_eq!(come(&services, &fake, with(json!([]))).await.unwrap_err().code, ErrorCode::Forbidden);
}
