//! The sentences in the order in which they are read.

use super::prepare::Prepared;
use super::say::{Say, count, plural};
use domain::insight::{Basis, Finding, FindingKind, Insights, Looked, Sentence};

/// Findings that are told.
const MOST: usize = 8;

/// The whole in sentences: what was looked at, then what was found.
pub(super) fn narrative(prepared: &Prepared<'_>, found: &Insights) -> Vec<Sentence> {
    let mut out = vec![looked(prepared, &found.looked)];
    let claims = found.findings.iter().filter(|f| f.claimed).count();
    let told: Vec<&Finding> = found.findings.iter().filter(|f| f.claimed).take(MOST).collect();
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
    out.extend(told.iter().map(|f| f.sentence.clone()));
    if claims > told.len() {
        let more = (claims - told.len()) as u64;
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
