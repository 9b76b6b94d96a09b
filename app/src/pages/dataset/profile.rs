//! What is known about the values: a card for each column.

use super::columns::RoleDot;
use crate::api::datasets::dataset_profile;
use crate::components::*;
use crate::pages::data::count;
use crate::pages::data::preview::field_of;
use domain::dataset::{Bucket, ColumnProfile, Frequency};
use domain::format::{Format, cell, number};
use domain::{Column, Dataset, Field};
use leptos::prelude::*;

/// Values shown of the most frequent ones.
const TOP: usize = 8;

#[component]
pub(super) fn ProfileTab(dataset: RwSignal<Dataset>) -> impl IntoView {
    let key = Memo::new(move |_| dataset.with(|d| (d.name.clone(), d.version)));
    let profile = Resource::new(move || key.get(), |(name, _)| dataset_profile(name));
    let cards = move || {
        Suspend::new(async move {
            let profile = match profile.await {
                Ok(profile) => profile,
                Err(error) => {
                    return view! { <ErrorState error=error.0 retry=move |()| profile.refetch()/> }.into_any();
                }
            };
            let rows = profile.row_count;
            let columns = dataset.with_untracked(|d| d.columns.clone());
            let card = |known: ColumnProfile| {
                let column = columns.iter().find(|c| c.name == known.name)?.clone();
                Some(view! { <ProfileCard column known rows/> })
            };
            view! { <div class="profile-cards">{profile.columns.into_iter().filter_map(card).collect_view()}</div> }
                .into_any()
        })
    };
    let loading = || {
        let some = (0..6).map(|_| view! { <Skeleton height="18rem"/> }).collect_view();
        view! { <div class="profile-cards" aria-busy="true">{some}</div> }
    };
    view! { <Transition fallback=loading>{cards}</Transition> }.into_any()
}

fn percent(part: u64, of: u64) -> String {
    let share = if of == 0 { 0.0 } else { part as f64 / of as f64 };
    if part > 0 && share < 0.001 {
        return "< 0.1 %".into();
    }
    format!("{} %", (share * 1000.0).round() / 10.0)
}

#[component]
fn ProfileCard(column: Column, known: ColumnProfile, rows: u64) -> impl IntoView {
    let field = field_of(&column);
    let plain = column.format.clone().unwrap_or_default();
    let figure = |v: f64| number(v, &plain, false, "en-US");
    let mut facts: Vec<(&str, String)> =
        vec![("Missing", percent(known.missing, rows)), ("Distinct", count(known.distinct))];
    if !known.min.is_null() {
        facts.push(("Min", cell(&known.min, &field, false, "en-US")));
        facts.push(("Max", cell(&known.max, &field, false, "en-US")));
    }
    facts.extend(known.mean.map(|v| ("Mean", figure(v))));
    facts.extend(known.stddev.map(|v| ("Deviation", figure(v))));
    if let [p5, p25, p50, p75, p95] = known.quantiles.as_slice() {
        let named = [("5 %", p5), ("25 %", p25), ("Median", p50), ("75 %", p75), ("95 %", p95)];
        facts.extend(named.map(|(name, v)| (name, figure(*v))));
    }
    let fact = |(name, value): (&'static str, String)| {
        let title = value.clone();
        view! { <div><dt>{name}</dt><dd class="num" title=title>{value}</dd></div> }
    };
    let histogram = (!known.histogram.is_empty()).then(|| histogram(&known.histogram, &field));
    // A column of which every value is its own has no frequent ones.
    let top = known.top.iter().any(|t| t.count > 1) && (known.histogram.is_empty() || known.distinct <= 20);
    let top = top.then(|| frequent(&known.top, &field, rows));
    let heading = column.label.clone();
    view! {
        <article class="card profile-card" data-testid="profile-card" data-name=column.name aria-label=heading>
            <header>
                <RoleDot role=column.role/>
                <h3>{column.label}</h3>
                <span class="profile-type">{column.ty.as_str()}</span>
            </header>
            <dl class="profile-facts">{facts.into_iter().map(fact).collect_view()}</dl>
            {histogram}
            {top}
        </article>
    }
    .into_any()
}

/// Bars over equal ranges.
fn histogram(buckets: &[Bucket], field: &Field) -> AnyView {
    let most = buckets.iter().map(|b| b.count).max().unwrap_or(1).max(1);
    let show = |value: &domain::Cell| cell(value, field, true, "en-US");
    let bar = |(i, bucket): (usize, &Bucket)| {
        let full = 40.0 * bucket.count as f64 / most as f64;
        let height = if bucket.count > 0 { full.max(0.6) } else { 0.0 };
        let title = format!("{} to {}: {}", show(&bucket.lo), show(&bucket.hi), count(bucket.count));
        view! {
            <rect x=format!("{}", i * 10) y=format!("{:.2}", 40.0 - height) width="9" height=format!("{height:.2}")>
                <title>{title}</title>
            </rect>
        }
    };
    let (lo, hi) = match (buckets.first(), buckets.last()) {
        (Some(first), Some(last)) => (show(&first.lo), show(&last.hi)),
        _ => Default::default(),
    };
    let named = format!("Histogram from {lo} to {hi}; the fullest of {} bars has {} rows", buckets.len(), count(most));
    let bars = buckets.iter().enumerate().map(bar).collect_view();
    view! {
        <figure class="histogram">
            <svg viewBox=format!("0 0 {} 40", buckets.len() * 10) preserveAspectRatio="none" role="img" aria-label=named>{bars}</svg>
            <figcaption class="num" aria-hidden="true"><span>{lo}</span><span>{hi}</span></figcaption>
        </figure>
    }
    .into_any()
}

/// The most frequent values, with bars.
fn frequent(top: &[Frequency], field: &Field, rows: u64) -> AnyView {
    let most = top.first().map_or(1, |t| t.count).max(1);
    let plain = Field { format: field.format.clone().filter(|f| *f != Format::default()), ..field.clone() };
    let line = |value: &Frequency| {
        let text = cell(&value.value, &plain, false, "en-US");
        let text = if text.is_empty() { "(empty text)".to_owned() } else { text };
        let width = format!("inline-size:{:.1}%", 100.0 * value.count as f64 / most as f64);
        view! {
            <li>
                <span class="top-bar" style=width aria-hidden="true"></span>
                <span class="top-value" title=text.clone()>{text.clone()}</span>
                <span class="num" title=percent(value.count, rows)>{count(value.count)}</span>
            </li>
        }
    };
    let lines = top.iter().take(TOP).map(line).collect_view();
    view! { <ol class="top-values" aria-label="Most frequent values">{lines}</ol> }.into_any()
}
