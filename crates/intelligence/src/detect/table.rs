//! The detector of tables: the forest alone, or together with distances to neighbours, by ranks.

use super::forest::Forest;
use super::neighbours::{Measure, Neighbours};
use super::tail::Tail;
use crate::learn::{Content, Encoder, Feature, Matrix, Settings, quantile, text};
use domain::learn::{Contribution, MOST_FEATURES, ModelKind};
use domain::{Cell, Result};
use serde::{Deserialize, Serialize};

/// How much each part of the ensemble counts: the forest, then both distances.
const WEIGHTS: [f64; 3] = [2.0, 1.0, 1.0];
/// Rows that people said are nothing odd.
const MOST_FINE: usize = 1_000;
/// How near a row is to one of those, in the units of the encoder.
const AS_GOOD_AS: f64 = 0.1;

/// A trained detector of tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableDetector {
    forest: Forest,
    near: Option<Neighbours>,
    /// Of each part of the ensemble.
    tails: Vec<Tail>,
    #[serde(with = "crate::learn::exact::lists")]
    fine: Vec<Vec<f64>>,
}

/// A detector made ready to score.
pub(crate) struct Ready<'a> {
    of: &'a TableDetector,
    near: Option<Measure<'a>>,
}

impl TableDetector {
    /// Trains on encoded rows.
    pub(crate) fn learn(rows: &Matrix, settings: &Settings, keep: &mut dyn FnMut(f64) -> bool) -> Result<Self> {
        let (trees, subsample) = (settings.count("trees"), settings.count("subsample"));
        let forest = Forest::grow(rows, trees, subsample, settings.seed, keep).ok_or_else(crate::learn::cancelled)?;
        let mut detector = Self { forest, near: None, tails: Vec::new(), fine: Vec::new() };
        if settings.kind == ModelKind::RankEnsemble {
            detector.near = Some(Neighbours::learn(rows, settings.number("neighbours"), settings.seed));
            let parts: Vec<[f64; 3]> = {
                let ready = detector.ready();
                (0..rows.rows()).map(|row| ready.parts(rows.row(row))).collect()
            };
            let tail = |part: usize| Tail::learn(parts.iter().map(|p| p[part]).collect());
            detector.tails = (0..WEIGHTS.len()).map(tail).collect();
        }
        Ok(detector)
    }

    pub(crate) fn ready(&self) -> Ready<'_> {
        Ready { of: self, near: self.near.as_ref().map(Neighbours::ready) }
    }

    /// Remembers rows that are nothing odd; the oldest are forgotten.
    pub(crate) fn add_fine(&mut self, row: Vec<f64>) {
        if !self.is_fine(&row) {
            self.fine.push(row);
        }
        let surplus = self.fine.len().saturating_sub(MOST_FINE);
        self.fine.drain(..surplus);
    }

    /// Whether somebody said of such a row that it is nothing odd.
    pub(crate) fn is_fine(&self, row: &[f64]) -> bool {
        self.fine.iter().any(|fine| fine.iter().zip(row).all(|(a, b)| (a - b).abs() <= AS_GOOD_AS))
    }

    pub(crate) fn check(&self, width: usize) -> bool {
        let finite = |row: &Vec<f64>| row.len() == width && row.iter().all(|v| v.is_finite());
        width < usize::from(u16::MAX).min(MOST_FEATURES * 64)
            && self.forest.check(width)
            && self.near.as_ref().is_none_or(|near| near.check(width))
            && self.tails.len() == if self.near.is_some() { WEIGHTS.len() } else { 0 }
            && self.tails.iter().all(Tail::check)
            && self.fine.len() <= MOST_FINE
            && self.fine.iter().all(finite)
    }
}

impl Ready<'_> {
    fn parts(&self, row: &[f64]) -> [f64; 3] {
        let [robust, ranks] = self.near.as_ref().map_or([0.0; 2], |near| near.distances(row));
        [self.of.forest.score(row), robust, ranks]
    }

    /// From 0 to 1, higher is odder.
    pub(crate) fn score(&self, row: &[f64]) -> f64 {
        if self.near.is_none() {
            return self.of.forest.score(row);
        }
        let parts = self.parts(row);
        let rarity = parts.iter().zip(&self.of.tails).zip(WEIGHTS).map(|((s, tail), w)| tail.rarity(*s) * w);
        let mean = rarity.sum::<f64>() / WEIGHTS.iter().sum::<f64>();
        mean / (mean + 2.0)
    }

    /// What carries the score of a row: how much of it goes when a feature takes its usual value.
    pub(crate) fn explain(&self, encoder: &Encoder, row: &[f64], values: &[Cell]) -> Vec<Contribution> {
        let whole = self.score(row);
        let usual = encoder.usual();
        let mut loss: Vec<(usize, f64)> = encoder
            .slots()
            .into_iter()
            .map(|slots| {
                let mut without = row.to_vec();
                without[slots.clone()].copy_from_slice(&usual[slots]);
                (whole - self.score(&without)).max(0.0)
            })
            .enumerate()
            .collect();
        let total: f64 = loss.iter().map(|l| l.1).sum();
        loss.sort_by(|a, b| b.1.total_cmp(&a.1));
        loss.into_iter()
            .filter(|(_, part)| total > 0.0 && *part > 0.02 * total)
            .take(5)
            .map(|(i, part)| contribution(&encoder.features[i], &values[i], part / total))
            .collect()
    }
}

/// A feature's part in words.
fn contribution(feature: &Feature, value: &Cell, share: f64) -> Contribution {
    let label = text::short(&feature.label);
    let together = |value: String| format!("{label} {value} is unusual together with the other values");
    let (usual, sentence) = match &feature.content {
        Content::Number { knots } => {
            let (low, high) = (quantile(knots, 0.05), quantile(knots, 0.95));
            let usual = format!("{} to {}", text::number(low), text::number(high));
            let sentence = match value.as_f64() {
                None => format!("{label} is missing"),
                Some(v) => {
                    let shown = text::number(v);
                    let far = |edge: f64| if (v - edge).abs() > (high - low) { "far " } else { "" };
                    if v > high {
                        format!("{label} {shown} is {}above the usual {usual}", far(high))
                    } else if v < low {
                        format!("{label} {shown} is {}below the usual {usual}", far(low))
                    } else {
                        together(shown)
                    }
                }
            };
            (usual, sentence)
        }
        Content::Member { members, shares, .. } => {
            let usual = members.iter().take(3).map(|m| text::short(m)).collect::<Vec<_>>().join(", ");
            let member = value.to_text();
            let shown = text::short(&member);
            let known = members.iter().position(|m| *m == member);
            let sentence = match (value, known.map(|i| shares[i])) {
                (Cell::Null, _) => format!("{label} is missing"),
                (_, None) => format!("{label} {shown} was not met in training"),
                (_, Some(part)) if part < 0.05 => format!("{label} {shown} is rare ({} of rows)", text::percent(part)),
                _ => together(shown),
            };
            (usual, sentence)
        }
        Content::Time { .. } => {
            ("other times".to_owned(), format!("{label} {} is an unusual time", text::short(&value.to_text())))
        }
    };
    Contribution { feature: feature.name.clone(), share, value: value.clone(), usual, sentence }
}

/// The score from which at most a share of rows is odd; above every score where more than that many
/// are the same.
pub(crate) fn threshold_at(scores: &[f64], contamination: f64) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let most = ((contamination * sorted.len() as f64).ceil() as usize).min(sorted.len().saturating_sub(1));
    let Some(next) = sorted.get(most) else { return 1.0 };
    // The least score that is above the first one that is not odd.
    let above = sorted[..most].iter().copied().rfind(|score| score > next);
    above.map_or(1.0, |score| score.midpoint(*next))
}

#[cfg(test)]
mod tests {
    use super::threshold_at;

    #[test]
    fn a_threshold_flags_at_most_its_share() {
        let scores: Vec<f64> = (0..100).map(|i| f64::from(i) / 100.0).collect();
        let flagged = |t: f64| scores.iter().filter(|s| **s >= t).count();
        assert_eq!(flagged(threshold_at(&scores, 0.05)), 5);
        assert_eq!(flagged(threshold_at(&scores, 0.5)), 50);
        assert_eq!(threshold_at(&[0.4; 50], 0.1), 1.0);
        assert_eq!(threshold_at(&[], 0.1), 1.0);
        assert_eq!(threshold_at(&[0.1], 0.1), 1.0);
    }
}
