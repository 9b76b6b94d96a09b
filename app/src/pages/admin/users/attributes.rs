//! What row policies may ask of a user: a name and its values.

use crate::api::groups::{set_user_attributes, user_attributes};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use domain::people::User;
use leptos::{ev, prelude::*};

/// A line of the editor.
#[derive(Clone, Copy)]
struct Line {
    key: u32,
    name: RwSignal<String>,
    /// One a line.
    values: RwSignal<String>,
}

impl Line {
    fn new(key: u32, name: String, values: &[String]) -> Self {
        Self { key, name: RwSignal::new(name), values: RwSignal::new(values.join("\n")) }
    }
}

/// The editor, once the attributes are known.
#[component]
pub(super) fn Attributes(open: RwSignal<bool>, user: RwSignal<Option<User>>) -> impl IntoView {
    let id = user.get_untracked().map(|user| user.id).unwrap_or_default();
    let asked = id.clone();
    let known = Answer::of(move || user_attributes(asked.clone()));
    move || match known.get() {
        None => view! { <Skeleton lines=4/> }.into_any(),
        Some(Ok(attributes)) => view! { <Editor open id=id.clone() attributes/> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState compact=true error=error.0 retry=move |()| known.refetch()/> }.into_any()
        }
    }
}

#[component]
fn Editor(open: RwSignal<bool>, id: String, attributes: domain::sharing::Attributes) -> impl IntoView {
    let first = (0..).zip(&attributes).map(|(key, (name, values))| Line::new(key, name.clone(), values));
    let lines = RwSignal::new(first.collect::<Vec<_>>());
    let next = StoredValue::new(u32::try_from(attributes.len()).unwrap_or_default());
    let add = move |()| {
        let key = next.get_value();
        next.set_value(key + 1);
        lines.update(|lines| lines.push(Line::new(key, String::new(), &[])));
    };
    let (deed, toasts) = (Deed::new(), use_toasts());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let read = |line: &Line| {
            let values = line.values.get_untracked();
            let values = values.lines().map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
            (line.name.get_untracked().trim().to_owned(), values.collect())
        };
        let attributes = lines.with_untracked(|lines| lines.iter().map(read).collect());
        deed.submit(set_user_attributes(id.clone(), attributes), move |_| {
            _ = open.try_set(false);
            toasts.good("Attributes saved. They count from the next question on.");
        });
    };
    let row = move |line: Line| {
        let remove = move |()| lines.update(|lines| lines.retain(|other| other.key != line.key));
        view! {
            <li class="attribute" data-testid="attribute">
                <Field label="Name">
                    <TextInput value=line.name on_input=move |text| line.name.set(text) max_length=60 placeholder="regions"/>
                </Field>
                <Field label="Values" hint="One a line.">
                    <TextArea value=line.values on_input=move |text| line.values.set(text) rows=2/>
                </Field>
                <IconButton
                    icon="trash-2"
                    label=Signal::derive(move || format!("Remove {}", line.name.get()))
                    on_click=remove
                />
            </li>
        }
    };
    view! {
        <form class="form" data-testid="attributes-form" on:submit=submit>
            <FormError error=deed.error/>
            <p class="muted">"Row policies compare columns with these, such as: region is one of the regions of the user."</p>
            <Show when=move || lines.with(Vec::is_empty)>
                <p class="muted">"No attributes yet."</p>
            </Show>
            <ul class="attributes">
                <For each=move || lines.get() key=|line| line.key children=row/>
            </ul>
            <Button icon="plus" on_click=add>"Add attribute"</Button>
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Save attributes"</Button>
            </div>
        </form>
    }
    .into_any()
}
