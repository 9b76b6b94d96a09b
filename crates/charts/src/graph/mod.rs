//! Graphs as numbers: who is central, who belongs together, and where to draw them. Pure and
//! deterministic: the same links give the same answer anywhere.

mod communities;
mod layout;

pub use communities::communities;
pub(crate) use layout::{circle, spread};

use std::collections::VecDeque;

/// A weighted link between two nodes, by position.
pub type Edge = (usize, usize, f64);

/// What is known of each node, by position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// Links of a node; one to itself does not count.
    pub degree: Vec<usize>,
    /// The sum of their weights.
    pub strength: Vec<f64>,
    /// How many shortest ways lead over a node, 0 to 1. Estimated from [`SOURCES`] nodes in large graphs.
    pub betweenness: Vec<f64>,
    /// Which community: 0 is the largest.
    pub community: Vec<usize>,
    pub communities: usize,
    /// Betweenness was estimated.
    pub estimated: bool,
}

/// Betweenness looks from at most so many nodes; beyond that it would take minutes.
pub const SOURCES: usize = 256;

/// Degree, betweenness and communities of a graph without directions.
pub fn analyse(nodes: usize, edges: &[Edge]) -> Analysis {
    let near = neighbours(nodes, edges);
    let degree: Vec<usize> = near.iter().map(Vec::len).collect();
    let strength = near.iter().map(|n| n.iter().map(|(_, w)| w).sum()).collect();
    let community = communities(nodes, edges);
    let communities = community.iter().max().map_or(0, |m| m + 1);
    let (betweenness, estimated) = betweenness(&near);
    Analysis { degree, strength, betweenness, community, communities, estimated }
}

/// Every node's neighbours with their weights, links of the same pair joined.
pub(crate) fn neighbours(nodes: usize, edges: &[Edge]) -> Vec<Vec<(usize, f64)>> {
    let mut near: Vec<Vec<(usize, f64)>> = vec![Vec::new(); nodes];
    for (a, b, weight) in edges {
        if a != b && *a < nodes && *b < nodes && weight.is_finite() && *weight > 0.0 {
            near[*a].push((*b, *weight));
            near[*b].push((*a, *weight));
        }
    }
    for list in &mut near {
        list.sort_by_key(|(node, _)| *node);
        list.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
    }
    near
}

/// Brandes' algorithm without weights, from all nodes or from some spread evenly.
fn betweenness(near: &[Vec<(usize, f64)>]) -> (Vec<f64>, bool) {
    let n = near.len();
    let mut score = vec![0.0; n];
    let step = n.div_ceil(SOURCES).max(1);
    let (mut distance, mut ways, mut share) = (vec![usize::MAX; n], vec![0.0_f64; n], vec![0.0_f64; n]);
    let mut order = Vec::with_capacity(n);
    let mut queue = VecDeque::new();
    for source in (0..n).step_by(step) {
        distance.fill(usize::MAX);
        ways.fill(0.0);
        share.fill(0.0);
        order.clear();
        (distance[source], ways[source]) = (0, 1.0);
        queue.push_back(source);
        while let Some(node) = queue.pop_front() {
            order.push(node);
            for (next, _) in &near[node] {
                if distance[*next] == usize::MAX {
                    distance[*next] = distance[node] + 1;
                    queue.push_back(*next);
                }
                if distance[*next] == distance[node] + 1 {
                    ways[*next] += ways[node];
                }
            }
        }
        for node in order.iter().rev() {
            for (before, _) in &near[*node] {
                if distance[*before] != usize::MAX && distance[*before] + 1 == distance[*node] {
                    share[*before] += ways[*before] / ways[*node] * (1.0 + share[*node]);
                }
            }
            if *node != source {
                score[*node] += share[*node];
            }
        }
    }
    // As a part of all pairs of other nodes, each seen from both of its ends.
    let pairs = (n.saturating_sub(1) * n.saturating_sub(2)) as f64;
    let scale = if pairs > 0.0 { step as f64 / pairs } else { 0.0 };
    score.iter_mut().for_each(|s| *s = (*s * scale).min(1.0));
    (score, step > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_path_is_central() {
        let a = analyse(5, &[(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 4, 1.0)]);
        assert_eq!(a.degree, [1, 2, 2, 2, 1]);
        // Of the six pairs of others, 3 pass over the second node and 4 over the middle one.
        assert_eq!(a.betweenness, [0.0, 0.5, 4.0 / 6.0, 0.5, 0.0]);
        assert!(!a.estimated);
    }

    #[test]
    fn odd_links_do_no_harm() {
        let a = analyse(3, &[(0, 0, 1.0), (0, 9, 1.0), (0, 1, f64::NAN), (1, 2, -1.0), (0, 1, 2.0), (1, 0, 3.0)]);
        assert_eq!(a.degree, [1, 1, 0]);
        assert_eq!(a.strength, [5.0, 5.0, 0.0]);
        assert_eq!(analyse(0, &[]), Analysis::default());
    }

    #[test]
    fn two_cliques_are_two_communities() {
        let clique = |from: usize| (from..from + 5).flat_map(move |a| (a + 1..from + 5).map(move |b| (a, b, 1.0)));
        let edges: Vec<Edge> = clique(0).chain(clique(5)).chain([(0, 5, 1.0)]).collect();
        let a = analyse(10, &edges);
        assert_eq!(a.communities, 2);
        assert!((1..5).all(|i| a.community[i] == a.community[0]));
        assert!((6..10).all(|i| a.community[i] == a.community[5]));
        assert_ne!(a.community[0], a.community[5]);
        assert!(a.betweenness[0] > a.betweenness[1]);
    }

    #[test]
    fn five_thousand_nodes_are_quick_and_have_places() {
        let edges: Vec<Edge> = (0..12_000).map(|i| ((i * 7919) % 5000, (i * 104_729 + i / 3) % 5000, 1.0)).collect();
        let a = analyse(5000, &edges);
        assert!(a.estimated && a.betweenness.iter().all(|b| (0.0..=1.0).contains(b)));
        let at = spread(5000, &edges, &a.community);
        assert!(at.len() == 5000 && at.iter().flatten().all(|x| x.is_finite()));
    }
}
