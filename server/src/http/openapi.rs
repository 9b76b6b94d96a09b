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
    // Measures and filters contain themselves, so utoipa does not look into them: what they name
    // is named here.
    components(schemas(
        ErrorBody,
        domain::query::Agg,
        domain::query::Calc,
        domain::query::CalcKind,
        domain::query::CalcOver,
        domain::query::Filter,
        domain::query::Measure,
        domain::query::Op,
    )),
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|v| references(v, found));
            }
            Value::Array(all) => all.iter().for_each(|v| references(v, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let api = serde_json::to_value(crate::http::description()).unwrap();
        let mut found = Vec::new();
        references(&api, &mut found);
        assert!(found.len() > 100, "only {} references", found.len());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(api.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }
}
