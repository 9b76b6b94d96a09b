//! The description of the API, and a page to browse it.

use super::errors::ErrorBody;
use crate::auth::Who;
use crate::router::App;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

#[derive(OpenApi)]
#[openapi(
    info(title = "Orrery", description = "Datasets, questions, dashboards and metrics."),
    components(schemas(ErrorBody, domain::query::Agg)),
    security(("bearer" = []), ("session" = [])),
)]
struct Base;

/// The frame of the description; the routes add themselves.
pub(crate) fn document() -> Document {
    let mut document = Base::openapi();
    if let Some(components) = &mut document.components {
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        components.add_security_scheme("bearer", bearer);
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(crate::auth::COOKIE)));
        components.add_security_scheme("session", cookie);
    }
    document
}

/// `/api/v1/openapi.json` and `/api/docs`, for those who are signed in.
pub(crate) fn routes(api: Document) -> Router<App> {
    let page = Arc::new(page(&api));
    let api = Arc::new(api);
    let json = move |_: Who| {
        let api = api.clone();
        async move { Json((*api).clone()).into_response() }
    };
    let docs = move |_: Who| {
        let page = page.clone();
        async move { Html((*page).clone()) }
    };
    Router::new().route("/api/v1/openapi.json", get(json)).route("/api/docs", get(docs))
}

/// A plain page that lists every operation: no script, so nothing to trust.
fn page(api: &Document) -> String {
    let value = serde_json::to_value(api).unwrap_or_default();
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Orrery API</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><main><h1>Orrery API</h1>\
         <p>Send a token as <code>Authorization: Bearer …</code>. The description for programs is at \
         <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p>",
    );
    for (path, methods) in value["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let text = |key: &str| crate::forms::escape(operation[key].as_str().unwrap_or_default());
            let (path, method) = (crate::forms::escape(path), method.to_uppercase());
            html.push_str(&format!(
                "<h2><code>{method} {path}</code></h2><p>{}</p><p>{}</p>",
                text("summary"),
                text("description")
            ));
        }
    }
    html.push_str("</main></html>");
    html
}
