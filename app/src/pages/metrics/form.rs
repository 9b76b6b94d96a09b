//! Making and changing a metric.

mod more;

use crate::api::metrics::{Source, create_metric, metric_sources, update_metric};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::api::{MetricPatch, NewMetric};
use domain::format::{Format, Style};
use domain::metric::{Favourable, Metric};
use domain::query::{Measure, Query};
use leptos::task::spawn_local;
use leptos::{ev, prelude::*};
use more::{More, MoreFields};

const STYLES: &[(Style, &str, &str)] = &[
    (Style::Number, "number", "Number"),
    (Style::Percent, "percent", "Percent"),
    (Style::Currency, "currency", "Currency"),
    (Style::Duration, "duration", "Duration"),
    (Style::Bytes, "bytes", "Bytes"),
    (Style::Scientific, "scientific", "Scientific"),
];

const DIRECTIONS: &[(Favourable, &str, &str)] = &[
    (Favourable::Up, "up", "Up is good"),
    (Favourable::Down, "down", "Down is good"),
    (Favourable::None, "none", "Neither"),
];

/// The dialog: for a new metric, or for `metric`.
#[component]
pub(crate) fn MetricDialog(
    open: RwSignal<bool>,
    #[prop(optional)] metric: Option<Metric>,
    /// The only dataset that a new one can be about.
    #[prop(optional)]
    dataset: Option<String>,
    /// With the metric as it is now.
    on_saved: Callback<Metric>,
) -> impl IntoView {
    let title = if metric.is_some() { "Edit metric" } else { "New metric" };
    let metric = StoredValue::new((metric, dataset));
    view! {
        <Dialog open title light=false>
            <Sources metric=metric.with_value(|m| m.0.clone()) only=metric.with_value(|m| m.1.clone()) open on_saved/>
        </Dialog>
    }
}

#[component]
fn Sources(
    metric: Option<Metric>,
    only: Option<String>,
    open: RwSignal<bool>,
    on_saved: Callback<Metric>,
) -> impl IntoView {
    // No resource: that would call up the placeholder of the whole page, and this dialog would leave
    // the document with the page's content.
    let sources = RwSignal::new(None::<crate::api::Result<Vec<Source>>>);
    let load = move || {
        sources.set(None);
        let only = only.clone();
        spawn_local(async move {
            let mut found = metric_sources().await;
            if let (Ok(found), Some(only)) = (&mut found, &only) {
                found.retain(|source| source.name == *only);
            }
            _ = sources.try_set(Some(found));
        });
    };
    load();
    let retry = Callback::new(move |()| load());
    move || match sources.get() {
        None => view! { <Skeleton lines=6/> }.into_any(),
        Some(Ok(sources)) => view! { <MetricForm metric=metric.clone() sources open on_saved/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry compact=true/> }.into_any(),
    }
}

#[component]
fn MetricForm(
    metric: Option<Metric>,
    sources: Vec<Source>,
    open: RwSignal<bool>,
    on_saved: Callback<Metric>,
) -> impl IntoView {
    let deed = Deed::new();
    let (is_public, is_owner) =
        metric.as_ref().map_or((false, true), |m| (m.is_public, m.access == domain::Access::Owner));
    let def = metric.map(|m| m.def);
    let old = StoredValue::new(def.clone());
    let query = def.as_ref().map(|d| d.query.clone()).unwrap_or_default();
    let editing = def.is_some();
    // A question that this form cannot show stays as it is.
    let is_known = sources.iter().any(|s| s.name == query.dataset);
    let fixed = editing && !(is_known && query.is_one_aggregate());
    // Without data there is nothing to ask.
    let pushed = RwSignal::new(def.as_ref().map_or(sources.is_empty(), domain::metric::MetricDef::is_pushed));
    let can_ask = !sources.is_empty();
    let more = More::of(def.as_ref());
    let begin = |dataset: String| Query { dataset, measures: vec![Measure::count()], ..Query::default() };
    let first = sources.first().map(|s| s.name.clone()).unwrap_or_default();
    let query = RwSignal::new(if editing { query } else { begin(first) });
    let format = def.as_ref().map(|d| d.format.clone()).unwrap_or_default();

    let name = RwSignal::new(def.as_ref().map(|d| d.name.clone()).unwrap_or_default());
    let description = RwSignal::new(def.as_ref().map(|d| d.description.clone()).unwrap_or_default());
    let dataset = Memo::new(move |_| query.with(|q| q.dataset.clone()));
    let style = RwSignal::new(name_of(STYLES, format.style));
    let currency = RwSignal::new(format.currency.clone().unwrap_or_else(|| "USD".into()));
    let decimals = RwSignal::new(format.decimals.map(f64::from));
    let unit = RwSignal::new(format.suffix.trim().to_owned());
    let interval = RwSignal::new(Some(def.as_ref().map_or(60.0, |d| f64::from(d.refresh_interval))));
    let target = RwSignal::new(def.as_ref().and_then(|d| d.target));
    let favourable = RwSignal::new(name_of(DIRECTIONS, def.as_ref().map(|d| d.favourable).unwrap_or_default()));
    let public = RwSignal::new(is_public);

    let columns = StoredValue::new(sources.iter().map(|s| (s.name.clone(), s.columns.clone())).collect::<Vec<_>>());
    let columns_of = move |dataset: &str| {
        columns
            .with_value(|all| all.iter().find(|(name, _)| name == dataset).map(|(_, c)| c.clone()).unwrap_or_default())
    };
    let datasets: Vec<Choice> = sources.iter().map(|s| Choice::new(s.name.clone(), s.label.clone())).collect();
    let datasets = StoredValue::new(datasets);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let query = query.get_untracked();
        let style = value_of(STYLES, &style.get_untracked());
        let base = old.with_value(|d| d.as_ref().map(|d| d.format.clone())).unwrap_or_default();
        let format = Format {
            style,
            decimals: decimals.get_untracked().map(|d| d.clamp(0.0, 10.0) as u8),
            currency: (style == Style::Currency).then(|| currency.get_untracked().trim().to_uppercase()),
            suffix: suffix(&base.suffix, &unit.get_untracked()),
            ..base
        };
        let seconds = interval.get_untracked().map(|s| s.clamp(0.0, 4e9) as u32);
        let favourable = value_of(DIRECTIONS, &favourable.get_untracked());
        let (name, description, target) = (name.get_untracked(), description.get_untracked(), target.get_untracked());
        let new = NewMetric {
            id: String::new(),
            name: name.clone(),
            description: description.clone(),
            query: (!pushed.get_untracked()).then(|| query.clone().into()),
            refresh_interval: seconds,
            format: format.clone(),
            target,
            favourable,
            is_public: public.get_untracked(),
            data_source: None,
            aggregation: more.aggregation(),
            window: more.window(),
            period: more.period(),
            breakdown: more.breakdown(),
            retention: more.retention(),
        };
        let patch = MetricPatch {
            name: Some(name),
            description: Some(description),
            query: (!fixed).then(|| query.into()),
            refresh_interval: seconds,
            format: Some(format),
            target: Some(target),
            favourable: Some(favourable),
            is_public: is_owner.then(|| public.get_untracked()),
            aggregation: Some(more.aggregation()),
            window: Some(more.window()),
            period: Some(more.period()),
            breakdown: Some(more.breakdown()),
            retention: Some(more.retention()),
        };
        let id = old.with_value(|d| d.as_ref().map(|d| d.id.clone()));
        let work = async move {
            match id {
                Some(id) => update_metric(id, patch).await,
                None => create_metric(new).await,
            }
        };
        deed.submit(work, move |metric| {
            _ = open.try_set(false);
            _ = on_saved.try_run(metric);
        });
    };
    // Conditions belong to the columns of their dataset.
    let choose = move |name: String| query.set(begin(name));
    let question = move || {
        view! {
            {(datasets.with_value(Vec::len) > 1).then(|| view! {
                <Field label="Dataset">
                    <Select options=datasets.get_value() value=dataset on_change=choose/>
                </Field>
            })}
            {move || {
                // The editor is made anew for each dataset: it begins with what that has.
                _ = dataset.get();
                crate::lazy::measure_editor(query)
            }}
        }
        .into_any()
    };
    view! {
        <form class="form" data-testid="metric-form" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="Name" required=true>
                <TextInput value=name on_input=move |v| name.set(v) max_length=100 autofocus=true/>
            </Field>
            <Field label="Description" optional=true>
                <TextInput value=description on_input=move |v| description.set(v)/>
            </Field>
            {(!editing && can_ask).then(|| view! {
                <Field label="Values come from">
                    <Select
                        options=vec![Choice::new("question", "A question about data"), Choice::new("push", "Programs that push them")]
                        value=Signal::derive(move || if pushed.get() { "push" } else { "question" }.to_owned())
                        on_change=move |v: String| pushed.set(v == "push")
                    />
                </Field>
            })}
            {move || if pushed.get() {
                view! { <Notice>"Programs send its values; the metric’s page shows how."</Notice> }.into_any()
            } else if fixed {
                view! { <Notice>"Its question is more than one number of one dataset and stays as it is. Change it through the API."</Notice> }.into_any()
            } else {
                question()
            }}
            <div class="form-row">
                <Field label="Format">
                    <Select options=choices(STYLES) value=style on_change=move |v| style.set(v)/>
                </Field>
                <Show when=move || style.with(|s| s == "currency")>
                    <Field label="Currency" hint="Three letters, such as EUR.">
                        <TextInput value=currency on_input=move |v| currency.set(v) max_length=3/>
                    </Field>
                </Show>
                <Field label="Unit" optional=true hint="Behind the number, such as km.">
                    <TextInput value=unit on_input=move |v| unit.set(v) max_length=20/>
                </Field>
                <Field label="Decimals" optional=true>
                    <NumberInput value=decimals on_change=move |v| decimals.set(v) min=0.0 max=10.0 step=1.0/>
                </Field>
            </div>
            <div class="form-row">
                <Show when=move || !pushed.get()>
                    <Field label="Refresh every" required=true>
                        <NumberInput value=interval on_change=move |v| interval.set(v) min=1.0 max=86_400.0 step=1.0 unit="seconds"/>
                    </Field>
                </Show>
                <Field label="Target" optional=true>
                    <NumberInput value=target on_change=move |v| target.set(v)/>
                </Field>
                <Field label="Good news">
                    <Select options=choices(DIRECTIONS) value=favourable on_change=move |v| favourable.set(v)/>
                </Field>
            </div>
            <MoreFields more columns=Signal::derive(move || columns_of(&dataset.get())) pushed/>
            {is_owner.then(|| view! {
                <Switch checked=public on_change=move |v| public.set(v) label="Everybody may see it" hint="Everybody who signs in here; otherwise only you and administrators."/>
            })}
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>{if editing { "Save metric" } else { "Make metric" }}</Button>
            </div>
        </form>
    }
    .into_any()
}

/// What stands behind the number. One that was set with or without a space stays so.
fn suffix(before: &str, unit: &str) -> String {
    match unit.trim() {
        "" => String::new(),
        unit if unit == before.trim() => before.to_owned(),
        unit => format!(" {unit}"),
    }
}

fn choices<T>(table: &[(T, &str, &str)]) -> Vec<Choice> {
    table.iter().map(|(_, value, label)| Choice::new(*value, *label)).collect()
}

fn name_of<T: PartialEq>(table: &[(T, &str, &str)], wanted: T) -> String {
    table.iter().find(|(value, _, _)| *value == wanted).map(|(_, name, _)| (*name).to_owned()).unwrap_or_default()
}

fn value_of<T: Copy + Default>(table: &[(T, &str, &str)], name: &str) -> T {
    table.iter().find(|(_, own, _)| *own == name).map(|(value, _, _)| *value).unwrap_or_default()
}
