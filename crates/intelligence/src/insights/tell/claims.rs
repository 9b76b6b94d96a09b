//! Claims as findings.

use super::{Draft, THRESHOLD, bars, by, highest_first, mean_where, only, percent_above, strength_of, time_of, view};
use crate::insights::claims::{Candidate, Claim, What};
use crate::insights::counts::{CountClaim, CountWhat};
use crate::insights::periods::{NO_PERIOD, Periods};
use crate::insights::prepare::{Measure, Prepared};
use crate::insights::rates::Rate;
use crate::insights::relate::Related;
use crate::insights::say::{Say, month, weekday};
use domain::ChartKind;
use domain::format::{Format, Style};
use domain::insight::{Basis, Caveat, EffectUnit, Finding, FindingKind, Sentence, TestResult};
use domain::query::{Agg, Filter, Grain, Measure as Asked, Query};

/// Fewer rows than this are few.
const FEW_ROWS: usize = 30;

fn tested(name: &str, statistic: (&str, f64), found: (f64, f64, u64), n: u64) -> TestResult {
    let (p, p_corrected, tried) = found;
    TestResult {
        name: name.to_owned(),
        statistic_name: statistic.0.to_owned(),
        statistic: if statistic.1.is_finite() { statistic.1 } else { f64::MAX.copysign(statistic.1) },
        p,
        p_corrected,
        tried,
        threshold: THRESHOLD,
        n,
    }
}

fn of_t(prepared: &Prepared<'_>, name: &str, claim: &Claim) -> TestResult {
    let found: &Candidate = &claim.found;
    let given = claim.given.map(|q| format!("{name}, at a given {}", prepared.measures[q].label));
    tested(given.as_deref().unwrap_or(name), ("t", found.t), (found.p, claim.p_corrected, claim.tried), found.n as u64)
}

/// What the sentence of a claim ends with.
fn ending(say: Say, p_corrected: f64, tried: u64) -> Sentence {
    if p_corrected < THRESHOLD {
        return say.test(p_corrected, tried).done();
    }
    say.text(", which may be chance").test(p_corrected, tried).done()
}

/// Two values of a measure, and how far apart they are.
struct Apart {
    here: f64,
    there: f64,
    percent: Option<f64>,
}

impl Apart {
    fn new(here: f64, there: f64) -> Self {
        Self { here, there, percent: percent_above(here, there) }
    }

    fn effect(&self) -> (f64, EffectUnit) {
        match self.percent {
            Some(percent) => (percent, EffectUnit::Percent),
            None => (self.here - self.there, EffectUnit::Absolute),
        }
    }

    /// "62.1, 18 % below the 75.8 of the others".
    fn say(&self, say: Say, format: &Format, of: &str) -> Say {
        let say = say.value(self.here, format).text(", ");
        let word = if self.here >= self.there { "above" } else { "below" };
        let say = match self.percent {
            Some(percent) => say.percent(percent),
            None => {
                let apart = (self.here - self.there).abs();
                say.value(apart, format)
            }
        };
        say.text(format!(" {word} the ")).value(self.there, format).text(format!(" {of}"))
    }
}

/// The finding of a claim.
pub(in crate::insights) fn of_claim(prepared: &Prepared<'_>, periods: Option<&Periods>, claim: &Claim) -> Finding {
    let measure = &prepared.measures[claim.measure];
    let teller = Teller { prepared, periods, claim, measure, up: claim.found.t > 0.0 };
    match claim.found.what {
        What::Member { dimension, code } => teller.member(dimension, code),
        What::Cell { dimensions, codes } => teller.cell(dimensions, codes),
        What::Trend => teller.trend(None),
        What::MemberTrend { dimension, code } => teller.trend(Some((dimension, code))),
        What::Change { at } => teller.change(at),
        What::Spike { at } => teller.spike(at),
        What::Weekday { day } => teller.folded(Some(day), None),
        What::Month { month } => teller.folded(None, Some(month)),
    }
}

struct Teller<'a, 'b> {
    prepared: &'a Prepared<'b>,
    periods: Option<&'a Periods>,
    claim: &'a Claim,
    measure: &'a Measure<'b>,
    up: bool,
}

impl Teller<'_, '_> {
    fn draft(&self, kind: FindingKind, columns: Vec<String>, apart: &Apart) -> Draft {
        let (value, unit) = apart.effect();
        let few = (self.claim.found.n < FEW_ROWS).then_some(Caveat::SmallSample);
        Draft::new(kind, columns)
            .effect(value, unit)
            .strength(strength_of(self.claim.p_corrected, self.claim.found.d))
            .caveats(few)
    }

    fn finish(&self, draft: Draft, view: domain::insight::InsightView, say: impl FnOnce(Say) -> Say) -> Finding {
        let (p, tried) = (self.claim.p_corrected, self.claim.tried);
        draft.done(self.prepared.is_sampled(), view, |start| ending(say(start), p, tried))
    }

    fn column(&self, others: &[&str]) -> Vec<String> {
        std::iter::once(self.measure.name.as_str()).chain(others.iter().copied()).map(str::to_owned).collect()
    }

    fn member(&self, d: usize, code: usize) -> Finding {
        let (m, dimension) = (self.measure, &self.prepared.dimensions[d]);
        let mine = |r: usize| dimension.tested[r] as usize == code;
        let apart = Apart::new(mean_where(m, mine), mean_where(m, |r| !mine(r)));
        let kind = if self.up { FindingKind::Top } else { FindingKind::Low };
        let draft = self.draft(kind, self.column(&[&dimension.name]), &apart).member(dimension, code).test(of_t(
            self.prepared,
            "Welch's t-test on normal scores",
            self.claim,
        ));
        let asked = m.asked(Agg::Avg);
        let query = Query {
            dimensions: vec![by(&dimension.name, None)],
            order: highest_first(&asked.output_name()),
            measures: vec![asked],
            ..self.prepared.query()
        };
        let title = format!("Average {} by {}", m.label, dimension.label);
        let view = view(title, query, bars(dimension), &[m]);
        self.finish(draft, view, |say| {
            let say = say.text(format!(
                "{} is {} for {} {}: on average ",
                m.label,
                if self.up { "higher" } else { "lower" },
                dimension.label,
                dimension.members[code]
            ));
            apart.say(say, &m.format, "of the others")
        })
    }

    fn cell(&self, of: (usize, usize), codes: (usize, usize)) -> Finding {
        let m = self.measure;
        let (a, b) = (&self.prepared.dimensions[of.0], &self.prepared.dimensions[of.1]);
        let in_a = |r: usize| a.tested[r] as usize == codes.0;
        let in_b = |r: usize| b.tested[r] as usize == codes.1;
        let here = mean_where(m, |r| in_a(r) && in_b(r));
        // What its row and its column lead to expect, as they are without it.
        let row = mean_where(m, |r| in_a(r) && !in_b(r));
        let column = mean_where(m, |r| !in_a(r) && in_b(r));
        let rest = mean_where(m, |r| !in_a(r) && !in_b(r));
        let expected = if row > 0.0 && column > 0.0 && rest > 0.0 { row * column / rest } else { row + column - rest };
        let apart = Apart::new(here, expected);
        let draft = self
            .draft(FindingKind::Interaction, self.column(&[&a.name, &b.name]), &apart)
            .member(a, codes.0)
            .member(b, codes.1)
            .direction(self.up)
            .test(of_t(self.prepared, "t-test of a cell beyond its row and column, on normal scores", self.claim));
        let query = Query {
            dimensions: vec![by(&a.name, None), by(&b.name, None)],
            measures: vec![m.asked(Agg::Avg)],
            ..self.prepared.query()
        };
        let title = format!("Average {} by {} and {}", m.label, a.label, b.label);
        let view = view(title, query, ChartKind::Heatmap, &[m]);
        self.finish(draft, view, |say| {
            let say = say.text(format!(
                "{} with {} is out of line in {}: on average ",
                a.members[codes.0], b.members[codes.1], m.label
            ));
            apart.say(say, &m.format, "that the two lead to expect")
        })
    }

    /// The question of the measure over time, of everything or of one member.
    fn over_time(&self, grain: Grain, filter: Option<Filter>) -> Query {
        let (time, _) = time_of(self.prepared);
        let dimensions = vec![by(&time, Some(grain))];
        Query { dimensions, measures: vec![self.measure.asked(Agg::Avg)], filter, ..self.prepared.query() }
    }

    fn trend(&self, member: Option<(usize, usize)>) -> Finding {
        let m = self.measure;
        let (time, _) = time_of(self.prepared);
        let dimension = member.map(|(d, code)| (&self.prepared.dimensions[d], code));
        let (first, last) = self.ends(&|r| dimension.is_none_or(|(d, code)| d.tested[r] as usize == code));
        let apart = Apart::new(last, first);
        let mut columns = self.column(&[]);
        columns.extend(dimension.map(|(d, _)| d.name.clone()));
        columns.push(time);
        let mut draft = self.draft(FindingKind::Trend, columns, &apart).direction(self.up).test(of_t(
            self.prepared,
            "t-test of a slope on normal scores, stands autocorrelation",
            self.claim,
        ));
        if let Some((d, code)) = dimension {
            draft = draft.member(d, code);
        }
        let grain = self.periods.map_or(Grain::Month, |p| p.grain);
        let who = dimension.map(|(d, code)| format!(" for {} {}", d.label, d.members[code])).unwrap_or_default();
        let title = format!("Average {}{who} by {}", m.label, grain.as_str());
        let query = self.over_time(grain, dimension.map(|(d, code)| only(d, code)));
        let view = view(title, query, ChartKind::Line, &[m]);
        self.finish(draft, view, |say| {
            let verb = if self.up { "increases" } else { "decreases" };
            let say = say.text(format!("{}{who} {verb}: on average ", m.label));
            let say = say.value(first, &m.format).text(" in the first quarter of the time and ");
            let say = say.value(last, &m.format).text(" in the last");
            match apart.percent {
                Some(p) => say.text(", ").percent(p).text(if p >= 0.0 { " more" } else { " less" }),
                None => say,
            }
        })
    }

    /// The means of the first and of the last quarter of the time.
    fn ends(&self, fits: &dyn Fn(usize) -> bool) -> (f64, f64) {
        let Some(periods) = self.periods else { return (0.0, 0.0) };
        let end = periods.days.iter().copied().filter(|d| !d.is_nan()).fold(0.0, f64::max);
        let early = mean_where(self.measure, |r| fits(r) && periods.days[r] <= end / 4.0);
        let late = mean_where(self.measure, |r| fits(r) && periods.days[r] >= end * 0.75);
        (early, late)
    }

    fn change(&self, at: usize) -> Finding {
        let m = self.measure;
        let Some(periods) = self.periods else { return self.trend(None) };
        let (time, _) = time_of(self.prepared);
        let later = |r: usize| periods.of[r] != NO_PERIOD && periods.of[r] as usize >= at;
        let earlier = |r: usize| periods.of[r] != NO_PERIOD && (periods.of[r] as usize) < at;
        let apart = Apart::new(mean_where(m, later), mean_where(m, earlier));
        let draft = self
            .draft(FindingKind::ChangePoint, self.column(&[&time]), &apart)
            .direction(self.up)
            .at(periods.day(at))
            .test(of_t(self.prepared, "t-test at the best of all changes, on normal scores", self.claim));
        let title = format!("Average {} by {}", m.label, periods.word());
        let view = view(title, self.over_time(periods.grain, None), ChartKind::Line, &[m]);
        self.finish(draft, view, |say| {
            let verb = if self.up { "rose" } else { "fell" };
            let say = say.text(format!("The level of {} {verb} from {} on: on average ", m.label, periods.name(at)));
            apart.say(say, &m.format, "before")
        })
    }

    fn spike(&self, at: usize) -> Finding {
        let m = self.measure;
        let Some(periods) = self.periods else { return self.trend(None) };
        let (time, _) = time_of(self.prepared);
        let mine = |r: usize| periods.of[r] as usize == at;
        let apart = Apart::new(mean_where(m, mine), mean_where(m, |r| periods.of[r] != NO_PERIOD && !mine(r)));
        let draft =
            self.draft(FindingKind::Spike, self.column(&[&time]), &apart).direction(self.up).at(periods.name(at)).test(
                of_t(
                    self.prepared,
                    "z-test of a period on normal scores, against how periods differ anyway",
                    self.claim,
                ),
            );
        let title = format!("Average {} by {}", m.label, periods.word());
        let view = view(title, self.over_time(periods.grain, None), ChartKind::Line, &[m]);
        self.finish(draft, view, |say| {
            let word = if self.up { "high" } else { "low" };
            let say = say.text(format!("{} was unusually {word} in {}: on average ", m.label, periods.name(at)));
            apart.say(say, &m.format, "otherwise")
        })
    }

    fn folded(&self, day: Option<usize>, of_year: Option<usize>) -> Finding {
        let m = self.measure;
        let (time, _) = time_of(self.prepared);
        let codes = self.periods.and_then(|p| if day.is_some() { p.weekday.as_ref() } else { p.month.as_ref() });
        let wanted = day.or(of_year).unwrap_or(0);
        let mine = |r: usize| codes.is_some_and(|codes| codes[r] as usize == wanted);
        let apart = Apart::new(mean_where(m, mine), mean_where(m, |r| !mine(r)));
        let kind = if day.is_some() { FindingKind::Weekly } else { FindingKind::Monthly };
        let mut draft = self.draft(kind, self.column(&[&time]), &apart).direction(self.up).test(of_t(
            self.prepared,
            "Welch's t-test on normal scores",
            self.claim,
        ));
        draft = match (day, of_year) {
            (Some(day), _) => draft.weekday(day),
            (_, Some(month)) => draft.month(month),
            _ => draft,
        };
        let grain = if day.is_some() { Grain::DayOfWeek } else { Grain::MonthOfYear };
        let word = if day.is_some() { "weekday" } else { "month of the year" };
        let view = view(format!("Average {} by {word}", m.label), self.over_time(grain, None), ChartKind::Bar, &[m]);
        self.finish(draft, view, |say| {
            let name = day.map_or_else(|| month(wanted).to_owned(), |day| format!("{}s", weekday(day)));
            let preposition = if day.is_some() { "on" } else { "in" };
            let higher = if self.up { "higher" } else { "lower" };
            let say = say.text(format!("{} is {higher} {preposition} {name}: on average ", m.label));
            apart.say(say, &m.format, "otherwise")
        })
    }
}

/// The finding of a member with another rate.
pub(in crate::insights) fn of_rate(prepared: &Prepared<'_>, rate: &Rate) -> Finding {
    let (part, whole) = (&prepared.measures[rate.measures.0], &prepared.measures[rate.measures.1]);
    let (dimension, code) = (&prepared.dimensions[rate.member.0], rate.member.1);
    let apart = Apart::new(rate.rates.0, rate.rates.1);
    let (value, unit) = apart.effect();
    let name = format!("{}_per_{}", part.name, whole.name);
    let asked = Asked {
        agg: Some(Agg::Ratio),
        numerator: Some(Box::new(part.asked(Agg::Sum))),
        denominator: Some(Box::new(whole.asked(Agg::Sum))),
        alias: Some(name.clone()),
        ..Asked::default()
    };
    let query = Query {
        dimensions: vec![by(&dimension.name, None)],
        measures: vec![asked],
        order: highest_first(&name),
        ..prepared.query()
    };
    let title = format!("{} per {} by {}", part.label, whole.label, dimension.label);
    let test = tested(
        "Welch's t-test of what exceeds the common rate",
        ("t", rate.found.t),
        (rate.found.p, rate.p_corrected, rate.tried),
        rate.found.n as u64,
    );
    let few = (rate.found.n < FEW_ROWS).then_some(Caveat::SmallSample);
    Draft::new(FindingKind::SegmentRate, vec![part.name.clone(), whole.name.clone(), dimension.name.clone()])
        .member(dimension, code)
        .direction(rate.found.t > 0.0)
        .effect(value, unit)
        .strength(strength_of(rate.p_corrected, rate.found.d))
        .test(test)
        .caveats(few)
        .done(prepared.is_sampled(), view(title, query, bars(dimension), &[part, whole]), |say| {
            let format = Format { style: Style::Percent, decimals: Some(1), ..Format::default() };
            let word = if rate.found.t > 0.0 { "more" } else { "fewer" };
            let say = say.text(format!(
                "{} {} has {word} {} per {}: ",
                dimension.label, dimension.members[code], part.label, whole.label
            ));
            ending(apart.say(say, &format, "of the others"), rate.p_corrected, rate.tried)
        })
}

/// The finding of two measures that go together.
pub(in crate::insights) fn of_related(prepared: &Prepared<'_>, related: &Related) -> Finding {
    let (a, b) = (&prepared.measures[related.measures.0], &prepared.measures[related.measures.1]);
    let query = Query { columns: vec![a.name.clone(), b.name.clone()], limit: Some(5_000), ..prepared.query() };
    let test = tested(
        "Spearman's rank correlation",
        ("rho", related.rho),
        (related.p, related.p_corrected, related.tried),
        related.n as u64,
    );
    let trap = related.caveats.iter().any(|c| matches!(c, Caveat::PartOfWhole | Caveat::SharedTrend | Caveat::Simpson));
    let strength = strength_of(related.p_corrected, related.rho * 1.2) * if trap { 0.4 } else { 1.0 };
    Draft::new(FindingKind::Correlation, vec![a.name.clone(), b.name.clone()])
        .direction(related.rho > 0.0)
        .effect(related.rho, EffectUnit::Coefficient)
        .strength(strength)
        .test(test)
        .caveats(related.caveats.iter().copied())
        .done(
            prepared.is_sampled(),
            view(format!("{} and {}", a.label, b.label), query, ChartKind::Scatter, &[a, b]),
            |say| {
                let size = match related.rho.abs() {
                    r if r >= 0.7 => "strongly",
                    r if r >= 0.4 => "clearly",
                    r if r >= 0.2 => "loosely",
                    _ => "faintly",
                };
                let way = if related.rho > 0.0 { "rise together" } else { "go in opposite directions" };
                let text = format!("{:.2}", related.rho);
                let say = say
                    .text(format!("{} and {} {way}, {size}: their rank correlation is ", a.label, b.label))
                    .number(related.rho, text, Basis::Test);
                let mut sentence = ending(say, related.p_corrected, related.tried);
                for caveat in &related.caveats {
                    let more = Say::default().text(" ").text(caveat.sentence()).done();
                    sentence.parts.extend(more.parts);
                }
                sentence
            },
        )
}

/// The finding of a claim about numbers of rows.
pub(in crate::insights) fn of_count(prepared: &Prepared<'_>, periods: &Periods, claim: &CountClaim) -> Finding {
    let (time, _) = time_of(prepared);
    let up = claim.statistic > 0.0;
    let mut columns = Vec::new();
    let (kind, name) = match claim.what {
        CountWhat::Trend { .. } => (FindingKind::Trend, "Mann and Kendall's test, stands autocorrelation"),
        CountWhat::Change { .. } => (FindingKind::ChangePoint, "t-test at the best of all changes, on roots"),
        CountWhat::Spike { .. } => (FindingKind::Spike, "z-test of a period on roots"),
    };
    let member = match claim.what {
        CountWhat::Trend { member } => member.map(|(d, code)| (&prepared.dimensions[d], code)),
        _ => None,
    };
    columns.extend(member.map(|(d, _)| d.name.clone()));
    columns.push(time.clone());
    let effect = (claim.percent / 100.0).abs().min(3.0);
    let mut draft = Draft::new(kind, columns)
        .direction(up)
        .effect(claim.percent, EffectUnit::Percent)
        .strength(strength_of(claim.p_corrected, effect))
        .test(tested(name, ("z", claim.statistic), (claim.p, claim.p_corrected, claim.tried), claim.n as u64))
        .caveats((claim.n < 12).then_some(Caveat::SmallSample));
    if let Some((d, code)) = member {
        draft = draft.member(d, code);
    }
    draft = match claim.what {
        CountWhat::Change { at, .. } => draft.at(periods.day(at)),
        CountWhat::Spike { at, .. } => draft.at(periods.name(at)),
        CountWhat::Trend { .. } => draft,
    };
    let who = member.map(|(d, code)| format!(" with {} {}", d.label, d.members[code])).unwrap_or_default();
    let query = Query {
        dimensions: vec![by(&time, Some(periods.grain))],
        measures: vec![Asked::count()],
        filter: member.map(|(d, code)| only(d, code)),
        ..prepared.query()
    };
    let title = format!("Rows{who} by {}", periods.word());
    draft.done(prepared.is_sampled(), view(title, query, ChartKind::Line, &[]), |say| {
        let plain = Format::default();
        // Of a sample, every row stands for several.
        let each = prepared.each();
        let say = match claim.what {
            CountWhat::Trend { .. } => say
                .text(format!("The number of rows{who} {}: by ", if up { "increases" } else { "decreases" }))
                .percent(claim.percent)
                .text(" from the first to the last ")
                .text(periods.word()),
            CountWhat::Change { at, before, after } => say
                .text(format!("From {} on there are {} rows: ", periods.name(at), if up { "more" } else { "fewer" }))
                .value((each * after).round(), &plain)
                .text(format!(" a {}, before ", periods.word()))
                .value((each * before).round(), &plain),
            CountWhat::Spike { at, count: n, usual } => say
                .text(format!("There are unusually {} rows in {}: ", if up { "many" } else { "few" }, periods.name(at)))
                .value((each * n).round(), &plain)
                .text(", usually ")
                .value((each * usual).round(), &plain),
        };
        ending(say, claim.p_corrected, claim.tried)
    })
}
