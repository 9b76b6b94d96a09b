//! Isolation forest: what random divisions separate early from everything else is odd.
//! F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", ICDM 2008.

use crate::learn::Matrix;
use rand::rngs::StdRng;
use rand::seq::index;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// Bounds of what is read from a file.
const MOST_TREES: usize = 1_000;
const MOST_NODES: usize = 2 * 4_096;
/// Stands in the place of a feature where a branch ends.
const LEAF: u16 = u16::MAX;

/// The trees, and how many rows each was grown on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forest {
    subsample: usize,
    trees: Vec<Tree>,
}

/// Nodes in the order in which they are walked through: the left branch of a node comes right after it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tree {
    feature: Vec<u16>,
    /// Where a feature is divided; at the end of a branch, how much deeper it would go.
    #[serde(with = "crate::learn::exact")]
    split: Vec<f64>,
    right: Vec<u32>,
}

/// The mean length of an unsuccessful search in a binary tree of so many rows: `c(n)` of the paper.
pub(crate) fn usual_depth(rows: usize) -> f64 {
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            const EULER: f64 = 0.577_215_664_901_532_9;
            let n = rows as f64;
            2.0 * ((n - 1.0).ln() + EULER) - 2.0 * (n - 1.0) / n
        }
    }
}

impl Forest {
    /// Grows trees on samples of rows. `keep` is asked after each whether to go on.
    pub(crate) fn grow(
        rows: &Matrix,
        trees: usize,
        subsample: usize,
        seed: u64,
        keep: &mut dyn FnMut(f64) -> bool,
    ) -> Option<Self> {
        let mut random = StdRng::seed_from_u64(seed);
        let size = subsample.min(rows.rows());
        let deepest = (size.max(2) as f64).log2().ceil() as u32;
        let mut forest = Self { subsample: size, trees: Vec::with_capacity(trees) };
        for done in 0..trees {
            if !keep(done as f64 / trees as f64) {
                return None;
            }
            let mut sample = index::sample(&mut random, rows.rows(), size).into_vec();
            let mut tree = Tree::default();
            tree.grow(rows, &mut sample, deepest, &mut random);
            forest.trees.push(tree);
        }
        Some(forest)
    }

    /// From 0 to 1; above 0.5 a row is separated sooner than usual.
    pub(crate) fn score(&self, row: &[f64]) -> f64 {
        let depth: f64 = self.trees.iter().map(|tree| tree.depth(row)).sum();
        let mean = depth / self.trees.len().max(1) as f64;
        // A tree of one row separates nothing.
        let usual = usual_depth(self.subsample);
        if usual > 0.0 { 2.0_f64.powf(-mean / usual) } else { 0.5 }
    }

    /// Whether a file with it can be used on rows of so many numbers.
    pub(crate) fn check(&self, width: usize) -> bool {
        !self.trees.is_empty() && self.trees.len() <= MOST_TREES && self.trees.iter().all(|tree| tree.check(width))
    }
}

impl Tree {
    fn grow(&mut self, rows: &Matrix, sample: &mut [usize], left: u32, random: &mut StdRng) {
        let node = self.feature.len();
        self.feature.push(LEAF);
        self.split.push(usual_depth(sample.len()));
        self.right.push(0);
        if left == 0 || sample.len() < 2 {
            return;
        }
        // Where a feature does not vary in these rows, another one, each as likely.
        let mut cols: Vec<usize> = (0..rows.cols).collect();
        let divided = (0..rows.cols).find_map(|i| {
            let other = random.random_range(i..rows.cols);
            cols.swap(i, other);
            let col = cols[i];
            let value = |row: &usize| rows.row(*row)[col];
            let low = sample.iter().map(value).fold(f64::INFINITY, f64::min);
            let high = sample.iter().map(value).fold(f64::NEG_INFINITY, f64::max);
            (low < high).then_some((col, low, high))
        });
        let Some((col, low, high)) = divided else { return };
        let at = low + (high - low) * random.random::<f64>();
        let at = if at > low { at } else { high };
        // In place: rows below first.
        let mut border = 0;
        for i in 0..sample.len() {
            if rows.row(sample[i])[col] < at {
                sample.swap(i, border);
                border += 1;
            }
        }
        self.feature[node] = col as u16;
        self.split[node] = at;
        let (below, above) = sample.split_at_mut(border);
        self.grow(rows, below, left - 1, random);
        self.right[node] = self.feature.len() as u32;
        self.grow(rows, above, left - 1, random);
    }

    fn depth(&self, row: &[f64]) -> f64 {
        let (mut node, mut depth) = (0, 0.0);
        loop {
            let feature = self.feature[node];
            if feature == LEAF {
                return depth + self.split[node];
            }
            node = if row[feature as usize] < self.split[node] { node + 1 } else { self.right[node] as usize };
            depth += 1.0;
        }
    }

    /// Every branch leads further on and ends.
    fn check(&self, width: usize) -> bool {
        let nodes = self.feature.len();
        (1..=MOST_NODES).contains(&nodes)
            && self.split.len() == nodes
            && self.right.len() == nodes
            && self.split.iter().all(|split| split.is_finite())
            && (0..nodes).all(|i| {
                self.feature[i] == LEAF
                    || ((self.feature[i] as usize) < width
                        && i + 1 < nodes
                        && (i + 2..nodes).contains(&(self.right[i] as usize)))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

    fn normal(random: &mut StdRng) -> f64 {
        Normal::new(0.0, 1.0).unwrap().inverse_cdf(random.random_range(1e-9..1.0 - 1e-9))
    }

    fn auc(scores: &[f64], is_odd: &[bool]) -> f64 {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        let odd = is_odd.iter().filter(|odd| **odd).count() as f64;
        let ranks: f64 = order.iter().enumerate().filter(|(_, row)| is_odd[**row]).map(|(i, _)| i as f64 + 1.0).sum();
        (ranks - odd * (odd + 1.0) / 2.0) / (odd * (scores.len() as f64 - odd))
    }

    #[test]
    fn the_usual_depth_is_that_of_the_paper() {
        assert_eq!(usual_depth(1), 0.0);
        assert_eq!(usual_depth(2), 1.0);
        assert!((usual_depth(256) - 10.2448).abs() < 1e-3);
    }

    /// The paper gives 0.97 for Mulcross: 4 dimensions, a tenth of the rows in two dense clusters at
    /// distance factor 2 (D. Rocke, D. Woodruff 1996).
    #[test]
    fn it_reaches_the_published_figure() {
        let random = &mut StdRng::seed_from_u64(1);
        let far = 2.0 * (ChiSquared::new(4.0).unwrap().inverse_cdf(0.999) / 4.0).sqrt();
        let (mut data, mut is_odd) = (Vec::new(), Vec::new());
        for row in 0..20_000 {
            let odd = row % 10 == 0;
            let side = if row % 20 == 0 { 1.0 } else { -1.0 };
            for col in 0..4 {
                // The two clusters lie to both sides of the rest, each in a direction of its own.
                let centre = if odd { far * if col % 2 == 0 { side } else { 1.0 } } else { 0.0 };
                data.push(centre + normal(random) * if odd { 0.3 } else { 1.0 });
            }
            is_odd.push(odd);
        }
        let rows = Matrix { cols: 4, data };
        let reached: Vec<f64> = (0..5)
            .map(|seed| {
                let forest = Forest::grow(&rows, 100, 256, seed, &mut |_| true).unwrap();
                let scores: Vec<f64> = (0..rows.rows()).map(|row| forest.score(rows.row(row))).collect();
                auc(&scores, &is_odd)
            })
            .collect();
        let mean = reached.iter().sum::<f64>() / 5.0;
        assert!((0.93..=1.0).contains(&mean), "{reached:?}");
    }

    /// Figure 1 of the paper: a point in the middle takes about 12 divisions, one outside about 4,
    /// of 135 points from a normal distribution.
    #[test]
    fn depths_are_those_of_the_paper() {
        let random = &mut StdRng::seed_from_u64(3);
        let mut data: Vec<f64> = (0..2 * 133).map(|_| normal(random)).collect();
        data.extend([0.0, 0.0, 3.6, 3.0]);
        let rows = Matrix { cols: 2, data };
        let (mut inside, mut outside) = (0.0, 0.0);
        for _ in 0..1_000 {
            let mut tree = Tree::default();
            tree.grow(&rows, &mut (0..135).collect::<Vec<_>>(), 100, random);
            inside += tree.depth(rows.row(133)) / 1_000.0;
            outside += tree.depth(rows.row(134)) / 1_000.0;
        }
        assert!((10.5..14.5).contains(&inside), "{inside}");
        assert!((2.5..5.5).contains(&outside), "{outside}");
    }

    #[test]
    fn a_hostile_file_is_refused() {
        let rows = Matrix { cols: 2, data: (0..64).map(f64::from).collect() };
        let good = Forest::grow(&rows, 5, 16, 1, &mut |_| true).unwrap();
        assert!(good.check(2));
        let spoilt = |change: &dyn Fn(&mut Tree)| {
            let mut forest = good.clone();
            change(&mut forest.trees[0]);
            forest.check(2)
        };
        assert!(!good.check(0));
        assert!(!spoilt(&|tree| tree.right[0] = 0));
        assert!(!spoilt(&|tree| tree.right[0] = 9_999));
        assert!(!spoilt(&|tree| tree.feature[0] = 7));
        assert!(!spoilt(&|tree| *tree.feature.last_mut().unwrap() = 0));
        assert!(!spoilt(&|tree| tree.split[0] = f64::NAN));
        assert!(!spoilt(&|tree| tree.split.truncate(1)));
        assert!(Forest::grow(&rows, 5, 16, 1, &mut |done| done < 0.5).is_none());
    }
}
