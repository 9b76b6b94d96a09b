//! One dashboard in the gallery.

use super::{Sketch, Stars};
use crate::api::document::{duplicate, move_to_trash, restore, set_home, set_star};
use crate::api::sharing::Thing;
use crate::components::*;
use crate::pages::deeds::{Deed, day};
use crate::pages::folders::MoveDialog;
use crate::theme::use_theme;
use domain::Access;
use domain::dashboard::DashboardSummary;
use leptos::prelude::*;

/// A dashboard: picture, name, who made it and when it changed; a star and a menu.
#[component]
pub(super) fn DashboardCard(item: DashboardSummary, stars: Stars, reload: Callback<()>) -> impl IntoView {
    let id = StoredValue::new(item.id.clone());
    let starred = RwSignal::new(stars.with_value(|s| s.get(&item.id).copied()).unwrap_or(item.is_starred));
    let deed = Deed::new();
    let star = move |()| {
        let now = !starred.get_untracked();
        starred.set(now);
        stars.update_value(|s| _ = s.insert(id.get_value(), now));
        let work = async move {
            let result = set_star(id.get_value(), now).await;
            if result.is_err() {
                _ = starred.try_set(!now);
                _ = stars.try_update_value(|s| s.remove(&id.try_get_value().unwrap_or_default()));
            }
            result
        };
        deed.run(work, |()| {});
    };
    let label = {
        let name = item.name.clone();
        Signal::derive(
            move || if starred.get() { format!("Remove the star from {name}") } else { format!("Star {name}") },
        )
    };
    let described =
        (!item.description.is_empty()).then(|| view! { <p class="dash-description">{item.description.clone()}</p> });
    view! {
        <li class="card dash-card" data-testid="dashboard-card" data-slug=item.slug.clone()>
            <Picture item=item.clone()/>
            <div class="dash-body">
                <div class="dash-head">
                    <h2 class="truncate grow">
                        <a class="card-link" href=format!("/dashboards/{}", item.slug)>{item.name.clone()}</a>
                    </h2>
                    <div class="card-above row" class:is-starred=move || starred.get()>
                        <IconButton icon="star" label size=Size::Small pressed=starred on_click=star attr:data-testid="star"/>
                        <CardMenu item=item.clone() deed reload/>
                    </div>
                </div>
                {described}
                <p class="dash-foot">
                    <span class="truncate">{item.owner_name.clone()}</span>
                    <time datetime=item.updated_at.clone()>{day(&item.updated_at)}</time>
                    {item.is_default.then(|| view! { <Badge tone=Tone::Accent icon="house">"Home"</Badge> })}
                    {item.is_public.then(|| view! { <Badge icon="globe">"Everybody"</Badge> })}
                </p>
            </div>
        </li>
    }
    .into_any()
}

/// The dashboard as it looks, over the sketch of its layout, which stays where there is no picture.
#[component]
fn Picture(item: DashboardSummary) -> impl IntoView {
    let theme = use_theme();
    let address = RwSignal::new(None::<String>);
    let seen = RwSignal::new(false);
    let base = format!("/api/v1/dashboards/{}/thumbnail", item.id);
    // Which theme it is, only the browser knows.
    Effect::new(move |_| {
        let dark = theme.dark();
        seen.set(false);
        address.set(Some(format!("{base}?dark={dark}")));
    });
    let picture = move || {
        address.get().map(|address| {
            view! {
                <img
                    class="dash-thumb"
                    class:is-seen=move || seen.get()
                    src=address
                    alt=""
                    loading="lazy"
                    decoding="async"
                    data-testid="dashboard-thumbnail"
                    on:load=move |_| seen.set(true)
                />
            }
        })
    };
    view! {
        <div class="dash-picture">
            <Sketch tiles=item.sketch/>
            {picture}
        </div>
    }
    .into_any()
}

#[component]
fn CardMenu(item: DashboardSummary, deed: Deed, reload: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let (home, own) = (item.is_default, item.access == Access::Owner);
    let moves = item.access >= Access::Edit;
    let moving = RwSignal::new(false);
    let name = StoredValue::new(item.name.clone());
    let slug = StoredValue::new(item.slug);
    let id = StoredValue::new(item.id);
    let copy = move |()| {
        deed.run(duplicate(id.get_value()), move |_| {
            toasts.good("Dashboard duplicated");
            _ = reload.try_run(());
        });
    };
    let make_home = move |()| {
        deed.run(set_home(id.get_value(), !home), move |()| {
            toasts.good(if home { "Your home is the overview again" } else { "This dashboard is now your home" });
            _ = reload.try_run(());
        });
    };
    let trash = move |()| {
        let id = id.get_value();
        deed.run(move_to_trash(id.clone()), move |()| {
            let back = move || {
                let id = id.clone();
                leptos::task::spawn_local(async move {
                    match restore(id).await {
                        Ok(_) => _ = reload.try_run(()),
                        Err(error) => toasts.error(&error.0),
                    }
                });
            };
            toasts.action("Dashboard moved to the trash", "Undo", back);
            _ = reload.try_run(());
        });
    };
    view! {
        <Menu
            label=format!("More for {}", name.get_value())
            button_class="btn btn-ghost btn-sm"
            align=Align::End
        >
            <MenuLink href=format!("/dashboards/{}", slug.get_value()) icon="layout-dashboard">"Open"</MenuLink>
            <MenuItem icon="copy" on_click=copy>"Duplicate"</MenuItem>
            <MenuItem icon="house" on_click=make_home>{if home { "No longer my home" } else { "Set as my home" }}</MenuItem>
            <a
                class="menu-item"
                role="menuitem"
                tabindex="-1"
                href=format!("/api/v1/dashboards/{}", slug.get_value())
                download=format!("{}.json", slug.get_value())
                rel="external"
            >
                <Icon name="download"/>
                <span class="menu-text">"Export JSON"</span>
            </a>
            {moves.then(|| view! { <MenuItem icon="folder" on_click=move |()| moving.set(true)>"Move to folder…"</MenuItem> })}
            {own.then(|| view! {
                <MenuDivider/>
                <MenuItem icon="trash-2" danger=true on_click=trash>"Move to trash"</MenuItem>
            })}
        </Menu>
        {moves.then(|| view! { <MoveDialog open=moving thing=Thing::Dashboard id done=reload/> })}
    }
    .into_any()
}
