//! Buttons, and links that look like them.

use super::hooks::debounced;
use super::icon::Icon;
use leptos::prelude::*;

/// How loud a button is. At most one primary in a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    Primary,
    #[default]
    Secondary,
    Ghost,
    Danger,
}

/// How big a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    Small,
    #[default]
    Medium,
    Large,
}

pub(crate) fn button_class(variant: Variant, size: Size) -> String {
    let variant = match variant {
        Variant::Primary => "btn-primary",
        Variant::Secondary => "btn-secondary",
        Variant::Ghost => "btn-ghost",
        Variant::Danger => "btn-danger",
    };
    let size = match size {
        Size::Small => " btn-sm",
        Size::Medium => "",
        Size::Large => " btn-lg",
    };
    format!("btn {variant}{size}")
}

/// A button with words. While `busy` it shows that it works and takes no clicks, but keeps focus.
#[component]
pub fn Button(
    #[prop(optional)] variant: Variant,
    #[prop(optional)] size: Size,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// `submit` inside a form.
    #[prop(default = "button")]
    kind: &'static str,
    /// The shortcut that does the same, shown in the tooltip.
    #[prop(optional, into)]
    title: MaybeProp<String>,
    #[prop(optional, into)] on_click: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let click = move |event: web_sys::MouseEvent| {
        if busy.get_untracked() {
            event.prevent_default();
        } else if let Some(on_click) = on_click {
            on_click.run(());
        }
    };
    view! {
        <button
            type=kind
            class=button_class(variant, size)
            disabled=disabled
            title=move || title.get()
            aria-busy=move || busy.get().then_some("true")
            on:click=click
        >
            {icon.map(|name| view! { <Icon name/> })}
            <span class="btn-label">{children()}</span>
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] variant: Variant,
    #[prop(optional)] size: Size,
    #[prop(optional)] icon: Option<&'static str>,
    /// The server answers this address itself: no client-side navigation.
    #[prop(optional)]
    external: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a href=move || href.get() class=button_class(variant, size) rel=external.then_some("external")>
            {icon.map(|name| view! { <Icon name/> })}
            <span class="btn-label">{children()}</span>
        </a>
    }
}

/// A button that is only an icon; `label` names it for everyone.
#[component]
pub fn IconButton(
    icon: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(default = Variant::Ghost)] variant: Variant,
    #[prop(optional)] size: Size,
    /// For a button that stays pressed.
    #[prop(optional, into)]
    pressed: MaybeProp<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_click: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=format!("{} btn-icon", button_class(variant, size))
            aria-label=move || label.get()
            title=move || label.get()
            aria-pressed=move || pressed.get().map(|p| if p { "true" } else { "false" })
            disabled=disabled
            on:click=move |_| {
                if let Some(on_click) = on_click {
                    on_click.run(());
                }
            }
        >
            <Icon name=icon/>
        </button>
    }
}

/// Copies `text` and says so for two seconds.
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    #[prop(default = "Copy")] label: &'static str,
    #[prop(default = Variant::Ghost)] variant: Variant,
    #[prop(default = Size::Small)] size: Size,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let forget = debounced(2000, Callback::new(move |()| copied.set(false)));
    let copy = move |_| {
        let promise = window().navigator().clipboard().write_text(&text.get_untracked());
        leptos::task::spawn_local(async move {
            if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
                _ = copied.try_set(true);
                _ = forget.try_run(());
            }
        });
    };
    view! {
        <button type="button" class=button_class(variant, size) on:click=copy>
            {move || if copied.get() { view! { <Icon name="check"/> } } else { view! { <Icon name="copy"/> } }}
            <span class="btn-label" aria-live="polite">{move || if copied.get() { "Copied" } else { label }}</span>
        </button>
    }
}
