//! What was found, as findings: with the question that shows it and the sentence that tells it.

mod claims;
mod data;
mod views;

pub(super) use claims::{of_claim, of_count, of_rate, of_related};
pub(super) use data::{of_outliers, quality};
pub(super) use views::{concentration, course, of_breakdown};

use super::prepare::{Dimension, Measure, Prepared};
use super::say::{Say, id_of};
use domain::insight::{Caveat, Direction, Effect, EffectUnit, Finding, FindingKind, InsightView, Member, TestResult};
use domain::query::{Dimension as Grouped, Dir, Filter, Grain, Op, Order, Query};
use domain::{ChartKind, insight::Sentence};

/// Claims are made below this corrected p.
pub(super) const THRESHOLD: f64 = 0.05;

/// A finding in the making.
pub(super) struct Draft {
    kind: FindingKind,
    columns: Vec<String>,
    members: Vec<Member>,
    direction: Option<Direction>,
    at: Option<String>,
    weekday: Option<u8>,
    month: Option<u8>,
    effect: Effect,
    strength: f64,
    test: Option<TestResult>,
    caveats: Vec<Caveat>,
}

impl Draft {
    pub(super) fn new(kind: FindingKind, columns: Vec<String>) -> Self {
        Self {
            kind,
            columns,
            members: Vec::new(),
            direction: None,
            at: None,
            weekday: None,
            month: None,
            effect: Effect { value: 0.0, unit: EffectUnit::Absolute },
            strength: 0.0,
            test: None,
            caveats: Vec::new(),
        }
    }

    pub(super) fn member(mut self, dimension: &Dimension<'_>, code: usize) -> Self {
        let value = dimension.members.get(code).cloned();
        self.members.push(Member { column: dimension.name.clone(), value });
        self
    }

    pub(super) fn members(mut self, members: Vec<Member>) -> Self {
        self.members = members;
        self
    }

    pub(super) fn direction(mut self, up: bool) -> Self {
        self.direction = Some(if up { Direction::Increasing } else { Direction::Decreasing });
        self
    }

    pub(super) fn at(mut self, at: String) -> Self {
        self.at = Some(at);
        self
    }

    pub(super) fn weekday(mut self, day: usize) -> Self {
        self.weekday = Some(day as u8 + 1);
        self
    }

    pub(super) fn month(mut self, month: usize) -> Self {
        self.month = Some(month as u8 + 1);
        self
    }

    pub(super) fn effect(mut self, value: f64, unit: EffectUnit) -> Self {
        self.effect = Effect { value: if value.is_finite() { value } else { 0.0 }, unit };
        self
    }

    pub(super) fn strength(mut self, strength: f64) -> Self {
        self.strength = if strength.is_finite() { strength.clamp(0.0, 1.0) } else { 0.0 };
        self
    }

    pub(super) fn test(mut self, test: TestResult) -> Self {
        self.test = Some(test);
        self
    }

    pub(super) fn caveats(mut self, caveats: impl IntoIterator<Item = Caveat>) -> Self {
        self.caveats.extend(caveats);
        self
    }

    /// The finding; `sampled` where not every row was looked at.
    pub(super) fn done(mut self, sampled: bool, view: InsightView, sentence: impl FnOnce(Say) -> Sentence) -> Finding {
        // A level changes once and stays; what is unusual is so at its time.
        let folded = self.weekday.map(|d| format!("weekday {d}")).or(self.month.map(|m| format!("month {m}")));
        let when = self.at.clone().or(folded);
        let id = id_of(self.kind, &self.columns, &self.members, self.direction, when.as_deref());
        if sampled && self.test.is_some() {
            self.caveats.push(Caveat::Sampled);
        }
        let claimed = self.test.as_ref().is_some_and(|test| test.p_corrected < test.threshold);
        Finding {
            sentence: sentence(Say::about(&id)),
            id,
            kind: self.kind,
            columns: self.columns,
            members: self.members,
            direction: self.direction,
            at: self.at,
            weekday: self.weekday,
            month: self.month,
            effect: self.effect,
            strength: self.strength,
            claimed,
            test: self.test,
            caveats: self.caveats,
            view,
        }
    }
}

/// How much a claim matters: half of it how sure it is, half of it how large.
pub(super) fn strength_of(p_corrected: f64, effect: f64) -> f64 {
    let sure = (-p_corrected.max(1e-300).log10() / 12.0).clamp(0.0, 1.0);
    let large = 1.0 - (-effect.abs() / 0.6).exp();
    0.5 * sure + 0.5 * large
}

/// By how much percent `a` is above `b`; none where that means nothing.
pub(super) fn percent_above(a: f64, b: f64) -> Option<f64> {
    let change = 100.0 * (a - b) / b;
    (b > 0.0 && a >= 0.0 && change.is_finite()).then_some(change)
}

/// The part of a question that groups by a column.
pub(super) fn by(column: &str, grain: Option<Grain>) -> Grouped {
    Grouped { column: column.to_owned(), grain, ..Grouped::default() }
}

/// Only the rows of one member.
pub(super) fn only(dimension: &Dimension<'_>, code: usize) -> Filter {
    Filter::is(&dimension.name, Op::Eq, dimension.value(code))
}

/// The highest first.
pub(super) fn highest_first(output: &str) -> Vec<Order> {
    vec![Order { by: output.to_owned(), dir: Dir::Desc }]
}

/// A view of a question.
pub(super) fn view(title: String, query: Query, chart: ChartKind, measures: &[&Measure<'_>]) -> InsightView {
    let needs = measures.iter().find_map(|m| m.needs.clone());
    InsightView { title, query, chart, needs }
}

/// How bars with so many members stand.
pub(super) fn bars(dimension: &Dimension<'_>) -> ChartKind {
    let long = dimension.members.iter().any(|m| m.chars().count() > 14);
    if long || dimension.members.len() > 12 { ChartKind::Row } else { ChartKind::Bar }
}

/// The name of the time of a table.
pub(super) fn time_of(prepared: &Prepared<'_>) -> (String, String) {
    prepared.time.map(|t| (t.name.clone(), t.label.clone())).unwrap_or_default()
}

/// The mean of a measure over the tested rows that fit.
pub(super) fn mean_where(measure: &Measure<'_>, fits: impl Fn(usize) -> bool) -> f64 {
    let (mut n, mut sum) = (0.0, 0.0);
    for (r, value) in measure.tested.iter().enumerate() {
        if !value.is_nan() && fits(r) {
            n += 1.0;
            sum += value;
        }
    }
    if n > 0.0 { sum / n } else { 0.0 }
}
