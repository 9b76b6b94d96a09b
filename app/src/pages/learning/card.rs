//! The card of a model: what it is, how good it is, what it pays heed to. It prints.

use super::pictures::{Picture, confusion, importance};
use super::threshold::ThresholdPanel;
use crate::components::*;
use crate::pages::deeds::day;
use domain::Access;
use domain::learn::{DriftLevel, DriftReport, FeatureSummary, MetricValue, ParameterValue, Task, TrainReport};
use domain::registry::{Model, ModelSource, ModelVersion};
use leptos::prelude::*;

#[component]
pub(super) fn CardTab(model: Model, versions: Vec<ModelVersion>, reload: Callback<()>) -> impl IntoView {
    let active = versions.into_iter().find(|v| v.is_active);
    let Some(active) = active else {
        let text = match model.job {
            Some(_) => "The card is filled in when the first training is done.",
            None => "There is no version yet: train it again.",
        };
        return view! { <EmptyState icon="clock" title="Not trained yet" text/> }.into_any();
    };
    let narrowed = model.is_narrowed.then(|| {
        view! {
            <Notice tone=Tone::Neutral>
                "Rules decide which rows you see of the data that this was trained on, so how good it is and what it found there are not shown to you."
            </Notice>
        }
    });
    let report = active.report.clone();
    let is_detector = model.model_type == Task::Anomaly;
    let panel = (is_detector && model.access >= Access::Explore).then(|| {
        let (model, active) = (model.clone(), active.clone());
        view! { <ThresholdPanel model version=active reload/> }
    });
    let drift = model.drift.clone().map(|drift| view! { <Drift drift/> });
    view! {
        <div class="model-card" data-testid="model-card">
            {narrowed}
            {report.clone().map(|r| view! { <Figures metrics=r.metrics/> })}
            {panel}
            {report.clone().map(|report| view! { <Pictures report/> })}
            {drift}
            {facts(&model, &active)}
            {report.map(|r| view! { <Features features=r.features sensitive=model.def.sensitive.clone()/> })}
        </div>
    }
    .into_any()
}

/// A figure in the digits that matter.
pub(super) fn written(value: f64) -> String {
    match value.abs() {
        v if v >= 1_000.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// With the interval in which it lies, where that is known.
pub(super) fn with_interval(metric: &MetricValue) -> String {
    match (metric.low, metric.high) {
        (Some(low), Some(high)) => format!("{} ({} to {})", written(metric.value), written(low), written(high)),
        _ => written(metric.value),
    }
}

#[component]
fn Figures(metrics: Vec<MetricValue>) -> impl IntoView {
    let figure = |metric: MetricValue| {
        let interval = metric.low.zip(metric.high);
        view! {
            <div class="model-figure">
                <dt>{metric.label}</dt>
                <dd class="num">{written(metric.value)}</dd>
                {interval.map(|(low, high)| view! {
                    <dd class="muted small num">{format!("{} to {}", written(low), written(high))}</dd>
                })}
            </div>
        }
    };
    (!metrics.is_empty()).then(|| {
        view! {
            <Card><dl class="model-figures" data-testid="model-figures">{metrics.into_iter().map(figure).collect_view()}</dl></Card>
        }
    })
}

#[component]
fn Pictures(report: TrainReport) -> impl IntoView {
    let labels: Vec<(String, String)> = report.features.iter().map(|f| (f.name.clone(), f.label.clone())).collect();
    let label =
        move |name: &str| labels.iter().find(|(n, _)| n == name).map_or_else(|| name.to_owned(), |(_, l)| l.clone());
    let squares = report.confusion.as_ref().map(|c| {
        let data = Signal::stored(confusion(c));
        view! {
            <Section title="Which class was taken for which">
                <Card><Picture data tall=true/></Card>
            </Section>
        }
    });
    let bars = (!report.importance.is_empty()).then(|| {
        let data = Signal::stored(importance(&report.importance, label));
        view! {
            <Section title="What it pays heed to" text="How much worse it predicts when the values of a feature are shuffled.">
                <Card><Picture data tall=true/></Card>
            </Section>
        }
    });
    let groups = report.clusters.clone().map(|clusters| {
        let head = vec![Head::number("Group"), Head::number("Rows"), Head::text("What sets it apart")];
        let row = |g: domain::learn::ClusterSummary| {
            view! {
                <tr>
                    <td class="num">{g.cluster}</td>
                    <td class="num">{g.rows}</td>
                    <td>{g.traits.into_iter().map(|t| view! { <div>{t}</div> }).collect_view()}</td>
                </tr>
            }
        };
        let noise = (clusters.noise > 0).then(|| view! { <p class="muted small">{format!("{} rows are in no group.", clusters.noise)}</p> });
        view! {
            <Section title="Groups">
                <Card flush=true><Table caption="Groups" head>{clusters.groups.into_iter().map(row).collect_view()}</Table></Card>
                {noise}
            </Section>
        }
    });
    let notes = (!report.notes.is_empty()).then(|| {
        view! {
            <Notice>{report.notes.clone().into_iter().map(|note| view! { <p>{note}</p> }).collect_view()}</Notice>
        }
    });
    view! { {notes}{groups}{squares}{bars} }.into_any()
}

#[component]
fn Drift(drift: DriftReport) -> impl IntoView {
    let (tone, words) = match drift.level {
        _ if drift.is_thin => (Tone::Neutral, "There are too few new rows to say whether they are still alike."),
        DriftLevel::Steady => (Tone::Good, "New rows are like those it was trained on."),
        DriftLevel::Moved => (Tone::Warn, "New rows have moved from those it was trained on."),
        DriftLevel::Shifted => (Tone::Bad, "New rows are not like those it was trained on: train it again."),
    };
    let most = drift.features.iter().take(3).map(|f| format!("{} {:.2}", f.feature, f.psi)).collect::<Vec<_>>();
    let detail = format!("Population stability index {:.2}; {}.", drift.psi, most.join(", "));
    view! {
        <div data-testid="model-drift">
            <Notice tone>
                <p>{words}</p>
                {(!most.is_empty()).then(|| view! { <p class="small num">{detail}</p> })}
            </Notice>
        </div>
    }
    .into_any()
}

fn facts(model: &Model, version: &ModelVersion) -> AnyView {
    let training = &version.training;
    let rows = if training.rows == 0 {
        "not shown to you".to_owned()
    } else if training.is_sample {
        format!("{} of {} rows, every so many one", training.rows, training.total_rows)
    } else {
        format!("{} rows", training.rows)
    };
    let data = match (&model.def.source, training.data_version) {
        (ModelSource::Nothing, _) => "A file of another installation".to_owned(),
        (_, 0) => training.label.clone(),
        (_, number) => format!("{}, version {number}", training.label),
    };
    let eyes = if training.is_narrowed {
        format!("{}, who does not see all rows", version.trained_by)
    } else {
        version.trained_by.clone()
    };
    let parameters: Vec<String> = model
        .hyperparameters
        .iter()
        .map(|(name, value)| {
            let value = match value {
                ParameterValue::Flag(on) => on.to_string(),
                ParameterValue::Number(n) => n.to_string(),
                ParameterValue::Choice(word) => word.clone(),
            };
            format!("{} {value}", domain::names::to_label(name))
        })
        .collect();
    let used = match &model.last_prediction {
        Some(at) => format!("{} predictions, the last on {}", model.prediction_count, day(at)),
        None => "Not used yet".to_owned(),
    };
    let lines = [
        ("Type", format!("{}: {}", model.model_type.label(), model.kind.info().label)),
        ("Predicts", model.target.clone().unwrap_or_else(|| "—".into())),
        ("Trained on", format!("{data} ({rows})")),
        ("With the eyes of", eyes),
        ("Trained", day(&version.trained_at)),
        ("Version", version.version.to_string()),
        ("Used", used),
        ("Settings", if parameters.is_empty() { "—".into() } else { parameters.join(", ") }),
        ("File", format!("{} bytes{}", version.bytes, if version.is_sealed { ", encrypted" } else { "" })),
        ("SHA-256", version.sha256.clone()),
    ];
    let line = |(name, value): (&'static str, String)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    view! {
        <Section title="About it">
            <Card><dl class="facts model-facts">{lines.into_iter().map(line).collect_view()}</dl></Card>
        </Section>
    }
    .into_any()
}

#[component]
fn Features(features: Vec<FeatureSummary>, sensitive: Vec<String>) -> impl IntoView {
    let head = vec![Head::text("Feature"), Head::text("In training"), Head::number("Missing")];
    let row = move |f: FeatureSummary| {
        let is_sensitive = sensitive.contains(&f.name);
        let seen = match (f.min, f.median, f.max, f.members) {
            // What is sensitive is not told.
            _ if is_sensitive => "Not shown".to_owned(),
            (Some(min), Some(median), Some(max), _) => {
                format!("{} to {}, median {}", written(min), written(max), written(median))
            }
            (.., Some(members)) => format!("{members} values"),
            _ => "—".to_owned(),
        };
        view! {
            <tr>
                <td>
                    {f.label}
                    {is_sensitive.then(|| view! { " " <Badge icon="lock">"Sensitive"</Badge> })}
                    {f.is_constant.then(|| view! { <div class="muted small">"Always the same, so it was left out"</div> })}
                </td>
                <td class="small">{seen}</td>
                <td class="num">{format!("{:.0} %", f.missing * 100.0)}</td>
            </tr>
        }
    };
    view! {
        <Section title="Features">
            <Card flush=true><Table caption="Features" head>{features.into_iter().map(row).collect_view()}</Table></Card>
        </Section>
    }
    .into_any()
}
