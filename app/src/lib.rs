//! The screens of Orrery: routes, pages, components and the server functions behind them.
//!
//! The same code renders on the server (`ssr`) and takes over in the browser (`hydrate`).

#![allow(unreachable_pub, reason = "the component macro makes public items of private ones")]

pub mod api;
pub mod board;
pub mod components;
mod lazy;
pub mod live;
pub mod pages;
pub mod session;
pub mod shell;
pub mod theme;
pub mod tiles;

pub use shell::{Assets, PageContext, ScreenKey, VisitKeys, shell};

use components::frame::Frame;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{Lazy, SsrMode, path};
use pages::NotFoundPage;

/// Blocking resources are part of the first answer, the others stream in after it.
const SSR: SsrMode = SsrMode::PartiallyBlocked;

/// The application: contexts, frame and routes.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    session::provide_session();
    theme::provide_theme();
    components::toast::provide_toasts();
    components::shortcuts::provide_shortcuts();
    components::palette::provide_palette();
    pages::finder::provide_finder();
    live::provide_socket();

    view! {
        <Title formatter=|title: String| if title.is_empty() { "Orrery".to_owned() } else { format!("{title} · Orrery") }/>
        <Router>
            <Frame>
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/") view={Lazy::<lazy::Home>::new()} ssr=SSR/>
                    <Route path=path!("/data") view={Lazy::<lazy::Data>::new()} ssr=SSR/>
                    <Route path=path!("/data/:name") view={Lazy::<lazy::Dataset>::new()} ssr=SSR/>
                    <Route path=path!("/sources/:id") view={Lazy::<lazy::Source>::new()} ssr=SSR/>
                    <Route path=path!("/dashboards") view={Lazy::<lazy::Dashboards>::new()} ssr=SSR/>
                    <Route path=path!("/dashboards/:slug") view={Lazy::<lazy::Dashboard>::new()} ssr=SSR/>
                    <Route path=path!("/dashboards/:slug/history") view={Lazy::<lazy::History>::new()} ssr=SSR/>
                    <Route path=path!("/dashboards/:slug/what-if") view={Lazy::<lazy::WhatIf>::new()} ssr=SSR/>
                    <Route path=path!("/wall") view={Lazy::<lazy::Wall>::new()} ssr=SSR/>
                    <Route path=path!("/wall/:boards") view={Lazy::<lazy::Wall>::new()} ssr=SSR/>
                    <Route path=path!("/shared/:link") view={Lazy::<lazy::Shared>::new()} ssr=SSR/>
                    <Route path=path!("/screen") view={Lazy::<lazy::Wall>::new()} ssr=SSR/>
                    <Route path=path!("/ask") view={Lazy::<lazy::Ask>::new()} ssr=SSR/>
                    <Route path=path!("/explore") view={Lazy::<lazy::Explore>::new()} ssr=SSR/>
                    <Route path=path!("/charts") view={Lazy::<lazy::Charts>::new()} ssr=SSR/>
                    <Route path=path!("/analytics/report-builder") view={Lazy::<lazy::ReportBuilder>::new()} ssr=SSR/>
                    <Route path=path!("/reports") view={Lazy::<lazy::Reports>::new()} ssr=SSR/>
                    <Route path=path!("/reports/:id") view={Lazy::<lazy::Report>::new()} ssr=SSR/>
                    <Route path=path!("/sql") view={Lazy::<lazy::Sql>::new()} ssr=SSR/>
                    <Route path=path!("/metrics") view={Lazy::<lazy::Metrics>::new()} ssr=SSR/>
                    <Route path=path!("/metrics/:id") view={Lazy::<lazy::Metric>::new()} ssr=SSR/>
                    <Route path=path!("/forecasts") view={Lazy::<lazy::Forecasts>::new()} ssr=SSR/>
                    <Route path=path!("/forecasts/new") view={Lazy::<lazy::NewForecast>::new()} ssr=SSR/>
                    <Route path=path!("/forecasts/:id") view={Lazy::<lazy::Forecast>::new()} ssr=SSR/>
                    <Route path=path!("/alerts") view={Lazy::<lazy::Alerts>::new()} ssr=SSR/>
                    <Route path=path!("/alerts/new") view={Lazy::<lazy::NewAlert>::new()} ssr=SSR/>
                    <Route path=path!("/alerts/:id") view={Lazy::<lazy::Alert>::new()} ssr=SSR/>
                    <Route path=path!("/insights") view={Lazy::<lazy::Insights>::new()} ssr=SSR/>
                    <Route path=path!("/models") view={Lazy::<lazy::Models>::new()} ssr=SSR/>
                    <Route path=path!("/models/new") view={Lazy::<lazy::NewModel>::new()} ssr=SSR/>
                    <Route path=path!("/models/:id") view={Lazy::<lazy::Model>::new()} ssr=SSR/>
                    <Route path=path!("/inbox") view={Lazy::<lazy::Inbox>::new()} ssr=SSR/>
                    <Route path=path!("/account") view={Lazy::<lazy::Account>::new()} ssr=SSR/>
                    <Route path=path!("/admin") view={Lazy::<lazy::Admin>::new()} ssr=SSR/>
                </FlatRoutes>
            </Frame>
        </Router>
    }
}

/// Tells tests and style sheets that the page now answers to clicks.
pub fn mark_hydrated() {
    // A task of its own, so that effects of the components have run as well.
    set_timeout(
        || {
            if let Some(root) = document().document_element() {
                _ = root.set_attribute("data-hydrated", "true");
            }
        },
        std::time::Duration::ZERO,
    );
}
