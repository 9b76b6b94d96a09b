//! From rows to who goes with whom: flows and networks.

use crate::drawing::Drawing;
use crate::pivot::{number, series_label};
use std::collections::HashMap;

/// Nodes by name, and weighted links between them, in the order of the answer.
#[derive(Debug, Default)]
pub(crate) struct Links {
    pub(crate) names: Vec<String>,
    /// Which level a node stands on; 0 for all where names are the same on both sides.
    pub(crate) level: Vec<usize>,
    pub(crate) links: Vec<(usize, usize, f64)>,
    /// Rows without both ends, or with a weight that is none.
    pub(crate) lost: usize,
}

impl Links {
    /// Links between each group and the next. With two groups a name is one node wherever it
    /// stands; with more, each level has nodes of its own.
    pub(crate) fn of(drawing: &Drawing<'_>, levelled: bool) -> Self {
        let table = drawing.table;
        let levels = drawing.roles.levels(&table.columns);
        let own_level = levelled && levels.len() > 2;
        let used = if levelled { levels.len() } else { levels.len().min(2) };
        let y = drawing.roles.y.first().copied();
        let mut links = Self::default();
        let mut nodes: HashMap<(usize, String), usize> = HashMap::new();
        let mut at: HashMap<(usize, usize), usize> = HashMap::new();
        for row in 0..table.row_count() {
            let weight = y.map_or(Some(1.0), |y| number(&table.data[y][row]));
            let Some(weight) = weight.filter(|w| *w > 0.0) else {
                links.lost += 1;
                continue;
            };
            for (step, pair) in levels[..used].windows(2).enumerate() {
                let mut node = |column: usize, level: usize| {
                    let cell = &table.data[column][row];
                    if cell.is_null() {
                        return None;
                    }
                    let name = series_label(cell, drawing.field(column));
                    let level = if own_level { level } else { 0 };
                    Some(*nodes.entry((level, name)).or_insert_with_key(|(level, name)| {
                        links.names.push(name.clone());
                        links.level.push(*level);
                        links.names.len() - 1
                    }))
                };
                let (Some(a), Some(b)) = (node(pair[0], step), node(pair[1], step + 1)) else {
                    links.lost += 1;
                    continue;
                };
                let next = links.links.len();
                let link = *at.entry((a, b)).or_insert(next);
                if link == next {
                    links.links.push((a, b, 0.0));
                }
                links.links[link].2 += weight;
            }
        }
        links
    }

    /// What passes through each node: the larger of what comes and what goes.
    pub(crate) fn sizes(&self) -> Vec<f64> {
        let mut both = vec![(0.0, 0.0); self.names.len()];
        for (a, b, weight) in &self.links {
            both[*a].0 += weight;
            both[*b].1 += weight;
        }
        both.into_iter().map(|(out, into): (f64, f64)| out.max(into)).collect()
    }

    /// Keeps the nodes that `keep` says, and the links between them.
    pub(crate) fn keep(&mut self, keep: &[bool]) {
        let mut now = vec![usize::MAX; keep.len()];
        let mut next = 0;
        for (i, kept) in keep.iter().enumerate() {
            if *kept {
                now[i] = next;
                next += 1;
            }
        }
        let mut i = 0;
        self.names.retain(|_| {
            i += 1;
            keep[i - 1]
        });
        i = 0;
        self.level.retain(|_| {
            i += 1;
            keep[i - 1]
        });
        self.links.retain(|(a, b, _)| keep[*a] && keep[*b]);
        for link in &mut self.links {
            (link.0, link.1) = (now[link.0], now[link.1]);
        }
    }

    /// Takes out the links that lead back to where a path came from: a flow has one direction.
    /// Largest links stay. Says how many went.
    pub(crate) fn break_cycles(&mut self) -> usize {
        let before = self.links.len();
        let mut order: Vec<usize> = (0..before).collect();
        order.sort_by(|a, b| self.links[*b].2.total_cmp(&self.links[*a].2));
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); self.names.len()];
        let mut kept = vec![false; before];
        let mut seen = vec![0_usize; self.names.len()];
        for (turn, i) in order.into_iter().enumerate() {
            let (from, to, _) = self.links[i];
            // Would this link close a circle: can one come from its end to its start?
            let mut open = vec![to];
            let mut closes = from == to;
            while let Some(node) = open.pop() {
                if node == from {
                    closes = true;
                    break;
                }
                if std::mem::replace(&mut seen[node], turn + 1) != turn + 1 {
                    open.extend(&next[node]);
                }
            }
            if !closes {
                kept[i] = true;
                next[from].push(to);
            }
        }
        let mut i = 0;
        self.links.retain(|_| {
            i += 1;
            kept[i - 1]
        });
        before - self.links.len()
    }
}
