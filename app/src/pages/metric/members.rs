//! A metric by the members of a column, with the course of each.

use crate::api::metrics::metric_breakdown;
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::pages::metrics::{MemberLine, trend};
use domain::Cell;
use domain::api::MetricReading;
use domain::format::{NOTHING, number};
use domain::metric::{Breakdown, MemberReading};
use leptos::prelude::*;

/// The table of members, as their values change.
#[component]
pub(super) fn Members(reading: RwSignal<MetricReading>, column: String) -> impl IntoView {
    let id = reading.with_untracked(|r| r.id.clone());
    let at = Memo::new(move |_| reading.with(|r| r.reading.calculated_at.clone()));
    let answer = Answer::of(move || {
        _ = at.get();
        metric_breakdown(id.clone())
    });
    let body = move || match answer.get() {
        None => view! { <Skeleton lines=5/> }.into_any(),
        Some(Ok(breakdown)) => table(breakdown, reading),
        Some(Err(error)) => {
            let retry = Callback::new(move |()| answer.refetch());
            view! { <ErrorState error=error.0 retry compact=true/> }.into_any()
        }
    };
    view! {
        <Section title=format!("By {}", domain::names::to_label(&column).to_lowercase())>
            <div data-testid="metric-members">{body}</div>
        </Section>
    }
    .into_any()
}

fn table(breakdown: Breakdown, reading: RwSignal<MetricReading>) -> AnyView {
    let (favourable, format) = reading.with_untracked(|r| (r.favourable, r.format.clone()));
    let row = |member: MemberReading| {
        let name = match &member.member {
            Cell::Null => "(empty)".to_owned(),
            Cell::Text(text) if text.is_empty() => "(empty)".to_owned(),
            Cell::Text(text) => text.clone(),
            Cell::Int(number) => number.to_string(),
            Cell::Float(number) => number.to_string(),
            Cell::Bool(is) => is.to_string(),
        };
        let value = member
            .value
            .map_or_else(|| NOTHING.to_owned(), |value| number(value, &format, true, &crate::session::locale()));
        let course = member.history.iter().map(|(_, value)| *value).collect();
        view! {
            <tr>
                <td>{name}</td>
                <td class="num">{value}</td>
                <td>{trend(&member.trend, favourable, &format)}</td>
                <td class="member-course"><MemberLine values=course/></td>
            </tr>
        }
    };
    let rows: Vec<_> = breakdown.members.into_iter().map(row).collect();
    if rows.is_empty() {
        return view! { <p class="muted">"The members appear after the next refresh."</p> }.into_any();
    }
    view! {
        <Card flush=true>
            <Table caption="Values by member" head=vec![Head::text("Member"), Head::number("Value"), Head::text("Change"), Head::text("Last day")]>
                {rows}
            </Table>
        </Card>
        {breakdown.note.map(|note| view! { <p class="muted small">{note}</p> })}
    }
    .into_any()
}
