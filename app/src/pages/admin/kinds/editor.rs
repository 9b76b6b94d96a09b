//! A template being written: its text, what is wrong with it, and how it looks.

use super::Writing;
use super::sample::sample;
use crate::api::chart_plugins::save_chart_plugin;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use crate::tiles::{ChartView, nothing};
use domain::api::TileData;
use domain::plugin::{PluginName, Template};
use domain::{ChartKind, ChartSpec, Error};
use leptos::{ev, html, prelude::*};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// What comes with Orrery to begin from.
pub(super) const EXAMPLES: [(&str, &str); 3] = [
    ("Lollipop", include_str!("../../../../../docs/plugin-charts/lollipop.json")),
    ("Range", include_str!("../../../../../docs/plugin-charts/range.json")),
    ("Rose", include_str!("../../../../../docs/plugin-charts/rose.json")),
];

/// A pause in typing this long, in milliseconds, and the template is looked at.
const PAUSE: u64 = 250;

#[component]
pub(crate) fn PluginEditor(writing: Writing, open: RwSignal<bool>, on_saved: Callback<()>) -> impl IntoView {
    let Writing { id, text } = writing;
    let is_new = id.is_none();
    let text = RwSignal::new(text);
    let looked_at = RwSignal::new(text.get_untracked());
    let found = Memo::new(move |_| {
        let text = looked_at.get();
        (!text.trim().is_empty()).then(|| charts::plugin::problems(&text))
    });
    let look = debounced(PAUSE, Callback::new(move |text: String| looked_at.set(text)));
    let put = Callback::new(move |new: String| {
        text.set(new.clone());
        looked_at.set(new);
    });
    let deed = Deed::new();
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        // What is wrong with it stands beside it already.
        looked_at.set(text.get_untracked());
        if found.with_untracked(|f| f.as_ref().is_some_and(Result::is_ok)) {
            deed.submit(save_chart_plugin(id.clone(), text.get_untracked()), move |_| _ = on_saved.try_run(()));
        }
    };
    let side = move || {
        match found.get() {
        None => view! {
            <EmptyState compact=true icon="blocks" title="Nothing to show yet" text="Write a template, choose a file, or begin with an example."/>
        }
        .into_any(),
        Some(Err(problems)) => view! { <Problems problems/> }.into_any(),
        Some(Ok(template)) => view! { <Look template/> }.into_any(),
    }
    };
    let unfit = Signal::derive(move || !found.with(|f| f.as_ref().is_some_and(Result::is_ok)));
    view! {
        <form class="plugin-editor" data-testid="plugin-form" on:submit=save>
            <div class="plugin-text">
                <FormError error=deed.error/>
                {is_new.then(|| view! { <Begin put/> })}
                <Field label="Template" hint="JSON with name, about, encodings and option. docs/plugin-charts.md says what it may have.">
                    <TextArea
                        value=text
                        on_input=move |new: String| {
                            text.set(new.clone());
                            look.run(new);
                        }
                        rows=22
                        max_length=u32::try_from(charts::plugin::MOST_BYTES).unwrap_or(u32::MAX)
                    />
                </Field>
            </div>
            <div class="plugin-look" aria-live="polite" data-testid="plugin-look">{side}</div>
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy disabled=unfit>
                    {if is_new { "Add kind of chart" } else { "Save template" }}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

/// An example or a file to begin from.
#[component]
fn Begin(put: Callback<String>) -> impl IntoView {
    let options: Vec<Choice> = EXAMPLES.iter().map(|(name, _)| Choice::new(*name, *name)).collect();
    let chosen = RwSignal::new(String::new());
    let choose = move |name: String| {
        if let Some((_, text)) = EXAMPLES.iter().find(|(own, _)| *own == name) {
            put.run((*text).to_owned());
        }
        chosen.set(name);
    };
    let file = NodeRef::<html::Input>::new();
    let pick = move |()| {
        if let Some(input) = file.get_untracked() {
            input.click();
        }
    };
    let picked = move |event: ev::Event| {
        let input = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let Some(chosen) = input.files().and_then(|files| files.get(0)) else { return };
        leptos::task::spawn_local(async move {
            let text = JsFuture::from(chosen.text()).await.ok().and_then(|text| text.as_string());
            // The same file can be picked again.
            input.set_value("");
            _ = put.try_run(text.unwrap_or_default());
        });
    };
    view! {
        <div class="plugin-begin">
            <Field label="Begin with">
                <Select options value=chosen on_change=choose placeholder="An example"/>
            </Field>
            <Button icon="file-up" on_click=pick>"Choose a file"</Button>
            <input
                node_ref=file
                type="file"
                accept=".json,application/json"
                hidden
                aria-label="Template file"
                data-testid="plugin-file"
                on:change=picked
            />
        </div>
    }
    .into_any()
}

/// What is wrong, each with its place.
#[component]
fn Problems(problems: Vec<Error>) -> impl IntoView {
    let many = problems.len();
    let title = if many == 1 { "One thing is wrong".to_owned() } else { format!("{many} things are wrong") };
    let line = |error: Error| {
        let path = error.field.filter(|f| !f.is_empty());
        view! { <li>{path.map(|path| view! { <code>{path}</code> })} <span>{error.message}</span></li> }
    };
    view! {
        <div class="plugin-problems" role="status" data-testid="plugin-problems">
            <h3>{title}</h3>
            <ul>{problems.into_iter().map(line).collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// The template, drawn from sample rows.
#[component]
fn Look(template: Template) -> impl IntoView {
    let (name, about) = (template.name.clone(), template.about.clone());
    let table = sample(&template.encodings);
    let kind = ChartKind::Plugin(PluginName::NONE);
    let spec =
        ChartSpec { plugin: Some(Arc::new(template)), ..ChartSpec::new(kind, Default::default(), Default::default()) };
    let data = Signal::stored(TileData { spec, table, ..nothing() });
    view! {
        <h3>{name}</h3>
        <p class="muted small">{about}</p>
        <div class="plugin-picture"><ChartView data on_ready=|()| ()/></div>
        <p class="muted small">"Drawn from sample rows."</p>
    }
    .into_any()
}
