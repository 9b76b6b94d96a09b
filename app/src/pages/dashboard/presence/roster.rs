//! Who is here, made of what the socket says. Plain data: no browser, no clock.

use crate::components::colour_of;
use domain::presence::{Page, PresenceNews, SILENCE_SECONDS};
use std::collections::BTreeMap;

/// An open page, when it was heard of, and when it was elsewhere last.
#[derive(Clone, Debug)]
struct Known {
    page: Page,
    heard: f64,
    moved: f64,
}

/// Everybody's pages. Times are milliseconds of one clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster {
    pages: BTreeMap<String, Known>,
    own: String,
}

/// A person, however many pages they have open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Person {
    pub(super) user_id: String,
    pub(super) name: String,
    /// The one that asks.
    pub(super) is_self: bool,
    /// Their page that moved last; of oneself, another than this one.
    pub(super) page: Page,
}

impl Person {
    /// One of ten colours.
    pub(super) fn colour(&self) -> usize {
        colour_of(&self.name)
    }
}

impl Roster {
    pub(super) fn hear(&mut self, news: PresenceNews, now: f64) {
        match news {
            PresenceNews::All { pages, own } => {
                let before = std::mem::take(&mut self.pages);
                self.own = own;
                for page in pages {
                    let moved = before.get(&page.id).filter(|k| k.page == page).map_or(now, |known| known.moved);
                    self.pages.insert(page.id.clone(), Known { page, heard: now, moved });
                }
            }
            PresenceNews::Here(page) => {
                let before = self.pages.get(&page.id).filter(|known| known.page == page).map(|known| known.moved);
                self.pages.insert(page.id.clone(), Known { page, heard: now, moved: before.unwrap_or(now) });
            }
            PresenceNews::Left(id) => drop(self.pages.remove(&id)),
        }
    }

    /// Forgets who has not been heard of.
    pub(super) fn forget_silent(&mut self, now: f64) {
        let silence = SILENCE_SECONDS as f64 * 1000.0;
        self.pages.retain(|_, known| now - known.heard < silence);
    }

    /// Whether anybody else's page, or another of one's own, would see what this one says.
    pub(super) fn has_company(&self) -> bool {
        self.pages.keys().any(|id| *id != self.own)
    }

    /// Everybody once, by name; oneself last.
    pub(super) fn people(&self) -> Vec<Person> {
        let me = self.pages.get(&self.own).map(|known| known.page.user_id.clone());
        let mut latest: BTreeMap<&str, &Known> = BTreeMap::new();
        for known in self.pages.values() {
            let best = latest.entry(&known.page.user_id).or_insert(known);
            let is_other = |k: &Known| k.page.id != self.own;
            if (is_other(known), known.moved) > (is_other(best), best.moved) {
                *best = known;
            }
        }
        let person = |(user, known): (&str, &Known)| Person {
            user_id: user.to_owned(),
            name: known.page.user_name.clone(),
            is_self: me.as_deref() == Some(user),
            page: known.page.clone(),
        };
        let mut people: Vec<Person> = latest.into_iter().map(person).collect();
        people.sort_by(|a, b| (a.is_self, &a.name, &a.user_id).cmp(&(b.is_self, &b.name, &b.user_id)));
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::presence::Whereabouts;

    fn page(id: &str, user: &str, editing: bool) -> Page {
        let at = Whereabouts { editing, ..Whereabouts::default() };
        Page { id: id.into(), user_id: user.to_lowercase(), user_name: user.into(), at }
    }

    fn names(roster: &Roster) -> Vec<String> {
        roster.people().into_iter().map(|person| person.name).collect()
    }

    #[test]
    fn a_person_with_two_pages_is_one() {
        let mut roster = Roster::default();
        let pages = vec![page("1", "Zoe", false), page("2", "Ana", false), page("3", "Ana", false)];
        roster.hear(PresenceNews::All { pages, own: "2".into() }, 0.0);
        assert_eq!(names(&roster), ["Zoe", "Ana"], "oneself comes last");
        assert!(roster.people()[1].is_self);
        roster.hear(PresenceNews::Left("3".into()), 1.0);
        assert_eq!(names(&roster), ["Zoe", "Ana"]);
        roster.hear(PresenceNews::Left("1".into()), 2.0);
        assert_eq!(names(&roster), ["Ana"]);
        assert!(!roster.has_company());
    }

    #[test]
    fn the_page_that_moved_last_says_where_somebody_is() {
        let mut roster = Roster::default();
        let pages = vec![page("own", "Ana", false), page("1", "Zoe", false), page("2", "Zoe", false)];
        roster.hear(PresenceNews::All { pages, own: "own".into() }, 0.0);
        roster.hear(PresenceNews::Here(page("1", "Zoe", true)), 5.0);
        // A beat is no move.
        roster.hear(PresenceNews::Here(page("2", "Zoe", false)), 9.0);
        assert_eq!(roster.people()[0].page.id, "1");
    }

    #[test]
    fn who_is_silent_is_gone() {
        let mut roster = Roster::default();
        roster.hear(PresenceNews::Here(page("1", "Zoe", false)), 0.0);
        roster.hear(PresenceNews::Here(page("2", "Ana", false)), 20_000.0);
        roster.forget_silent(46_000.0);
        assert_eq!(names(&roster), ["Ana"]);
    }
}
