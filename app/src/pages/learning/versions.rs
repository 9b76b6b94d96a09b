//! The versions of a model: which one answers, two side by side, one on trial, the way back.

use super::card::{with_interval, written};
use crate::api::learning::{activate_version, compare_versions, try_version};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError, day};
use domain::Access;
use domain::learn::Task;
use domain::registry::{Comparison, Model, ModelVersion};
use leptos::{ev, prelude::*};

#[component]
pub(super) fn VersionsTab(model: Model, versions: Vec<ModelVersion>, reload: Callback<()>) -> impl IntoView {
    if versions.is_empty() {
        return view! { <EmptyState icon="history" title="No versions yet" text="Each training makes one." compact=true/> }
            .into_any();
    }
    let may_edit = model.access >= Access::Edit;
    let many = versions.len() > 1;
    let trial = (may_edit && many && model.model_type != Task::Anomaly)
        .then(|| view! { <TrialForm model=model.clone() versions=versions.clone() reload/> });
    let compare = (many && model.access >= Access::Explore)
        .then(|| view! { <Compare model=model.clone() versions=versions.clone()/> });
    view! {
        <List model versions reload/>
        {compare}
        {trial}
    }
    .into_any()
}

#[component]
fn List(model: Model, versions: Vec<ModelVersion>, reload: Callback<()>) -> impl IntoView {
    let id = StoredValue::new(model.id.clone());
    let may_edit = model.access >= Access::Edit;
    let deed = Deed::new();
    let toasts = use_toasts();
    let activate = move |version: u32| {
        deed.run(activate_version(id.get_value(), version), move |()| {
            toasts.good(format!("Version {version} answers now."));
            _ = reload.try_run(());
        });
    };
    let head = vec![
        Head::number("Version"),
        Head::text("State"),
        Head::text("How good"),
        Head::text("Trained on"),
        Head::text("By"),
        Head::number("Predictions"),
        Head::hidden("What to do"),
    ];
    let row = move |v: ModelVersion| {
        let number = v.version;
        let good =
            v.report.as_ref().and_then(|r| r.metrics.first()).map(|m| format!("{} {}", m.label, with_interval(m)));
        let state = match (v.is_active, v.is_trial) {
            (true, _) => view! { <Badge tone=Tone::Good icon="check">"Active"</Badge> }.into_any(),
            (_, true) => view! { <Badge tone=Tone::Accent>"On trial"</Badge> }.into_any(),
            _ => view! { <span class="muted">"Kept"</span> }.into_any(),
        };
        let file = format!("/api/v1/models/{}/versions/{number}/file", id.get_value());
        view! {
            <tr data-testid="version" data-active=v.is_active.to_string()>
                <td class="num">{number}</td>
                <td>{state}</td>
                <td class="small num">{good.unwrap_or_else(|| "—".into())}</td>
                <td class="small">{v.training.label} <div class="muted num">{format!("{} rows", v.training.rows)}</div></td>
                <td class="small">{v.trained_by} <div class="muted">{day(&v.trained_at)}</div></td>
                <td class="num">{v.prediction_count}</td>
                <td class="actions row">
                    {may_edit.then(|| view! {
                        <LinkButton href=file size=Size::Small icon="download" external=true>"Download"</LinkButton>
                    })}
                    {(may_edit && !v.is_active).then(|| view! {
                        <Button size=Size::Small icon="undo-2" busy=deed.busy on_click=move |()| activate(number) attr:data-testid="activate">
                            {format!("Use version {number}")}
                        </Button>
                    })}
                </td>
            </tr>
        }
        .into_any()
    };
    let rows = versions.into_iter().map(row).collect_view();
    view! { <Card flush=true><Table caption="Versions" head>{rows}</Table></Card> }.into_any()
}

fn numbers(versions: &[ModelVersion]) -> Vec<Choice> {
    versions.iter().map(|v| Choice::new(v.version.to_string(), format!("Version {}", v.version))).collect()
}

#[component]
fn Compare(model: Model, versions: Vec<ModelVersion>) -> impl IntoView {
    let id = StoredValue::new(model.id.clone());
    let options = numbers(&versions);
    let nth = |n: usize| versions.get(n).map(|v| v.version.to_string()).unwrap_or_default();
    let (one, other) = (RwSignal::new(nth(0)), RwSignal::new(nth(1)));
    let versions = StoredValue::new(versions);
    let result = RwSignal::new(None::<Comparison>);
    let deed = Deed::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let both = [one, other].iter().filter_map(|v| v.get_untracked().parse().ok()).collect();
        deed.submit(compare_versions(id.get_value(), both), move |c: Comparison| _ = result.try_set(Some(c)));
    };
    let shown = move || result.get().map(|c| versions.with_value(|all| side_by_side(&c, all)));
    view! {
        <Section title="Side by side" text="Both are asked about the rows that you see now.">
            <Card>
                <form class="row-wrap model-compare" on:submit=submit>
                    <Select options=options.clone() value=one on_change=move |v| one.set(v) label="One version"/>
                    <Select options value=other on_change=move |v| other.set(v) label="Another version"/>
                    <Button kind="submit" busy=deed.busy attr:data-testid="compare">"Compare"</Button>
                </form>
                <FormError error=deed.error/>
                {shown}
            </Card>
        </Section>
    }
    .into_any()
}

fn side_by_side(comparison: &Comparison, versions: &[ModelVersion]) -> AnyView {
    let of = |number: u32| versions.iter().find(|v| v.version == number).and_then(|v| v.report.as_ref());
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    let mut put = |name: String, at: usize, value: String| {
        if !lines.iter().any(|(known, _)| *known == name) {
            lines.push((name.clone(), vec!["—".to_owned(); comparison.versions.len()]));
        }
        if let Some(cell) = lines.iter_mut().find(|(known, _)| *known == name).and_then(|(_, v)| v.get_mut(at)) {
            *cell = value;
        }
    };
    for (at, figures) in comparison.versions.iter().enumerate() {
        for metric in &figures.metrics {
            put(format!("{} now", metric.label), at, written(metric.value));
        }
        for metric in of(figures.version).map(|r| r.metrics.as_slice()).unwrap_or_default() {
            put(format!("{} in training", metric.label), at, with_interval(metric));
        }
        put("Predictions".to_owned(), at, figures.prediction_count.to_string());
    }
    let mut head = vec![Head::text("")];
    head.extend(comparison.versions.iter().map(|v| Head::number(format!("Version {}", v.version))));
    let row = |(name, cells): (String, Vec<String>)| {
        view! {
            <tr><th scope="row">{name}</th>{cells.into_iter().map(|c| view! { <td class="num">{c}</td> }).collect_view()}</tr>
        }
    };
    let agree =
        comparison.agreement.map(|a| format!("They say the same of {:.0} % of {} rows.", a * 100.0, comparison.rows));
    view! {
        <div data-testid="comparison">
            <Table caption="Versions side by side" head>{lines.into_iter().map(row).collect_view()}</Table>
            {agree.map(|words| view! { <p class="muted small">{words}</p> })}
        </div>
    }
    .into_any()
}

#[component]
fn TrialForm(model: Model, versions: Vec<ModelVersion>, reload: Callback<()>) -> impl IntoView {
    let id = StoredValue::new(model.id.clone());
    let others: Vec<ModelVersion> = versions.into_iter().filter(|v| !v.is_active).collect();
    let options = numbers(&others);
    let first = others.first().map(|v| v.version).unwrap_or_default();
    let version = RwSignal::new(model.trial.map_or(first, |t| t.version).to_string());
    let share = RwSignal::new(Some(model.trial.map_or(20.0, |t| f64::from(t.share))));
    let deed = Deed::new();
    let begin = move |percent: u32| {
        let number = version.get_untracked().parse().unwrap_or_default();
        deed.submit(try_version(id.get_value(), number, percent), move |()| _ = reload.try_run(()));
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        begin(share.get_untracked().unwrap_or_default().clamp(0.0, 99.0) as u32);
    };
    let running = model.trial.is_some();
    view! {
        <Section title="Try a version" text="It answers a share of what is asked; the same row always gets the same version.">
            <Card>
                <form class="row-wrap model-compare" data-testid="trial-form" on:submit=submit>
                    <Select options value=version on_change=move |v| version.set(v) label="Version on trial"/>
                    <NumberInput value=share on_change=move |v| share.set(v) min=1.0 max=99.0 step=1.0 unit="%" label="Share"/>
                    <Button kind="submit" busy=deed.busy>{if running { "Change the trial" } else { "Begin the trial" }}</Button>
                    {running.then(|| view! { <Button on_click=move |()| begin(0)>"End the trial"</Button> })}
                </form>
                <FormError error=deed.error/>
            </Card>
        </Section>
    }
    .into_any()
}
