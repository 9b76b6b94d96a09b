//! Where nodes lie: on a circle, or pulled together by their links and pushed apart by each other.
//!
//! ECharts has a force layout too; it compares every pair of nodes in every frame on the page's
//! thread, which stops the page at some hundred nodes. Here each node feels only those near it, found
//! by a grid, and begins where its community is.

use super::{Edge, neighbours};
use std::f64::consts::{PI, TAU};

pub(crate) type Place = [f64; 2];

/// The angle between one seed of a sunflower and the next: it fills a disc evenly.
const GOLDEN: f64 = 2.399_963_229_728_653;

/// Nodes on a circle, in this order.
pub(crate) fn circle(order: &[usize]) -> Vec<Place> {
    let mut at = vec![[0.0; 2]; order.len()];
    for (i, node) in order.iter().enumerate() {
        let (sin, cos) = (i as f64 / order.len() as f64 * TAU - PI / 2.0).sin_cos();
        at[*node] = [cos * 100.0, sin * 100.0];
    }
    at
}

/// Nodes where their links pull them.
pub(crate) fn spread(nodes: usize, edges: &[Edge], community: &[usize]) -> Vec<Place> {
    let near = neighbours(nodes, edges);
    let mut at = begin(nodes, community);
    // The distance nodes like to have: a unit of area for each.
    let ideal = 1.0;
    let reach = 3.0 * ideal;
    let turns = if nodes > 2000 {
        40
    } else if nodes > 500 {
        80
    } else {
        160
    };
    let mut heat = (nodes as f64).sqrt() * 0.12;
    let cool = (0.02 / heat.max(0.03)).powf(1.0 / f64::from(turns));
    let mut force = vec![[0.0; 2]; nodes];
    for _ in 0..turns {
        force.iter_mut().for_each(|f| *f = [0.0; 2]);
        push(&at, reach, ideal, &mut force);
        for (node, list) in near.iter().enumerate() {
            // A hub must not be torn by its many links.
            let calm = 1.0 / (1.0 + list.len() as f64).sqrt();
            for (next, _) in list {
                let (dx, dy) = (at[*next][0] - at[node][0], at[*next][1] - at[node][1]);
                let far = dx.hypot(dy);
                force[node][0] += dx * far / ideal * 0.25 * calm;
                force[node][1] += dy * far / ideal * 0.25 * calm;
            }
            // What is not linked must not drift away.
            force[node][0] -= at[node][0] * 0.03;
            force[node][1] -= at[node][1] * 0.03;
        }
        for (place, f) in at.iter_mut().zip(&force) {
            let strong = f[0].hypot(f[1]).max(1e-9);
            let step = strong.min(heat) / strong;
            place[0] += f[0] * step;
            place[1] += f[1] * step;
        }
        heat *= cool;
    }
    at
}

/// Communities as discs beside each other, the largest in the middle; their members within.
fn begin(nodes: usize, community: &[usize]) -> Vec<Place> {
    let count = community.iter().max().map_or(0, |m| m + 1);
    let mut size = vec![0_usize; count];
    community.iter().for_each(|c| size[*c] += 1);
    let mut covered = 0.0;
    let middle: Vec<Place> = (0..count)
        .map(|c| {
            covered += size[c] as f64 / 2.0;
            let (sin, cos) = (c as f64 * GOLDEN).sin_cos();
            let far = if c == 0 { 0.0 } else { (covered * 1.3_f64).sqrt() * 1.1 };
            covered += size[c] as f64 / 2.0;
            [cos * far, sin * far]
        })
        .collect();
    let mut placed = vec![0_usize; count];
    (0..nodes)
        .map(|node| {
            let c = community.get(node).copied().unwrap_or(0);
            let nth = placed.get_mut(c).map_or(node, |p| std::mem::replace(p, *p + 1));
            let (sin, cos) = (nth as f64 * GOLDEN).sin_cos();
            let far = (nth as f64 + 0.5).sqrt() * 0.5;
            let [x, y] = middle.get(c).copied().unwrap_or_default();
            [x + cos * far, y + sin * far]
        })
        .collect()
}

/// Pushes nodes apart that are nearer than `reach`: a grid of such cells finds them.
fn push(at: &[Place], reach: f64, ideal: f64, force: &mut [Place]) {
    let low = at.iter().fold([f64::MAX; 2], |l, p| [l[0].min(p[0]), l[1].min(p[1])]);
    let high = at.iter().fold([f64::MIN; 2], |h, p| [h[0].max(p[0]), h[1].max(p[1])]);
    // No finer than some hundred cells across: what is far out may be very far.
    let cell = reach.max((high[0] - low[0]).max(high[1] - low[1]) / 300.0).max(1e-9);
    let column = |p: &Place, axis: usize| ((p[axis] - low[axis]) / cell) as usize;
    let width = at.iter().map(|p| column(p, 0)).max().unwrap_or(0) + 1;
    let height = at.iter().map(|p| column(p, 1)).max().unwrap_or(0) + 1;
    let mut cells: Vec<Vec<usize>> = vec![Vec::new(); width * height];
    for (node, p) in at.iter().enumerate() {
        cells[column(p, 1) * width + column(p, 0)].push(node);
    }
    for (node, p) in at.iter().enumerate() {
        let (cx, cy) = (column(p, 0), column(p, 1));
        for y in cy.saturating_sub(1)..=(cy + 1).min(height - 1) {
            for x in cx.saturating_sub(1)..=(cx + 1).min(width - 1) {
                // In a crowd the first hundred stand for all.
                for other in cells[y * width + x].iter().take(100) {
                    let (dx, dy) = (p[0] - at[*other][0], p[1] - at[*other][1]);
                    let square = dx * dx + dy * dy;
                    if *other != node && square < reach * reach {
                        let strength = ideal * ideal / square.max(0.01);
                        force[node][0] += dx * strength;
                        force[node][1] += dy * strength;
                    }
                }
            }
        }
    }
}
