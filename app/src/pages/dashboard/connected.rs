//! What tiles tell each other: marks chosen in one filter the others, steps lead into the detail of
//! one. Nothing of it changes the document.

use super::comments::Talk;
use super::moves::name_of;
use super::stage::Stage;
use crate::tiles::logic::marks::{self, Mark, Pick, mark_words};
use crate::tiles::{Asked, Chosen, Connect, Known, locale};
use domain::Tile;
use domain::connect::{DrillStep, PageFilter, TileAsk};
use domain::query::{Dimension, Filter};
use leptos::prelude::*;

/// The option of a tile that lists the tiles it takes no filter from.
const NOT_AFFECTED_BY: &str = "not_affected_by";
/// In that list: no tile at all.
const ANY: &str = "*";

/// What stands behind a tile and is looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Behind {
    /// The rows of a tile, or of a mark of it.
    Rows { tile: String, on: Mark },
    /// Where its data comes from.
    About { tile: String },
    /// Which tiles filter it.
    Scope { tile: String },
    /// Why a number changed.
    Why { tile: String, asked: Asked },
    /// What the chart of a tile says.
    Explain { tile: String },
    /// What changed on the whole page.
    Changes,
}

impl Behind {
    /// Whether it is told by the panel of insights.
    pub(super) fn is_insight(&self) -> bool {
        matches!(self, Self::Explain { .. } | Self::Changes)
    }
}

/// A dialog about something behind a tile: open from the moment it is in the page, and what it is
/// about is left when it closes.
pub(super) fn opened(stage: Stage) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    set_timeout(move || _ = open.try_set(true), std::time::Duration::ZERO);
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            stage.behind.set(None);
        }
        now
    });
    open
}

/// The tiles that a tile takes no filter from.
pub(crate) fn not_affected_by(tile: &Tile) -> Vec<String> {
    let list = tile.data_source.as_ref().and_then(|s| s.options.get(NOT_AFFECTED_BY)).and_then(|v| v.as_array());
    list.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

/// Whether what is chosen in one tile filters another.
pub(crate) fn takes_from(tile: &Tile, from: &str) -> bool {
    tile.id != from && !not_affected_by(tile).iter().any(|id| id == ANY || id == from)
}

impl Stage {
    /// What the page asks of a tile.
    pub(super) fn ask_of(self, tile: Signal<Tile>) -> Memo<TileAsk> {
        Memo::new(move |_| {
            tile.with(|tile| {
                let mut filters: Vec<PageFilter> =
                    self.filters.with(|all| all.iter().cloned().map(PageFilter::from).collect());
                self.picks.with(|picks| {
                    let others = picks.iter().filter(|pick| takes_from(tile, &pick.tile));
                    let filter =
                        |pick: &Pick| Some(PageFilter { tile: Some(pick.tile.clone()), filter: pick.filter()? });
                    filters.extend(others.filter_map(filter));
                });
                let drill = self.drills.with(|drills| drills.get(&tile.id).cloned().unwrap_or_default());
                TileAsk { filters, drill }
            })
        })
    }

    /// What the page asks of a tile now, and of a mark of it.
    pub(crate) fn ask_now(self, tile: &str, on: &[Filter]) -> TileAsk {
        let Some(signal) = self.board.tile_signal(tile) else { return TileAsk::default() };
        let mut ask = untrack(|| self.ask_of(signal.into()).get_untracked());
        if !on.is_empty() {
            ask.drill.push(DrillStep { on: on.to_vec(), ..DrillStep::default() });
        }
        ask
    }

    /// The tie of a tile to this page.
    pub(super) fn connect(self, tile: Signal<Tile>) -> Connect {
        let id = StoredValue::new(tile.with_untracked(|t| t.id.clone()));
        let marks = Memo::new(move |_| {
            let own = |pick: &&Pick| id.with_value(|id| pick.tile == *id);
            self.picks.with(|picks| picks.iter().find(own).map(|p| p.marks.clone()).unwrap_or_default())
        });
        let before = StoredValue::new(None::<Vec<Mark>>);
        let on_choose = Callback::new(move |chosen: Chosen| {
            let Some(tile) = id.try_get_value() else { return };
            // The next redraw waits for the last: nobody is ahead of what is seen.
            if !chosen.done && !untrack(|| self.is_ready()) {
                return;
            }
            // While a stretch is dragged it counts beside what was chosen before it began.
            if !self.dragging.get_untracked() {
                before.set_value(Some(marks.get_untracked()));
            }
            let base = before.get_value().unwrap_or_default();
            let others =
                self.picks.with_untracked(|picks| picks.iter().filter(|p| p.tile != tile).cloned().collect::<Vec<_>>());
            let mut with_base = others;
            if !base.is_empty() {
                with_base.push(Pick { tile: tile.clone(), marks: base });
            }
            let next = marks::picked(&with_base, &tile, &chosen.marks, chosen.additive);
            let changed = self.picks.with_untracked(|picks| *picks != next);
            self.dragging.set(!chosen.done);
            if changed {
                self.picks.set(next);
            }
            if chosen.done {
                before.set_value(None);
                self.say(self.choice_words(&tile));
            }
        });
        let on_menu = Callback::new(move |asked: Asked| {
            if let Some(tile) = id.try_get_value() {
                self.mark_menu.set(Some((tile, asked)));
            }
        });
        let on_known = Callback::new(move |known: Known| {
            let Some(tile) = id.try_get_value() else { return };
            if self.known.with_untracked(|all| all.get(&tile) != Some(&known)) {
                _ = self.known.try_update(|all| all.insert(tile, known));
            }
        });
        let active = Signal::derive(move || !self.editing.get());
        let talk = expect_context::<Talk>();
        let pins = Memo::new(move |_| id.with_value(|id| talk.pins_of(id)));
        Connect {
            marks: marks.into(),
            pins: pins.into(),
            on_thread: Callback::new(move |thread: String| talk.show_thread(&thread)),
            active,
            on_choose,
            on_menu,
            on_known,
            say: Callback::new(move |text: String| self.say(text)),
        }
    }

    /// "Region is West" for what is chosen in a tile.
    pub(super) fn words_of(self, tile: &str, marks: &[Mark]) -> String {
        self.known.with(|known| {
            let columns = known.get(tile).map(|k| k.columns.as_slice()).unwrap_or_default();
            mark_words(marks, columns, &locale())
        })
    }

    /// What is read out after a choice.
    fn choice_words(self, tile: &str) -> String {
        let marks = self.picks.with_untracked(|picks| picks.iter().find(|p| p.tile == tile).map(|p| p.marks.clone()));
        match marks {
            Some(marks) => format!("Other tiles show only: {}", untrack(|| self.words_of(tile, &marks))),
            None => "The other tiles show all again".to_owned(),
        }
    }

    /// Takes back what was chosen in one tile, or in all. Returns whether anything was.
    pub(super) fn unchoose(self, tile: Option<&str>) -> bool {
        let next: Vec<Pick> = self
            .picks
            .with_untracked(|picks| picks.iter().filter(|p| tile.is_some_and(|t| p.tile != t)).cloned().collect());
        let changed = self.picks.with_untracked(|picks| picks.len() != next.len());
        if changed {
            self.picks.set(next);
            self.say("The other tiles show all again");
        }
        changed
    }

    /// Goes a step into the detail of a tile.
    pub(super) fn drill(self, tile: &str, on: &[Filter], from: Option<String>, to: Dimension, label: &str) {
        let step = DrillStep { on: on.to_vec(), from, to: Some(to) };
        self.drills.update(|all| all.entry(tile.to_owned()).or_default().push(step));
        self.unchoose(Some(tile));
        self.say(format!("Now by {label}"));
    }

    /// Goes back so that so many steps remain.
    pub(super) fn drill_back(self, tile: &str, steps: usize) {
        self.drills.update(|all| {
            if let Some(list) = all.get_mut(tile) {
                list.truncate(steps);
            }
            all.retain(|_, list| !list.is_empty());
        });
        self.unchoose(Some(tile));
        self.say("Went back");
    }

    /// The name of a tile.
    pub(crate) fn tile_name(self, tile: &str) -> String {
        name_of(&self.board.tile(tile).map(|t| t.title).unwrap_or_default())
    }

    /// Says which tiles a tile takes no filter from.
    pub(crate) fn set_not_affected_by(self, id: &str, tiles: &[String]) {
        let Some(mut tile) = self.board.tile(id) else { return };
        let source = tile.data_source.get_or_insert_default();
        if tiles.is_empty() {
            source.options.remove(NOT_AFFECTED_BY);
        } else {
            source.options.insert(NOT_AFFECTED_BY.into(), tiles.to_vec().into());
        }
        self.board.put_tile("Change what filters a tile", &tile);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tile_says_what_it_does_not_follow() {
        let mut tile: Tile =
            serde_json::from_value(json!({"id": "a", "type": "chart", "data_source": {"table": "x"}})).unwrap();
        assert!(takes_from(&tile, "b") && !takes_from(&tile, "a"));
        let source = tile.data_source.as_mut().unwrap();
        source.options.insert(NOT_AFFECTED_BY.into(), json!(["b"]));
        assert!(!takes_from(&tile, "b") && takes_from(&tile, "c"));
        tile.data_source.as_mut().unwrap().options.insert(NOT_AFFECTED_BY.into(), json!([ANY]));
        assert!(!takes_from(&tile, "c"));
    }
}
