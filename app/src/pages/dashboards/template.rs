//! A dashboard from a template: which, of which data, under which name.

use super::Sketch;
use crate::api::dashboards::{TemplateChoices, create_from_template, list_templates};
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::api::Template;
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The dialog.
#[component]
pub(super) fn TemplateDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title="New dashboard from a template" size=DialogSize::Large light=false>
            <Choices open/>
        </Dialog>
    }
}

#[component]
fn Choices(open: RwSignal<bool>) -> impl IntoView {
    let choices = LocalResource::new(list_templates);
    let retry = Callback::new(move |()| choices.refetch());
    let body = move || {
        choices.get().map(|result| match result {
            Ok(choices) => view! { <TemplateForm choices open/> }.into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry compact=true/> }.into_any(),
        })
    };
    view! {
        <div data-testid="template-dialog">
            <Suspense fallback=|| view! { <Skeleton height="14rem"/> }>{body}</Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn TemplateForm(choices: TemplateChoices, open: RwSignal<bool>) -> impl IntoView {
    let deed = Deed::new();
    let first = choices.templates.iter().find(|t| !t.suits.is_empty());
    let chosen = RwSignal::new(first.map(|t| t.id.clone()).unwrap_or_default());
    let dataset = RwSignal::new(first.and_then(|t| t.suits.first().cloned()).unwrap_or_default());
    let name = RwSignal::new(String::new());
    let nothing = first.is_none();
    let choices = StoredValue::new(choices);
    let suits = move |id: &str| {
        choices.with_value(|c| c.templates.iter().find(|t| t.id == id).map(|t| t.suits.clone()).unwrap_or_default())
    };
    let options = Signal::derive(move || {
        let label = |n: &String| choices.with_value(|c| c.labels.get(n).cloned()).unwrap_or_else(|| n.clone());
        suits(&chosen.get()).iter().map(|n| Choice::new(n.clone(), label(n))).collect::<Vec<_>>()
    });
    let choose = Callback::new(move |id: String| {
        let fit = suits(&id);
        if !fit.contains(&dataset.get_untracked()) {
            dataset.set(fit.first().cloned().unwrap_or_default());
        }
        chosen.set(id);
    });
    let navigate = Local::holding(use_navigate);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let work = create_from_template(chosen.get_untracked(), dataset.get_untracked(), name.get_untracked());
        deed.submit(work, move |slug| {
            open.set(false);
            _ = navigate.with(|go| go(&format!("/dashboards/{slug}"), NavigateOptions::default()));
        });
    };
    let template = move |item: Template| view! { <TemplateChoice item chosen choose/> };
    view! {
        <form class="form" on:submit=submit>
            <FormError error=deed.error/>
            {nothing.then(|| view! { <Notice tone=Tone::Warn>"None of your datasets suits a template. Load data first, or change the roles of columns on the data page."</Notice> })}
            <fieldset class="template-choices">
                <legend class="visually-hidden">"Template"</legend>
                {choices.get_value().templates.into_iter().map(template).collect_view()}
            </fieldset>
            <div class="form-row">
                <Field label="Dataset" hint="Only those that have what the template needs.">
                    <Select options value=dataset on_change=move |v| dataset.set(v) disabled=nothing/>
                </Field>
                <Field label="Name" optional=true>
                    <TextInput value=name on_input=move |v| name.set(v) max_length=100 placeholder="Made from the dataset's name"/>
                </Field>
            </div>
            <div class="form-end dialog-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy disabled=nothing>"Make dashboard"</Button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn TemplateChoice(item: Template, chosen: RwSignal<String>, choose: Callback<String>) -> impl IntoView {
    let unfit = item.suits.is_empty();
    let id = item.id.clone();
    let is_chosen = {
        let id = item.id.clone();
        Memo::new(move |_| chosen.with(|c| *c == id))
    };
    view! {
        <label class="template" class:is-unfit=unfit>
            <input
                type="radio"
                name="template"
                value=item.id
                disabled=unfit
                prop:checked=move || is_chosen.get()
                on:change=move |_| choose.run(id.clone())
            />
            <Sketch tiles=item.sketch/>
            <span class="template-text">
                <strong>{item.name}</strong>
                <span class="muted">{item.description}</span>
                <span class="small muted">{if unfit { "None of your datasets has what it needs: " } else { "Needs " }}{item.needs}</span>
            </span>
        </label>
    }
    .into_any()
}
