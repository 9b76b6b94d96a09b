//! What is said of a model, when it learns again, and whom a detector tells.

use crate::api::alerts::alert_people;
use crate::api::learning::update_learned;
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use domain::learn::Task;
use domain::notify::Recipient;
use domain::registry::{Every, Model, ModelPatch, ModelSource, ModelStatus, Retrain};
use leptos::{ev, prelude::*};

#[component]
pub(super) fn SettingsTab(model: Model, reload: Callback<()>) -> impl IntoView {
    let id = StoredValue::new(model.id.clone());
    let name = RwSignal::new(model.name.clone());
    let description = RwSignal::new(model.description.clone());
    let every = RwSignal::new(model.def.retrain.every.map(|e| e.as_str().to_owned()).unwrap_or_default());
    let on_drift = RwSignal::new(model.def.retrain.on_drift);
    let out_of_use = RwSignal::new(model.status == ModelStatus::Deprecated);
    let quiet = RwSignal::new(Some(f64::from(model.def.quiet_minutes)));
    let told = RwSignal::new(model.def.notify.iter().map(ToString::to_string).collect::<Vec<_>>());
    let is_detector = model.model_type == Task::Anomaly;
    let learns = model.def.source != ModelSource::Nothing;
    let was_out = model.status == ModelStatus::Deprecated;
    let deed = Deed::new();
    let toasts = use_toasts();
    let people = Answer::of(alert_people);
    let known = Signal::derive(move || match people.get() {
        Some(Ok(people)) => people.known.into_iter().map(|p| Choice::new(p.id, p.name)).collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let wanted = every.get_untracked();
        let patch = ModelPatch {
            name: Some(name.get_untracked()),
            description: Some(description.get_untracked()),
            is_public: None,
            retrain: learns.then(|| Retrain {
                every: Every::ALL.into_iter().find(|e| e.as_str() == wanted),
                on_drift: on_drift.get_untracked(),
            }),
            notify: is_detector
                .then(|| told.with_untracked(|all| all.iter().filter_map(|word| Recipient::parse(word)).collect())),
            quiet_minutes: quiet.get_untracked().filter(|_| is_detector).map(|q| q.clamp(0.0, 10_080.0) as u32),
            is_deprecated: Some(out_of_use.get_untracked()).filter(|out| *out != was_out),
        };
        deed.submit(update_learned(id.get_value(), patch), move |_| {
            toasts.good("Settings saved");
            _ = reload.try_run(());
        });
    };
    let rhythms = || {
        let rhythm = |e: &Every| {
            let label = match e {
                Every::Day => "Every day",
                Every::Week => "Every week",
                Every::Month => "Every 30 days",
            };
            Choice::new(e.as_str(), label)
        };
        std::iter::once(Choice::new("", "Never by itself")).chain(Every::ALL.iter().map(rhythm)).collect::<Vec<_>>()
    };
    view! {
        <form class="form" data-testid="model-settings" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="Name"><TextInput value=name on_input=move |v| name.set(v) max_length=100/></Field>
            <Field label="Description" optional=true>
                <TextArea value=description on_input=move |v| description.set(v) max_length=2_000/>
            </Field>
            {learns.then(|| view! {
                <Field label="Train again" hint="With the eyes of its owner. A version that is worse does not take the place of the active one.">
                    <Select options=rhythms() value=every on_change=move |v| every.set(v)/>
                </Field>
                <Switch
                    checked=on_drift
                    on_change=move |on| on_drift.set(on)
                    label="Train again when new rows are not like those it was trained on"
                />
            })}
            {is_detector.then(|| view! {
                <Field label="Tell" hint="Nobody chosen: its owner. They hear how many rows were found, not what is in them.">
                    <MultiSelect options=known selected=told on_change=move |v| told.set(v) label="Tell" placeholder="Its owner"/>
                </Field>
                <Field label="One notice for what is found within" hint="A burst is told once.">
                    <NumberInput value=quiet on_change=move |v| quiet.set(v) min=0.0 max=10_080.0 step=1.0 unit="minutes"/>
                </Field>
            })}
            <Switch
                checked=out_of_use
                on_change=move |on| out_of_use.set(on)
                label="Out of use"
                hint="It answers nothing and looks at nothing any more."
            />
            <div><Button variant=Variant::Primary kind="submit" busy=deed.busy>"Save settings"</Button></div>
        </form>
    }
    .into_any()
}
