//! Places that two people chose at once.
//!
//! Each place merges by itself, so tiles may come to lie over each other. Nothing is written for
//! that: whoever reads the document settles them, and as the rule looks at nothing but the places
//! and the ids, it is the same layout everywhere. The next move writes it down.

use crate::dashboard::{Tab, Tile, tab_of};
use crate::layout::{self, Item};
use std::collections::BTreeMap;

/// Settles the tabs on which tiles lie over each other; the others stay as they are.
pub(super) fn settle(tiles: &mut [Tile], tabs: &[Tab]) {
    let mut by_tab: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (i, tile) in tiles.iter().enumerate() {
        by_tab.entry(tab_of(tabs, tile.tab.as_deref())).or_default().push(i);
    }
    for members in by_tab.values() {
        let over = |i: &usize| members.iter().any(|j| i < j && tiles[*i].position.overlaps(tiles[*j].position));
        if !members.iter().any(over) {
            continue;
        }
        let items: Vec<Item> = members.iter().map(|i| Item::new(&tiles[*i].id, tiles[*i].position)).collect();
        for (i, item) in members.iter().zip(layout::compact(&items)) {
            tiles[*i].position = item.position;
        }
    }
}
