//! An answer: a sentence with its numbers, the question as chips, the chart, and what can be done with it.

use super::chips::Chips;
use super::talk::Talk;
use crate::api::asking::explain_measure;
use crate::components::*;
use crate::pages::dashboard::explanation;
use crate::pages::deeds::Answer as Asking;
use crate::pages::explore::question::{self, Question};
use crate::pages::explore::save::AddToDashboard;
use crate::session::use_session;
use crate::tiles::logic::conditions::{all_of, parts};
use crate::tiles::logic::sentence::{capital, sentence};
use crate::tiles::{TileContent, locale};
use domain::ask::{ChipPart, Intent, Outcome, Reading};
use domain::asking::AskWhy;
use domain::connect::member;
use domain::query::Dimension;
use domain::{Cell, ChartKind, UserRole};
use leptos::prelude::*;

#[component]
pub(super) fn Result(talk: Talk) -> impl IntoView {
    let (asked, editor) = (talk.asked, talk.editor);
    let spec = Signal::derive(move || talk.question.with(|q| editor.spec_of(&q.to_tile(talk.shown.get()))));
    let rows = Memo::new(move |_| asked.data.with(|d| d.table.row_count()));
    let failed = Memo::new(move |_| asked.failed.get());
    let is_sheet = Memo::new(move |_| matches!(talk.shown.get(), ChartKind::Table | ChartKind::Pivot));
    // What is on the screen: an answer to an earlier question says nothing about this one.
    let says = Memo::new(move |_| {
        if !asked.has.get() || asked.loading.get() || failed.with(Option::is_some) {
            return None;
        }
        Some(spec.with(|spec| asked.data.with(|data| charts::describe_in(spec, &data.table, &locale()))))
    });
    let words = Memo::new(move |_| editor.draft.with(|draft| editor.columns.with(|columns| sentence(draft, columns))));
    let title = Signal::derive(move || words.with(|text| text.split(", ").next().unwrap_or_default().to_owned()));
    let tile = Signal::derive(move || asked.asks.get().then(|| talk.question.with(|q| q.to_tile(talk.shown.get()))));
    let body = move || {
        if let Some(error) = failed.get() {
            return view! { <ErrorState error retry=move |()| asked.ask()/> }.into_any();
        }
        if !asked.has.get() {
            return view! { <Skeleton height="24rem"/> }.into_any();
        }
        if rows.get() == 0 {
            return view! { <EmptyState icon="filter" title="No rows match" text="Change or remove a filter."/> }
                .into_any();
        }
        view! {
            <div class="explore-chart" class:ask-sheet=move || is_sheet.get() data-testid="ask-chart">
                <TileContent data=asked.data spec title=title on_ready=|()| () on_error=|_| ()/>
            </div>
        }
        .into_any()
    };
    // Only the browser writes addresses, so the first render has none.
    let is_here = RwSignal::new(false);
    Effect::new(move |_| is_here.set(true));
    let explore = move || match is_here.get() {
        true => talk.question.with(Question::address),
        false => "/explore".to_owned(),
    };
    view! {
        <div class="ask-result stack" data-testid="ask-result">
            <p class="ask-sentence" role="status" data-testid="ask-sentence">{move || says.get().unwrap_or_else(|| words.get())}</p>
            <Chips talk/>
            <Assumed talk/>
            <Others talk/>
            <div
                class="explore-shown"
                class:is-stale=move || asked.loading.get() && asked.has.get()
                data-testid="ask-shown"
                data-kind=move || talk.shown.get().as_str().to_owned()
                aria-busy=move || asked.loading.get().then_some("true")
            >
                {body}
            </div>
            <div class="row-wrap">
                <FollowUps talk/>
                <span class="grow"></span>
                <LinkButton href=Signal::derive(explore) icon="compass" attr:data-testid="open-explore">"Open in Explore"</LinkButton>
                <AddToDashboard tile title/>
            </div>
            <Beyond talk/>
        </div>
    }
    .into_any()
}

/// What nobody said and was taken to be meant. Once the question was changed by hand it is as people
/// want it.
#[component]
fn Assumed(talk: Talk) -> impl IntoView {
    let words = Memo::new(move |_| {
        if talk.place.with(|p| p.own.is_some()) {
            return None;
        }
        talk.understood.with(|u| {
            let reading = u.as_ref()?.as_ref().ok()?.understanding.answer()?;
            let assumed = |part: ChipPart| !matches!(part, ChipPart::Dataset | ChipPart::Chart | ChipPart::Order);
            let own = reading.chips.iter().filter(|c| c.words.is_empty() && assumed(c.part));
            let all: Vec<&str> = own.map(|c| c.text.as_str()).collect();
            (!all.is_empty()).then(|| format!("Taken to be meant: {}.", all.join(", ")))
        })
    });
    move || words.get().map(|words| view! { <p class="muted small" data-testid="ask-assumed">{words}</p> })
}

/// What might be asked next, in words that follow this answer.
#[component]
fn FollowUps(talk: Talk) -> impl IntoView {
    let all = Memo::new(move |_| {
        talk.question.with(|q| {
            let query = &q.query;
            let runs = query.dimensions.iter().any(|d| d.grain.is_some());
            let has_time = talk.editor.columns.with(|c| c.iter().any(|c| c.ty.is_time()));
            let mut all = Vec::new();
            if has_time && !runs && query.columns.is_empty() {
                all.push("now by month");
            }
            if query.dimensions.len() == 1 && !runs && talk.shown.get() != ChartKind::Pie {
                all.push("as a pie");
            }
            if talk.shown.get() != ChartKind::Table {
                all.push("as a table");
            }
            all
        })
    });
    let button = move |words: &'static str| {
        view! { <Button size=Size::Small variant=Variant::Ghost on_click=move |()| talk.ask(words)>{words}</Button> }
    };
    view! {
        <div class="row-wrap" role="group" aria-label="Ask on" data-testid="ask-follow-ups">
            {move || all.get().into_iter().map(button).collect_view()}
        </div>
    }
}

/// Why, what next, what else: where the words ask for more than rows.
#[component]
fn Beyond(talk: Talk) -> impl IntoView {
    let makes = use_session().has_role(UserRole::Creator);
    let wanted = Memo::new(move |_| talk.intent());
    move || {
        wanted.get().map(|(intent, reading)| match intent {
            Intent::Explain { time, from, until, .. } => {
                let request = AskWhy { query: reading.query, time, from, until };
                view! { <Drivers talk request/> }.into_any()
            }
            Intent::Forecast { time, grain, horizon } => view! {
                <Notice tone=Tone::Accent>
                    "This is the past. The forecast lab works out what comes next. "
                    {if makes {
                        view! { <a href=forecast_address(&reading, &time, grain, horizon) data-testid="open-forecast">"Forecast it"</a> }.into_any()
                    } else {
                        "Whoever has the role creator can have it forecast.".into_any()
                    }}
                </Notice>
            }
            .into_any(),
            Intent::Insights => {
                let href = format!("/data/{}?tab=insights", reading.query.dataset);
                view! {
                    <Notice tone=Tone::Accent>
                        "What stands out in this data is worked out on its page. "
                        <a href=href data-testid="open-insights">"See its insights"</a>
                    </Notice>
                }
                .into_any()
            }
            Intent::Show => ().into_any(),
        })
    }
}

/// The lab with this question.
fn forecast_address(reading: &Reading, time: &str, grain: domain::query::Grain, horizon: u32) -> String {
    let grain = serde_json::to_value(grain).ok().and_then(|g| g.as_str().map(str::to_owned)).unwrap_or_default();
    let parameters = [
        ("dataset", reading.query.dataset.clone()),
        ("q", question::json(&reading.query)),
        ("time", time.to_owned()),
        ("grain", grain),
        ("horizon", horizon.to_string()),
    ];
    question::address("/forecasts/new", &parameters)
}

/// The members that carry the change.
#[component]
fn Drivers(talk: Talk, request: AskWhy) -> impl IntoView {
    let answer = Asking::of(move || explain_measure(request.clone()));
    let choose = Callback::new(move |(column, cell): (String, Cell)| {
        if let Some(filter) = member(&Dimension { column, ..Dimension::default() }, None, &cell) {
            talk.editor.edit(|draft, _, _| {
                let mut all = parts(draft.query.filter.as_ref());
                all.push(filter);
                draft.query.filter = all_of(all);
            });
        }
    });
    view! {
        <section class="card stack" aria-label="What carries the change" data-testid="ask-why">
            {move || match answer.get() {
                None => view! { <p class="muted" role="status"><Spinner/>" Comparing the periods"</p> }.into_any(),
                Some(Err(error)) => view! { <ErrorState compact=true error=error.0 retry=move |()| answer.refetch()/> }.into_any(),
                Some(Ok(why)) => explanation(why, None, choose),
            }}
        </section>
    }
    .into_any()
}

/// Charts that exist, which people look at first.
#[component]
pub(super) fn Found(talk: Talk) -> impl IntoView {
    let found = Memo::new(move |_| {
        let own = talk.understood.with(|u| u.as_ref().and_then(|u| u.as_ref().ok()).map(|a| a.found.clone()));
        own.unwrap_or_default()
    });
    let line = |chart: domain::asking::FoundChart| {
        let title = if chart.title.trim().is_empty() { "Untitled chart".to_owned() } else { chart.title };
        view! {
            <li>
                <a class="ask-found" href=format!("/dashboards/{}#{}", chart.slug, chart.tile)>
                    <Icon name="layout-dashboard"/>
                    <span>{title}</span>
                    <span class="muted small">{chart.dashboard}</span>
                    {chart.is_exact.then(|| view! { <Badge tone=Tone::Accent>"The same question"</Badge> })}
                </a>
            </li>
        }
    };
    view! {
        <Show when=move || found.with(|f| !f.is_empty())>
            <section class="ask-founds" aria-label="On dashboards already" data-testid="ask-found">
                <h3 class="small muted">"On dashboards already"</h3>
                <ul class="stack-tight">{move || found.get().into_iter().map(line).collect_view()}</ul>
            </section>
        </Show>
    }
    .into_any()
}

/// The readings that may be meant; the asker says which.
#[component]
pub(super) fn Choices(talk: Talk) -> impl IntoView {
    let chosen = move || talk.place.with(|p| p.own.is_some());
    let all = Memo::new(move |_| {
        let choice = talk.outcome() == Some(Outcome::Choice);
        talk.understood.with(|u| match u {
            Some(Ok(answer)) if choice => answer.understanding.readings.clone(),
            _ => Vec::new(),
        })
    });
    let reason = move || {
        talk.understood.with(|u| match u {
            Some(Ok(answer)) => answer.understanding.reason.clone(),
            _ => String::new(),
        })
    };
    view! {
        <Show when=move || all.with(|all| !all.is_empty()) && !chosen()>
            <section class="stack" aria-label="What do you mean?" data-testid="ask-choices">
                <h3>"What do you mean?"</h3>
                <p class="muted">{reason}</p>
                <ul class="stack-tight">{move || all.get().into_iter().map(|r| choice(talk, r)).collect_view()}</ul>
            </section>
        </Show>
    }
    .into_any()
}

/// A reading to be taken.
fn choice(talk: Talk, reading: Reading) -> AnyView {
    let (sentence, of) = (capital(&reading.sentence), reading.query.dataset.clone());
    let dataset =
        talk.editor.sources.with_untracked(|s| s.datasets.iter().find(|d| d.name == of).map(|d| d.label.clone()));
    view! {
        <li>
            <button type="button" class="ask-choice" data-testid="ask-choice" on:click=move |_| talk.choose(&reading)>
                <Icon name=charts::kinds::get(reading.kind).info.icon/>
                <span>{sentence}</span>
                <span class="muted small">{dataset.unwrap_or(of)}</span>
            </button>
        </li>
    }
    .into_any()
}

/// What else the words of an answer could mean.
#[component]
fn Others(talk: Talk) -> impl IntoView {
    let all = Memo::new(move |_| {
        let answered = talk.outcome() == Some(Outcome::Answer) && talk.place.with(|p| p.own.is_none());
        talk.understood.with(|u| match u {
            Some(Ok(answer)) if answered => answer.understanding.readings.iter().skip(1).cloned().collect(),
            _ => Vec::new(),
        })
    });
    view! {
        <Show when=move || all.with(|all| !all.is_empty())>
            <details class="ask-others" data-testid="ask-others">
                <summary class="small">"Something else was meant"</summary>
                <ul class="stack-tight">{move || all.get().into_iter().map(|r| choice(talk, r)).collect_view()}</ul>
            </details>
        </Show>
    }
    .into_any()
}
