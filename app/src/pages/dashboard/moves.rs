//! Moving tiles: what a step does, how it is said, and how it comes into the document.

use super::stage::{How, Lift, Stage};
use crate::board::move_changes;
use domain::layout::{self, Direction, Item, Position};
use leptos::prelude::*;

/// A place as people count: from one.
pub(super) fn place_words(position: Position) -> String {
    format!("column {}, row {}", position.x + 1, position.y + 1)
}

/// A size in words.
pub(super) fn size_words(position: Position) -> String {
    let columns = if position.w == 1 { "column" } else { "columns" };
    let rows = if position.h == 1 { "row" } else { "rows" };
    format!("{} {columns} wide, {} {rows} high", position.w, position.h)
}

/// Which way an arrow key points.
pub(super) fn direction(key: &str, rtl: bool) -> Option<Direction> {
    Some(match (key, rtl) {
        ("ArrowLeft", false) | ("ArrowRight", true) => Direction::Left,
        ("ArrowRight", false) | ("ArrowLeft", true) => Direction::Right,
        ("ArrowUp", _) => Direction::Up,
        ("ArrowDown", _) => Direction::Down,
        _ => return None,
    })
}

/// One step of the keyboard: arrows move, with Shift they give the first tile another size.
pub(super) fn step(items: &[Item], ids: &[String], direction: Direction, resizes: bool) -> Vec<Item> {
    let refs: Vec<&str> = ids.iter().map(String::as_str).collect();
    if !resizes {
        return layout::nudge(items, &refs, direction);
    }
    let Some(lead) = ids.first().and_then(|id| items.iter().find(|item| item.id == *id)) else { return items.to_vec() };
    let Position { w, h, .. } = lead.position;
    let (w, h) = match direction {
        Direction::Left => (w.saturating_sub(1), h),
        Direction::Right => (w + 1, h),
        Direction::Up => (w, h.saturating_sub(1)),
        Direction::Down => (w, h + 1),
    };
    layout::resize(items, &lead.id, w, h)
}

/// Puts a tile where a person says, in columns and rows.
pub(super) fn put(items: &[Item], id: &str, to: Position) -> Vec<Item> {
    let Some(from) = items.iter().find(|item| item.id == id).map(|item| item.position) else { return items.to_vec() };
    let (x, y) = (i32::try_from(to.x).unwrap_or(0), i32::try_from(to.y).unwrap_or(0));
    // A tile that grows moves first and one that shrinks last: it must have room for its width.
    if to.w > from.w {
        layout::resize(&layout::move_to(items, &[id], x, y), id, to.w, to.h)
    } else {
        layout::move_to(&layout::resize(items, id, to.w, to.h), &[id], x, y)
    }
}

/// The places to be written: all of them, so that what is seen is what is stored; but not those
/// that somebody else changed meanwhile and this person did not.
fn own_moves(items: &[Item], before: &[Item], now: &[Item]) -> Vec<Item> {
    now.iter().filter(|item| !before.contains(item) || items.contains(item)).cloned().collect()
}

impl Stage {
    /// Where a tile is.
    pub(super) fn position(self, id: &str) -> Option<Position> {
        self.items.with_untracked(|items| items.iter().find(|item| item.id == id).map(|item| item.position))
    }

    /// Brings tiles from where they were to their new places, as one edit. Steps of the keyboard in
    /// quick succession are one edit too.
    pub(super) fn commit(self, how: How, ids: &[String], before: &[Item], now: &[Item], gathers: bool) {
        let own = self.items.with_untracked(|items| own_moves(items, before, now));
        if own.iter().all(|item| before.contains(item)) {
            return;
        }
        let label = match (how, ids.len()) {
            (How::Resize, _) => "Resize tile",
            (_, 1) => "Move tile",
            _ => "Move tiles",
        };
        if gathers {
            self.board.edit_gathering(label, |document| move_changes(document, &own));
        } else {
            self.board.edit(label, |document| move_changes(document, &own));
        }
    }

    /// Begins to move tiles with the keyboard.
    pub(super) fn pick_up(self, id: &str) {
        if !self.can_move() {
            return;
        }
        let before = self.items.get_untracked();
        let title = self.board.tile(id).map(|tile| name_of(&tile.title)).unwrap_or_default();
        self.lift.set(Some(Lift { how: How::Keys, ids: self.group(id), now: before.clone(), before }));
        self.say(format!(
            "{title} picked up. Arrow keys move it, Shift and an arrow key change its size, Enter drops it, Escape puts it back."
        ));
    }

    /// The tiles that move with this one: all chosen ones if it is among them. It comes first.
    pub(super) fn group(self, id: &str) -> Vec<String> {
        let chosen = self.selected.get_untracked();
        let mut ids = vec![id.to_owned()];
        if chosen.contains(id) {
            let items = self.items.get_untracked();
            ids.extend(items.into_iter().map(|item| item.id).filter(|other| other != id && chosen.contains(other)));
        }
        ids
    }

    /// Moves what is picked up one step.
    pub(super) fn carry(self, direction: Direction, resizes: bool) {
        let Some(lift) = self.lift.get_untracked() else { return };
        let now = step(&lift.now, &lift.ids, direction, resizes);
        let lift = Lift { now, ..lift };
        if let Some(position) = lift.lead() {
            self.say(if resizes { size_words(position) } else { format!("Moved to {}", place_words(position)) });
        }
        self.lift.set(Some(lift));
    }

    /// Leaves what is picked up where it is now.
    pub(super) fn drop_lift(self) {
        let Some(lift) = self.lift.get_untracked() else { return };
        self.commit(lift.how, &lift.ids, &lift.before, &lift.now, false);
        if let Some(position) = lift.lead() {
            self.say(match lift.how {
                How::Resize => format!("Now {}", size_words(position)),
                How::Drag => format!("Moved to {}", place_words(position)),
                How::Keys => format!("Dropped at {}", place_words(position)),
            });
        }
        self.lift.set(None);
        self.offset.set((0.0, 0.0));
    }

    /// Puts what is picked up back.
    pub(super) fn cancel_lift(self) {
        if self.lift.with_untracked(Option::is_some) {
            self.lift.set(None);
            self.offset.set((0.0, 0.0));
            self.say("Put back");
        }
    }
}

/// What a tile is called where a name is needed.
pub(super) fn name_of(title: &str) -> String {
    let title = title.trim();
    if title.is_empty() { "Untitled tile".to_owned() } else { title.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, x: u32, y: u32, w: u32, h: u32) -> Item {
        Item::new(id, Position { x, y, w, h })
    }

    fn place(items: &[Item], id: &str) -> Position {
        items.iter().find(|item| item.id == id).map(|item| item.position).unwrap()
    }

    #[test]
    fn arrows_follow_the_direction_of_text() {
        assert_eq!(direction("ArrowLeft", false), Some(Direction::Left));
        assert_eq!(direction("ArrowLeft", true), Some(Direction::Right));
        assert_eq!(direction("a", false), None);
    }

    #[test]
    fn shift_and_an_arrow_change_the_size() {
        let items = [item("a", 0, 0, 4, 4), item("b", 4, 0, 4, 4)];
        let wider = step(&items, &["a".into()], Direction::Right, true);
        assert_eq!(place(&wider, "a").w, 5);
        let least = step(&[item("a", 0, 0, 1, 1)], &["a".into()], Direction::Left, true);
        assert_eq!(place(&least, "a").w, 1);
    }

    #[test]
    fn a_tile_can_be_put_anywhere_at_any_size() {
        let items = [item("a", 0, 0, 6, 4), item("b", 6, 0, 6, 4)];
        for to in [
            Position { x: 0, y: 0, w: 12, h: 2 },
            Position { x: 9, y: 0, w: 3, h: 4 },
            Position { x: 6, y: 0, w: 6, h: 4 },
            Position { x: 2, y: 0, w: 8, h: 8 },
        ] {
            assert_eq!(place(&put(&items, "a", to), "a"), to);
        }
    }

    #[test]
    fn what_others_moved_meanwhile_stays_theirs() {
        let before = [item("a", 0, 0, 4, 4), item("b", 4, 0, 4, 4), item("c", 8, 0, 4, 4)];
        let theirs = [item("a", 0, 0, 4, 4), item("b", 4, 0, 4, 6), item("c", 8, 0, 4, 4)];
        let now = [item("a", 0, 0, 4, 8), item("b", 4, 0, 4, 4), item("c", 8, 0, 4, 4)];
        let own = own_moves(&theirs, &before, &now);
        assert_eq!(own.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    }

    #[test]
    fn places_are_said_as_people_count() {
        let position = Position { x: 2, y: 1, w: 1, h: 4 };
        assert_eq!(place_words(position), "column 3, row 2");
        assert_eq!(size_words(position), "1 column wide, 4 rows high");
    }
}
