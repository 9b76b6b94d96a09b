//! What can be claimed of one measure: members that stand out, trends, changes of level, unusual
//! periods, weekdays, months, pairs of members.
//!
//! The values are bent to normal scores, and the strongest claim is found first; then its effect is
//! taken out, and what is left is looked at again. So one cause makes one claim, not ten echoes of it
//! (forward selection, with the score tests of a linear model).

mod cells;
mod ground;
mod time;

pub(super) use ground::Ground;

use super::periods::Periods;
use super::prepare::Prepared;
use crate::stats::{bonferroni, student_two_sided};

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    Member {
        dimension: usize,
        code: usize,
    },
    Cell {
        dimensions: (usize, usize),
        codes: (usize, usize),
    },
    Trend,
    MemberTrend {
        dimension: usize,
        code: usize,
    },
    /// The level changes where this period begins.
    Change {
        at: usize,
    },
    Spike {
        at: usize,
    },
    Weekday {
        day: usize,
    },
    Month {
        month: usize,
    },
}

/// The kinds of claims; each has its share of the errors that may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Family {
    Member,
    Cell,
    Trend,
    MemberTrend,
    Change,
    Spike,
    Weekday,
    Month,
    Correlation,
    Rate,
    Outlier,
    Count,
}

impl What {
    pub(super) fn family(self) -> Family {
        match self {
            Self::Member { .. } => Family::Member,
            Self::Cell { .. } => Family::Cell,
            Self::Trend => Family::Trend,
            Self::MemberTrend { .. } => Family::MemberTrend,
            Self::Change { .. } => Family::Change,
            Self::Spike { .. } => Family::Spike,
            Self::Weekday { .. } => Family::Weekday,
            Self::Month { .. } => Family::Month,
        }
    }
}

/// How many tests there are, so that each p can be corrected for all of them: the families share the
/// errors alike, and the tests of a family share its part.
#[derive(Clone, Debug, Default)]
pub(super) struct Tried {
    counts: Vec<(Family, u64)>,
}

impl Tried {
    pub(super) fn add(&mut self, family: Family, tests: u64) {
        if tests == 0 {
            return;
        }
        match self.counts.iter_mut().find(|(f, _)| *f == family) {
            Some((_, n)) => *n += tests,
            None => self.counts.push((family, tests)),
        }
    }

    /// What a p of a family is multiplied by.
    pub(super) fn of(&self, family: Family) -> u64 {
        let own = self.counts.iter().find(|(f, _)| *f == family).map_or(1, |(_, n)| *n);
        own * self.counts.len() as u64
    }

    /// All tests.
    pub(super) fn total(&self) -> u64 {
        self.counts.iter().map(|(_, n)| n).sum()
    }
}

/// A candidate: what, and how sure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) what: What,
    pub(super) t: f64,
    pub(super) df: f64,
    /// The effect in standard deviations of what is not explained.
    pub(super) d: f64,
    pub(super) n: usize,
    pub(super) p: f64,
}

impl Candidate {
    fn new(what: What, t: f64, df: f64, d: f64, n: usize) -> Self {
        Self { what, t, df, d, n, p: student_two_sided(t, df) }
    }
}

/// A candidate with its corrected p.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) measure: usize,
    pub(super) found: Candidate,
    pub(super) p_corrected: f64,
    pub(super) tried: u64,
    /// The quantity that was held constant.
    pub(super) given: Option<usize>,
}

impl Claim {
    /// How many true nulls would look as sure as this.
    pub(super) fn expected(&self) -> f64 {
        self.found.p * self.tried as f64
    }
}

/// Claims of one measure at most.
const MOST_CLAIMS: usize = 8;
/// What nearly was one, at most, and how many of them chance may bring.
const MOST_HINTS: usize = 3;
pub(super) const MOST_EXPECTED: f64 = 6.0;

/// How many tests of each family one measure brings.
pub(super) fn count_tests(prepared: &Prepared<'_>, periods: Option<&Periods>, tried: &mut Tried) {
    let given = prepared.given.iter().flatten().map(|(_, scores)| scores);
    for scores in prepared.scores.iter().chain(given) {
        let ground = Ground::new(scores.clone(), prepared, periods);
        for what in ground.candidates() {
            tried.add(what.what.family(), 1);
        }
    }
}

/// The claims about one measure, the surest first, and what nearly was one.
pub(super) fn claims_of(
    measure: usize,
    prepared: &Prepared<'_>,
    periods: Option<&Periods>,
    tried: &Tried,
    threshold: f64,
) -> (Vec<Claim>, Vec<Claim>) {
    let plain = Ground::new(prepared.scores[measure].clone(), prepared, periods);
    let first = if prepared.given[measure].is_some() { plain.candidates() } else { Vec::new() };
    let (mut claims, mut hints) = forward(measure, plain, tried, threshold);
    let Some((quantity, scores)) = &prepared.given[measure] else { return (claims, hints) };
    let (given, nearly) = forward(measure, Ground::new(scores.clone(), prepared, periods), tried, threshold);
    // What holds at a given quantity is told of the amount itself where it points the same way.
    let holds = |claim: &Claim| first.iter().any(|c| c.what == claim.found.what && c.t * claim.found.t > 0.0);
    for (list, more) in [(&mut claims, given), (&mut hints, nearly)] {
        for claim in more.into_iter().filter(holds) {
            let claim = Claim { given: Some(*quantity), ..claim };
            match list.iter_mut().find(|known| is_same(known.found.what, claim.found.what)) {
                Some(known) if known.found.p > claim.found.p => *known = claim,
                Some(_) => {}
                None => list.push(claim),
            }
        }
    }
    hints.retain(|hint| !claims.iter().any(|claim| is_same(claim.found.what, hint.found.what)));
    (claims, hints)
}

/// The same, or the same change of level a little earlier or later.
fn is_same(a: What, b: What) -> bool {
    match (a, b) {
        (What::Change { at: a }, What::Change { at: b }) => a.abs_diff(b) <= 4,
        _ => a == b,
    }
}

fn forward(measure: usize, mut ground: Ground<'_>, tried: &Tried, threshold: f64) -> (Vec<Claim>, Vec<Claim>) {
    let mut claims: Vec<Claim> = Vec::new();
    loop {
        let mut found: Vec<Claim> = ground
            .candidates()
            .into_iter()
            .filter(|c| !claims.iter().any(|made| made.found.what == c.what))
            .map(|found| corrected(measure, found, tried))
            .collect();
        found.sort_by(|a, b| {
            let strength = |c: &Claim| -c.found.t.abs();
            a.p_corrected.total_cmp(&b.p_corrected).then(strength(a).total_cmp(&strength(b)))
        });
        // What leans on the time before is less sure than it looks; only the best are looked at so.
        let mut guarded: Vec<Claim> =
            found.iter().take(6).map(|c| corrected(measure, ground.guard(c.found), tried)).collect();
        guarded.sort_by(|a, b| a.p_corrected.total_cmp(&b.p_corrected));
        match guarded.first() {
            Some(best) if best.p_corrected < threshold && claims.len() < MOST_CLAIMS => {
                ground.take_out(best.found.what);
                claims.push(*best);
            }
            _ => {
                guarded.retain(|c| c.p_corrected >= threshold && c.expected() < MOST_EXPECTED);
                guarded.truncate(MOST_HINTS);
                return (claims, guarded);
            }
        }
    }
}

fn corrected(measure: usize, found: Candidate, tried: &Tried) -> Claim {
    let tests = tried.of(found.what.family());
    Claim { measure, found, p_corrected: bonferroni(found.p, tests as f64), tried: tests, given: None }
}
