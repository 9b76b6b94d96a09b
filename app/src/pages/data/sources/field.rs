//! One field of a source's form.

use super::form::Form;
use crate::components::*;
use domain::source::{SourceField, SourceInput};
use leptos::prelude::*;
use serde_json::Value;

/// The control that suits a field.
pub(super) fn control(form: Form, field: SourceField) -> AnyView {
    let SourceField { name, label, about, input, required, default, choices } = field;
    let key = StoredValue::new(name.clone());
    let text = Signal::derive(move || {
        form.values.with(|v| v.get(&key.get_value()).and_then(Value::as_str).unwrap_or_default().to_owned())
    });
    let write = move |text: String| form.set(&key.get_value(), (!text.is_empty()).then_some(Value::String(text)));
    if input == SourceInput::Flag {
        let on = Signal::derive(move || form.values.with(|v| v.get(&key.get_value()) == Some(&Value::Bool(true))));
        let set = move |on: bool| form.set(&key.get_value(), on.then_some(Value::Bool(true)));
        return view! { <Checkbox checked=on on_change=set label hint=about/> }.into_any();
    }
    let keeps = input == SourceInput::Secret && form.has_password();
    let hint = match keeps {
        true => "Leave it empty to keep the password there is. It is kept encrypted and never shown again; give it anew when the server, the user or the encryption change.".to_owned(),
        false => about,
    };
    let error = Signal::derive(move || form.error_of(&format!("settings.{}", key.get_value())));
    let inner = move || match input {
        SourceInput::Number => {
            let number = Signal::derive(move || form.values.with(|v| v.get(&key.get_value()).and_then(Value::as_f64)));
            let set = move |n: Option<f64>| form.set(&key.get_value(), n.map(|n| Value::from(n.max(0.0) as u64)));
            view! { <NumberInput value=number on_change=set min=1.0 max=65_535.0 step=1.0 placeholder=default/> }
                .into_any()
        }
        SourceInput::Choice => {
            let value = Signal::derive({
                let default = default.unwrap_or_default();
                move || Some(text.get()).filter(|t| !t.is_empty()).unwrap_or_else(|| default.clone())
            });
            let options: Vec<Choice> = choices.iter().map(|c| Choice::new(c.clone(), c.clone())).collect();
            view! { <Select options value on_change=write/> }.into_any()
        }
        SourceInput::LongText => view! { <TextArea value=text on_input=write rows=3/> }.into_any(),
        SourceInput::Secret => {
            let placeholder = keeps.then(|| "unchanged".to_owned());
            view! { <TextInput value=text on_input=write kind="password" autocomplete="new-password" placeholder/> }
                .into_any()
        }
        SourceInput::Text | SourceInput::Flag => {
            view! { <TextInput value=text on_input=write placeholder=default max_length=1000/> }.into_any()
        }
    };
    view! {
        <Field label hint error required=required optional=!required && !keeps>
            {inner()}
        </Field>
    }
    .into_any()
}
