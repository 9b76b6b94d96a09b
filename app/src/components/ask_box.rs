//! The box to ask in, in the frame of every page but the one that answers: typed into where there is
//! room for it, else an icon that leads there.

use super::icon::Icon;
use super::shortcuts::use_shortcuts;
use crate::session::use_session;
use leptos::{ev, html, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// The page that answers, which has a box of its own.
const PATH: &str = "/ask";

/// The box in the navigation. Without scripts it is a form that leads to the same address.
#[component]
pub(super) fn AskBox() -> impl IntoView {
    if use_session().caller().is_none() {
        return ().into_any();
    }
    let path = use_location().pathname;
    let navigate = StoredValue::new(use_navigate());
    let typed = RwSignal::new(String::new());
    let node = NodeRef::<html::Input>::new();
    let go = move |address: &str| navigate.with_value(|go| go(address, NavigateOptions::default()));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let words = typed.get_untracked();
        let words = words.trim();
        if words.is_empty() {
            return go(PATH);
        }
        // The router decodes an address twice.
        let words = String::from(js_sys::encode_uri_component(&words.replace('%', " percent")));
        typed.set(String::new());
        go(&format!("{PATH}?q={words}"));
    };
    let begin = move |()| match node.get_untracked().filter(|input| input.offset_width() > 0) {
        Some(input) => _ = input.focus(),
        None => go(PATH),
    };
    use_shortcuts().add("Everywhere", "/", "Ask a question", Callback::new(begin));
    let elsewhere = move || path.get() != PATH;
    view! {
        <Show when=elsewhere>
            <form class="rail-ask" role="search" aria-label="Ask" action=PATH method="get" on:submit=submit>
                <Icon name="circle-help"/>
                <input
                    node_ref=node
                    type="text"
                    name="q"
                    data-testid="ask-box"
                    autocomplete="off"
                    enterkeyhint="search"
                    maxlength="500"
                    title="Ask a question (/)"
                    aria-label="Ask a question"
                    placeholder="Ask a question"
                    prop:value=move || typed.get()
                    on:input=move |event| typed.set(event_target_value(&event))
                />
            </form>
        </Show>
        <a class="rail-link rail-ask-link" href=PATH title="Ask a question (/)" aria-current=move || (!elsewhere()).then_some("page")>
            <Icon name="circle-help"/>
            <span class="rail-label">"Ask"</span>
        </a>
    }
    .into_any()
}

/// On a phone: what leads to the box, over the page.
#[component]
pub(super) fn AskLink() -> impl IntoView {
    if use_session().caller().is_none() {
        return ().into_any();
    }
    let path = use_location().pathname;
    view! {
        <Show when=move || path.get() != PATH>
            <a class="ask-phone" href=PATH data-testid="ask-open">
                <Icon name="circle-help"/>
                <span>"Ask a question"</span>
            </a>
        </Show>
    }
    .into_any()
}
