//! Measures that go together, and the traps in that: a shared trend, groups that point the other way
//! (Simpson, 1951), one being part of the other, few values.

use super::claims::{Family, Tried};
use super::periods::{NO_PERIOD, Periods};
use super::prepare::{Measure, Prepared};
use crate::MISSING_TIME;
use crate::stats::{autocorrelation, average_ranks, bonferroni, pearson, pearson_p, spearman};
use domain::insight::Caveat;

/// Fewer pairs than this are few.
const FEW: usize = 30;
/// Weaker than this is nothing to tell, however sure.
const LEAST: f64 = 0.05;

/// Two measures and how they go together.
pub(super) struct Related {
    pub(super) measures: (usize, usize),
    /// Spearman's.
    pub(super) rho: f64,
    pub(super) n: usize,
    pub(super) p: f64,
    pub(super) p_corrected: f64,
    pub(super) tried: u64,
    pub(super) caveats: Vec<Caveat>,
}

/// How many pairs there are.
pub(super) fn count_tests(prepared: &Prepared<'_>, tried: &mut Tried) {
    let n = prepared.measures.len() as u64;
    tried.add(Family::Correlation, n * n.saturating_sub(1) / 2);
}

/// Every pair, the surest first.
pub(super) fn correlations(prepared: &Prepared<'_>, periods: Option<&Periods>, tried: &Tried) -> Vec<Related> {
    let order = in_time(prepared);
    let leans: Vec<f64> = prepared.scores.iter().map(|scores| lag_one(scores, order.as_deref())).collect();
    let ranks: Vec<Option<Vec<f64>>> = prepared.measures.iter().map(|m| ranks(&m.tested)).collect();
    let mut out = Vec::new();
    for a in 0..prepared.measures.len() {
        for b in a + 1..prepared.measures.len() {
            let (x, y) = (&prepared.measures[a], &prepared.measures[b]);
            let (rho, n) = match (&ranks[a], &ranks[b]) {
                (Some(a), Some(b)) => pearson(a, b),
                _ => spearman(&x.tested, &y.tested),
            };
            if rho.abs() < LEAST || n < 8 || is_same(x, y) {
                continue;
            }
            // Where both lean on the row before, there are fewer pairs than there seem to be
            // (Dawdy and Matalas, 1964).
            let both = (leans[a] * leans[b]).clamp(0.0, 0.95);
            let p = pearson_p(rho, n as f64 * (1.0 - both) / (1.0 + both));
            let tests = tried.of(Family::Correlation);
            let p_corrected = bonferroni(p, tests as f64);
            let caveats = if p_corrected < 0.05 { traps(prepared, periods, (a, b), rho, n) } else { Vec::new() };
            out.push(Related { measures: (a, b), rho, n, p, p_corrected, tried: tests, caveats });
        }
    }
    out.sort_by(|a, b| a.p.total_cmp(&b.p).then(b.rho.abs().total_cmp(&a.rho.abs())));
    out
}

/// Ranks, where every row has a value: they then serve every pair.
fn ranks(values: &[f64]) -> Option<Vec<f64>> {
    values.iter().all(|v| !v.is_nan()).then(|| average_ranks(values))
}

/// The tested rows in the order of time.
fn in_time(prepared: &Prepared<'_>) -> Option<Vec<u32>> {
    let times = prepared.tested_times()?;
    let mut order: Vec<u32> = (0..times.len() as u32).filter(|i| times[*i as usize] != MISSING_TIME).collect();
    order.sort_by_key(|i| times[*i as usize]);
    Some(order)
}

fn lag_one(scores: &[f64], order: Option<&[u32]>) -> f64 {
    let Some(order) = order else { return 0.0 };
    let series: Vec<f64> = order.iter().map(|i| scores[*i as usize]).filter(|v| !v.is_nan()).collect();
    autocorrelation(&series, 1)
}

/// The same numbers in another unit are one measure.
fn is_same(a: &Measure<'_>, b: &Measure<'_>) -> bool {
    pearson(&a.tested, &b.tested).0.abs() > 0.999_9
}

/// Whether one counts a part of what the other counts: whole numbers, never above it.
pub(super) fn is_part(part: &Measure<'_>, whole: &Measure<'_>) -> bool {
    if !part.whole || !whole.whole {
        return false;
    }
    let (mut n, mut below, mut less) = (0_usize, 0_usize, 0_usize);
    for (a, b) in part.tested.iter().zip(&whole.tested) {
        if !a.is_nan() && !b.is_nan() {
            n += 1;
            below += usize::from(*a >= 0.0 && a <= b);
            less += usize::from(a < b);
        }
    }
    n >= 20 && below * 1000 >= n * 995 && less * 10 >= n
}

fn traps(
    prepared: &Prepared<'_>,
    periods: Option<&Periods>,
    (a, b): (usize, usize),
    rho: f64,
    n: usize,
) -> Vec<Caveat> {
    let mut out = Vec::new();
    if n < FEW {
        out.push(Caveat::SmallSample);
    }
    let (x, y) = (&prepared.measures[a], &prepared.measures[b]);
    if is_part(x, y) || is_part(y, x) {
        out.push(Caveat::PartOfWhole);
    }
    let (sx, sy) = (&prepared.scores[a], &prepared.scores[b]);
    if let Some(periods) = periods {
        let groups = |r: usize| periods.of[r];
        let (r, n) = if prepared.picked.len() > 3 * periods.count {
            within(sx, sy, periods.count, groups)
        } else {
            // With one row a period there is nothing within it: without the line of each, then.
            let flat = |scores: &[f64]| without_line(scores, &periods.days);
            pearson(&flat(sx), &flat(sy))
        };
        if r * rho.signum() < 0.5 * rho.abs() && pearson_p(r, n as f64) > 0.01 {
            out.push(Caveat::SharedTrend);
        }
    }
    for dimension in &prepared.dimensions {
        let (r, n) = within(sx, sy, dimension.members.len(), |row| dimension.tested[row]);
        if r * rho < 0.0 && pearson_p(r, n as f64) < 0.01 {
            out.push(Caveat::Simpson);
            break;
        }
    }
    out
}

/// The correlation of what is left without the mean of each group.
fn within(a: &[f64], b: &[f64], groups: usize, of: impl Fn(usize) -> u32) -> (f64, usize) {
    let mut sums = vec![(0.0, 0.0, 0.0); groups];
    let pairs = || (0..a.len()).filter(|r| !a[*r].is_nan() && !b[*r].is_nan() && of(*r) != NO_PERIOD);
    for r in pairs() {
        if let Some(sum) = sums.get_mut(of(r) as usize) {
            sum.0 += 1.0;
            sum.1 += a[r];
            sum.2 += b[r];
        }
    }
    let mut left = (Vec::new(), Vec::new());
    for r in pairs() {
        if let Some((n, x, y)) = sums.get(of(r) as usize) {
            left.0.push(a[r] - x / n);
            left.1.push(b[r] - y / n);
        }
    }
    pearson(&left.0, &left.1)
}

fn without_line(values: &[f64], days: &[f64]) -> Vec<f64> {
    let ranks = average_ranks(days);
    let pairs = || values.iter().zip(&ranks).filter(|(v, t)| !v.is_nan() && !t.is_nan());
    let n = pairs().count().max(1) as f64;
    let (sv, st) = pairs().fold((0.0, 0.0), |(a, b), (v, t)| (a + v, b + t));
    let (mv, mt) = (sv / n, st / n);
    let (along, length) = pairs().fold((0.0, 0.0), |(a, b), (v, t)| (a + (v - mv) * (t - mt), b + (t - mt) * (t - mt)));
    let slope = if length > 0.0 { along / length } else { 0.0 };
    values.iter().zip(&ranks).map(|(v, t)| v - mv - slope * (t - mt)).collect()
}
