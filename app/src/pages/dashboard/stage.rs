//! What the parts of a dashboard's page share: the document, the mode, what is chosen and moved.

use super::address::{Address, Drills};
use super::connected::Behind;
use crate::board::Board;
use crate::components::toast::{Toasts, use_toasts};
use crate::tiles::logic::marks::Pick;
use crate::tiles::{Asked, Known, TileState};
use domain::dashboard::{Dashboard, tab_of};
use domain::layout::{self, Item, Position};
use domain::query::Filter;
use domain::{Access, Tile};
use leptos::{html, prelude::*};
use std::collections::{BTreeMap, BTreeSet};

/// How tiles are being moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// By the pointer, at their header.
    Drag,
    /// By the pointer, at the lower corner.
    Resize,
    /// By the keyboard.
    Keys,
}

/// Tiles that are being moved: nothing is in the document yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lift {
    pub(super) how: How,
    /// The first is the one that was taken hold of.
    pub(super) ids: Vec<String>,
    pub(super) before: Vec<Item>,
    /// Where everything would come to lie.
    pub(super) now: Vec<Item>,
}

impl Lift {
    /// Where the tile that was taken hold of would come to lie.
    pub(super) fn lead(&self) -> Option<Position> {
        let id = self.ids.first()?;
        self.now.iter().find(|item| item.id == *id).map(|item| item.position)
    }
}

/// What is known of a tile on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Whether it is near the visible part of the page; not known at first.
    pub(super) near: Option<bool>,
    pub(super) state: Option<TileState>,
}

impl Seen {
    /// Whether there is nothing to wait for.
    fn is_settled(self) -> bool {
        match (self.near, self.state) {
            (Some(false), _) => true,
            (Some(true), Some(state)) => state != TileState::Loading,
            _ => false,
        }
    }
}

/// The page of a dashboard. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Stage {
    pub(super) board: Board,
    pub(super) about: StoredValue<Dashboard>,
    pub(super) editing: RwSignal<bool>,
    pub(super) selected: RwSignal<BTreeSet<String>>,
    pub(super) lift: RwSignal<Option<Lift>>,
    /// How far the pointer has taken the lifted tiles from their place, in pixels.
    pub(super) offset: RwSignal<(f64, f64)>,
    /// The tile in the panel.
    pub(super) panel: RwSignal<Option<String>>,
    /// The tile in the dialog for its place.
    pub(super) placing: RwSignal<Option<String>>,
    /// The tile in the dialog for its tab.
    pub(super) tabbing: RwSignal<Option<String>>,
    /// Tiles that somebody removed while this person was at them, and who did.
    pub(super) lost: RwSignal<Vec<(Tile, Option<String>)>>,
    /// The tile whose title has the focus.
    pub(super) titling: RwSignal<Option<String>>,
    /// The dialog about walls is open.
    pub(super) walling: RwSignal<bool>,
    /// The dialog about public links is open.
    pub(super) linking: RwSignal<bool>,
    /// How many links show the dashboard to anybody.
    pub(super) public_links: RwSignal<u64>,
    /// Tiles that show their rows in place of their chart.
    pub(super) as_table: RwSignal<BTreeSet<String>>,
    pub(super) tab: Memo<Option<String>>,
    pub(super) choose_tab: Callback<String>,
    pub(super) filters: RwSignal<Vec<Filter>>,
    /// The marks chosen in tiles.
    pub(super) picks: RwSignal<Vec<Pick>>,
    /// A stretch is being dragged over.
    pub(super) dragging: RwSignal<bool>,
    /// The steps into the detail of tiles.
    pub(super) drills: RwSignal<Drills>,
    /// What the tiles show, as far as it is here.
    pub(super) known: RwSignal<BTreeMap<String, Known>>,
    /// The mark whose menu is open, with its tile.
    pub(super) mark_menu: RwSignal<Option<(String, Asked)>>,
    /// What is looked at behind a tile.
    pub(super) behind: RwSignal<Option<Behind>>,
    /// The tiles of the tab, where everybody sees them, in reading order.
    pub(super) items: Memo<Vec<Item>>,
    /// Where they are shown now.
    pub(super) places: Memo<BTreeMap<String, Position>>,
    pub(super) seen: RwSignal<BTreeMap<String, Seen>>,
    /// What is read out.
    pub(super) spoken: RwSignal<String>,
    /// One column: places cannot be changed.
    pub(super) phone: Signal<bool>,
    pub(super) grid: NodeRef<html::Div>,
    pub(super) toasts: Toasts,
}

impl Stage {
    pub(super) fn new(board: Board, about: Dashboard, address: Address, phone: Signal<bool>) -> Self {
        let Address { filters, picks, drills, dragging, tab, choose_tab } = address;
        // An empty dashboard has nothing to look at: who may fill it begins at once.
        let begins = about.access >= Access::Edit && board.tiles().with_untracked(|tiles| tiles.is_empty());
        board.know_access(about.access);
        let lift = RwSignal::new(None::<Lift>);
        let items = Memo::new(move |_| tab.with(|tab| items_of(board, tab.as_deref())));
        let places = Memo::new(move |_| {
            let place = |item: &Item| (item.id.clone(), item.position);
            lift.with(|lift| match lift {
                Some(lift) => lift.now.iter().map(place).collect(),
                None => items.with(|items| items.iter().map(place).collect()),
            })
        });
        let public_links = RwSignal::new(about.public_links);
        Self {
            board,
            about: StoredValue::new(about),
            editing: RwSignal::new(begins),
            selected: RwSignal::new(BTreeSet::new()),
            lift,
            offset: RwSignal::new((0.0, 0.0)),
            panel: RwSignal::new(None),
            placing: RwSignal::new(None),
            tabbing: RwSignal::new(None),
            lost: RwSignal::new(Vec::new()),
            titling: RwSignal::new(None),
            walling: RwSignal::new(false),
            linking: RwSignal::new(false),
            public_links,
            as_table: RwSignal::new(BTreeSet::new()),
            tab,
            choose_tab,
            filters,
            picks,
            dragging,
            drills,
            known: RwSignal::new(BTreeMap::new()),
            mark_menu: RwSignal::new(None),
            behind: RwSignal::new(None),
            items,
            places,
            seen: RwSignal::new(BTreeMap::new()),
            spoken: RwSignal::new(String::new()),
            phone,
            grid: NodeRef::new(),
            toasts: use_toasts(),
        }
    }

    /// Whether this person may change the dashboard now.
    pub(super) fn can_edit(self) -> bool {
        self.board.may_edit()
    }

    /// The same, to follow: a right may come and go while the page is open.
    pub(super) fn may_edit(self) -> Signal<bool> {
        let access = self.board.access();
        Signal::derive(move || access.get().is_some_and(|access| access >= Access::Edit))
    }

    /// Whether this person may see what lies behind its tiles: by a right on the dashboard or, as the
    /// server then looks, on the data.
    pub(super) fn may_explore(self) -> bool {
        let by_data = crate::session::use_session().has_role(domain::UserRole::Explorer);
        by_data || self.about.with_value(|about| about.access >= Access::Explore)
    }

    /// Whether this person may say something about the dashboard.
    pub(super) fn can_comment(self) -> bool {
        self.about.with_value(|about| about.access >= Access::Comment)
    }

    /// Whether this person owns it.
    pub(super) fn is_owner(self) -> bool {
        self.about.with_value(|about| about.access == Access::Owner)
    }

    /// Whether it is seen through a link, by nobody who is known.
    pub(super) fn is_guest(self) -> bool {
        domain::link::link_in(&self.board.id()).is_some()
    }

    /// Whether tiles can be moved now.
    pub(super) fn can_move(self) -> bool {
        self.editing.get_untracked() && !self.phone.get_untracked()
    }

    /// Goes into edit mode or leaves it.
    pub(super) fn set_editing(self, editing: bool) {
        if (editing && !self.can_edit()) || self.editing.get_untracked() == editing {
            return;
        }
        self.editing.set(editing);
        if !editing {
            self.selected.update(BTreeSet::clear);
            self.lift.set(None);
            self.panel.set(None);
        }
        self.say(if editing { "Editing" } else { "Done editing" });
    }

    /// Chooses one tile, or with `more` adds it or takes it away.
    pub(super) fn select(self, id: &str, more: bool) {
        self.selected.update(|selected| {
            if !more {
                selected.clear();
                selected.insert(id.to_owned());
            } else if !selected.remove(id) {
                selected.insert(id.to_owned());
            }
        });
    }

    /// The tiles a command is about: the chosen ones, in reading order.
    pub(super) fn chosen(self) -> Vec<Tile> {
        let selected = self.selected.get_untracked();
        let ids = self.items.with_untracked(|items| items.iter().map(|i| i.id.clone()).collect::<Vec<_>>());
        ids.iter().filter(|id| selected.contains(*id)).filter_map(|id| self.board.tile(id)).collect()
    }

    /// Has something read out.
    pub(super) fn say(self, text: impl Into<String>) {
        self.spoken.set(text.into());
    }

    /// Notes what is known of a tile.
    pub(super) fn note(self, id: &str, note: impl FnOnce(&mut Seen)) {
        _ = self.seen.try_update(|seen| match seen.get_mut(id) {
            Some(seen) => note(seen),
            None => note(seen.entry(id.to_owned()).or_default()),
        });
    }

    /// Whether every tile in sight shows what it has to show.
    pub(super) fn is_ready(self) -> bool {
        self.seen.with(|seen| {
            let settled = |item: &Item| seen.get(&item.id).is_some_and(|seen| seen.is_settled());
            self.items.with(|items| items.iter().all(settled))
        })
    }
}

/// The tiles of a tab as the grid sees them. A tile of no tab, or of one that is gone, is on the first.
pub(crate) fn items_of(board: Board, tab: Option<&str>) -> Vec<Item> {
    let tabs = board.tabs().get();
    let here = |tile: &Tile| tab_of(&tabs, tile.tab.as_deref()) == tab;
    let item = |tile: &Tile| here(tile).then(|| Item::new(&tile.id, tile.position));
    let items: Vec<Item> = board.tiles().with(|tiles| tiles.values().filter_map(|tile| tile.with(item)).collect());
    layout::view(&items)
}

/// The page around this component.
pub(crate) fn use_stage() -> Stage {
    expect_context()
}
