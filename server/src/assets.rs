//! The built page: files whose names carry their hash, compressed beforehand, cached for ever.

use app::Assets;
use axum::Router;
use axum::http::{HeaderValue, header};
use std::collections::HashMap;
use std::path::Path;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Reads the manifest that the build wrote: logical name to hashed name.
///
/// # Errors
/// The page has not been built.
pub(crate) fn manifest(site: &Path) -> Result<Assets, String> {
    let path = site.join("manifest.json");
    let missing = |_| format!("The page is not built: {} is missing. Run `make client`.", path.display());
    let text = std::fs::read_to_string(&path).map_err(missing)?;
    let names: HashMap<String, String> =
        serde_json::from_str(&text).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
    let address = |name: &str| names.get(name).map(|file| format!("/assets/{file}")).unwrap_or_default();
    Ok(Assets {
        css: address("style.css"),
        js: address("orrery.js"),
        wasm: address("orrery.wasm"),
        icons: address("icons.svg"),
        charts: address("echarts.js"),
    })
}

/// Serves the files of the site.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(site: &Path) -> Router<S> {
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    let files = ServeDir::new(site).precompressed_br().precompressed_gzip();
    let assets = Router::new()
        .fallback_service(files)
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, forever));
    Router::new().nest("/assets", assets).route_service("/favicon.svg", ServeFile::new(site.join("favicon.svg")))
}
