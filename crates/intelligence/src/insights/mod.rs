//! Insights: what a table says by itself, what an answered chart says, and what changed.

mod changes;
mod claims;
mod counts;
mod explain;
mod narrate;
mod outliers;
mod periods;
mod prepare;
mod quality;
mod rank;
mod rates;
mod recommend;
mod relate;
mod say;
mod summary;
mod tell;
mod views;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod told_tests;

pub use changes::what_changed;
pub use explain::explain;

use crate::Frame;
use claims::{Claim, Tried};
use domain::insight::{
    AnomalySummary, Caveat, CorrelationSummary, Direction, EffectUnit, Finding, FindingKind, Insights, Looked,
    TrendSummary,
};
use periods::Periods;
use prepare::Prepared;
use rank::Ranked;
use tell::THRESHOLD;

/// Findings unless another number is asked for.
const USUAL: usize = 40;
/// Outliers of a measure that are listed one by one.
const MOST_LISTED: usize = 20;
/// What nearly is a claim, at most.
const MOST_HINTS: usize = 8;
/// Views that are offered at most.
const MOST_VIEWS: usize = 24;

/// Where the rows are from, for the questions of the findings.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Name or id of the dataset.
    pub dataset: String,
    /// What people call it.
    pub label: String,
    /// Findings at most; 0 for the usual number.
    pub most: usize,
}

/// Everything that a table says by itself, ranked. Never fails: a table that says nothing has no
/// findings.
pub fn discover(frame: &Frame, subject: &Subject) -> Insights {
    let prepared = Prepared::new(frame, subject);
    let times = prepared.tested_times();
    let periods = times.as_deref().and_then(|times| Periods::new(times, None));
    let periods = periods.as_ref();
    let tried = tried(&prepared, periods);

    let (claims, hints) = claimed(&prepared, periods, &tried);
    let related = relate::correlations(&prepared, periods, &tried);
    let rates = rates::rates(&prepared, &tried, THRESHOLD);
    let outliers = outliers::outliers(&prepared, &tried, THRESHOLD);
    let counts = periods.map(|p| counts::claims(&prepared, p, &tried, THRESHOLD)).unwrap_or_default();

    let mut all: Vec<Finding> = claims.iter().map(|c| tell::of_claim(&prepared, periods, c)).collect();
    all.extend(related.iter().filter(|r| r.p_corrected < THRESHOLD).map(|r| tell::of_related(&prepared, r)));
    all.extend(rates.iter().filter(|r| r.p_corrected < THRESHOLD).map(|r| tell::of_rate(&prepared, r)));
    all.extend(outliers.iter().filter_map(|o| tell::of_outliers(&prepared, o)));
    if let Some(periods) = periods {
        all.extend(counts.iter().map(|c| tell::of_count(&prepared, periods, c)));
    }
    leave_out_echoes(&mut all);

    let near = |p: f64, tried: u64, corrected: f64| {
        let expected = p * tried as f64;
        (corrected >= THRESHOLD && expected < claims::MOST_EXPECTED).then_some(expected)
    };
    let mut nearly: Vec<(f64, Finding)> =
        hints.iter().map(|c| (c.expected(), tell::of_claim(&prepared, periods, c))).collect();
    for r in &related {
        nearly.extend(near(r.p, r.tried, r.p_corrected).map(|e| (e, tell::of_related(&prepared, r))));
    }
    for r in &rates {
        nearly.extend(near(r.found.p, r.tried, r.p_corrected).map(|e| (e, tell::of_rate(&prepared, r))));
    }
    nearly.sort_by(|a, b| a.0.total_cmp(&b.0));
    nearly.truncate(MOST_HINTS);

    let views = views(&prepared, periods);
    let quality = quality::issues(&prepared, periods).iter().take(10).map(|i| tell::quality(&prepared, i)).collect();
    let most = if subject.most == 0 { USUAL } else { subject.most };
    // A table of events has little but its counts to tell; one with measures has more to claim.
    let measured = prepared.measures.iter().any(|m| m.needs.is_none());
    let ranked = Ranked { claims: all, hints: nearly.into_iter().map(|(_, f)| f).collect(), views, quality };
    let findings = ranked.list(if measured { (4, 3) } else { (3, 0) }, most);

    let mut out = Insights {
        summary_stats: summary::summaries(frame),
        trends: trends(&prepared, periods, &findings),
        anomalies: anomalies(&prepared, &outliers, &findings),
        correlations: correlations(&findings),
        recommendations: recommend::recommendations(&prepared, periods),
        narrative: Vec::new(),
        findings,
        looked: Looked {
            rows: frame.rows as u64,
            total_rows: frame.total_rows.max(frame.rows as u64),
            tests: tried.total(),
        },
    };
    out.narrative = narrate::narrative(&prepared, &out);
    out
}

fn tried(prepared: &Prepared<'_>, periods: Option<&Periods>) -> Tried {
    let mut tried = Tried::default();
    claims::count_tests(prepared, periods, &mut tried);
    relate::count_tests(prepared, &mut tried);
    rates::count_tests(prepared, &mut tried);
    outliers::count_tests(prepared, &mut tried);
    if let Some(periods) = periods {
        counts::count_tests(prepared, periods, &mut tried);
    }
    tried
}

fn claimed(prepared: &Prepared<'_>, periods: Option<&Periods>, tried: &Tried) -> (Vec<Claim>, Vec<Claim>) {
    let (mut claims, mut hints) = (Vec::new(), Vec::new());
    for measure in 0..prepared.measures.len() {
        let (sure, nearly) = claims::claims_of(measure, prepared, periods, tried, THRESHOLD);
        claims.extend(sure);
        hints.extend(nearly);
    }
    (claims, hints)
}

/// A member with more of a part because its rate is higher is told once, by its rate.
fn leave_out_echoes(all: &mut Vec<Finding>) {
    let rates: Vec<Finding> = all.iter().filter(|f| f.kind == FindingKind::SegmentRate).cloned().collect();
    all.retain(|finding| {
        let echo = |rate: &Finding| {
            matches!(finding.kind, FindingKind::Top | FindingKind::Low)
                && rate.columns.first() == finding.columns.first()
                && rate.members == finding.members
        };
        !rates.iter().any(echo)
    });
}

fn views(prepared: &Prepared<'_>, periods: Option<&Periods>) -> Vec<Finding> {
    let breakdowns = views::breakdowns(prepared);
    let mut out: Vec<Finding> = Vec::new();
    for breakdown in breakdowns.iter().take(MOST_VIEWS) {
        out.extend(tell::of_breakdown(prepared, breakdown));
    }
    let concentrated = breakdowns.iter().filter_map(|b| tell::concentration(prepared, b)).take(2);
    let place = out.len().min(8);
    out.splice(place..place, concentrated);
    if let Some(periods) = periods {
        let first = prepared.measures.iter().position(|m| m.needs.is_none());
        let course = tell::course(prepared, periods, first);
        out.insert(out.len().min(9), course);
    }
    out
}

fn trends(prepared: &Prepared<'_>, periods: Option<&Periods>, findings: &[Finding]) -> Vec<TrendSummary> {
    let Some((time, periods)) = prepared.time.zip(periods) else { return Vec::new() };
    let claimed = findings.iter().filter(|f| f.kind == FindingKind::Trend && f.claimed);
    let counted = |f: &Finding| f.columns.first().is_some_and(|c| prepared.measures.iter().any(|m| m.name == *c));
    let of_finding = |f: &Finding| TrendSummary {
        column: f.columns.first().filter(|_| counted(f)).cloned().unwrap_or_else(|| "*".into()),
        time: time.name.clone(),
        member: f.members.first().cloned(),
        direction: f.direction.unwrap_or(Direction::Stable),
        strength: f.strength,
        percent_change: (f.effect.unit == EffectUnit::Percent).then_some(f.effect.value),
        // A trend of the whole time is one since its beginning.
        since: Some(periods.day(0)),
        finding: Some(f.id.clone()),
    };
    let mut out: Vec<TrendSummary> = claimed.map(of_finding).collect();
    for f in findings.iter().filter(|f| f.kind == FindingKind::ChangePoint && f.claimed) {
        let trend = of_finding(f);
        out.push(TrendSummary { since: f.at.clone(), ..trend });
    }
    for measure in &prepared.measures {
        if !out.iter().any(|t| t.column == measure.name && t.member.is_none()) {
            out.push(TrendSummary {
                column: measure.name.clone(),
                time: time.name.clone(),
                member: None,
                direction: Direction::Stable,
                strength: 0.0,
                percent_change: None,
                since: None,
                finding: None,
            });
        }
    }
    out
}

fn anomalies(prepared: &Prepared<'_>, outliers: &[outliers::Outliers], findings: &[Finding]) -> Vec<AnomalySummary> {
    let times = prepared.time.and_then(|t| t.values.times());
    let mut out = Vec::new();
    for of in outliers {
        let name = &prepared.measures[of.measure].name;
        let told = |f: &&Finding| f.kind == FindingKind::Outlier && f.columns.first() == Some(name);
        let Some(finding) = findings.iter().find(told) else { continue };
        out.extend(of.found.iter().take(MOST_LISTED).map(|o| AnomalySummary {
            column: name.clone(),
            row: Some(o.row as u64),
            at: times.map(|t| t[o.row]).filter(|t| *t != crate::MISSING_TIME).map(periods::moment),
            value: o.value,
            expected: o.expected,
            score: o.score,
            finding: finding.id.clone(),
        }));
    }
    for f in findings.iter().filter(|f| f.kind == FindingKind::Spike && f.claimed) {
        let numbers: Vec<f64> = f.sentence.parts.iter().filter_map(|p| p.number.as_ref()).map(|n| n.value).collect();
        let (Some(value), Some(expected)) = (numbers.first(), numbers.get(2).or(numbers.get(1))) else { continue };
        let measured = f.columns.len() > 1;
        out.push(AnomalySummary {
            column: if measured { f.columns[0].clone() } else { "*".into() },
            row: None,
            at: f.at.clone(),
            value: *value,
            expected: if measured { *expected } else { numbers[1] },
            score: f.test.as_ref().map_or(0.0, |t| t.statistic),
            finding: f.id.clone(),
        });
    }
    out
}

fn correlations(findings: &[Finding]) -> Vec<CorrelationSummary> {
    let claimed = findings.iter().filter(|f| f.kind == FindingKind::Correlation && f.claimed);
    let made = claimed.filter_map(|f| {
        let [a, b] = f.columns.as_slice() else { return None };
        let caveats: Vec<Caveat> = f.caveats.clone();
        Some(CorrelationSummary {
            columns: [a.clone(), b.clone()],
            coefficient: f.effect.value,
            p_corrected: f.test.as_ref().map_or(1.0, |t| t.p_corrected),
            caveats,
            finding: f.id.clone(),
        })
    });
    made.collect()
}
