//! Who belongs together (Blondel and others, 2008): nodes move to the community of a neighbour while
//! that makes links inside communities more frequent than chance would; then communities become
//! nodes, and it begins again.

use super::{Edge, neighbours};
use std::collections::HashMap;

/// Passes over all nodes, and levels of communities, at most.
const PASSES: usize = 12;
const LEVELS: usize = 8;

/// The community of each node; 0 is the largest. A node without links is one of its own.
pub fn communities(nodes: usize, edges: &[Edge]) -> Vec<usize> {
    let mut near = neighbours(nodes, edges);
    let mut loops = vec![0.0; nodes];
    let mut member: Vec<usize> = (0..nodes).collect();
    for _ in 0..LEVELS {
        let (found, count) = one_level(&near, &loops);
        let done = count == near.len();
        member.iter_mut().for_each(|m| *m = found[*m]);
        if done {
            break;
        }
        (near, loops) = gather(&near, &loops, &found, count);
    }
    by_size(&member)
}

/// Moves nodes until none gains, and numbers the communities from 0.
fn one_level(near: &[Vec<(usize, f64)>], loops: &[f64]) -> (Vec<usize>, usize) {
    let n = near.len();
    let degree: Vec<f64> = near.iter().zip(loops).map(|(l, own)| l.iter().map(|(_, w)| w).sum::<f64>() + own).collect();
    let all: f64 = degree.iter().sum();
    let mut of: Vec<usize> = (0..n).collect();
    let mut total = degree.clone();
    let mut weight = vec![0.0; n];
    for _ in 0..PASSES {
        let mut moved = false;
        for node in 0..n {
            if all <= 0.0 || near[node].is_empty() {
                continue;
            }
            for (next, w) in &near[node] {
                weight[of[*next]] += w;
            }
            let home = of[node];
            total[home] -= degree[node];
            let gain = |c: usize| weight[c] - total[c] * degree[node] / all;
            let mut best = (home, gain(home));
            for (next, _) in &near[node] {
                let there = (of[*next], gain(of[*next]));
                // A little more, so that rounding moves nobody to and fro.
                if there.1 > best.1 + 1e-9 {
                    best = there;
                }
            }
            for (next, _) in &near[node] {
                weight[of[*next]] = 0.0;
            }
            total[best.0] += degree[node];
            moved |= best.0 != home;
            of[node] = best.0;
        }
        if !moved {
            break;
        }
    }
    let mut number = vec![usize::MAX; n];
    let mut count = 0;
    for community in &mut of {
        if number[*community] == usize::MAX {
            number[*community] = count;
            count += 1;
        }
        *community = number[*community];
    }
    (of, count)
}

type Graph = (Vec<Vec<(usize, f64)>>, Vec<f64>);

/// The graph of communities: links within one become its loop.
fn gather(near: &[Vec<(usize, f64)>], loops: &[f64], of: &[usize], count: usize) -> Graph {
    let mut own = vec![0.0; count];
    let mut between: Vec<HashMap<usize, f64>> = vec![HashMap::new(); count];
    for (node, list) in near.iter().enumerate() {
        own[of[node]] += loops[node];
        for (next, w) in list {
            if of[*next] == of[node] {
                own[of[node]] += w;
            } else {
                *between[of[node]].entry(of[*next]).or_insert(0.0) += w;
            }
        }
    }
    let sorted = |links: HashMap<usize, f64>| {
        let mut list: Vec<(usize, f64)> = links.into_iter().collect();
        list.sort_by_key(|(node, _)| *node);
        list
    };
    (between.into_iter().map(sorted).collect(), own)
}

/// Numbers them by size, ties by who comes first.
fn by_size(member: &[usize]) -> Vec<usize> {
    let count = member.iter().max().map_or(0, |m| m + 1);
    let mut size = vec![0_usize; count];
    member.iter().for_each(|m| size[*m] += 1);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| size[*b].cmp(&size[*a]).then(a.cmp(b)));
    let mut rank = vec![0; count];
    order.into_iter().enumerate().for_each(|(r, c)| rank[c] = r);
    member.iter().map(|m| rank[*m]).collect()
}
