//! A label, a control, a hint and an error that belong together.

use super::hooks::unique_id;
use super::icon::Icon;
use leptos::{context::Provider, prelude::*};

/// What the control inside a field takes over from it.
#[derive(Clone, Debug)]
pub struct FieldContext {
    /// The id that the label names.
    pub id: String,
    pub(crate) required: bool,
    pub(crate) invalid: Signal<bool>,
}

impl FieldContext {
    /// The value of `aria-describedby`.
    pub fn describedby(&self) -> String {
        format!("{0}-hint {0}-error", self.id)
    }
}

/// What a control needs, in or out of a field.
pub(crate) struct Wiring {
    pub(crate) id: Option<String>,
    pub(crate) describedby: Option<String>,
    pub(crate) required: bool,
    pub(crate) invalid: Signal<bool>,
}

pub(crate) fn wiring() -> Wiring {
    match use_context::<FieldContext>() {
        Some(field) => Wiring {
            describedby: Some(field.describedby()),
            id: Some(field.id),
            required: field.required,
            invalid: field.invalid,
        },
        None => Wiring { id: None, describedby: None, required: false, invalid: Signal::stored(false) },
    }
}

/// A field of a form. Its child is one control of the kit, which finds its label by itself.
#[component]
pub fn Field<C>(
    #[prop(into)] label: Signal<String>,
    /// How to fill it, under the control.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// What is wrong with it; takes the hint's place.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    #[prop(optional)] required: bool,
    /// Says "optional" beside the label.
    #[prop(optional)]
    optional: bool,
    children: TypedChildren<C>,
) -> impl IntoView
where
    C: IntoView + 'static,
{
    let id = unique_id();
    let has_error = Signal::derive(move || error.get().is_some_and(|e| !e.is_empty()));
    let context = FieldContext { id: id.clone(), required, invalid: has_error };
    view! {
        <div class="field" class:has-error=move || has_error.get()>
            <label class="field-label" for=id.clone()>
                {move || label.get()}
                {optional.then(|| view! { <span class="field-optional">"optional"</span> })}
            </label>
            <Provider value=context children=children/>
            <div class="field-hint" id=format!("{id}-hint") hidden=move || hint.get().is_none() || has_error.get()>
                {move || hint.get()}
            </div>
            <div class="field-error" id=format!("{id}-error") role="alert">
                <Show when=move || has_error.get()>
                    <Icon name="circle-alert"/>
                    <span>{move || error.get()}</span>
                </Show>
            </div>
        </div>
    }
    .into_any()
}
