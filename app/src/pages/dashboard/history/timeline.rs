//! Who did what, newest first.

use super::state::{History, use_history};
use crate::components::*;
use crate::pages::deeds::day;
use domain::document::Intent;
use domain::history::{TimelineEntry, TimelineStep};
use leptos::prelude::*;

/// The timeline, with the choice of a person.
#[component]
pub(super) fn TimelineList() -> impl IntoView {
    let history = use_history();
    let people = Signal::derive(move || {
        let person = |a: &domain::history::Author| Choice::new(a.id.clone(), a.name.clone());
        let everybody = std::iter::once(Choice::new("", "Everybody"));
        everybody.chain(history.authors.with_value(|all| all.iter().map(person).collect::<Vec<_>>())).collect()
    });
    let value = Signal::derive(move || history.user.get().unwrap_or_default());
    let choose = move |id: String| {
        history.user.set((!id.is_empty()).then_some(id));
        history.load(true);
    };
    let list = move || {
        let entries = history.entries.get();
        if entries.is_empty() {
            return view! {
                <EmptyState compact=true icon="history" title="Nothing here" text="This person has changed nothing."/>
            }
            .into_any();
        }
        let mut before = String::new();
        let items = entries.into_iter().map(|entry| {
            let today = day(&entry.ended_at);
            let heading = (today != before).then(|| {
                before.clone_from(&today);
                view! { <li class="history-day"><h3>{today}</h3></li> }
            });
            view! {
                {heading}
                {line(history, entry)}
            }
        });
        view! { <ol class="history-list" data-testid="timeline">{items.collect_view()}</ol> }.into_any()
    };
    view! {
        <section class="history-timeline" aria-labelledby="history-timeline">
            <div class="history-head">
                <h2 id="history-timeline">"What happened"</h2>
                <Select label="Person" options=people value on_change=choose/>
            </div>
            {move || history.failed.get().map(|error| view! { <ErrorState compact=true error retry=move |()| history.load(true)/> })}
            {list}
            <Show when=move || history.next.get().is_some()>
                <Button busy=history.loading on_click=move |()| history.load(false)>"Earlier"</Button>
            </Show>
        </section>
    }
    .into_any()
}

fn line(history: History, entry: TimelineEntry) -> AnyView {
    let (first, last) = (entry.first, entry.last);
    let here = Memo::new(move |_| (first..=last).contains(&history.at.get()));
    let intent = match entry.intent {
        Intent::Edit => None,
        Intent::Undo => Some("Undo"),
        Intent::Redo => Some("Redo"),
    };
    let names = move || {
        history.versions.with(|all| {
            let own = all.iter().filter(|v| (first..=last).contains(&v.seq));
            own.map(|v| v.name.clone()).map(|name| view! { <Badge tone=Tone::Accent>{name}</Badge> }).collect_view()
        })
    };
    let published = history.published.is_some_and(|seq| (first..=last).contains(&seq));
    let count = entry.steps.len();
    let steps = entry.steps;
    let more = (count > 1).then(|| {
        view! {
            <details class="history-steps">
                <summary>{format!("{count} steps")}</summary>
                <ol>
                    {steps.into_iter().rev().map(|step| single(history, step)).collect_view()}
                </ol>
            </details>
        }
    });
    view! {
        <li class="history-entry" class:is-here=move || here.get() data-testid="timeline-entry">
            <button
                type="button"
                class="history-entry-face"
                aria-current=move || here.get().then_some("true")
                on:click=move |_| history.look_at(last)
            >
                <Avatar name=entry.user_name.clone()/>
                <span class="history-entry-text">
                    <span><strong>{entry.user_name}</strong>" "{entry.words}</span>
                    <span class="history-entry-more">
                        <Time iso=entry.ended_at/>
                        {intent.map(|word| view! { <Badge icon="undo-2">{word}</Badge> })}
                        {entry.undone.then(|| view! { <Badge>"Taken back"</Badge> })}
                        {published.then(|| view! { <Badge tone=Tone::Good>"Published"</Badge> })}
                        {names}
                    </span>
                </span>
            </button>
            {more}
        </li>
    }
    .into_any()
}

fn single(history: History, step: TimelineStep) -> AnyView {
    let seq = step.seq;
    view! {
        <li>
            <button
                type="button"
                class="history-step"
                aria-current=move || (history.at.get() == seq).then_some("true")
                on:click=move |_| history.look_at(seq)
            >
                <span>{step.words}</span>
                <span class="history-entry-more">
                    <Time iso=step.at/>
                    {step.undone.then(|| view! { <Badge>"Taken back"</Badge> })}
                </span>
            </button>
        </li>
    }
    .into_any()
}
