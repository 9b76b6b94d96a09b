//! Outliers, and what is wrong with the data, as findings.

use super::views::missing_view;
use super::{Draft, THRESHOLD, by, strength_of, view};
use crate::insights::outliers::Outliers;
use crate::insights::periods::moment;
use crate::insights::prepare::Prepared;
use crate::insights::quality::{Issue, IssueKind};
use crate::insights::say::{Say, count, percent, plural};
use domain::ChartKind;
use domain::insight::{Basis, EffectUnit, Finding, FindingKind, TestResult};
use domain::query::{Dir, Filter, Measure as Asked, Op, Order, Query};

/// Values far from the rest.
pub(in crate::insights) fn of_outliers(prepared: &Prepared<'_>, outliers: &Outliers) -> Option<Finding> {
    let m = &prepared.measures[outliers.measure];
    let worst = outliers.found.first()?;
    let up = worst.value > worst.expected;
    let at = prepared.time.and_then(|t| t.values.times()).map(|t| moment(t[worst.row]));
    let at = at.filter(|_| outliers.is_series);
    let nearest = outliers.found.iter().filter(|o| (o.value > o.expected) == up).map(|o| o.value);
    let limit = if up { nearest.fold(f64::INFINITY, f64::min) } else { nearest.fold(f64::NEG_INFINITY, f64::max) };
    let mut columns: Vec<String> = prepared.frame.columns.iter().take(12).map(|c| c.name.clone()).collect();
    if m.needs.is_none() && !columns.contains(&m.name) {
        columns.push(m.name.clone());
    }
    let op = if up { Op::Gte } else { Op::Lte };
    let order = Order { by: m.name.clone(), dir: if up { Dir::Desc } else { Dir::Asc } };
    let query = Query {
        columns,
        filter: Some(Filter::is(&m.name, op, limit)),
        order: vec![order],
        limit: Some(100),
        ..prepared.query()
    };
    let mut query = query;
    if m.needs.is_some() {
        query.columns.push(m.name.clone());
    }
    let n = outliers.found.len() as u64;
    let mut about = vec![m.name.clone()];
    about.extend(prepared.time.filter(|_| outliers.is_series).map(|t| t.name.clone()));
    let mut draft = Draft::new(FindingKind::Outlier, about)
        .direction(up)
        .effect(worst.score, EffectUnit::Deviations)
        .strength(strength_of(outliers.p_corrected, (worst.score.abs() / 10.0).min(2.0)))
        .test(TestResult {
            name: "tail of a power law".into(),
            statistic_name: "robust z".into(),
            statistic: worst.score,
            p: outliers.p,
            p_corrected: outliers.p_corrected,
            tried: outliers.tried,
            threshold: THRESHOLD,
            n: outliers.n as u64,
        });
    if let Some(at) = at.clone() {
        draft = draft.at(at);
    }
    let view = view(format!("Outliers of {}", m.label), query, ChartKind::Table, &[m]);
    let sampled = prepared.frame.is_sample();
    Some(draft.done(sampled, view, |say| {
        let say =
            say.text(format!("{} has ", m.label)).number(n as f64, plural(n, "outlier", "outliers"), Basis::Query);
        let say = match at {
            Some(at) => say.text(format!(", the farthest on {at}: ")),
            None => say.text(", the farthest is "),
        };
        let text = format!("{:.1}", worst.score.abs());
        say.value(worst.value, &m.format)
            .text(" where ")
            .value(worst.expected, &m.format)
            .text(" is usual, ")
            .number(worst.score.abs(), text, Basis::Test)
            .text(" robust standard deviations away")
            .test(outliers.p_corrected, outliers.tried)
            .done()
    }))
}

/// Something about the data itself.
pub(in crate::insights) fn quality(prepared: &Prepared<'_>, issue: &Issue) -> Finding {
    let label = issue.column.map(|c| prepared.frame.columns[c].label.clone()).unwrap_or_default();
    let name = issue.column.map(|c| prepared.frame.columns[c].name.clone());
    let part = issue.rows as f64 / prepared.frame.rows.max(1) as f64;
    let rows = (issue.rows as f64 * prepared.each_read()).round();
    let say_rows = |say: Say| {
        say.number(rows, plural(rows as u64, "row", "rows"), Basis::Query)
            .text(" (")
            .number(100.0 * part, percent(100.0 * part), Basis::Query)
            .text(")")
    };
    let equal = |value: serde_json::Value| {
        let filter = name.as_ref().map(|name| Filter::is(name, Op::Eq, value));
        let query = Query { measures: vec![Asked::count()], filter, ..prepared.query() };
        view(format!("Rows with this {label}"), query, ChartKind::Number, &[])
    };
    let grouped = || {
        let query = Query {
            dimensions: name.iter().map(|n| by(n, None)).collect(),
            measures: vec![Asked::count()],
            limit: Some(100),
            ..prepared.query()
        };
        view(format!("Rows by {label}"), query, ChartKind::Table, &[])
    };
    let view = match &issue.kind {
        IssueKind::Missing => missing_view(prepared, name.as_deref().unwrap_or(""), &label),
        IssueKind::Default { value, .. } => equal(value.clone()),
        IssueKind::Duplicates => {
            let columns = prepared.frame.columns.iter().map(|c| c.name.clone()).collect();
            view("Rows".into(), Query { columns, limit: Some(100), ..prepared.query() }, ChartKind::Table, &[])
        }
        _ => grouped(),
    };
    // The kind of issue is part of what the finding is.
    let word = issue.kind.word();
    let mut finding = Draft::new(FindingKind::Quality, name.clone().into_iter().collect())
        .at(word.to_owned())
        .effect(issue.rows as f64, EffectUnit::Rows)
        .strength(issue.strength)
        .done(prepared.frame.is_sample(), view, |say| match &issue.kind {
            IssueKind::Missing => say_rows(say.text(format!("{label} is missing in "))).text(".").done(),
            IssueKind::Constant(value) => {
                say.text(format!("{label} is {value} in every row, so that it tells nothing apart.")).done()
            }
            IssueKind::Duplicates => {
                say_rows(say.text("The same row is there more than once: ")).text(" repeat another.").done()
            }
            IssueKind::Default { text, .. } => say_rows(say.text(format!("{label} is {text} in ")))
                .text(", which looks like a stand-in for a missing value.")
                .done(),
            IssueKind::Spellings(a, b) => {
                say_rows(say.text(format!("{label} is written as \u{201c}{a}\u{201d} and as \u{201c}{b}\u{201d}: ")))
                    .text(" have the rarer one.")
                    .done()
            }
            IssueKind::MixedUnits(factor) => say_rows(say.text(format!("{label} seems to be in two units: ")))
                .text(" are in the larger one, about ")
                .number(*factor, count(*factor as u64), Basis::Query)
                .text(" times the other.")
                .done(),
            IssueKind::Gap { from, to, periods, word } => say
                .text(format!("{label} has a gap: "))
                .number(*periods as f64, plural(*periods, word, &format!("{word}s")), Basis::Rows)
                .text(format!(" without rows from {from} to {to}."))
                .done(),
            IssueKind::Infinite => {
                say_rows(say.text(format!("{label} is infinite in "))).text(", which count as missing.").done()
            }
        });
    finding.at = None;
    finding
}
