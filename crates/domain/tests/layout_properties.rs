//! The grid, by properties that hold for any layout.

#![allow(clippy::unwrap_used)]

mod grid;

use domain::layout::*;
use grid::{assert_settled, at, item};
use proptest::prelude::*;

/// Up to 24 tiles anywhere, off the grid and over each other.
fn any_layout() -> impl Strategy<Value = Vec<Item>> {
    prop::collection::vec((0..15u32, 0..30u32, 0..14u32, 0..9u32), 0..24).prop_map(|places| {
        places.into_iter().enumerate().map(|(i, (x, y, w, h))| item(&format!("t{i:02}"), x, y, w, h)).collect()
    })
}

fn ids_of(items: &[Item], picks: &[usize]) -> Vec<String> {
    picks.iter().filter_map(|i| items.get(*i)).map(|i| i.id.clone()).collect()
}

proptest! {
    #[test]
    fn compacting_settles_once_and_for_all(items in any_layout()) {
        let once = compact(&items);
        assert_settled(&once);
        prop_assert_eq!(compact(&once), once);
    }

    #[test]
    fn compacting_keeps_sizes_columns_and_order(items in any_layout()) {
        let (before, after) = (normalise(&items), compact(&items));
        for (i, a) in before.iter().enumerate() {
            prop_assert_eq!(&a.id, &after[i].id);
            let (p, q) = (a.position, after[i].position);
            prop_assert_eq!((p.x, p.w, p.h), (q.x, q.w, q.h));
            for (j, b) in before.iter().enumerate() {
                let share = p.x < b.position.right() && b.position.x < p.right();
                if share && p.bottom() <= b.position.y {
                    prop_assert!(q.bottom() <= after[j].position.y, "{} came below {}", a.id, b.id);
                }
            }
        }
    }

    #[test]
    fn everybody_sees_the_same(items in any_layout(), seed in any::<prop::sample::Index>(), turn in 0..24usize) {
        let shown = view(&items);
        assert_settled(&shown);
        let mut shuffled = items.clone();
        shuffled.reverse();
        if !shuffled.is_empty() {
            let (n, i) = (shuffled.len(), seed.index(shuffled.len()));
            shuffled.rotate_left(turn % n);
            shuffled.swap(0, i);
        }
        prop_assert_eq!(view(&shuffled), shown.clone());
        prop_assert_eq!(view(&shown), shown, "what is shown is shown as it is");
    }

    #[test]
    fn a_move_keeps_the_layout_whole(
        items in any_layout(),
        picks in prop::collection::vec(0..24usize, 0..4),
        dx in -14..14i32,
        dy in -40..40i32,
    ) {
        let (before, ids) = (compact(&items), ids_of(&items, &picks));
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let after = move_by(&items, &ids, dx, dy);
        assert_settled(&after);
        let group = || before.iter().filter(|i| ids.contains(&i.id.as_str())).map(|i| i.position);
        let least = group().map(|p| p.x as i32).min().unwrap_or(0);
        let most = group().map(|p| p.right() as i32).max().unwrap_or(0);
        let step = dx.clamp(-least, COLUMNS as i32 - most);
        for (a, b) in before.iter().zip(&after) {
            prop_assert_eq!((&a.id, a.position.w, a.position.h), (&b.id, b.position.w, b.position.h));
            let moved = if ids.contains(&a.id.as_str()) { step } else { 0 };
            prop_assert_eq!(a.position.x as i32 + moved, b.position.x as i32, "columns of {}", a.id);
        }
    }

    #[test]
    fn no_move_at_all_changes_nothing(items in any_layout(), picks in prop::collection::vec(0..24usize, 0..4)) {
        let ids = ids_of(&items, &picks);
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        prop_assert_eq!(move_by(&items, &ids, 0, 0), compact(&items));
    }

    #[test]
    fn moving_back_restores_when_nobody_else_moved(
        items in any_layout(), pick in 0..24usize, dx in -12..12i32, dy in -9..9i32,
    ) {
        let before = compact(&items);
        let Some(id) = before.get(pick).map(|i| i.id.clone()) else { return Ok(()) };
        let after = move_by(&before, &[&id], dx, dy);
        if before.iter().zip(&after).all(|(a, b)| a == b || a.id == id) {
            let home = at(&before, &id);
            let back = move_to(&after, &[&id], home.x as i32, home.y as i32);
            prop_assert_eq!(back, before);
        }
    }

    #[test]
    fn the_others_keep_their_order_under_a_sideways_or_upward_move(
        items in any_layout(), pick in 0..24usize, dx in -12..12i32, dy in -20..1i32,
    ) {
        let before = compact(&items);
        let Some(id) = before.get(pick).map(|i| i.id.clone()) else { return Ok(()) };
        let after = move_by(&before, &[&id], dx, dy);
        for (i, a) in before.iter().enumerate().filter(|(_, a)| a.id != id) {
            for (j, b) in before.iter().enumerate().filter(|(_, b)| b.id != id) {
                let share = a.position.x < b.position.right() && b.position.x < a.position.right();
                if share && a.position.y < b.position.y {
                    prop_assert!(after[i].position.y < after[j].position.y, "{} came below {}", a.id, b.id);
                }
            }
        }
    }

    #[test]
    fn resizing_keeps_the_layout_whole(items in any_layout(), pick in 0..24usize, w in 0..20u32, h in 0..80u32) {
        let before = compact(&items);
        let Some(id) = before.get(pick).map(|i| i.id.clone()) else { return Ok(()) };
        let after = resize(&items, &id, w, h);
        assert_settled(&after);
        let (p, q) = (at(&before, &id), at(&after, &id));
        prop_assert_eq!(p.x, q.x);
        prop_assert!(if w >= p.w { p.y == q.y } else { p.y >= q.y }, "it rises when what it rested on is gone");
        prop_assert_eq!((w.clamp(1, COLUMNS - p.x), h.clamp(1, MAX_HEIGHT)), (q.w, q.h));
        prop_assert_eq!(resize(&before, &id, p.w, p.h), before);
    }

    #[test]
    fn a_new_tile_moves_nobody(items in any_layout(), w in 0..14u32, h in 0..9u32) {
        let mut all = compact(&items);
        let spot = place(&all, w, h);
        all.push(Item::new("new", spot));
        assert_settled(&all);
        prop_assert_eq!(compact(&all), all);
    }

    #[test]
    fn a_paste_moves_nobody(items in any_layout(), group in any_layout()) {
        let before = compact(&items);
        let group: Vec<Item> = group.into_iter().map(|i| Item::new(format!("new {}", i.id), i.position)).collect();
        let after = paste(&items, &group);
        assert_settled(&after);
        prop_assert_eq!(&after[..before.len()], &before[..]);
        prop_assert_eq!(after.len(), before.len() + group.len());
    }

    #[test]
    fn a_nudge_changes_something_or_nothing_can(items in any_layout(), pick in 0..24usize) {
        let before = compact(&items);
        let Some(id) = before.get(pick).map(|i| i.id.clone()) else { return Ok(()) };
        for direction in [Direction::Left, Direction::Right, Direction::Up, Direction::Down] {
            let after = nudge(&before, &[&id], direction);
            assert_settled(&after);
            if direction == Direction::Up && at(&before, &id).y > 0 {
                prop_assert_ne!(&after, &before);
            }
        }
    }

    #[test]
    fn a_phone_shows_every_tile_once(items in any_layout()) {
        let mut shown: Vec<String> = one_column(&items).into_iter().map(|(id, _)| id).collect();
        shown.sort();
        prop_assert_eq!(shown, items.iter().map(|i| i.id.clone()).collect::<Vec<_>>());
    }
}
