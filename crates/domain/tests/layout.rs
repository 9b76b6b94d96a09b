//! The grid, by examples of how it feels.

mod grid;

use domain::document::MAX_TILES;
use domain::layout::*;
use grid::{assert_settled, at, item};

/// Two columns of two tiles.
fn square() -> Vec<Item> {
    vec![item("a", 0, 0, 6, 2), item("b", 6, 0, 6, 2), item("c", 0, 2, 6, 2), item("d", 6, 2, 6, 2)]
}

#[test]
fn a_tile_changes_places_with_the_one_below_once_it_has_left_room_for_it() {
    let before = square();
    assert_eq!(move_by(&before, &["a"], 0, 1), before, "not far enough: it falls back");
    let after = move_by(&before, &["a"], 0, 2);
    assert_eq!((at(&after, "c").y, at(&after, "a").y), (0, 2));
    assert_eq!((at(&after, "b"), at(&after, "d")), (at(&before, "b"), at(&before, "d")));
}

#[test]
fn a_tile_moved_up_pushes_the_one_above_down() {
    let after = move_by(&square(), &["c"], 0, -1);
    assert_eq!((at(&after, "c").y, at(&after, "a").y), (0, 2));
}

#[test]
fn a_tile_moved_sideways_pushes_down_what_it_meets_and_what_that_meets() {
    let after = move_by(&square(), &["a"], 3, 0);
    assert_settled(&after);
    assert_eq!(at(&after, "a"), Position { x: 3, y: 0, w: 6, h: 2 });
    assert_eq!((at(&after, "b").y, at(&after, "c").y, at(&after, "d").y), (2, 2, 4));
}

#[test]
fn a_group_moves_together_and_stops_at_the_edge() {
    let after = move_by(&square(), &["a", "c"], 99, -99);
    assert_eq!((at(&after, "a").x, at(&after, "c").x), (6, 6));
    assert_eq!((at(&after, "a").y, at(&after, "c").y), (0, 2));
    assert_eq!((at(&after, "b").y, at(&after, "d").y), (4, 6));
}

#[test]
fn extreme_moves_and_sizes_are_brought_onto_the_grid() {
    for (dx, dy) in [(i32::MIN, i32::MIN), (i32::MAX, i32::MAX), (i32::MIN, i32::MAX)] {
        assert_settled(&move_by(&square(), &["b"], dx, dy));
        assert_settled(&move_to(&square(), &["b"], dx, dy));
    }
    let huge = [item("a", u32::MAX, u32::MAX, u32::MAX, u32::MAX), item("b", 0, 0, 0, 0), item("c", 11, 7, 5, 1)];
    assert_settled(&compact(&huge));
    assert_eq!(at(&normalise(&huge), "c").x, 7);
    assert_eq!(at(&resize(&square(), "a", 0, 0), "a"), Position { x: 0, y: 0, w: 1, h: 1 });
    assert_eq!(at(&resize(&square(), "b", 99, 99), "b"), Position { x: 6, y: 0, w: 6, h: MAX_HEIGHT });
    assert!(place(&huge, u32::MAX, u32::MAX).is_on_grid());
}

#[test]
fn unknown_tiles_and_empty_layouts_change_nothing() {
    assert_eq!(move_by(&square(), &["zz"], 3, 3), square());
    assert_eq!(move_to(&square(), &[], 3, 3), square());
    assert_eq!(resize(&square(), "zz", 3, 3), square());
    assert!(move_by(&[], &["a"], 1, 1).is_empty() && compact(&[]).is_empty() && view(&[]).is_empty());
    assert_eq!(height(&[]), 0);
    assert_eq!(place(&[], 4, 3), Position { x: 0, y: 0, w: 4, h: 3 });
    assert_eq!(paste(&square(), &[]), square());
}

#[test]
fn the_first_named_tile_of_a_group_goes_to_the_target() {
    let after = move_to(&square(), &["b", "d"], 0, 0);
    assert_eq!((at(&after, "b").x, at(&after, "d").x), (0, 0));
    assert_eq!((at(&after, "a").y, at(&after, "c").y), (4, 6));
}

#[test]
fn a_growing_tile_pushes_its_neighbours_down() {
    let wider = resize(&square(), "a", 8, 2);
    assert_eq!((at(&wider, "b").y, at(&wider, "c").y, at(&wider, "d").y), (2, 2, 4));
    let taller = resize(&square(), "a", 6, 5);
    assert_eq!((at(&taller, "c").y, at(&taller, "d").y), (5, 2));
}

#[test]
fn one_press_of_an_arrow_is_enough_to_pass_a_neighbour() {
    let tall = [item("a", 0, 0, 6, 2), item("b", 0, 2, 6, 7), item("c", 0, 9, 6, 1)];
    let down = nudge(&tall, &["a"], Direction::Down);
    assert_eq!((at(&down, "b").y, at(&down, "a").y, at(&down, "c").y), (0, 7, 9));
    assert_eq!(nudge(&down, &["a"], Direction::Up), tall);
    assert_eq!(at(&nudge(&tall, &["b"], Direction::Right), "b").x, 1);
    assert_eq!(nudge(&tall, &["a"], Direction::Left), tall, "at the edge");
    assert_eq!(nudge(&tall, &["c"], Direction::Down), tall, "at the bottom");
}

#[test]
fn a_new_tile_takes_the_first_gap() {
    let gap = [item("a", 0, 0, 4, 2), item("b", 8, 0, 4, 2), item("c", 0, 2, 12, 1)];
    assert_eq!(place(&gap, 4, 2), Position { x: 4, y: 0, w: 4, h: 2 });
    assert_eq!(place(&gap, 5, 1), Position { x: 0, y: 3, w: 5, h: 1 });
}

#[test]
fn pasted_tiles_keep_their_arrangement() {
    let group = [item("x", 6, 9, 3, 2), item("y", 9, 9, 3, 2), item("z", 6, 11, 6, 1)];
    let after = paste(&square(), &group);
    assert_settled(&after);
    assert_eq!(after[..4], square());
    assert_eq!(at(&after, "x"), Position { x: 0, y: 4, w: 3, h: 2 });
    assert_eq!(at(&after, "y"), Position { x: 3, y: 4, w: 3, h: 2 });
    assert_eq!(at(&after, "z"), Position { x: 0, y: 6, w: 6, h: 1 });
}

#[test]
fn a_phone_shows_rows_from_left_to_right() {
    let order: Vec<_> = one_column(&square().into_iter().rev().collect::<Vec<_>>());
    assert_eq!(order, ["a", "b", "c", "d"].map(|id| (id.to_owned(), 2)));
}

#[test]
fn the_tallest_dashboard_fits_the_grid() {
    let tower: Vec<Item> = (0..MAX_TILES).map(|i| item(&format!("t{i:03}"), 0, 0, COLUMNS, MAX_HEIGHT)).collect();
    assert_settled(&compact(&tower));
}

#[test]
fn two_hundred_tiles_stay_fast() {
    let items: Vec<Item> =
        (0..200).map(|i| item(&format!("t{i}"), (i * 5) % 12, i / 3, 1 + i % 6, 1 + (i * 7) % 9)).collect();
    let items = compact(&items);
    let start = std::time::Instant::now();
    for i in 0..100 {
        move_by(&items, &[&items[i].id, &items[199 - i].id], 3, 5 - (i as i32 % 11));
    }
    // Unoptimised and on a busy machine; the bench has the real number.
    assert!(start.elapsed().as_millis() < 2_000, "100 moves took {:?}", start.elapsed());
}
