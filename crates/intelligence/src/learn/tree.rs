//! Decision trees and forests of them, for classes and numbers. Values are put into at most 256
//! bins first, so that a tree on many rows is quick. L. Breiman et al., "Classification and
//! Regression Trees", 1984; L. Breiman, "Random Forests", Machine Learning 45, 2001.

use super::encode::{Matrix, quantile};
use super::target::Target;
use super::{Settings, cancelled};
use domain::Result;
use domain::learn::ModelKind;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

const MOST_TREES: usize = 500;
const BINS: usize = 256;
/// Stands in the place of a feature where a branch ends.
const LEAF: u16 = u16::MAX;
/// Leaves of all trees together; more rows make larger leaves.
const MOST_LEAVES: usize = 400_000;

/// Trees that vote, or one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trees {
    outputs: usize,
    trees: Vec<Tree>,
}

/// Nodes in the order in which they are walked through: the left branch comes right after its node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tree {
    feature: Vec<u16>,
    #[serde(with = "crate::learn::exact")]
    split: Vec<f64>,
    /// The right branch; at the end of a branch which of `leaves`.
    right: Vec<u32>,
    #[serde(with = "crate::learn::exact")]
    leaves: Vec<f64>,
}

/// Rows in bins, column by column.
struct Binned {
    rows: usize,
    bins: Vec<u8>,
    /// Of each column, where one bin ends and the next begins.
    edges: Vec<Vec<f64>>,
}

impl Binned {
    fn of(rows: &Matrix) -> Self {
        let n = rows.rows();
        let mut binned = Self { rows: n, bins: Vec::with_capacity(n * rows.cols), edges: Vec::new() };
        for col in 0..rows.cols {
            let values: Vec<f64> = rows.data.iter().skip(col).step_by(rows.cols).copied().collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let mut distinct = sorted.clone();
            distinct.dedup();
            let mut edges: Vec<f64> = if distinct.len() <= BINS {
                distinct.windows(2).map(|pair| pair[0].midpoint(pair[1])).collect()
            } else {
                (1..BINS).map(|i| quantile(&sorted, i as f64 / BINS as f64)).collect()
            };
            edges.dedup();
            binned.bins.extend(values.iter().map(|v| edges.partition_point(|edge| edge <= v) as u8));
            binned.edges.push(edges);
        }
        binned
    }

    fn column(&self, col: usize) -> &[u8] {
        &self.bins[col * self.rows..(col + 1) * self.rows]
    }
}

/// What a tree is grown with.
struct Grower<'a> {
    binned: &'a Binned,
    target: &'a Target,
    outputs: usize,
    leaf: usize,
    /// Features that are looked at for each division.
    tried: usize,
    random: StdRng,
    tree: Tree,
    /// Sums in each bin.
    sums: Vec<f64>,
    order: Vec<usize>,
}

impl Grower<'_> {
    /// Adds a row to sums: its class, or count and value.
    fn width(&self) -> usize {
        match self.target {
            Target::Classes { .. } => self.outputs,
            Target::Numbers(_) => 2,
        }
    }

    fn add(&self, sums: &mut [f64], row: usize) {
        match self.target {
            Target::Classes { labels, .. } => sums[labels[row]] += 1.0,
            Target::Numbers(values) => {
                sums[0] += 1.0;
                sums[1] += values[row];
            }
        }
    }

    fn count(&self, sums: &[f64]) -> f64 {
        match self.target {
            Target::Classes { .. } => sums.iter().sum(),
            Target::Numbers(_) => sums[0],
        }
    }

    /// How pure rows with such sums are, times how many they are: Gini for classes, variance for
    /// numbers, each without what is the same for every division.
    fn purity(&self, sums: &[f64]) -> f64 {
        let count = self.count(sums);
        if count == 0.0 {
            return 0.0;
        }
        match self.target {
            Target::Classes { .. } => sums.iter().map(|c| c * c).sum::<f64>() / count,
            Target::Numbers(_) => sums[1] * sums[1] / count,
        }
    }

    fn grow(&mut self, rows: &mut [usize], depth: usize) {
        let node = self.tree.feature.len();
        let width = self.width();
        let mut whole = vec![0.0; width];
        rows.iter().for_each(|row| self.add(&mut whole, *row));
        self.tree.feature.push(LEAF);
        self.tree.split.push(0.0);
        self.tree.right.push((self.tree.leaves.len() / self.outputs) as u32);
        let best = if depth == 0 || rows.len() < 2 * self.leaf { None } else { self.divide(rows, &whole) };
        let Some((col, bin)) = best else {
            let count = self.count(&whole).max(1.0);
            match self.target {
                Target::Classes { .. } => self.tree.leaves.extend(whole.iter().map(|c| c / count)),
                Target::Numbers(_) => self.tree.leaves.push(whole[1] / count),
            }
            return;
        };
        let column = self.binned.column(col);
        let mut border = 0;
        for i in 0..rows.len() {
            if usize::from(column[rows[i]]) <= bin {
                rows.swap(i, border);
                border += 1;
            }
        }
        self.tree.feature[node] = col as u16;
        self.tree.split[node] = self.binned.edges[col][bin];
        let (below, above) = rows.split_at_mut(border);
        self.grow(below, depth - 1);
        self.tree.right[node] = self.tree.feature.len() as u32;
        self.grow(above, depth - 1);
    }

    /// The division that leaves both sides purest: a column, and its last bin on the left.
    fn divide(&mut self, rows: &[usize], whole: &[f64]) -> Option<(usize, usize)> {
        let width = self.width();
        let mut order = std::mem::take(&mut self.order);
        order.shuffle(&mut self.random);
        let before = self.purity(whole);
        let mut best: Option<(f64, usize, usize)> = None;
        for (looked, &col) in order.iter().enumerate() {
            // Beyond the allowed number only until one divides at all.
            if looked >= self.tried && best.is_some() {
                break;
            }
            let edges = self.binned.edges[col].len();
            if edges == 0 {
                continue;
            }
            let mut sums = std::mem::take(&mut self.sums);
            sums.clear();
            sums.resize((edges + 1) * width, 0.0);
            let column = self.binned.column(col);
            for &row in rows {
                let at = usize::from(column[row]) * width;
                self.add(&mut sums[at..at + width], row);
            }
            let mut left = vec![0.0; width];
            for bin in 0..edges {
                let here = &sums[bin * width..(bin + 1) * width];
                if self.count(here) == 0.0 {
                    continue;
                }
                left.iter_mut().zip(here).for_each(|(sum, value)| *sum += value);
                let right: Vec<f64> = whole.iter().zip(&left).map(|(all, part)| all - part).collect();
                let least = self.leaf as f64;
                if self.count(&left) < least || self.count(&right) < least {
                    continue;
                }
                let gain = self.purity(&left) + self.purity(&right) - before;
                if gain > before.abs() * 1e-9 && best.is_none_or(|(most, ..)| gain > most) {
                    best = Some((gain, col, bin));
                }
            }
            self.sums = sums;
        }
        self.order = order;
        best.map(|(_, col, bin)| (col, bin))
    }
}

impl Trees {
    /// Grows one tree on all rows, or a forest on samples of them.
    pub(crate) fn learn(
        rows: &Matrix,
        target: &Target,
        settings: &Settings,
        keep: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Self> {
        let n = rows.rows();
        let is_forest = matches!(settings.kind, ModelKind::ClassificationForest | ModelKind::RegressionForest);
        let count = if is_forest { settings.count("trees") } else { 1 };
        let outputs = target.outputs();
        let tried = match target {
            _ if !is_forest => rows.cols,
            Target::Classes { .. } => (rows.cols as f64).sqrt().ceil() as usize,
            Target::Numbers(_) => rows.cols.div_ceil(3),
        };
        let leaf = settings.count("leaf").max(n * count / MOST_LEAVES).max(1);
        let binned = Binned::of(rows);
        // Around their mean, so that it makes no difference how large numbers are.
        let (middle, centred) = match target {
            Target::Classes { .. } => (0.0, None),
            Target::Numbers(values) => {
                let mean = values.iter().sum::<f64>() / n.max(1) as f64;
                (mean, Some(Target::Numbers(values.iter().map(|v| v - mean).collect())))
            }
        };
        let target = centred.as_ref().unwrap_or(target);
        let mut random = StdRng::seed_from_u64(settings.seed);
        let mut trees = Vec::with_capacity(count);
        for done in 0..count {
            if !keep(done as f64 / count as f64) {
                return Err(cancelled());
            }
            let mut sample: Vec<usize> =
                if is_forest { (0..n).map(|_| random.random_range(0..n)).collect() } else { (0..n).collect() };
            let mut grower = Grower {
                binned: &binned,
                target,
                outputs,
                leaf,
                tried: tried.max(1),
                random: StdRng::seed_from_u64(random.random()),
                tree: Tree::default(),
                sums: Vec::new(),
                order: (0..rows.cols).collect(),
            };
            grower.grow(&mut sample, settings.count("depth"));
            grower.tree.leaves.iter_mut().for_each(|leaf| *leaf += middle);
            trees.push(grower.tree);
        }
        Ok(Self { outputs, trees })
    }

    /// The mean of what the trees say.
    pub(crate) fn predict(&self, row: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.outputs];
        for tree in &self.trees {
            let leaf = tree.leaf(row) * self.outputs;
            sums.iter_mut().zip(&tree.leaves[leaf..]).for_each(|(sum, value)| *sum += value);
        }
        sums.iter_mut().for_each(|sum| *sum /= self.trees.len().max(1) as f64);
        sums
    }

    pub(crate) fn check(&self, width: usize, outputs: usize, is_class: bool) -> bool {
        self.outputs == outputs
            && (1..=MOST_TREES).contains(&self.trees.len())
            && self.trees.iter().all(|tree| tree.check(width, outputs, is_class))
    }
}

impl Tree {
    fn leaf(&self, row: &[f64]) -> usize {
        let mut node = 0;
        while self.feature[node] != LEAF {
            let is_left = row[self.feature[node] as usize] < self.split[node];
            node = if is_left { node + 1 } else { self.right[node] as usize };
        }
        self.right[node] as usize
    }

    /// Every branch leads further on and ends in a leaf that is there.
    fn check(&self, width: usize, outputs: usize, is_class: bool) -> bool {
        let nodes = self.feature.len();
        let leaves = self.leaves.len() / outputs;
        let range = if is_class { 0.0..=1.0 } else { f64::MIN..=f64::MAX };
        nodes > 0
            && self.split.len() == nodes
            && self.right.len() == nodes
            && self.leaves.len() == leaves * outputs
            && self.split.iter().all(|split| split.is_finite())
            && self.leaves.iter().all(|value| range.contains(value))
            && (0..nodes).all(|i| {
                let right = self.right[i] as usize;
                if self.feature[i] == LEAF {
                    right < leaves
                } else {
                    (self.feature[i] as usize) < width && (i + 2..nodes).contains(&right)
                }
            })
    }
}
