//! Menus of commands.

use super::hooks::focus;
use super::icon::Icon;
use super::keys::{Axis, rove, type_ahead};
use super::popover::{Align, PanelRole, Parts, popover};
use super::shortcuts::Keys;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

const ITEMS: &str = "[role^=menuitem]:not(:disabled)";

/// A button that opens a list of commands. Arrow keys, letters, Home and End move; Escape closes.
#[component]
pub fn Menu(
    /// Names the button and the list.
    #[prop(into)]
    label: Signal<String>,
    /// What stands on the button beside the icon; without it the button is the icon alone.
    #[prop(optional, into)]
    face: Option<ViewFn>,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(default = "btn btn-ghost".into(), into)] button_class: String,
    #[prop(optional)] align: Align,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(default = RwSignal::new(false))] open: RwSignal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let panel = NodeRef::<html::Div>::new();
    let icon = icon.or(face.is_none().then_some("ellipsis"));
    let body = move || {
        let children = children.clone();
        let keys = move |event: ev::KeyboardEvent| {
            let Some(panel) = panel.get_untracked() else { return };
            if event.key() == "Tab" {
                open.set(false);
            } else if rove(&event, &panel, ITEMS, Axis::Vertical).is_none() {
                type_ahead(&event, &panel, ITEMS);
            }
        };
        // Any command closes the menu, unless it asks to stay.
        let click = move |event: ev::MouseEvent| {
            let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let hit = |selector: &str| target.as_ref().is_some_and(|t| t.closest(selector).is_ok_and(|e| e.is_some()));
            if hit("[role^=menuitem]") && !hit("[data-stay]") {
                open.set(false);
            }
        };
        let over = move |event: ev::PointerEvent| {
            let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let item = target.and_then(|t| t.closest(ITEMS).ok().flatten());
            focus(item.and_then(|item| item.dyn_into().ok()));
        };
        view! {
            <div class="menu" role="none" on:keydown=keys on:click=click on:pointerover=over>
                {children()}
            </div>
        }
    };
    popover(Parts {
        label,
        face,
        spoken: None,
        icon,
        button_class,
        panel_class: "menu-panel".into(),
        role: PanelRole::Menu,
        align,
        disabled,
        open,
        panel,
        control: None,
        children: std::sync::Arc::new(move || body().into_any()),
    })
}

/// A command.
#[component]
pub fn MenuItem(
    #[prop(optional)] icon: Option<&'static str>,
    /// Red: it destroys something.
    #[prop(optional)]
    danger: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Given for a choice: it shows a tick when true.
    #[prop(optional, into)]
    checked: MaybeProp<bool>,
    /// Keep the menu open.
    #[prop(optional)]
    stay: bool,
    /// The shortcut that does the same, such as `mod+d`.
    #[prop(optional)]
    keys: Option<&'static str>,
    #[prop(optional, into)] on_click: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let choice = checked.get_untracked().is_some();
    view! {
        <button
            type="button"
            class="menu-item"
            class:menu-danger=danger
            role=if choice { "menuitemradio" } else { "menuitem" }
            aria-checked=move || checked.get().map(|c| if c { "true" } else { "false" })
            tabindex="-1"
            disabled=disabled
            data-stay=stay.then_some("")
            on:click=move |_| {
                if let Some(on_click) = on_click {
                    on_click.run(());
                }
            }
        >
            {icon.map(|name| view! { <Icon name/> })}
            <span class="menu-text">{children()}</span>
            {keys.map(|keys| view! { <Keys keys/> })}
            {choice.then(|| view! { <span class="menu-tick"><Icon name="check"/></span> })}
        </button>
    }
}

/// A command that goes somewhere.
#[component]
pub fn MenuLink(
    #[prop(into)] href: String,
    #[prop(optional)] icon: Option<&'static str>,
    /// The server answers this address itself, such as a download.
    #[prop(optional)]
    external: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="menu-item" role="menuitem" tabindex="-1" href=href rel=external.then_some("external")>
            {icon.map(|name| view! { <Icon name/> })}
            <span class="menu-text">{children()}</span>
        </a>
    }
}

/// A line between groups of commands.
#[component]
pub fn MenuDivider() -> impl IntoView {
    view! { <hr class="menu-divider"/> }
}

/// The name of the group that follows.
#[component]
pub fn MenuHeading(#[prop(into)] text: String) -> impl IntoView {
    view! { <div class="menu-heading" role="presentation">{text}</div> }
}
