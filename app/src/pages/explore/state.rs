//! The state of Explore: one question, which is also the address of the page, so that Back, Forward
//! and a sent link lead to it; and the steps back of undo.

use super::question::{PATH, Question};
use crate::components::hooks::{is_typing, on_window};
use crate::components::use_shortcuts;
use crate::tiles::logic::draft::asks;
use crate::tiles::logic::shape;
use crate::tiles::panel::{Asked, Editor};
use domain::{ChartKind, Error, Tile};
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// Changes of the same part that follow each other sooner are one step of Back.
const ONE_STEP_MS: f64 = 1500.0;
/// Steps that can be undone.
const UNDO_STEPS: usize = 100;
/// Rows to reckon with while none are known.
const SOME_ROWS: usize = 12;

/// The page's state. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Explore {
    pub(super) question: RwSignal<Question>,
    /// How it is drawn: as somebody chose, else as suits the question.
    pub(super) shown: RwSignal<ChartKind>,
    pub(super) editor: Editor,
    pub(super) asked: Asked,
    /// What the address says that is no question.
    pub(super) unreadable: Memo<Option<Error>>,
    past: RwSignal<Vec<Question>>,
    future: RwSignal<Vec<Question>>,
    go: Callback<(Question, bool)>,
    last: StoredValue<Option<(f64, &'static str)>>,
}

impl Explore {
    pub(super) fn new() -> Self {
        let location = use_location();
        let navigate = StoredValue::new(use_navigate());
        let said = Memo::new(move |_| location.query.with(|query| Question::read(|key| query.get(key))));
        let unreadable = Memo::new(move |_| said.with(|said| said.as_ref().err().cloned()));
        let question = RwSignal::new(said.get_untracked().unwrap_or_default());
        let shown = RwSignal::new(question.with_untracked(|q| q.kind.unwrap_or(ChartKind::Table)));
        let go = Callback::new(move |(question, replace): (Question, bool)| {
            let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
            navigate.with_value(|go| go(&question.address(), options));
        });
        let (past, future) = (RwSignal::new(Vec::new()), RwSignal::new(Vec::new()));
        let last = StoredValue::new(None);
        let tile = Signal::derive(move || question.with(|q| q.to_tile(shown.get())));
        let change = Callback::new(move |tile: Tile| {
            let next = question.with_untracked(|q| q.after(tile, shown.get_untracked()));
            put(question, past, future, last, go, next);
        });
        let editor = Editor::free(tile, change);
        let best = Memo::new(move |_| {
            question.with(|q| {
                if !q.query.columns.is_empty() {
                    return Some(ChartKind::Table);
                }
                let rows = editor.rows.get().unwrap_or(SOME_ROWS);
                let known = editor.columns.with(|c| !c.is_empty());
                let suggest = || editor.columns.with(|c| charts::suggest(&shape::fields(&q.query, c), rows));
                (known && asks(&q.query)).then(suggest)
            })
        });
        let explore = Self { question, shown, editor, asked: Asked::new(editor), unreadable, past, future, go, last };
        Effect::new(move |_| {
            let raw = question.with(|q| !q.query.columns.is_empty());
            let chosen = question.with(|q| q.kind);
            let kind = if raw { Some(ChartKind::Table) } else { chosen.or(best.get()) };
            if let Some(kind) = kind.filter(|kind| shown.get_untracked() != *kind) {
                shown.set(kind);
            }
        });
        explore.follow_address(said, location.pathname);
        explore.begin_with_dataset();
        explore.listen();
        explore
    }

    /// Back, Forward and links change the question.
    fn follow_address(self, said: Memo<domain::Result<Question>>, path: Memo<String>) {
        Effect::new(move |before: Option<()>| {
            let Ok(wanted) = said.get() else { return };
            // On the way to another page its address is none of ours.
            let is_here = path.get_untracked() == PATH;
            if before.is_some() && is_here && self.question.with_untracked(|q| q.write() != wanted.write()) {
                let now = self.question.get_untracked();
                remember(self.past, now);
                self.future.set(Vec::new());
                self.last.set_value(None);
                self.question.set(wanted);
            }
        });
    }

    /// An address that names a dataset and no question begins with a first one.
    fn begin_with_dataset(self) {
        let begun = StoredValue::new(String::new());
        Effect::new(move |_| {
            let Some(name) = self.editor.dataset.with(|d| d.as_ref().map(|d| d.name.clone())) else { return };
            let empty = self.question.with(|q| !asks(&q.query) && q.query == bare(&q.query));
            // Who takes the last field out of a question wants to go on from there.
            let is_new = begun.get_value() != name;
            begun.set_value(name.clone());
            if empty && is_new {
                // The first question is no step of its own.
                self.last.set_value(Some((js_sys::Date::now(), "dimensions")));
                self.editor.choose_dataset(&name);
            }
        });
    }

    fn listen(self) {
        let shortcuts = use_shortcuts();
        shortcuts.add("Explore", "n", "New question", Callback::new(move |()| self.renew()));
        shortcuts.note("Explore", "mod+z", "Undo");
        shortcuts.note("Explore", "mod+shift+z", "Redo");
        on_window(ev::keydown, move |event: ev::KeyboardEvent| {
            let command = event.ctrl_key() || event.meta_key();
            if !command || event.default_prevented() || is_typing(&event) {
                return;
            }
            match (event.key().to_lowercase().as_str(), event.shift_key()) {
                ("z", false) => self.undo(),
                ("z", true) | ("y", _) => self.redo(),
                _ => return,
            }
            event.prevent_default();
        });
    }

    /// Asks something else.
    pub(super) fn put(self, next: Question) {
        put(self.question, self.past, self.future, self.last, self.go, next);
    }

    /// Lets the kind follow the question again.
    pub(super) fn follow_kind(self) {
        self.put(Question { kind: None, encodings: Default::default(), ..self.question.get_untracked() });
    }

    /// Begins anew.
    pub(super) fn renew(self) {
        self.put(Question::default());
    }

    pub(super) fn can_undo(self) -> bool {
        self.past.with(|past| !past.is_empty())
    }

    pub(super) fn can_redo(self) -> bool {
        self.future.with(|future| !future.is_empty())
    }

    /// Takes the last change back.
    pub(super) fn undo(self) {
        self.step(self.past, self.future);
    }

    /// Makes again what was taken back.
    pub(super) fn redo(self) {
        self.step(self.future, self.past);
    }

    fn step(self, from: RwSignal<Vec<Question>>, to: RwSignal<Vec<Question>>) {
        let Some(next) = from.try_update(Vec::pop).flatten() else { return };
        remember(to, self.question.get_untracked());
        self.last.set_value(None);
        self.question.set(next.clone());
        self.go.run((next, false));
    }
}

/// A question with nothing but its dataset and joins.
fn bare(query: &domain::Query) -> domain::Query {
    domain::Query { dataset: query.dataset.clone(), joins: query.joins.clone(), ..Default::default() }
}

fn remember(list: RwSignal<Vec<Question>>, question: Question) {
    list.update(|list| {
        if list.len() >= UNDO_STEPS {
            list.remove(0);
        }
        list.push(question);
    });
}

fn put(
    question: RwSignal<Question>,
    past: RwSignal<Vec<Question>>,
    future: RwSignal<Vec<Question>>,
    last: StoredValue<Option<(f64, &'static str)>>,
    go: Callback<(Question, bool)>,
    next: Question,
) {
    let Some(part) = question.with_untracked(|now| now.difference(&next)) else { return };
    let now = js_sys::Date::now();
    let soon = last.get_value().is_some_and(|(at, of)| of == part && now - at < ONE_STEP_MS);
    last.set_value(Some((now, part)));
    remember(past, question.get_untracked());
    future.set(Vec::new());
    question.set(next.clone());
    go.run((next, soon));
}
