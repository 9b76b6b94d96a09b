//! What a thread is about, in words and as it is sent.

use crate::pages::dashboard::stage::Stage;
use crate::tiles::Known;
use crate::tiles::logic::marks::Mark;
use domain::comment::{NewThread, Place, Thread};
use leptos::prelude::*;

/// The longest name of a place, in characters.
const MOST_ABOUT: usize = 200;

/// A thread that is being begun.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) tile: Option<String>,
    pub(super) place: Option<Place>,
    pub(super) about: String,
}

impl Draft {
    /// About a tile as a whole.
    pub(super) fn of_tile(tile: &str) -> Self {
        Self { tile: Some(tile.to_owned()), ..Self::default() }
    }

    /// About what marks of a tile stand for; about the tile where they have no place.
    pub(super) fn of_marks(stage: Stage, tile: &str, marks: &[Mark]) -> Self {
        let place = stage.known.with_untracked(|all| place_of(marks, &all.get(tile).cloned().unwrap_or_default()));
        let about =
            if marks.iter().all(Vec::is_empty) { String::new() } else { untrack(|| stage.words_of(tile, marks)) };
        let about = about.chars().filter(|c| !c.is_control()).take(MOST_ABOUT).collect();
        Self { tile: Some(tile.to_owned()), place, about }
    }

    pub(super) fn with(self, body: String) -> NewThread {
        NewThread { body, tile: self.tile, place: self.place, about: self.about }
    }
}

/// The place of an axis that marks stand for.
fn place_of(marks: &[Mark], known: &Known) -> Option<Place> {
    let is_time = |column: &str| known.columns.iter().any(|c| c.name == column && c.ty.is_time());
    Place::of_marks(marks, is_time)
}

/// Where a thread is, in words.
pub(super) fn where_words(stage: Stage, tile: Option<&str>, about: &str) -> String {
    let Some(tile) = tile else { return "The whole dashboard".to_owned() };
    let name = match stage.board.tile(tile) {
        Some(_) => stage.tile_name(tile),
        None => "A tile that was removed".to_owned(),
    };
    if about.is_empty() { name } else { format!("{name}, {about}") }
}

/// Where a thread is, in words.
pub(super) fn place_words(stage: Stage, thread: &Thread) -> String {
    where_words(stage, thread.tile.as_deref(), &thread.about)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::{Filter, Op};
    use domain::{Column, DataType, Role};

    #[test]
    fn a_mark_is_a_place_of_its_column() {
        let column = |name: &str, ty| Column {
            name: name.into(),
            label: name.into(),
            ty,
            role: Role::Dimension,
            description: String::new(),
            format: None,
            is_calculated: false,
        };
        let known = Known {
            columns: vec![column("day", DataType::Date), column("region", DataType::Text)],
            ..Known::default()
        };
        let day = vec![Filter::is("day", Op::Eq, "2024-03-01")];
        assert!(matches!(place_of(&[day], &known), Some(Place::Time { column, .. }) if column == "day"));
        let west = vec![Filter::is("region", Op::Eq, "West")];
        assert!(matches!(place_of(&[west], &known), Some(Place::Values { column, .. }) if column == "region"));
        assert_eq!(place_of(&[Vec::new()], &known), None);
    }
}
