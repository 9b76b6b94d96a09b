//! What every answer says of itself: what its page may do, who may frame it, who may keep it.
//!
//! Pages of the application bring a policy of their own with the nonce of their scripts
//! ([`app::shell::content_security_policy`]); what is here holds for all else.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// For what has no script: forms, the description of the API, errors.
pub(crate) const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'self'";
/// Nothing of what browsers can do beyond showing pages is used, but for the whole screen of a wall,
/// its lock, and copying.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";
/// Two years, as the lists of browsers ask for.
const HTTPS_ONLY: &str = "max-age=63072000; includeSubDomains";
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Whether people reach the server by https.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Https(pub(crate) bool);

/// Adds what an answer does not say itself.
pub(crate) async fn add(State(Https(https)): State<Https>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    set(response.headers_mut(), https);
    response
}

/// Whether a page says that other sites may have it in a frame.
fn is_framed_elsewhere(headers: &HeaderMap) -> bool {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let sources = policy.split(';').find_map(|part| part.trim().strip_prefix("frame-ancestors "));
    sources.is_some_and(|sources| sources.trim() != "'self'")
}

fn set(headers: &mut HeaderMap, https: bool) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (PERMISSIONS_POLICY, PERMISSIONS),
        (RESOURCE_POLICY, "same-origin"),
        // What is meant for one reader is kept by nobody: what may be kept says so itself, as the
        // built files do.
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static(HTTPS_ONLY));
        // Browsers complain about it where there is no https.
        headers.entry(OPENER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    }
    // The old header knows no list: where others may, the policy alone says it.
    if !is_framed_elsewhere(headers) {
        headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("SAMEORIGIN"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(https: bool, own: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers: HeaderMap = own.iter().map(|(n, v)| (n.clone(), HeaderValue::from_static(v))).collect();
        set(&mut headers, https);
        headers
    }

    #[test]
    fn no_policy_lets_scripts_in_that_are_not_ours() {
        for policy in [CONTENT_POLICY.to_owned(), app::shell::content_security_policy("n0nce")] {
            let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap();
            for word in ["'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "data:"] {
                assert!(!scripts.split(' ').any(|source| source == word), "{scripts}");
            }
            for part in
                ["object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'self'", "connect-src"]
            {
                assert!(policy.contains(part), "{policy} lacks {part}");
            }
        }
    }

    #[test]
    fn https_is_asked_for_only_behind_https() {
        assert!(!of(false, &[]).contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(of(true, &[])[header::STRICT_TRANSPORT_SECURITY].to_str().unwrap().starts_with("max-age=6"));
    }

    #[test]
    fn what_says_nothing_is_kept_by_nobody_and_framed_by_nobody_else() {
        let headers = of(false, &[]);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::X_FRAME_OPTIONS], "SAMEORIGIN");
        assert_eq!(headers[header::REFERRER_POLICY], "same-origin");
        let built = of(false, &[(header::CACHE_CONTROL, "public, max-age=31536000, immutable")]);
        assert_eq!(built[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    }

    #[test]
    fn an_embedded_page_names_who_may_frame_it() {
        let policy = "default-src 'self'; frame-ancestors 'self' https://shop.example";
        let headers = of(false, &[(header::CONTENT_SECURITY_POLICY, policy)]);
        assert!(!headers.contains_key(header::X_FRAME_OPTIONS));
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], policy);
        let own = of(false, &[(header::CONTENT_SECURITY_POLICY, "frame-ancestors 'self'")]);
        assert_eq!(own[header::X_FRAME_OPTIONS], "SAMEORIGIN");
    }
}
