//! Controls to choose with: native select, checkbox, switch.

use super::field::wiring;
use leptos::prelude::*;

/// One thing that can be chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// A word about it, in quieter type: a type, a count.
    pub hint: Option<String>,
}

impl Choice {
    /// A choice without a hint.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None }
    }

    /// Adds a word about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// One of a handful: the browser's own list.
#[component]
pub fn Select(
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
    /// Shown while nothing is chosen.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Names it where no field does.
    #[prop(optional, into)]
    label: MaybeProp<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let field = wiring();
    let option = move |choice: Choice| {
        let own = choice.value.clone();
        let chosen = Memo::new(move |_| value.with(|v| *v == own));
        view! {
            <option value=choice.value selected=chosen.get_untracked() prop:selected=move || chosen.get()>
                {choice.label}
            </option>
        }
        .into_any()
    };
    let nothing = placeholder.map(|text| {
        let empty = Memo::new(move |_| value.with(String::is_empty));
        view! {
            <option value="" selected=empty.get_untracked() prop:selected=move || empty.get()>
                {text}
            </option>
        }
    });
    view! {
        <select
            class="input select"
            id=field.id
            required=field.required
            disabled=disabled
            aria-label=move || label.get()
            aria-describedby=field.describedby
            aria-invalid=move || field.invalid.get().then_some("true")
            on:change=move |event| on_change.run(event_target_value(&event))
        >
            {nothing}
            {move || options.get().into_iter().map(option).collect_view()}
        </select>
    }
    .into_any()
}

/// A box to tick, with its words.
#[component]
pub fn Checkbox(
    #[prop(into)] checked: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
    #[prop(into)] label: Signal<String>,
    /// A sentence under the words.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    toggle(checked, on_change, label, hint, disabled, false)
}

/// On or off, at once: no button to save it.
#[component]
pub fn Switch(
    #[prop(into)] checked: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: MaybeProp<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    toggle(checked, on_change, label, hint, disabled, true)
}

fn toggle(
    checked: Signal<bool>,
    on_change: Callback<bool>,
    label: Signal<String>,
    hint: MaybeProp<String>,
    disabled: Signal<bool>,
    switch: bool,
) -> AnyView {
    view! {
        <label class="check" class:check-switch=switch>
            <input
                type="checkbox"
                role=switch.then_some("switch")
                checked=checked.get_untracked()
                prop:checked=move || checked.get()
                disabled=disabled
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <span class="check-text">
                <span>{move || label.get()}</span>
                {move || hint.get().map(|hint| view! { <span class="check-hint">{hint}</span> })}
            </span>
        </label>
    }
    .into_any()
}
