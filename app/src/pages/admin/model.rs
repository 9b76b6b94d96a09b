//! The language model that may be asked where a question is not understood: where it is, what it is
//! told, and what it was asked so far. Off unless somebody turns it on.

use crate::api::asking::{language_model, language_model_log, save_language_model, test_language_model};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError, day};
use domain::asking::{AskModel, AskModelPatch, AskPrompt, ModelSends};
use domain::notify::SendTest;
use leptos::{ev, prelude::*};

/// The tab of the administration.
#[component]
pub(super) fn LanguageModel() -> impl IntoView {
    let model = Resource::new_blocking(|| (), |()| language_model());
    let body = move || {
        model.get().map(|result| match result {
            Ok(model) => view! { <Form model/> }.into_any(),
            Err(error) => view! { <ErrorState compact=true error=error.0 retry=move |()| model.refetch()/> }.into_any(),
        })
    };
    view! {
        <div class="stack" data-testid="language-model">
            <Section
                title="Language model"
                text="Questions in words are read here, without one. Where a question is not understood, a language model of yours may propose a reading: it answers with a question as data, which is checked like any other and shown as an offer."
            >
                <div class="card stack">
                    <Transition fallback=|| view! { <Skeleton lines=6/> }>{body}</Transition>
                </div>
            </Section>
            <Log/>
        </div>
    }
    .into_any()
}

fn sends(word: &str) -> ModelSends {
    if word == "samples" { ModelSends::Samples } else { ModelSends::Schema }
}

#[component]
fn Form(model: AskModel) -> impl IntoView {
    let (deed, testing, toasts) = (Deed::new(), Deed::new(), use_toasts());
    let url = RwSignal::new(model.url);
    let name = RwSignal::new(model.model);
    let key = RwSignal::new(String::new());
    let has_key = RwSignal::new(model.has_key);
    let is_on = RwSignal::new(model.is_on);
    let told = RwSignal::new(if model.sends == ModelSends::Samples { "samples" } else { "schema" }.to_owned());
    let tested = RwSignal::new(None::<SendTest>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tested.set(None);
        let patch = AskModelPatch {
            url: Some(url.get_untracked()),
            model: Some(name.get_untracked()),
            key: Some(key.get_untracked()).filter(|key| !key.is_empty()),
            is_on: Some(is_on.get_untracked()),
            sends: Some(told.with_untracked(|word| sends(word))),
        };
        deed.submit(save_language_model(patch), move |saved| {
            _ = key.try_set(String::new());
            _ = has_key.try_set(saved.has_key);
            _ = url.try_set(saved.url);
            toasts.good("Language model saved");
        });
    };
    let forget = move |()| {
        let patch = AskModelPatch { key: Some(String::new()), ..AskModelPatch::default() };
        deed.submit(save_language_model(patch), move |saved| {
            _ = has_key.try_set(saved.has_key);
            toasts.good("Key forgotten");
        });
    };
    let test = move |()| {
        tested.set(None);
        testing.submit(test_language_model(), move |test| _ = tested.try_set(Some(test)));
    };
    let outcome = |test: SendTest| {
        let tone = if test.ok { Tone::Good } else { Tone::Bad };
        view! { <Notice tone>{test.message}</Notice> }
    };
    view! {
        <form class="form" data-testid="language-model-form" on:submit=submit>
            <FormError error=deed.error/>
            <FormError error=testing.error/>
            <Field label="Address" hint="Any that speaks the chat interface of OpenAI, up to its version. Hosts inside the server's own network must be listed in ORRERY_WEBHOOK_HOSTS.">
                <TextInput kind="url" value=url on_input=move |v| url.set(v) autocomplete="off" max_length=2000 placeholder="http://localhost:11434/v1"/>
            </Field>
            <Field label="Name of the model">
                <TextInput value=name on_input=move |v| name.set(v) autocomplete="off" max_length=200 placeholder="llama3.1"/>
            </Field>
            <Field label="Key" optional=true hint="Kept encrypted, never shown again, sent to this address alone.">
                <TextInput kind="password" value=key on_input=move |v| key.set(v) autocomplete="new-password" max_length=500/>
            </Field>
            <Show when=move || has_key.get()>
                <p class="row-wrap">
                    <Badge tone=Tone::Good icon="key-round">"A key is kept"</Badge>
                    <Button size=Size::Small variant=Variant::Ghost on_click=forget>"Forget the key"</Button>
                </p>
            </Show>
            <Field label="What it is told" hint="Only what the person who asks may see themselves.">
                <Select
                    options=vec![
                        Choice::new("schema", "Names of datasets and columns"),
                        Choice::new("samples", "Names, and a few values of columns that have few"),
                    ]
                    value=told
                    on_change=move |v: String| told.set(v)
                />
            </Field>
            <Checkbox checked=is_on label="Ask it where a question is not understood" on_change=move |on: bool| is_on.set(on)/>
            <div role="status">{move || tested.get().map(outcome)}</div>
            <div class="form-end">
                <Button busy=testing.busy on_click=test>"Test now"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Save"</Button>
            </div>
        </form>
    }
    .into_any()
}

/// What it was asked and what it answered.
#[component]
fn Log() -> impl IntoView {
    let log = Resource::new_blocking(|| (), |()| language_model_log());
    let row = |one: AskPrompt| {
        let used = one.outcome == "used";
        view! {
            <tr>
                <td class="num">{day(&one.at)}</td>
                <td>{one.user}</td>
                <td>
                    <details>
                        <summary>{one.question}</summary>
                        <p class="small muted">{format!("{}, {} ms", one.model, one.elapsed_ms)}</p>
                        <h4 class="small">"Sent"</h4>
                        <pre class="mono small ask-log" tabindex="0">{one.prompt}</pre>
                        <h4 class="small">"Answered"</h4>
                        <pre class="mono small ask-log" tabindex="0">{one.answer}</pre>
                    </details>
                </td>
                <td>{if used { view! { <Badge tone=Tone::Good>"Used"</Badge> }.into_any() } else { one.outcome.into_any() }}</td>
            </tr>
        }
        .into_any()
    };
    let body = move || {
        log.get().map(|result| match result {
            Ok(all) if all.is_empty() => view! {
                <EmptyState compact=true icon="message-square" title="It was asked nothing yet" text="Every question that is sent to it will stand here, with its answer."/>
            }
            .into_any(),
            Ok(all) => view! {
                <Table caption="What the language model was asked" head=vec![Head::number("Day"), Head::text("Who"), Head::text("Question"), Head::text("What became of it")]>
                    {all.into_iter().map(row).collect_view()}
                </Table>
            }
            .into_any(),
            Err(error) => view! { <ErrorState compact=true error=error.0 retry=move |()| log.refetch()/> }.into_any(),
        })
    };
    view! {
        <Section title="What it was asked" text="The newest thousand conversations are kept.">
            <div class="card card-flush">
                <Transition fallback=|| view! { <Skeleton lines=3/> }>{body}</Transition>
            </div>
        </Section>
    }
    .into_any()
}
