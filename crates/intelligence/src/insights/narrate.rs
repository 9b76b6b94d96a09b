//! The sentences in the order in which they are read.

use super::prepare::Prepared;
use super::say::{Say, count, plural};
use domain::insight::{Basis, Finding, FindingKind, Insights, Looked, Part, Sentence};

/// Findings that are told.
const MOST: usize = 8;

/// The whole in sentences: what was looked at, then what was found.
pub(super) fn narrative(prepared: &Prepared<'_>, found: &Insights) -> Vec<Sentence> {
    let mut out = vec![looked(prepared, &found.looked)];
    let claims = found.findings.iter().filter(|f| f.claimed).count();
    let told = told(found.findings.iter().filter(|f| f.claimed));
    if claims == 0 {
        let say = Say::default();
        out.push(if found.looked.tests > 0 {
            let tests = found.looked.tests;
            say.text("Nothing stands out more than chance explains, in ")
                .number(tests as f64, plural(tests, "test", "tests"), Basis::Rows)
                .text(".")
                .done()
        } else {
            say.text("There is too little here to claim anything.").done()
        });
    }
    if claims > 0 {
        let tests = found.looked.tests;
        out.push(
            Say::default()
                .text("What follows holds after correction for ")
                .number(tests as f64, plural(tests, "test", "tests"), Basis::Rows)
                .text(": each number opens its own.")
                .done(),
        );
    }
    out.extend(told.iter().map(|(finding, others)| short(prepared, finding, others)));
    let said: usize = told.iter().map(|(_, others)| 1 + others.len()).sum();
    if claims > said {
        let more = (claims - said) as u64;
        out.push(
            Say::default()
                .number(more as f64, plural(more, "more finding", "more findings"), Basis::Rows)
                .text(".")
                .done(),
        );
    }
    let views = found.findings.iter().filter(|f| matches!(f.kind, FindingKind::Breakdown | FindingKind::Course));
    out.extend(views.take(if claims == 0 { 3 } else { 2 }).map(|f| f.sentence.clone()));
    out.extend(found.findings.iter().find(|f| f.kind == FindingKind::Quality).map(|f| f.sentence.clone()));
    out
}

/// The first of them; what says the same of another measure goes with the one that said it first.
fn told<'a>(claimed: impl Iterator<Item = &'a Finding>) -> Vec<(&'a Finding, Vec<&'a Finding>)> {
    let mut told: Vec<(&Finding, Vec<&Finding>)> = Vec::new();
    for finding in claimed {
        if let Some((_, others)) = told.iter_mut().find(|(first, _)| is_same_of_another(first, finding)) {
            others.push(finding);
        } else if told.len() < MOST {
            told.push((finding, Vec::new()));
        }
    }
    told
}

/// Whether both say the same thing of two measures.
fn is_same_of_another(a: &Finding, b: &Finding) -> bool {
    let rest = |finding: &Finding| finding.columns.get(1..).map(<[String]>::to_vec);
    a.kind == b.kind
        && a.kind != FindingKind::Correlation
        && (a.direction, a.at.as_ref(), a.weekday, a.month) == (b.direction, b.at.as_ref(), b.weekday, b.month)
        && a.members == b.members
        && a.columns.first() != b.columns.first()
        && rest(a) == rest(b)
}

/// A sentence without its test, which its numbers open, and the other measures that it holds for.
fn short(prepared: &Prepared<'_>, finding: &Finding, others: &[&Finding]) -> Sentence {
    let mut parts: Vec<Part> = finding.sentence.parts.clone();
    let is_test = |part: &Part| part.number.as_ref().is_some_and(|n| n.basis == Basis::Test);
    if let (Some(first), Some(last)) = (parts.iter().position(is_test), parts.iter().rposition(is_test)) {
        let before = parts[..first].last().and_then(|part| part.text.strip_suffix(" (")).map(str::to_owned);
        let after = parts.get(last + 1).and_then(|part| part.text.strip_prefix(" tests)")).map(str::to_owned);
        if let (Some(before), Some(after)) = (before, after) {
            parts.splice(first - 1..=last + 1, [Part { text: before + &after, number: None }]);
        }
    }
    if !others.is_empty() {
        let label = |name: &String| prepared.frame.column(name).map_or(name.clone(), |column| column.label.clone());
        let names: Vec<String> = others.iter().filter_map(|other| other.columns.first()).map(label).collect();
        let text = match names.as_slice() {
            [one] => format!(" The same goes for {one}."),
            [all @ .., last] => format!(" The same goes for {} and {last}.", all.join(", ")),
            [] => String::new(),
        };
        parts.push(Part { text, number: None });
    }
    Sentence { parts }
}

fn looked(prepared: &Prepared<'_>, looked: &Looked) -> Sentence {
    let name = if prepared.subject.label.is_empty() { "The table" } else { &prepared.subject.label };
    let columns = prepared.frame.columns.len() as u64;
    let say = Say::default()
        .text(format!("{name} has "))
        .number(looked.total_rows as f64, plural(looked.total_rows, "row", "rows"), Basis::Rows)
        .text(" and ")
        .number(columns as f64, plural(columns, "column", "columns"), Basis::Rows);
    let tested = prepared.picked.len() as u64;
    if tested < looked.total_rows {
        let say = say.text("; totals are of ").number(looked.rows as f64, count(looked.rows), Basis::Rows);
        return say.text(" of them, tests of ").number(tested as f64, count(tested), Basis::Rows).text(".").done();
    }
    say.text(".").done()
}
