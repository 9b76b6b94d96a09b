//! What the parts of the panel share: the tile as a draft, and what is known of its dataset.

use crate::api::datasets::get_dataset;
use crate::api::sql::dataset_of_sql;
use crate::api::tiles::{MetricChoice, Sources, tile_sources, time_grains};
use crate::components::toast::{Toasts, use_toasts};
use crate::tiles::logic::draft::{Draft, Grains, Pick};
use crate::tiles::logic::joined;
use crate::tiles::logic::wells::Well;
use crate::tiles::spec_of;
use crate::tiles::values::Origin;
use domain::query::Query;
use domain::{ChartKind, ChartSpec, Column, Dataset, Error, Tile};
use leptos::prelude::*;
use std::sync::Arc;

/// A field on its way from one place to another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dragged {
    pub(crate) pick: Pick,
    /// Where it was taken from; the list of fields keeps what it has.
    pub(crate) from: Option<(Well, usize)>,
}

/// The tile being edited. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Editor {
    pub(crate) tile: Signal<Tile>,
    on_change: Callback<Tile>,
    pub(crate) sources: RwSignal<Sources>,
    pub(crate) loading: RwSignal<bool>,
    pub(crate) failed: RwSignal<Option<Error>>,
    pub(crate) grains: RwSignal<Grains>,
    /// A dataset that was chosen and waits for its grains.
    chosen: StoredValue<Option<Dataset>>,
    pub(crate) dataset: Memo<Option<Dataset>>,
    pub(crate) columns: Memo<Vec<Column>>,
    pub(crate) draft: Memo<Draft>,
    pub(crate) dragged: RwSignal<Option<Dragged>>,
    /// Rows of the last preview.
    pub(crate) rows: RwSignal<Option<usize>>,
    toasts: Toasts,
}

impl Editor {
    /// Edits a tile: what it takes depends on its kind.
    pub(crate) fn new(tile: Signal<Tile>, on_change: Callback<Tile>) -> Self {
        Self::make(tile, on_change, false)
    }

    /// Edits a question, which the kind follows.
    pub(crate) fn free(tile: Signal<Tile>, on_change: Callback<Tile>) -> Self {
        Self::make(tile, on_change, true)
    }

    fn make(tile: Signal<Tile>, on_change: Callback<Tile>, free: bool) -> Self {
        let sources = RwSignal::new(Sources::default());
        let grains = RwSignal::new(Grains::new());
        let name = Memo::new(move |_| {
            tile.with(|t| {
                let source = t.data_source.as_ref()?;
                let of_sql = || source.sql.as_ref().map(|_| String::new());
                source.query.as_ref().map(|q| q.dataset.clone()).or_else(|| source.table.clone()).or_else(of_sql)
            })
        });
        let sql = Memo::new(move |_| tile.with(|t| t.data_source.as_ref()?.sql.clone()));
        let dataset = Memo::new(move |_| {
            let name = name.get()?;
            sources.with(|s| joined::find(&s.datasets, &name).cloned())
        });
        let joins = Memo::new(move |_| {
            tile.with(|t| t.data_source.as_ref()?.query.as_ref().map(|q| q.joins.clone())).unwrap_or_default()
        });
        let columns = Memo::new(move |_| {
            let Some(dataset) = name.get() else { return Vec::new() };
            let query = Query { dataset, joins: joins.get(), ..Query::default() };
            sources.with(|s| joined::columns(&query, &s.datasets))
        });
        let draft = Memo::new(move |_| {
            tile.with(|tile| {
                columns.with(|columns| {
                    let mut draft =
                        if free { Draft::free(tile) } else { grains.with(|grains| Draft::of(tile, columns, grains)) };
                    sources.with(|s| draft.know(&s.plugins, columns));
                    draft
                })
            })
        });
        let editor = Self {
            tile,
            on_change,
            sources,
            loading: RwSignal::new(true),
            failed: RwSignal::new(None),
            grains,
            chosen: StoredValue::new(None),
            dataset,
            columns,
            draft,
            dragged: RwSignal::new(None),
            rows: RwSignal::new(None),
            toasts: use_toasts(),
        };
        Effect::new(move |_| {
            sql.track();
            editor.load();
        });
        // Whoever closes the panel meanwhile has chosen all the same.
        on_cleanup(move || editor.take_chosen(&Grains::new()));
        Effect::new(move |_| {
            if let Some(name) = dataset.with(|d| d.as_ref().map(|d| d.id.clone())) {
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
    pub(crate) fn load(self) {
        self.loading.set(true);
        let (sql, name) = self.tile.with_untracked(|t| {
            let source = t.data_source.clone().unwrap_or_default();
            (source.sql, source.query.map(|q| q.dataset).unwrap_or_default())
        });
        leptos::task::spawn_local(async move {
            let answer = tile_sources().await;
            // A SELECT of a tile is in no list. Where the tile has its text, the question names nothing.
            let own = match sql {
                Some(sql) => dataset_of_sql(sql).await.ok().map(|d| Dataset { name: String::new(), ..d }),
                None if name.starts_with("sql:") => get_dataset(name).await.ok(),
                None => None,
            };
            _ = self.loading.try_set(false);
            match answer {
                Ok(mut sources) => {
                    sources.datasets.extend(own.map(|d| Dataset { label: "SQL of this chart".into(), ..d }));
                    _ = self.failed.try_set(None);
                    _ = self.sources.try_set(sources);
                }
                Err(error) => _ = self.failed.try_set(Some(error.into())),
            }
        });
    }

    /// Changes the tile, if it really changes.
    pub(crate) fn edit(self, change: impl FnOnce(&mut Draft, &[Column], &Grains)) {
        let before = self.draft.get_untracked();
        let mut draft = before.clone();
        self.columns.with_untracked(|columns| self.grains.with_untracked(|grains| change(&mut draft, columns, grains)));
        draft.follow_names(&before);
        self.put(draft);
    }

    /// What a kind is called, also one that an administrator added.
    pub(crate) fn kind_label(self, kind: ChartKind) -> String {
        let own = self.sources.with(|s| s.plugin(kind).map(|p| p.template.name.clone()));
        match (own, kind) {
            (Some(name), _) => name,
            (None, ChartKind::Plugin(name)) => name.name().to_owned(),
            (None, kind) => kind.label().to_owned(),
        }
    }

    /// The chart that a tile is, with what a plug-in is drawn by.
    pub(crate) fn spec_of(self, tile: &Tile) -> ChartSpec {
        let spec = spec_of(tile);
        let plugin = self.sources.with(|s| s.plugin(spec.kind).map(|p| Arc::new(p.template.clone())));
        ChartSpec { plugin, ..spec }
    }

    /// Asks another dataset.
    pub(crate) fn choose_dataset(self, name: &str) {
        let found = self.sources.with_untracked(|s| s.datasets.iter().find(|d| d.name == name).cloned());
        let Some(dataset) = found else { return };
        let name = dataset.name.clone();
        self.chosen.set_value(Some(dataset));
        leptos::task::spawn_local(async move {
            // The grains decide what the first chart looks like; without them it is by month.
            let grains = time_grains(name.clone()).await.unwrap_or_default();
            _ = self.grains.try_set(grains.clone());
            if self.chosen.try_with_value(|c| c.as_ref().is_some_and(|c| c.name == name)) == Some(true) {
                self.take_chosen(&grains);
            }
        });
    }

    /// Asks the dataset that was chosen last, if that has not been done.
    fn take_chosen(self, grains: &Grains) {
        let Some(dataset) = self.chosen.try_update_value(Option::take).flatten() else { return };
        let Some(mut draft) = self.draft.try_get_untracked() else { return };
        draft.set_dataset(&dataset.name, &dataset.columns, grains);
        self.put(draft);
    }

    fn put(self, draft: Draft) {
        let now = self.tile.get_untracked();
        let next = draft.into_tile(&now);
        if next != now {
            _ = self.on_change.try_run(next);
        }
    }

    /// Puts what is being dragged into a well.
    pub(crate) fn drop_into(self, well: Well) {
        let Some(dragged) = self.dragged.get_untracked() else { return };
        self.dragged.set(None);
        if dragged.from.is_some_and(|(from, _)| from == well) {
            return;
        }
        self.place(&dragged.pick, Some(well), dragged.from);
    }

    /// Puts a field into a well, or where it belongs; one that is there already stays as it is.
    pub(crate) fn place(self, pick: &Pick, well: Option<Well>, from: Option<(Well, usize)>) {
        let (mut taken, mut name) = (None, String::new());
        self.edit(|draft, columns, grains| {
            let before = draft.clone();
            if let Some((from, index)) = from {
                draft.remove(from, index);
            }
            let well = well.unwrap_or_else(|| draft.home_of(pick, columns));
            if !draft.add(pick, well, columns, grains) {
                name = match pick {
                    Pick::Count => "Count of rows".to_owned(),
                    Pick::CountIf | Pick::Ratio => "This number".to_owned(),
                    Pick::Metric(id) => self.metric_name(id).unwrap_or_else(|| domain::names::to_label(id)),
                    Pick::Column(name) => columns.iter().find(|c| c.name == *name).map_or(name, |c| &c.label).clone(),
                };
                let infos = draft.wells();
                let label = infos.iter().find(|w| w.well == well).map(|w| w.label.to_string());
                taken = Some(label.unwrap_or_else(|| "the chart".to_owned()));
                *draft = before;
            }
        });
        if let Some(place) = taken {
            self.toasts.info(format!("{name} is in “{place}” already."));
        }
    }

    pub(crate) fn column(self, name: &str) -> Option<Column> {
        self.columns.with(|columns| columns.iter().find(|c| c.name == name).cloned())
    }

    /// Other words for a column, joined or not.
    pub(crate) fn synonyms(self, column: &str) -> Vec<String> {
        let (dataset, own) = self.draft.with(|d| joined::home(&d.query, column));
        self.sources.with(|s| s.synonyms.get(&dataset).and_then(|words| words.get(&own)).cloned()).unwrap_or_default()
    }

    /// What a metric is called.
    pub(crate) fn metric_name(self, id: &str) -> Option<String> {
        self.sources.with(|s| s.metrics.iter().find(|m| m.id == id).map(|m| m.name.clone()))
    }

    /// Where the values of a column come from, joined or not.
    pub(crate) fn origin(self, column: &str) -> Origin {
        let (dataset, own) = self.draft.with_untracked(|d| joined::home(&d.query, column));
        let of_sql = || self.dataset.with_untracked(|d| d.as_ref().map(|d| d.id.clone())).unwrap_or_default();
        let dataset = if dataset.is_empty() { of_sql() } else { dataset };
        Origin { dashboard: String::new(), dataset, column: Some(own) }
    }

    /// Whether a metric can be one of the numbers: it is a single aggregate of a dataset of the question.
    pub(crate) fn takes_metric(self, metric: &MetricChoice) -> bool {
        let Some(of) = &metric.dataset else { return false };
        let is_base = self.dataset.with(|d| d.as_ref().is_some_and(|d| d.name == *of || d.id == *of));
        is_base || self.draft.with(|d| d.query.joins.iter().any(|join| join.dataset == *of))
    }
}
