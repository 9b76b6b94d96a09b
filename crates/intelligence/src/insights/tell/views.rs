//! Views worth seeing, as findings that claim nothing.

use super::{Draft, bars, by, highest_first, time_of, view};
use crate::insights::periods::Periods;
use crate::insights::prepare::{Measure, Prepared};
use crate::insights::say::{Say, count, percent, plural};
use crate::insights::views::{Breakdown, Group};
use domain::format::Format;
use domain::insight::{Basis, EffectUnit, Finding, FindingKind, Member};
use domain::query::{Agg, Filter, Measure as Asked, Op, Query};
use domain::{ChartKind, insight::InsightView};

/// What a view counts, in words: "Total sales", "Rows".
pub(super) fn what(measure: Option<&Measure<'_>>, agg: Agg) -> String {
    match (measure, agg) {
        (None, _) => "Rows".into(),
        (Some(m), Agg::Sum) => format!("Total {}", m.label),
        (Some(m), _) => format!("Average {}", m.label),
    }
}

fn asked(measure: Option<&Measure<'_>>, agg: Agg) -> Asked {
    measure.map_or_else(Asked::count, |m| m.asked(agg))
}

fn name_of(prepared: &Prepared<'_>, breakdown: &Breakdown, group: &Group) -> String {
    let members = &prepared.dimensions[breakdown.dimension].members;
    group.code.map_or_else(|| "no value".to_owned(), |code| members[code].clone())
}

fn view_of(prepared: &Prepared<'_>, breakdown: &Breakdown) -> InsightView {
    let dimension = &prepared.dimensions[breakdown.dimension];
    let measure = breakdown.measure.map(|m| &prepared.measures[m]);
    let asked = asked(measure, breakdown.agg);
    let query = Query {
        dimensions: vec![by(&dimension.name, None)],
        order: highest_first(&asked.output_name()),
        measures: vec![asked],
        ..prepared.query()
    };
    let title = format!("{} by {}", what(measure, breakdown.agg), dimension.label);
    view(title, query, bars(dimension), &measure.into_iter().collect::<Vec<_>>())
}

/// What a breakdown counts in each row of the answer.
fn scale(prepared: &Prepared<'_>, agg: Agg) -> f64 {
    if matches!(agg, Agg::Count | Agg::Sum) { prepared.each_read() } else { 1.0 }
}

/// A measure by the members of a dimension.
pub(in crate::insights) fn of_breakdown(prepared: &Prepared<'_>, breakdown: &Breakdown) -> Option<Finding> {
    let (high, low) = (breakdown.groups.first()?, breakdown.groups.last()?);
    let dimension = &prepared.dimensions[breakdown.dimension];
    let measure = breakdown.measure.map(|m| &prepared.measures[m]);
    let format = measure.map(|m| m.format.clone()).unwrap_or_default();
    let member = |group: &Group| Member {
        column: dimension.name.clone(),
        value: group.code.map(|code| dimension.members[code].clone()),
    };
    let mut columns: Vec<String> = measure.map(|m| m.name.clone()).into_iter().collect();
    columns.push(dimension.name.clone());
    // The aggregate is part of what the view is, so that it is part of its id.
    let draft = Draft::new(FindingKind::Breakdown, columns)
        .at(breakdown.agg.name())
        .effect(high.value - low.value, EffectUnit::Absolute)
        .strength(breakdown.score);
    let each = scale(prepared, breakdown.agg);
    let about = if each > 1.0 { "about " } else { "" };
    let view = view_of(prepared, breakdown);
    let mut finding = draft.done(prepared.frame.is_sample(), view, |say| {
        let what = what(measure, breakdown.agg);
        let groups = breakdown.groups.len() as u64;
        let say = say.text(format!("{what} by {}: ", dimension.label));
        if high.value == low.value {
            let say = say.text("the same, ").text(about).value(each * high.value, &format).text(", for all ");
            return say.number(groups as f64, count(groups), Basis::Query).text(".").done();
        }
        let say = say
            .text(format!("{} has the most, {about}", name_of(prepared, breakdown, high)))
            .value(each * high.value, &format)
            .text(format!("; {} the least, {about}", name_of(prepared, breakdown, low)))
            .value(each * low.value, &format);
        say.text("; ").number(groups as f64, plural(groups, "group", "groups"), Basis::Query).text(".").done()
    });
    finding.at = None;
    finding.members = vec![member(high), member(low)];
    Some(finding)
}

/// Few members make most of the whole.
pub(in crate::insights) fn concentration(prepared: &Prepared<'_>, breakdown: &Breakdown) -> Option<Finding> {
    let (needed, part) = breakdown.few?;
    let dimension = &prepared.dimensions[breakdown.dimension];
    let measure = breakdown.measure.map(|m| &prepared.measures[m]);
    let mut columns: Vec<String> = measure.map(|m| m.name.clone()).into_iter().collect();
    columns.push(dimension.name.clone());
    let mut view = view_of(prepared, breakdown);
    view.title = format!("Share of {} by {}", what(measure, breakdown.agg).to_lowercase(), dimension.label);
    let members = breakdown.groups[..needed.min(5)]
        .iter()
        .map(|g| Member { column: dimension.name.clone(), value: g.code.map(|code| dimension.members[code].clone()) });
    let members: Vec<Member> = members.collect();
    let groups = breakdown.groups.len() as u64;
    let mut finding = Draft::new(FindingKind::Concentration, columns)
        .effect(part, EffectUnit::Share)
        .strength(0.4 + 0.5 * (1.0 - needed as f64 / groups as f64 / 0.34))
        .done(prepared.frame.is_sample(), view, |say: Say| {
            say.number(needed as f64, count(needed as u64), Basis::Query)
                .text(" of ")
                .number(groups as f64, count(groups), Basis::Query)
                .text(format!(" members of {} {} ", dimension.label, if needed == 1 { "makes" } else { "make" }))
                .number(100.0 * part, percent(100.0 * part), Basis::Query)
                .text(format!(" of {}.", what(measure, breakdown.agg).to_lowercase()))
                .done()
        });
    finding.members = members;
    Some(finding)
}

/// A measure, or the number of rows, over time.
pub(in crate::insights) fn course(prepared: &Prepared<'_>, periods: &Periods, measure: Option<usize>) -> Finding {
    let (time, label) = time_of(prepared);
    let measure = measure.map(|m| &prepared.measures[m]);
    let agg = match measure {
        None => Agg::Count,
        Some(m) if m.adds_up => Agg::Sum,
        Some(_) => Agg::Avg,
    };
    let (mut rows, mut sums) = (vec![0.0; periods.count], vec![0.0; periods.count]);
    for (r, period) in periods.of.iter().enumerate() {
        let value = measure.map_or(1.0, |m| m.tested[r]);
        if let Some(n) = rows.get_mut(*period as usize).filter(|_| !value.is_nan()) {
            *n += 1.0;
            sums[*period as usize] += value;
        }
    }
    let each = if agg == Agg::Avg { 1.0 } else { prepared.each() };
    let value = |p: usize| if agg == Agg::Avg { sums[p] / rows[p] } else { each * sums[p] };
    let filled: Vec<usize> = periods.whole().filter(|p| rows[*p] > 0.0).collect();
    let filled = if filled.is_empty() { (0..periods.count).filter(|p| rows[*p] > 0.0).collect() } else { filled };
    let high = filled.iter().copied().max_by(|a, b| value(*a).total_cmp(&value(*b)).then(b.cmp(a)));
    let low = filled.iter().copied().min_by(|a, b| value(*a).total_cmp(&value(*b)));
    let mut columns: Vec<String> = measure.map(|m| m.name.clone()).into_iter().collect();
    columns.push(time.clone());
    let asked = asked(measure, agg);
    let query = Query { dimensions: vec![by(&time, Some(periods.grain))], measures: vec![asked], ..prepared.query() };
    let title = format!("{} by {} of {label}", what(measure, agg), periods.word());
    let view = view(title, query, ChartKind::Line, &measure.into_iter().collect::<Vec<_>>());
    let format: Format = measure.map(|m| m.format.clone()).unwrap_or_default();
    let about = if each > 1.0 { "about " } else { "" };
    let range = high.zip(low).map(|(h, l)| value(h) - value(l));
    Draft::new(FindingKind::Course, columns)
        .effect(range.unwrap_or(0.0), EffectUnit::Absolute)
        .strength(if measure.is_none() { 0.45 } else { 0.5 })
        .done(prepared.is_sampled(), view, |say| {
            let say = say.text(format!("{} by {}: ", what(measure, agg), periods.word()));
            let (Some(high), Some(low)) = (high, low) else { return say.text("no values.").done() };
            say.text(format!("highest in {}, {about}", periods.name(high)))
                .value(value(high), &format)
                .text(format!("; lowest in {}, {about}", periods.name(low)))
                .value(value(low), &format)
                .text(".")
                .done()
        })
}

/// Rows where a column has no value.
pub(super) fn missing_view(prepared: &Prepared<'_>, column: &str, label: &str) -> InsightView {
    let filter = Filter::is(column, Op::IsNull, serde_json::Value::Null);
    let query = Query { measures: vec![Asked::count()], filter: Some(filter), ..prepared.query() };
    view(format!("Rows without {label}"), query, ChartKind::Number, &[])
}
