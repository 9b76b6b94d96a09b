//! Ask: a question in words, read by Orrery itself; an answer with its chart, whose every part can be
//! seen and changed, and asked on from there.

mod answer;
mod chips;
mod history;
mod place;
mod talk;
mod unknown;
mod words;

use crate::api::asking::question_examples;
use crate::components::*;
use crate::pages::deeds::Answer as Asking;
use crate::session::use_session;
use answer::{Choices, Found, Result};
use domain::UserRole;
use history::HistoryMenu;
use leptos::{ev, html, prelude::*};
use place::PATH;
use talk::Talk;
use unknown::{Lessons, NotUnderstood, Proposal};
use words::TaughtWords;

/// The longest question that fits into the box.
const LONGEST: u32 = 500;

/// The page.
#[component]
pub fn AskPage() -> impl IntoView {
    view! { <Page><Asked/></Page> }.into_any()
}

#[component]
fn Asked() -> impl IntoView {
    let talk = Talk::new();
    let explores = use_session().has_role(UserRole::Explorer);
    let has_answer = talk.asked.asks;
    let is_idle = Memo::new(move |_| talk.place.with(|p| p.words.is_empty() && p.own.is_none()));
    let words = Memo::new(move |_| talk.place.with(|p| p.words.clone()));
    let trail = Memo::new(move |_| talk.place.with(|p| p.trail.clone()));
    let failed = Memo::new(move |_| talk.understood.with(|u| u.as_ref().and_then(|u| u.as_ref().err().cloned())));
    let shortcuts = use_shortcuts();
    shortcuts.add("Ask", "n", "New question", Callback::new(move |()| talk.renew()));
    let outcome = move || talk.outcome().map(|o| serde_json::to_value(o).ok()?.as_str().map(str::to_owned));
    view! {
        <div class="ask stack">
            <PageHeader title="Ask" plain=true>
                <Button icon="plus" title="New question (n)" on_click=move |()| talk.renew()>"New"</Button>
                <HistoryMenu past=talk.past/>
                {explores.then(|| view! { <TaughtWords/> })}
            </PageHeader>
            <Box talk/>
            <Show when=move || is_idle.get()><Examples talk/></Show>
            <Show when=move || !is_idle.get()>
                <section
                    class="stack"
                    aria-label="Answer"
                    data-testid="ask-answer"
                    data-outcome=move || outcome().flatten()
                    aria-busy=move || talk.reading.get().then_some("true")
                >
                    <Show when=move || trail.with(|t| !t.is_empty())>
                        <p class="muted small" data-testid="ask-trail">{move || trail.with(|t| t.join(" › "))}</p>
                    </Show>
                    <h2 class="ask-words">{move || words.get()}</h2>
                    <Show when=move || talk.reading.get()>
                        <p class="muted" role="status"><Spinner/>" Reading the question"</p>
                    </Show>
                    {move || failed.get().map(|error| view! { <ErrorState error=error.0 retry=move |()| talk.again()/> })}
                    <Found talk/>
                    <Choices talk/>
                    <NotUnderstood talk/>
                    <Proposal talk/>
                    <Lessons talk/>
                    <Show when=move || has_answer.get()><Result talk/></Show>
                </section>
            </Show>
        </div>
    }
    .into_any()
}

/// The box of the page. Without scripts it is a form that leads to the same address.
#[component]
fn Box(talk: Talk) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        talk.ask(&talk.typed.get_untracked());
    };
    let follows = talk.asked.asks;
    // Whoever comes here without a question wants to type one; after the frame has had its say.
    Effect::new(move |done: Option<bool>| {
        if done == Some(true) || node.get().is_none() {
            return done.unwrap_or_default();
        }
        if talk.place.with_untracked(|p| p.words.is_empty() && p.own.is_none()) {
            request_animation_frame(move || {
                if let Some(input) = node.try_get_untracked().flatten() {
                    _ = input.focus();
                }
            });
        }
        true
    });
    view! {
        <form class="ask-form" role="search" action=PATH method="get" on:submit=submit>
            <Icon name="circle-help"/>
            <input
                node_ref=node
                type="text"
                name="q"
                class="input"
                data-testid="ask-box"
                autocomplete="off"
                enterkeyhint="search"
                maxlength=LONGEST.to_string()
                aria-label="Ask a question"
                placeholder=move || if follows.get() { "Ask on, such as “only last year” or “as a pie”" } else { "Ask about your data" }
                prop:value=move || talk.typed.get()
                on:input=move |event| talk.typed.set(event_target_value(&event))
            />
            <Button kind="submit" variant=Variant::Primary>"Ask"</Button>
        </form>
    }
    .into_any()
}

/// Questions to begin with.
#[component]
fn Examples(talk: Talk) -> impl IntoView {
    let all = Asking::of(question_examples);
    let line = move |words: String| {
        let say = words.clone();
        view! { <li><button type="button" class="ask-choice" on:click=move |_| talk.ask(&say)><Icon name="message-square"/><span>{words}</span></button></li> }
    };
    view! {
        <section class="stack" aria-label="Questions to begin with" data-testid="ask-examples">
            {move || match all.get() {
                None => view! { <Skeleton lines=4/> }.into_any(),
                Some(Err(error)) => view! { <ErrorState compact=true error=error.0 retry=move |()| all.refetch()/> }.into_any(),
                Some(Ok(all)) if all.is_empty() => view! {
                    <EmptyState icon="database" title="There is nothing to ask about yet" text="Once you have data, or somebody shares some with you, ask about it here.">
                        <LinkButton href="/data">"Go to the data"</LinkButton>
                    </EmptyState>
                }
                .into_any(),
                Some(Ok(all)) => view! {
                    <p class="muted">"Say what you want to know, in your own words. For example:"</p>
                    <ul class="stack-tight">{all.into_iter().map(line).collect_view()}</ul>
                }
                .into_any(),
            }}
        </section>
    }
    .into_any()
}
