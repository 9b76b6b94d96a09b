//! Views worth seeing: a measure by the members of a dimension, over time, and how few members make
//! most of it. They claim nothing; they are what the numbers add up to.

use super::prepare::{Dimension, Measure, Prepared, is_upkeep};
use crate::MISSING_MEMBER;
use domain::query::Agg;

/// One member of a view: its code, none for the rows without one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) code: Option<usize>,
    pub(super) value: f64,
}

/// A measure by a dimension; the highest first.
pub(super) struct Breakdown {
    pub(super) dimension: usize,
    /// None counts rows.
    pub(super) measure: Option<usize>,
    pub(super) agg: Agg,
    pub(super) groups: Vec<Group>,
    /// How much it is worth seeing, 0 to 1.
    pub(super) score: f64,
    /// Which of the members make 80 % of it, where few do.
    pub(super) few: Option<(usize, f64)>,
}

/// Few members: at most so much of them for 80 % of the whole.
const FEW: f64 = 0.34;
const MOST: f64 = 0.8;
/// Views of one dimension, and of one measure, are each worth less than the one before.
const SAME_DIMENSION: f64 = 0.15;
const SAME_MEASURE: f64 = 0.02;
/// Who last wrote a row is about the system.
const UPKEEP: f64 = 0.3;

/// The views of a table, the best first, so that they do not repeat themselves.
pub(super) fn breakdowns(prepared: &Prepared<'_>) -> Vec<Breakdown> {
    let mut all = Vec::new();
    let measured = prepared.measures.iter().any(|m| m.needs.is_none());
    for (d, dimension) in prepared.dimensions.iter().enumerate() {
        let less = if is_upkeep(&dimension.name) { UPKEEP } else { 0.0 };
        let base = if measured { 0.45 } else { 0.6 };
        let counted = sums(dimension, None);
        all.push(breakdown(&counted, d, None, Agg::Count, base - less));
        for (m, measure) in prepared.measures.iter().enumerate() {
            // The first measures of a table are mostly those it is about.
            let place = 0.04 * m.min(5) as f64;
            let summed = sums(dimension, Some(measure));
            if measure.adds_up {
                all.push(breakdown(&summed, d, Some(m), Agg::Sum, 0.58 - place - less));
            }
            let base = if measure.needs.is_some() { 0.5 } else { 0.52 };
            all.push(breakdown(&summed, d, Some(m), Agg::Avg, base - place - less));
        }
    }
    all.retain(|view| view.groups.len() > 1);
    let mut out: Vec<Breakdown> = Vec::with_capacity(all.len());
    while !all.is_empty() {
        let worth = |view: &Breakdown| {
            let dimension = out.iter().filter(|o| o.dimension == view.dimension).count() as f64;
            let measure = out.iter().filter(|o| o.measure == view.measure && o.agg == view.agg).count() as f64;
            // Every dimension of a table of events is worth counting once.
            let again = if view.agg == Agg::Count { 0.0 } else { SAME_MEASURE };
            view.score - SAME_DIMENSION * dimension - again * measure
        };
        let best = (0..all.len()).fold(0, |best, i| if worth(&all[i]) > worth(&all[best]) { i } else { best });
        out.push(all.remove(best));
    }
    out
}

/// How well so many members can be told apart.
fn readable(members: usize) -> f64 {
    match members {
        0 | 1 => 0.0,
        2 => 0.1,
        3..=12 => 0.2,
        13..=25 => 0.08,
        _ => 0.0,
    }
}

/// Rows and total of each member, those of the rows without one last.
fn sums(dimension: &Dimension<'_>, measure: Option<&Measure<'_>>) -> Vec<(u64, f64)> {
    let members = dimension.members.len();
    let mut out = vec![(0_u64, 0.0); members + 1];
    let values = measure.map(|m| m.values.as_ref());
    for (r, code) in dimension.codes.iter().enumerate() {
        let group = &mut out[if *code == MISSING_MEMBER { members } else { (*code as usize).min(members) }];
        match values {
            None => group.0 += 1,
            Some(values) if !values[r].is_nan() => {
                group.0 += 1;
                group.1 += values[r];
            }
            Some(_) => {}
        }
    }
    out
}

fn breakdown(sums: &[(u64, f64)], dimension: usize, measure: Option<usize>, agg: Agg, base: f64) -> Breakdown {
    let members = sums.len() - 1;
    let made = sums.iter().enumerate().filter(|(_, (rows, _))| *rows > 0).map(|(g, (rows, sum))| Group {
        code: (g < members).then_some(g),
        value: match agg {
            Agg::Count => *rows as f64,
            Agg::Sum => *sum,
            _ => sum / *rows as f64,
        },
    });
    let mut groups: Vec<Group> = made.collect();
    groups.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.code.cmp(&b.code)));
    let spread = spread(&groups);
    let few = few(&groups, agg);
    let score = (base + readable(members) + 0.15 * spread + if few.is_some() { 0.02 } else { 0.0 }).clamp(0.0, 1.0);
    Breakdown { dimension, measure, agg, groups, score, few }
}

/// How far the groups lie apart, 0 to 1.
fn spread(groups: &[Group]) -> f64 {
    let (Some(high), Some(low)) = (groups.first(), groups.last()) else { return 0.0 };
    let size = high.value.abs() + low.value.abs();
    if size > 0.0 && size.is_finite() { ((high.value - low.value) / size).clamp(0.0, 1.0) } else { 0.0 }
}

/// How many of the members make most of the whole, where they are few.
fn few(groups: &[Group], agg: Agg) -> Option<(usize, f64)> {
    if groups.len() < 5 || !matches!(agg, Agg::Count | Agg::Sum) || groups.iter().any(|g| g.value < 0.0) {
        return None;
    }
    let whole: f64 = groups.iter().map(|g| g.value).sum();
    if whole.is_nan() || whole <= 0.0 || !whole.is_finite() {
        return None;
    }
    let mut sum = 0.0;
    let needed = groups.iter().take_while(|g| {
        let more = sum < MOST * whole;
        sum += g.value;
        more
    });
    let needed = needed.count();
    let part: f64 = groups[..needed].iter().map(|g| g.value).sum::<f64>() / whole;
    (needed as f64 <= FEW * groups.len() as f64).then_some((needed, part))
}
