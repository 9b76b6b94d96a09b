//! What the parts of the page share: the moment that is looked at, what it is compared with, and what
//! is known of the history. Moment and comparison stand in the address, so that a link shows them.

use crate::api::history::{HistoryStart, read_moment, read_timeline};
use crate::components::OneAtATime;
use crate::pages::deeds::{Answer, in_place};
use domain::Error;
use domain::document::{Difference, diff};
use domain::history::{Author, Moment, NamedVersion, TimelineEntry};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};

/// What a moment is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Against {
    #[default]
    Nothing,
    /// What was before the step, or before the steps that are told with it.
    Before,
    /// The dashboard as it is.
    Now,
    /// Another moment.
    Step(u64),
}

impl Against {
    /// Reads the value of the address.
    pub(super) fn read(text: &str) -> Self {
        match text {
            "before" => Self::Before,
            "now" => Self::Now,
            number => number.parse().map_or(Self::Nothing, Self::Step),
        }
    }

    /// The value in the address; empty for nothing.
    pub(super) fn write(self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Before => "before".to_owned(),
            Self::Now => "now".to_owned(),
            Self::Step(seq) => seq.to_string(),
        }
    }

    /// The step that it means for a moment; 0 is before the first.
    fn step(self, at: u64, last: u64, entries: &[TimelineEntry]) -> Option<u64> {
        let told = entries.iter().find(|entry| entry.last == at && entry.first < at);
        let step = match self {
            Self::Nothing => return None,
            Self::Before => told.map_or(at, |entry| entry.first).saturating_sub(1),
            Self::Now => last,
            Self::Step(seq) => seq.min(last),
        };
        (step > 0 && step != at).then_some(step)
    }
}

/// The page. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct History {
    pub(super) id: StoredValue<String>,
    pub(super) slug: StoredValue<String>,
    pub(super) last: u64,
    /// The moment that readers see.
    pub(super) published: Option<u64>,
    /// The moment that is looked at.
    pub(super) at: Memo<u64>,
    pub(super) with: Memo<Against>,
    pub(super) moment: Answer<Moment>,
    compared: Answer<Option<Moment>>,
    pub(super) authors: StoredValue<Vec<Author>>,
    pub(super) versions: RwSignal<Vec<NamedVersion>>,
    pub(super) entries: RwSignal<Vec<TimelineEntry>>,
    pub(super) next: RwSignal<Option<u64>>,
    /// Only what this person did.
    pub(super) user: RwSignal<Option<String>>,
    pub(super) loading: RwSignal<bool>,
    pub(super) failed: RwSignal<Option<Error>>,
    work: OneAtATime,
    go: Callback<(u64, Against)>,
}

/// The page around this component.
pub(super) fn use_history() -> History {
    expect_context()
}

impl History {
    pub(super) fn new(start: HistoryStart) -> Self {
        let location = use_location();
        let said = move |key: &str| location.query.with(|query| query.get(key)).unwrap_or_default();
        let last = start.last.max(1);
        let at = Memo::new(move |_| said("at").parse().unwrap_or(last).clamp(1, last));
        let with = Memo::new(move |_| Against::read(&said("with")));
        let navigate = StoredValue::new(use_navigate());
        let go = Callback::new(move |(at, with): (u64, Against)| {
            let with = with.write();
            let with = if with.is_empty() { with } else { format!("&with={with}") };
            let address = format!("{}?at={at}{with}", location.pathname.get_untracked());
            navigate.with_value(|go| go(&address, in_place()));
        });
        let entries = RwSignal::new(start.timeline.items);
        let id = start.id.clone();
        let moment = Answer::of(move || read_moment(id.clone(), at.get()));
        let other = Memo::new(move |_| entries.with(|entries| with.get().step(at.get(), last, entries)));
        let id = start.id.clone();
        let compared = Answer::of(move || {
            let (id, other) = (id.clone(), other.get());
            async move {
                match other {
                    Some(seq) => read_moment(id, seq).await.map(Some),
                    None => Ok(None),
                }
            }
        });
        Self {
            id: StoredValue::new(start.id),
            slug: StoredValue::new(start.slug),
            last,
            published: start.published,
            at,
            with,
            moment,
            compared,
            authors: StoredValue::new(start.authors),
            versions: RwSignal::new(start.versions),
            entries,
            next: RwSignal::new(start.timeline.next),
            user: RwSignal::new(None),
            loading: RwSignal::new(false),
            failed: RwSignal::new(None),
            work: OneAtATime::new(),
            go,
        }
    }

    /// Looks at a moment.
    pub(super) fn look_at(self, seq: u64) {
        let seq = seq.clamp(1, self.last);
        if seq != self.at.get_untracked() {
            self.go.run((seq, self.with.get_untracked()));
        }
    }

    /// Compares with something else.
    pub(super) fn compare(self, with: Against) {
        self.go.run((self.at.get_untracked(), with));
    }

    /// What the moment is compared with, once it is here.
    pub(super) fn base(self) -> Option<Moment> {
        self.compared.get()?.ok().flatten()
    }

    /// What led from there to the moment on the screen.
    pub(super) fn difference(self) -> Option<Difference> {
        let (base, shown) = (self.base()?, self.moment.get()?.ok()?);
        Some(diff(&base.dashboard, &shown.dashboard))
    }

    /// Reads what was done before what is listed, or from the end.
    pub(super) fn load(self, anew: bool) {
        let before = if anew { None } else { self.next.get_untracked() };
        let (id, user) = (self.id.get_value(), self.user.get_untracked());
        self.loading.set(true);
        self.work.start(async move {
            let found = read_timeline(id, before, user).await;
            _ = self.loading.try_set(false);
            match found {
                Ok(page) => {
                    _ = self.failed.try_set(None);
                    _ = self.next.try_set(page.next);
                    self.entries.try_update(|all| {
                        if anew {
                            all.clear();
                        }
                        all.extend(page.items);
                    });
                }
                Err(error) => _ = self.failed.try_set(Some(error.0)),
            }
        });
    }

    /// The name of a moment, where it has one.
    pub(super) fn name_of(self, seq: u64) -> Option<String> {
        self.versions.with(|all| all.iter().find(|v| v.seq == seq).map(|v| v.name.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::document::Intent;

    fn entry(first: u64, last: u64) -> TimelineEntry {
        TimelineEntry {
            first,
            last,
            user_id: "u".into(),
            user_name: "U".into(),
            began_at: String::new(),
            ended_at: String::new(),
            intent: Intent::Edit,
            words: String::new(),
            undone: false,
            steps: Vec::new(),
        }
    }

    #[test]
    fn a_comparison_survives_the_address() {
        for with in [Against::Nothing, Against::Before, Against::Now, Against::Step(7)] {
            assert_eq!(Against::read(&with.write()), with);
        }
        assert_eq!(Against::read("soon"), Against::Nothing);
    }

    #[test]
    fn before_means_before_all_that_is_told_together() {
        let entries = [entry(5, 9), entry(1, 4)];
        assert_eq!(Against::Before.step(9, 12, &entries), Some(4));
        assert_eq!(Against::Before.step(7, 12, &entries), Some(6));
        assert_eq!(Against::Before.step(4, 12, &entries), None);
        assert_eq!(Against::Now.step(9, 12, &entries), Some(12));
        assert_eq!(Against::Now.step(12, 12, &entries), None);
        assert_eq!(Against::Step(99).step(3, 12, &entries), Some(12));
        assert_eq!(Against::Nothing.step(3, 12, &entries), None);
    }
}
