//! The grid: where tiles lie, as pure functions of positions. The server and the browser run the
//! same code, so what one person drags is what everybody sees.
//!
//! A *settled* layout has no overlap, lies within the columns, and every tile rests on the top edge
//! or on another tile. All functions that return a layout return a settled one, in the order of
//! their input ([`view`] excepted), and first settle what they are given. Nothing here fails: sizes
//! and places off the grid are brought onto it, unknown ids are ignored.
//!
//! While a tile is dragged, call [`move_by`] with the layout as it was when the drag began, not with
//! the one of the last frame: then dragging back brings everything back.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// How many columns a grid has on a wide screen.
pub const COLUMNS: u32 = 12;
/// The tallest a tile may be, in rows.
pub const MAX_HEIGHT: u32 = 60;
/// The lowest row a tile may start in: room for the most tiles at their tallest, one below another.
pub const MAX_ROW: u32 = 200 * MAX_HEIGHT;

/// Where a tile lies, in grid units. It travels and merges as one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Position {
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

impl Default for Position {
    fn default() -> Self {
        Self { x: 0, y: 0, w: 6, h: 4 }
    }
}

impl Position {
    /// Whether it lies within the grid and has a size.
    pub fn is_on_grid(self) -> bool {
        self == self.on_grid()
    }

    /// The first column to its right.
    pub fn right(self) -> u32 {
        self.x.saturating_add(self.w)
    }

    /// The first row below it.
    pub fn bottom(self) -> u32 {
        self.y.saturating_add(self.h)
    }

    /// Whether the two share a cell.
    pub fn overlaps(self, other: Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// The nearest place on the grid: the width gives way first, then the column.
    fn on_grid(self) -> Self {
        let (w, h) = (self.w.clamp(1, COLUMNS), self.h.clamp(1, MAX_HEIGHT));
        Self { x: self.x.min(COLUMNS - w), y: self.y.min(MAX_ROW), w, h }
    }
}

/// A tile as the grid sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    pub id: String,
    pub position: Position,
}

impl Item {
    /// A tile at a place.
    pub fn new(id: impl Into<String>, position: Position) -> Self {
        Self { id: id.into(), position }
    }
}

/// Where an arrow key points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Left,
    Right,
    Up,
    Down,
}

/// Brings sizes and places onto the grid. Tiles may still overlap.
pub fn normalise(items: &[Item]) -> Vec<Item> {
    items.iter().map(|item| Item::new(item.id.clone(), item.position.on_grid())).collect()
}

/// Lets every tile rise as far as it can. Of tiles that share a column, the one that was higher
/// stays higher; of tiles that overlap, the first in reading order keeps its place.
pub fn compact(items: &[Item]) -> Vec<Item> {
    placed(items, settled(items))
}

/// The layout that everybody sees, whatever edits were merged: settled, in reading order, and the
/// same for any order of `items`.
pub fn view(items: &[Item]) -> Vec<Item> {
    let mut items = compact(items);
    items.sort_unstable_by(|a, b| reading_order(a.position, &a.id, b.position, &b.id));
    items
}

/// Moves tiles together by columns and rows. They keep their distance to each other and stop at the
/// edges. A tile in their way goes above them where they have left enough room for it, else below;
/// then all rise.
pub fn move_by(items: &[Item], ids: &[&str], dx: i32, dy: i32) -> Vec<Item> {
    let mut positions = settled(items);
    let moving = members(items, ids);
    let group = || positions.iter().zip(&moving).filter(|(_, moving)| **moving).map(|(p, _)| *p);
    let Some((left, top, right)) =
        group().map(|p| (p.x, p.y, p.right())).reduce(|a, b| (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2)))
    else {
        return placed(items, positions);
    };
    // Below the last tile there is nothing to move past.
    let lowest = bottom(&positions);
    let dx = i64::from(dx).clamp(-i64::from(left), i64::from(COLUMNS - right));
    let dy = i64::from(dy).clamp(-i64::from(top), i64::from(lowest - top));
    for (position, _) in positions.iter_mut().zip(&moving).filter(|(_, moving)| **moving) {
        position.x = shifted(position.x, dx);
        position.y = shifted(position.y, dy);
    }
    make_room(items, &mut positions, &moving, true);
    rise(items, &mut positions);
    placed(items, positions)
}

/// Moves tiles together so that the first of `ids` comes to column `x` and row `y`, as [`move_by`].
pub fn move_to(items: &[Item], ids: &[&str], x: i32, y: i32) -> Vec<Item> {
    let positions = settled(items);
    let lead = ids.iter().find_map(|id| items.iter().position(|item| item.id == *id));
    let Some(lead) = lead.map(|i| positions[i]) else { return placed(items, positions) };
    let by = |to: i32, from: u32| to.saturating_sub_unsigned(from);
    move_by(items, ids, by(x, lead.x), by(y, lead.y))
}

/// Moves tiles one step for an arrow key: by the fewest rows or columns that change anything, so
/// that one press is always enough to pass a neighbour. The same layout when nothing lies that way.
pub fn nudge(items: &[Item], ids: &[&str], direction: Direction) -> Vec<Item> {
    let before = compact(items);
    let steps = 1..=2 * MAX_HEIGHT as i32;
    let mut tries = steps.map(|n| match direction {
        Direction::Left => move_by(&before, ids, -n, 0),
        Direction::Right => move_by(&before, ids, n, 0),
        Direction::Up => move_by(&before, ids, 0, -n),
        Direction::Down => move_by(&before, ids, 0, n),
    });
    tries.find(|after| *after != before).unwrap_or(before)
}

/// Gives a tile another size from its right and bottom edges. Tiles in its way go below it.
pub fn resize(items: &[Item], id: &str, w: u32, h: u32) -> Vec<Item> {
    let mut positions = settled(items);
    let growing = members(items, &[id]);
    for (position, _) in positions.iter_mut().zip(&growing).filter(|(_, growing)| **growing) {
        position.w = w.clamp(1, COLUMNS - position.x);
        position.h = h.clamp(1, MAX_HEIGHT);
    }
    make_room(items, &mut positions, &growing, false);
    rise(items, &mut positions);
    placed(items, positions)
}

/// The first free place for a new tile of this size, from the top, then from the left.
pub fn place(items: &[Item], w: u32, h: u32) -> Position {
    free_place(&settled(items), w.clamp(1, COLUMNS), h.clamp(1, MAX_HEIGHT))
}

/// Adds tiles, whose ids must be new, as a block with the arrangement they have, at the first free
/// place for it. The tiles that are there stay where they are.
pub fn paste(items: &[Item], group: &[Item]) -> Vec<Item> {
    let mut positions = settled(items);
    let mut block = settled(group);
    let left = block.iter().map(|p| p.x).min().unwrap_or(0);
    let right = block.iter().map(|p| p.right()).max().unwrap_or(0);
    let at = free_place(&positions, right - left, bottom(&block));
    for position in &mut block {
        position.x = position.x - left + at.x;
        position.y += at.y;
    }
    positions.extend(block);
    let all: Vec<Item> = items.iter().chain(group).cloned().collect();
    rise(&all, &mut positions);
    placed(&all, positions)
}

/// The ids and heights for a narrow screen, one below another. Derived, never stored.
pub fn one_column(items: &[Item]) -> Vec<(String, u32)> {
    view(items).into_iter().map(|item| (item.id, item.position.h)).collect()
}

/// How many rows the tiles take.
pub fn height(items: &[Item]) -> u32 {
    items.iter().map(|item| item.position.bottom()).max().unwrap_or(0)
}

/// From the top, then from the left; ids settle ties, so that the order is the same everywhere.
fn reading_order(a: Position, a_id: &str, b: Position, b_id: &str) -> Ordering {
    (a.y, a.x, a_id, a.w, a.h).cmp(&(b.y, b.x, b_id, b.w, b.h))
}

fn order(items: &[Item], positions: &[Position]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_unstable_by(|&a, &b| reading_order(positions[a], &items[a].id, positions[b], &items[b].id));
    order
}

fn placed(items: &[Item], positions: Vec<Position>) -> Vec<Item> {
    items.iter().zip(positions).map(|(item, position)| Item::new(item.id.clone(), position)).collect()
}

fn members(items: &[Item], ids: &[&str]) -> Vec<bool> {
    let ids: BTreeSet<&str> = ids.iter().copied().collect();
    items.iter().map(|item| ids.contains(item.id.as_str())).collect()
}

fn bottom(positions: &[Position]) -> u32 {
    positions.iter().map(|p| p.bottom()).max().unwrap_or(0)
}

/// `value + by`, where the caller knows that it does not leave the grid.
fn shifted(value: u32, by: i64) -> u32 {
    u32::try_from(i64::from(value) + by).unwrap_or(0)
}

fn settled(items: &[Item]) -> Vec<Position> {
    let mut positions = items.iter().map(|item| item.position.on_grid()).collect::<Vec<_>>();
    rise(items, &mut positions);
    positions
}

/// The first free row of each column. Tiles only ever come to lie below it, which keeps their order.
#[derive(Default)]
struct Skyline([u32; COLUMNS as usize]);

impl Skyline {
    fn under(&self, p: Position) -> u32 {
        self.0[p.x as usize..p.right() as usize].iter().copied().max().unwrap_or(0)
    }

    fn add(&mut self, p: Position) {
        self.0[p.x as usize..p.right() as usize].fill(p.bottom());
    }
}

fn rise(items: &[Item], positions: &mut [Position]) {
    let mut skyline = Skyline::default();
    for i in order(items, positions) {
        positions[i].y = skyline.under(positions[i]);
        skyline.add(positions[i]);
    }
}

/// Moves the others out of the way of the `fixed` tiles. The others do not overlap each other and
/// keep their order; pushing one pushes those below it.
fn make_room(items: &[Item], positions: &mut [Position], fixed: &[bool], may_rise: bool) {
    let blocks: Vec<Position> = positions.iter().zip(fixed).filter(|(_, fixed)| **fixed).map(|(p, _)| *p).collect();
    let mut skyline = Skyline::default();
    for i in order(items, positions).into_iter().filter(|i| !fixed[*i]) {
        let mut p = positions[i];
        let ground = skyline.under(p);
        if ground > p.y {
            p.y = ground;
        } else if let Some(top) = blocks.iter().filter(|b| may_rise && b.overlaps(p)).map(|b| b.y).min() {
            // Only the tile that is hit may pass to the other side, not those it pushes.
            p.y = top.checked_sub(p.h).filter(|above| *above >= ground).unwrap_or(p.y);
        }
        while let Some(below) = blocks.iter().filter(|b| b.overlaps(p)).map(|b| b.bottom()).max() {
            p.y = below;
        }
        skyline.add(p);
        positions[i] = p;
    }
}

fn free_place(positions: &[Position], w: u32, h: u32) -> Position {
    // A place that could rise is not the first: only the top and the undersides come into question.
    let rows: BTreeSet<u32> = positions.iter().map(|p| p.bottom()).chain([0]).collect();
    let places = rows.iter().flat_map(|&y| (0..=COLUMNS - w).map(move |x| Position { x, y, w, h }));
    let free = places.into_iter().find(|place| !positions.iter().any(|p| p.overlaps(*place)));
    free.unwrap_or(Position { x: 0, y: bottom(positions), w, h })
}
