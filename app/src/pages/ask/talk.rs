//! The state of the page: what was said, what was understood of it, and the question that came of it,
//! which is edited and answered like that of Explore.

use super::history;
use super::place::{PATH, Place, question_of};
use crate::api::Result;
use crate::api::asking::understand_question;
use crate::components::{OneAtATime, use_local_storage};
use crate::pages::explore::question::Question;
use crate::tiles::logic::draft::asks;
use crate::tiles::logic::shape;
use crate::tiles::panel::{Asked, Editor};
use domain::ask::{AskContext, AskRequest, Intent, Outcome, Reading};
use domain::asking::AskAnswer;
use domain::{ChartKind, Tile};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// Rows to reckon with while none are known.
const SOME_ROWS: usize = 12;

/// The page's state. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Talk {
    pub(super) place: Memo<Place>,
    /// What stands in the box.
    pub(super) typed: RwSignal<String>,
    /// What came of the words; absent while they are read, and where a question was sent without.
    pub(super) understood: RwSignal<Option<Result<AskAnswer>>>,
    pub(super) reading: RwSignal<bool>,
    pub(super) question: RwSignal<Question>,
    pub(super) shown: RwSignal<ChartKind>,
    pub(super) editor: Editor,
    pub(super) asked: Asked,
    pub(super) past: RwSignal<String>,
    go: Callback<(Place, bool)>,
    work: OneAtATime,
}

impl Talk {
    pub(super) fn new() -> Self {
        let location = use_location();
        let navigate = StoredValue::new(use_navigate());
        let place = Memo::new(move |before: Option<&Place>| {
            // On the way to another page its address is none of ours.
            if location.pathname.get() != PATH {
                return before.cloned().unwrap_or_default();
            }
            location.query.with(|query| Place::read(|key| query.get(key)))
        });
        let question = RwSignal::new(place.with_untracked(|p| p.own.clone()).unwrap_or_default());
        let shown = RwSignal::new(question.with_untracked(|q| q.kind.unwrap_or(ChartKind::Table)));
        let go = Callback::new(move |(place, replace): (Place, bool)| {
            let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
            navigate.with_value(|go| go(&place.address(), options));
        });
        let tile = Signal::derive(move || question.with(|q| q.to_tile(shown.get())));
        let change = Callback::new(move |tile: Tile| {
            let next = question.with_untracked(|q| q.after(tile, shown.get_untracked()));
            if question.with_untracked(|now| now.difference(&next).is_none()) {
                return;
            }
            let now = place.get_untracked();
            // The first change is a step of its own; those after it belong to it.
            let replace = now.own.is_some();
            question.set(next.clone());
            go.run((Place { own: Some(next), ..now }, replace));
        });
        let editor = Editor::free(tile, change);
        let talk = Self {
            place,
            typed: RwSignal::new(String::new()),
            understood: RwSignal::new(None),
            reading: RwSignal::new(place.with_untracked(|p| !p.words.is_empty() && p.own.is_none())),
            question,
            shown,
            editor,
            asked: Asked::new(editor),
            past: use_local_storage(history::KEY, "[]"),
            go,
            work: OneAtATime::new(),
        };
        talk.follow_kind();
        talk.follow_address();
        talk
    }

    /// Drawn as it was read, or chosen; what that cannot show is drawn as suits it.
    fn follow_kind(self) {
        Effect::new(move |_| {
            let rows = self.editor.rows.get().unwrap_or(SOME_ROWS);
            let kind = self.question.with(|q| {
                if !q.query.columns.is_empty() {
                    return Some(ChartKind::Table);
                }
                self.editor.columns.with(|columns| {
                    if columns.is_empty() || !asks(&q.query) {
                        return q.kind;
                    }
                    let fields = shape::fields(&q.query, columns);
                    let fits = |kind: &ChartKind| {
                        matches!(kind, ChartKind::Plugin(_)) || charts::suits(*kind, &fields, rows).is_none()
                    };
                    q.kind.filter(fits).or_else(|| Some(charts::suggest(&fields, rows)))
                })
            });
            if let Some(kind) = kind.filter(|kind| self.shown.get_untracked() != *kind) {
                self.shown.set(kind);
            }
        });
    }

    /// Words in the address are read; Back and Forward lead to what was there.
    fn follow_address(self) {
        let wanted = Memo::new(move |_| self.place.with(|p| (p.words.clone(), p.after.clone())));
        let own = Memo::new(move |_| self.place.with(|p| p.own.clone()));
        Effect::new(move |before: Option<(String, Option<AskContext>)>| {
            let now = wanted.get();
            let is_same = before.as_ref() == Some(&now);
            match own.get() {
                Some(own) => {
                    if !is_same {
                        self.work.cancel();
                        self.reading.set(false);
                        self.understood.set(None);
                    }
                    self.show(own);
                }
                None if now.0.is_empty() => {
                    self.work.cancel();
                    self.reading.set(false);
                    self.understood.set(None);
                    self.show(Question::default());
                }
                None if is_same && self.understood.with_untracked(Option::is_some) => {
                    let answer = self.answer().map(|reading| question_of(&reading)).unwrap_or_default();
                    self.show(answer);
                }
                None => self.read(now.0.clone(), now.1.clone()),
            }
            now
        });
    }

    fn show(self, question: Question) {
        if self.question.with_untracked(|now| *now != question) {
            self.question.set(question);
        }
    }

    /// The reading that is asserted, without following it.
    fn answer(self) -> Option<Reading> {
        self.understood.with_untracked(|u| u.as_ref()?.as_ref().ok()?.understanding.answer().cloned())
    }

    fn read(self, words: String, after: Option<AskContext>) {
        self.reading.set(true);
        self.understood.set(None);
        self.show(Question::default());
        let request = AskRequest { question: words, context: after, ..AskRequest::default() };
        self.work.start(async move {
            let answer = understand_question(request).await;
            let question = answer.as_ref().ok().and_then(|a| a.understanding.answer().map(question_of));
            _ = self.reading.try_set(false);
            if let Some(question) = question {
                _ = self.question.try_set(question);
                history::keep(self.past, &self.place.get_untracked());
            }
            _ = self.understood.try_set(Some(answer));
        });
    }

    /// What there is to say to the words of now, once more: something was taught meanwhile.
    pub(super) fn again(self) {
        let place = self.place.get_untracked();
        if place.own.is_some() {
            self.go.run((Place { own: None, ..place.clone() }, true));
        }
        self.read(place.words, place.after);
    }

    /// Asks something: about the answer that is there, if there is one.
    pub(super) fn ask(self, words: &str) {
        if words.trim().is_empty() {
            return;
        }
        let answer = self.asked.asks.get_untracked().then(|| AskContext {
            query: self.question.with_untracked(|q| q.query.clone()),
            kind: self.shown.get_untracked(),
        });
        let next = self.place.with_untracked(|now| now.next(words, answer));
        self.typed.set(String::new());
        self.go.run((next, false));
    }

    /// Takes one of several readings.
    pub(super) fn choose(self, reading: &Reading) {
        let place = Place { own: Some(question_of(reading)), ..self.place.get_untracked() };
        history::keep(self.past, &place);
        self.go.run((place, false));
    }

    /// Begins anew.
    pub(super) fn renew(self) {
        self.typed.set(String::new());
        self.go.run((Place::default(), false));
    }

    pub(super) fn outcome(self) -> Option<Outcome> {
        self.understood.with(|u| Some(u.as_ref()?.as_ref().ok()?.understanding.outcome))
    }

    /// What is to be done with the answer, where that is more than to show it.
    pub(super) fn intent(self) -> Option<(Intent, Reading)> {
        let own = self.place.with(|p| p.own.clone());
        self.understood.with(|u| {
            let understanding = &u.as_ref()?.as_ref().ok()?.understanding;
            let reading = match &own {
                // One of several was taken: the intent is that of the first.
                Some(own) => understanding.readings.first().filter(|r| question_of(r) == *own)?,
                None => understanding.answer()?,
            };
            Some((understanding.intent.clone(), reading.clone())).filter(|(intent, _)| *intent != Intent::Show)
        })
    }
}
