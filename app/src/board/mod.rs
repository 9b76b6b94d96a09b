//! The dashboard on the screen: its living document, kept the same as everybody else's.
//!
//! [`Board`] is what pages hold: signals to read, edits to make. [`state`] is the document with
//! what waits for the server and what can be undone; [`sync`] carries it over the socket.

mod aside;
mod changes;
mod edits;
mod ids;
mod keep;
mod lost;
mod state;
#[cfg(test)]
mod state_tests;
mod sync;

pub use changes::{filter_changes, move_changes, order_changes, tile_changes};
pub use ids::new_id;
pub use lost::Lost;

use crate::components::toast::{Toasts, use_toasts};
use crate::live::{Socket, use_socket};
use crate::session::use_session;
use domain::dashboard::{FilterControl, LayoutKind, Tab};
use domain::document::{Change, Document, Opened};
use domain::{Access, Error, Result, Tile};
use leptos::prelude::*;
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whether what one did is safe.
#[derive(Clone, Debug, PartialEq)]
pub enum SaveStatus {
    /// Everything is in the server's log.
    Saved,
    Saving,
    /// No connection; so many changes are kept in this browser.
    Offline(usize),
    /// The last change was not taken, and is taken back here too.
    Refused(Error),
}

/// The tiles by id, each with a signal of its own, so that a change of one redraws only that one.
pub type Tiles = Arc<BTreeMap<String, ArcRwSignal<Tile>>>;

/// The dashboard on the screen. Copy it freely.
#[derive(Clone, Copy)]
pub struct Board {
    id: StoredValue<String>,
    /// Absent on the server.
    state: Option<StoredValue<State, LocalStorage>>,
    socket: Socket,
    toasts: Toasts,
    timers: sync::Timers,
    name: RwSignal<String>,
    description: RwSignal<String>,
    kind: RwSignal<LayoutKind>,
    tabs: RwSignal<Vec<Tab>>,
    filters: RwSignal<Vec<FilterControl>>,
    tiles: RwSignal<Tiles>,
    waiting: RwSignal<usize>,
    can_undo: RwSignal<bool>,
    can_redo: RwSignal<bool>,
    refused: RwSignal<Option<Error>>,
    /// The dashboard was deleted, or the right to see it taken away.
    gone: RwSignal<Option<Error>>,
    /// What one may do with it now.
    access: RwSignal<Option<Access>>,
    aside: aside::Aside,
    lost: StoredValue<Option<Lost>>,
    /// The tiles that one is at.
    engaged: StoredValue<BTreeSet<String>>,
}

impl Board {
    /// The board of a dashboard, as the server opened it. Follow it with [`Board::follow`].
    ///
    /// # Errors
    /// The document cannot be read.
    pub fn open(id: &str, opened: &Opened) -> Result<Self> {
        let state = State::open(ids::client(), opened)?;
        let user = use_session().caller().map(|c| c.user_id).unwrap_or_default();
        let board = Self {
            id: StoredValue::new(id.to_owned()),
            state: None,
            socket: use_socket(),
            toasts: use_toasts(),
            timers: sync::Timers::new(&user, id),
            name: RwSignal::new(String::new()),
            description: RwSignal::new(String::new()),
            kind: RwSignal::new(LayoutKind::Grid),
            tabs: RwSignal::new(Vec::new()),
            filters: RwSignal::new(Vec::new()),
            tiles: RwSignal::new(Tiles::default()),
            waiting: RwSignal::new(0),
            can_undo: RwSignal::new(false),
            can_redo: RwSignal::new(false),
            refused: RwSignal::new(None),
            gone: RwSignal::new(None),
            access: RwSignal::new(None),
            aside: aside::Aside::new(&user, id),
            lost: StoredValue::new(None),
            engaged: StoredValue::new(BTreeSet::new()),
        };
        board.show_document(&state.document);
        let state = (!is_server()).then(|| StoredValue::new_local(state));
        Ok(Self { state, ..board })
    }

    /// The dashboard's id.
    pub fn id(self) -> String {
        self.id.get_value()
    }

    /// Its name.
    pub fn name(self) -> Signal<String> {
        self.name.into()
    }

    /// A sentence about it; often empty.
    pub fn description(self) -> Signal<String> {
        self.description.into()
    }

    /// How tiles are arranged.
    pub fn kind(self) -> Signal<LayoutKind> {
        self.kind.into()
    }

    /// Its tabs, in their order; often none.
    pub fn tabs(self) -> Signal<Vec<Tab>> {
        self.tabs.into()
    }

    /// The controls of its filter bar, in their order.
    pub fn filters(self) -> Signal<Vec<FilterControl>> {
        self.filters.into()
    }

    /// Its tiles by id.
    pub fn tiles(self) -> Signal<Tiles> {
        self.tiles.into()
    }

    /// A tile, to read now.
    pub fn tile(self, id: &str) -> Option<Tile> {
        self.tiles.with_untracked(|tiles| tiles.get(id).map(GetUntracked::get_untracked))
    }

    /// A tile, to follow.
    pub fn tile_signal(self, id: &str) -> Option<ArcRwSignal<Tile>> {
        self.tiles.with_untracked(|tiles| tiles.get(id).cloned())
    }

    /// Whether there is a step to take back.
    pub fn can_undo(self) -> Signal<bool> {
        self.can_undo.into()
    }

    /// Whether there is a step to make again.
    pub fn can_redo(self) -> Signal<bool> {
        self.can_redo.into()
    }

    /// Why it can be shown no more, if so.
    pub fn gone(self) -> Signal<Option<Error>> {
        self.gone.into()
    }

    /// Reads the document: a change of one of its values, say.
    pub fn read<T>(self, read: impl FnOnce(&Document) -> T) -> Option<T> {
        self.state?.try_with_value(|state| read(&state.document))
    }

    fn with_state<T>(self, work: impl FnOnce(&mut State) -> T) -> Option<T> {
        self.state?.try_update_value(work)
    }

    /// Brings the signals to what the document says.
    fn show_document(self, document: &Document) {
        let meta = document.meta();
        let text = |key: &str| meta.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let layout = document.layout();
        set(self.name, text("name"));
        set(self.description, text("description"));
        set(self.kind, layout.kind);
        set(self.tabs, layout.tabs);
        set(self.filters, layout.filters);
        let present = self.tiles.get_untracked();
        let mut next = BTreeMap::new();
        // Where they were put, not where they are settled: who draws them does that, for all at once.
        for tile in document.tiles().into_values() {
            let signal = match present.get(&tile.id) {
                Some(signal) => {
                    let id = tile.id.clone();
                    update_tile(signal, tile);
                    next.insert(id, signal.clone());
                    continue;
                }
                None => ArcRwSignal::new(tile.clone()),
            };
            next.insert(tile.id, signal);
        }
        if !present.keys().eq(next.keys()) {
            self.tiles.set(Arc::new(next));
        }
    }

    /// Brings the signals to what the document says after these changes: of tiles, only theirs.
    fn show_changes(self, changes: &[Change]) {
        let ids: Option<Vec<&str>> =
            changes.iter().map(|c| c.path.strip_prefix("tiles/")?.split_once('/').map(|(id, _)| id)).collect();
        let Some(mut ids) = ids else { return self.show_all() };
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let value = self.read(|document| document.get(&format!("tiles/{id}"))).flatten();
            let tile = value.and_then(|value| serde_json::from_value::<Tile>(value).ok());
            match (tile, self.tile_signal(id)) {
                (Some(tile), Some(signal)) => update_tile(&signal, Tile { id: id.to_owned(), ..tile }),
                _ => return self.show_all(),
            }
        }
    }

    fn show_all(self) {
        // Effects run later, so that nothing asks for the document while it is borrowed here.
        self.read(|document| self.show_document(document));
    }
}

fn update_tile(signal: &ArcRwSignal<Tile>, tile: Tile) {
    if signal.with_untracked(|before| *before != tile) {
        signal.set(tile);
    }
}

fn set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|before| *before != value) {
        signal.set(value);
    }
}
