//! Tiles that somebody removed while this person was at them.

use super::{Board, Tiles};
use domain::Tile;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Tiles that are gone, as they were here at the last moment: with what one did to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lost {
    pub tiles: Vec<Tile>,
    /// Those among them that one had just changed.
    pub touched: BTreeSet<String>,
    /// Who removed them, where that is known.
    pub by: Option<String>,
}

impl Board {
    /// What others removed since this was asked last.
    pub fn take_lost(self) -> Option<Lost> {
        self.lost.try_update_value(Option::take).flatten()
    }

    /// Notes which of these tiles are gone now. Called where changes came in, before the tiles are
    /// shown anew: what one removes oneself is not shown any more.
    pub(super) fn note_lost(self, before: &Tiles, by: Option<&str>) {
        let Some(present) = self.read(domain::document::Document::tiles) else { return };
        let gone: Vec<Tile> = before
            .iter()
            .filter(|(id, _)| !present.contains_key(*id))
            .map(|(_, tile)| tile.get_untracked())
            .collect();
        if !gone.is_empty() {
            let touched = self.with_state(|state| state.touched_tiles()).unwrap_or_default();
            self.lost.set_value(Some(Lost { tiles: gone, touched, by: by.map(str::to_owned) }));
        }
    }
}
