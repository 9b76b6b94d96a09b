//! What a metric is: its question, how values become one, how long they are kept, how to push some.

use crate::components::*;
use crate::pages::metrics::sentence;
use domain::metric::{Aggregation, Favourable, Metric, MetricDef, Retention};
use leptos::prelude::*;

/// How the values of a metric become the one that is shown.
fn gathering(def: &MetricDef) -> String {
    let what = match def.aggregation {
        Aggregation::Latest => return "the newest value".to_owned(),
        Aggregation::Sum => "the sum",
        Aggregation::Avg => "the mean",
        Aggregation::Min => "the smallest",
        Aggregation::Max => "the largest",
        Aggregation::Count => "the number",
        Aggregation::Rate => "the change a second",
    };
    match def.gathers() {
        None => format!("{what} of the rows of the answer"),
        Some(0) => format!("{what} since the value before"),
        Some(seconds) => format!("{what} of the values of the last {}", stretch(seconds)),
    }
}

/// Seconds in words.
fn stretch(seconds: u32) -> String {
    let (number, unit) = match seconds {
        s if s % 86_400 == 0 => (s / 86_400, "days"),
        s if s % 3_600 == 0 => (s / 3_600, "hours"),
        s if s % 60 == 0 => (s / 60, "minutes"),
        s => (s, "seconds"),
    };
    if number == 1 { unit.trim_end_matches('s').to_owned() } else { format!("{number} {unit}") }
}

fn days(number: u32) -> String {
    if number == 1 { "1 day".to_owned() } else { format!("{number} days") }
}

#[component]
pub(super) fn Definition(metric: Metric) -> impl IntoView {
    let def = metric.def;
    let pushed = def.is_pushed();
    let json = serde_json::to_string_pretty(&def.query).unwrap_or_default();
    let words = match pushed {
        true => "None: its values are pushed".to_owned(),
        false => sentence(&def.query).unwrap_or_else(|| format!("A question to {}", def.query.dataset)),
    };
    let shown = gathering(&def);
    let Retention { raw_days, minute_days, hour_days } = def.retention;
    let kept =
        format!("every value {}, one a minute {}, one an hour {}", days(raw_days), days(minute_days), days(hour_days));
    let favourable = match def.favourable {
        Favourable::Up => "Up",
        Favourable::Down => "Down",
        Favourable::None => "Neither direction",
    };
    let id = def.id.clone();
    // The server does not know by which name the browser reached it.
    let origin = RwSignal::new("http://localhost:3000".to_owned());
    Effect::new(move |_| {
        if let Ok(own) = window().location().origin() {
            origin.set(own);
        }
    });
    let command = Signal::derive(move || {
        format!(
            "curl -X POST {}/api/v1/metrics/{id}/values \\\n  -H \"Authorization: Bearer $ORRERY_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"value\": 42}}'",
            origin.get()
        )
    });
    view! {
        <Section title="Definition">
            <Card>
                <dl class="facts">
                    <dt>"Question"</dt>
                    <dd>{words}</dd>
                    <dt>"Identifier"</dt>
                    <dd><code>{def.id.clone()}</code></dd>
                    {(!pushed).then(|| view! {
                        <dt>"Refreshed"</dt>
                        <dd class="num">{format!("every {} seconds", def.refresh_interval)}</dd>
                    })}
                    <dt>"Shown"</dt>
                    <dd>{shown}</dd>
                    <dt>"Target"</dt>
                    <dd class="num">{def.target.map_or_else(|| "none".to_owned(), |t| domain::format::number(t, &def.format, false, &crate::session::locale()))}</dd>
                    <dt>"Good news"</dt>
                    <dd>{favourable}</dd>
                    <dt>"Kept"</dt>
                    <dd class="num">{kept}</dd>
                    <dt>"Seen by"</dt>
                    <dd>{if metric.is_public { "Everybody who signs in" } else { "Its owner, and those it is shared with" }}</dd>
                    <dt>"Owner"</dt>
                    <dd>{metric.owner_name}</dd>
                </dl>
                {(!pushed).then(|| view! {
                    <details class="metric-json">
                        <summary>"The question as JSON"</summary>
                        <pre tabindex="0">{json}</pre>
                    </details>
                })}
            </Card>
        </Section>
        <Section title="Push values with" text="A program can send values too; make a token with the scope write on your account page.">
            <div class="code-card card">
                <pre tabindex="0">{move || command.get()}</pre>
                <CopyButton text=command/>
            </div>
        </Section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_have_words() {
        assert_eq!([1, 60, 90, 7_200, 86_400].map(stretch), ["second", "minute", "90 seconds", "2 hours", "day"]);
    }
}
