//! The frame around every page: navigation at the side, at the bottom on a phone.

use super::ask_box::{AskBox, AskLink};
use super::display::Avatar;
use super::icon::{Icon, Mark};
use super::menu::{Menu, MenuDivider, MenuHeading, MenuItem, MenuLink};
use super::palette::{Command, CommandPalette, use_palette};
use super::popover::Align;
use super::shortcuts::{ShortcutSheet, use_shortcuts};
use super::toast::ToastRegion;
use crate::pages::inbox::Bell;
use crate::pages::place::PlaceBanner;
use crate::session::{remember, use_session};
use crate::theme::{Theme, use_theme};
use domain::UserRole;
use leptos::{html, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_location, use_navigate};

struct Place {
    href: &'static str,
    label: &'static str,
    icon: &'static str,
    /// `g` and then this key goes there.
    key: &'static str,
}

const PLACES: &[Place] = &[
    Place { href: "/", label: "Home", icon: "house", key: "g h" },
    Place { href: "/dashboards", label: "Dashboards", icon: "layout-dashboard", key: "g d" },
    Place { href: "/explore", label: "Explore", icon: "compass", key: "g e" },
    Place { href: "/data", label: "Data", icon: "database", key: "g t" },
    Place { href: "/reports", label: "Reports", icon: "clipboard-list", key: "g r" },
    Place { href: "/sql", label: "SQL", icon: "square-terminal", key: "g q" },
    Place { href: "/metrics", label: "Metrics", icon: "gauge", key: "g m" },
    Place { href: "/forecasts", label: "Forecasts", icon: "trending-up", key: "g f" },
    Place { href: "/alerts", label: "Alerts", icon: "activity", key: "g l" },
    Place { href: "/insights", label: "Insights", icon: "lightbulb", key: "g i" },
    Place { href: "/models", label: "Models", icon: "blocks", key: "g o" },
];

const ADMIN: Place = Place { href: "/admin", label: "Administration", icon: "users", key: "g a" };

/// A phone has room for the first of them beside the menu of the others (see `.rail-more`).
const ON_PHONE: usize = 4;

/// The frame. Its child is the page.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    // A wall stands alone: no navigation, and no key that leads away. Walls are opened as pages of
    // their own, so the first address decides.
    let path = use_location().pathname.get_untracked();
    if crate::pages::dashboard::is_shared(&path) {
        return view! {
            <main id="main" class="shared-main">{children()}</main>
            <ToastRegion/>
        }
        .into_any();
    }
    if crate::pages::wall::is_wall(&path) {
        return view! {
            <main id="main" class="wall-main">{children()}</main>
            <ToastRegion/>
        }
        .into_any();
    }
    let session = use_session();
    let narrow = RwSignal::new(session.rail_collapsed());
    let main = NodeRef::<html::Main>::new();
    let admin = session.has_role(UserRole::Admin);
    // Viewers look at what others have asked.
    let asks = session.has_role(UserRole::Explorer);
    let writes = session.writes_sql();
    let may = move |p: &&Place| match p.href {
        "/explore" | "/insights" => asks,
        "/sql" => writes,
        _ => true,
    };
    let places = move || PLACES.iter().filter(move |p| may(p)).chain(admin.then_some(&ADMIN));
    let mut pages: Vec<Command> = places().map(|p| Command::go(p.icon, p.label, "Page", p.href)).collect();
    if asks {
        pages.push(Command::go("chart-column", "Kinds of chart", "Page", "/charts"));
    }
    if session.caller().is_some() {
        pages.push(Command::go("circle-help", "Ask", "Page", "/ask"));
    }
    pages.push(Command::go("bell", "Inbox", "Page", "/inbox"));
    pages.push(Command::go("user", "Account", "Page", "/account"));
    let palette = use_palette();
    let navigate = StoredValue::new(use_navigate());
    for place in places() {
        let go = move |()| navigate.with_value(|go| go(place.href, NavigateOptions::default()));
        use_shortcuts().add("Go to", place.key, place.label, Callback::new(go));
    }
    let fold = Callback::new(move |()| {
        narrow.update(|narrow| *narrow = !*narrow);
        remember("rail", if narrow.get_untracked() { "narrow" } else { "wide" });
    });
    use_shortcuts().add("Everywhere", "[", "Fold the navigation", fold);
    follow_route(main);
    let link = |place: &'static Place| {
        view! {
            <li>
                <A href=place.href exact=place.href == "/" attr:class="rail-link" attr:title=place.label>
                    <Icon name=place.icon/>
                    <span class="rail-label">{place.label}</span>
                </A>
            </li>
        }
        .into_any()
    };
    let more = || view! { <Icon name="ellipsis"/><span class="rail-label">"More"</span> };
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
        <div class="frame" class:is-narrow=move || narrow.get()>
            <header class="rail">
                <a class="brand" href="/" aria-label="Orrery, home">
                    <Mark/>
                    <span class="rail-label">"Orrery"</span>
                </a>
                <button type="button" class="rail-link rail-search" title="Search (Ctrl+K)" on:click=move |_| palette.show()>
                    <Icon name="search"/>
                    <span class="rail-label">"Search"</span>
                    <kbd class="kbd rail-label">"Ctrl K"</kbd>
                </button>
                <AskBox/>
                <nav class="rail-nav" aria-label="Main">
                    <ul>{places().map(link).collect_view()}</ul>
                </nav>
                <div class="rail-more">
                    <Menu label="More" face=more button_class="rail-link">
                        {places()
                            .skip(ON_PHONE)
                            .map(|p| view! { <MenuLink href=p.href icon=p.icon>{p.label}</MenuLink> })
                            .collect_view()}
                    </Menu>
                </div>
                <div class="rail-foot">
                    <button
                        type="button"
                        class="rail-link rail-fold"
                        title="Fold the navigation"
                        aria-expanded=move || if narrow.get() { "false" } else { "true" }
                        on:click=move |_| fold.run(())
                    >
                        <Icon name="panel-left"/>
                        <span class="rail-label">"Fold"</span>
                    </button>
                    <Bell/>
                    <AccountMenu/>
                </div>
            </header>
            <main node_ref=main id="main" class="main" tabindex="-1">
                <PlaceBanner/>
                <AskLink/>
                {session.demo().then(|| view! { <p class="demo-note">"Demonstration with sample data. Changes are kept on this machine only."</p> })}
                {children()}
            </main>
        </div>
        <CommandPalette pages/>
        <ShortcutSheet/>
        <ToastRegion/>
    }
    .into_any()
}

/// After a change of page the focus goes to its content, as if the page had been loaded.
fn follow_route(main: NodeRef<html::Main>) {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now)
            && let Some(main) = main.get_untracked()
        {
            _ = main.focus();
        }
        now
    });
}

#[component]
fn AccountMenu() -> impl IntoView {
    let session = use_session();
    let admin = session.has_role(UserRole::Admin);
    let theme = use_theme();
    let shortcuts = use_shortcuts();
    let Some(caller) = session.caller() else {
        return view! {
            <a class="rail-link" href="/login" rel="external">
                <Icon name="user"/>
                <span class="rail-label">"Sign in"</span>
            </a>
        }
        .into_any();
    };
    let (name, role) = (caller.name, caller.role.as_str());
    let face = {
        let name = name.clone();
        move || {
            view! {
                <Avatar name=name.clone()/>
                <span class="rail-label rail-person">
                    <span class="rail-name">{name.clone()}</span>
                    <span class="rail-role">{role}</span>
                </span>
            }
        }
    };
    let themes = move || {
        let item = |&(choice, label, icon): &(Theme, &'static str, &'static str)| {
            let checked = Signal::derive(move || theme.choice() == choice);
            view! {
                <MenuItem icon checked stay=true on_click=move |_| theme.choose(choice)>{label}</MenuItem>
            }
        };
        Theme::ALL.iter().map(item).collect_view()
    };
    view! {
        <Menu label=format!("Account of {name}") face button_class="rail-link rail-account" align=Align::Start>
            <MenuHeading text="Appearance"/>
            {themes()}
            <MenuDivider/>
            <MenuItem icon="keyboard" keys="?" on_click=move |_| shortcuts.show_sheet()>"Keyboard shortcuts"</MenuItem>
            <MenuLink href="/account" icon="user">"Account"</MenuLink>
            {admin.then(|| view! { <MenuLink href=ADMIN.href icon=ADMIN.icon>{ADMIN.label}</MenuLink> })}
            <form method="post" action="/logout" role="none">
                <button type="submit" class="menu-item" role="menuitem" tabindex="-1">
                    <Icon name="log-out"/>
                    <span class="menu-text">"Sign out"</span>
                </button>
            </form>
        </Menu>
    }
    .into_any()
}
