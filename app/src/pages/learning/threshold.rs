//! Where a detector decides: the scores as a histogram, the threshold to be moved, and the rows that it
//! would flag.

use super::pictures::{Picture, scores};
use crate::api::learning::{flagged_rows, move_threshold};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use domain::Access;
use domain::Cell;
use domain::learn::Anomaly;
use domain::registry::{Model, ModelVersion};
use leptos::prelude::*;

/// How long the slider has to rest before rows are asked for.
const PAUSE_MS: u64 = 300;
/// Columns of a row that are shown.
const MOST_COLUMNS: usize = 6;

#[component]
pub(super) fn ThresholdPanel(model: Model, version: ModelVersion, reload: Callback<()>) -> impl IntoView {
    let histogram = version.report.as_ref().and_then(|r| r.histogram.clone());
    let kept = version.threshold.or(histogram.as_ref().map(|h| h.threshold)).unwrap_or(0.5);
    let (id, number) = (StoredValue::new(model.id.clone()), version.version);
    let at = RwSignal::new(kept);
    let settled = RwSignal::new(None::<f64>);
    let settle = debounced(PAUSE_MS, Callback::new(move |value: f64| _ = settled.try_set(Some(value))));
    let found = Answer::of(move || flagged_rows(id.get_value(), settled.get()));
    let deed = Deed::new();
    let toasts = use_toasts();
    let save = move |()| {
        deed.submit(move_threshold(id.get_value(), number, at.get_untracked()), move |()| {
            toasts.good("Threshold saved. What it flags now is listed under Anomalies.");
            _ = reload.try_run(());
        });
    };
    let may_edit = model.access >= Access::Edit;
    let picture = histogram.map(|histogram| {
        let data = Memo::new(move |_| scores(&histogram, at.get()));
        view! { <Picture data=Signal::derive(move || data.get())/> }
    });
    let moved = move |text: String| {
        if let Ok(value) = text.parse::<f64>() {
            at.set(value.clamp(0.0, 1.0));
            settle.run(value.clamp(0.0, 1.0));
        }
    };
    let changed = Signal::derive(move || (at.get() - kept).abs() < 1e-9);
    let rows = move || {
        found.get().map(|result| match result {
            Ok(flagged) => {
                let words = format!("{} of {} rows would be flagged.", flagged.flagged, flagged.rows);
                view! {
                    <p data-testid="flagged-count" role="status">{words}</p>
                    {(!flagged.anomalies.is_empty()).then(|| view! { <Rows anomalies=flagged.anomalies/> })}
                }
                .into_any()
            }
            Err(error) => view! { <ErrorState error=error.0 compact=true retry=move |()| found.refetch()/> }.into_any(),
        })
    };
    view! {
        <Section title="Threshold" text="From this score on a row counts as unusual.">
            <Card>
                {picture}
                <div class="model-threshold">
                    <label>
                        <span>"Threshold"</span>
                        <input
                            type="range"
                            min="0"
                            max="1"
                            step="0.005"
                            value=kept.to_string()
                            prop:value=move || at.get().to_string()
                            data-testid="threshold"
                            on:input=move |event| moved(event_target_value(&event))
                        />
                    </label>
                    <output class="num">{move || format!("{:.3}", at.get())}</output>
                    {may_edit.then(|| view! {
                        <Button size=Size::Small busy=deed.busy disabled=changed on_click=save attr:data-testid="save-threshold">
                            "Save threshold"
                        </Button>
                    })}
                </div>
                <FormError error=deed.error/>
                {rows}
            </Card>
        </Section>
    }
    .into_any()
}

/// A value in a table.
pub(super) fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => "—".to_owned(),
        Cell::Float(value) => super::card::written(*value),
        other => other.to_text(),
    }
}

/// What carries an anomaly, in sentences; else its values.
pub(super) fn why(because: &[domain::learn::Contribution]) -> AnyView {
    let lines = because.iter().take(3).map(|c| c.sentence.clone());
    view! { <ul class="model-why">{lines.map(|line| view! { <li>{line}</li> }).collect_view()}</ul> }.into_any()
}

#[component]
fn Rows(anomalies: Vec<Anomaly>) -> impl IntoView {
    let names: Vec<String> =
        anomalies.first().map(|a| a.data.keys().take(MOST_COLUMNS).cloned().collect()).unwrap_or_default();
    let mut head = vec![Head::number("Score")];
    head.extend(names.iter().map(|name| Head::text(domain::names::to_label(name))));
    head.push(Head::text("Why"));
    let row = |anomaly: Anomaly| {
        let cells = names.iter().map(|name| anomaly.data.get(name).map(shown).unwrap_or_default());
        view! {
            <tr data-testid="flagged-row">
                <td class="num">{format!("{:.3}", anomaly.score)}</td>
                {cells.map(|text| view! { <td>{text}</td> }).collect_view()}
                <td>{why(&anomaly.because)}</td>
            </tr>
        }
    };
    let rows = anomalies.into_iter().map(row).collect_view();
    view! { <Table caption="Rows that would be flagged" head>{rows}</Table> }.into_any()
}
