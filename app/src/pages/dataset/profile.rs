//! What is known about the values: a card for each column.

use super::columns::RoleDot;
use crate::api::datasets::dataset_profile;
use crate::components::*;
use crate::pages::data::count;
use crate::pages::data::preview::field_of;
use domain::dataset::{Bucket, ColumnProfile, Frequency};
use domain::format::{Format, cell, number};
use domain::{Cell, Column, Dataset, Field, Role};
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

/// Whether its numbers are names: years, ids, codes. They are written without separators, and whole.
fn is_name(field: &Field) -> bool {
    field.ty.is_number() && field.role != Role::Measure && field.format.is_none()
}

/// A number of a column, or one that was calculated from its numbers.
fn figure(v: f64, field: &Field) -> String {
    match is_name(field) && v.abs() < 1e15 {
        true => format!("{:.0}", v.round()),
        false => number(v, &field.format.clone().unwrap_or_default(), false, &crate::session::locale()),
    }
}

/// A value of a column, or the edge of a range of them.
fn value(value: &Cell, field: &Field, compact: bool) -> String {
    match value {
        Cell::Float(v) if is_name(field) => figure(*v, field),
        _ => cell(value, field, compact, &crate::session::locale()),
    }
}

fn percent(part: u64, of: u64) -> String {
    let share = if of == 0 { 0.0 } else { part as f64 / of as f64 };
    if part > 0 && share < 0.001 {
        return "< 0.1 %".into();
    }
    format!("{} %", (share * 1000.0).round() / 10.0)
}

#[component]
pub(crate) fn ProfileCard(column: Column, known: ColumnProfile, rows: u64) -> impl IntoView {
    let field = field_of(&column);
    let figure = |v: f64| figure(v, &field);
    let mut facts: Vec<(&str, String)> =
        vec![("Missing", percent(known.missing, rows)), ("Distinct", count(known.distinct))];
    if !known.min.is_null() {
        facts.push(("Min", value(&known.min, &field, false)));
        facts.push(("Max", value(&known.max, &field, false)));
    }
    // Nobody averages what is a name.
    if !is_name(&field) {
        facts.extend(known.mean.map(|v| ("Mean", figure(v))));
        facts.extend(known.stddev.map(|v| ("Deviation", figure(v))));
    }
    // Of one value everything is said.
    let varies = known.distinct > 1;
    if let [p5, p25, p50, p75, p95] = known.quantiles.as_slice()
        && varies
    {
        let named = [("5 %", p5), ("25 %", p25), ("Median", p50), ("75 %", p75), ("95 %", p95)];
        facts.extend(named.map(|(name, v)| (name, figure(*v))));
    }
    let fact = |(name, value): (&'static str, String)| {
        let title = value.clone();
        view! { <div><dt>{name}</dt><dd class="num" title=title>{value}</dd></div> }
    };
    let histogram = (varies && !known.histogram.is_empty()).then(|| histogram(&known, &field));
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
fn histogram(known: &ColumnProfile, field: &Field) -> AnyView {
    let buckets: &[Bucket] = &known.histogram;
    let most = buckets.iter().map(|b| b.count).max().unwrap_or(1).max(1);
    let show = |edge: &Cell| value(edge, field, true);
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
    // The last range ends beyond the largest value.
    let (lo, hi) = (show(&known.min), show(&known.max));
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
        let text = cell(&value.value, &plain, false, &crate::session::locale());
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::DataType;

    #[test]
    fn years_are_not_abbreviated() {
        let mut year = Field {
            name: "year".into(),
            label: "Year".into(),
            ty: DataType::Integer,
            role: Role::Dimension,
            format: None,
            grain: None,
        };
        assert_eq!(value(&Cell::Float(2013.4), &year, true), "2013");
        assert_eq!(value(&Cell::Int(2013), &year, true), "2013");
        assert_eq!(figure(2012.6, &year), "2013");
        year.role = Role::Measure;
        assert_eq!(value(&Cell::Float(2013.0), &year, true), "2.01K");
    }
}
