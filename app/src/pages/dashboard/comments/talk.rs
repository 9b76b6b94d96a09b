//! The threads of the page: loaded once, kept up to date by the socket, and which of them are looked at.

use super::place::Draft;
use crate::api::comments::{list_threads, read_comments, read_thread};
use crate::components::toast::{Toasts, use_toasts};
use crate::live::use_topic;
use crate::pages::dashboard::stage::Stage;
use crate::pages::dashboard::tile_deeds;
use crate::pages::deeds::in_place;
use crate::session::use_session;
use crate::tiles::Pinned;
use domain::comment::{CommentNews, MOST_THREADS, Person, Thread, ThreadState, ThreadsRequest};
use domain::{Access, Error};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::query_signal_with_options;
use std::collections::BTreeMap;

/// Which threads the panel lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    #[default]
    Open,
    Resolved,
    Mine,
    Mentions,
}

impl Which {
    pub(super) const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Open, "open", "Open"),
        (Self::Resolved, "resolved", "Resolved"),
        (Self::Mine, "mine", "Mine"),
        (Self::Mentions, "mentions", "Mentions"),
    ];

    pub(super) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(which, ..)| *which == self).map_or("open", |(_, word, _)| word)
    }

    pub(super) fn parse(word: &str) -> Self {
        Self::ALL.iter().find(|(_, own, _)| *own == word).map(|(which, ..)| *which).unwrap_or_default()
    }

    /// Whether a thread is among them, for somebody.
    pub(super) fn has(self, thread: &Thread, me: &str) -> bool {
        match self {
            Self::Open => thread.resolved.is_none(),
            Self::Resolved => thread.resolved.is_some(),
            Self::Mine => thread.is_by(me),
            Self::Mentions => thread.names(me),
        }
    }

    fn request(self, cursor: Option<String>) -> ThreadsRequest {
        let state = match self {
            Self::Open => ThreadState::Open,
            Self::Resolved => ThreadState::Resolved,
            Self::Mine | Self::Mentions => ThreadState::All,
        };
        let (mine, mentions) = (self == Self::Mine, self == Self::Mentions);
        // The open ones are also on the tiles: all of them, as far as one page goes.
        let limit = (self == Self::Open).then_some(MOST_THREADS);
        ThreadsRequest { state, mine, mentions, tile: None, limit, cursor }
    }
}

/// How far the threads of a list are here.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Loaded {
    Asking,
    /// With the cursor of what follows.
    Here(Option<String>),
    Failed(Error),
}

/// The threads of the page. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Talk {
    dashboard: StoredValue<String>,
    me: StoredValue<Person>,
    pub(super) can_write: bool,
    pub(super) is_owner: bool,
    pub(super) threads: RwSignal<BTreeMap<String, Thread>>,
    pub(super) lists: RwSignal<BTreeMap<Which, Loaded>>,
    /// The panel is open.
    pub(in crate::pages::dashboard) open: RwSignal<bool>,
    pub(super) which: RwSignal<Which>,
    /// Only those of this tile.
    pub(super) tile: RwSignal<Option<String>>,
    /// The thread that is looked at.
    pub(super) shown: RwSignal<Option<String>>,
    /// What is being begun.
    pub(super) draft: RwSignal<Option<Draft>>,
    /// The tile to go to, once it is on the page.
    jump: RwSignal<Option<String>>,
    toasts: Toasts,
}

/// Follows the comments of a dashboard for as long as the calling component lives.
pub(in crate::pages::dashboard) fn provide_talk(stage: Stage) -> Talk {
    let me = use_session().caller().map(|c| Person { id: c.user_id, name: c.name }).unwrap_or_default();
    let access = stage.about.with_value(|about| about.access);
    let talk = Talk {
        dashboard: StoredValue::new(stage.board.id()),
        me: StoredValue::new(me),
        can_write: access >= Access::Comment,
        is_owner: access >= Access::Owner,
        threads: RwSignal::new(BTreeMap::new()),
        lists: RwSignal::new(BTreeMap::new()),
        open: RwSignal::new(false),
        which: RwSignal::new(Which::Open),
        tile: RwSignal::new(None),
        shown: RwSignal::new(None),
        draft: RwSignal::new(None),
        jump: RwSignal::new(None),
        toasts: use_toasts(),
    };
    provide_context(talk);
    // Whoever sees it through a link neither reads nor writes.
    if stage.is_guest() {
        return talk;
    }
    use_topic(format!("comments:{}", stage.board.id()), move |message| {
        if let Some(news) = message.data.and_then(|data| serde_json::from_value(data).ok()) {
            talk.hear(news);
        }
    });
    talk.follow_address();
    // One panel at a time.
    Effect::new(move |_| {
        if talk.open.get() {
            stage.panel.set(None);
            stage.behind.set(None);
        }
    });
    Effect::new(move |_| {
        if stage.panel.with(Option::is_some) || stage.behind.with(Option::is_some) {
            talk.open.set(false);
        }
    });
    Effect::new(move |_| {
        let Some(id) = talk.jump.get() else { return };
        if stage.items.with(|items| items.iter().any(|item| item.id == id)) {
            talk.jump.set(None);
            tile_deeds::reveal(id.clone());
            tile_deeds::focus_tile(id);
        } else if let Some(tab) = stage.board.tile(&id).and_then(|tile| tile.tab)
            && stage.tab.with_untracked(|now| now.as_ref() != Some(&tab))
        {
            stage.choose_tab.run(tab);
        }
    });
    talk
}

impl Talk {
    pub(super) fn dashboard(self) -> String {
        self.dashboard.get_value()
    }

    pub(super) fn my_id(self) -> String {
        self.me.with_value(|me| me.id.clone())
    }

    /// Takes what the socket tells.
    fn hear(self, news: CommentNews) {
        match (news.thread, news.gone) {
            (Some(thread), _) => {
                // Of one that is not here it is not known what was read of it.
                let is_here = self.threads.with_untracked(|all| all.contains_key(&thread.id));
                if is_here || thread.comments.len() == 1 {
                    self.put(thread);
                } else {
                    self.fetch(thread.id, false);
                }
            }
            (None, Some(id)) => _ = self.threads.try_update(|all| all.remove(&id)),
            (None, None) => {
                _ = self.lists.try_update(BTreeMap::clear);
                self.load(Which::Open, None);
            }
        }
    }

    /// Keeps a thread as it is now. What is pushed does not say what was read.
    pub(super) fn put(self, mut thread: Thread) {
        _ = self.threads.try_update(|all| {
            if let Some(before) = all.get(&thread.id) {
                if thread.updated_at < before.updated_at {
                    return;
                }
                thread.read_to = thread.read_to.max(before.read_to.clone());
            }
            all.insert(thread.id.clone(), thread);
        });
    }

    /// Loads a list unless it is here.
    pub(super) fn want(self, which: Which) {
        if !self.lists.with_untracked(|lists| matches!(lists.get(&which), Some(Loaded::Asking | Loaded::Here(_)))) {
            self.load(which, None);
        }
    }

    /// Loads a page of a list. The first of the open ones takes the place of all that was here.
    pub(super) fn load(self, which: Which, cursor: Option<String>) {
        let begins = which == Which::Open && cursor.is_none();
        // What arrives while it is asked for is newer than the answer.
        let before: Vec<String> = self.threads.with_untracked(|all| all.keys().cloned().collect());
        _ = self.lists.try_update(|lists| lists.insert(which, Loaded::Asking));
        spawn_local(async move {
            let Some(dashboard) = self.dashboard.try_get_value() else { return };
            let loaded = match list_threads(dashboard, which.request(cursor)).await {
                Ok(page) => {
                    if begins {
                        let is_there = |id: &String| page.items.iter().any(|t| t.id == *id);
                        let is_new = |id: &String| !before.contains(id);
                        _ = self.threads.try_update(|all| all.retain(|id, _| is_there(id) || is_new(id)));
                        // The one that is looked at may be another.
                        if let Some(id) = self.shown.try_get_untracked().flatten().filter(|id| !is_there(id)) {
                            self.fetch(id, false);
                        }
                    }
                    page.items.into_iter().for_each(|thread| self.put(thread));
                    Loaded::Here(page.next)
                }
                Err(error) => Loaded::Failed(error.0),
            };
            _ = self.lists.try_update(|lists| lists.insert(which, loaded));
            let which = self.which.try_get_untracked().filter(|which| *which != Which::Open);
            if let (true, Some(true), Some(which)) = (begins, self.open.try_get_untracked(), which) {
                self.want(which);
            }
        });
    }

    /// Gets one thread; with `loud`, says when it is not there.
    fn fetch(self, id: String, loud: bool) {
        spawn_local(async move {
            let Some(dashboard) = self.dashboard.try_get_value() else { return };
            match read_thread(dashboard, id.clone()).await {
                Ok(thread) => {
                    let state = if thread.resolved.is_some() { Which::Resolved } else { Which::Open };
                    self.put(thread);
                    if loud {
                        _ = self.which.try_set(state);
                    }
                }
                Err(error) if loud => {
                    _ = self.shown.try_set(None);
                    self.toasts.error(&error.0.hint("Somebody may have deleted it."));
                }
                Err(_) => {}
            }
        });
    }

    /// `?thread=…` opens a thread; closing the panel takes it out of the address.
    fn follow_address(self) {
        let (asked, set_asked) = query_signal_with_options::<String>("thread", in_place());
        Effect::new(move |_| {
            if let Some(id) = asked.get() {
                self.show_thread(&id);
            }
        });
        Effect::new(move |was: Option<bool>| {
            let now = self.open.get();
            if was == Some(true) && !now {
                self.draft.set(None);
                self.tile.set(None);
                self.shown.set(None);
                if asked.get_untracked().is_some() {
                    set_asked.set(None);
                }
            }
            now
        });
    }

    /// Opens the panel with a thread.
    pub(in crate::pages::dashboard) fn show_thread(self, id: &str) {
        self.tile.set(None);
        self.shown.set(Some(id.to_owned()));
        let state = self.threads.with_untracked(|all| all.get(id).map(|t| t.resolved.is_some()));
        match state {
            Some(true) => self.which.set(Which::Resolved),
            Some(false) => self.which.set(Which::Open),
            None => self.fetch(id.to_owned(), true),
        }
        self.open.set(true);
    }

    /// Opens the panel with the threads of a tile; of one alone with that.
    pub(super) fn show_tile(self, id: &str) {
        let own: Vec<String> = self.threads.with_untracked(|all| {
            let is = |t: &&Thread| t.tile.as_deref() == Some(id) && t.resolved.is_none();
            all.values().filter(is).map(|t| t.id.clone()).collect()
        });
        self.which.set(Which::Open);
        self.tile.set(Some(id.to_owned()));
        self.shown.set(own.first().filter(|_| own.len() == 1).cloned());
        self.open.set(true);
    }

    /// Opens the panel to begin a thread.
    pub(super) fn begin(self, draft: Draft) {
        self.draft.set(Some(draft));
        self.open.set(true);
    }

    /// Goes to a tile, on whatever tab it is.
    pub(super) fn go_to(self, tile: &str) {
        self.jump.set(None);
        self.jump.set(Some(tile.to_owned()));
    }

    /// Open threads of a tile, and how many comments of them are unread.
    pub(super) fn count_of(self, tile: &str) -> (usize, usize) {
        let me = self.my_id();
        self.threads.with(|all| {
            let own = all.values().filter(|t| t.tile.as_deref() == Some(tile) && t.resolved.is_none());
            own.fold((0, 0), |(threads, unread), t| (threads + 1, unread + t.unread(&me)))
        })
    }

    /// Comments that were not read, of all threads that are open.
    pub(super) fn unread(self) -> usize {
        let me = self.my_id();
        self.threads.with(|all| all.values().filter(|t| t.resolved.is_none()).map(|t| t.unread(&me)).sum())
    }

    /// The open threads about places of a tile, the latest first.
    pub(in crate::pages::dashboard) fn pins_of(self, tile: &str) -> Vec<Pinned> {
        self.threads.with(|all| {
            let own = all.values().filter(|t| t.tile.as_deref() == Some(tile) && t.resolved.is_none());
            let pin = |t: &Thread| Some(Pinned { thread: t.id.clone(), place: t.place.clone()?, comments: t.count() });
            own.filter_map(pin).rev().collect()
        })
    }

    /// Marks a thread as read, or all that are here.
    pub(super) fn mark_read(self, thread: Option<String>) {
        let seen = |t: &mut Thread| t.read_to = t.comments.last().map(|c| c.id.clone());
        _ = self.threads.try_update(|all| match &thread {
            Some(id) => {
                if let Some(thread) = all.get_mut(id) {
                    seen(thread);
                }
            }
            None => all.values_mut().for_each(seen),
        });
        let dashboard = self.dashboard();
        let toasts = self.toasts;
        spawn_local(async move {
            if let Err(error) = read_comments(dashboard, thread).await {
                toasts.error(&error.0);
            }
        });
    }

    /// Lists what a thread is among, where it is not in the present list any more.
    pub(super) fn which_of(self, id: &str) {
        let me = self.my_id();
        let which = self.which.get_untracked();
        let is_in = self.threads.with_untracked(|all| all.get(id).is_none_or(|t| which.has(t, &me)));
        if !is_in {
            self.which.set(Which::Open);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::comment::{Comment, Resolved};

    #[test]
    fn lists_take_what_belongs_to_them() {
        let ada = Person { id: "ada".into(), name: "ada".into() };
        let said = Comment { author: ada.clone(), ..Comment::default() };
        let open = Thread { comments: vec![said], ..Thread::default() };
        let done = Thread { resolved: Some(Resolved { by: ada, at: String::new() }), ..open.clone() };
        assert!(Which::Open.has(&open, "ben") && !Which::Open.has(&done, "ben") && Which::Resolved.has(&done, "ben"));
        assert!(Which::Mine.has(&done, "ada") && !Which::Mine.has(&open, "ben") && !Which::Mentions.has(&open, "ada"));
        for (which, word, _) in Which::ALL {
            assert_eq!((Which::parse(word), which.word()), (which, word));
        }
    }
}
