//! The model as YAML: content as code, out and in again.

use super::history::change_list;
use super::state::Modelling;
use crate::api::models::{draft_of_yaml, model_yaml};
use crate::components::*;
use crate::pages::dashboard::csv::save;
use crate::pages::deeds::Deed;
use domain::model::{ModelDraft, ModelProblem, changes};
use domain::{Error, names};
use leptos::task::spawn_local;
use leptos::{ev, html, prelude::*};

/// A pause of this long, in milliseconds, and what was written is read.
const PAUSE: u64 = 400;

#[component]
pub(super) fn Transfer(modelling: Modelling) -> impl IntoView {
    let deed = Deed::new();
    let download = move |()| {
        deed.run(model_yaml(modelling.name()), move |text| {
            save(&format!("{}.model.yaml", names::to_name(&modelling.name())), "application/yaml", &text);
        });
    };
    let begin = move |()| {
        deed.run(model_yaml(modelling.name()), move |text| _ = modelling.yaml.try_set(text));
    };
    view! {
        <Section title="Take it out">
            <p class="muted">"The whole model as one file, to keep beside your code or to bring to another place."</p>
            <div class="row-wrap">
                <Button icon="download" busy=deed.busy on_click=download attr:data-testid="model-download">"Download YAML"</Button>
                <Button icon="pencil" on_click=begin>"Edit as YAML"</Button>
            </div>
        </Section>
        <Section title="Bring it in">
            <Import modelling/>
        </Section>
    }
    .into_any()
}

#[component]
fn Import(modelling: Modelling) -> impl IntoView {
    let toasts = use_toasts();
    let text = modelling.yaml;
    let draft = RwSignal::new(None::<Result<ModelDraft, Error>>);
    let waits = RwSignal::new(false);
    let failed = RwSignal::new(None::<Error>);
    let round = StoredValue::new(0u32);
    let read = debounced(
        PAUSE,
        Callback::new(move |written: String| {
            let own = round.get_value();
            let name = modelling.name();
            spawn_local(async move {
                let found = draft_of_yaml(name, written).await.map_err(Error::from);
                if round.try_get_value() == Some(own) {
                    _ = waits.try_set(false);
                    _ = draft.try_set(Some(found));
                }
            });
        }),
    );
    Effect::new(move |_| {
        let written = text.get();
        round.update_value(|r| *r += 1);
        failed.set(None);
        if written.trim().is_empty() {
            draft.set(None);
            waits.set(false);
        } else {
            waits.set(true);
            read.run(written);
        }
    });
    let picked = move |event: ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        // The same file may be chosen again after it was mended.
        input.set_value("");
        spawn_local(async move {
            let read = wasm_bindgen_futures::JsFuture::from(file.text()).await;
            match read.ok().and_then(|t| t.as_string()) {
                Some(content) => _ = text.try_set(content),
                None => toasts.error(&Error::invalid("The file cannot be read.").hint("Choose a text file.")),
            }
        });
    };
    let chooser = NodeRef::<html::Input>::new();
    let ready = Memo::new(move |_| {
        let clean = draft.with(|d| matches!(d, Some(Ok(d)) if d.problems.is_empty() && d.model.is_some()));
        clean && !waits.get()
    });
    let apply = move |()| {
        let Some(Ok(ModelDraft { model: Some(new), .. })) = draft.get_untracked() else { return };
        modelling.change(
            move |model| *model = new,
            move |result| match result {
                Ok(()) => {
                    _ = text.try_set(String::new());
                    toasts.good("The model is imported");
                }
                Err(error) => _ = failed.try_set(Some(error)),
            },
        );
    };
    let verdict = move || match draft.get() {
        _ if waits.get() => view! { <Spinner label="Reading"/> }.into_any(),
        None => ().into_any(),
        Some(Err(error)) => view! { <Notice tone=Tone::Bad>{error.to_string()}</Notice> }.into_any(),
        Some(Ok(ModelDraft { model: Some(new), problems })) if problems.is_empty() => {
            let found = modelling.part(|m| changes(&m.model, &new));
            view! {
                <div data-testid="import-changes">
                    <h4>"What it changes"</h4>
                    {change_list(&found, "Nothing: it is what is there now.")}
                </div>
            }
            .into_any()
        }
        Some(Ok(ModelDraft { problems, .. })) => {
            let line = |problem: ModelProblem| {
                let place = problem.line.map(|line| view! { <strong>{format!("Line {line}: ")}</strong> });
                let hint = problem.hint.map(|hint| format!(" {hint}"));
                view! { <li>{place}{problem.message}{hint}</li> }
            };
            view! {
                <Notice tone=Tone::Bad>
                    <ul class="import-problems" data-testid="import-problems">{problems.into_iter().map(line).collect_view()}</ul>
                </Notice>
            }
            .into_any()
        }
    };
    view! {
        <Field label="Model as YAML" hint="Paste it here, or choose a file. It takes the place of the present model, which stays in the history.">
            <TextArea value=text on_input=move |written| text.set(written) rows=14 max_length=1_000_000 attr:spellcheck="false" attr:data-testid="model-yaml"/>
        </Field>
        <input node_ref=chooser type="file" accept=".yaml,.yml,application/yaml,text/yaml" hidden=true on:change=picked data-testid="model-file"/>
        <div class="row-wrap">
            <Button
                icon="file-up"
                on_click=move |()| {
                    if let Some(input) = chooser.get_untracked() {
                        input.click();
                    }
                }
            >
                "Choose a file…"
            </Button>
            <Button
                variant=Variant::Primary
                busy=modelling.busy
                disabled=Signal::derive(move || !ready.get())
                on_click=apply
            >
                "Import"
            </Button>
        </div>
        {move || failed.get().map(|error| view! { <Notice tone=Tone::Bad>{error.to_string()}</Notice> })}
        <div class="import-verdict" aria-live="polite">{verdict}</div>
    }
    .into_any()
}
