//! What the tests of the grid share.

#![allow(clippy::unwrap_used)]

use domain::layout::*;

pub(crate) fn item(id: &str, x: u32, y: u32, w: u32, h: u32) -> Item {
    Item::new(id, Position { x, y, w, h })
}

pub(crate) fn at(items: &[Item], id: &str) -> Position {
    items.iter().find(|i| i.id == id).map(|i| i.position).unwrap()
}

pub(crate) fn assert_settled(items: &[Item]) {
    for (i, a) in items.iter().enumerate() {
        assert!(a.position.is_on_grid(), "{a:?} lies off the grid");
        for b in &items[i + 1..] {
            assert!(!a.position.overlaps(b.position), "{a:?} overlaps {b:?}");
        }
        let p = a.position;
        let raised = Position { y: p.y.saturating_sub(1), ..p };
        let rests = p.y == 0 || items.iter().any(|b| b.id != a.id && b.position.overlaps(raised));
        assert!(rests, "{a:?} floats");
    }
}
