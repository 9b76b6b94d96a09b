//! Where a file goes: the name of the dataset, and what becomes of the rows it has.

use super::plural;
use super::upload::Upload;
use crate::components::*;
use domain::api::LoadMode;
use domain::names::{is_name, to_name};
use domain::{Access, Dataset};
use leptos::prelude::*;

#[component]
pub(super) fn Target(upload: Upload) -> impl IntoView {
    move || match upload.fixed.get() {
        Some(fixed) => {
            let what = if fixed.mode == LoadMode::Append {
                format!("The rows are added to {}. Columns are matched by name.", fixed.label)
            } else {
                format!(
                    "These rows take the place of the rows of {}. Dashboards and metrics keep working where columns keep their names.",
                    fixed.label
                )
            };
            view! { <Notice>{what}</Notice> }.into_any()
        }
        None => view! { <Name upload/> }.into_any(),
    }
}

#[component]
fn Name(upload: Upload) -> impl IntoView {
    let holder = Memo::new(move |_| upload.holder());
    let error = Signal::derive(move || {
        let name = upload.name.get();
        if !is_name(&name) {
            return Some(match name.is_empty() {
                true => "Give the dataset a name.".to_owned(),
                false => {
                    format!("A name has 1 to 60 small letters, digits or underscores. How about {}?", to_name(&name))
                }
            });
        }
        let locked = holder.with(|h| h.as_ref().is_some_and(|d| d.access < Access::Edit));
        locked.then(|| "This name belongs to a dataset that you may not change. Choose another name.".to_owned())
    });
    let typed = move |event| {
        upload.name.set(event_target_value(&event));
        upload.mode.set(LoadMode::Create);
    };
    let suggest = move || {
        let name = upload.name.get();
        (!is_name(&name) && !name.is_empty()).then(|| to_name(&name))
    };
    view! {
        <div class="upload-target">
            <div class="field" class:has-error=move || error.get().is_some()>
                <label class="field-label" for="dataset-name">"Dataset name"</label>
                <input
                    id="dataset-name"
                    class="input"
                    type="text"
                    data-testid="dataset-name"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="60"
                    aria-describedby="dataset-name-hint"
                    aria-invalid=move || error.get().map(|_| "true")
                    prop:value=move || upload.name.get()
                    on:input=typed
                />
                <div id="dataset-name-hint" aria-live="polite">
                    {move || match error.get() {
                        Some(error) => view! { <p class="field-error"><Icon name="circle-alert"/><span>{error}</span></p> }.into_any(),
                        None => view! { <p class="field-hint">"Used in addresses and questions; the label can be changed later."</p> }.into_any(),
                    }}
                </div>
                {move || {
                    suggest()
                        .map(|name| {
                            let take = name.clone();
                            view! {
                                <Button size=Size::Small on_click=move |()| upload.name.set(take.clone())>{format!("Use {name}")}</Button>
                            }
                        })
                }}
            </div>
            {move || holder.get().filter(|d| d.access >= Access::Edit).map(|dataset| view! { <Taken upload dataset/> })}
        </div>
    }
    .into_any()
}

/// The name is taken by a dataset that may be changed.
#[component]
fn Taken(upload: Upload, dataset: Dataset) -> impl IntoView {
    let choice = move |mode: LoadMode, label: &'static str, text: String, id: &'static str| {
        view! {
            <label class="mode-choice">
                <input
                    type="radio"
                    name="load-mode"
                    data-testid=id
                    prop:checked=move || upload.mode.get() == mode
                    on:change=move |_| upload.mode.set(mode)
                />
                <span>
                    <strong>{label}</strong>
                    <span class="check-hint">{text}</span>
                </span>
            </label>
        }
    };
    let rows = plural(dataset.row_count, "row");
    view! {
        <fieldset class="modes">
            <legend>{format!("{} has this name already. What should happen?", dataset.label)}</legend>
            {choice(LoadMode::Replace, "Replace", format!("The {rows} it has are removed."), "mode-replace")}
            {choice(LoadMode::Append, "Append", format!("The new rows come after the {rows} it has."), "mode-append")}
            <p class="field-hint">"Or type another name above."</p>
        </fieldset>
    }
    .into_any()
}
