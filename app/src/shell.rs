//! The HTML document around the application, and what the server must know to write it.

use crate::App;
use domain::Caller;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;
use serde::{Deserialize, Serialize};

/// Addresses of the built files, with their content hash, from the site's `manifest.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The glue module that starts the WebAssembly.
    pub js: String,
    /// The WebAssembly itself.
    pub wasm: String,
    /// The icon sprite; an icon is `{icons}#i-{name}`.
    pub icons: String,
    /// The chart drawing module, imported when the first chart is shown.
    pub charts: String,
    /// The SQL editor, imported by its page.
    pub editor: String,
}

/// What the server knows about a request. It provides one as Leptos context for every page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageContext {
    /// Value of the cookie `theme`: `light`, `dark` or `auto`. Anything else counts as `auto`.
    pub theme: String,
    /// Who is signed in.
    pub caller: Option<Caller>,
    /// The server runs as `orrery demo`.
    pub demo: bool,
    pub assets: Assets,
}

/// The secret of a wall link, where the browser of a screen has one. Only the page of screens asks
/// for it: it opens nothing else.
#[derive(Clone, Debug, Default)]
pub struct ScreenKey(pub Option<String>);

/// The visits of public and embedded links that the browser has, by link. Only what is asked about a
/// dashboard by its link looks at them.
#[derive(Clone, Debug, Default)]
pub struct VisitKeys(pub std::collections::BTreeMap<String, String>);

/// The value of the header `Content-Security-Policy`: scripts and style sheets only from us or with
/// this nonce, which the SQL editor gives its own. Attributes may carry style (tiles are placed with it).
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data: blob: https:; font-src 'self'; connect-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )
}

/// Writes the whole document. Server only; the browser hydrates its body.
pub fn shell() -> impl IntoView {
    let page = use_context::<PageContext>().unwrap_or_default();
    let theme = crate::theme::Theme::parse(&page.theme).as_str();
    let locale = crate::session::looks().locale;
    let nonce = use_nonce();
    #[cfg(feature = "ssr")]
    set_security_header(nonce.as_deref().unwrap_or_default());
    let Assets { css, js, wasm, icons, charts, editor } = page.assets;
    let start = format!(
        // WebAssembly has no `import()` of its own: charts are fetched through this one.
        "window.orreryImport = url => import(url); \
         import({}).then(mod => mod.default({{module_or_path: {}}}).then(() => mod.hydrate()));",
        script_text(&js),
        script_text(&wasm),
    );
    view! {
        <!DOCTYPE html>
        <html lang="en" dir="ltr" data-theme=theme data-locale=locale data-icons=icons data-charts=charts.clone() data-editor=editor.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="referrer" content="same-origin"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=css/>
                <link rel="modulepreload" href=js/>
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin=""/>
                {path_is(draws_charts).then(|| view! { <link rel="modulepreload" href=charts.clone()/> })}
                {path_is(writes_sql).then(|| view! { <link rel="modulepreload" href=editor.clone()/> })}
                <script type="module" nonce=nonce.clone() inner_html=start></script>
                {path_is(holds_load).then(|| view! { <script nonce=nonce inner_html=HOLD_LOAD></script> })}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Keeps the page "loading" until it answers to clicks: a frame whose document is written and not
/// closed. At most so long as a person would wait.
const HOLD_LOAD: &str = "(() => { \
    const root = document.documentElement, hold = document.createElement('iframe'); \
    hold.hidden = true; root.append(hold); hold.contentDocument.open(); \
    const free = () => { seen.disconnect(); hold.contentDocument?.close(); hold.remove(); }; \
    const seen = new MutationObserver(() => root.dataset.hydrated && free()); \
    seen.observe(root, {attributes: true}); setTimeout(free, 10000); })()";

/// Scripts drive the report builder from the moment it has loaded, without looking whether it
/// listens yet.
fn holds_load(path: &str) -> bool {
    path == crate::pages::report_builder::PATH
}

/// Pages on which a chart is the first thing to see: what draws it comes along with the rest.
fn draws_charts(path: &str) -> bool {
    path.starts_with("/dashboards/")
        || path.starts_with("/wall")
        || path == crate::pages::wall::SCREEN
        || path.starts_with("/reports/")
        || path.starts_with("/forecasts/")
        || matches!(path, "/explore" | "/charts")
}

/// The page that is an editor.
fn writes_sql(path: &str) -> bool {
    path == crate::pages::sql::PATH
}

/// Whether the path of the request is one of those. Decided on the server alone.
fn path_is(meant: fn(&str) -> bool) -> bool {
    #[cfg(feature = "ssr")]
    let is = use_context::<axum::http::request::Parts>().is_some_and(|parts| meant(parts.uri.path()));
    #[cfg(not(feature = "ssr"))]
    let is = {
        _ = meant;
        false
    };
    is
}

/// A string literal that is safe inside a script element.
fn script_text(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('<', "\\u003c")
}

#[cfg(feature = "ssr")]
fn set_security_header(nonce: &str) {
    use axum::http::{HeaderValue, header::CONTENT_SECURITY_POLICY};
    let Some(response) = use_context::<leptos_axum::ResponseOptions>() else { return };
    if let Ok(value) = HeaderValue::from_str(&content_security_policy(nonce)) {
        response.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_leave_its_script() {
        assert_eq!(script_text("/a.js"), "\"/a.js\"");
        assert_eq!(script_text("</script>\""), "\"\\u003c/script>\\\"\"");
    }

    #[test]
    fn the_policy_has_no_unsafe_scripts() {
        let policy = content_security_policy("abc");
        assert!(policy.contains("script-src 'self' 'nonce-abc' 'wasm-unsafe-eval';"));
        assert!(policy.contains("style-src 'self' 'nonce-abc';"));
        assert!(!policy.contains("unsafe-eval' 'unsafe-inline"));
    }
}
