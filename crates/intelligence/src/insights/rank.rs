//! In which order findings are told: the surest claims first, without saying the same thing twice,
//! and views worth seeing among them.

use domain::insight::{Caveat, Finding, FindingKind};

/// Findings that are read: those places are shared out.
const FIRST: usize = 10;
/// More of the same kind about the same columns comes last.
const MOST_ALIKE: usize = 2;
/// What is said of the same columns again is worth so much less.
const AGAIN: f64 = 0.4;

/// What goes into the list.
pub(super) struct Ranked {
    /// Claims that passed their test.
    pub(super) claims: Vec<Finding>,
    /// What nearly did.
    pub(super) hints: Vec<Finding>,
    /// Views, the best first.
    pub(super) views: Vec<Finding>,
    /// What is wrong with the data, the worst first.
    pub(super) quality: Vec<Finding>,
}

impl Ranked {
    /// One list, at most so long. `claims_first` places of the first ten are for claims, where there
    /// are as many, `hints_first` for what nearly is one; views have the others.
    pub(super) fn list(self, (claims_first, hints_first): (usize, usize), most: usize) -> Vec<Finding> {
        let mut claims = in_order(self.claims);
        let mut hints = self.hints;
        let mut views = self.views;
        let later = claims.split_off(claims.len().min(claims_first));
        // What nearly is a claim is told where the views leave room for it.
        let room = FIRST.saturating_sub(claims.len());
        let hinted = hints.len().min(hints_first).min(room / 2);
        let rest_of_hints = hints.split_off(hinted);
        let seen = views.split_off(views.len().min(room - hinted));
        let mut out = claims;
        out.append(&mut hints);
        out.append(&mut views);
        // The worst flaw of the data is told right after, what else there is after that.
        out.extend(later);
        out.extend(self.quality);
        out.extend(rest_of_hints);
        out.extend(seen);
        let mut ids = std::collections::BTreeSet::new();
        out.retain(|finding| ids.insert(finding.id.clone()));
        out.truncate(most);
        out
    }
}

/// The strongest first; each time something is said of the same measure in the same way, less.
fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    let (mut out, mut last): (Vec<Finding>, Vec<Finding>) = (Vec::with_capacity(findings.len()), Vec::new());
    while !findings.is_empty() {
        let worth = |finding: &Finding| {
            let trap = finding.caveats.iter().any(|c| {
                matches!(c, Caveat::PartOfWhole | Caveat::SharedTrend | Caveat::Simpson | Caveat::SmallSample)
            });
            let again = out.iter().filter(|o| is_again(o, finding)).count() as i32;
            finding.strength * AGAIN.powi(again) * if trap { 0.6 } else { 1.0 }
        };
        let best =
            (0..findings.len()).fold(0, |best, i| if worth(&findings[i]) > worth(&findings[best]) { i } else { best });
        let chosen = findings.remove(best);
        let same = out.iter().filter(|o| is_again(o, &chosen)).count();
        // That a part goes with its whole is no news.
        let made = chosen.caveats.contains(&Caveat::PartOfWhole);
        if same < MOST_ALIKE && !made { out.push(chosen) } else { last.push(chosen) }
    }
    out.append(&mut last);
    out
}

/// The same kind of thing about the same measure and dimension.
fn is_again(a: &Finding, b: &Finding) -> bool {
    let side = |kind: FindingKind| if kind == FindingKind::Low { FindingKind::Top } else { kind };
    side(a.kind) == side(b.kind) && (a.columns == b.columns || a.kind == FindingKind::Weekly && a.at == b.at)
}
