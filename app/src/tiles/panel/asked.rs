//! The question of an editor being asked while it changes: the last answer stays until a newer one
//! is there, and an answer to an earlier question is not shown.

use super::editor::Editor;
use crate::api::tiles::preview_tile;
use crate::components::{OneAtATime, debounced};
use crate::tiles::nothing;
use domain::api::TileData;
use domain::chart::Encodings;
use domain::{ChartKind, Error, ErrorCode, Tile};
use leptos::prelude::*;

/// A pause in typing and clicking this long, in milliseconds, and the question is asked.
const PAUSE: u64 = 250;

/// The state of a question. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    /// The last answer; meaningful while `has`.
    pub(crate) data: RwSignal<TileData>,
    pub(crate) has: RwSignal<bool>,
    pub(crate) failed: RwSignal<Option<Error>>,
    pub(crate) loading: RwSignal<bool>,
    /// Whether there is a question.
    pub(crate) asks: Memo<bool>,
    again: Callback<()>,
    work: OneAtATime,
}

/// The tile as far as it decides about the rows.
fn question(tile: &Tile) -> Tile {
    let mut bare = Tile { title: String::new(), text: None, position: Default::default(), tab: None, ..tile.clone() };
    // These ask for more than their question says, as their options have it.
    if matches!(tile.chart_kind(), Some(ChartKind::Pivot | ChartKind::Histogram | ChartKind::BoxPlot)) {
        return bare;
    }
    if let Some(source) = &mut bare.data_source {
        source.encodings = Encodings::default();
        source.options.clear();
    }
    // All other kinds ask the same.
    bare.chart_type = None;
    bare.kind = Default::default();
    bare
}

impl Asked {
    /// Asks whenever the question changes.
    pub(crate) fn new(editor: Editor) -> Self {
        let data = RwSignal::new(nothing());
        let has = RwSignal::new(false);
        let failed = RwSignal::new(None::<Error>);
        let loading = RwSignal::new(false);
        let work = OneAtATime::new();
        let asks = Memo::new(move |_| editor.draft.with(|d| d.asks()));
        let wanted =
            Memo::new(move |_| asks.get().then(|| question(&editor.draft.get().into_tile(&editor.tile.get()))));
        let again = debounced(
            PAUSE,
            Callback::new(move |()| {
                let Some(_) = wanted.get_untracked() else { return };
                let tile = editor.draft.get_untracked().into_tile(&editor.tile.get_untracked());
                work.start(async move {
                    let answer = preview_tile(tile).await;
                    _ = loading.try_set(false);
                    match answer {
                        Ok(answer) => {
                            _ = editor.rows.try_set(Some(answer.table.row_count()));
                            _ = failed.try_set(None);
                            _ = data.try_set(answer);
                            _ = has.try_set(true);
                        }
                        Err(error) => _ = failed.try_set(Some(error.into())),
                    }
                });
            }),
        );
        Effect::new(move |_| {
            // Whatever is under way is no answer to this any more.
            work.cancel();
            if wanted.with(Option::is_some) {
                loading.set(true);
                again.run(());
            } else {
                loading.set(false);
                has.set(false);
                failed.set(None);
                editor.rows.set(None);
            }
        });
        Self { data, has, failed, loading, asks, again, work }
    }

    /// Gives up waiting; the server stops working on it.
    pub(crate) fn cancel(self) {
        self.work.cancel();
        self.loading.set(false);
        self.failed.set(Some(
            Error::new(ErrorCode::Cancelled, "The question was cancelled.").hint("Ask again, or narrow it first."),
        ));
    }

    /// Asks again.
    pub(crate) fn ask(self) {
        self.loading.set(true);
        self.again.run(());
    }
}
