//! The menu of the dashboard.

use super::connected::Behind;
use super::csv;
use super::stage::{Stage, use_stage};
use crate::api;
use crate::components::*;
use crate::pages::deeds::Deed;
use crate::session::use_session;
use domain::UserRole;
use domain::api::NewDashboard;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::future::Future;

/// Everything of the dashboard that a program could make it from again.
fn exported(stage: Stage) -> Option<String> {
    let layout = stage.board.read(domain::document::Document::layout)?;
    let new = stage.about.with_value(|about| NewDashboard {
        name: stage.board.name().get_untracked(),
        description: stage.board.description().get_untracked(),
        slug: Some(about.slug.clone()),
        theme: Some(about.theme.clone()),
        cache_duration: Some(about.cache_duration),
        layout,
        settings: about.settings.clone(),
        is_public: about.is_public,
        is_default: false,
    });
    serde_json::to_string_pretty(&new).ok()
}

/// Shows the dashboard alone on the screen, or the page again.
fn toggle_full_screen() {
    let document = document();
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Ok(Some(board)) = document.query_selector(".board") {
        _ = board.request_fullscreen();
    }
}

/// What else can be done with the dashboard.
#[component]
pub(super) fn MoreMenu() -> impl IntoView {
    let stage = use_stage();
    let (deed, session) = (Deed::new(), use_session());
    let navigate = StoredValue::new(use_navigate());
    let go = move |path: &str| _ = navigate.try_with_value(|go| go(path, NavigateOptions::default()));
    let home = RwSignal::new(stage.about.with_value(|about| about.is_default));
    let trashing = RwSignal::new(false);
    let duplicate = move |()| {
        deed.run(api::document::duplicate(stage.board.id()), move |slug: String| {
            stage.toasts.good("Dashboard duplicated");
            go(&format!("/dashboards/{slug}"));
        });
    };
    let set_home = move |()| {
        let now = !home.get_untracked();
        deed.run(api::document::set_home(stage.board.id(), now), move |()| {
            _ = home.try_set(now);
            stage.toasts.good(if now {
                "This dashboard is your home now"
            } else {
                "Your home is the list of dashboards again"
            });
        });
    };
    let export = move |()| {
        if let Some(text) = exported(stage) {
            let name = csv::file_name(&stage.board.name().get_untracked());
            csv::save(&format!("{name}.json"), "application/json", &text);
        }
    };
    let trash = move |()| {
        let id = stage.board.id();
        deed.run(api::document::move_to_trash(id.clone()), move |()| {
            trashing.set(false);
            // This page is gone by then, but not the way back to it.
            let back = navigate.get_value();
            let undo = move || {
                let back = back.clone();
                deed_free(api::document::restore(id.clone()), stage, move |slug: String| {
                    back(&format!("/dashboards/{slug}"), NavigateOptions::default());
                });
            };
            stage.toasts.action("Dashboard moved to the trash", "Undo", undo);
            go("/dashboards");
        });
    };
    let full = Callback::new(move |()| toggle_full_screen());
    use_shortcuts().add("Dashboard", "v", "Full screen", full);
    let question = Signal::derive(move || format!("Move “{}” to the trash?", stage.board.name().get()));
    let is_owner = stage.is_owner();
    let publishing = super::history::use_draft().open;
    let asks = session.has_role(UserRole::Explorer);
    let alert = move |()| go(&format!("/alerts/new?dashboard={}", stage.about.with_value(|about| about.slug.clone())));
    let may_copy = session.has_role(UserRole::Creator);
    view! {
        <Menu label="More" align=Align::End attr:data-testid="board-menu">
            {may_copy.then(|| view! { <MenuItem icon="copy" on_click=duplicate>"Duplicate"</MenuItem> })}
            <MenuItem icon="house" on_click=set_home>
                {move || if home.get() { "No longer my home" } else { "Set as my home" }}
            </MenuItem>
            <MenuItem icon="lightbulb" on_click=move |()| stage.behind.set(Some(Behind::Changes))>"What changed"</MenuItem>
            {asks.then(|| view! { <MenuItem icon="bell" on_click=alert>"New alert…"</MenuItem> })}
            <MenuLink icon="waypoints" href=stage.about.with_value(|about| format!("/dashboards/{}/what-if", about.slug))>"What if…"</MenuLink>
            {stage.can_edit().then(|| view! {
                <MenuLink icon="history" href=stage.about.with_value(|about| format!("/dashboards/{}/history", about.slug))>
                    "History"
                </MenuLink>
                <MenuItem icon="eye" on_click=move |()| publishing.set(true)>"Publishing…"</MenuItem>
            })}
            <MenuItem icon="download" on_click=export>"Export JSON"</MenuItem>
            <MenuItem icon="maximize-2" keys="v" on_click=full>"Full screen"</MenuItem>
            <MenuItem icon="monitor" on_click=move |()| stage.walling.set(true)>"Show on a wall"</MenuItem>
            {stage.can_edit().then(|| view! {
                <MenuItem icon="globe" on_click=move |()| stage.linking.set(true)>"Public links…"</MenuItem>
            })}
            {is_owner.then(|| view! {
                <MenuDivider/>
                <MenuItem icon="trash-2" danger=true on_click=move |()| trashing.set(true)>"Move to trash"</MenuItem>
            })}
        </Menu>
        <ConfirmDialog
            open=trashing
            title=question
            text="Those it is shared with cannot open it any more. You can restore it from the trash."
            confirm="Move to trash"
            busy=deed.busy
            on_confirm=trash
        />
    }
    .into_any()
}

/// As [`Deed::run`], for when the page is gone already.
fn deed_free(
    work: impl Future<Output = api::Result<String>> + 'static,
    stage: Stage,
    done: impl FnOnce(String) + 'static,
) {
    let toasts = stage.toasts;
    leptos::task::spawn_local(async move {
        match work.await {
            Ok(slug) => done(slug),
            Err(error) => toasts.error(&error.0),
        }
    });
}
