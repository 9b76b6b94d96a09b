//! All routes on one screen, and the layers around them.

use crate::{assets, auth, config::Config, forms, http, overload, unsubscribe, ws};
use app::{Assets, PageContext, ScreenKey};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::Caller;
use leptos::WasmSplitManifest;
use leptos::config::LeptosOptions;
use leptos::context::provide_context;
use leptos::prelude::use_context;
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};
use services::Services;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// JSON bodies and forms; uploads have their own limit.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// What every handler can reach.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) services: Services,
    pub(crate) assets: Arc<Assets>,
    pub(crate) parts: WasmSplitManifest,
    pub(crate) leptos: LeptosOptions,
    /// Signs visitors in as the demo user.
    pub(crate) demo: bool,
    pub(crate) public_url: Option<String>,
    pub(crate) sockets: Arc<ws::Sockets>,
}

impl axum::extract::FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.leptos.clone()
    }
}

/// Everything the server answers.
pub(crate) fn router(app: App, config: &Config) -> Router {
    let pages = generate_route_list(app::App);
    let page_app = app.clone();
    let signed_in = Router::new()
        .leptos_routes_with_context(&app, pages, provide_request, app::shell)
        .layer(middleware::from_fn_with_state(app.clone(), require_sign_in));
    Router::new()
        .merge(signed_in)
        .merge(http::routes())
        .route("/api/v1/live", get(ws::connect))
        .route("/login", get(forms::login_page).post(forms::login))
        .route("/logout", post(forms::logout))
        .route("/screen/{secret}", get(forms::screen))
        .route("/setup", get(forms::setup_page).post(forms::setup))
        .route("/unsubscribe", get(unsubscribe::ask).post(unsubscribe::unsubscribe))
        .fallback(nothing_here)
        .layer(middleware::from_fn_with_state(page_app, page_context))
        .layer(middleware::from_fn_with_state(app.clone(), auth::identify))
        .layer(middleware::from_fn_with_state(overload::Gate::new(), overload::admit))
        .merge(assets::routes(&config.site_dir))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(http::ready))
        .method_not_allowed_fallback(http::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::custom(|_| http::Failure(domain::Error::internal()).into_response()))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed(header::X_FRAME_OPTIONS, "SAMEORIGIN"))
        .layer(fixed(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'",
        ))
        .with_state(app)
}

fn fixed(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// What pages and server functions find in their context.
#[derive(Clone)]
struct Provided(PageContext, Services, WasmSplitManifest, ScreenKey);

async fn page_context(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Option<Caller>>().cloned().flatten();
    let theme = auth::cookie(request.headers(), "theme").unwrap_or_default();
    // On the page of a screen nobody is signed in, whoever else uses the browser.
    let caller = caller.filter(|_| request.uri().path() != auth::SCREEN_PATH);
    let page = PageContext { theme, caller, demo: app.demo, assets: (*app.assets).clone() };
    let key = ScreenKey(auth::cookie(request.headers(), auth::SCREEN_COOKIE));
    request.extensions_mut().insert(Provided(page, app.services.clone(), app.parts.clone(), key));
    next.run(request).await
}

/// Puts what the page and its server functions need into their context.
fn provide_request() {
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(Provided(page, services, parts_of_client, key)) = parts.extensions.get::<Provided>().cloned() {
        provide_context(page.caller.clone());
        provide_context(page);
        provide_context(services);
        provide_context(key);
        provide_context(parts_of_client);
    }
}

/// Pages are for people who are signed in; others are led to the form, in the demo straight in.
async fn require_sign_in(State(app): State<App>, request: Request, next: Next) -> Response {
    let signed_in = request.extensions().get::<Option<Caller>>().is_some_and(Option::is_some);
    let is_page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    // A wall's screen has a link in the place of a person.
    if signed_in || !is_page || request.uri().path() == auth::SCREEN_PATH {
        return next.run(request).await;
    }
    sign_in_first(&app, request).await
}

async fn sign_in_first(app: &App, request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    if app.demo {
        let agent = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        return match app.services.demo_session(agent).await {
            Ok(session) => forms::signed_in(app, &session, &target),
            Err(error) => http::Failure(error).into_response(),
        };
    }
    let query = serde_urlencoded::to_string([("next", target)]).unwrap_or_default();
    Redirect::to(&format!("/login?{query}")).into_response()
}

/// An address that leads nowhere: a page for people, an error as JSON for programs.
async fn nothing_here(State(app): State<App>, request: Request) -> Response {
    let is_page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    let accepted = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !is_page || !accepted.contains("text/html") {
        return http::not_found().await.into_response();
    }
    if !request.extensions().get::<Option<Caller>>().is_some_and(Option::is_some) {
        return sign_in_first(&app, request).await;
    }
    render_app_async_with_context(provide_request, app::shell)(request).await
}
