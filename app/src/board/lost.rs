//! Tiles that somebody removed while this person was at them.

use super::{Board, Tiles};
use domain::Tile;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Tiles that are gone, as they were here at the last moment: with what one did to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lost {
    pub tiles: Vec<Tile>,
    /// Who removed them, where that is known.
    pub by: Option<String>,
}

impl Board {
    /// Says which tiles one is at.
    pub fn engage(self, tiles: BTreeSet<String>) {
        self.engaged.set_value(tiles);
    }

    /// What others removed since this was asked last.
    pub fn take_lost(self) -> Option<Lost> {
        self.lost.try_update_value(Option::take).flatten()
    }

    /// Notes which of these tiles are gone now, if one was at them or had just changed them. Called
    /// where changes came in, before the tiles are shown anew: what one removes oneself is not shown
    /// any more.
    pub(super) fn note_lost(self, before: &Tiles, by: Option<&str>) {
        let Some(present) = self.read(domain::document::Document::tiles) else { return };
        let mut mine = self.with_state(|state| state.touched_tiles()).unwrap_or_default();
        mine.extend(self.engaged.get_value());
        let is_lost = |id: &String| mine.contains(id) && !present.contains_key(id);
        let tiles: Vec<Tile> =
            before.iter().filter(|(id, _)| is_lost(id)).map(|(_, tile)| tile.get_untracked()).collect();
        if !tiles.is_empty() {
            self.lost.set_value(Some(Lost { tiles, by: by.map(str::to_owned) }));
        }
    }
}
