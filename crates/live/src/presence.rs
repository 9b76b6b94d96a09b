//! Who is on which dashboard, as far as this server knows. Nothing here outlives the process, and
//! nothing that is not said again stays: the pages of a server that died are gone after a while.

use crate::lock;
use domain::presence::{Page, SILENCE_SECONDS, Whereabouts};
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const SILENCE: Duration = Duration::from_secs(SILENCE_SECONDS);

/// A page, and when it was heard of.
struct Known {
    page: Page,
    heard: Instant,
}

/// All pages, by dashboard and by id.
#[derive(Default)]
pub struct Presence(Mutex<HashMap<String, BTreeMap<String, Known>>>);

impl Presence {
    /// A page is here, and where. Returns whether it was here before in the same place, its pointer
    /// apart.
    pub fn put(&self, dashboard: &str, page: Page, now: Instant) -> bool {
        let mut all = lock(&self.0);
        let pages = all.entry(dashboard.to_owned()).or_default();
        pages.retain(|_, known| now.saturating_duration_since(known.heard) < SILENCE);
        let at = page.at.clone();
        let before = pages.insert(page.id.clone(), Known { page, heard: now });
        before.is_some_and(|before| before.page.at.differs_by_pointer(&at))
    }

    /// The page is elsewhere now. `None`: it is not known here.
    pub fn moved(&self, dashboard: &str, id: &str, at: Whereabouts) -> Option<Page> {
        let known = lock(&self.0).get(dashboard)?.get(id)?.page.clone();
        Some(Page { at, ..known })
    }

    /// A page is gone. Returns whether it was here.
    pub fn remove(&self, dashboard: &str, id: &str) -> bool {
        let mut all = lock(&self.0);
        let Some(pages) = all.get_mut(dashboard) else { return false };
        let was_here = pages.remove(id).is_some();
        if pages.is_empty() {
            all.remove(dashboard);
        }
        was_here
    }

    /// Who is on a dashboard.
    pub fn pages(&self, dashboard: &str, now: Instant) -> Vec<Page> {
        let is_here = |known: &&Known| now.saturating_duration_since(known.heard) < SILENCE;
        let all = lock(&self.0);
        all.get(dashboard).into_iter().flat_map(BTreeMap::values).filter(is_here).map(|k| k.page.clone()).collect()
    }

    /// Forgets dashboards where nobody has been heard of for long.
    pub fn sweep(&self, now: Instant) {
        lock(&self.0).retain(|_, pages| {
            pages.retain(|_, known| now.saturating_duration_since(known.heard) < SILENCE);
            !pages.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::presence::Point;

    fn page(id: &str, at: Whereabouts) -> Page {
        Page { id: id.into(), user_id: "u".into(), user_name: "Ana".into(), at }
    }

    fn ids(presence: &Presence, now: Instant) -> Vec<String> {
        presence.pages("d", now).into_iter().map(|page| page.id).collect()
    }

    #[test]
    fn pages_come_move_and_go() {
        let (presence, now) = (Presence::default(), Instant::now());
        assert!(!presence.put("d", page("1", Whereabouts::default()), now));
        assert!(!presence.put("d", page("2", Whereabouts::default()), now));
        assert_eq!(ids(&presence, now), ["1", "2"]);
        let pointer = Whereabouts { pointer: Some(Point { x: 1.0, y: 2.0 }), ..Whereabouts::default() };
        assert!(presence.put("d", page("1", pointer), now), "only the pointer moved");
        let editing = Whereabouts { editing: true, ..Whereabouts::default() };
        let moved = presence.moved("d", "1", editing.clone()).unwrap();
        assert_eq!((moved.user_name.as_str(), &moved.at), ("Ana", &editing));
        assert!(!presence.put("d", moved, now));
        assert_eq!(presence.moved("d", "3", editing), None);
        assert!(presence.remove("d", "1"));
        assert!(!presence.remove("d", "1"));
        assert_eq!(ids(&presence, now), ["2"]);
    }

    #[test]
    fn who_is_not_heard_of_is_gone() {
        let (presence, began) = (Presence::default(), Instant::now());
        presence.put("d", page("ghost", Whereabouts::default()), began);
        let later = began + Duration::from_secs(30);
        presence.put("d", page("here", Whereabouts::default()), later);
        assert_eq!(ids(&presence, later), ["ghost", "here"]);
        let end = began + SILENCE;
        assert_eq!(ids(&presence, end), ["here"]);
        presence.sweep(end + SILENCE);
        assert!(lock(&presence.0).is_empty());
    }
}
