//! All routes on one screen, and the layers around them.

use crate::peer::Proxies;
use crate::{assets, auth, config::Config, forms, guard, headers, http, links, overload, sign_in, unsubscribe, ws};
use app::{Assets, PageContext, ScreenKey, VisitKeys};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, header};
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
use tower_http::limit::RequestBodyLimitLayer;

/// JSON bodies and forms; uploads have their own limit.
pub(crate) const BODY_LIMIT: u64 = 16 * 1024 * 1024;

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
    /// Who is believed about where requests come from.
    pub(crate) proxies: Proxies,
    pub(crate) guard: Arc<guard::Guard>,
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
        // Server functions read their bodies themselves, so the limit below does not reach them.
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT as usize))
        .layer(middleware::from_fn_with_state(app.clone(), require_sign_in));
    Router::new()
        .merge(signed_in)
        .merge(http::routes())
        .merge(sign_in::routes())
        .route("/api/v1/live", get(ws::connect))
        .route("/login", get(forms::login_page).post(forms::login))
        .route("/logout", post(forms::logout))
        .route("/screen/{secret}", get(forms::screen))
        .route("/public/{secret}", get(links::open).post(links::open_with_password))
        .route("/embed/{id}", get(links::embed))
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
        .layer(DefaultBodyLimit::max(BODY_LIMIT as usize))
        .layer(CatchPanicLayer::custom(|_| http::Failure(domain::Error::internal()).into_response()))
        .layer(middleware::from_fn_with_state(headers::Https(app.behind_https()), headers::add))
        .with_state(app)
}

/// What pages and server functions find in their context.
#[derive(Clone)]
struct Provided(PageContext, Services, WasmSplitManifest, ScreenKey, VisitKeys);

async fn page_context(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Option<Caller>>().cloned().flatten();
    let theme = auth::cookie(request.headers(), "theme").unwrap_or_default();
    // On the page of a screen nobody is signed in, whoever else uses the browser.
    let path = request.uri().path();
    let caller = caller.filter(|_| path != auth::SCREEN_PATH && !path.starts_with(auth::SHARED_PATH));
    let page = PageContext { theme, caller, demo: app.demo, assets: (*app.assets).clone() };
    let key = ScreenKey(auth::cookie(request.headers(), auth::SCREEN_COOKIE));
    let visits = VisitKeys(auth::visits(request.headers()));
    let link = request.uri().path().strip_prefix(auth::SHARED_PATH).map(str::to_owned);
    request.extensions_mut().insert(Provided(page, app.services.clone(), app.parts.clone(), key, visits));
    let mut response = next.run(request).await;
    if let Some(link) = link {
        links::allow_frames(&app, &link, response.headers_mut()).await;
    }
    response
}

/// Puts what the page and its server functions need into their context.
fn provide_request() {
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(Provided(page, services, parts_of_client, key, visits)) = parts.extensions.get::<Provided>().cloned() {
        provide_context(page.caller.clone());
        provide_context(page);
        provide_context(services);
        provide_context(key);
        provide_context(visits);
        provide_context(parts_of_client);
    }
}

/// Pages are for people who are signed in; others are led to the form, in the demo straight in.
async fn require_sign_in(State(app): State<App>, request: Request, next: Next) -> Response {
    let signed_in = request.extensions().get::<Option<Caller>>().is_some_and(Option::is_some);
    let is_page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    let path = request.uri().path();
    // A wall's screen and the viewers of links have a link in the place of a person.
    if signed_in || !is_page || path == auth::SCREEN_PATH || path.starts_with(auth::SHARED_PATH) {
        return next.run(request).await;
    }
    sign_in_first(&app, request).await
}

async fn sign_in_first(app: &App, request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    if app.demo {
        let from = app.visitor(request.extensions(), request.headers());
        return match app.services.demo_session(&from).await {
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
