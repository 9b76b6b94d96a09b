//! Members whose ratio of a part to its whole differs: returns of units, clicks of views.

use super::claims::{Candidate, Family, Ground, Tried, What};
use super::prepare::Prepared;
use super::relate::is_part;
use crate::stats::bonferroni;

/// A member with another rate.
pub(super) struct Rate {
    /// Numerator and denominator.
    pub(super) measures: (usize, usize),
    pub(super) found: Candidate,
    /// Dimension and member.
    pub(super) member: (usize, usize),
    /// Of the member, and of the others.
    pub(super) rates: (f64, f64),
    pub(super) p_corrected: f64,
    pub(super) tried: u64,
}

fn pairs(prepared: &Prepared<'_>) -> Vec<(usize, usize)> {
    let n = prepared.measures.len();
    let all = (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).filter(|(a, b)| a != b);
    all.filter(|(a, b)| is_part(&prepared.measures[*a], &prepared.measures[*b])).take(6).collect()
}

/// How far each row's part is from what the rate of all leads to expect.
fn surplus(prepared: &Prepared<'_>, (a, b): (usize, usize)) -> Vec<f64> {
    let (part, whole) = (&prepared.measures[a].tested, &prepared.measures[b].tested);
    let rate = rate_of(part, whole, |_| true);
    part.iter().zip(whole).map(|(a, b)| a - rate * b).collect()
}

fn rate_of(part: &[f64], whole: &[f64], of: impl Fn(usize) -> bool) -> f64 {
    let (mut sum, mut all) = (0.0, 0.0);
    for (r, (a, b)) in part.iter().zip(whole).enumerate() {
        if !a.is_nan() && !b.is_nan() && of(r) {
            sum += a;
            all += b;
        }
    }
    if all > 0.0 { sum / all } else { 0.0 }
}

fn members(ground: &Ground<'_>) -> Vec<Candidate> {
    ground.candidates().into_iter().filter(|c| matches!(c.what, What::Member { .. })).collect()
}

/// How many tests rates bring.
pub(super) fn count_tests(prepared: &Prepared<'_>, tried: &mut Tried) {
    for pair in pairs(prepared) {
        let ground = Ground::new(surplus(prepared, pair), prepared, None);
        tried.add(Family::Rate, members(&ground).len() as u64);
    }
}

/// Members with another rate, the surest first, those that nearly have one after them.
pub(super) fn rates(prepared: &Prepared<'_>, tried: &Tried, threshold: f64) -> Vec<Rate> {
    let mut out: Vec<Rate> = Vec::new();
    let tests = tried.of(Family::Rate);
    for pair in pairs(prepared) {
        let mut ground = Ground::new(surplus(prepared, pair), prepared, None);
        for _ in 0..6 {
            let best = members(&ground).into_iter().min_by(|a, b| a.p.total_cmp(&b.p));
            let Some(found) = best else { break };
            let What::Member { dimension, code } = found.what else { break };
            let p_corrected = bonferroni(found.p, tests as f64);
            let (part, whole) = (&prepared.measures[pair.0].tested, &prepared.measures[pair.1].tested);
            let mine = |r: usize| prepared.dimensions[dimension].tested[r] as usize == code;
            let rates = (rate_of(part, whole, mine), rate_of(part, whole, |r| !mine(r)));
            out.push(Rate { measures: pair, found, member: (dimension, code), rates, p_corrected, tried: tests });
            if p_corrected >= threshold {
                break;
            }
            ground.take_out(found.what);
        }
    }
    out.sort_by(|a, b| a.p_corrected.total_cmp(&b.p_corrected));
    out
}
