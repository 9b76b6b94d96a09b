//! The form that makes a model: what it is for, what it learns from, which columns by clicking.

use crate::api::learning::create_learned;
use crate::api::tiles::{Sources, tile_sources};
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use domain::learn::{KindInfo, ModelKind, Parameter, ParameterValue, Parameters, Range, Task, TrainSpec};
use domain::registry::{Model, ModelDef, ModelSource, NewModel};
use domain::{Column, DataType, Query, Role};
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use serde_json::json;

/// What a detector looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    Rows,
    Series,
    Metric,
}

impl Looks {
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Rows, "rows", "Rows of a dataset"),
        (Self::Series, "series", "A number over time"),
        (Self::Metric, "metric", "A metric"),
    ];

    fn parse(text: &str) -> Self {
        Self::ALL.iter().find(|(_, word, _)| *word == text).map_or(Self::Rows, |(looks, ..)| *looks)
    }

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(looks, ..)| *looks == self).map_or("rows", |(_, word, _)| word)
    }
}

/// What is being put together. Copy it freely.
#[derive(Clone, Copy)]
struct Draft {
    task: RwSignal<Task>,
    looks: RwSignal<Looks>,
    dataset: RwSignal<String>,
    metric: RwSignal<String>,
    kind: RwSignal<ModelKind>,
    features: RwSignal<Vec<String>>,
    sensitive: RwSignal<Vec<String>>,
    target: RwSignal<String>,
    time: RwSignal<String>,
    grain: RwSignal<String>,
    agg: RwSignal<String>,
    value: RwSignal<String>,
    parameters: RwSignal<Parameters>,
    name: RwSignal<String>,
}

impl Draft {
    fn new(task: Task, looks: Looks, dataset: String, metric: String) -> Self {
        Self {
            task: RwSignal::new(task),
            looks: RwSignal::new(looks),
            dataset: RwSignal::new(dataset),
            metric: RwSignal::new(metric),
            kind: RwSignal::new(first_kind(task, looks)),
            features: RwSignal::new(Vec::new()),
            sensitive: RwSignal::new(Vec::new()),
            target: RwSignal::new(String::new()),
            time: RwSignal::new(String::new()),
            grain: RwSignal::new("day".into()),
            agg: RwSignal::new("sum".into()),
            value: RwSignal::new(String::new()),
            parameters: RwSignal::new(Parameters::new()),
            name: RwSignal::new(String::new()),
        }
    }

    /// What it looks at; only detectors have a choice.
    fn looking(self) -> Looks {
        if self.task.get() == Task::Anomaly { self.looks.get() } else { Looks::Rows }
    }

    fn choose_task(self, task: Task) {
        self.task.set(task);
        self.kind.set(first_kind(task, self.looks.get_untracked()));
        self.parameters.set(Parameters::new());
    }

    fn choose_looks(self, looks: Looks) {
        self.looks.set(looks);
        self.kind.set(first_kind(self.task.get_untracked(), looks));
        self.parameters.set(Parameters::new());
    }

    /// The proposed columns of a dataset that was chosen.
    fn choose_dataset(self, name: String, columns: &[Column]) {
        self.dataset.set(name);
        let numbers = columns.iter().filter(|c| c.ty.is_number() && c.role == Role::Measure);
        self.features.set(numbers.map(|c| c.name.clone()).collect());
        self.sensitive.set(Vec::new());
        self.target.set(String::new());
        let of =
            |wanted: &dyn Fn(&&Column) -> bool| columns.iter().find(wanted).map(|c| c.name.clone()).unwrap_or_default();
        self.time.set(of(&|c| c.ty.is_time()));
        self.value.set(of(&|c| c.role == Role::Measure));
    }

    fn toggle(self, name: &str) {
        self.features.update(|all| match all.iter().position(|known| known == name) {
            Some(at) => _ = all.remove(at),
            None => all.push(name.to_owned()),
        });
        self.sensitive.update(|all| all.retain(|known| known != name));
    }

    fn new_model(self) -> NewModel {
        let (kind, looks) = (self.kind.get_untracked(), untrack(|| self.looking()));
        let mut spec = TrainSpec::new(kind, Vec::<String>::new());
        spec.parameters = self.parameters.get_untracked();
        let dataset = self.dataset.get_untracked();
        let source = match looks {
            Looks::Metric => ModelSource::Metric { id: self.metric.get_untracked() },
            Looks::Series => {
                let time = self.time.get_untracked();
                spec.features = vec!["value".into()];
                spec.time = Some(time.clone());
                let agg = self.agg.get_untracked();
                let measure = if agg == "count" {
                    json!({"agg": "count", "as": "value"})
                } else {
                    json!({"agg": agg, "column": self.value.get_untracked(), "as": "value"})
                };
                let query = json!({"dataset": dataset, "measures": [measure], "order": [{"by": time}],
                    "dimensions": [{"column": time, "grain": self.grain.get_untracked()}]});
                let query: Query = serde_json::from_value(query).unwrap_or_default();
                ModelSource::Query { query: Box::new(query) }
            }
            Looks::Rows => {
                let target = self.target.get_untracked();
                let wants = wants_target(self.task.get_untracked());
                spec.features = self.features.get_untracked();
                if wants {
                    spec.features.retain(|name| *name != target);
                }
                spec.target = (wants && !target.is_empty()).then_some(target);
                ModelSource::Dataset { name: dataset, filter: None }
            }
        };
        let mut def = ModelDef::new(source, spec);
        def.sensitive = self.sensitive.get_untracked();
        def.sensitive.retain(|name| def.spec.features.contains(name));
        NewModel {
            name: self.name.get_untracked().trim().to_owned(),
            description: String::new(),
            is_public: false,
            def,
        }
    }

    /// What is still missing, in words.
    fn missing(self) -> Option<&'static str> {
        let looks = self.looking();
        if looks == Looks::Metric {
            return self.metric.with(String::is_empty).then_some("Choose a metric.");
        }
        if self.dataset.with(String::is_empty) {
            return Some("Choose a dataset.");
        }
        if looks == Looks::Series {
            let lacks_value = self.agg.with(|a| a != "count") && self.value.with(String::is_empty);
            return (self.time.with(String::is_empty) || lacks_value).then_some("Choose the time and the number.");
        }
        if wants_target(self.task.get()) && self.target.with(String::is_empty) {
            return Some("Choose the column to be predicted.");
        }
        let target = self.target.get();
        let is_bare =
            self.features.with(|all| !all.iter().any(|name| *name != target || !wants_target(self.task.get())));
        is_bare.then_some("Choose at least one feature.")
    }
}

fn wants_target(task: Task) -> bool {
    matches!(task, Task::Classification | Task::Regression)
}

/// The methods that fit, the proposed one first.
fn kinds_for(task: Task, looks: Looks) -> impl Iterator<Item = &'static KindInfo> {
    let is_series = task == Task::Anomaly && looks != Looks::Rows;
    ModelKind::of(task).filter(move |info| info.is_series == is_series)
}

fn first_kind(task: Task, looks: Looks) -> ModelKind {
    kinds_for(task, looks).next().map_or(ModelKind::RankEnsemble, |info| info.kind)
}

/// The page.
#[component]
pub fn NewModelPage() -> impl IntoView {
    let draft = use_query_map().with_untracked(|query| {
        let get = |name: &str| query.get(name).unwrap_or_default();
        let task = super::TASKS.into_iter().find(|t| t.as_str() == get("task")).unwrap_or(Task::Anomaly);
        let looks = if get("metric").is_empty() { Looks::Rows } else { Looks::Metric };
        Draft::new(task, looks, get("dataset"), get("metric"))
    });
    let sources = Answer::of(tile_sources);
    // A dataset out of the address brings its columns with the answer.
    Effect::new(move |done: Option<bool>| {
        let Some(Ok(known)) = sources.get() else { return false };
        if done != Some(true) {
            let name = draft.dataset.get_untracked();
            if let Some(dataset) = known.datasets.iter().find(|d| d.name == name || d.id == name) {
                draft.choose_dataset(dataset.name.clone(), &dataset.columns);
            }
        }
        true
    });
    let body = move || match sources.get() {
        None => view! { <Skeleton height="20rem"/> }.into_any(),
        Some(Ok(sources)) => view! { <ModelForm draft sources/> }.into_any(),
        Some(Err(error)) => {
            let retry = Callback::new(move |()| sources.refetch());
            view! { <ErrorState error=error.0 retry/> }.into_any()
        }
    };
    view! {
        <Page narrow=true attr:data-testid="new-model">
            <PageHeader title="New model" crumbs=vec![Crumb::new("Models", "/models")]/>
            {body}
        </Page>
    }
    .into_any()
}

#[component]
fn ModelForm(draft: Draft, sources: Sources) -> impl IntoView {
    let sources = StoredValue::new(sources);
    let deed = Deed::new();
    let navigate = Local::holding(use_navigate);
    let columns = Memo::new(move |_| {
        let name = draft.dataset.get();
        sources
            .with_value(|s| s.datasets.iter().find(|d| d.name == name).map(|d| d.columns.clone()).unwrap_or_default())
    });
    let missing = Memo::new(move |_| draft.missing());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if missing.get_untracked().is_some() {
            return;
        }
        let mut new = draft.new_model();
        if new.name.is_empty() {
            new.name = proposed(draft, sources);
        }
        deed.submit(create_learned(new), move |model: Model| {
            _ = navigate.with(|go| go(&format!("/models/{}", model.id), NavigateOptions::default()));
        });
    };
    let tasks = super::TASKS.iter().map(|t| Segment::new(t.as_str(), t.label())).collect::<Vec<_>>();
    let task = Signal::derive(move || draft.task.get().as_str().to_owned());
    let choose_task = move |word: String| {
        let chosen = super::TASKS.into_iter().find(|t| t.as_str() == word).unwrap_or(Task::Anomaly);
        draft.choose_task(chosen);
    };
    let is_detector = move || draft.task.get() == Task::Anomaly;
    let looks = Signal::derive(move || draft.looks.get().as_str().to_owned());
    let ways = || Looks::ALL.iter().map(|(_, word, label)| Segment::new(*word, *label)).collect::<Vec<_>>();
    view! {
        <form class="form model-form" data-testid="model-form" on:submit=submit>
            <FormError error=deed.error/>
            <SegmentedControl label="What is it for" segments=tasks value=task on_change=choose_task/>
            <Show when=is_detector>
                <SegmentedControl
                    label="What does it look at"
                    segments=ways()
                    value=looks
                    on_change=move |word: String| draft.choose_looks(Looks::parse(&word))
                />
            </Show>
            <Show
                when=move || draft.looking() == Looks::Metric
                fallback=move || view! { <DatasetFields draft sources columns/> }
            >
                <MetricField draft sources/>
            </Show>
            <KindFields draft/>
            <Field label="Name" optional=true>
                <TextInput value=draft.name on_input=move |v| draft.name.set(v) max_length=100/>
            </Field>
            <p class="muted small">"It is trained on the rows that you see. Who uses it needs the right to it."</p>
            <div class="row-wrap">
                <Button
                    variant=Variant::Primary
                    kind="submit"
                    icon="play"
                    busy=deed.busy
                    disabled=Signal::derive(move || missing.get().is_some())
                    attr:data-testid="train"
                >
                    "Train"
                </Button>
                <span class="muted small" role="status">{move || missing.get()}</span>
            </div>
        </form>
    }
    .into_any()
}

/// A name for who gave none.
fn proposed(draft: Draft, sources: StoredValue<Sources>) -> String {
    let task = draft.task.get_untracked().label();
    let (dataset, metric) = (draft.dataset.get_untracked(), draft.metric.get_untracked());
    let is_metric = untrack(|| draft.looking()) == Looks::Metric;
    let of = sources.with_value(|s| match is_metric {
        true => s.metrics.iter().find(|m| m.id == metric).map(|m| m.name.clone()),
        false => s.datasets.iter().find(|d| d.name == dataset).map(|d| d.label.clone()),
    });
    let target = draft.target.get_untracked();
    let name = match (target.is_empty() || !wants_target(draft.task.get_untracked()), of) {
        (false, Some(of)) => format!("{} in {of}", domain::names::to_label(&target)),
        (_, Some(of)) => format!("{task} in {of}"),
        (_, None) => task.to_owned(),
    };
    name.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[component]
fn MetricField(draft: Draft, sources: StoredValue<Sources>) -> impl IntoView {
    let options =
        sources.with_value(|s| s.metrics.iter().map(|m| Choice::new(m.id.clone(), m.name.clone())).collect::<Vec<_>>());
    view! {
        <Field label="Metric" hint="Its past is what the detector learns from.">
            <Combobox options value=draft.metric on_change=move |id: String| draft.metric.set(id) placeholder="Choose a metric" label="Metric"/>
        </Field>
    }
}

#[component]
fn DatasetFields(draft: Draft, sources: StoredValue<Sources>, columns: Memo<Vec<Column>>) -> impl IntoView {
    let options = sources
        .with_value(|s| s.datasets.iter().map(|d| Choice::new(d.name.clone(), d.label.clone())).collect::<Vec<_>>());
    let choose = move |name: String| {
        let own = sources.with_value(|s| s.datasets.iter().find(|d| d.name == name).map(|d| d.columns.clone()));
        draft.choose_dataset(name, &own.unwrap_or_default());
    };
    let has = move || columns.with(|c| !c.is_empty());
    view! {
        <Field label="Dataset">
            <Combobox options value=draft.dataset on_change=choose placeholder="Choose a dataset" label="Dataset"/>
        </Field>
        <Show when=has>
            <Show
                when=move || draft.looking() == Looks::Series
                fallback=move || view! { <RowFields draft columns/> }
            >
                <SeriesFields draft columns/>
            </Show>
        </Show>
    }
    .into_any()
}

fn choices(columns: &[Column], fits: impl Fn(&Column) -> bool) -> Vec<Choice> {
    columns.iter().filter(|c| fits(c)).map(|c| Choice::new(c.name.clone(), c.label.clone())).collect()
}

#[component]
fn SeriesFields(draft: Draft, columns: Memo<Vec<Column>>) -> impl IntoView {
    let times = Signal::derive(move || columns.with(|c| choices(c, |c| c.ty.is_time())));
    let numbers = Signal::derive(move || columns.with(|c| choices(c, |c| c.ty.is_number())));
    let pairs = |all: &[(&str, &str)]| all.iter().map(|(v, l)| Choice::new(*v, *l)).collect::<Vec<_>>();
    let grains = pairs(&[("hour", "Hour"), ("day", "Day"), ("week", "Week"), ("month", "Month")]);
    let aggs = pairs(&[
        ("sum", "Sum"),
        ("avg", "Average"),
        ("max", "Largest"),
        ("min", "Smallest"),
        ("count", "Count of rows"),
    ]);
    view! {
        <div class="form-row">
            <Field label="Time"><Select options=times value=draft.time on_change=move |v| draft.time.set(v)/></Field>
            <Field label="By"><Select options=grains value=draft.grain on_change=move |v| draft.grain.set(v)/></Field>
        </div>
        <div class="form-row">
            <Field label="Number"><Select options=aggs value=draft.agg on_change=move |v| draft.agg.set(v)/></Field>
            <Show when=move || draft.agg.with(|a| a != "count")>
                <Field label="Of"><Select options=numbers value=draft.value on_change=move |v| draft.value.set(v)/></Field>
            </Show>
        </div>
    }
    .into_any()
}

/// Whether a column can be learned from.
fn is_feature(column: &Column) -> bool {
    !matches!(column.ty, DataType::Other | DataType::Time)
}

#[component]
fn RowFields(draft: Draft, columns: Memo<Vec<Column>>) -> impl IntoView {
    let wants = move || wants_target(draft.task.get());
    let targets = Signal::derive(move || {
        let is_number = draft.task.get() == Task::Regression;
        columns.with(|all| choices(all, |c| is_feature(c) && !c.ty.is_time() && (!is_number || c.ty.is_number())))
    });
    let shown = move || {
        let target = draft.target.get();
        let hidden = if wants() { target } else { String::new() };
        columns.get().into_iter().filter(|c| is_feature(c) && c.name != hidden).collect::<Vec<_>>()
    };
    let feature = move |column: Column| {
        let name = StoredValue::new(column.name.clone());
        let used = Memo::new(move |_| draft.features.with(|all| name.with_value(|n| all.contains(n))));
        view! {
            <button
                type="button"
                class=format!("model-feature role-{}", column.role.as_str())
                class:is-used=move || used.get()
                aria-pressed=move || if used.get() { "true" } else { "false" }
                title=column.description
                on:click=move |_| name.with_value(|n| draft.toggle(n))
            >
                <span class="role-dot" aria-hidden="true"></span>
                {column.label}
            </button>
        }
        .into_any()
    };
    let chosen = Signal::derive(move || {
        let used = draft.features.get();
        columns.with(|all| choices(all, |c| used.contains(&c.name)))
    });
    view! {
        <Show when=wants>
            <Field label="Predict">
                <Select options=targets value=draft.target on_change=move |v| draft.target.set(v) placeholder="Choose a column"/>
            </Field>
        </Show>
        <fieldset class="model-features" data-testid="features">
            <legend>"Features"</legend>
            <p class="muted small">"Click the columns that it may look at."</p>
            <div class="row-wrap">{move || shown().into_iter().map(feature).collect_view()}</div>
        </fieldset>
        <Field label="Sensitive features" optional=true hint="Their values are encrypted wherever the model keeps them.">
            <MultiSelect
                options=chosen
                selected=draft.sensitive
                on_change=move |v| draft.sensitive.set(v)
                label="Sensitive features"
                placeholder="None"
            />
        </Field>
    }
    .into_any()
}

#[component]
fn KindFields(draft: Draft) -> impl IntoView {
    let kinds = Signal::derive(move || {
        kinds_for(draft.task.get(), draft.looking()).map(|i| Choice::new(i.kind.as_str(), i.label)).collect::<Vec<_>>()
    });
    let kind = Signal::derive(move || draft.kind.get().as_str().to_owned());
    let choose = move |word: String| {
        if let Some(info) = ModelKind::ALL.iter().find(|info| info.kind.as_str() == word) {
            draft.kind.set(info.kind);
            draft.parameters.set(Parameters::new());
        }
    };
    let about = Signal::derive(move || Some(format!("{}.", draft.kind.get().info().description)));
    // The first is what people set; the others have good defaults.
    let first =
        move || draft.kind.get().info().parameters.first().map(|p| view! { <ParameterField draft parameter=*p/> });
    let others = move || {
        let rest = draft.kind.get().info().parameters.get(1..).unwrap_or_default();
        rest.iter().map(|p| view! { <ParameterField draft parameter=*p/> }).collect_view()
    };
    let has_more = move || draft.kind.get().info().parameters.len() > 1;
    view! {
        <Field label="Method" hint=about><Select options=kinds value=kind on_change=choose/></Field>
        {first}
        <Show when=has_more>
            <details class="model-more">
                <summary>"More settings"</summary>
                <div class="form">{others}</div>
            </details>
        </Show>
    }
    .into_any()
}

#[component]
fn ParameterField(draft: Draft, parameter: Parameter) -> impl IntoView {
    let hint = format!("{}.", parameter.description);
    let value = Memo::new(move |_| {
        draft.parameters.with(|all| all.get(parameter.name).cloned()).unwrap_or_else(|| parameter.default_value())
    });
    let set =
        move |value: ParameterValue| draft.parameters.update(|all| _ = all.insert(parameter.name.to_owned(), value));
    let number = Signal::derive(move || match value.get() {
        ParameterValue::Number(n) => Some(n),
        _ => None,
    });
    let change = move |n: Option<f64>| match n {
        Some(n) => set(ParameterValue::Number(n)),
        None => draft.parameters.update(|all| _ = all.remove(parameter.name)),
    };
    match parameter.range {
        Range::Integer { min, max, .. } => view! {
            <Field label=parameter.label hint>
                <NumberInput value=number on_change=change min=min as f64 max=max as f64 step=1.0/>
            </Field>
        }
        .into_any(),
        Range::Number { min, max, .. } => view! {
            <Field label=parameter.label hint><NumberInput value=number on_change=change min max/></Field>
        }
        .into_any(),
        Range::Flag { .. } => {
            let checked = Signal::derive(move || value.get() == ParameterValue::Flag(true));
            let flip = move |on: bool| set(ParameterValue::Flag(on));
            view! { <Switch checked on_change=flip label=parameter.label hint/> }.into_any()
        }
        Range::Choice { options, .. } => {
            let options: Vec<Choice> = options.iter().map(|o| Choice::new(o.value, o.label)).collect();
            let word = Signal::derive(move || match value.get() {
                ParameterValue::Choice(word) => word,
                _ => String::new(),
            });
            let choose = move |word: String| set(ParameterValue::Choice(word));
            view! { <Field label=parameter.label hint><Select options value=word on_change=choose/></Field> }.into_any()
        }
    }
}
