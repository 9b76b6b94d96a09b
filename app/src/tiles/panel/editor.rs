//! What the parts of the panel share: the tile as a draft, and what is known of its dataset.

use crate::api::tiles::{Sources, tile_sources, time_grains};
use crate::tiles::logic::draft::{Draft, Grains, Pick};
use crate::tiles::logic::wells::Well;
use domain::{Column, Dataset, Error, Tile};
use leptos::prelude::*;

/// A field on its way from one place to another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dragged {
    pub(super) pick: Pick,
    /// Where it was taken from; the list of fields keeps what it has.
    pub(super) from: Option<(Well, usize)>,
}

/// The tile being edited. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Editor {
    pub(super) tile: Signal<Tile>,
    on_change: Callback<Tile>,
    pub(super) sources: RwSignal<Sources>,
    pub(super) loading: RwSignal<bool>,
    pub(super) failed: RwSignal<Option<Error>>,
    grains: RwSignal<Grains>,
    pub(super) dataset: Memo<Option<Dataset>>,
    pub(super) columns: Memo<Vec<Column>>,
    pub(super) draft: Memo<Draft>,
    pub(super) dragged: RwSignal<Option<Dragged>>,
    /// Rows of the last preview.
    pub(super) rows: RwSignal<Option<usize>>,
}

impl Editor {
    pub(super) fn new(tile: Signal<Tile>, on_change: Callback<Tile>) -> Self {
        let sources = RwSignal::new(Sources::default());
        let grains = RwSignal::new(Grains::new());
        let name = Memo::new(move |_| {
            tile.with(|t| {
                let source = t.data_source.as_ref()?;
                source.query.as_ref().map(|q| q.dataset.clone()).or_else(|| source.table.clone())
            })
        });
        let dataset = Memo::new(move |_| {
            let name = name.get()?;
            sources.with(|s| s.datasets.iter().find(|d| d.name == name || d.id == name).cloned())
        });
        let columns = Memo::new(move |_| dataset.with(|d| d.as_ref().map(|d| d.columns.clone()).unwrap_or_default()));
        let draft = Memo::new(move |_| {
            tile.with(|tile| columns.with(|columns| grains.with(|grains| Draft::of(tile, columns, grains))))
        });
        let editor = Self {
            tile,
            on_change,
            sources,
            loading: RwSignal::new(true),
            failed: RwSignal::new(None),
            grains,
            dataset,
            columns,
            draft,
            dragged: RwSignal::new(None),
            rows: RwSignal::new(None),
        };
        Effect::new(move |_| editor.load());
        Effect::new(move |_| {
            if let Some(name) = dataset.with(|d| d.as_ref().map(|d| d.name.clone())) {
                leptos::task::spawn_local(async move {
                    if let Ok(known) = time_grains(name).await {
                        _ = grains.try_set(known);
                    }
                });
            }
        });
        editor
    }

    /// Asks what there is to choose from.
    pub(super) fn load(self) {
        self.loading.set(true);
        leptos::task::spawn_local(async move {
            let answer = tile_sources().await;
            _ = self.loading.try_set(false);
            match answer {
                Ok(sources) => {
                    _ = self.failed.try_set(None);
                    _ = self.sources.try_set(sources);
                }
                Err(error) => _ = self.failed.try_set(Some(error.into())),
            }
        });
    }

    /// Changes the tile, if it really changes.
    pub(super) fn edit(self, change: impl FnOnce(&mut Draft, &[Column], &Grains)) {
        let mut draft = self.draft.get_untracked();
        self.columns.with_untracked(|columns| self.grains.with_untracked(|grains| change(&mut draft, columns, grains)));
        self.put(draft);
    }

    /// Asks another dataset.
    pub(super) fn choose_dataset(self, name: &str) {
        let found = self.sources.with_untracked(|s| s.datasets.iter().find(|d| d.name == name).cloned());
        let Some(dataset) = found else { return };
        leptos::task::spawn_local(async move {
            // The grains decide what the first chart looks like; without them it is by month.
            let grains = time_grains(dataset.name.clone()).await.unwrap_or_default();
            _ = self.grains.try_set(grains.clone());
            let Some(mut draft) = self.draft.try_get_untracked() else { return };
            draft.set_dataset(&dataset.name, &dataset.columns, &grains);
            self.put(draft);
        });
    }

    fn put(self, draft: Draft) {
        let now = self.tile.get_untracked();
        let next = draft.into_tile(&now);
        if next != now {
            _ = self.on_change.try_run(next);
        }
    }

    /// Puts what is being dragged into a well.
    pub(super) fn drop_into(self, well: Well) {
        let Some(dragged) = self.dragged.get_untracked() else { return };
        self.dragged.set(None);
        if dragged.from.is_some_and(|(from, _)| from == well) {
            return;
        }
        self.edit(|draft, columns, grains| {
            if let Some((from, index)) = dragged.from {
                draft.remove(from, index);
            }
            draft.add(&dragged.pick, well, columns, grains);
        });
    }

    /// Adds a field where it belongs.
    pub(super) fn add(self, pick: &Pick) {
        self.edit(|draft, columns, grains| {
            let well = draft.home_of(pick, columns);
            draft.add(pick, well, columns, grains);
        });
    }

    pub(super) fn column(self, name: &str) -> Option<Column> {
        self.columns.with(|columns| columns.iter().find(|c| c.name == name).cloned())
    }
}
