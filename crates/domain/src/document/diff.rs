//! What differs between two moments of a dashboard, for the eye and in words.

use super::Snapshot;
use super::facts::{Fact, Names, facts};
use super::words::{detail, sentence};
use crate::layout::Position;
use serde::{Deserialize, Serialize};

/// What became of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TileFate {
    Added,
    Removed,
    /// It only lies elsewhere.
    Moved,
    Changed,
}

impl TileFate {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Removed => "Removed",
            Self::Moved => "Moved",
            Self::Changed => "Changed",
        }
    }
}

/// A tile that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TileDifference {
    pub id: String,
    /// Its title, afterwards or before it was removed; often empty.
    pub title: String,
    pub fate: TileFate,
    /// Where it was; null for one that is new.
    pub from: Option<Position>,
    /// Where it is; null for one that is gone.
    pub to: Option<Position>,
    /// What changed, one thing each.
    pub words: Vec<String>,
}

/// What differs between two moments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    pub tiles: Vec<TileDifference>,
    /// What is not about tiles: name, tabs, filters, theme.
    pub others: Vec<String>,
}

impl Difference {
    /// How many things differ.
    pub fn count(&self) -> usize {
        self.tiles.len() + self.others.len()
    }

    /// Whether both moments show the same.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// What became of a tile; none where it is as it was.
    pub fn tile(&self, id: &str) -> Option<&TileDifference> {
        self.tiles.iter().find(|tile| tile.id == id)
    }
}

/// What differs from one moment to another: added tiles first, then removed, changed, moved.
pub fn diff(before: &Snapshot, after: &Snapshot) -> Difference {
    let mut names = Names::of(after);
    names.learn_from(before);
    let all = facts(&before.changes_to(after), &names);
    let mut difference = Difference::default();
    for fact in &all {
        let Some(id) = fact.tile() else {
            difference.others.push(capital(&sentence(std::slice::from_ref(fact), &names)));
            continue;
        };
        let at = difference.tiles.iter().position(|tile| tile.id == id).unwrap_or_else(|| {
            let place = |moment: &Snapshot| moment.layout.widgets.iter().find(|t| t.id == id).map(|t| t.position);
            let (from, to) = (place(before), place(after));
            difference.tiles.push(TileDifference {
                id: id.to_owned(),
                title: names.tile(id).to_owned(),
                fate: match (from, to) {
                    (None, _) => TileFate::Added,
                    (_, None) => TileFate::Removed,
                    _ => TileFate::Moved,
                },
                from,
                to,
                words: Vec::new(),
            });
            difference.tiles.len() - 1
        });
        let tile = &mut difference.tiles[at];
        if tile.fate == TileFate::Moved && !matches!(fact, Fact::TileMoved { .. }) {
            tile.fate = TileFate::Changed;
        }
        let words = detail(fact);
        if !words.is_empty() {
            tile.words.push(words);
        }
    }
    let rank = |fate: TileFate| match fate {
        TileFate::Added => 0,
        TileFate::Removed => 1,
        TileFate::Changed => 2,
        TileFate::Moved => 3,
    };
    difference.tiles.sort_by_key(|tile| rank(tile.fate));
    difference
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
