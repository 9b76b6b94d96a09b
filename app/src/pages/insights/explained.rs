//! What a chart says, in sentences whose numbers open what they stand on.

use super::arithmetic::{ToExplore, arithmetic, looked_words};
use super::sentence::{narrative, sentence};
use crate::api::insights::explain_question;
use crate::components::*;
use crate::pages::deeds::Answer;
use domain::Query;
use domain::insight::{Explanation, Finding, PartNumber, Sentence};
use leptos::prelude::*;

/// An explanation: sentences on top, then each finding with its arithmetic.
pub(super) fn explanation(found: &Explanation) -> AnyView {
    if found.narrative.is_empty() && found.findings.is_empty() {
        return view! {
            <EmptyState compact=true icon="lightbulb" title="Nothing stands out" text="There are too few points here to tell anything from chance."/>
        }
        .into_any();
    }
    let opened = RwSignal::new(None::<String>);
    let open = Callback::new(move |number: PartNumber| opened.set(number.finding));
    let list = found.findings.iter().map(|finding| one(finding, opened)).collect_view();
    let rest = beside(&found.narrative, found.findings.iter());
    view! {
        {(!rest.is_empty()).then(|| narrative(&rest, open))}
        <ul class="insight-told">{list}</ul>
        <p class="small muted">{looked_words(&found.looked)}</p>
    }
    .into_any()
}

/// The sentences of a narrative that do not stand at a finding anyway.
pub(crate) fn beside<'a>(narrative: &[Sentence], findings: impl Iterator<Item = &'a Finding>) -> Vec<Sentence> {
    let own: Vec<String> = findings.map(|finding| finding.sentence.text()).collect();
    narrative.iter().filter(|sentence| !own.contains(&sentence.text())).cloned().collect()
}

/// A finding in a list; its numbers open its arithmetic.
pub(crate) fn one(finding: &Finding, opened: RwSignal<Option<String>>) -> AnyView {
    let id = StoredValue::new(finding.id.clone());
    let is_open = Memo::new(move |_| id.with_value(|id| opened.with(|o| o.as_deref() == Some(id.as_str()))));
    let toggle = Callback::new(move |()| {
        let now = is_open.get_untracked();
        opened.set((!now).then(|| id.get_value()));
    });
    let (explore, stored) = (ToExplore::new(), StoredValue::new(finding.clone()));
    let (region, controls) = {
        let region = unique_id();
        (StoredValue::new(region.clone()), region)
    };
    let facts =
        move || is_open.get().then(|| stored.with_value(|finding| arithmetic(finding, region.get_value(), explore)));
    let (kind, words) = (finding.kind, sentence(&finding.sentence, Callback::new(move |_| toggle.run(()))));
    view! {
        <li class="insight-line" data-testid="finding" data-kind=kind.as_str()>
            <Badge>{kind.label()}</Badge>
            <p class="insight-sentence" data-testid="finding-sentence">{words}</p>
            <button
                type="button"
                class="btn btn-ghost btn-sm"
                aria-expanded=move || if is_open.get() { "true" } else { "false" }
                aria-controls=move || is_open.get().then(|| controls.clone())
                on:click=move |_| toggle.run(())
            >
                <span class="btn-label">"How this was found"</span>
            </button>
            {facts}
        </li>
    }
    .into_any()
}

/// What stands while it is worked out, or where it fails.
pub(crate) fn explaining(answer: Answer<Explanation>) -> impl Fn() -> AnyView + Copy {
    move || match answer.get() {
        None => {
            view! { <p class="muted" role="status"><Spinner/>" Looking at the chart"</p><Skeleton lines=5/> }.into_any()
        }
        Some(Err(error)) => {
            view! { <ErrorState compact=true error=error.0 retry=move |()| answer.refetch()/> }.into_any()
        }
        Some(Ok(found)) => explanation(&found),
    }
}

/// The button "Explain this" of an answered question, and what it says.
#[component]
pub(crate) fn ExplainAnswer(
    /// The question, while there is one with an answer.
    #[prop(into)]
    query: Signal<Option<Query>>,
) -> impl IntoView {
    let asked = RwSignal::new(None::<Query>);
    // Of another question something else is true.
    Effect::new(move |_| {
        let now = query.get();
        if asked.with_untracked(|asked| asked.is_some() && *asked != now) {
            asked.set(None);
        }
    });
    let none = Signal::derive(move || query.with(Option::is_none));
    let body = move || {
        asked.get().map(|query| {
            let answer = Answer::of(move || explain_question(query.clone()));
            view! {
                <section class="card insight-explained" aria-label="What this says" data-testid="explanation">
                    {explaining(answer)}
                </section>
            }
        })
    };
    view! {
        <div class="insight-explain">
            <Button icon="lightbulb" disabled=none on_click=move |()| asked.set(query.get_untracked())>"Explain this"</Button>
            {body}
        </div>
    }
    .into_any()
}
