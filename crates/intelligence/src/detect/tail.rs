//! How rare a score is: from the scores that came before it, and beyond the greatest of them from
//! how fast they thin out.

use crate::learn::quantile;
use serde::{Deserialize, Serialize};

/// Scores that are kept, less one.
const KNOTS: usize = 1_024;
/// The most that a score can count beyond those of the training.
const FURTHEST: f64 = 10.0;

/// The scores of the rows that a detector was trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tail {
    /// Quantiles from the least to the greatest.
    #[serde(with = "crate::learn::exact")]
    knots: Vec<f64>,
    rows: u64,
    /// Mean by which the greatest twentieth exceeds the rest.
    excess: f64,
}

impl Tail {
    pub(crate) fn learn(mut scores: Vec<f64>) -> Self {
        scores.sort_by(f64::total_cmp);
        let border = quantile(&scores, 0.95);
        let beyond: Vec<f64> = scores.iter().filter(|s| **s > border).map(|s| s - border).collect();
        let excess = beyond.iter().sum::<f64>() / beyond.len().max(1) as f64;
        let rows = scores.len() as u64;
        let knots = if scores.len() <= KNOTS + 1 {
            scores
        } else {
            (0..=KNOTS).map(|i| quantile(&scores, i as f64 / KNOTS as f64)).collect()
        };
        Self { knots, rows, excess }
    }

    /// Minus the logarithm of the share of rows with such a score: 0 for the most usual, 3 for one
    /// that a twentieth reaches.
    pub(crate) fn rarity(&self, score: f64) -> f64 {
        let (Some(least), Some(greatest)) = (self.knots.first(), self.knots.last()) else { return 0.0 };
        let n = self.rows as f64;
        if score > *greatest {
            let further = if self.excess > 0.0 { (score - greatest) / self.excess } else { FURTHEST };
            return n.max(1.0).ln() + further.min(FURTHEST);
        }
        if score <= *least {
            return 0.0;
        }
        let below = self.knots.partition_point(|knot| *knot < score);
        let upto = self.knots.partition_point(|knot| *knot <= score);
        let last = (self.knots.len() - 1) as f64;
        let place = if upto > below {
            (below + upto - 1) as f64 / 2.0
        } else {
            let (a, b) = (self.knots[below - 1], self.knots[below]);
            (below - 1) as f64 + (score - a) / (b - a)
        };
        -(1.0 - place / last * (1.0 - 1.0 / n)).ln()
    }

    pub(crate) fn check(&self) -> bool {
        (1..=KNOTS + 1).contains(&self.knots.len())
            && self.knots.iter().all(|k| k.is_finite())
            && self.knots.windows(2).all(|pair| pair[0] <= pair[1])
            && self.rows >= self.knots.len() as u64
            && self.excess.is_finite()
            && self.excess >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarity_rises_with_the_score_and_beyond_the_greatest() {
        let tail = Tail::learn((0..10_000).map(f64::from).collect());
        assert!(tail.check());
        assert!((tail.rarity(9_500.0) - 20.0_f64.ln()).abs() < 0.01);
        let rarities: Vec<f64> = (0..=1_200).map(|i| tail.rarity(f64::from(i) * 10.0)).collect();
        assert!(rarities.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!(tail.rarity(10_100.0) > tail.rarity(9_999.0));
        let same = Tail::learn(vec![1.0; 9]);
        assert_eq!(same.rarity(1.0), 0.0);
        assert!(same.rarity(2.0) > 3.0);
    }
}
