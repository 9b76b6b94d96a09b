//! Who is on a dashboard now: told to all who may see it, and never stored.
//!
//! Each server keeps the pages of its own sockets and those that the others tell it of. A page is
//! said again with every beat of its socket, so that one whose server died is forgotten
//! ([`domain::presence::SILENCE_SECONDS`]).

use crate::{Inner, Services, new_id};
use domain::people::Scope;
use domain::presence::{MESSAGES_A_SECOND, Page, PresenceNews, Whereabouts};
use domain::{Caller, Error, ErrorCode, Result};
use live::{Pace, Presence};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Instant;

/// The kind of the notices between servers.
pub(crate) const NOTICE: &str = "presence";
/// Messages above the pace that are dropped without a word, and how many more a second.
const FORGIVEN: u32 = 200;

/// What this server knows of who is where.
pub(crate) struct Here {
    pages: Presence,
    pace: Pace,
    flood: Pace,
}

impl Default for Here {
    fn default() -> Self {
        let pace = || Pace::new(MESSAGES_A_SECOND, MESSAGES_A_SECOND);
        Self { pages: Presence::default(), pace: pace(), flood: Pace::new(MESSAGES_A_SECOND, FORGIVEN) }
    }
}

/// An id for a page that may be present.
pub fn new_page() -> String {
    new_id()
}

fn topic(dashboard: &str) -> String {
    format!("presence:{dashboard}")
}

fn dashboard_of(topic: &str) -> &str {
    topic.strip_prefix("presence:").unwrap_or(topic)
}

impl Services {
    /// The topic of those who are on a dashboard. A screen is nobody: it neither sees nor is seen.
    ///
    /// # Errors
    /// The dashboard is not visible.
    pub async fn presence_topic(&self, caller: &Caller, slug_or_id: &str) -> Result<String> {
        if caller.scope == Scope::Screen {
            return Err(Error::not_found("topic"));
        }
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        // Where something is published, readers and editors are on two different dashboards.
        if row.publication.is_some() && access < domain::Access::Edit {
            return Ok(format!("{}.readers", topic(&row.id)));
        }
        Ok(topic(&row.id))
    }

    /// A page comes to a topic it may follow. Returns who is there.
    pub fn presence_come(&self, caller: &Caller, topic: &str, page: &str) -> PresenceNews {
        let (dashboard, now) = (dashboard_of(topic), Instant::now());
        self.here.pages.sweep(now);
        let known = self.here.pages.pages(dashboard, now);
        if known.iter().all(|other| other.id != page) {
            let (user_id, user_name) = (caller.user_id.clone(), caller.name.clone());
            self.tell_presence(topic, Page { id: page.to_owned(), user_id, user_name, at: Whereabouts::default() });
        }
        PresenceNews::All { pages: self.here.pages.pages(dashboard, now), own: page.to_owned() }
    }

    /// A page is elsewhere on its dashboard. What comes faster than [`MESSAGES_A_SECOND`] is dropped.
    ///
    /// # Errors
    /// What it says is not valid, it is not there, or it does not stop sending too fast.
    pub fn presence_move(&self, caller: &Caller, topic: &str, page: &str, at: Value) -> Result<()> {
        let now = Instant::now();
        if !self.here.pace.allows(&caller.user_id, now) {
            return match self.here.flood.allows(&caller.user_id, now) {
                true => Ok(()),
                false => Err(Error::new(ErrorCode::TooManyRequests, "This page says too often where it is.")
                    .hint(format!("At most {MESSAGES_A_SECOND} messages a second are passed on."))),
            };
        }
        // A list would be read as the fields in their order.
        let at = Some(at).filter(Value::is_object).unwrap_or(Value::Null);
        let at: Whereabouts = serde_json::from_value(at)
            .map_err(|cause| Error::invalid(format!("This is not a place on a dashboard: {cause}.")).field("op"))?;
        at.validate()?;
        let unknown = || Error::invalid("Follow the topic before saying where on it you are.");
        let page = self.here.pages.moved(dashboard_of(topic), page, at).ok_or_else(unknown)?;
        self.tell_presence(topic, page);
        Ok(())
    }

    /// A page is still there.
    pub fn presence_beat(&self, topic: &str, page: &str) {
        let pages = self.here.pages.pages(dashboard_of(topic), Instant::now());
        if let Some(page) = pages.into_iter().find(|known| known.id == page) {
            self.here.pages.remove(dashboard_of(topic), &page.id);
            self.tell_presence(topic, page);
        }
    }

    /// A page is gone.
    pub fn presence_leave(&self, topic: &str, page: &str) {
        let dashboard = dashboard_of(topic);
        if self.here.pages.remove(dashboard, page) {
            let news = PresenceNews::Left(page.to_owned());
            self.tell_others_of(dashboard, &news);
            self.hub.publish(topic, serde_json::to_value(news).unwrap_or_default(), false);
        }
    }

    /// Says where a page is: to who follows, and to the other servers, which need no pointer.
    fn tell_presence(&self, topic: &str, page: Page) {
        let dashboard = dashboard_of(topic);
        let only_pointer = self.here.pages.put(dashboard, page.clone(), Instant::now());
        let news = PresenceNews::Here(page);
        if !only_pointer {
            self.tell_others_of(dashboard, &news);
        }
        self.hub.publish(topic, serde_json::to_value(news).unwrap_or_default(), false);
    }

    fn tell_others_of(&self, dashboard: &str, news: &PresenceNews) {
        self.hub.notify_others(NOTICE, json!({"dashboard": dashboard, "news": news}));
    }
}

impl Inner {
    /// What another server says of its pages.
    pub(crate) fn hear_presence(&self, what: &Value) {
        let Some(dashboard) = what.get("dashboard").and_then(Value::as_str) else { return };
        match what.get("news").map(PresenceNews::deserialize) {
            Some(Ok(PresenceNews::Here(page))) => _ = self.here.pages.put(dashboard, page, Instant::now()),
            Some(Ok(PresenceNews::Left(page))) => _ = self.here.pages.remove(dashboard, &page),
            _ => {}
        }
    }
}
