//! Tiles: what stands on a dashboard, the panel that edits it, and the filter bar over it.
//!
//! [`TileView`] follows a tile's data and shows it; [`ChartView`] draws one chart; [`ChartPanel`]
//! edits a tile; [`FilterBar`] holds the controls of the page. What needs no browser is in [`logic`].

mod chart;
mod condition;
mod content;
mod feed;
mod filters;
mod glue;
mod local;
pub mod logic;
mod notes;
mod number;
pub(crate) mod panel;
mod period;
mod pivot;
mod select;
mod sheet;
mod size;
mod still;
mod values;
mod view;

pub use chart::ChartView;
pub(crate) use condition::ConditionEditor;
pub use content::TileContent;
pub use filters::FilterBar;
pub use number::NumberTile;
pub use panel::ChartPanel;
pub use select::{Asked, Chosen, Connect, Known, Pinned};
pub use sheet::SheetView;
pub(crate) use values::Origin;
pub use view::TileView;

pub use crate::session::locale;
use domain::api::TileData;
use domain::{ChartKind, ChartSpec, Table, Tile};

/// How a tile is; also its `data-state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TileState {
    #[default]
    Loading,
    /// The present rows are drawn.
    Ready,
    Empty,
    Error,
}

impl TileState {
    /// The value of `data-state`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Empty => "empty",
            Self::Error => "error",
        }
    }
}

/// The chart that a tile is, without its question.
pub fn spec_of(tile: &Tile) -> ChartSpec {
    let source = tile.data_source.clone().unwrap_or_default();
    ChartSpec::new(tile.chart_kind().unwrap_or(ChartKind::Table), source.encodings, source.options)
}

/// Whether a chart was drawn by a plug-in that has been removed.
pub fn is_gone(spec: &ChartSpec, data: &TileData) -> bool {
    matches!(spec.kind, ChartKind::Plugin(_))
        && spec.plugin.is_none()
        && data.spec.plugin.is_none()
        && spec.kind == data.spec.kind
}

/// What a tile shows before its first answer.
pub fn nothing() -> TileData {
    TileData {
        spec: ChartSpec::new(ChartKind::Table, Default::default(), Default::default()),
        query: None,
        table: Table::default(),
        reading: None,
        elapsed_ms: 0.0,
        cached: false,
        version: 0,
        ignored_filters: Vec::new(),
        sql: None,
        marks: Vec::new(),
    }
}
