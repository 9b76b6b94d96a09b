//! The rows that are held in the browser: asked for in blocks, as they come into sight.

use super::window::{BLOCK, ROW, STRETCH, blocks, in_sight};
use crate::api::datasets::dataset_rows;
use domain::api::RowsRequest;
use domain::{Cell, Dataset, Error};
use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use std::collections::{BTreeMap, BTreeSet};

/// Blocks kept on either side of what is seen.
const KEEP: u64 = 20;

type Block = Vec<Vec<Cell>>;

/// The state of the browser of rows. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) dataset: RwSignal<Dataset>,
    /// Column, and whether the largest come first.
    pub(super) sort: RwSignal<Option<(String, bool)>>,
    /// The first row of the stretch that is scrolled.
    pub(super) base: RwSignal<u64>,
    pub(super) top: RwSignal<f64>,
    pub(super) height: RwSignal<f64>,
    pub(super) held: RwSignal<BTreeMap<u64, Block>>,
    asked: StoredValue<BTreeSet<u64>>,
    /// Answers to questions of an earlier order or version are dropped.
    round: StoredValue<u64>,
    pub(super) error: RwSignal<Option<Error>>,
    pub(super) scroller: NodeRef<html::Div>,
}

impl Rows {
    pub(super) fn new(dataset: RwSignal<Dataset>) -> Self {
        Self {
            dataset,
            sort: RwSignal::new(None),
            base: RwSignal::new(0),
            top: RwSignal::new(0.0),
            height: RwSignal::new(640.0),
            held: RwSignal::new(BTreeMap::new()),
            asked: StoredValue::new(BTreeSet::new()),
            round: StoredValue::new(0),
            error: RwSignal::new(None),
            scroller: NodeRef::new(),
        }
    }

    pub(super) fn total(self) -> u64 {
        self.dataset.with(|d| d.row_count)
    }

    pub(super) fn stretch(self) -> u64 {
        self.total().saturating_sub(self.base.get()).min(STRETCH)
    }

    /// The rows to draw, counted from the first of all.
    pub(super) fn window(self) -> (u64, u64) {
        let (first, last) = in_sight(self.top.get(), self.height.get(), self.stretch());
        (self.base.get() + first, self.base.get() + last)
    }

    pub(super) fn forget(self) {
        self.round.update_value(|round| *round += 1);
        self.asked.update_value(BTreeSet::clear);
        self.held.update(BTreeMap::clear);
        self.error.set(None);
    }

    /// Asks for what is in sight and not there yet.
    pub(super) fn fetch(self) {
        let (first, last) = untrack(|| self.window());
        let wanted = blocks(first, last);
        let near = wanted.start().saturating_sub(KEEP)..=wanted.end() + KEEP;
        self.asked.update_value(|asked| asked.retain(|b| near.contains(b)));
        if self.held.with_untracked(|held| held.keys().any(|b| !near.contains(b))) {
            self.held.update(|held| held.retain(|b, _| near.contains(b)));
        }
        for block in wanted {
            let new = self.asked.try_update_value(|asked| asked.insert(block)).unwrap_or(false);
            if new && block * BLOCK < self.dataset.with_untracked(|d| d.row_count) {
                self.ask(block);
            }
        }
    }

    fn ask(self, block: u64) {
        let (sort, descending) = self.sort.get_untracked().unzip();
        let request =
            RowsRequest { limit: Some(BLOCK), offset: block * BLOCK, sort, descending: descending.unwrap_or(false) };
        let name = self.dataset.with_untracked(|d| d.name.clone());
        let round = self.round.try_get_value();
        spawn_local(async move {
            let result = dataset_rows(name, request).await;
            if self.round.try_get_value() != round {
                return;
            }
            match result {
                Ok(rows) => {
                    _ = self.error.try_set(None);
                    _ = self.held.try_update(|held| held.insert(block, rows));
                }
                Err(error) => {
                    _ = self.asked.try_update_value(|asked| asked.remove(&block));
                    _ = self.error.try_set(Some(error.0));
                }
            }
        });
    }

    /// Not sorted, smallest first, largest first, and again.
    pub(super) fn sort_by(self, column: &str) {
        self.sort.update(|sort| {
            *sort = match sort.take() {
                Some((now, false)) if now == column => Some((now, true)),
                Some((now, true)) if now == column => None,
                _ => Some((column.to_owned(), false)),
            };
        });
        self.go(0);
    }

    /// Shows a row, counted from 0, at the top.
    pub(super) fn go(self, row: u64) {
        let row = row.min(self.dataset.with_untracked(|d| d.row_count).saturating_sub(1));
        self.base.set(row / STRETCH * STRETCH);
        let top = (row % STRETCH) as f64 * ROW;
        // The stretch takes its new height first.
        request_animation_frame(move || {
            if let Some(Some(scroller)) = self.scroller.try_get_untracked() {
                scroller.set_scroll_top(top as i32);
            }
            _ = self.top.try_set(top);
        });
    }
}
