//! Panels at the side: one over the page, one beside it.

use super::button::IconButton;
use super::dialog::{follow, on_backdrop};
use super::hooks::{find, focus, unique_id};
use super::local::Local;
use leptos::{ev, html, prelude::*};

/// A modal panel at the end of the page, for a task that would be too long for a dialog.
#[component]
pub fn Drawer(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] footer: Option<ViewFn>,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let title_id = unique_id();
    let labelledby = title_id.clone();
    follow(node, open);
    view! {
        <dialog
            node_ref=node
            class="drawer"
            aria-labelledby=labelledby
            on:close=move |_| open.set(false)
            on:mousedown=move |event| if on_backdrop(&event) { open.set(false) }
        >
            <div class="drawer-box">
                <header class="dialog-head">
                    <h2 id=title_id>{move || title.get()}</h2>
                    <IconButton icon="x" label="Close" on_click=move |_| open.set(false)/>
                </header>
                <Show when=move || open.get()>
                    <div class="dialog-body">{children()}</div>
                    {footer.as_ref().map(|footer| view! { <footer class="dialog-foot">{footer.run()}</footer> })}
                </Show>
            </div>
        </dialog>
    }
    .into_any()
}

/// A panel beside the page, which stays usable: settings of the tile that is being edited.
/// Escape inside it closes it and gives the focus back.
#[component]
pub fn SidePanel(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] footer: Option<ViewFn>,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Aside>::new();
    let before = Local::<Option<web_sys::HtmlElement>>::new();
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if now && was != Some(true) {
            use wasm_bindgen::JsCast;
            before.set(document().active_element().and_then(|e| e.dyn_into().ok()));
            // A task of its own: a panel that came late is not in the page yet.
            let first = "[autofocus], .dialog-body input, .dialog-body select, .dialog-body button";
            set_timeout(
                move || {
                    if let Some(panel) = node.try_get_untracked().flatten() {
                        focus(find(&panel, first));
                    }
                },
                std::time::Duration::ZERO,
            );
        }
        now
    });
    let close = move || {
        open.set(false);
        focus(before.replace(None).flatten());
    };
    let keys = move |event: ev::KeyboardEvent| {
        // A menu or a list that is open in the panel closes first.
        let inner = node.get_untracked().is_some_and(|panel| find(&panel, ":popover-open").is_some());
        if event.key() == "Escape" && !event.default_prevented() && !inner {
            event.prevent_default();
            close();
        }
    };
    view! {
        <aside node_ref=node class="side-panel" class:is-open=move || open.get() hidden=move || !open.get() aria-label=move || title.get() on:keydown=keys>
            <Show when=move || open.get()>
                <header class="dialog-head">
                    <h2>{move || title.get()}</h2>
                    <IconButton icon="x" label="Close panel" on_click=move |_| close()/>
                </header>
                <div class="dialog-body">{children()}</div>
                {footer.as_ref().map(|footer| view! { <footer class="dialog-foot">{footer.run()}</footer> })}
            </Show>
        </aside>
    }
    .into_any()
}
