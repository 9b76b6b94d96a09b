//! How a forecast did as actual values arrived.

use crate::api::forecasts::track_forecast;
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::pages::forecasts::picture::{plain, share};
use crate::pages::metrics::MemberLine;
use domain::forecast::{Drift, ForecastRun, ForecastTrack};
use leptos::prelude::*;

/// Runs that are shown.
const SHOWN: usize = 20;

#[component]
pub(super) fn Track(id: StoredValue<String>) -> impl IntoView {
    let track = Answer::of(move || track_forecast(id.get_value()));
    let body = move || match track.get() {
        None => view! { <Skeleton lines=3/> }.into_any(),
        Some(Ok(track)) => shown(track),
        Some(Err(error)) => view! { <p class="muted">{error.0.to_string()}</p> }.into_any(),
    };
    view! {
        <Section title="How it did" text="Each former forecast against the values that came after it.">
            <div data-testid="forecast-track">{body}</div>
        </Section>
    }
}

fn shown(track: ForecastTrack) -> AnyView {
    let tone = match track.drift {
        Drift::None => Tone::Good,
        Drift::Unknown => Tone::Neutral,
        Drift::Above | Drift::Below | Drift::Wider => Tone::Warn,
    };
    let line: Vec<Option<f64>> = track.runs.iter().rev().map(|r| r.accuracy.as_ref().and_then(|a| a.mae)).collect();
    let has_line = line.iter().flatten().count() > 1;
    let head = vec![
        Head::text("Knew values until"),
        Head::text("Model"),
        Head::number("Compared"),
        Head::number("MAE"),
        Head::number("sMAPE"),
        Head::number("In 95 %"),
        Head::text("Note"),
    ];
    let row = |run: ForecastRun| {
        let a = run.accuracy.unwrap_or_default();
        view! {
            <tr data-testid="forecast-run">
                <td>{run.until}</td><td>{run.model.label()}</td><td class="num">{a.n}</td>
                <td class="num">{plain(a.mae)}</td><td class="num">{plain(a.smape)}</td><td class="num">{share(a.coverage95)}</td>
                <td class="small">{run.note}</td>
            </tr>
        }
    };
    let rows = track.runs.into_iter().take(SHOWN).map(row).collect_view();
    let verdict = track.verdict;
    view! {
        <Notice tone>{verdict}</Notice>
        {has_line.then(|| view! { <figure class="forecast-errors"><MemberLine values=line/><figcaption class="muted small">"Mean absolute error, forecast by forecast"</figcaption></figure> })}
        <Card flush=true><Table caption="Former forecasts" head>{rows}</Table></Card>
    }
    .into_any()
}
