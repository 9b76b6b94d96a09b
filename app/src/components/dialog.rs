//! Dialogs: the browser's own `<dialog>`, which keeps the focus inside, closes with Escape and
//! gives the focus back.

use super::button::{Button, IconButton, Variant};
use super::hooks::{find, focus, unique_id};
use super::local::Local;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// How wide a dialog is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialogSize {
    Small,
    #[default]
    Medium,
    Large,
    /// Nearly the whole window.
    Full,
}

impl DialogSize {
    fn class(self) -> &'static str {
        match self {
            Self::Small => "dialog dialog-sm",
            Self::Medium => "dialog",
            Self::Large => "dialog dialog-lg",
            Self::Full => "dialog dialog-full",
        }
    }
}

/// Keeps a `<dialog>` and its signal the same, and the focus where people expect it.
pub(crate) fn follow(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    let back = Local::<Option<web_sys::HtmlElement>>::new();
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            back.set(opener());
            if dialog.show_modal().is_ok() {
                let first = FIRST.iter().find_map(|selector| find(&dialog, selector));
                focus(first);
            }
        } else if !wanted {
            if dialog.open() {
                dialog.close();
            }
            // The browser gives the focus back, except to a menu that is gone by now.
            let lost = document().active_element().is_none_or(|e| e.tag_name() == "BODY");
            if let Some(element) = back.replace(None).flatten().filter(|_| lost) {
                focus(Some(element));
            }
        }
    });
}

/// Where the focus goes in a dialog, best first.
const FIRST: &[&str] = &[
    "[autofocus]",
    ".dialog-body :is(input, select, textarea):not(:disabled)",
    ".dialog-foot button:not(:disabled)",
    ".dialog-body :is(button:not(:disabled), a[href])",
    "button",
];

/// What opened a dialog: the element with the focus, or the button of the menu it is in.
fn opener() -> Option<web_sys::HtmlElement> {
    let active = document().active_element()?;
    let button =
        active.closest("[popover]").ok().flatten().and_then(|panel| find(&panel.parent_element()?, ".pop-button"));
    button.or_else(|| active.dyn_into().ok())
}

/// Whether a click hit the dialog's backdrop: the dialog has no padding, so its own area is none.
pub(crate) fn on_backdrop(event: &ev::MouseEvent) -> bool {
    event.target().is_some() && event.target() == event.current_target()
}

/// A modal dialog with a title. Its content exists only while it is open.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional)] size: DialogSize,
    /// Buttons at the bottom, the main one last.
    #[prop(optional, into)]
    footer: Option<ViewFn>,
    /// Whether a click beside it closes it. Not where typed text would be lost.
    #[prop(default = true)]
    light: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let title_id = unique_id();
    let labelledby = title_id.clone();
    follow(node, open);
    view! {
        <dialog
            node_ref=node
            class=size.class()
            aria-labelledby=labelledby
            on:close=move |_| open.set(false)
            on:mousedown=move |event| if light && on_backdrop(&event) { open.set(false) }
        >
            <div class="dialog-box">
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

/// Asks before something is destroyed. The button says what will happen.
#[component]
pub fn ConfirmDialog(
    open: RwSignal<bool>,
    /// A question: "Delete the dashboard “Sales”?"
    #[prop(into)]
    title: Signal<String>,
    /// What is lost, and whether it can be had back.
    #[prop(into)]
    text: Signal<String>,
    /// What the button does: "Delete dashboard".
    #[prop(into)]
    confirm: Signal<String>,
    #[prop(default = Variant::Danger)] variant: Variant,
    /// While true the dialog waits.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Runs on the click; set `open` to false when it is done.
    #[prop(into)]
    on_confirm: Callback<()>,
) -> impl IntoView {
    let footer = move || {
        view! {
            <Button on_click=move |_| open.set(false)>"Cancel"</Button>
            <Button variant busy on_click=on_confirm>{move || confirm.get()}</Button>
        }
    };
    view! {
        <Dialog open title size=DialogSize::Small footer>
            <p>{move || text.get()}</p>
        </Dialog>
    }
}
