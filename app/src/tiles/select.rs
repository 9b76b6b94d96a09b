//! Choosing in a tile: what a reader does to its marks, and what the page makes of it.

use super::logic::marks::{Mark, is_chosen, mark_of, marks_of};
use charts::marks::{self, Members, Range};
use charts::pins::Pin;
use domain::api::TileData;
use domain::comment::Place;
use domain::query::Query;
use domain::{Cell, ChartSpec, Column, Table};
use leptos::prelude::*;
use serde::Deserialize;

/// What a tile shows, for those who put it in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    pub query: Query,
    pub columns: Vec<Column>,
}

/// A mark that a reader asks about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    pub mark: Mark,
    /// The members it stands for, by what they are grouped by.
    pub columns: Vec<String>,
    /// The time it is at, as the answer writes it.
    pub period: Option<String>,
    /// Output name of the measure it shows.
    pub measure: Option<String>,
    /// Where on the screen.
    pub at: (f64, f64),
}

/// A thread about a place of a tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Pinned {
    /// Its id.
    pub thread: String,
    pub place: Place,
    /// How many comments it has.
    pub comments: usize,
}

/// How far a choice has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    pub marks: Vec<Mark>,
    /// Beside what is chosen already.
    pub additive: bool,
    /// False while it is still being dragged.
    pub done: bool,
}

/// The tie between a tile and the page around it. Copy it freely.
#[derive(Clone, Copy)]
pub struct Connect {
    /// What is chosen in this tile.
    pub marks: Signal<Vec<Mark>>,
    /// The threads about places of this tile, the latest first.
    pub pins: Signal<Vec<Pinned>>,
    /// Opens a thread.
    pub on_thread: Callback<String>,
    /// Whether a reader may choose now.
    pub active: Signal<bool>,
    pub on_choose: Callback<Chosen>,
    pub on_menu: Callback<Asked>,
    /// Takes what the tile shows, whenever that changes.
    pub on_known: Callback<Known>,
    /// Takes what is to be read out.
    pub say: Callback<String>,
}

/// A message of `frontend/js/interact.js`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    pick: Option<marks::Mark>,
    menu: Option<marks::Mark>,
    range: Option<Range>,
    additive: bool,
    done: bool,
    cancel: bool,
    thread: Option<String>,
    left: f64,
    top: f64,
}

impl Connect {
    /// Whether anything is chosen in the tile.
    pub(super) fn has_marks(self) -> bool {
        self.marks.with(|marks| !marks.is_empty())
    }

    /// Whether members of an answer are chosen.
    pub(super) fn chooses(self, data: &TileData, members: &Members) -> bool {
        let Some(query) = &data.query else { return false };
        self.marks.with(|chosen| is_chosen(chosen, query, &data.table, members))
    }

    /// The threads about places of an answer.
    pub(super) fn pins_on(self, data: &TileData) -> Vec<Pin> {
        let Some(query) = &data.query else { return Vec::new() };
        let column = |name: &str| match query.dimensions.is_empty() {
            true => query.columns.iter().position(|column| column == name),
            false => query.dimensions.iter().position(|dimension| dimension.column == name),
        };
        let pin = |pinned: &Pinned| {
            let column = column(pinned.place.column())?;
            let Pinned { thread, place, comments } = pinned.clone();
            Some(Pin { thread, column, place, comments })
        };
        self.pins.with(|pins| pins.iter().filter_map(pin).collect())
    }

    /// Hears what a reader did to a chart.
    pub(super) fn hear(self, spec: &ChartSpec, data: &TileData, text: &str) {
        let Ok(message) = serde_json::from_str::<Message>(text) else { return };
        let Some(query) = data.query.as_ref().filter(|_| self.active.get_untracked()) else { return };
        let table = &data.table;
        if let Some(thread) = message.thread {
            self.on_thread.run(thread);
        } else if let Some(mark) = &message.pick {
            self.choose(query, table, &marks::members_at(spec, table, mark), message.additive);
        } else if let Some(mark) = &message.menu {
            let members = marks::members_at(spec, table, mark);
            let measure = marks::measure_at(spec, table, mark);
            self.ask(query, table, &members, measure, (message.left, message.top));
        } else if let Some(range) = &message.range {
            let found = marks::dragged(spec, table, range).map(|d| marks_of(query, table, &d)).unwrap_or_default();
            if !found.is_empty() {
                self.on_choose.run(Chosen { marks: found, additive: message.additive, done: message.done });
            } else if message.done {
                self.say.run("Nothing lies there".into());
            }
        } else if message.cancel {
            self.on_choose.run(Chosen { marks: Vec::new(), additive: true, done: true });
        }
    }

    /// Chooses members, or takes them back.
    pub(super) fn choose(self, query: &Query, table: &Table, members: &Members, additive: bool) {
        let mark = mark_of(query, table, members);
        if mark.is_empty() {
            return self.say.run("This cannot filter the other tiles".into());
        }
        self.on_choose.run(Chosen { marks: vec![mark], additive, done: true });
    }

    /// Asks for what can be done with members.
    pub(super) fn ask(self, query: &Query, table: &Table, members: &Members, measure: Option<usize>, at: (f64, f64)) {
        let is_time =
            |column: &usize| query.dimensions.get(*column).is_some_and(|d| d.grain.is_some_and(|g| !g.is_folded()));
        let period = members.iter().find(|(column, _)| is_time(column)).and_then(|(_, cell)| cell.as_str());
        let column = |(column, _): &(usize, Cell)| query.dimensions.get(*column).map(|d| d.column.clone());
        self.on_menu.run(Asked {
            mark: mark_of(query, table, members),
            columns: members.iter().filter_map(column).collect(),
            period: period.map(str::to_owned),
            measure: measure.and_then(|m| table.columns.get(m)).map(|f| f.name.clone()),
            at,
        });
    }
}

/// The members of a row of an answer: of its groups, or where there are none of one cell.
pub(super) fn members_of_row(query: &Query, table: &Table, row: usize, column: usize) -> Members {
    let cell = |c: usize| Some((c, table.data.get(c)?.get(row)?.clone()));
    if query.dimensions.is_empty() {
        return cell(column).into_iter().collect();
    }
    (0..query.dimensions.len()).filter_map(cell).collect()
}
