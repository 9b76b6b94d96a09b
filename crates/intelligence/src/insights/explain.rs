//! What an answered chart says: where it goes, what is highest and lowest, what is out of line.

use super::claims::Tried;
use super::periods::Periods;
use super::prepare::Prepared;
use super::say::{Say, percent, plural};
use super::tell::{self, Draft, THRESHOLD};
use super::{Subject, claimed, outliers, relate};
use crate::{Frame, FrameColumn, MISSING_MEMBER, MISSING_TIME, Values};
use domain::calendar::day_of;
use domain::format::{Format, Moment};
use domain::insight::{
    Basis, Direction, EffectUnit, Explanation, Finding, FindingKind, InsightView, Looked, Member, Sentence,
};
use domain::query::{Grain, Query};
use domain::{Cell, Field, Role, Table};
use std::collections::HashMap;

/// Measures that are told.
const MOST_MEASURES: usize = 3;
/// Claims that are told.
const MOST_CLAIMS: usize = 5;

/// What an answered chart says: its question and the table it was answered with.
pub fn explain(query: &Query, table: &Table) -> Explanation {
    let rows = table.row_count();
    let frame = frame_of(table);
    let grain = table.columns.iter().find(|f| is_moment(f)).and_then(|f| f.grain);
    let looked = Looked { rows: rows as u64, total_rows: rows as u64 + u64::from(table.truncated), tests: 0 };
    let mut out = Explanation { narrative: Vec::new(), findings: Vec::new(), grain, looked };
    if rows == 0 {
        out.narrative.push(Say::default().text("There are no rows to tell about.").done());
        return out;
    }
    let subject = Subject { dataset: query.dataset.clone(), label: String::new(), most: 0 };
    let prepared = Prepared::new(&frame, &subject);
    let asked = Asked { query, table };
    for (place, field) in table.columns.iter().enumerate() {
        if out.findings.len() < MOST_MEASURES && is_measure(field) {
            out.findings.extend(asked.described(place));
        }
    }
    let times = prepared.tested_times();
    let periods = times.as_deref().and_then(|t| Periods::new(t, grain.filter(|g| !g.is_folded())));
    let (claims, tests) = claims(&prepared, periods.as_ref());
    out.looked.tests = tests;
    for mut finding in claims.into_iter().take(MOST_CLAIMS) {
        finding.view = asked.view();
        out.findings.push(finding);
    }
    out.narrative = out.findings.iter().map(|f| f.sentence.clone()).collect();
    if table.truncated {
        let text = "More rows exist than this answer has; only these were looked at.";
        out.narrative.push(Say::default().text(text).done());
    }
    out
}

/// Claims about the values of a chart: one a group or a period, so that there are few.
fn claims(prepared: &Prepared<'_>, periods: Option<&Periods>) -> (Vec<Finding>, u64) {
    let mut tried = Tried::default();
    super::claims::count_tests(prepared, periods, &mut tried);
    outliers::count_tests(prepared, &mut tried);
    relate::count_tests(prepared, &mut tried);
    let (claims, _) = claimed(prepared, periods, &tried);
    let mut out: Vec<Finding> = claims.iter().map(|c| tell::of_claim(prepared, periods, c)).collect();
    out.extend(outliers::outliers(prepared, &tried, THRESHOLD).iter().filter_map(|o| tell::of_outliers(prepared, o)));
    let related = relate::correlations(prepared, periods, &tried);
    out.extend(related.iter().filter(|r| r.p_corrected < THRESHOLD).map(|r| tell::of_related(prepared, r)));
    out.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.id.cmp(&b.id)));
    (out, tried.total())
}

fn is_moment(field: &Field) -> bool {
    field.ty.is_time() && !field.grain.is_some_and(Grain::is_folded)
}

fn is_measure(field: &Field) -> bool {
    field.role == Role::Measure && field.ty.is_number()
}

struct Asked<'a> {
    query: &'a Query,
    table: &'a Table,
}

impl Asked<'_> {
    fn view(&self) -> InsightView {
        let chart = charts::suggest_for(self.table);
        InsightView { title: self.title(), query: self.query.clone(), chart, needs: None }
    }

    fn title(&self) -> String {
        let names = |measure: bool| -> Vec<&str> {
            let wanted = |f: &&Field| is_measure(f) == measure;
            self.table.columns.iter().filter(wanted).map(|f| f.label.as_str()).collect()
        };
        let (measures, groups) = (names(true), names(false));
        match (measures.is_empty(), groups.is_empty()) {
            (false, false) => format!("{} by {}", measures.join(", "), groups.join(" and ")),
            (false, true) => measures.join(", "),
            _ => groups.join(", "),
        }
    }

    /// One measure of the answer in a sentence.
    fn described(&self, place: usize) -> Option<Finding> {
        let field = &self.table.columns[place];
        let format = field.format.clone().unwrap_or_default();
        let values: Vec<(usize, f64)> = (0..self.table.row_count())
            .filter_map(|r| self.table.data[place].get(r)?.as_f64().filter(|v| v.is_finite()).map(|v| (r, v)))
            .collect();
        let (first, last) = (*values.first()?, *values.last()?);
        let high = values.iter().copied().fold(first, |best, v| if v.1 > best.1 { v } else { best });
        let low = values.iter().copied().fold(first, |best, v| if v.1 < best.1 { v } else { best });
        let groups: Vec<usize> =
            (0..self.table.columns.len()).filter(|c| !is_measure(&self.table.columns[*c])).collect();
        let name = |row: usize| -> String {
            let names = groups.iter().map(|c| self.name(*c, row)).collect::<Vec<_>>();
            names.join(", ")
        };
        let over_time = groups.iter().any(|c| is_moment(&self.table.columns[*c]));
        let kind = if over_time { FindingKind::Course } else { FindingKind::Breakdown };
        let mut columns = vec![field.name.clone()];
        columns.extend(groups.iter().map(|c| self.table.columns[*c].name.clone()));
        let members: Vec<Member> = if over_time {
            Vec::new()
        } else {
            let one = |row: usize| {
                groups
                    .first()
                    .map(|c| Member { column: self.table.columns[*c].name.clone(), value: Some(self.name(*c, row)) })
            };
            [one(high.0), one(low.0)].into_iter().flatten().collect()
        };
        let draft =
            Draft::new(kind, columns).members(members).effect(high.1 - low.1, EffectUnit::Absolute).strength(0.5);
        let single = values.len() == 1;
        let one_series = over_time && groups.len() == 1;
        let mut finding = draft.done(false, self.view(), |say| {
            let say = say.text(format!("{}: ", field.label));
            if single {
                return told(say, first.1, &format, &name(first.0));
            }
            let say =
                if one_series { course(say, (&name(first.0), first.1), (&name(last.0), last.1), &format) } else { say };
            let say = say
                .text(format!("{} has the highest value, ", name(high.0)))
                .value(high.1, &format)
                .text(format!("; {} the lowest, ", name(low.0)))
                .value(low.1, &format);
            if over_time { say.text(".").done() } else { share(say, &values, high.1, &name(high.0)) }
        });
        if one_series {
            finding.direction = Some(match last.1.total_cmp(&first.1) {
                std::cmp::Ordering::Greater => Direction::Increasing,
                std::cmp::Ordering::Less => Direction::Decreasing,
                std::cmp::Ordering::Equal => Direction::Stable,
            });
        }
        Some(finding)
    }

    fn name(&self, column: usize, row: usize) -> String {
        let field = &self.table.columns[column];
        let cell = self.table.data[column].get(row).unwrap_or(&Cell::Null);
        domain::format::cell(cell, field, false, "en-US")
    }
}

fn told(say: Say, value: f64, format: &Format, name: &str) -> Sentence {
    let say = say.value(value, format);
    if name.is_empty() { say.text(".").done() } else { say.text(format!(" for {name}, the only one.")).done() }
}

fn course(say: Say, first: (&str, f64), last: (&str, f64), format: &Format) -> Say {
    let verb = if last.1 > first.1 {
        "up"
    } else if last.1 < first.1 {
        "down"
    } else {
        "unchanged"
    };
    let say = say
        .text(format!("{verb} from "))
        .value(first.1, format)
        .text(format!(" in {} to ", first.0))
        .value(last.1, format)
        .text(format!(" in {}", last.0));
    let say = match tell::percent_above(last.1, first.1) {
        Some(change) if change != 0.0 => say.text(" (").number(change, signed(change), Basis::Query).text(")"),
        _ => say,
    };
    say.text("; ")
}

fn signed(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "\u{2212}" }, percent(value.abs()))
}

/// What part of the whole the highest is, where values have a whole.
fn share(say: Say, values: &[(usize, f64)], high: f64, name: &str) -> Sentence {
    let whole: f64 = values.iter().map(|(_, v)| v).sum();
    let groups = values.len() as u64;
    let say = say.text("; ").number(groups as f64, plural(groups, "value", "values"), Basis::Query);
    if values.iter().any(|(_, v)| *v < 0.0) || whole.is_nan() || whole <= 0.0 || !whole.is_finite() {
        return say.text(".").done();
    }
    let part = 100.0 * high / whole;
    say.text(format!(". Of what all of them add up to, {name} has "))
        .number(part, percent(part), Basis::Query)
        .text(".")
        .done()
}

/// An answer as columns to be counted with. What repeats as a part of a cycle is a member.
fn frame_of(table: &Table) -> Frame {
    let rows = table.row_count();
    let columns = table.columns.iter().zip(&table.data).map(|(field, cells)| {
        let (values, role) = if is_moment(field) {
            (Values::Time(cells.iter().map(micros).collect()), Role::Time)
        } else if is_measure(field) {
            (Values::Number(cells.iter().map(|c| c.as_f64().unwrap_or(f64::NAN)).collect()), Role::Measure)
        } else {
            (members(cells), Role::Dimension)
        };
        FrameColumn {
            name: field.name.clone(),
            label: field.label.clone(),
            ty: field.ty,
            role,
            format: field.format.clone(),
            values,
        }
    });
    Frame { columns: columns.collect(), rows, total_rows: rows as u64 }
}

fn micros(cell: &Cell) -> i64 {
    let Some(moment) = cell.as_str().and_then(Moment::parse) else { return MISSING_TIME };
    let day = day_of(moment.year.into(), moment.month.into(), moment.day.into());
    day * 86_400_000_000 + i64::from(moment.millis.unwrap_or(0)) * 1_000
}

fn members(cells: &[Cell]) -> Values {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut members = Vec::new();
    let codes = cells
        .iter()
        .map(|cell| {
            if cell.is_null() {
                return MISSING_MEMBER;
            }
            let text = cell.to_text();
            if let Some(code) = seen.get(&text) {
                return *code;
            }
            let code = members.len() as u32;
            members.push(text.clone());
            seen.insert(text, code);
            code
        })
        .collect();
    Values::Member { codes, members }
}
