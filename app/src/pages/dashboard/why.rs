//! Why a number changed: the members of each dimension that explain the difference, beside the page.

use super::connected::Behind;
use super::stage::{Stage, use_stage};
use crate::api::connect::explain_change;
use crate::components::*;
use crate::pages::deeds::Answer as Asking;
use crate::tiles::logic::marks::{Mark, picked};
use crate::tiles::{Asked, locale};
use domain::connect::{Why, WhyDimension, WhyMember, WhyRequest, member};
use domain::format::{self, Format};
use domain::query::{Dimension, Filter};
use domain::{Cell, calendar, names};
use leptos::prelude::*;

/// The panel; it is there while a change is looked at.
#[component]
pub(crate) fn WhyPanel() -> impl IntoView {
    let stage = use_stage();
    let open = RwSignal::new(true);
    Effect::new(move |_| {
        if !open.get() {
            stage.behind.set(None);
        }
    });
    let asked = Memo::new(move |_| match stage.behind.get() {
        Some(Behind::Why { tile, asked }) => Some((tile, asked)),
        _ => None,
    });
    let title = Signal::derive(move || {
        asked.with(|a| {
            a.as_ref().map_or_else(String::new, |(tile, _)| format!("Why did {} change?", stage.tile_name(tile)))
        })
    });
    let body = move || asked.get().map(|(tile, asked)| view! { <Answer tile asked/> });
    view! { <SidePanel open title attr:data-testid="why-panel">{body}</SidePanel> }.into_any()
}

/// The conditions of a mark without its time, which is the period.
fn beside_time(asked: &Asked, time: Option<&str>) -> Mark {
    let is_time = |filter: &Filter| {
        let mut is = false;
        filter.each(&mut |c| is |= Some(c.column.as_str()) == time);
        is
    };
    asked.mark.iter().filter(|f| !is_time(f)).cloned().collect()
}

#[component]
fn Answer(tile: String, asked: Asked) -> impl IntoView {
    let stage = use_stage();
    let time = stage.known.with_untracked(|all| {
        let query = &all.get(&tile)?.query;
        query.dimensions.iter().find(|d| d.grain.is_some_and(|g| !g.is_folded())).map(|d| d.column.clone())
    });
    let on = beside_time(&asked, time.as_deref());
    let beside = if on.is_empty() { None } else { Some(stage.words_of(&tile, std::slice::from_ref(&on))) };
    let request = WhyRequest { period: asked.period.unwrap_or_default(), measure: asked.measure, on };
    let (dashboard, ask) = (stage.board.id(), stage.ask_now(&tile, &[]));
    let answer = {
        let tile = tile.clone();
        Asking::of(move || explain_change(dashboard.clone(), tile.clone(), ask.clone(), request.clone()))
    };
    move || match answer.get() {
        None => view! { <p class="muted" role="status"><Spinner/>" Comparing the periods"</p><Skeleton lines=8/> }
            .into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| answer.refetch()/> }.into_any(),
        Some(Ok(why)) => shown(stage, &tile, why, beside.clone()),
    }
}

/// First and last day of a period that ends before its end.
fn days((from, to): &(String, String)) -> String {
    let locale = locale();
    let last = if to.len() == 10 { calendar::parse(to).map(|day| calendar::iso(day - 1)) } else { None };
    match last {
        Some(last) if last == *from => format::time(from, None, &locale),
        Some(last) => format!("{} to {}", format::time(from, None, &locale), format::time(&last, None, &locale)),
        None => format::time(from, None, &locale),
    }
}

/// A difference with its sign.
fn signed(value: f64, format: &Format) -> String {
    let text = format::number(value.abs(), format, true, &locale());
    if value < 0.0 { format!("−{text}") } else { format!("+{text}") }
}

fn shown(stage: Stage, tile: &str, why: Why, beside: Option<String>) -> AnyView {
    let tile = tile.to_owned();
    let choose = Callback::new(move |(column, cell): (String, Cell)| {
        if let Some(filter) = member(&Dimension { column, ..Dimension::default() }, None, &cell) {
            let next = stage.picks.with_untracked(|picks| picked(picks, &tile, &[vec![filter]], false));
            stage.picks.set(next);
            stage.say("Filtered the other tiles");
        }
    });
    explanation(why, beside, choose)
}

/// What carries a change, with its arithmetic. A click on a member gives its column and value.
pub(crate) fn explanation(why: Why, beside: Option<String>, choose: Callback<(String, Cell)>) -> AnyView {
    let format = why.format.clone().unwrap_or_default();
    let value = |v: Option<f64>| v.map_or_else(|| "—".to_owned(), |v| format::number(v, &format, true, &locale()));
    let difference = why.value.unwrap_or_default() - why.value_before.unwrap_or_default();
    let percent = why.value_before.filter(|b| *b != 0.0).map(|b| {
        let percent = Format { style: format::Style::Percent, decimals: Some(1), ..Format::default() };
        format!(" ({})", signed(difference / b.abs(), &percent))
    });
    let head = format!("{} {}{}", why.label, signed(difference, &format), percent.unwrap_or_default());
    let method = why.is_average.then_some(
        "An average changes because its parts change (rate) and because some parts become more or fewer of all (mix). Both are in each bar.",
    );
    let empty = why.dimensions.is_empty();
    let most = why.dimensions.iter().flat_map(|d| &d.members).map(|m| m.contribution.abs()).fold(0.0, f64::max);
    let lists = why.dimensions.into_iter().map(|d| dimension(d, &format, most, choose)).collect_view();
    view! {
        <div class="why stack">
            <p class="why-head num" data-testid="why-head">{head}</p>
            {beside.map(|words| view! { <p class="muted">{words}</p> })}
            <dl class="facts">
                <dt>{days(&why.period)}</dt>
                <dd class="num">{value(why.value)}</dd>
                <dt>{days(&why.before)}</dt>
                <dd class="num">{value(why.value_before)}</dd>
            </dl>
            {why.notes.into_iter().map(|note| view! { <p class="small muted">{note}</p> }).collect_view()}
            {method.map(|words| view! { <p class="small muted">{words}</p> })}
            {empty.then(|| view! {
                <EmptyState compact=true icon="circle-help" title="Nothing stands out" text="No column of the data divides this change."/>
            })}
            {lists}
        </div>
    }
    .into_any()
}

fn dimension(dimension: WhyDimension, format: &Format, most: f64, choose: Callback<(String, Cell)>) -> AnyView {
    let rest = (dimension.others > 0).then(|| {
        let others = if dimension.others == 1 { "1 other".to_owned() } else { format!("{} others", dimension.others) };
        view! { <li class="why-rest muted small"><span>{others}</span><span class="num">{signed(dimension.others_contribution, format)}</span></li> }
    });
    let column = dimension.column.clone();
    let rows = dimension.members.iter().map(|m| bar(&column, m, format, most, choose)).collect_view();
    view! {
        <section class="why-dimension">
            <h3>{dimension.label}</h3>
            <ul class="why-list">
                {rows}
                {rest}
            </ul>
        </section>
    }
    .into_any()
}

/// A member with its part of the difference; a click filters by it.
fn bar(column: &str, one: &WhyMember, format: &Format, most: f64, choose: Callback<(String, Cell)>) -> AnyView {
    let name = match &one.cell {
        Cell::Null => "(empty)".to_owned(),
        cell => cell.to_text(),
    };
    let part = if most > 0.0 { one.contribution.abs() / most * 50.0 } else { 0.0 };
    let is_less = one.contribution < 0.0;
    let percent = Format { style: format::Style::Percent, decimals: Some(0), ..Format::default() };
    let share = one.share.map(|s| format::number(s, &percent, false, &locale()));
    let split =
        one.mix.zip(one.rate).map(|(mix, rate)| format!("mix {}, rate {}", signed(mix, format), signed(rate, format)));
    let member = (column.to_owned(), one.cell.clone());
    let choose = move |_| choose.run(member.clone());
    let what = format!("Filter by {}: {name}", names::to_label(column));
    view! {
        <li>
            <button type="button" class="why-member" title=what on:click=choose>
                <span class="why-name truncate">{name}</span>
                <span class="why-track" aria-hidden="true">
                    <span
                        class="why-bar"
                        class:is-less=is_less
                        style=format!("inline-size:{part:.1}%;inset-inline-start:{:.1}%", if is_less { 50.0 - part } else { 50.0 })
                    ></span>
                </span>
                <span class="why-value num">{signed(one.contribution, format)}</span>
                <span class="why-share num muted">{share.unwrap_or_default()}</span>
                {split.map(|words| view! { <span class="why-split small muted num">{words}</span> })}
            </button>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Op;
    use serde_json::json;

    #[test]
    fn the_time_of_a_mark_is_its_period() {
        let date = Filter::is("date", Op::Between, json!(["2024-01-01", "2024-01-31"]));
        let west = Filter::is("region", Op::Eq, "West");
        let asked = Asked { mark: vec![date, west.clone()], ..Asked::default() };
        assert_eq!(beside_time(&asked, Some("date")), [west]);
    }
}
