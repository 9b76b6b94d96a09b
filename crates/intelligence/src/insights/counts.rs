//! How many rows there are over time: trends of all and of members, changes of level, unusual periods.
//! Counts are brought to an even spread by Anscombe's root (1948).

use super::claims::{Family, Tried};
use super::periods::Periods;
use super::prepare::Prepared;
use crate::stats::{bonferroni, long_run_factor, mad, mann_kendall, mean, median, student_two_sided, theil_sen};

/// Periods, and rows a period, at least.
const LEAST_PERIODS: usize = 8;
const LEAST_ROWS: f64 = 3.0;

/// What can be claimed of numbers of rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum CountWhat {
    Trend {
        member: Option<(usize, usize)>,
    },
    /// The number of rows a period before and after.
    Change {
        at: usize,
        before: f64,
        after: f64,
    },
    Spike {
        at: usize,
        count: f64,
        usual: f64,
    },
}

/// A claim about numbers of rows.
pub(super) struct CountClaim {
    pub(super) what: CountWhat,
    pub(super) statistic: f64,
    pub(super) p: f64,
    pub(super) p_corrected: f64,
    pub(super) tried: u64,
    pub(super) n: usize,
    /// From the first period to the last, in percent of the first; or against the usual.
    pub(super) percent: f64,
}

struct Series {
    member: Option<(usize, usize)>,
    counts: Vec<f64>,
    roots: Vec<f64>,
}

fn series(prepared: &Prepared<'_>, periods: &Periods) -> Vec<Series> {
    let whole = periods.whole();
    if whole.len() < LEAST_PERIODS {
        return Vec::new();
    }
    // All rows, then each member of each dimension: rows in each period.
    type Counted = (Option<(usize, usize)>, Vec<f64>);
    let mut all: Vec<Counted> = vec![(None, vec![0.0; periods.count])];
    let mut first = Vec::new();
    for (d, dimension) in prepared.dimensions.iter().enumerate() {
        first.push(all.len());
        all.extend((0..dimension.members.len()).map(|code| (Some((d, code)), vec![0.0; periods.count])));
    }
    for (r, period) in periods.of.iter().enumerate() {
        let period = *period as usize;
        if period >= periods.count {
            continue;
        }
        all[0].1[period] += 1.0;
        for (dimension, first) in prepared.dimensions.iter().zip(&first) {
            let code = dimension.tested[r] as usize;
            if code < dimension.members.len() {
                all[first + code].1[period] += 1.0;
            }
        }
    }
    let busy = |counts: &[f64]| mean(counts) >= LEAST_ROWS && counts.iter().any(|c| *c != counts[0]);
    let made = all.into_iter().map(|(member, counts)| {
        let counts = counts[whole.clone()].to_vec();
        let roots = counts.iter().map(|c| 2.0 * (c + 0.375).sqrt()).collect();
        Series { member, counts, roots }
    });
    made.filter(|s| busy(&s.counts)).collect()
}

fn splits(n: usize) -> std::ops::Range<usize> {
    3..(n.saturating_sub(2)).max(3)
}

/// How many tests the numbers of rows bring.
pub(super) fn count_tests(prepared: &Prepared<'_>, periods: &Periods, tried: &mut Tried) {
    let all = series(prepared, periods);
    tried.add(Family::Count, all.len() as u64);
    if let Some(whole) = all.iter().find(|s| s.member.is_none()) {
        tried.add(Family::Count, (splits(whole.roots.len()).len() + whole.roots.len()) as u64);
    }
}

/// What can be claimed, the surest first.
pub(super) fn claims(prepared: &Prepared<'_>, periods: &Periods, tried: &Tried, threshold: f64) -> Vec<CountClaim> {
    let all = series(prepared, periods);
    let tests = tried.of(Family::Count);
    let made = |what, statistic, p, n, percent| CountClaim {
        what,
        statistic,
        p,
        p_corrected: bonferroni(p, tests as f64),
        tried: tests,
        n,
        percent,
    };
    let mut out: Vec<CountClaim> = Vec::new();
    let whole = all.iter().find(|s| s.member.is_none());
    if let Some(s) = whole {
        let n = s.roots.len();
        let trend = mann_kendall(&s.roots);
        let rise = made(CountWhat::Trend { member: None }, trend.z, trend.p, n, percent_of(&s.counts));
        let step = splits(n).map(|at| step(s, at)).max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
        let step = step.map(|(t, at)| {
            let (before, after) = (mean(&s.counts[..at]), mean(&s.counts[at..]));
            let what = CountWhat::Change { at: at + periods.whole().start, before, after };
            made(what, t, student_two_sided(t, n as f64 - 2.0), n, 100.0 * (after / before.max(1e-9) - 1.0))
        });
        // A trend makes a change of level look sure, and the other way round: the surer one is told.
        match step {
            Some(step) if step.p * 10.0 < rise.p => out.push(step),
            _ => out.push(rise),
        }
        let (middle, spread) = mad(&s.roots);
        for (i, root) in s.roots.iter().enumerate() {
            let z = (root - middle) / spread.max(1.0);
            let usual = median(&s.counts);
            let what = CountWhat::Spike { at: i + periods.whole().start, count: s.counts[i], usual };
            let p = student_two_sided(z, (n as f64 / 2.0).max(2.0));
            out.push(made(what, z, p, n, 100.0 * (s.counts[i] / usual.max(1e-9) - 1.0)));
        }
    }
    let common = out.first().is_some_and(|c| c.p_corrected < threshold);
    for s in all.iter().filter(|s| s.member.is_some()) {
        // Where all rise, a member is worth telling by its share.
        let values: Vec<f64> = match whole {
            Some(whole) if common => s.counts.iter().zip(&whole.counts).map(|(a, b)| a / b.max(1.0)).collect(),
            _ => s.roots.clone(),
        };
        let trend = mann_kendall(&values);
        let n = values.len();
        out.push(made(CountWhat::Trend { member: s.member }, trend.z, trend.p, n, percent_of(&s.counts)));
    }
    out.retain(|c| c.p_corrected < threshold);
    out.sort_by(|a, b| a.p_corrected.total_cmp(&b.p_corrected));
    out
}

/// By the line through all, from the first to the last, in percent of the first.
fn percent_of(counts: &[f64]) -> f64 {
    let slope = theil_sen(counts);
    let span = slope * (counts.len() as f64 - 1.0);
    let first = median(counts) - span / 2.0;
    if first > 0.0 { 100.0 * span / first } else { 100.0 * slope.signum() }
}

fn step(s: &Series, at: usize) -> (f64, usize) {
    let (before, after) = s.roots.split_at(at);
    let (a, b) = (mean(before), mean(after));
    let rest: Vec<f64> = before.iter().map(|v| v - a).chain(after.iter().map(|v| v - b)).collect();
    let n = rest.len() as f64;
    let variance = (rest.iter().map(|v| v * v).sum::<f64>() / (n - 2.0)).max(1.0) * long_run_factor(&rest);
    let t = (b - a) / (variance * (1.0 / before.len() as f64 + 1.0 / after.len() as f64)).sqrt();
    (t, at)
}
