//! Beside a dashboard: what one of its charts says, and what changed on it.

use super::connected::Behind;
use super::stage::use_stage;
use crate::api::insights::{explain_tile, read_dashboard_changes};
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::pages::insights::{beside, explaining, narrative, one};
use crate::tiles::locale;
use domain::calendar;
use domain::connect::TileAsk;
use domain::discovery::{DashboardChanges, Since, TilesChanged};
use domain::format::{self, Format, Style};
use domain::insight::{Change, Contribution, PartNumber, Sentence, Span};
use leptos::prelude::*;

/// Members of a change that are listed.
const LISTED: usize = 6;

/// The panel; it is there while something is explained.
#[component]
pub(crate) fn InsightPanel() -> impl IntoView {
    let stage = use_stage();
    let open = RwSignal::new(true);
    Effect::new(move |_| {
        if !open.get() {
            stage.behind.set(None);
        }
    });
    let asked = Memo::new(move |_| stage.behind.get().filter(Behind::is_insight));
    let title = Signal::derive(move || match asked.get() {
        Some(Behind::Explain { tile }) => format!("What {} says", stage.tile_name(&tile)),
        _ => "What changed".to_owned(),
    });
    let body = move || match asked.get() {
        Some(Behind::Explain { tile }) => view! { <Explained tile/> }.into_any(),
        Some(Behind::Changes) => view! { <Changed/> }.into_any(),
        _ => ().into_any(),
    };
    view! { <SidePanel open title attr:data-testid="insight-panel">{body}</SidePanel> }.into_any()
}

#[component]
fn Explained(tile: String) -> impl IntoView {
    let stage = use_stage();
    let (dashboard, ask) = (stage.board.id(), stage.ask_now(&tile, &[]));
    let answer = Answer::of(move || explain_tile(dashboard.clone(), tile.clone(), ask.clone()));
    // Who does not see the chart hears the same words.
    Effect::new(move |_| {
        if let Some(Ok(found)) = answer.get() {
            stage.say(found.narrative.iter().map(Sentence::text).collect::<Vec<_>>().join(" "));
        }
    });
    view! { <div class="stack" data-testid="explanation">{explaining(answer)}</div> }.into_any()
}

#[component]
fn Changed() -> impl IntoView {
    let stage = use_stage();
    let since = RwSignal::new(Since::default().as_str().to_owned());
    let dashboard = stage.board.id();
    let answer = Answer::of(move || {
        let ask: TileAsk = stage.filters.get().into();
        let since = since.with(|word| Since::parse(word)).unwrap_or_default();
        read_dashboard_changes(dashboard.clone(), since, ask)
    });
    let options: Vec<Choice> = Since::ALL.into_iter().map(|s| Choice::new(s.as_str(), s.label())).collect();
    let body = move || match answer.get() {
        None => view! { <p class="muted" role="status"><Spinner/>" Comparing"</p><Skeleton lines=8/> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState compact=true error=error.0 retry=move |()| answer.refetch()/> }.into_any()
        }
        Some(Ok(found)) => changes(&found),
    };
    view! {
        <div class="stack" data-testid="changes">
            <Select options value=since on_change=move |word: String| since.set(word) label="Compared"/>
            {body}
        </div>
    }
    .into_any()
}

fn changes(found: &DashboardChanges) -> AnyView {
    let empty = found.changes.iter().all(|c| c.changed.changes.is_empty() && c.changed.narrative.is_empty());
    let sets = found.changes.iter().map(set).collect_view();
    let notes = found.notes.iter().map(|note| view! { <p class="small muted">{note.clone()}</p> }).collect_view();
    view! {
        {empty.then(|| view! {
            <EmptyState compact=true icon="lightbulb" title="Nothing to tell" text="No number of this dashboard moved between the two, or none can be compared."/>
        })}
        {sets}
        {notes}
    }
    .into_any()
}

/// The days of a stretch, the last one included.
fn days(span: &Span) -> String {
    let locale = locale();
    let day = |text: &str| format::time(text, None, &locale);
    let last = calendar::parse(&span.to).map(|end| calendar::iso(end - 1));
    match last {
        Some(last) if last == span.from => day(&span.from),
        Some(last) => format!("{} to {}", day(&span.from), day(&last)),
        None => day(&span.from),
    }
}

fn set(found: &TilesChanged) -> AnyView {
    let titles: Vec<&str> = found.titles.iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    let heading = if titles.is_empty() { found.label.clone() } else { titles.join(", ") };
    let opened = RwSignal::new(None::<String>);
    let open = Callback::new(move |number: PartNumber| opened.set(number.finding));
    let against = format!("{} against {}", days(&found.changed.after), days(&found.changed.before));
    let rest = beside(&found.changed.narrative, found.changed.changes.iter().map(|c| &c.finding));
    let list = found.changed.changes.iter().map(|c| change(c, opened)).collect_view();
    view! {
        <section class="insight-set">
            <h3>{heading}</h3>
            <p class="small muted num">{against}</p>
            {narrative(&rest, open)}
            <ul class="insight-told">{list}</ul>
        </section>
    }
    .into_any()
}

/// A difference with its sign.
fn signed(value: f64, format: &Format) -> String {
    let text = format::number(value.abs(), format, true, &locale());
    if value < 0.0 { format!("−{text}") } else { format!("+{text}") }
}

fn change(change: &Change, opened: RwSignal<Option<String>>) -> AnyView {
    let format = change.format.clone().unwrap_or_default();
    let percent = Format { style: Style::Percent, decimals: Some(1), ..Format::default() };
    let part = change.percent_change.map(|p| format!(" ({})", signed(p / 100.0, &percent)));
    let head = format!("{} {}{}", change.label, signed(change.change, &format), part.unwrap_or_default());
    let most = change.contributions.iter().map(|c| c.contribution.abs()).fold(0.0, f64::max);
    let bars = change.contributions.iter().take(LISTED).map(|c| bar(c, &format, most)).collect_view();
    view! {
        <li class="insight-change" data-testid="change">
            <p class="insight-change-head num">{head}</p>
            <ul class="why-list">{bars}</ul>
            <ul class="insight-told">{one(&change.finding, opened)}</ul>
        </li>
    }
    .into_any()
}

/// A member with its part of the difference.
fn bar(one: &Contribution, format: &Format, most: f64) -> AnyView {
    let name = one.member.value.clone().unwrap_or_else(|| "(empty)".to_owned());
    let part = if most > 0.0 { one.contribution.abs() / most * 50.0 } else { 0.0 };
    let is_less = one.contribution < 0.0;
    let start = if is_less { 50.0 - part } else { 50.0 };
    view! {
        <li class="insight-member">
            <span class="why-name truncate" title=domain::names::to_label(&one.member.column)>{name}</span>
            <span class="why-track" aria-hidden="true">
                <span class="why-bar" class:is-less=is_less style=format!("inline-size:{part:.1}%;inset-inline-start:{start:.1}%")></span>
            </span>
            <span class="why-value num">{signed(one.contribution, format)}</span>
        </li>
    }
    .into_any()
}
