//! The queue of long and recurring work: what waits, runs, ended, and how metrics keep their times.

use crate::api::jobs::{cancel_job, clock_of_metrics, list_jobs, retry_job};
use crate::components::*;
use crate::live::use_topic;
use crate::pages::data::progress::News;
use crate::pages::deeds::{Answer, Deed};
use domain::api::{Job, MetricsClock};
use domain::format::{Format, number};
use leptos::prelude::*;

const STATES: &[(&str, &str)] = &[
    ("", "All"),
    ("queued", "Queued"),
    ("running", "Running"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
    ("dead", "Dead"),
];

/// The queue.
#[component]
pub(super) fn Jobs() -> impl IntoView {
    let status = RwSignal::new(String::new());
    // How often the queue changed.
    let changes = RwSignal::new(0_u32);
    use_topic("jobs:all".to_owned(), move |message| {
        if message.data.is_some() {
            _ = changes.try_update(|n| *n = n.wrapping_add(1));
        }
    });
    let jobs = Answer::of(move || {
        _ = changes.get();
        let wanted = status.get();
        list_jobs((!wanted.is_empty()).then_some(wanted))
    });
    let clock = Answer::of(move || {
        _ = changes.get();
        clock_of_metrics()
    });
    let deed = Deed::new();
    let body = move || {
        match jobs.get() {
        None => view! { <Skeleton lines=6/> }.into_any(),
        Some(Ok(all)) if all.is_empty() => view! {
            <EmptyState icon="clipboard-list" title="No such jobs" text="Loading files and recurring work stand here while they wait and run, and for thirty days after."/>
        }
        .into_any(),
        Some(Ok(all)) => view! {
            <Card flush=true>
                <Table caption="Jobs" head=vec![Head::text("Kind"), Head::text("Owner"), Head::text("Status"), Head::text("Due"), Head::number("Attempts"), Head::text("Outcome"), Head::hidden("Actions")]>
                    {all.into_iter().map(|job| row(job, deed)).collect_view()}
                </Table>
            </Card>
        }
        .into_any(),
        Some(Err(error)) => {
            let retry = Callback::new(move |()| jobs.refetch());
            view! { <ErrorState error=error.0 retry/> }.into_any()
        }
    }
    };
    let choices: Vec<Choice> = STATES.iter().map(|(value, label)| Choice::new(*value, *label)).collect();
    view! {
        <div class="stack">
            <div class="toolbar">
                <p class="muted grow">{move || clock.get().and_then(Result::ok).map(|clock| words(&clock))}</p>
                <Select options=choices value=status on_change=move |v| status.set(v) label="Status"/>
            </div>
            <div data-testid="jobs-table">{body}</div>
        </div>
    }
    .into_any()
}

/// How metrics keep their times.
fn words(clock: &MetricsClock) -> String {
    let write = |n: f64| number(n, &Format::default(), false, &crate::session::locale());
    let metrics = match clock.metrics {
        1 => "1 metric is refreshed by time".to_owned(),
        n => format!("{} metrics are refreshed by time", write(n as f64)),
    };
    let failing = (clock.failing > 0).then(|| format!(", {} of them failing", write(clock.failing as f64)));
    let lag = (clock.refreshes > 0).then(|| {
        let (p50, p99) = (write(clock.lag_p50_ms as f64), write(clock.lag_p99_ms as f64));
        format!(". Half of the values are kept within {p50} ms of their time, 99 of 100 within {p99} ms")
    });
    format!("{metrics}{}{}.", failing.unwrap_or_default(), lag.unwrap_or_default())
}

fn row(job: Job, deed: Deed) -> AnyView {
    let toasts = use_toasts();
    let Job { id, kind, status, progress, result, error, owner_name, attempts, due_at, can_retry, .. } = job;
    let is_open = matches!(status.as_str(), "queued" | "running");
    let done = RwSignal::new(progress);
    if status == "running" {
        // Its end comes with the queue's own topic.
        use_topic(format!("job:{id}"), move |message| {
            if let Some(news) = message.data.and_then(|data| serde_json::from_value::<News>(data).ok()) {
                _ = done.try_set(news.progress());
            }
        });
    }
    let tone = match status.as_str() {
        "succeeded" => Tone::Good,
        "failed" | "dead" => Tone::Bad,
        "running" => Tone::Accent,
        _ => Tone::Neutral,
    };
    let label = domain::names::to_label(&kind);
    let bar = (status == "running").then(|| {
        let name = format!("Progress of {label}");
        view! { <ProgressBar value=Signal::derive(move || Some(done.get())) label=name/> }
    });
    let outcome = match (error, result) {
        (Some(error), _) => error.to_string(),
        (None, Some(result)) => short(&result),
        (None, None) => String::new(),
    };
    let owner = if owner_name.is_empty() { "The server".to_owned() } else { owner_name };
    let name = label.clone();
    let cancel = is_open.then(|| {
        let id = id.clone();
        let act = move |()| deed.run(cancel_job(id.clone()), move |_| toasts.good("Job cancelled"));
        view! { <Button size=Size::Small on_click=act>"Cancel"<span class="visually-hidden">{format!(" {name}")}</span></Button> }
    });
    let retry = can_retry.then(|| {
        let (id, name) = (id.clone(), label.clone());
        let act = move |()| deed.run(retry_job(id.clone()), move |_| toasts.good("The job is queued again"));
        view! { <Button size=Size::Small on_click=act>"Retry"<span class="visually-hidden">{format!(" {name}")}</span></Button> }
    });
    view! {
        <tr data-testid="job" data-job-id=id.clone()>
            <td>{label.clone()}</td>
            <td>{owner}</td>
            <td><Badge tone>{domain::names::to_label(&status)}</Badge>{bar}</td>
            <td><Time iso=Signal::stored(due_at)/></td>
            <td class="num">{attempts}</td>
            <td class="job-outcome">{outcome}</td>
            <td class="actions"><div class="row row-end">{cancel}{retry}</div></td>
        </tr>
    }
    .into_any()
}

/// A result in a line: its plain fields.
fn short(result: &serde_json::Value) -> String {
    let Some(fields) = result.as_object() else { return result.to_string() };
    let plain = |value: &serde_json::Value| match value {
        serde_json::Value::Number(n) => Some(n.to_string()),
        serde_json::Value::String(text) => Some(text.clone()),
        _ => None,
    };
    let words: Vec<String> = fields
        .iter()
        .filter_map(|(name, value)| Some(format!("{}: {}", domain::names::to_label(name), plain(value)?)))
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_clocks_have_words() {
        assert_eq!(short(&serde_json::json!({"thinned": 12, "dataset": {"id": 1}})), "Thinned: 12");
        let clock = MetricsClock { metrics: 2, failing: 1, refreshes: 9, lag_p50_ms: 5, lag_p99_ms: 40 };
        assert_eq!(
            words(&clock),
            "2 metrics are refreshed by time, 1 of them failing. Half of the values are kept within 5 ms of their time, 99 of 100 within 40 ms."
        );
    }
}
