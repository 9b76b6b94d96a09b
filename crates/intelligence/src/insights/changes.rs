//! What changed from one stretch of time to another, and who carried it: what each member added, and
//! of that, how much came from there being more of it (mix) and how much from itself (rate).

use super::Subject;
use super::claims::{Family, Tried};
use super::prepare::{Dimension, Measure, Prepared};
use super::say::{Say, percent, plural};
use super::tell::{Draft, THRESHOLD, bars, by, percent_above, strength_of, view};
use crate::stats::{bonferroni, mean, normal_two_sided, variance};
use crate::{Frame, MISSING_TIME};
use domain::calendar::{day_of, iso, parse};
use domain::format::{Format, Moment};
use domain::insight::{
    Basis, Change, ChangeAgg, Contribution, EffectUnit, Finding, FindingKind, Looked, Member, Sentence, Span,
    TestResult, WhatChanged,
};
use domain::query::{Agg, Compare, CompareTo, Compared, Filter, Measure as Asked, Op, Query};
use domain::{DataType, Error, ErrorCode, Result};

const DAY: i64 = 86_400_000_000;
/// Members of a change that are named.
const MOST_MEMBERS: usize = 8;
/// Changes that are told.
const MOST_TOLD: usize = 5;

/// What changed from one stretch of time to another, and which members carried it.
///
/// # Errors
/// Where `time` is no time column, or a stretch is none.
pub fn what_changed(frame: &Frame, subject: &Subject, time: &str, before: &Span, after: &Span) -> Result<WhatChanged> {
    let column = frame.column(time).ok_or_else(|| no_time(time))?;
    let times = column.values.times().ok_or_else(|| no_time(time))?;
    let (early, late) = (micros(before, "before")?, micros(after, "after")?);
    let prepared = Prepared::new(frame, subject);
    let side = |t: i64| match t {
        MISSING_TIME => None,
        t if (early.0..early.1).contains(&t) => Some(0),
        t if (late.0..late.1).contains(&t) => Some(1),
        _ => None,
    };
    let sides: Vec<Option<usize>> = times.iter().map(|t| side(*t)).collect();
    let dispersion = dispersion(times, [early, late]);
    let asked = Spans { time: column.name.clone(), ty: column.ty, after: after.clone(), early, late, dispersion };
    let mut wanted: Vec<(Option<usize>, ChangeAgg)> = vec![(None, ChangeAgg::Count)];
    for (m, measure) in prepared.measures.iter().enumerate() {
        wanted.push((Some(m), if measure.adds_up { ChangeAgg::Sum } else { ChangeAgg::Avg }));
    }
    let mut tried = Tried::default();
    tried.add(Family::Count, wanted.len() as u64);
    let mut changes: Vec<Change> =
        wanted.iter().filter_map(|(m, agg)| change(&prepared, &sides, &asked, (*m, *agg), tried.total())).collect();
    changes.sort_by(|a, b| b.finding.strength.total_cmp(&a.finding.strength).then(a.label.cmp(&b.label)));
    let narrative = narrative(&changes, before, after);
    let looked =
        Looked { rows: frame.rows as u64, total_rows: frame.total_rows.max(frame.rows as u64), tests: tried.total() };
    Ok(WhatChanged { before: before.clone(), after: after.clone(), changes, narrative, looked })
}

fn no_time(time: &str) -> Error {
    Error::new(ErrorCode::UnknownColumn, format!("`{time}` is no column with times."))
        .hint("Name a date or a timestamp of this dataset.")
        .field("time")
}

fn micros(span: &Span, field: &str) -> Result<(i64, i64)> {
    let one = |text: &str| {
        let moment = Moment::parse(text)?;
        let day = day_of(moment.year.into(), moment.month.into(), moment.day.into());
        Some(day * DAY + i64::from(moment.millis.unwrap_or(0)) * 1_000)
    };
    one(&span.from).zip(one(&span.to)).filter(|(from, to)| from < to).ok_or_else(|| {
        let text = format!("{} to {} is no stretch of time.", span.from, span.to);
        Error::new(ErrorCode::InvalidRequest, text)
            .hint("Give two dates such as 2024-01-01 and 2024-02-01, the earlier one first.")
            .field(field)
    })
}

struct Spans {
    time: String,
    ty: DataType,
    after: Span,
    early: (i64, i64),
    late: (i64, i64),
    /// How much the number of rows a day varies, against what chance alone makes of it.
    dispersion: f64,
}

impl Spans {
    /// Only the rows of the later stretch, compared with the earlier one where that is the one before it.
    fn narrow(&self, mut query: Query) -> Query {
        let length = self.late.1 - self.late.0;
        let adjacent = self.early.1 == self.late.0 && self.early.1 - self.early.0 == length;
        let days = self.late.1.rem_euclid(DAY) == 0 && self.late.0.rem_euclid(DAY) == 0;
        if adjacent && days && self.ty == DataType::Date {
            let last = iso(self.late.1.div_euclid(DAY) - 1);
            let first = parse(&self.after.from).map_or_else(|| self.after.from.clone(), iso);
            query.filter = Some(Filter::is(&self.time, Op::Between, serde_json::json!([first, last])));
            let show = vec![Compared::Previous, Compared::Change];
            query.compare = Some(Compare { to: CompareTo::PreviousPeriod, column: Some(self.time.clone()), show });
            return query;
        }
        let from = Filter::is(&self.time, Op::Gte, self.after.from.as_str());
        let to = Filter::is(&self.time, Op::Lt, self.after.to.as_str());
        query.filter = Some(Filter::And(vec![from, to]));
        query
    }
}

/// Rows at random moments have as much variance a day as mean; a row a day for each thing has none.
fn dispersion(times: &[i64], spans: [(i64, i64); 2]) -> f64 {
    let (mut squares, mut sum, mut freedom) = (0.0, 0.0, 0.0);
    for (from, to) in spans {
        let days = (to - from) / DAY;
        if !(5..=4_000).contains(&days) {
            return 1.0;
        }
        let mut counts = vec![0.0; days as usize];
        for time in times.iter().filter(|t| (from..to).contains(*t)) {
            if let Some(count) = counts.get_mut(((time - from) / DAY) as usize) {
                *count += 1.0;
            }
        }
        squares += variance(&counts) * (counts.len() - 1) as f64;
        sum += mean(&counts) * (counts.len() - 1) as f64;
        freedom += (counts.len() - 1) as f64;
    }
    if sum > 0.0 && freedom > 0.0 { (squares / sum).max(0.05) } else { 1.0 }
}

#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn mean(self) -> f64 {
        if self.n > 0.0 { self.sum / self.n } else { 0.0 }
    }

    fn variance(self) -> f64 {
        if self.n > 1.0 { ((self.squares - self.n * self.mean().powi(2)) / (self.n - 1.0)).max(0.0) } else { 0.0 }
    }

    fn value(self, agg: ChangeAgg) -> f64 {
        match agg {
            ChangeAgg::Count => self.n,
            ChangeAgg::Sum => self.sum,
            ChangeAgg::Avg => self.mean(),
        }
    }
}

/// The sums of both sides for each group.
fn sums(
    sides: &[Option<usize>],
    measure: Option<&Measure<'_>>,
    groups: usize,
    of: impl Fn(usize) -> usize,
) -> Vec<[Sums; 2]> {
    let mut out = vec![[Sums::default(); 2]; groups];
    for (r, side) in sides.iter().enumerate() {
        let Some(side) = side else { continue };
        let value = measure.map_or(1.0, |m| m.values[r]);
        if let Some(group) = out.get_mut(of(r)).filter(|_| !value.is_nan()) {
            let sums = &mut group[*side];
            sums.n += 1.0;
            sums.sum += value;
            sums.squares += value * value;
        }
    }
    out
}

fn change(
    prepared: &Prepared<'_>,
    sides: &[Option<usize>],
    spans: &Spans,
    (place, agg): (Option<usize>, ChangeAgg),
    tests: u64,
) -> Option<Change> {
    let measure = place.map(|m| &prepared.measures[m]);
    let [early, late] = *sums(sides, measure, 1, |_| 0).first()?;
    if early.n + late.n < 1.0 || (agg == ChangeAgg::Avg && (early.n < 1.0 || late.n < 1.0)) {
        return None;
    }
    let each = if agg == ChangeAgg::Avg { 1.0 } else { prepared.each_read() };
    let (before, after) = (each * early.value(agg), each * late.value(agg));
    let test = test(early, late, agg, spans, tests);
    let percent_change = percent_above(after, before);
    let (dimension, contributions) = carried(prepared, sides, measure, agg, each).unzip();
    let contributions: Vec<Contribution> = contributions.unwrap_or_default();
    let dimension: Option<&Dimension<'_>> = dimension.map(|d: usize| &prepared.dimensions[d]);
    let label = measure.map_or_else(|| "Rows".to_owned(), |m| m.label.clone());
    let said = Said {
        label: match agg {
            ChangeAgg::Count => "The number of rows".into(),
            ChangeAgg::Sum => format!("Total {label}"),
            ChangeAgg::Avg => format!("Average {label}"),
        },
        format: measure.map(|m| m.format.clone()).unwrap_or_default(),
        before,
        after,
        percent_change,
        dimension: dimension.map(|d| d.label.clone()),
        contributions: &contributions,
    };
    let asked = match (measure, agg) {
        (Some(m), ChangeAgg::Sum) => m.asked(Agg::Sum),
        (Some(m), _) => m.asked(Agg::Avg),
        (None, _) => Asked::count(),
    };
    let query = Query {
        dimensions: dimension.iter().map(|d| by(&d.name, None)).collect(),
        measures: vec![asked],
        ..prepared.query()
    };
    let title = dimension.map_or_else(|| said.label.clone(), |d| format!("{} by {}", said.label, d.label));
    let chart = dimension.map_or(domain::ChartKind::Number, bars);
    let shown = view(title, spans.narrow(query), chart, &measure.into_iter().collect::<Vec<_>>());
    let mut columns: Vec<String> = measure.map(|m| m.name.clone()).into_iter().collect();
    columns.extend(dimension.map(|d| d.name.clone()));
    columns.push(spans.time.clone());
    let size = percent_change.map_or(1.0, |p| (p / 100.0).abs().min(2.0));
    let finding: Finding = Draft::new(FindingKind::Driver, columns)
        .members(contributions.iter().take(1).map(|c| c.member.clone()).collect())
        .direction(after >= before)
        .effect(
            percent_change.unwrap_or(after - before),
            if percent_change.is_some() { EffectUnit::Percent } else { EffectUnit::Absolute },
        )
        .strength(strength_of(test.p_corrected, size))
        .test(test.clone())
        .done(prepared.frame.is_sample(), shown, |say| said.sentence(say, &test));
    Some(Change {
        column: measure.map(|m| m.name.clone()),
        label,
        agg,
        format: measure.map(|m| m.format.clone()),
        before,
        after,
        change: after - before,
        percent_change,
        contributions,
        finding,
    })
}

/// Whether the two stretches differ by more than chance, stretches of another length made comparable.
fn test(early: Sums, late: Sums, agg: ChangeAgg, spans: &Spans, tests: u64) -> TestResult {
    let longer = (spans.late.1 - spans.late.0) as f64 / (spans.early.1 - spans.early.0) as f64;
    let (name, z) = match agg {
        ChangeAgg::Avg => {
            let error = early.variance() / early.n.max(1.0) + late.variance() / late.n.max(1.0);
            ("Welch's test of two means", (late.mean() - early.mean()) / error.sqrt())
        }
        // The sum of a random number of values varies by them and by their number.
        ChangeAgg::Sum | ChangeAgg::Count => {
            let difference = late.sum - longer * early.sum;
            let spread = |s: Sums| s.n * s.variance() + spans.dispersion * s.n * s.mean().powi(2);
            let error = spread(late) + longer * longer * spread(early);
            ("z-test of two sums of random length", difference / error.sqrt())
        }
    };
    let enough = early.n + late.n >= 8.0 && z.is_finite();
    let p = if enough { normal_two_sided(z) } else { 1.0 };
    TestResult {
        name: name.into(),
        statistic_name: "z".into(),
        statistic: if z.is_finite() { z } else { 0.0 },
        p,
        p_corrected: bonferroni(p, tests as f64),
        tried: tests,
        threshold: THRESHOLD,
        n: (early.n + late.n) as u64,
    }
}

/// The dimension whose members explain the change best, and what each of them did.
fn carried(
    prepared: &Prepared<'_>,
    sides: &[Option<usize>],
    measure: Option<&Measure<'_>>,
    agg: ChangeAgg,
    each: f64,
) -> Option<(usize, Vec<Contribution>)> {
    let mut best: Option<(f64, usize, Vec<Contribution>)> = None;
    for (d, dimension) in prepared.dimensions.iter().enumerate() {
        let missing = dimension.members.len();
        let groups = sums(sides, measure, missing + 1, |r| (dimension.codes[r] as usize).min(missing));
        let whole = groups.iter().fold([Sums::default(); 2], |mut whole, group| {
            for (sum, part) in whole.iter_mut().zip(group) {
                sum.n += part.n;
                sum.sum += part.sum;
            }
            whole
        });
        let change = whole[1].value(agg) - whole[0].value(agg);
        let mut all: Vec<Contribution> = Vec::new();
        // How far the contributions are from what each would be if all had changed alike.
        let mut surprise = 0.0;
        for (code, group) in groups.iter().enumerate().filter(|(_, g)| g[0].n + g[1].n > 0.0) {
            let (contribution, mix, rate) = parts(group, &whole, agg);
            let alike = match agg {
                ChangeAgg::Avg => change * group[0].n / whole[0].n.max(1.0),
                _ => change * group[0].value(agg) / if whole[0].value(agg) == 0.0 { 1.0 } else { whole[0].value(agg) },
            };
            surprise += (contribution - alike).abs();
            let value = dimension.members.get(code).cloned();
            all.push(Contribution {
                member: Member { column: dimension.name.clone(), value },
                before: if agg == ChangeAgg::Avg { group[0].mean() } else { each * group[0].value(agg) },
                after: if agg == ChangeAgg::Avg { group[1].mean() } else { each * group[1].value(agg) },
                contribution: each * contribution,
                mix: each * mix,
                rate: each * rate,
            });
        }
        // Many members always differ more than few.
        let surprise = surprise / (all.len() as f64).sqrt();
        if all.len() > 1 && surprise.is_finite() && best.as_ref().is_none_or(|(s, ..)| surprise > *s) {
            all.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
            best = Some((surprise, d, all));
        }
    }
    best.map(|(_, d, mut all)| {
        all.truncate(MOST_MEMBERS);
        (d, all)
    })
}

/// What a member added to the change, and how: by there being more of it, and by itself.
fn parts(group: &[Sums; 2], whole: &[Sums; 2], agg: ChangeAgg) -> (f64, f64, f64) {
    let [early, late] = *group;
    match agg {
        ChangeAgg::Count => (late.n - early.n, late.n - early.n, 0.0),
        ChangeAgg::Sum => {
            let base = if early.n > 0.0 { early.mean() } else { late.mean() };
            let mix = (late.n - early.n) * base;
            let whole = late.sum - early.sum;
            (whole, mix, whole - mix)
        }
        ChangeAgg::Avg => {
            let (w0, w1) = (early.n / whole[0].n.max(1.0), late.n / whole[1].n.max(1.0));
            let base = if early.n > 0.0 { early.mean() } else { late.mean() };
            let mix = (w1 - w0) * (base - whole[0].mean());
            let rate = if late.n > 0.0 { w1 * (late.mean() - base) } else { 0.0 };
            (mix + rate, mix, rate)
        }
    }
}

struct Said<'a> {
    label: String,
    format: Format,
    before: f64,
    after: f64,
    percent_change: Option<f64>,
    dimension: Option<String>,
    contributions: &'a [Contribution],
}

impl Said<'_> {
    fn sentence(&self, say: Say, test: &TestResult) -> Sentence {
        let verb = match self.after.total_cmp(&self.before) {
            std::cmp::Ordering::Greater => "rose",
            std::cmp::Ordering::Less => "fell",
            std::cmp::Ordering::Equal => "stayed at",
        };
        let say = say.text(format!("{} {verb} ", self.label));
        if self.after == self.before {
            return say.value(self.after, &self.format).text(".").done();
        }
        let say = say.text("from ").value(self.before, &self.format).text(" to ").value(self.after, &self.format);
        let say = match self.percent_change {
            Some(change) => say.text(", by ").number(change, percent(change.abs()), Basis::Query),
            None => say,
        };
        let sure = test.p_corrected < test.threshold;
        let say = if sure { say } else { say.text(", no more than chance explains") };
        let mut sentence = say.test(test.p_corrected, test.tried).done();
        if let (Some(first), Some(dimension), true) = (self.contributions.first(), &self.dimension, sure) {
            let name = first.member.value.as_deref().unwrap_or("no value");
            let part = 100.0 * first.contribution / (self.after - self.before);
            let by_itself = first.rate.abs() > first.mix.abs();
            let how = if by_itself {
                "mostly because its own values changed"
            } else {
                "mostly because there were more or fewer of it"
            };
            let more = Say::default()
                .text(format!(" Of {dimension}, {name} added most: "))
                .value(first.contribution, &self.format);
            let more = if (0.0..=1000.0).contains(&part) {
                more.text(", ").number(part, percent(part), Basis::Query).text(" of it")
            } else {
                more
            };
            sentence.parts.extend(more.text(format!(", {how}.")).done().parts);
        }
        sentence
    }
}

fn narrative(changes: &[Change], before: &Span, after: &Span) -> Vec<Sentence> {
    let head = format!("From {} up to {}, compared with {} up to {}:", after.from, after.to, before.from, before.to);
    let mut out = vec![Say::default().text(head).done()];
    let sure: Vec<&Change> = changes.iter().filter(|c| c.finding.claimed).collect();
    out.extend(sure.iter().take(MOST_TOLD).map(|c| c.finding.sentence.clone()));
    let rest = (changes.len() - sure.len().min(MOST_TOLD)) as u64;
    let say = Say::default();
    out.push(match (sure.is_empty(), rest) {
        (_, 0) => return out,
        (true, _) => say.text("Nothing changed by more than chance explains.").done(),
        (false, _) => {
            let text = plural(rest, "other measure", "other measures");
            say.number(rest as f64, text, Basis::Rows).text(" changed less, or no more than chance explains.").done()
        }
    });
    out
}
