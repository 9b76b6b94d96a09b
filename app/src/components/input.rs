//! Controls to type into.

use super::caret::write_shared;
use super::field::wiring;
use super::icon::Icon;
use leptos::{html, prelude::*};

/// A value that tells only of its changes: whatever else makes its source speak must not write over
/// what somebody is typing.
fn settled(value: Signal<String>) -> Memo<String> {
    Memo::new(move |_| value.get())
}

/// A line of text.
#[component]
pub fn TextInput(
    #[prop(into)] value: Signal<String>,
    /// On every change, as it is typed.
    #[prop(into)]
    on_input: Callback<String>,
    /// `text`, `password`, `email`, `url`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] placeholder: MaybeProp<String>,
    /// Names it where no field does.
    #[prop(optional, into)]
    label: MaybeProp<String>,
    #[prop(optional)] name: Option<&'static str>,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] autofocus: bool,
    #[prop(default = 500)] max_length: u32,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] node_ref: NodeRef<html::Input>,
    /// Others type into the same text: the caret stays with its letters.
    #[prop(optional)]
    shared: bool,
) -> impl IntoView {
    let field = wiring();
    let value = settled(value);
    if shared {
        Effect::new(move |_| {
            let text = value.get();
            if let Some(input) = node_ref.get() {
                write_shared(&input, &text);
            }
        });
    }
    view! {
        <input
            node_ref=node_ref
            class="input"
            type=kind
            id=field.id
            name=name
            value=value.get_untracked()
            prop:value=move || if shared { value.get_untracked() } else { value.get() }
            placeholder=move || placeholder.get()
            autocomplete=autocomplete
            autofocus=autofocus
            maxlength=max_length.to_string()
            required=field.required
            disabled=disabled
            aria-label=move || label.get()
            aria-describedby=field.describedby
            aria-invalid=move || field.invalid.get().then_some("true")
            on:input=move |event| on_input.run(event_target_value(&event))
        />
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
    #[prop(optional, into)] placeholder: MaybeProp<String>,
    #[prop(optional, into)] label: MaybeProp<String>,
    #[prop(default = 4)] rows: u32,
    #[prop(optional)] autofocus: bool,
    #[prop(default = 20_000)] max_length: u32,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Others type into the same text: the caret stays with its letters.
    #[prop(optional)]
    shared: bool,
) -> impl IntoView {
    let field = wiring();
    let value = settled(value);
    let node = NodeRef::<html::Textarea>::new();
    if shared {
        Effect::new(move |_| {
            let text = value.get();
            if let Some(area) = node.get() {
                write_shared(&area, &text);
            }
        });
    }
    view! {
        <textarea
            node_ref=node
            class="input textarea"
            id=field.id
            rows=rows.to_string()
            prop:value=move || if shared { value.get_untracked() } else { value.get() }
            placeholder=move || placeholder.get()
            autofocus=autofocus
            maxlength=max_length.to_string()
            required=field.required
            disabled=disabled
            aria-label=move || label.get()
            aria-describedby=field.describedby
            aria-invalid=move || field.invalid.get().then_some("true")
            on:input=move |event| on_input.run(event_target_value(&event))
        >
            {value.get_untracked()}
        </textarea>
    }
}

/// A number. Empty is `None`; what is no number is not reported.
#[component]
pub fn NumberInput(
    #[prop(into)] value: Signal<Option<f64>>,
    #[prop(into)] on_change: Callback<Option<f64>>,
    #[prop(optional)] min: Option<f64>,
    #[prop(optional)] max: Option<f64>,
    #[prop(optional)] step: Option<f64>,
    #[prop(optional, into)] placeholder: MaybeProp<String>,
    #[prop(optional, into)] label: MaybeProp<String>,
    /// Behind the number: a unit.
    #[prop(optional)]
    unit: Option<&'static str>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let field = wiring();
    let text = move |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
    let input = move |event| {
        let typed = event_target_value(&event);
        match typed.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => on_change.run(Some(number)),
            _ if typed.trim().is_empty() => on_change.run(None),
            _ => {}
        }
    };
    view! {
        <div class="input-wrap">
            <input
                class="input num"
                type="number"
                inputmode="decimal"
                id=field.id
                value=text(value.get_untracked())
                prop:value=move || text(value.get())
                min=min.map(|v| v.to_string())
                max=max.map(|v| v.to_string())
                step=step.map_or_else(|| "any".to_owned(), |v| v.to_string())
                placeholder=move || placeholder.get()
                required=field.required
                disabled=disabled
                aria-label=move || label.get()
                aria-describedby=field.describedby
                aria-invalid=move || field.invalid.get().then_some("true")
                on:change=input
            />
            {unit.map(|unit| view! { <span class="input-unit">{unit}</span> })}
        </div>
    }
}

/// A day, as `YYYY-MM-DD`; empty when none is chosen.
#[component]
pub fn DateInput(
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
    #[prop(optional, into)] min: MaybeProp<String>,
    #[prop(optional, into)] max: MaybeProp<String>,
    #[prop(optional, into)] label: MaybeProp<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let field = wiring();
    let value = settled(value);
    view! {
        <input
            class="input num"
            type="date"
            id=field.id
            value=value.get_untracked()
            prop:value=move || value.get()
            min=move || min.get()
            max=move || max.get()
            required=field.required
            disabled=disabled
            aria-label=move || label.get()
            aria-describedby=field.describedby
            aria-invalid=move || field.invalid.get().then_some("true")
            on:change=move |event| on_change.run(event_target_value(&event))
        />
    }
}

/// A box to search in, with a cross to empty it.
#[component]
pub fn SearchInput(
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
    /// What is searched: "Search dashboards".
    #[prop(into)]
    label: String,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    view! {
        <div class="search" role="search">
            <Icon name="search"/>
            <input
                class="input"
                type="search"
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
                value=value.get_untracked()
                prop:value=move || value.get()
                placeholder=label.clone()
                aria-label=label
                autofocus=autofocus
                on:input=move |event| on_input.run(event_target_value(&event))
            />
        </div>
    }
}
