//! What every answer says of itself: what its page may do, who may frame it, who may keep it.
//!
//! Pages of the application bring a policy of their own with the nonce of their scripts
//! ([`app::shell::content_security_policy`]); what is here holds for all else.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// For what has no script: forms, the description of the API, errors.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'self'";
/// Nothing of what browsers can do beyond showing pages is used, but for the whole screen of a wall,
/// its lock, and copying.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()";
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
    let frames = frame_ancestors(request.uri().path());
    let mut response = next.run(request).await;
    set(response.headers_mut(), https, frames.as_deref());
    response
}

/// Who may show a page in a frame, where it is not only this server: the sources of `frame-ancestors`.
pub(crate) fn frame_ancestors(_path: &str) -> Option<String> {
    None
}

fn set(headers: &mut HeaderMap, https: bool, frames: Option<&str>) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (PERMISSIONS_POLICY, PERMISSIONS),
        (OPENER_POLICY, "same-origin"),
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
    }
    match frames {
        None => _ = headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("SAMEORIGIN")),
        // The old header knows no list, so the policy alone says it.
        Some(sources) => {
            let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|v| v.to_str().ok()).unwrap_or(POLICY);
            let policy = policy.replace("frame-ancestors 'self'", &format!("frame-ancestors {sources}"));
            if let Ok(value) = HeaderValue::from_str(&policy) {
                headers.insert(header::CONTENT_SECURITY_POLICY, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(https: bool, frames: Option<&str>, own: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers: HeaderMap = own.iter().map(|(n, v)| (n.clone(), HeaderValue::from_static(v))).collect();
        set(&mut headers, https, frames);
        headers
    }

    #[test]
    fn no_policy_lets_scripts_in_that_are_not_ours() {
        for policy in [POLICY.to_owned(), app::shell::content_security_policy("n0nce")] {
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
        assert!(!of(false, None, &[]).contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(of(true, None, &[])[header::STRICT_TRANSPORT_SECURITY].to_str().unwrap().starts_with("max-age=6"));
    }

    #[test]
    fn what_says_nothing_is_kept_by_nobody_and_framed_by_nobody_else() {
        let headers = of(false, None, &[]);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::X_FRAME_OPTIONS], "SAMEORIGIN");
        assert_eq!(headers[header::REFERRER_POLICY], "same-origin");
        let built = of(false, None, &[(header::CACHE_CONTROL, "public, max-age=31536000, immutable")]);
        assert_eq!(built[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    }

    #[test]
    fn an_embedded_page_names_who_may_frame_it() {
        let headers = of(false, Some("https://shop.example"), &[]);
        assert!(!headers.contains_key(header::X_FRAME_OPTIONS));
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.ends_with("frame-ancestors https://shop.example"), "{policy}");
    }
}
