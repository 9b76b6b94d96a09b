//! The built page: files whose names carry their hash, compressed beforehand, cached for ever.

use app::Assets;
use axum::Router;
use axum::http::{HeaderValue, header};
use leptos::WasmSplitManifest;
use leptos::prelude::ArcStoredValue;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::path::Path;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Reads the manifest that the build wrote: logical name to hashed name.
///
/// # Errors
/// The page has not been built.
pub(crate) fn manifest(site: &Path) -> Result<Assets, String> {
    let names: HashMap<String, String> = read(&site.join("manifest.json"))?;
    let address = |name: &str| names.get(name).map(|file| format!("/assets/{file}")).unwrap_or_default();
    Ok(Assets {
        css: address("style.css"),
        js: address("orrery.js"),
        wasm: address("orrery.wasm"),
        icons: address("icons.svg"),
        charts: address("echarts.js"),
        editor: address("editor.js"),
    })
}

/// Which parts of the client's code go with which split point, so that a page can name
/// those it needs in its head instead of letting the browser find out.
///
/// # Errors
/// The page has not been built.
pub(crate) fn parts(site: &Path, assets: &Assets) -> Result<WasmSplitManifest, String> {
    let needs: HashMap<String, Vec<String>> = read(&site.join("parts.json"))?;
    // Leptos adds the extension and the folder again.
    let stem = |file: String| file.trim_end_matches(".wasm").to_owned();
    let needs = needs.into_iter().map(|(point, files)| (point, files.into_iter().map(stem).collect())).collect();
    let glue = assets.js.trim_start_matches("/assets/").to_owned();
    Ok(WasmSplitManifest(ArcStoredValue::new(("/assets".to_owned(), needs, glue))))
}

/// A file that the build wrote.
fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let missing = |_| format!("The page is not built: {} is missing. Run `make client`.", path.display());
    let text = std::fs::read_to_string(path).map_err(missing)?;
    serde_json::from_str(&text).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

/// Serves the files of the site.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(site: &Path) -> Router<S> {
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    let files = ServeDir::new(site).precompressed_br().precompressed_gzip();
    let assets = Router::new()
        .fallback_service(files)
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, forever));
    let icon = Router::new().route_service("/favicon.svg", ServeFile::new(site.join("favicon.svg"))).layer(
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("max-age=86400")),
    );
    Router::new().nest("/assets", assets).merge(icon)
}
