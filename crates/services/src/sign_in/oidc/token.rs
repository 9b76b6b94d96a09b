//! Whether an ID token may be believed (OpenID Connect Core 3.1.3.7). Time is an argument.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// How far clocks may differ.
const LEEWAY_S: i64 = 60;
/// Longer than this is no ID token.
const LONGEST: usize = 64 * 1024;

/// What a token says.
pub(super) type Claims = Map<String, Value>;

/// What it must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now_s: i64,
}

/// Why a token is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Distrust {
    /// None of the keys fits: the provider may have others by now.
    UnknownKey,
    /// For the log.
    Because(&'static str),
}

/// The claims of a token that one of the keys has signed, for us, in answer to our question.
pub(super) fn verify(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Claims, Distrust> {
    let because = |why| Err(Distrust::Because(why));
    if token.len() > LONGEST {
        return because("it is too long");
    }
    // A header that names no algorithm we know, such as `none`, cannot be read.
    let Ok(header) = decode_header(token) else { return because("its header cannot be read") };
    if !is_asymmetric(header.alg) {
        return because("it is not signed with a key pair");
    }
    let fit = |key: &&Jwk| {
        let named = header.kid.is_none() || key.common.key_id == header.kid;
        named && fits(key, header.alg)
    };
    let mut signed = keys.iter().filter(fit).peekable();
    if signed.peek().is_none() {
        return Err(Distrust::UnknownKey);
    }
    let mut validation = Validation::new(header.alg);
    // What it says is looked at below, with our own clock.
    validation.required_spec_claims = HashSet::new();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = signed.find_map(|key| {
        let key = DecodingKey::from_jwk(key).ok()?;
        decode::<Claims>(token, &key, &validation).ok().map(|data| data.claims)
    });
    match claims {
        Some(claims) => check(&claims, expected).map(|()| claims).map_err(Distrust::Because),
        // Without a name for the key, a key that we do not have may have signed it.
        None if header.kid.is_none() => Err(Distrust::UnknownKey),
        None => because("its signature is wrong"),
    }
}

fn is_asymmetric(algorithm: Algorithm) -> bool {
    !matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

/// Whether a key can have signed with this algorithm.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    if matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption)) {
        return false;
    }
    if let Some(own) = key.common.key_algorithm
        && own.to_string() != format!("{algorithm:?}")
    {
        return false;
    }
    match &key.algorithm {
        AlgorithmParameters::RSA(_) => matches!(
            algorithm,
            Algorithm::RS256
                | Algorithm::RS384
                | Algorithm::RS512
                | Algorithm::PS256
                | Algorithm::PS384
                | Algorithm::PS512
        ),
        AlgorithmParameters::EllipticCurve(curve) => match algorithm {
            Algorithm::ES256 => curve.curve == EllipticCurve::P256,
            Algorithm::ES384 => curve.curve == EllipticCurve::P384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(pair) => {
            algorithm == Algorithm::EdDSA && pair.curve == EllipticCurve::Ed25519
        }
        // A secret that is published is none.
        AlgorithmParameters::OctetKey(_) => false,
    }
}

fn check(claims: &Claims, expected: &Expected<'_>) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(|v| v.as_i64().or_else(|| Some(v.as_f64()?.floor() as i64)));
    if text("iss") != Some(expected.issuer) {
        return Err("it is of another issuer");
    }
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audience.contains(&expected.client_id) {
        return Err("it is for somebody else");
    }
    match text("azp") {
        Some(party) if party != expected.client_id => return Err("it was given to somebody else"),
        None if audience.len() > 1 => return Err("it is for several and names none it was given to"),
        _ => {}
    }
    let Some(expires) = time("exp") else { return Err("it does not say when it expires") };
    if expires.saturating_add(LEEWAY_S) <= expected.now_s {
        return Err("it has expired");
    }
    let Some(issued) = time("iat") else { return Err("it does not say when it was issued") };
    if issued > expected.now_s.saturating_add(LEEWAY_S) {
        return Err("it was issued in the future");
    }
    if time("nbf").is_some_and(|from| from > expected.now_s.saturating_add(LEEWAY_S)) {
        return Err("it is not valid yet");
    }
    if text("nonce") != Some(expected.nonce) {
        return Err("it answers another question");
    }
    if !text("sub").is_some_and(|subject| (1..=255).contains(&subject.len())) {
        return Err("it names nobody");
    }
    Ok(())
}
