//! What a detector found: the rows, why, and what people say about them.

use super::threshold::{shown, why};
use crate::api::learning::{judge_anomaly, list_anomalies, run_detector};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed};
use domain::Access;
use domain::registry::{AnomalyItem, AnomalyStatus, Model};
use leptos::prelude::*;

#[component]
pub(super) fn AnomaliesTab(model: Model) -> impl IntoView {
    let id = StoredValue::new(model.id.clone());
    let status = RwSignal::new(String::new());
    let found = Answer::of(move || {
        let wanted = status.get();
        list_anomalies(id.get_value(), (!wanted.is_empty()).then_some(wanted))
    });
    let deed = Deed::new();
    let toasts = use_toasts();
    let may_use = model.access >= Access::Explore;
    let look = move |()| {
        deed.run(run_detector(id.get_value()), move |count: u64| {
            toasts.info(match count {
                0 => "Nothing new is unusual.".to_owned(),
                1 => "One unusual row is new.".to_owned(),
                many => format!("{many} unusual rows are new."),
            });
            found.refetch();
        });
    };
    let judge = Callback::new(move |(anomaly, to): (String, AnomalyStatus)| {
        deed.run(judge_anomaly(id.get_value(), anomaly, to), move |_| found.refetch());
    });
    let choices = || {
        let all = Choice::new("", "All");
        std::iter::once(all)
            .chain(AnomalyStatus::ALL.iter().map(|s| Choice::new(s.as_str(), s.label())))
            .collect::<Vec<_>>()
    };
    let body = move || match found.get() {
        None => view! { <Skeleton lines=5/> }.into_any(),
        Some(Ok(items)) if items.is_empty() => {
            let text = "Unusual rows among those that you see are listed here.";
            view! { <EmptyState icon="check" title="Nothing unusual" text compact=true/> }.into_any()
        }
        Some(Ok(items)) => view! { <Items items may_use judge/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| found.refetch()/> }.into_any(),
    };
    view! {
        <div class="toolbar">
            <Select options=choices() value=status on_change=move |v| status.set(v) label="State"/>
            {may_use.then(|| view! {
                <Button icon="refresh-cw" busy=deed.busy on_click=look attr:data-testid="look-now">"Look now"</Button>
            })}
        </div>
        {body}
    }
    .into_any()
}

#[component]
fn Items(items: Vec<AnomalyItem>, may_use: bool, judge: Callback<(String, AnomalyStatus)>) -> impl IntoView {
    let head = vec![
        Head::text("State"),
        Head::number("Score"),
        Head::text("Row"),
        Head::text("Why"),
        Head::hidden("What to do"),
    ];
    let row = move |item: AnomalyItem| {
        let tone = match item.status {
            AnomalyStatus::New => Tone::Bad,
            AnomalyStatus::Acknowledged => Tone::Accent,
            AnomalyStatus::Dismissed => Tone::Neutral,
        };
        let values: Vec<String> = item
            .found
            .data
            .iter()
            .map(|(name, cell)| format!("{} {}", domain::names::to_label(name), shown(cell)))
            .collect();
        let by = item.status_by.clone().map(|name| view! { <div class="muted small">{format!("by {name}")}</div> });
        let expected = item
            .found
            .expected
            .map(|e| view! { <div class="muted small">{format!("{} was expected", super::card::written(e))}</div> });
        let carriers = item
            .found
            .carriers
            .clone()
            .into_iter()
            .take(2)
            .map(|c| view! { <div class="muted small">{c}</div> })
            .collect_view();
        let id = StoredValue::new(item.id.clone());
        let to = move |status: AnomalyStatus| judge.run((id.get_value(), status));
        let status = item.status;
        let deeds = may_use.then(move || {
            view! {
                <Menu label="What to do">
                    {(status != AnomalyStatus::Acknowledged).then(|| view! {
                        <MenuItem icon="check" on_click=move |()| to(AnomalyStatus::Acknowledged)>"Acknowledge"</MenuItem>
                    })}
                    {(status != AnomalyStatus::Dismissed).then(|| view! {
                        <MenuItem icon="x" on_click=move |()| to(AnomalyStatus::Dismissed)>"Not an anomaly"</MenuItem>
                    })}
                    {(status != AnomalyStatus::New).then(|| view! {
                        <MenuItem icon="undo-2" on_click=move |()| to(AnomalyStatus::New)>"Back to new"</MenuItem>
                    })}
                </Menu>
            }
        });
        view! {
            <tr data-testid="anomaly" data-status=item.status.as_str()>
                <td><Badge tone>{item.status.label()}</Badge>{by}</td>
                <td class="num">{format!("{:.3}", item.score)}</td>
                <td class="small">{values.join(" · ")}<div class="muted small">"Found " <Time iso=item.detected_at.clone()/></div></td>
                <td>{why(&item.found.because)}{expected}{carriers}</td>
                <td class="actions">{deeds}</td>
            </tr>
        }
        .into_any()
    };
    let rows = items.into_iter().map(row).collect_view();
    view! { <Card flush=true><Table caption="Anomalies" head>{rows}</Table></Card> }.into_any()
}
