//! A button with a panel that floats beside it. The browser opens and closes it (`popover`), also
//! with Escape and a click elsewhere; CSS anchors place it.

use super::hooks::{find, focus, unique_id};
use super::icon::Icon;
use leptos::{ev, html, prelude::*};

/// Which edge of the button the panel keeps to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Start,
    End,
}

/// What the panel is for assistive technology.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PanelRole {
    #[default]
    Dialog,
    Menu,
}

impl PanelRole {
    fn as_str(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Menu => "menu",
        }
    }
}

/// What a popover is made of, for the components that are one.
pub(crate) struct Parts {
    pub(crate) label: Signal<String>,
    pub(crate) face: Option<ViewFn>,
    /// The button's name, where its words alone would not do.
    pub(crate) spoken: Option<Signal<String>>,
    pub(crate) icon: Option<&'static str>,
    pub(crate) button_class: String,
    pub(crate) panel_class: String,
    pub(crate) role: PanelRole,
    pub(crate) align: Align,
    pub(crate) disabled: Signal<bool>,
    pub(crate) open: RwSignal<bool>,
    pub(crate) panel: NodeRef<html::Div>,
    /// The id of the field around it, where the button is a field's control.
    pub(crate) control: Option<super::field::FieldContext>,
    pub(crate) children: ChildrenFn,
}

/// A button and its panel. The panel's content exists only while it is open.
#[component]
pub fn Popover(
    /// Names button and panel for assistive technology.
    #[prop(into)]
    label: Signal<String>,
    /// What stands on the button; an icon-only button otherwise.
    #[prop(optional, into)]
    face: Option<ViewFn>,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(default = "btn btn-secondary".into(), into)] button_class: String,
    #[prop(optional, into)] panel_class: String,
    #[prop(optional)] align: Align,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// To watch it, and to close it by setting it to false.
    #[prop(default = RwSignal::new(false))]
    open: RwSignal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    popover(Parts {
        label,
        face,
        spoken: None,
        icon,
        button_class,
        panel_class: format!("pop-padded {panel_class}"),
        role: PanelRole::Dialog,
        align,
        disabled,
        open,
        panel: NodeRef::new(),
        control: None,
        children,
    })
}

fn is_open(panel: NodeRef<html::Div>) -> bool {
    panel.get_untracked().is_some_and(|panel| panel.matches(":popover-open").unwrap_or(false))
}

/// Keeps `open` and the browser's own state of the panel the same.
fn synchronise(open: RwSignal<bool>, panel: NodeRef<html::Div>) {
    // Someone may have opened it before the page was hydrated.
    Effect::new(move |_| {
        if is_open(panel) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(element) = panel.get_untracked() else { return };
        if wanted && !is_open(panel) {
            _ = element.show_popover();
        } else if !wanted && is_open(panel) {
            _ = element.hide_popover();
        }
    });
}

pub(crate) fn popover(parts: Parts) -> AnyView {
    let Parts {
        label,
        face,
        spoken,
        icon,
        button_class,
        panel_class,
        role,
        align,
        disabled,
        open,
        panel,
        control,
        children,
    } = parts;
    let id = unique_id();
    let icon_only = face.is_none();
    let class = format!("{button_class} pop-button{}", if icon_only { " btn-icon" } else { "" });
    let name = move || spoken.map(|s| s.get()).or_else(|| icon_only.then(|| label.get()));
    let before = move |event: ev::Event| {
        let state = js_sys::Reflect::get(&event, &"newState".into()).ok().and_then(|s| s.as_string());
        if state.as_deref() == Some("open") {
            open.set(true);
        }
    };
    let after = move |_: ev::Event| {
        open.set(is_open(panel));
        if let Some(element) = panel.get_untracked().filter(|_| is_open(panel)) {
            focus(find(
                &element,
                "[autofocus], [role^=menuitem]:not(:disabled), input, select, textarea, button, a[href]",
            ));
        }
    };
    synchronise(open, panel);
    view! {
        <div class="pop">
            <button
                type="button"
                class=class
                id=control.as_ref().map(|c| c.id.clone())
                aria-describedby=control.as_ref().map(|c| c.describedby())
                popovertarget=id.clone()
                disabled=disabled
                aria-haspopup=role.as_str()
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-label=name
                title=move || icon_only.then(|| label.get())
            >
                {icon.map(|name| view! { <Icon name/> })}
                {face.map(|face| face.run())}
            </button>
            <div
                node_ref=panel
                id=id
                class=format!("pop-panel {panel_class}")
                class:pop-end=align == Align::End
                popover="auto"
                role=role.as_str()
                aria-label=move || label.get()
                on:beforetoggle=before
                on:toggle=after
            >
                <Show when=move || open.get()>{children()}</Show>
            </div>
        </div>
    }
    .into_any()
}
