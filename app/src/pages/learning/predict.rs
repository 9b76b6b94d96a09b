//! Predictions: one row typed in, or a whole dataset into another.

use super::card::written;
use super::follow::{FollowJob, News};
use crate::api::datasets::list_datasets;
use crate::api::learning::{predict_dataset, predict_row};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use crate::session::use_session;
use domain::learn::FeatureKind;
use domain::registry::{BatchResult, Model, ModelVersion, PredictionAnswer};
use domain::{Cell, UserRole};
use leptos::{ev, prelude::*};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

#[component]
pub(super) fn PredictTab(model: Model, versions: Vec<ModelVersion>) -> impl IntoView {
    let creator = use_session().has_role(UserRole::Creator);
    let batch = creator.then(|| view! { <Batch model=model.clone()/> });
    view! {
        <OneRow model versions/>
        {batch}
    }
    .into_any()
}

#[component]
fn OneRow(model: Model, versions: Vec<ModelVersion>) -> impl IntoView {
    let id = StoredValue::new(model.id.clone());
    let report = versions.into_iter().find(|v| v.is_active).and_then(|v| v.report);
    let inputs: Vec<(String, String, Option<FeatureKind>)> = model
        .features
        .iter()
        .map(|name| {
            let known = report.as_ref().and_then(|r| r.features.iter().find(|f| f.name == *name));
            let label = known.map_or_else(|| domain::names::to_label(name), |f| f.label.clone());
            (name.clone(), label, known.map(|f| f.kind))
        })
        .collect();
    let given = RwSignal::new(BTreeMap::<String, String>::new());
    let answer = RwSignal::new(None::<PredictionAnswer>);
    let deed = Deed::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        // The server knows the types.
        let row: Map<String, Value> = given.with_untracked(|all| {
            all.iter().filter(|(_, v)| !v.trim().is_empty()).map(|(k, v)| (k.clone(), Value::from(v.trim()))).collect()
        });
        deed.submit(predict_row(id.get_value(), row), move |said: PredictionAnswer| _ = answer.try_set(Some(said)));
    };
    let field = move |(name, label, kind): (String, String, Option<FeatureKind>)| {
        let own = StoredValue::new(name);
        let value =
            Signal::derive(move || own.with_value(|n| given.with(|all| all.get(n).cloned().unwrap_or_default())));
        let set = move |text: String| given.update(|all| _ = all.insert(own.get_value(), text));
        let hint = match kind {
            Some(FeatureKind::Number) => Some("A number".to_owned()),
            Some(FeatureKind::Time) => Some("A date, such as 2025-03-01".to_owned()),
            _ => None,
        };
        view! { <Field label hint=MaybeProp::from(hint)><TextInput value on_input=set/></Field> }.into_any()
    };
    view! {
        <Section title="One row" text="Leave empty what is not known.">
            <Card>
                <form class="form" data-testid="predict-form" on:submit=submit>
                    <FormError error=deed.error/>
                    <div class="model-inputs">{inputs.into_iter().map(field).collect_view()}</div>
                    <Button variant=Variant::Primary kind="submit" busy=deed.busy>"Predict"</Button>
                </form>
                {move || answer.get().map(said)}
            </Card>
        </Section>
    }
    .into_any()
}

/// What was predicted, in words.
fn said(answer: PredictionAnswer) -> AnyView {
    let Some(first) = answer.predictions.into_iter().next() else { return ().into_any() };
    let value = match &first.prediction.value {
        Cell::Null => "Nothing can be said".to_owned(),
        Cell::Float(value) => written(*value),
        other => other.to_text(),
    };
    let sure = first.prediction.probability.map(|p| format!("{:.0} % sure", p * 100.0));
    let range = first
        .prediction
        .low
        .zip(first.prediction.high)
        .map(|(low, high)| format!("With 80 % between {} and {}", written(low), written(high)));
    let outside = answer.outside.into_iter().flat_map(|far| far.because).collect::<Vec<_>>();
    view! {
        <div class="model-said" data-testid="prediction" role="status">
            <p class="model-value num">{value}</p>
            {sure.map(|words| view! { <p class="muted">{words}</p> })}
            {range.map(|words| view! { <p class="muted num">{words}</p> })}
            <p class="faint small">{format!("Version {}", first.version)}</p>
            {(!outside.is_empty()).then(|| view! {
                <Notice tone=Tone::Warn>
                    <p>"This is far outside what it was trained on, so the prediction is a guess."</p>
                    {outside.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
                </Notice>
            })}
        </div>
    }
    .into_any()
}

#[component]
fn Batch(model: Model) -> impl IntoView {
    let id = StoredValue::new(model.id.clone());
    let datasets = Answer::of(list_datasets);
    let options = Signal::derive(move || match datasets.get() {
        Some(Ok(all)) => all.into_iter().map(|d| Choice::new(d.name, d.label)).collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let (dataset, name) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let job = RwSignal::new(None::<String>);
    let done = RwSignal::new(None::<Result<BatchResult, domain::Error>>);
    let deed = Deed::new();
    let choose = move |chosen: String| {
        name.set(domain::names::to_name(&format!("{chosen}_predicted")));
        dataset.set(chosen);
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        done.set(None);
        let work = predict_dataset(id.get_value(), dataset.get_untracked(), name.get_untracked());
        deed.submit(work, move |begun: domain::api::Job| _ = job.try_set(Some(begun.id)));
    };
    let on_end = Callback::new(move |news: News| {
        job.set(None);
        done.set(match news.status.as_str() {
            "succeeded" => news.result.and_then(|r| serde_json::from_value(r).ok()).map(Ok),
            "cancelled" => None,
            _ => Some(Err(news.error.unwrap_or_else(domain::Error::internal))),
        });
    });
    let result = move || {
        done.get().map(|done| match done {
            Ok(made) => {
                let words = format!("{} rows were predicted; {} of them are far outside the training data. ", made.rows, made.outside);
                view! {
                    <Notice tone=Tone::Good>
                        <p data-testid="batch-done">{words}<a href=format!("/data/{}", made.dataset)>"Open the dataset"</a></p>
                        {made.notes.into_iter().map(|note| view! { <p>{note}</p> }).collect_view()}
                    </Notice>
                }
                .into_any()
            }
            Err(error) => view! { <ErrorState error compact=true/> }.into_any(),
        })
    };
    let lacks = Signal::derive(move || {
        dataset.with(String::is_empty) || name.with(String::is_empty) || job.with(Option::is_some)
    });
    view! {
        <Section title="A whole dataset" text="The rows that you see, with what is predicted for them, become a dataset of yours.">
            <Card>
                <form class="form" data-testid="batch-form" on:submit=submit>
                    <FormError error=deed.error/>
                    <div class="form-row">
                        <Field label="Dataset"><Combobox options value=dataset on_change=choose placeholder="Choose a dataset" label="Dataset"/></Field>
                        <Field label="Name of the new dataset"><TextInput value=name on_input=move |v| name.set(v) max_length=60/></Field>
                    </div>
                    <Button kind="submit" icon="play" busy=deed.busy disabled=lacks>"Predict all rows"</Button>
                </form>
                {move || job.get().map(|id| view! { <FollowJob id label="Predicting" on_end/> })}
                {result}
            </Card>
        </Section>
    }
    .into_any()
}
