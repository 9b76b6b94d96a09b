//! How long one frame of a drag takes: the median of many moves among 60 tiles, in microseconds.
//! `cargo bench -p domain --bench layout`

use domain::layout::{Item, Position, compact, move_by, move_to};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 2_000;

fn tiles(count: u32) -> Vec<Item> {
    let tile = |i: u32| {
        let position = Position { x: (i * 5) % 12, y: i / 3, w: 2 + i % 5, h: 2 + (i * 7) % 5 };
        Item::new(format!("0193b3c0-7a1e-7cc0-8d5b-{i:012}"), position)
    };
    compact(&(0..count).map(tile).collect::<Vec<_>>())
}

/// The median time of `run` in microseconds.
fn median(mut run: impl FnMut(usize)) -> f64 {
    let mut times: Vec<u128> = (0..ROUNDS)
        .map(|round| {
            let start = Instant::now();
            run(round);
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2] as f64 / 1_000.0
}

fn main() {
    for count in [60, 200] {
        let items = tiles(count);
        let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
        let one = median(|round| {
            let (x, y) = ((round % 12) as i32, (round % 40) as i32);
            black_box(move_to(black_box(&items), &[ids[round % ids.len()]], x, y));
        });
        let ten = median(|round| {
            black_box(move_by(black_box(&items), &ids[..10], (round % 12) as i32, (round % 40) as i32));
        });
        println!("move_to, {count} tiles: {one:.1} µs; ten at once: {ten:.1} µs");
    }
}
